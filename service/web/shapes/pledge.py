"""The shape of what the rules find, of the patents, and of how much may be lent for how long."""

from typing import Annotated, Literal

from pydantic import Field

from service.web.shapes.part import Part, Says


class ProofOut(Part):
    """Where a fact comes from, when it was seen, and how many days old it is."""

    source: str
    seen_on: str | None
    age: int | None


class Statement(Part):
    """A code with typed facts: money in minor units, shares as decimal text, days as `YYYY-MM-DD`."""

    code: str
    facts: dict[str, object] = Field(default_factory=dict)
    says: Says = ""


class CureOut(Part):
    """What can be done about a finding, at which office, in how many days, for which official fee (minor unit)."""

    code: str
    office: str | None = None
    days: int | None = None
    fee: int | None = None
    facts: dict[str, object] = Field(default_factory=dict)
    says: Says = ""
    where: Annotated[str, Field(description="The office in words; absent where `words=none`")] = ""


class FindingOut(Part):
    """What one rule concluded about the firm, its titles and loans, the pledge as a whole, a patent or a list.

    `effect` is what it weighs: a pass or a not_applicable weighs nothing, and stands by its outcome alone.
    """

    rule: str
    subject: str
    outcome: Literal["pass", "fail", "unknown", "not_applicable"]
    effect: Literal["blocks", "drops_patent", "before_drawdown", "caution", "info"] = "info"
    title: Annotated[str, Field(description="Of the rule, in the language asked for; absent where `words=none`")] = ""
    observed: Statement | None = None
    required: Statement | None = None
    policy: Annotated[str | None, Field(description="The parameter that was applied")] = None
    since: Annotated[str | None, Field(description="First day of the policy value that was applied")] = None
    proof: Annotated[ProofOut | None, Field(description="Absent where it names people and the reader is a fund")] = None
    cure: CureOut | None = None
    detail: dict[str, object] | None = None


class BecauseOut(Part):
    """A finding by its rule and subject."""

    rule: str
    subject: str


class ConditionOut(Part):
    """What must be done before drawdown, and for which patents or papers."""

    rule: str
    title: str = ""
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

    Without a value the reasons stand in `exclusion_reason` (it carries nothing) or in the answer's part `absent`.
    """

    patent: str
    pledgeable: Annotated[bool | None, Field(description="null: a finding that might drop it is open")]
    findings: list[FindingOut]
    passed: list[str]
    not_applicable: list[str]
    failed: Annotated[list[str], Field(default_factory=list, description="What failed and weighs nothing")]
    unknown: Annotated[list[str], Field(default_factory=list, description="What is not known and weighs nothing")]
    kind: str | None = None
    last_day: str | None = None
    exclusion_reason: str | None = None
    value: Annotated[RangeOut | None, Field(description="While the holder lives")] = None
    value_on_default: Annotated[RangeOut | None, Field(description="After the holder failed; never added to value")] = (
        None
    )
    assumptions: Annotated[dict[str, object] | None, Field(description="Each with who made it: policy or bank")] = None
    carries: dict[str, object] | None = None
    quality: dict[str, object] | None = None


class LimitOut(Part):
    """The largest loan in minor units, which bound sets it, which is the next, and which are not known."""

    amount: int | None
    binding: str | None
    next: str | None
    bounds: dict[str, int]
    unknown: list[str]
    need: dict[str, object] | None
    debt_capacity: dict[str, object] | None


class TermOut(Part):
    """The longest term in months, and what sets it."""

    months: int
    binding: str
    patent: str | None


class RecoverableOut(Part):
    """The share of the exposure that the pledge brings back after a default: a range, and the policy of its cuts."""

    exposure: int
    p10: float
    p50: float
    p90: float
    policy: str


class TogetherOut(Part):
    """PD and recoverable share in the table `pledge.read_together`: the word, its row and column."""

    word: str
    row: int
    column: int


class Absent(Part):
    """A part that is not told, and why."""

    part: str
    outcome: Literal["not_applicable", "unknown"]
    reason: Statement
    says: Says = ""


class Named(Part):
    """What a policy calls something, in Chinese and English."""

    zh: str
    en: str


class ListedOut(Part):
    """What a list says of the firm: `pass` only where no gate fails or is unknown; `why_not` names those that do."""

    list: str
    kind: str
    name: Named
    outcome: Literal["pass", "fail", "unknown", "not_applicable"]
    findings: tuple[FindingOut, ...]
    why_not: tuple[str, ...]
