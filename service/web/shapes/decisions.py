"""The shape of what is answered about decisions, erasures and what has no entry."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.loan_files.steps import STEP_KINDS
from service.web.shapes.part import DECLARED, Part, RecordOut


class Act(BaseModel):
    """Something that was done about an assessment, as it was recorded."""

    assessment: str
    kind: Annotated[str, Field(json_schema_extra={"enum": sorted(STEP_KINDS)})]
    record: Annotated[RecordOut, DECLARED]


class Acts(Part):
    """What was done about an assessment, in order."""

    items: list[Act]


class Became(Part):
    """What became of the loans: drawn, closed, closed badly (neither repaid nor renewed), and the loss, minor units."""

    drawn: int
    closed: int
    bad: int
    loss: int


class Overrides(Part):
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


class Erasure(Part):
    """A request to erase what is held about a firm; done, it names the entry that tells of it, and no firm."""

    id: str
    firm: str | None
    reason: Literal["person_asked", "retention_over", "court_ordered"]
    asked_by: str
    asked_at: str
    confirmed_by: str | None
    entry: int | None


class Erasures(Part):
    """The requests, the latest first."""

    items: list[Erasure]


DECISIONS = (Act, Acts, Overrides, Erasures)
