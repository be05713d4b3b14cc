"""Holds the tables that entries are found by against the entries, and makes them anew from nothing else.

Of an erased entry only what stands outside its content can be told: what else its row holds (an id, a bank, days) stays
as it is. So do the rows of entries that were moved to files.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, and_, delete, insert, select, update

from service.assessing.assessment_index import ASSESSMENTS, assessment_row
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.trial_records import TRIALS, trial_row
from service.assessing.what_ifs import WHAT_IFS, what_if_row
from service.edge.database import DatabaseTable
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES, feedback_row, push_row
from service.ledger.append import head
from service.ledger.change_log import CHANGES, change_row_of
from service.ledger.checkpoints import receipt_row
from service.ledger.evidence import EVIDENCE
from service.ledger.heads import EntryPlace, FileState, file_after
from service.ledger.kinds import Kind
from service.ledger.opened import BATCH, OpenedEntry, Seen, opened, opened_entries, unseen
from service.ledger.row_differences import Difference, Row, by_entry, by_key, difference
from service.ledger.segments import Closed, archived_rows, archived_to, segment_row
from service.ledger.tables import APPEND_ONLY, FILE_HEADS, FIRM_HEADS, HEAD, RECEIPTS, SEGMENTS
from service.loan_files.refolding import FoldedFiles
from service.loan_files.steps import STEPS, step_row_of
from service.proofs.beside_the_entries import artifacts_of, beside_the_entries
from service.proofs.folded_accounts import FoldedAccounts

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


def differences(connection: Connection, seen: Seen = unseen, archive: Path | None = None) -> Iterator[Difference]:
    """Every row of evidence that does not follow from the entries or from what was signed, and every one that is gone.

    `archive`: the folder of the months that were moved to files; else the rows of their entries are not looked at.
    """
    last, _ = archived_to(connection)
    size, _ = head(connection)
    begins, end = 0 if archive is not None else last, last
    heads, files, accounts, named = _Heads(whole=begins == 0), FoldedFiles(), FoldedAccounts(), dict[str, str]()
    taken_up: dict[int, str] = {}
    for entries in chain(_archived(connection, archive), opened_entries(connection, last)):
        rows = {table: [fold(entry) for entry in entries] for table, fold in BY_ENTRY.items()}
        for entry, assessed in zip(entries, rows[ASSESSMENTS], strict=True):
            heads.add(entry, assessed)
            files.add(entry)
            accounts.add(entry)
            named |= artifacts_of(entry)
            if entry.outer.file is not None and entry.outer.file.taken_up is not None:
                taken_up[entry.outer.file.taken_up.seq] = entry.outer.file.id
        within = (entries[0].seq, entries[-1].seq)
        for table, right in rows.items():
            yield from by_entry(connection, table, table.c.seq.between(*within), entries, right)
        end = entries[-1].seq
        seen(end, size)
    for table in BY_ENTRY:
        yield from by_key(connection, table, (), whole=True, which=~table.c.seq.between(1, end))
    yield from _taken_up(connection, taken_up)
    yield from heads.compared(connection)
    for table, own in {**files.rows(connection), **accounts.rows}.items():
        yield from by_key(connection, table, own, whole=begins == 0)
    yield from beside_the_entries(connection, named, whole=begins == 0)


def _archived(connection: Connection, folder: Path | None) -> Iterator[list[OpenedEntry]]:
    """The entries that were moved to files, a bounded number at a time; none without their folder."""
    rows = archived_rows(connection, folder) if folder else iter(())
    while batch := [opened(connection, row) for row in islice(rows, BATCH)]:
        yield batch


def differences_of_file(
    connection: Connection, file: str | None, entries: Sequence[OpenedEntry]
) -> Iterator[Difference]:
    """The same for the rows of some entries and of the loan file that they make (None: of none), all of its entries."""
    if not entries:
        return
    seqs = [one.seq for one in entries]
    for table, fold in BY_ENTRY.items():
        yield from by_entry(connection, table, table.c.seq.in_(seqs), entries, [fold(entry) for entry in entries])
    folded = FoldedFiles()
    for entry in entries:
        folded.add(entry)
    for table, right in folded.rows(connection).items():
        own = table.c.id == file if table is LOAN_FILES else table.c.file == file
        yield from by_key(connection, table, right, whole=True, which=own)


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
    how = EVIDENCE[one.table.name]
    if how == "keys" or (how == "accounts" and (not there or one.right is None)):
        return False  # what is no evidence of them cannot be made
    if (there and kept) or (not there and one.right is None):
        return False
    if one.right is None:
        connection.execute(delete(one.table).where(named))
    elif there:
        connection.execute(update(one.table).where(named), one.right)
    else:
        connection.execute(insert(one.table), one.right)
    return True


def _taken_up(connection: Connection, files: Mapping[int, str]) -> Iterator[Difference]:
    """Assessments of form 1 that an act took into a loan file."""
    wanted = select(ASSESSMENTS.c.seq, ASSESSMENTS.c.file).where(ASSESSMENTS.c.seq.in_(files))
    for row in connection.execute(wanted):
        yield from difference(ASSESSMENTS, {"seq": row.seq}, {"file": row.file}, {"file": files[row.seq]})


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
        self.head: Row = dict.fromkeys(("opening", "resumed", "resumed_clock", "resumed_last")) if whole else {}
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
        yield from by_key(connection, HEAD, [{"id": 1, **self.head}] if "size" in self.head else [], whole=True)
        yield from by_key(connection, FILE_HEADS, (one._asdict() for one in self.files.values()), whole=self.whole)
        yield from by_key(connection, FIRM_HEADS, (one._asdict() for one in self.firms.values()), whole=self.whole)
        yield from by_key(connection, SEGMENTS, map(vars, self.months.values()), whole=self.whole)
