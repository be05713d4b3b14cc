"""The heads of loan files and of firms: which entry is the last, the how-manieth. Read and moved on in the write turn.

Both tables follow from the entries alone: `file_after` and the count say how one entry moves a head.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import BindParameter, Connection, String, bindparam, null, select, union_all

from service.edge.database import DatabaseTable, replacing
from service.edge.statements import DriverStatement
from service.ledger.canonical import canonical
from service.ledger.contents import FIRM_KEYS, Key, OfBank, held_key, key_for, new_keys
from service.ledger.entry_contents import EntryRef, FileHeads
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import LedgerSettings
from service.ledger.outer import InFile, OfFirm
from service.ledger.seal import tree_root
from service.ledger.tables import FILE_HEADS, FIRM_HEADS

_FIRST = OfFirm(1, None)
_KEYS, _HEADS = FIRM_KEYS.c, FIRM_HEADS.c
_COUNTS = 64
"""So many counts of files and of firms have their statement kept."""


@dataclass(frozen=True)
class EntryPlace:
    """An entry as heads tell of it."""

    seq: int
    at: str
    seal: str
    kind: str


class FileState(NamedTuple):
    """A row of the heads of loan files, as its table tells of them."""

    id: str
    n: int
    seal: str
    seq: int
    at: str
    settled: bool
    lent: bool


@dataclass
class Heads:
    """The heads that the entries of one turn move, as they stand now; `moved` are written at its end.

    `firms`: the place that a firm's next assessment will have; `keys`: of the firms at the banks.
    """

    files: dict[str, FileState] = field(default_factory=dict)
    firms: dict[OfBank, OfFirm] = field(default_factory=dict)
    keys: dict[OfBank, Key] = field(default_factory=dict)
    moved_files: dict[str, FileState] = field(default_factory=dict)
    moved_firms: set[OfBank] = field(default_factory=set)

    @classmethod
    def read(cls, connection: Connection, files: Iterable[str], firms: Iterable[OfBank]) -> "Heads":
        """The heads of these loan files and firms, and the firms' keys; made for a firm that has none at a bank."""
        found = cls()
        if wanted := sorted(set(files)):
            for file in _of_files(len(wanted)).rows(connection, FileState, _named(wanted)):
                found.files[file.id] = file
        if asking := set(firms):
            found._read_firms(connection, asking)
        return found

    def _read_firms(self, connection: Connection, asking: set[OfBank]) -> None:
        named = sorted({firm for firm, _ in asking})
        held: dict[tuple[str, str | None], tuple[str, bytes]] = {}
        for one in _of_firms(len(named)).rows(connection, _FirmRow, _named(named)):
            if one.key is None:
                self.firms[one.firm, one.bank or ""] = OfFirm(one.n + 1, one.seal)
            else:
                held[one.firm, one.bank] = one.key, one.material
        own = {of: key for of in asking if (key := key_for(of, held)) is not None}
        self.keys = {of: held_key(connection, *key) for of, key in own.items()}
        self.keys |= new_keys(connection, asking - own.keys())

    def in_file(self, file: str | None, taken_up: EntryRef | None) -> InFile | None:
        """The place of the next entry in a loan file."""
        if file is None:
            return None
        head = self.files.get(file)
        return InFile(file, 1, None, taken_up) if head is None else InFile(file, head.n + 1, head.seal, taken_up)

    def of_firm(self, firm: OfBank | None) -> OfFirm | None:
        """The place of the next assessment of a firm at a bank."""
        return None if firm is None else self.firms.get(firm, _FIRST)

    def move(self, entry: EntryPlace, file: InFile | None, of: OfFirm | None, firm: OfBank | None) -> None:
        """Let an entry be the last of its loan file, and of its firm."""
        if file is not None:
            self.files[file.id] = self.moved_files[file.id] = file_after(self.files.get(file.id), entry, file)
        if of is not None and firm is not None:
            self.firms[firm] = OfFirm(of.n + 1, entry.seal)
            self.moved_firms.add(firm)

    def write(self, connection: Connection) -> None:
        """Keep the heads that moved."""
        _put(connection, FILE_HEADS, [head._asdict() for head in self.moved_files.values()])
        firms = [(firm, bank, self.firms[firm, bank]) for firm, bank in sorted(self.moved_firms)]
        rows = [{"firm": firm, "bank": bank, "n": next_.n - 1, "seal": next_.before} for firm, bank, next_ in firms]
        _put(connection, FIRM_HEADS, rows)


class _FirmRow(NamedTuple):
    """A head of a firm, or (where `key` is not null) its key."""

    firm: str
    bank: str | None
    n: int
    seal: str
    key: str | None
    material: bytes


@lru_cache(_COUNTS)
def _of_files(count: int) -> DriverStatement:
    """The heads of so many loan files."""
    columns = (FILE_HEADS.c[name] for name in FileState._fields)  # a row is read by place
    return DriverStatement(select(*columns).where(FILE_HEADS.c.id.in_(_asked(count))))


@lru_cache(_COUNTS)
def _of_firms(count: int) -> DriverStatement:
    """Heads and keys of so many firms in one statement, since others wait."""
    asked = _asked(count)
    heads = select(_HEADS.firm, _HEADS.bank, _HEADS.n, _HEADS.seal, null(), null()).where(_HEADS.firm.in_(asked))
    keys = select(_KEYS.firm, _KEYS.bank, null(), null(), _KEYS.id, _KEYS.material).where(_KEYS.firm.in_(asked))
    return DriverStatement(union_all(heads, keys))


def _asked(count: int) -> list[BindParameter[str]]:
    return [bindparam(f"asked_{place}", type_=String) for place in range(count)]


def _named(asked: Sequence[str]) -> dict[str, object]:
    return {f"asked_{place}": one for place, one in enumerate(asked)}


def file_after(before: FileState | None, entry: EntryPlace, file: InFile) -> FileState:
    """The head of a loan file behind an entry: money drawn opens a loan, closure and erasure settle it.

    A correction opens it again, whatever it reverses: what may still have to be settled is kept.
    """
    settled, lent = (True, False) if before is None else (before.settled, before.lent)
    if entry.kind == Kind.DRAWDOWN:
        settled, lent = False, True
    if entry.kind == Kind.CORRECTION:
        settled = False
    if entry.kind in (Kind.CLOSURE, Kind.WITHDRAWN, Kind.ERASURE):
        settled = True
    return FileState(id=file.id, n=file.n, seal=entry.seal, seq=entry.seq, at=entry.at, settled=settled, lent=lent)


def file_heads(connection: Connection, settings: LedgerSettings, now: str) -> FileHeads:
    """How many loan files there are whose retention is not over at a time, and the root over their heads."""
    states = (FileState(**row._mapping) for row in connection.execute(select(FILE_HEADS)))
    leaves = [hash_ for _, hash_ in head_leaves(states, settings, now)]
    return FileHeads(len(leaves), tree_root(leaves).hex())


def head_leaves(states: Iterable[FileState], settings: LedgerSettings, now: str) -> list[tuple[str, bytes]]:
    """Digest and leaf hash of the head of each loan file whose retention is not over, in order of the digests.

    A leaf is SHA-256(0x00 || canonical([digest of the file's id, n, last seal, settled])).
    """
    ended = {lent: _retained_since(settings, now, lent) for lent in (False, True)}
    found = []
    for state in states:
        if not state.settled or state.at >= ended[state.lent]:
            row = head_row(state)
            found.append((row[0], sha256(b"\x00" + canonical(list(row))).digest()))
    return sorted(found)


def head_row(state: FileState) -> tuple[str, int, str, bool]:
    """What a leaf holds of a head."""
    return sha256(state.id.encode()).hexdigest(), state.n, state.seal, state.settled


def _retained_since(settings: LedgerSettings, now: str, lent: bool) -> str:
    """The earliest time of a last entry whose loan file is still kept: so many years before the day of `now`."""
    year = int(now[:4]) - settings.kept_years(settings.day_of(now), lent=lent)
    return f"{year:04}{now[4:]}"


def _put(connection: Connection, table: DatabaseTable, rows: Sequence[Mapping[str, object]]) -> None:
    """Insert the rows, or put them in the place of those with the same key."""
    if rows:
        _replacing(connection.dialect.name, table).run(connection, rows)


@cache
def _replacing(dialect: str, table: DatabaseTable) -> DriverStatement:
    return DriverStatement(replacing(dialect, table), list(table.c.keys()))
