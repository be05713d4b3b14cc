"""The shape of what is answered, for readers and for OpenAPI; a test holds real answers against it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.kind import KindName


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
    """What the points of the reasons are measured from: base and reasons sum to the score exactly."""

    points: float
    name: str
    meaning: Said


class Median(Part):
    """The median of the peers, who they are, and how many."""

    value: float
    who: Said
    n: int


class Reason(Part):
    """One reason of the score, in points; the first four are the principal ones."""

    code: str
    family: str
    direction: Literal["raises", "lowers"]
    says: Said
    observed: float | str | None
    unit: str
    compared_to: Median | None
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
    """An earlier assessment of the firm by the same bank."""

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


class Answer(Part):
    """An assessment. `pd` answers a question of kind pledge, `admission` one of kind whitelist."""

    id: str
    asked_at: str
    retrospective: Annotated[bool, Field(description="Asked about another day than that of asking: decides nothing")]
    case: AskedCase
    as_of: str
    kind: KindName
    synthetic: Annotated[bool, Field(description="The model was made from synthetic data")]
    pd: Probability | None = None
    admission: Probability | None = None
    log_odds: float
    points: float
    grade: str
    base: Base
    reasons: list[Reason]
    coverage: dict[str, Coverage]
    missing: list[Missing]
    features: list[Feature]
    expires_on: str
    versions: Versions
    warnings: list[Warned]
    sources: dict[str, Source]
    ignored: list[Ignored]
    overrides: list[Overridden]
    earlier: list[Earlier]
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


ANSWERS: tuple[type[BaseModel], ...] = (
    Answer, Results, Page, Act, Acts, NamedFirms, Models, Parameter, Policy, Problem,
)  # fmt: skip
"""The models that OpenAPI names."""
