"""The shape of what is answered about decisions and about what was live, for readers and for OpenAPI."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Dossier(_Part):
    """What a decision rests on; it names `digest` as `seen`, and is refused where that is another by then."""

    assessment: str
    seal: str
    asked_by: str
    advice: Literal["recommend", "refer", "advise_against"] | None
    limit: Annotated[int | None, Field(description="Minor units")]
    term_months: int | None
    conditions: Annotated[list[str], Field(description="Rules whose conditions the advice sets before drawdown")]
    expires_on: str
    acts: list[dict[str, Any]]
    later: Annotated[list[dict[str, Any]], Field(description="Later assessments of the firm by the same bank")]
    digest: str


class Became(_Part):
    """What became of the loans: drawn, closed, closed badly (neither repaid nor renewed), and the loss, minor units."""

    drawn: int
    closed: int
    bad: int
    loss: int


class Overrides(_Part):
    """Decisions by how they stand to the advice: those better than it by what, why, who, where and when."""

    since: Annotated[str, Field(alias="from")]
    until: Annotated[str, Field(alias="to")]
    decisions: int
    stands: dict[str, int]
    better_in: dict[str, int]
    by_reason: dict[str, int]
    by_decider: dict[str, int]
    by_branch: dict[str, int]
    by_month: dict[str, int]
    waived: Annotated[dict[str, int], Field(description="Conditions of the advice that were not asked for, by rule")]
    became: dict[str, Became]


class ChangeRecord(_Part):
    """Where a change is entered."""

    entry: int
    at: str
    seal: str


class ChangeEntry(_Part):
    """Something that was live: a model, an alias, a policy, a scheme, a key or an account, as its entry says."""

    kind: str
    subject: str
    by: str
    content: dict[str, Any]
    record: ChangeRecord


class History(_Part):
    """What was live at the moment: for each subject the last entry by then."""

    at: str
    items: list[ChangeEntry]


class Validations(_Part):
    """What validators found of models."""

    items: list[ChangeEntry]


ACTS = (Dossier, Overrides, History, Validations)
