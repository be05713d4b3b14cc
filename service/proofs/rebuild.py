"""Holds the tables that entries are found by against the entries, and makes them anew from nothing else.

Of an erased entry only what stands outside its content can be told: what else its row holds (an id, a bank, days) stays
as it is. So do the rows of entries that were moved to files.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import orjson
from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select, update

from service.assessing.assessment_index import ASSESSMENTS, assessment_row
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.trial_records import TRIALS, trial_row
from service.assessing.what_ifs import WHAT_IFS, what_if_row
from service.edge.database import DatabaseTable
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES, feedback_row, push_row
from service.ledger.append import head
from service.ledger.canonical import canonical
from service.ledger.change_log import CHANGES, change_row_of
from service.ledger.checkpoints import receipt_row
from service.ledger.heads import EntryPlace, FileState, file_after
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry, Seen, opened_entries, unseen
from service.ledger.segments import Closed, archived_to, segment_row
from service.ledger.tables import APPEND_ONLY, FILE_HEADS, FIRM_HEADS, HEAD, RECEIPTS, SEGMENTS
from service.loan_files.refolding import FoldedFiles
from service.loan_files.steps import STEPS, step_row_of

Row = dict[str, object]
Fold = Callable[[OpenedEntry], Row | None]

BY_ENTRY: Mapping[DatabaseTable, Fold] = {
    ASSESSMENTS: assessment_row,
    STEPS: step_row_of,
    WHAT_IFS: what_if_row,
    TRIALS: trial_row,
    CHANGES: change_row_of,
    RECEIPTS: receipt_row,
    PUSHES: push_row,
    PUSH_FEEDBACK: feedback_row,
}
"""Tables with at most one row an entry, under its number, and the row that follows from the entry."""


_JSON = frozenset({"content", "inputs", "assessments", "left"})


@dataclass(frozen=True)
class Difference:
    """A row that does not follow from the entries: it is missing, no entry tells of it, or columns say otherwise.

    `right` is what it should be, None where there should be none.
    """

    table: DatabaseTable
    key: Mapping[str, object]
    code: Literal["row_missing", "row_unexplained", "row_otherwise"]
    right: Row | None
    columns: tuple[str, ...] = ()

    @property
    def row(self) -> str:
        """The table and the row's key."""
        return f"{self.table.name} {'/'.join(str(value) for value in self.key.values())}"


def differences(connection: Connection, seen: Seen = unseen) -> Iterator[Difference]:
    """Every row that does not follow from the entries, and every one that is missing."""
    last, _ = archived_to(connection)
    size, _ = head(connection)
    heads, files = _Heads(whole=last == 0), FoldedFiles()
    taken_up: dict[int, str] = {}
    for entries in opened_entries(connection, last):
        rows = {table: [fold(entry) for entry in entries] for table, fold in BY_ENTRY.items()}
        for entry, assessed in zip(entries, rows[ASSESSMENTS], strict=True):
            heads.add(entry, assessed)
            files.add(entry)
            if entry.outer.file is not None and entry.outer.file.taken_up is not None:
                taken_up[entry.outer.file.taken_up.seq] = entry.outer.file.id
        within = (entries[0].seq, entries[-1].seq)
        for table, right in rows.items():
            yield from _compared(connection, table, table.c.seq.between(*within), entries, right)
        seen(entries[-1].seq, size)
    yield from _taken_up(connection, taken_up)
    yield from heads.compared(connection)
    for table, own in files.rows(connection).items():
        yield from _rows(connection, table, own, whole=last == 0)


def differences_of_file(
    connection: Connection, file: str | None, entries: Sequence[OpenedEntry]
) -> Iterator[Difference]:
    """The same for the rows of some entries and of the loan file that they make (None: of none), all of its entries."""
    if not entries:
        return
    seqs = [one.seq for one in entries]
    for table, fold in BY_ENTRY.items():
        yield from _compared(connection, table, table.c.seq.in_(seqs), entries, [fold(entry) for entry in entries])
    folded = FoldedFiles()
    for entry in entries:
        folded.add(entry)
    for table, right in folded.rows(connection).items():
        own = table.c.id == file if table is LOAN_FILES else table.c.file == file
        yield from _rows(connection, table, right, whole=True, which=own)


def remake(connection: Connection) -> list[Difference]:
    """Put right what differs, in a transaction of `writing`; what was put right.

    In tables that the database lets nobody change, only what is missing is.
    """
    found = list(differences(connection))
    return [one for one in found if _put_right(connection, one)]


def _put_right(connection: Connection, one: Difference) -> bool:
    named = and_(*(one.table.c[name] == value for name, value in one.key.items()))
    there = connection.execute(select(one.table).where(named)).first() is not None
    kept = one.table in (HEAD, *APPEND_ONLY)
    if (there and kept) or (not there and one.right is None):
        return False
    if one.right is None:
        connection.execute(delete(one.table).where(named))
    elif there:
        connection.execute(update(one.table).where(named), one.right)
    else:
        connection.execute(insert(one.table), one.right)
    return True


def _compared(
    connection: Connection,
    table: DatabaseTable,
    which: ColumnElement[bool],
    entries: Sequence[OpenedEntry],
    right: Sequence[Row | None],
) -> Iterator[Difference]:
    """The rows of a table under the numbers of these entries, against what follows from them."""
    held = {row["seq"]: dict(row) for row in connection.execute(select(table).where(which)).mappings()}
    for entry, one in zip(entries, right, strict=True):
        yield from _difference(table, {"seq": entry.seq}, held.get(entry.seq), one, erased=entry.body is None)


def _difference(
    table: DatabaseTable, key: Mapping[str, object], row: Row | None, right: Row | None, *, erased: bool = False
) -> Iterator[Difference]:
    if right is None and row is not None and not erased:
        yield Difference(table, key, "row_unexplained", None)
    elif right is not None and row is None:
        yield Difference(table, key, "row_missing", None if erased else right)
    elif right is not None and row is not None:
        other = tuple(sorted(name for name, value in right.items() if not _same(name, row[name], value)))
        if other:
            yield Difference(table, key, "row_otherwise", right, other)


def _same(name: str, held: object, right: object) -> bool:
    """Whether two values of a column are the same; texts of JSON, whatever the order of their members."""
    if name in _JSON and isinstance(held, str) and isinstance(right, str):
        return canonical(orjson.loads(held)) == canonical(orjson.loads(right))
    return bool(held == right)


def _taken_up(connection: Connection, files: Mapping[int, str]) -> Iterator[Difference]:
    """Assessments of form 1 that an act took into a loan file."""
    wanted = select(ASSESSMENTS.c.seq, ASSESSMENTS.c.file).where(ASSESSMENTS.c.seq.in_(files))
    for row in connection.execute(wanted):
        yield from _difference(ASSESSMENTS, {"seq": row.seq}, {"file": row.file}, {"file": files[row.seq]})


class FirmRow(NamedTuple):
    """A row of the heads of firms, as its table tells of them."""

    firm: str
    bank: str
    n: int
    seal: str


class _Heads:
    """The heads of ledger, loan files and firms, and the closed months, as they follow from the entries so far."""

    def __init__(self, *, whole: bool) -> None:
        self.whole = whole
        self.head: Row = {}
        self.files: dict[str, FileState] = {}
        self.firms: dict[tuple[str, str], FirmRow] = {}
        self.months: dict[str, Closed] = {}

    def add(self, entry: OpenedEntry, assessed: Row | None) -> None:
        """One entry more, and the row of the assessment that it is (if it is one)."""
        self.head |= {"size": entry.seq, "seal": entry.seal, "at": entry.at}
        if entry.kind == Kind.OPENING:
            self.head["opening"] = entry.seq
        if entry.kind == Kind.RESUMED and entry.body is not None:
            told = {"resumed_clock": entry.body["/clock"], "resumed_last": entry.body["/last"]}
            self.head |= {"resumed": entry.seq, **told}
        month = segment_row(entry)
        if month is not None:
            self.months[month.month] = month
        file = entry.outer.file
        if file is not None:
            place = EntryPlace(entry.seq, entry.at, entry.seal, entry.kind)
            self.files[file.id] = file_after(self.files.get(file.id), place, file)
        if assessed is not None and assessed.get("firm") is not None:
            self._count(entry, assessed)

    def _count(self, entry: OpenedEntry, row: Row) -> None:
        key = (str(row["firm"]), str(row["bank"] or ""))
        before = self.firms.get(key)
        n = (before.n if before else 0) + 1 if entry.outer.firm is None else entry.outer.firm.n
        self.firms[key] = FirmRow(*key, n, entry.seal)

    def compared(self, connection: Connection) -> Iterator[Difference]:
        """What the tables of heads and months say otherwise."""
        yield from _rows(connection, HEAD, [{"id": 1, **self.head}] if self.head else [], whole=True)
        yield from _rows(connection, FILE_HEADS, (one._asdict() for one in self.files.values()), whole=self.whole)
        yield from _rows(connection, FIRM_HEADS, (one._asdict() for one in self.firms.values()), whole=self.whole)
        yield from _rows(connection, SEGMENTS, map(vars, self.months.values()), whole=self.whole)


def _rows(
    connection: Connection,
    table: DatabaseTable,
    right: Iterable[Row],
    *,
    whole: bool,
    which: ColumnElement[bool] | None = None,
) -> Iterator[Difference]:
    """A table, or those of its rows, against its right rows; `whole`: no row may stand there besides."""
    names = [column.name for column in table.primary_key]
    query = select(table) if which is None else select(table).where(which)
    held = {tuple(row[name] for name in names): dict(row) for row in connection.execute(query).mappings()}
    for one in right:
        key = tuple(one[name] for name in names)
        yield from _difference(table, dict(zip(names, key, strict=True)), held.pop(key, None), one)
    if whole:
        for key, row in held.items():
            yield from _difference(table, dict(zip(names, key, strict=True)), row, None)
