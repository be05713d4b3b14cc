"""What was done about assessments, and in loan files, each found again under the number of its entry."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

import msgspec
import orjson
from sqlalchemy import ColumnElement, Connection, Index, insert, or_, select, text
from sqlmodel import Field, SQLModel

from service.assessing.assessment_index import ASSESSMENTS
from service.ledger import actors
from service.ledger.append import EntryRecord, Sealed
from service.ledger.canonical import float_of
from service.ledger.entry_contents import AssessmentRef, EntryContent, EntryRef, fields
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import LOAN_FILE_KINDS
from service.ledger.opened import OpenedEntry
from service.ledger.written_kinds import ClosureEntry, DecisionEntry, DrawdownEntry


class LoanFileStep(SQLModel, table=True):
    """Where to find what was done; the ledger holds it under `seq`.

    `assessment`: null of what was refused about an account. `file`: the loan file that its entry joins; null in form 1.
    `actor`: as the entry names whoever entered it.
    """

    __tablename__ = "loan_file_steps"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    assessment: str | None = Field(default=None, index=True)
    kind: str
    at: str
    content: str
    seal: str
    file: str | None = Field(default=None, index=True)
    actor: str | None = None


Index(
    "ix_loan_file_steps_refused",
    *(SQLModel.metadata.tables["loan_file_steps"].c[name] for name in ("actor", "at")),
    sqlite_where=text("kind = 'refused'"),
    postgresql_where=text("kind = 'refused'"),
)
STEPS = SQLModel.metadata.tables["loan_file_steps"]
_WRITTEN: tuple[type[EntryContent], ...] = (DecisionEntry, DrawdownEntry, ClosureEntry, *LOAN_FILE_KINDS)
STEP_KINDS: Mapping[str, type[EntryContent]] = {one.KIND.value: one for one in _WRITTEN}
"""What an entry of each kind says."""


@dataclass(frozen=True)
class EnteredAct:
    """Something that was done as it is kept. `content` is what was entered: which members, its kind says."""

    assessment: str
    kind: str
    content: Mapping[str, object]
    record: EntryRecord
    actor: str | None = None

    def to_dict(self) -> dict[str, object]:
        """As it is shown: the content beside what it is about and where it is recorded."""
        return {"assessment": self.assessment, "kind": self.kind, **self.content, "record": asdict(self.record)}


def step_row_of(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it is a step; of an erased one, what stands outside its content."""
    structure = STEP_KINDS.get(entry.kind)
    if structure is None:
        return None
    same = _same(entry)
    if entry.body is None:
        return same
    if entry.second:
        return step_row(structure.from_leaves(entry.body), entry)
    return same | {"assessment": about(entry.body).id, "content": orjson.dumps(told_of_form_1(entry)).decode()}


def step_row(content: EntryContent, entry: Sealed | OpenedEntry) -> dict[str, object]:
    """The row of a step, from its content and its entry."""
    found: dict[str, object] = content.to_dict()
    ref = found.pop("assessment", None)
    assessment = None if ref is None else msgspec.convert(ref, AssessmentRef).id
    return _same(entry) | {"assessment": assessment, "content": orjson.dumps(found).decode()}


def _same(entry: Sealed | OpenedEntry) -> dict[str, object]:
    outer = entry.outer
    file = None if outer.file is None else outer.file.id
    told = {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "kind": outer.kind}
    return told | {"file": file, "actor": outer.actor}


def about(body: Mapping[str, object]) -> AssessmentRef:
    """The assessment that an entry of form 1 is about."""
    return msgspec.convert(body["/assessment"], AssessmentRef)


def told_of_form_1(entry: OpenedEntry) -> dict[str, object]:
    """What an entry of form 1 says, by name."""
    own = f"/{entry.kind}/"
    body = entry.body or {}
    told = {pointer[len(own) :]: value for pointer, value in body.items() if pointer.startswith(own)}
    if isinstance(rate := told.get("rate"), str):
        told["rate"] = float_of(rate)
    return told


def entered_of_form_1(entry: OpenedEntry) -> EnteredAct:
    """A step of form 1 that was read back with its content."""
    record = EntryRecord(entry.seq, entry.at, entry.seal)
    return EnteredAct(about(entry.body or {}).id, entry.kind, told_of_form_1(entry), record, entry.actor)


def note_step(connection: Connection, content: EntryContent, entry: Sealed) -> EnteredAct:
    """Keep the row of a step inside the transaction that enters it; what was done, as it is kept."""
    row = step_row(content, entry)
    connection.execute(insert(STEPS), row)
    told = orjson.loads(str(row["content"]))
    record = EntryRecord(entry.seq, entry.at, entry.seal)
    return EnteredAct(str(row["assessment"] or ""), content.KIND, told, record, entry.outer.actor)


def who_did(act: EnteredAct) -> str | None:
    """The account, or the name that was told where nobody was signed in, of whoever acted."""
    if act.actor != actors.OPEN:
        return act.actor
    told = act.content.get("person") or act.content.get("by")
    return None if told is None else str(told)


def steps_of(connection: Connection, assessment: str) -> list[EnteredAct]:
    """What was done about an assessment, in order."""
    return _read(connection, STEPS.c.assessment == assessment)


def reversed_by(corrections: Iterable[Mapping[str, object]]) -> set[int]:
    """The entries that corrections (their contents) reverse; an erased one tells of none."""
    told = (one["reverses"] for one in corrections if "reverses" in one)
    return {msgspec.convert(one, EntryRef).seq for one in told}


def standing(steps: Sequence[EnteredAct]) -> list[EnteredAct]:
    """The steps without those that a later one reversed, and without the corrections that did."""
    gone = reversed_by(one.content for one in steps if one.kind == Kind.CORRECTION)
    return [one for one in steps if one.kind != Kind.CORRECTION and one.record.entry not in gone]


def submitted_on(steps: Sequence[EnteredAct]) -> str | None:
    """The assessment on which a file was submitted last; None where it never was."""
    return next((one.assessment for one in reversed(steps) if one.kind == Kind.SUBMITTED), None)


def leaves_for(step: EnteredAct, audiences: Collection[str]) -> dict[str, object]:
    """What a step says to readers of these audiences."""
    seen = {one.name for one in fields(STEP_KINDS[step.kind]) if one.audience in audiences}
    return {name: value for name, value in step.content.items() if name in seen}


def steps_of_file(connection: Connection, file: str) -> list[EnteredAct]:
    """What was done in a loan file, in order; before it the steps of form 1 about an assessment that it took up."""
    taken_up = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.file == file)
    return _read(connection, or_(STEPS.c.file == file, STEPS.c.file.is_(None) & STEPS.c.assessment.in_(taken_up)))


def _read(connection: Connection, which: ColumnElement[bool]) -> list[EnteredAct]:
    found = connection.execute(select(STEPS).where(which).order_by(STEPS.c.seq))
    return [
        EnteredAct(
            row.assessment, row.kind, orjson.loads(row.content), EntryRecord(row.seq, row.at, row.seal), row.actor
        )
        for row in found
    ]
