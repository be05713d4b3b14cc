"""An assessment as it leaves, and what is told about it, for readers and for OpenAPI."""

from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

from features.contradictions import Contradiction
from models.answer import PledgeAnswer, WhitelistAnswer
from models.counterfactuals.what_if import WhatIf
from models.score.contrast import Contrast
from models.score.kind import KindName
from models.score.reference_sample import Against
from service.assessing.assessment_index import EarlierAssessment
from service.assessing.sealed_answer import SealedOverride
from service.assessing.what_ifs import WhatIfAnswer
from service.web.problems import Problem
from service.web.shapes.part import RecordOut
from service.web.shapes.worded import Says, outgoing


class FurtherReasons(Struct, frozen=True, forbid_unknown_fields=True):
    """The reasons, or topics, that were not asked for: how many, and the sum of their points."""

    count: int
    points: float


class Topic(Struct, frozen=True, forbid_unknown_fields=True):
    """What some reasons are about: how many they are, and the sum of their points."""

    code: str
    reasons: int
    points: float
    says: Says | UnsetType = UNSET


class Source(Struct, frozen=True, forbid_unknown_fields=True):
    """The rows of a table that were read."""

    rows: int
    kinds: dict[str, int]
    typed: int
    known_on: str
    age_days: int
    says: Says | UnsetType = UNSET


class Ignored(Struct, frozen=True, forbid_unknown_fields=True):
    """Rows that were known only after `as_of`, by their places among those given."""

    table: str
    count: int
    known_on: str
    rows: list[int]


class Links(Struct, frozen=True, forbid_unknown_fields=True):
    """Where more about the answer is found."""

    acts: str
    reasons: Annotated[str, Meta(description="What sets it apart from others, with `?against=`")]
    earlier: Annotated[str, Meta(description="What the bank asked about the firm before")] | UnsetType = UNSET
    changes: Annotated[str, Meta(description="What would change it: asked, it is counted")] | UnsetType = UNSET


Overridden = outgoing("Overridden", SealedOverride)
ToldContradiction = outgoing("ToldContradiction", Contradiction, added={"says": Says})
Earlier = outgoing("Earlier", EarlierAssessment, may_lack=("changed",))


class DescribedAnswer(Struct, frozen=True):
    """An assessment. `pd` answers a question of kind pledge, `admission` one of kind whitelist.

    A fund is told what it may see: of a list what follows from nothing that only the bank may see, and no `coverage`.
    """

    id: str
    asked_at: str
    retrospective: Annotated[bool, Meta(description="Asked about another day than that of asking: decides nothing")]
    ahead: Annotated[bool, Meta(description="That day is still to come: a what-if on what is known now")]
    sources: dict[str, Source]
    ignored: list[Ignored]
    contradictions: list[ToldContradiction]  # type: ignore[valid-type]
    overrides: list[Overridden]  # type: ignore[valid-type]
    links: Links
    record: RecordOut


_REDACTED = ("reasons", "coverage", "missing", "features", "warnings", "contradictions")
"""What is not for a fund, or was not asked for; likewise the parts of a pledge or a whitelist answer."""
_BY_CODE = dict[str, list[str]]
Answer = outgoing(
    "Answer",
    DescribedAnswer,
    (PledgeAnswer, WhitelistAnswer),
    added={
        "further_reasons": FurtherReasons,
        "topics": Annotated[list[Topic], Meta(description="Base and topics sum to the points, the further ones too")],
        "further_topics": FurtherReasons,
        "passed": Annotated[_BY_CODE, Meta(description="By rule, the subjects")],
        "not_applicable": Annotated[_BY_CODE, Meta(description="By rule, the subjects")],
        "failed": Annotated[_BY_CODE, Meta(description="By rule, the subjects: what weighs nothing")],
        "unknown": Annotated[_BY_CODE, Meta(description="By rule, the subjects: what weighs nothing, without a cure")],
        "earlier": Annotated[list[Earlier], Meta(description="Of entries of form 1 alone")],  # type: ignore[valid-type]
    },
    may_lack=_REDACTED,
)


class WhatIfCount(Struct, frozen=True):
    """How often this was asked of the assessment."""

    counted: int


Changes = outgoing("Changes", WhatIfAnswer, WhatIf, WhatIfCount, added={"says": Says}, without=("found",))


class AgainstGroup(Struct, frozen=True):
    """What sets an applicant apart from a group of training cases: base and reasons sum exactly to the points.

    A second list of reasons, by exact interventional values; it has nothing to do with the list of the answer.
    """

    assessment: str
    bundle: str
    against: Against
    points: float


ContrastOut = outgoing("ContrastOut", AgainstGroup, Contrast)


class Result(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of one applicant of a list."""

    assessment: Answer | UnsetType = UNSET  # type: ignore[valid-type]
    problem: Problem | UnsetType = UNSET


class Results(Struct, frozen=True, forbid_unknown_fields=True):
    """What became of the applicants of a list, in their order."""

    results: list[Result]


class Item(Struct, frozen=True, forbid_unknown_fields=True):
    """An assessment in a list, with what it advised (money in minor units); for the bank also where its file stands."""

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
    legal_name: str | None
    advice: str | None
    asked: int | None
    advised: int | None
    binding: str | None
    file: str | None
    state: str | UnsetType | None = UNSET
    back_to: str | UnsetType | None = UNSET
    due_on: str | UnsetType | None = UNSET
    late: bool | UnsetType | None = UNSET


class Page(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of assessments, the latest first; `next` is the cursor of the following page, if there is one."""

    items: list[Item]
    next: int | None


ASSESSMENTS: tuple[type[Struct], ...] = (Answer, Changes, ContrastOut, Results, Page)
