"""The shape of an assessment and what is told about it, for readers and for OpenAPI."""

from typing import Annotated, Literal

import msgspec
from pydantic import Field, WithJsonSchema

from models.answer import AnsweredCase, AnswerVersions, FamilyCoverage, FeatureValue, MissingFeatures
from models.collateral.appraisal import Guidance
from models.collateral.pledge import Carried, Limit, Recoverable, Term, Together
from models.collateral.security import PledgedPool, PortfolioQuality, Valuation, ValueOnDefault
from models.collateral.valuation import PatentAssumptions, Range
from models.rules.finding import Proof, SelfEstimate
from models.rules.recommendation import Because
from models.score.kind import KindName
from models.score.reasons import Compared
from service.web.shapes.part import DECLARED, Part, RecordOut, Says
from service.web.shapes.pledge import (
    Absent,
    FindingOut,
    ListedOut,
    Patent,
    RecommendationOut,
)


class Probability(Part):
    """A probability with its horizon and what it means."""

    value: Annotated[float, Field(ge=0, le=1)]
    horizon: str
    says: Says = ""


class BaseOut(Part):
    """What the points of all reasons are measured from: base and reasons sum to the score exactly.

    `name`: `training`, or `sector:C39` where that keeps reasons from contradicting themselves; `n`: of how many cases.
    """

    name: str
    n: int
    points: float
    says: Says = ""


class ReasonOut(Part):
    """One reason of the score, in points; the first four are the principal ones.

    `compared_to` is absent where too few cases are known, or where a comparison would contradict the points.
    """

    feature: str
    code: str
    direction: Literal["raises", "lowers"]
    points: float
    observed: float | str | None
    better: Annotated[Literal["more", "less"] | None, Field(description="Absent: neither is sure")] = None
    compared_to: Annotated[Compared, DECLARED] | None = None
    says: Says = ""


class FurtherReasons(Part):
    """The reasons that were not asked for: how many, and the sum of their points."""

    count: int
    points: float


class Warned(Part):
    """Something that a reader must know beside the score; `feature`: the one that it is about."""

    code: str
    feature: str | None = None
    facts: dict[str, object] = Field(default_factory=dict)
    says: Says = ""


class Source(Part):
    """The rows of a table that were read."""

    rows: int
    kinds: dict[str, int]
    typed: int
    known_on: str
    age_days: int


class Ignored(Part):
    """Rows that were known only after `as_of`, by their places among those given."""

    table: str
    count: int
    known_on: str
    rows: list[int]


class Overridden(Part):
    """A policy that was applied as the bank's own folder states it."""

    policy: str
    kind: Literal["superseded", "added"]


class Earlier(Part):
    """An earlier assessment of the firm as an answer of form 1 lists it."""

    id: str
    kind: KindName
    asked_at: str
    as_of: str
    retrospective: bool
    probability: float
    points: float
    grade: str
    bundle: str
    seal: str
    changed: Annotated[list[str] | None, Field(description="Not told to a fund")] = None


class Links(Part):
    """Where more about the answer is found."""

    acts: str
    earlier: Annotated[str | None, Field(description="What the bank asked about the firm before")] = None
    reasons: Annotated[str, Field(description="What sets it apart from others, with `?against=`")]
    changes: Annotated[str | None, Field(description="What would change it: asked, it is counted")] = None


class Answer(Part):
    """An assessment. `pd` answers a question of kind pledge, `admission` one of kind whitelist.

    A fund is told what it may see: of a list what follows from nothing that only the bank may see, and no `coverage`.
    """

    id: str
    asked_at: str
    retrospective: Annotated[bool, Field(description="Asked about another day than that of asking: decides nothing")]
    case: Annotated[AnsweredCase, DECLARED]
    legal_name: str | None
    as_of: str
    kind: KindName
    synthetic: Annotated[bool, Field(description="The model was made from synthetic data")]
    pd: Probability | None = None
    admission: Probability | None = None
    log_odds: float
    points: float
    grade: str
    base: BaseOut
    reasons: list[ReasonOut] = Field(default_factory=list)
    further_reasons: FurtherReasons | None = None
    recommendation: RecommendationOut | None = None
    findings: list[FindingOut] = Field(
        default_factory=list, description="Of firm, titles, loans, and pledge as a whole"
    )
    passed: Annotated[dict[str, list[str]], Field(default_factory=dict, description="By rule, the subjects")]
    not_applicable: Annotated[dict[str, list[str]], Field(default_factory=dict, description="Likewise")]
    patents: list[Patent] = Field(default_factory=list)
    quality: Annotated[
        Annotated[PortfolioQuality, DECLARED] | None, Field(description="Tree, what was left out, who carries")
    ] = None
    value: Annotated[Annotated[Valuation, DECLARED] | None, Field(description="Of the pool while its holder lives")] = (
        None
    )
    value_on_default: Annotated[
        Annotated[ValueOnDefault, DECLARED] | None, Field(description="Realisable after default")
    ] = None
    licence_guidance: Annotated[Guidance, DECLARED] | None = None
    pledge: Annotated[
        Annotated[PledgedPool, DECLARED] | None, Field(description="Basis, what it carries, loan to value")
    ] = None
    limit: Annotated[Limit, DECLARED] | None = None
    term: Annotated[Term, DECLARED] | None = None
    recoverable: Annotated[Recoverable, DECLARED] | None = None
    read_together: Annotated[Together, DECLARED] | None = None
    absent: list[Absent] = Field(default_factory=list)
    lists: list[ListedOut] = Field(default_factory=list, description="Of a question of kind whitelist")
    coverage: dict[str, Annotated[FamilyCoverage, DECLARED]] = Field(default_factory=dict)
    missing: list[Annotated[MissingFeatures, DECLARED]] = Field(default_factory=list)
    features: list[Annotated[FeatureValue, DECLARED]] = Field(default_factory=list)
    expires_on: str
    versions: Annotated[AnswerVersions, DECLARED]
    warnings: list[Warned] = Field(default_factory=list)
    sources: dict[str, Source]
    ignored: list[Ignored]
    overrides: list[Overridden]
    links: Links
    earlier: Annotated[list[Earlier], Field(default_factory=list, description="Of entries of form 1 alone")]
    record: RecordOut


class Result(Part):
    """What became of one applicant of a list."""

    assessment: Answer | None = None
    problem: Annotated[
        dict[str, object] | None,
        WithJsonSchema({"anyOf": [{"$ref": "#/components/schemas/Problem"}, {"type": "null"}]}),
    ] = None


class Results(Part):
    """What became of the applicants of a list, in their order."""

    results: list[Result]


class Item(Part):
    """An assessment in a list."""

    id: str
    case: str
    firm: str
    kind: KindName
    as_of: str
    asked_at: str
    bank: str | None
    branch: str | None
    application: str | None
    retrospective: bool
    synthetic: bool
    probability: float
    points: float
    grade: str
    expires_on: str
    bundle: str
    seal: str


class Page(Part):
    """A page of assessments, the latest first; `next` is the cursor of the following page, if there is one."""

    items: list[Item]
    next: int | None


class Changes(Part):
    """What would take the score over its next line: the smallest sets of at most three changes, or none.

    `cures`: findings that block and must be cured besides; `incurable`: those that nothing cures; `open`: those not
    known, which weigh on the advice whatever is changed. `advice`: now, and with an offer once the cures are done and
    the open findings answered. `counted`: how often this was asked of the assessment.
    """

    assessment: str
    bundle: str
    policy: str
    policy_changed: Annotated[bool, Field(description="Policy changed since the assessment: this is by today's")]
    state: Literal["above", "found", "none"]
    says: Says = ""
    log_odds: float
    line: float
    line_points: float
    sets_tried: int
    at_most: int
    longest_term: int | None
    offers: list[dict[str, object]]
    cures: list[FindingOut]
    incurable: list[FindingOut]
    open: list[FindingOut]
    advice: dict[str, str]
    counted: int


class ContrastOut(Part):
    """What sets an applicant apart from a group of training cases: base and reasons sum exactly to the points.

    A second list of reasons, by exact interventional values; it has nothing to do with the list of the answer.
    """

    assessment: str
    bundle: str
    against: Literal["all", "sector", "approved", "approved_sector"]
    points: float
    base: BaseOut
    sets_apart: list[ReasonOut]


ASSESSMENTS = (Answer, Changes, ContrastOut, Results, Page)

PARTS: tuple[type[msgspec.Struct], ...] = (
    AnsweredCase,
    AnswerVersions,
    Because,
    Carried,
    Compared,
    FamilyCoverage,
    FeatureValue,
    Guidance,
    Limit,
    MissingFeatures,
    PatentAssumptions,
    PledgedPool,
    PortfolioQuality,
    Proof,
    Range,
    Recoverable,
    SelfEstimate,
    Term,
    Together,
    Valuation,
    ValueOnDefault,
)
"""Parts of an answer that leave as they are declared where they are made; those to which sentences are added do not."""
