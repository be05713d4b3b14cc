"""Trials as they are kept: each an entry of what was tried and what came of it, counted for whoever reads later."""

from collections.abc import Iterator
from typing import Literal

import msgspec
import orjson
from sqlalchemy import ColumnElement, Connection, Engine, Select, func, insert, select
from sqlmodel import Field, SQLModel

from features.tables import TABLES
from service.access.account_names import account_names
from service.assessing.assessment_index import ASSESSMENTS, AssessmentRecord, row_of
from service.assessing.loan_files import file_of_act
from service.assessing.model_validity import ServedBy, check_answering
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.trial_rows import TriedColumn, TriedRow, TriedValue
from service.assessing.trials import ComparedTrial, TrialOutcome
from service.edge.database import in_turn
from service.edge.errors import Erased
from service.ledger.append import Draft, append
from service.ledger.canonical import float_of, float_text
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.entry_contents import AssessmentRef
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.tables import ENTRIES, EntryRow
from service.ledger.written_kinds import EnteredColumn, EnteredRow, EnteredValue, TrialEntry, TriedFinding


class TrialRecord(SQLModel, table=True):
    """That something was tried on an assessment; the ledger holds it under `seq`."""

    __tablename__ = "trials"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    assessment: str = Field(index=True)
    at: str


TRIALS = SQLModel.metadata.tables["trials"]


class TrialShown(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trial as its entry tells it. It decides nothing."""

    entry: int
    assessment: str
    at: str
    by: str
    changes: list[TriedRow]
    after: TrialOutcome
    findings: list[TriedFinding]
    bundle: str
    policy: str


class TrialCounts(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many trials there were: on an assessment, on its application, and of the firm at the same bank."""

    assessment: int
    application: int
    firm: int


class TrialsListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The trials of the firm at the same bank, the latest first; `next` is the cursor of the following page."""

    counted: TrialCounts
    items: list[TrialShown]
    next: int | None


class TrialAnswer(TrialShown, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A trial that was made just now, with what the assessment came to, and how many there were so far."""

    trial: Literal[True] = True
    before: TrialOutcome
    counted: TrialCounts
    says: str | None = None


_OUTCOME = frozenset(TrialOutcome.__struct_fields__)


def trial_row(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it is a trial."""
    if entry.kind != Kind.TRIAL:
        return None
    row = {"seq": entry.seq, "at": entry.at}
    if entry.body is None:
        return row
    return row | {"assessment": msgspec.convert(entry.body["/assessment"], AssessmentRef).id}


def enter_trial(engine: Engine, of: SealedAssessment, told: ComparedTrial, actor: str) -> TrialAnswer:
    """Enter a trial; it leaves as it is entered, with how many there were."""
    after = told.after
    content = TrialEntry(
        assessment=AssessmentRef(of.answer.id, of.seal),
        changes=[_entered(change) for change in told.changes],
        advice=after.advice,
        amount=after.amount,
        term_months=after.term_months,
        conditions=after.conditions,
        probability=float_text(after.probability),
        points=float_text(after.points),
        grade=after.grade,
        limit=after.limit,
        binding=after.binding,
        bounds=after.bounds,
        findings=told.findings,
        bundle=told.bundle,
        policy=told.policy,
    )

    def write(connection: Connection) -> TrialAnswer:
        row = row_of(connection, of.answer.id)
        check_answering(connection, ServedBy(told.bundle, of.answer.kind, row.bank))
        file, taken_up = file_of_act(connection, row)
        draft = Draft.of(content, actor, firm=row.firm, bank=row.bank, file=file, taken_up=taken_up)
        entry = append(connection, [draft])[0]
        connection.execute(insert(TRIALS), {"seq": entry.seq, "assessment": of.answer.id, "at": entry.at})
        shown = next(_shown(connection, _wanted(TRIALS.c.seq == entry.seq)))
        return TrialAnswer(**msgspec.structs.asdict(shown), before=told.before, counted=_counted(connection, row))

    return in_turn(engine, write)


def trials_of(connection: Connection, assessment: str, limit: int, before: int | None = None) -> TrialsListed:
    """The trials of the firm that the bank made, on whichever of its assessments, the latest first.

    Raises `NoSuchAssessment`. Those whose entries were archived are counted alone.
    """
    row = row_of(connection, assessment)
    wanted = _wanted(_of_firm(row))
    if before is not None:
        wanted = wanted.where(TRIALS.c.seq < before)
    items = list(_shown(connection, wanted.limit(limit + 1)))
    following = items[limit - 1].entry if len(items) > limit else None
    return TrialsListed(_counted(connection, row), items[:limit], following)


def trial_on(connection: Connection, assessment: str, entry: int) -> TrialShown | None:
    """One trial on an assessment; None where there is none of that number."""
    return next(_shown(connection, _wanted((TRIALS.c.assessment == assessment) & (TRIALS.c.seq == entry))), None)


def _of_firm(row: AssessmentRecord) -> ColumnElement[bool]:
    """Whose trials they are: of the firm at the bank; where the firm was erased, of the assessment alone."""
    table = ASSESSMENTS.c
    if row.firm is None:
        return table.id == row.id
    return (table.firm == row.firm) & (table.bank.is_(None) if row.bank is None else table.bank == row.bank)


def _counted(connection: Connection, row: AssessmentRecord) -> TrialCounts:
    table = ASSESSMENTS.c
    of_application = table.id == row.id if row.file is None else table.file == row.file
    joined = TRIALS.join(ASSESSMENTS, table.id == TRIALS.c.assessment)
    counts = [
        connection.execute(select(func.count()).select_from(joined).where(one)).scalar_one()
        for one in (table.id == row.id, of_application, _of_firm(row))
    ]
    return TrialCounts(*counts)


def _wanted(condition: ColumnElement[bool]) -> Select[*tuple[object, ...]]:
    joined = entries_with_keys().join(TRIALS, TRIALS.c.seq == ENTRIES.c.seq)
    joined = joined.join(ASSESSMENTS, ASSESSMENTS.c.id == TRIALS.c.assessment)
    return joined.where(condition).order_by(TRIALS.c.seq.desc())


def _shown(connection: Connection, wanted: Select[*tuple[object, ...]]) -> Iterator[TrialShown]:
    found: list[tuple[EntryRow, TrialEntry]] = []
    rows: list[EntryRow] = list(connection.execute(wanted))
    for entry in rows:
        try:
            found.append((entry, TrialEntry.from_leaves(orjson.loads(content_of(connection, entry).body))))
        except Erased:
            continue
    names = account_names(connection, (entry.actor for entry, _ in found))
    for entry, held in found:
        yield _one(entry, held, names.get(entry.actor, entry.actor).removeprefix("user:"))


def _one(entry: EntryRow, held: TrialEntry, by: str) -> TrialShown:
    told = held.to_dict()
    return TrialShown(
        entry=entry.seq,
        assessment=held.assessment.id,
        at=entry.at,
        by=by,
        changes=[_read(change) for change in held.changes],
        after=msgspec.convert(
            {name: told[name] for name in TrialOutcome.__struct_fields__ if name in told}, TrialOutcome
        ),
        findings=held.findings,
        bundle=held.bundle,
        policy=held.policy,
    )


def _entered(change: TriedRow) -> EnteredRow:
    """A row as a leaf holds it."""
    return EnteredRow(
        change.table,
        {name: _digits(value) for name, value in change.key.items()},
        change.how,
        [EnteredColumn(one.column, _digits(one.before), _digits(one.after)) for one in change.columns],
    )


def _digits(value: TriedValue) -> EnteredValue:
    return float_text(value) if isinstance(value, float) else value


def _read(held: EnteredRow) -> TriedRow:
    """A row as it was tried."""
    numbers = {name for name, column in TABLES[held.table].columns.items() if column.kind == "number"}

    def read(name: str, value: EnteredValue) -> TriedValue:
        return float_of(value) if name in numbers and isinstance(value, str) else value

    return TriedRow(
        held.table,
        {name: read(name, value) for name, value in held.key.items()},
        held.how,
        [TriedColumn(one.column, read(one.column, one.before), read(one.column, one.after)) for one in held.columns],
    )
