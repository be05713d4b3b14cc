"""The shape of what the rules find, of the patents, and of how much may be lent for how long."""

from typing import Annotated, Any, Literal

from pydantic import Field

from service.web.shapes.part import Part, Said


class ProofOut(Part):
    """Where a fact comes from, when it was seen, and how many days old it is."""

    source: str
    seen_on: str | None
    age: int | None


class CureOut(Part):
    """What can be done about a finding, where, in how many days, for which official fee (minor unit)."""

    what: Said
    where: Said
    days: int | None
    fee: int | None


class FindingOut(Part):
    """What one rule concluded about the firm, its titles and loans, the pledge as a whole, a patent or a list.

    `effect` is what it weighs: a pass or a not_applicable weighs nothing.
    """

    rule: str
    subject: str
    outcome: Literal["pass", "fail", "unknown", "not_applicable"]
    effect: Literal["blocks", "drops_patent", "before_drawdown", "caution", "info"]
    title: Said
    observed: Said
    required: Said
    since: Annotated[str | None, Field(description="First day of the policy value that was applied")]
    document: str
    confidence: Literal["verified", "secondary", "assumed"]
    proof: Annotated[ProofOut | None, Field(description="Absent where it names people and the reader is a fund")] = None
    cure: CureOut | None
    detail: dict[str, Any]


class BecauseOut(Part):
    """A finding by its rule and subject."""

    rule: str
    subject: str


class ConditionOut(Part):
    """What must be done before drawdown, and for which patents or papers."""

    rule: str
    title: Said
    subjects: list[str]
    cure: CureOut | None


class RecommendationOut(Part):
    """The advice, the findings that it follows from, its conditions, the patents left out, and its last day."""

    advice: Literal["recommend", "refer", "advise_against"]
    amount: Annotated[
        int | None,
        Field(description="Largest loan it is about, minor unit; null: advised against, or the limit is not known"),
    ]
    because: list[BecauseOut]
    conditions: list[ConditionOut]
    dropped: list[str]
    expires_on: str


class RangeOut(Part):
    """Minor units that one draw in ten, in two, and nine in ten do not exceed."""

    p10: int
    p50: int
    p90: int


class Patent(Part):
    """A patent: whether the rules let it carry the loan, its open findings, both its values, and what it carries.

    Without a value the reasons stand in `nothing` (it carries nothing) or in the answer's part `absent`.
    """

    patent: str
    pledgeable: Annotated[bool | None, Field(description="null: a finding that might drop it is open")]
    findings: list[FindingOut]
    passed: list[str]
    not_applicable: list[str]
    kind: str | None = None
    last_day: str | None = None
    nothing: str | None = None
    value: Annotated[RangeOut | None, Field(description="While the holder lives")] = None
    value_on_default: Annotated[RangeOut | None, Field(description="After the holder failed; never added to value")] = (
        None
    )
    assumptions: Annotated[dict[str, Any] | None, Field(description="Each with who made it: policy or bank")] = None
    carries: dict[str, Any] | None = None
    quality: dict[str, Any] | None = None


class LimitOut(Part):
    """The largest loan in minor units, which bound sets it, which is the next, and which are not known."""

    amount: int | None
    binding: str | None
    next: str | None
    bounds: dict[str, int]
    unknown: list[str]
    need: dict[str, Any]
    debt_capacity: dict[str, Any]


class TermOut(Part):
    """The longest term in months, and what sets it."""

    months: int
    binding: str
    patent: str | None


class RecoverableOut(Part):
    """The share of the exposure that the pledge brings back after a default: a range with its source."""

    exposure: int
    p10: float
    p50: float
    p90: float
    source: str
    confidence: Literal["verified", "secondary", "assumed"]


class TogetherOut(Part):
    """PD and recoverable share in their table: the word, its row and column, and the whole table."""

    word: str
    row: int
    column: int
    pd_bands: list[float]
    recoverable_bands: list[float]
    table: list[list[str]]


class Absent(Part):
    """A part that is not told, and why."""

    part: str
    outcome: Literal["not_applicable", "unknown"]
    says: Said


class ListedOut(Part):
    """What a list says of the firm: `pass` only where no gate fails or is unknown; `why_not` names those that do."""

    list: str
    kind: str
    name: Said
    outcome: Literal["pass", "fail", "unknown", "not_applicable"]
    findings: tuple[FindingOut, ...]
    why_not: tuple[str, ...]
