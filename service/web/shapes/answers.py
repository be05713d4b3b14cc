"""The shape of what is answered, for readers and for OpenAPI; a test holds real answers against it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.score.kind import KindName
from service.edge.proof_shapes import PROOFS
from service.web.shapes.acts import ACTS


class Part(BaseModel):
    """A part of an answer: nothing in it that is not described."""

    model_config = ConfigDict(extra="forbid")


class Said(Part):
    """The same sentence in Chinese and English."""

    zh: str
    en: str


class Record(Part):
    """Where the answer is recorded; the seal covers everything else in it."""

    entry: int
    at: str
    seal: str


class AskedCase(Part):
    """The question that was answered."""

    case: str
    firm: str
    as_of: str
    application: str | None
    bank: str | None
    branch: str | None


class Probability(Part):
    """A probability with its horizon and what it means."""

    value: Annotated[float, Field(ge=0, le=1)]
    horizon: str
    meaning: Said


class Base(Part):
    """What the points of all reasons are measured from: base and reasons sum to the score exactly.

    `name`: `training`, or `sector:C39` where that keeps reasons from contradicting themselves; `who` and how many.
    """

    points: float
    name: str
    meaning: Said
    who: Said
    n: int


class Compared(Part):
    """What is usual among the cases of the base: a median, or the share that says yes, the same, or is not known."""

    of: Literal["median", "yes", "same", "unknown"]
    value: float
    relation: Annotated[
        Literal["better", "worse", "above", "below", "equal"], Field(description="How the observed value stands to it")
    ]
    who: Said
    n: int


class Reason(Part):
    """One reason of the score, in points; the first four are the principal ones.

    `compared_to` is null where too few cases are known, or where a comparison would contradict the points.
    """

    code: str
    family: str
    direction: Literal["raises", "lowers"]
    says: Said
    observed: float | str | None
    unit: str
    better: Annotated[Literal["more", "less"] | None, Field(description="null: neither is sure")]
    compared_to: Compared | None
    points: float
    reference: str
    feature: str


class Coverage(Part):
    """Of a family's features, how many the model has and how many were known."""

    features: int
    known: int


class Missing(Part):
    """Features that were not known, the table that they come from, and whether a source was asked about it."""

    table: str
    asked: bool
    features: list[str]


class Feature(Part):
    """One number that the model saw, the table it came from, the age of its newest row, and whether any was typed."""

    name: str
    zh: str
    en: str
    family: str
    value: float | str | None
    unit: str
    table: str
    age_days: int | None
    typed: bool | None


class Versions(Part):
    """What answered: bundle, policy and norms by hash, and the version of the product."""

    bundle: str
    model: str
    made_on: str
    policy: str
    norms: str
    code: str


class Warned(BaseModel):
    """Something that a reader must know beside the score, with its figure."""

    code: str
    says: Said


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
    """An earlier assessment of the firm by the same bank; `changed` names the inputs that are not what they were."""

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


class Proof(Part):
    """Where a fact comes from, when it was seen, and how many days old it is."""

    source: str
    seen_on: str | None
    age: int | None


class Cure(Part):
    """What can be done about a finding, where, in how many days, for which official fee (minor unit)."""

    what: Said
    where: Said
    days: int | None
    fee: int | None


class Finding(Part):
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
    proof: Annotated[Proof | None, Field(description="Absent where it names people and the reader is a fund")] = None
    cure: Cure | None
    detail: dict[str, Any]


class Because(Part):
    """A finding by its rule and subject."""

    rule: str
    subject: str


class Condition(Part):
    """What must be done before drawdown, and for which patents or papers."""

    rule: str
    title: Said
    subjects: list[str]
    cure: Cure | None


class Recommendation(Part):
    """The advice, the findings that it follows from, its conditions, the patents left out, and its last day."""

    advice: Literal["recommend", "refer", "advise_against"]
    amount: Annotated[
        int | None,
        Field(description="Largest loan it is about, minor unit; null: advised against, or the limit is not known"),
    ]
    because: list[Because]
    conditions: list[Condition]
    dropped: list[str]
    expires_on: str


class Range(Part):
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
    findings: list[Finding]
    passed: list[str]
    not_applicable: list[str]
    kind: str | None = None
    last_day: str | None = None
    nothing: str | None = None
    value: Annotated[Range | None, Field(description="While the holder lives")] = None
    value_on_default: Annotated[Range | None, Field(description="After the holder failed; never added to value")] = None
    assumptions: Annotated[dict[str, Any] | None, Field(description="Each with who made it: policy or bank")] = None
    carries: dict[str, Any] | None = None
    quality: dict[str, Any] | None = None


class Limit(Part):
    """The largest loan in minor units, which bound sets it, which is the next, and which are not known."""

    amount: int | None
    binding: str | None
    next: str | None
    bounds: dict[str, int]
    unknown: list[str]
    need: dict[str, Any]
    debt_capacity: dict[str, Any]


class Term(Part):
    """The longest term in months, and what sets it."""

    months: int
    binding: str
    patent: str | None


class Recoverable(Part):
    """The share of the exposure that the pledge brings back after a default: a range with its source."""

    exposure: int
    p10: float
    p50: float
    p90: float
    source: str
    confidence: Literal["verified", "secondary", "assumed"]


class Together(Part):
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


class Listed(Part):
    """What a list says of the firm: `pass` only where no gate fails or is unknown; `why_not` names those that do."""

    list: str
    kind: str
    name: Said
    outcome: Literal["pass", "fail", "unknown", "not_applicable"]
    findings: tuple[Finding, ...]
    why_not: tuple[str, ...]


class Links(Part):
    """Where more about the answer is found."""

    acts: str
    reasons: Annotated[str, Field(description="What sets it apart from others, with `?against=`")]
    changes: Annotated[str | None, Field(description="What would change it: asked, it is counted")] = None


class Answer(Part):
    """An assessment. `pd` answers a question of kind pledge, `admission` one of kind whitelist.

    A fund is told what it may see: of a list what follows from nothing that only the bank may see, and no `coverage`.
    """

    id: str
    asked_at: str
    retrospective: Annotated[bool, Field(description="Asked about another day than that of asking: decides nothing")]
    case: AskedCase
    legal_name: str | None
    as_of: str
    kind: KindName
    synthetic: Annotated[bool, Field(description="The model was made from synthetic data")]
    pd: Probability | None = None
    admission: Probability | None = None
    log_odds: float
    points: float
    grade: str
    base: Base
    reasons: list[Reason] = []
    recommendation: Recommendation | None = None
    findings: Annotated[list[Finding], Field(description="Of firm, titles, loans, and pledge as a whole")] = []
    patents: list[Patent] = []
    quality: Annotated[dict[str, Any] | None, Field(description="Tree, what was left out, who carries")] = None
    value: Annotated[dict[str, Any] | None, Field(description="Of the pool while its holder lives")] = None
    value_on_default: Annotated[dict[str, Any] | None, Field(description="Realisable after default")] = None
    licence_guidance: dict[str, Any] | None = None
    pledge: Annotated[dict[str, Any] | None, Field(description="Basis, what it carries, loan to value")] = None
    limit: Limit | None = None
    term: Term | None = None
    recoverable: Recoverable | None = None
    read_together: Together | None = None
    absent: list[Absent] = []
    lists: Annotated[list[Listed], Field(description="Of a question of kind whitelist")] = []
    coverage: dict[str, Coverage] = {}
    missing: list[Missing] = []
    features: list[Feature] = []
    expires_on: str
    versions: Versions
    warnings: list[Warned] = []
    sources: dict[str, Source]
    ignored: list[Ignored]
    overrides: list[Overridden]
    links: Links
    earlier: list[Earlier] = []
    record: Record


class Problem(BaseModel):
    """Why a request was refused (RFC 9457); `errors` names each place that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] | None = None


class Result(Part):
    """What became of one applicant of a list."""

    assessment: Answer | None = None
    problem: Problem | None = None


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


class Act(BaseModel):
    """Something that was done about an assessment, as it was recorded."""

    assessment: str
    kind: Literal["decision", "drawdown", "closure"]
    record: Record


class Acts(Part):
    """What was done about an assessment, in order."""

    items: list[Act]


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
    says: Said
    log_odds: float
    line: float
    line_points: float
    sets_tried: int
    at_most: int
    offers: list[dict[str, Any]]
    cures: list[Finding]
    incurable: list[Finding]
    open: list[Finding]
    advice: dict[str, str]
    counted: int


class Contrast(Part):
    """What sets an applicant apart from a group of training cases: base and reasons sum exactly to the points.

    A second list of reasons, by exact interventional values; it has nothing to do with the list of the answer.
    """

    assessment: str
    bundle: str
    against: Literal["all", "sector", "approved", "approved_sector"]
    points: float
    base: Base
    sets_apart: list[Reason]


class NamedFirm(Part):
    """A firm found by its name."""

    firm: str
    legal_name: str
    known_on: str


class NamedFirms(Part):
    """The firms that were found, the best matches first."""

    items: list[NamedFirm]


class Model(Part):
    """A model in service."""

    kind: KindName
    name: str
    bundle: str
    version: str | None
    in_service_since: str
    made_on: str
    horizon: str
    meaning: Said
    events: int
    synthetic: bool
    features: list[str]
    card: dict[str, Any]


class Models(Part):
    """The models in service; `trouble` says since when and why the registry is away."""

    items: list[Model]
    trouble: dict[str, str] | None


class Reference(Part):
    """Where a value is laid down."""

    title: str
    document: str


class Parameter(Part):
    """A dated value of policy with its history: `values` maps the first day of each value to it.

    `on` and `value` are there where a day was asked for. `source` tells whether the bank's own folder superseded or
    added it.
    """

    name: str
    description: str
    unit: str
    reviewed_on: str
    confidence: Literal["verified", "secondary", "assumed"]
    reference: list[Reference]
    values: dict[str, Any]
    before: Literal["not_applicable", "unknown"]
    source: Literal["shipped", "superseded", "added"]
    on: str | None = None
    value: Any = None


class Override(Part):
    """A parameter that the bank's own folder superseded or added."""

    name: str
    folder: str
    kind: Literal["superseded", "added"]


class Policy(Part):
    """All parameters in force on the day, or all where no day was asked for; the digest covers every one."""

    digest: str
    on: str | None
    items: list[Parameter]
    overrides: list[Override]


class SignedIn(Part):
    """Who is signed in, with which role, and where it holds."""

    name: str
    person: bool
    role: str
    bank: str | None
    branch: str | None
    fund: str | None


class User(Part):
    """A person's account; `subject` is what the OpenID Connect provider calls the person."""

    name: str
    shown: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    authority: int
    subject: str | None
    disabled: bool
    locked_until: str | None
    temporary: Annotated[bool, Field(description="The password is good for one sign-in")]
    made_at: str


class Users(Part):
    """The accounts within reach."""

    items: list[User]


class FirstCredentials(Part):
    """What a person signs in with for the first time: told once."""

    password: str
    totp: str
    link: Annotated[str, Field(description="otpauth:// for an authenticator app")]


class MadeUser(Part):
    """An account as it is now, and its first credentials, if it was given some."""

    account: dict[str, Any]
    credentials: FirstCredentials | None


class Key(Part):
    """A machine's key, without what it opens with."""

    name: str
    role: str
    bank: str | None
    branch: str | None
    fund: str | None
    scopes: list[str]
    made_at: str
    expires_at: str
    withdrawn: bool


class Keys(Part):
    """The keys within reach."""

    items: list[Key]


class MadeKey(Part):
    """A key, told this once."""

    name: str
    key: str


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


class Filed(Part):
    """A line that was filed; `why` says how far the record goes where it has no entry."""

    line: int
    firm: str
    bank: str | None = None
    loan: str | None = None
    registration: str | None = None
    on: str | None = None
    amount: int | None = None
    why: Literal["never_assessed", "never_approved", "never_drawn", "drawn_otherwise"] | None
    assessment: str | None
    entry: int | None
    differs: list[Literal["amount", "on", "registration"]]


class Orphans(Part):
    """What was filed and has no entry, and what has one that says something else."""

    compared: int
    matched: int
    orphans: list[Filed]
    differing: list[Filed]


ANSWERS: tuple[type[BaseModel], ...] = (
    *PROOFS,
    *ACTS,
    Answer, Changes, Contrast, Results, Page, Act, Acts, NamedFirms, Models, Parameter, Policy, Problem,
    SignedIn, Users, MadeUser, Keys, MadeKey, Erasures, Orphans,
)  # fmt: skip
"""The models that OpenAPI names."""
