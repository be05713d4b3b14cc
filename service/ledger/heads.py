"""The heads of loan files and of firms: which entry is the last, the how-manieth. Read and moved on in the write turn.

Both tables follow from the entries alone: `file_after` and the count say how one entry moves a head.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import Connection, Table, select, tuple_

from service.edge.database import replacing
from service.ledger.canonical import canonical
from service.ledger.entry_contents import EntryRef, FileHeads
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import LedgerSettings
from service.ledger.outer import InFile, OfFirm
from service.ledger.seal import tree_root
from service.ledger.tables import FILE_HEADS, FIRM_HEADS

Row = dict[str, Any]
OfBank = tuple[str, str]
"""A firm and the bank that asks about it; empty text: no bank."""


@dataclass
class Heads:
    """The heads that the entries of one turn move, as they stand now; `moved` are written at its end."""

    files: dict[str, Row]
    firms: dict[OfBank, Row]
    moved_files: dict[str, Row] = field(default_factory=dict)
    moved_firms: dict[OfBank, Row] = field(default_factory=dict)

    @classmethod
    def read(cls, connection: Connection, files: Iterable[str], firms: Iterable[OfBank]) -> "Heads":
        """The heads of these loan files and firms."""
        return cls(
            {row["id"]: row for row in _rows(connection, FILE_HEADS, FILE_HEADS.c.id, set(files))},
            {
                (row["firm"], row["bank"]): row
                for row in _rows(connection, FIRM_HEADS, tuple_(FIRM_HEADS.c.firm, FIRM_HEADS.c.bank), set(firms))
            },
        )

    def in_file(self, file: str | None, taken_up: EntryRef | None) -> InFile | None:
        """The place of the next entry in a loan file."""
        if file is None:
            return None
        head = self.files.get(file)
        return InFile(file, 1, None, taken_up) if head is None else InFile(file, head["n"] + 1, head["seal"], taken_up)

    def of_firm(self, firm: OfBank | None) -> OfFirm | None:
        """The place of the next assessment of a firm at a bank."""
        if firm is None:
            return None
        head = self.firms.get(firm)
        return OfFirm(1, None) if head is None else OfFirm(head["n"] + 1, head["seal"])

    def move(self, row: Mapping[str, Any], file: InFile | None, of: OfFirm | None, firm: OfBank | None) -> None:
        """Let an entry, by its columns, be the last of its loan file, and of its firm."""
        if file is not None:
            self.files[file.id] = self.moved_files[file.id] = file_after(self.files.get(file.id), row, file)
        if of is not None and firm is not None:
            told = {"firm": firm[0], "bank": firm[1], "n": of.n, "seal": row["seal"]}
            self.firms[firm] = self.moved_firms[firm] = told

    def write(self, connection: Connection) -> None:
        """Keep the heads that moved."""
        _put(connection, FILE_HEADS, list(self.moved_files.values()))
        _put(connection, FIRM_HEADS, list(self.moved_firms.values()))


def file_after(before: Row | None, row: Mapping[str, Any], file: InFile) -> Row:
    """The head of a loan file behind an entry: money drawn opens a loan, closure and erasure settle it."""
    settled, lent = (True, False) if before is None else (before["settled"], before["lent"])
    kind = row["kind"]
    if kind == Kind.DRAWDOWN:
        settled, lent = False, True
    if kind in (Kind.CLOSURE, Kind.ERASURE):
        settled = True
    same = {name: row[name] for name in ("seal", "seq", "at")}
    return {"id": file.id, "n": file.n, **same, "settled": settled, "lent": lent}


def file_heads(connection: Connection, settings: LedgerSettings, now: str) -> FileHeads:
    """How many loan files there are whose retention is not over at a time, and the root over their heads."""
    leaves = [hash_ for _, hash_ in head_leaves(connection, settings, now)]
    return FileHeads(len(leaves), tree_root(leaves).hex())


def head_leaves(connection: Connection, settings: LedgerSettings, now: str) -> list[tuple[str, bytes]]:
    """Digest and leaf hash of the head of each loan file whose retention is not over, in order of the digests.

    A leaf is SHA-256(0x00 || canonical([digest of the file's id, n, last seal, settled])).
    """
    ended = {lent: _retained_since(settings, now, lent) for lent in (False, True)}
    found = []
    for row in connection.execute(select(FILE_HEADS)):
        if not row.settled or row.at >= ended[row.lent]:
            digest = sha256(row.id.encode()).hexdigest()
            leaf = canonical([digest, row.n, row.seal, row.settled])
            found.append((digest, sha256(b"\x00" + leaf).digest()))
    return sorted(found)


def _retained_since(settings: LedgerSettings, now: str, lent: bool) -> str:
    """The earliest time of a last entry whose loan file is still kept: so many years before the day of `now`."""
    year = int(now[:4]) - settings.kept_years(settings.day_of(now), lent=lent)
    return f"{year:04}{now[4:]}"


def _rows(connection: Connection, table: Table, key: Any, wanted: set[Any]) -> list[Row]:
    if not wanted:
        return []
    return [dict(row) for row in connection.execute(select(table).where(key.in_(sorted(wanted)))).mappings()]


def _put(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Insert the rows, or put them in the place of those with the same key."""
    if rows:
        connection.execute(replacing(connection, table), rows)
