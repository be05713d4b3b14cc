"""Where to find assessments: one row each, which follows from its entry alone."""

from collections.abc import Mapping, Sequence

import msgspec
import orjson
from sqlalchemy import Connection, Index, select, union_all
from sqlmodel import Field, SQLModel

from features.asof import Case
from features.errors import fault
from models.score.kind import KindName
from service.access.roles import Reach
from service.access.tables import USERS
from service.assessing.input_digests import changed_inputs, input_digests
from service.edge.errors import InvalidRequest, NoSuchAssessment
from service.ledger.append import Sealed
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry


class AssessmentRecord(SQLModel, table=True):
    """Where to find an assessment, by whatever a list filters on. The answer itself lies in the ledger.

    `file` is its loan file, null where it is an entry of form 1 that no act took into one. `inputs` are digests of what
    it was answered from, by table. What tells of the firm is emptied when its content is erased: firm, case,
    application, inputs, probability, points and grade.
    """

    __tablename__ = "assessments"

    id: str = Field(primary_key=True)
    seq: int = Field(unique=True)
    file: str | None = Field(default=None, index=True)
    case: str | None = None
    firm: str | None = Field(default=None, index=True)
    kind: str
    as_of: str
    asked_at: str
    bank: str | None = Field(default=None, index=True)
    branch: str | None = None
    application: str | None = None
    retrospective: bool
    synthetic: bool
    probability: float | None = None
    points: float | None = None
    grade: str | None = None
    expires_on: str
    bundle: str
    seal: str
    inputs: str | None = None


class KeyRecord(SQLModel, table=True):
    """The digest of an Idempotency-Key and of the body that it came with, and the entry that answered."""

    __tablename__ = "idempotency_keys"

    key: str = Field(primary_key=True)
    body: str
    seq: int


ASSESSMENTS = SQLModel.metadata.tables["assessments"]
Index("ix_assessments_application", *(ASSESSMENTS.c[name] for name in ("application", "firm", "bank", "file")))
# Finds the loan file of an application without reading its assessments, however many there are.
KEYS = SQLModel.metadata.tables["idempotency_keys"]
_TOLD = ("id", "kind", "asked_at", "as_of", "retrospective", "probability", "points", "grade", "bundle", "seal")


class EarlierAssessment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An earlier assessment of the firm by the same bank.

    `probability`: of default; of a whitelist, the likeness to firms that are on lists. `changed`: the inputs that are
    not what they were; None where that cannot be told.
    """

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
    changed: Sequence[str] | None


class EarlierAssessments(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Earlier assessments, the latest first, and the cursor of the next page (if there is one)."""

    items: list[EarlierAssessment]
    next: int | None


class SealedVersions(msgspec.Struct, frozen=True):
    """What answered."""

    bundle: str
    policy: str
    code: str


class SealedProbability(msgspec.Struct, frozen=True):
    """A probability."""

    value: float


class SealedAdvice(msgspec.Struct, frozen=True):
    """What was advised, and how much at most, in fen."""

    advice: str
    amount: int | None = None


class SealedLimit(msgspec.Struct, frozen=True):
    """Which bound sets the limit, and the bounds in fen."""

    bounds: Mapping[str, int | None] = {}
    binding: str | None = None


class SealedTerm(msgspec.Struct, frozen=True):
    """The longest term."""

    months: int | None = None


class IndexedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Of a sealed answer, of whichever version, what it is found by."""

    id: str
    kind: KindName
    as_of: str
    case: Case
    retrospective: bool
    synthetic: bool
    points: float
    grade: str
    expires_on: str
    versions: SealedVersions
    pd: SealedProbability | None = None
    admission: SealedProbability | None = None
    legal_name: str | None = None
    recommendation: SealedAdvice | None = None
    limit: SealedLimit | None = None
    term: SealedTerm | None = None

    @property
    def probability(self) -> float | None:
        """Of default, or of admission."""
        found = self.pd or self.admission
        return None if found is None else found.value


def assessment_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it is an assessment; of an erased one, what stands outside its content."""
    if entry.kind != Kind.ASSESSMENT:
        return None
    if entry.erased:
        return {"seq": entry.seq, "asked_at": entry.at, "seal": entry.seal}
    answer = msgspec.json.decode(entry.answer or b"{}", type=IndexedAnswer)
    row = index_row(answer, input_digests(entry.leaves, second=entry.second), entry)
    if not entry.second:
        del row["file"]  # an act may have taken it into one
    return row


def index_row(answer: IndexedAnswer, inputs: Mapping[str, str], entry: Sealed | OpenedEntry) -> dict[str, object]:
    """The row of an assessment, from its answer and its entry; `inputs` are digests of what it was answered from."""
    case, file = answer.case, entry.outer.file
    same = ("id", "kind", "as_of", "retrospective", "synthetic", "points", "grade", "expires_on", "probability")
    return {name: getattr(answer, name) for name in same} | {
        "seq": entry.seq,
        "file": None if file is None else file.id,
        "case": case.case,
        "firm": case.firm,
        "bank": case.bank,
        "branch": case.branch,
        "application": case.application,
        "asked_at": entry.at,
        "bundle": answer.versions.bundle,
        "seal": entry.seal,
        "inputs": orjson.dumps(inputs).decode(),
    }


def row_of(connection: Connection, assessment: str) -> AssessmentRecord:
    """The row of an assessment. Raises `NoSuchAssessment`."""
    found = connection.execute(select(ASSESSMENTS).where(ASSESSMENTS.c.id == assessment)).mappings().one_or_none()
    if found is None:
        raise NoSuchAssessment("no_such_assessment", assessment=assessment)
    return AssessmentRecord(**found)


def earlier(connection: Connection, assessment: str, limit: int, before: int | None = None) -> EarlierAssessments:
    """What the same bank asked about the firm before an assessment, and which inputs are not what they were then.

    Raises `NoSuchAssessment`.
    """
    table = ASSESSMENTS.c
    of = row_of(connection, assessment)
    if of.firm is None:
        return EarlierAssessments([], None)
    of_bank = table.bank.is_(None) if of.bank is None else table.bank == of.bank
    same = select(ASSESSMENTS).where(table.firm == of.firm, of_bank, table.seq < min(of.seq, before or of.seq))
    found = connection.execute(same.order_by(table.seq.desc()).limit(limit + 1)).mappings()
    rows = [AssessmentRecord(**row) for row in found]
    items = [_item(row, of) for row in rows[:limit]]
    return EarlierAssessments(items, rows[limit - 1].seq if len(rows) > limit else None)


def reached(connection: Connection, assessments: Sequence[str], reach: Reach) -> frozenset[str]:
    """Those of the assessments that are within reach."""
    wanted = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.id.in_(assessments), reach.of(ASSESSMENTS))
    return frozenset(connection.execute(wanted).scalars())


def _item(row: AssessmentRecord, of: AssessmentRecord) -> EarlierAssessment:
    return EarlierAssessment(**{name: getattr(row, name) for name in _TOLD}, changed=_changed(row.inputs, of.inputs))


def _changed(before: str | None, now: str | None) -> Sequence[str] | None:
    """Which inputs are not what they were; None where either kept no digests that can be compared."""
    return None if before is None or now is None else changed_inputs(orjson.loads(before), orjson.loads(now))


_UNKNOWN = {"bank": "bank_unknown", "branch": "branch_unknown"}


def check_places(connection: Connection, reach: Reach, bank: str | None, branch: str | None) -> None:
    """Raises `InvalidRequest` for a bank or branch within reach of which there is neither an assessment nor an account.

    A list of nothing would read as if nothing had been done there.
    """
    faults = []
    for name, value in (("bank", bank), ("branch", branch)):
        told = {"bank": bank, name: value}
        equal = [(column, one) for column, one in told.items() if one is not None]
        held = [
            select(table.c[name]).where(reach.of(table), *(table.c[column] == one for column, one in equal))
            for table in (ASSESSMENTS, USERS)
        ]
        if value is not None and connection.execute(union_all(*held).limit(1)).first() is None:
            faults.append(fault(f"/{name}", _UNKNOWN[name], **{name: value}))
    if faults:
        raise InvalidRequest(faults)
