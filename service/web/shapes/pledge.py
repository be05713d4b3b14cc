"""The shape of what the rules find, of the patents, and of how much may be lent for how long."""

from typing import Annotated, Literal

from pydantic import Field

from models.collateral.pledge import Carried
from models.collateral.valuation import PatentAssumptions, Range
from models.rules.finding import Proof, SelfEstimate
from models.rules.recommendation import Because
from service.web.shapes.part import DECLARED, Part, Says


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
    proof: Annotated[
        Annotated[Proof, DECLARED] | None, Field(description="Absent where it names people and the reader is a fund")
    ] = None
    cure: CureOut | None = None
    detail: Annotated[SelfEstimate, DECLARED] | None = None


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
    because: list[Annotated[Because, DECLARED]]
    conditions: list[ConditionOut]
    dropped: list[str]
    expires_on: str


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
    value: Annotated[Annotated[Range, DECLARED] | None, Field(description="While the holder lives")] = None
    value_on_default: Annotated[
        Annotated[Range, DECLARED] | None, Field(description="After the holder failed; never added to value")
    ] = None
    assumptions: Annotated[
        Annotated[PatentAssumptions, DECLARED] | None, Field(description="Each with who made it: policy or bank")
    ] = None
    carries: Annotated[Carried, DECLARED] | None = None
    quality: dict[str, object] | None = None


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
