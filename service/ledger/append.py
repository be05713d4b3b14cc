"""Adds entries at the end of the ledger, inside the transaction of whatever they record."""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Self, TypedDict, Unpack

from sqlalchemy import Connection, insert, select, update

from service.edge.statements import DriverStatement, together
from service.ledger.actors import SERVICE, is_actor
from service.ledger.canonical import time_text
from service.ledger.contents import Content, OfBank, Packed, columns_of, packed
from service.ledger.entry_contents import EntryContent, EntryRef
from service.ledger.heads import EntryPlace, Heads
from service.ledger.kinds import COUNTED, FOR_EVERY_FUND, Kind
from service.ledger.ledger_settings import LedgerSettings, settings_of
from service.ledger.opening_entry import check_opening, opening_content, outer_key
from service.ledger.outer import Outer, outer_secret
from service.ledger.redaction import SentAnswer
from service.ledger.seal import FORM, NOTHING_BEFORE, SUITE, Header, Leaves, body_root, body_text
from service.ledger.tables import ENTRIES, HEAD, SEGMENTS
from service.ledger.turn import Turn, next_time, resumed_time, turn_of

_INSERT = DriverStatement(insert(ENTRIES))
_HEAD = ("size", "seal", "at", "opening", "resumed", "resumed_clock", "resumed_last")
_SET_HEAD, _FIRST_HEAD = DriverStatement(update(HEAD), _HEAD), DriverStatement(insert(HEAD))


class Whose(TypedDict, total=False):
    """What an entry is about, beside what it says: as the fields of `Draft`."""

    firm: str | None
    bank: str | None
    fund: str | None
    file: str | None
    taken_up: EntryRef | None


@dataclass(frozen=True)
class Draft:
    """What is to be entered: `leaves` are canonical values by pointer.

    `firm`: under whose key, of the bank, the content is kept. `bank`: which bank it is about, whose funds have it in
    scope; `fund`: a fund that has it in scope besides. `file`: the loan file that it joins, opened where there is none
    of that id; `taken_up`: the entry of form 1 that it takes into the file. `answer`: what leaves for the caller (if
    any).
    """

    kind: Kind
    actor: str
    leaves: Leaves
    firm: str | None = None
    bank: str | None = None
    fund: str | None = None
    file: str | None = None
    taken_up: EntryRef | None = None
    answer: SentAnswer | None = None

    def __post_init__(self) -> None:
        if not is_actor(self.actor):
            raise ValueError(f"{self.actor!r} is no account's id: an entry names nobody")

    @classmethod
    def of(cls, content: EntryContent, actor: str, **more: Unpack["Whose"]) -> Self:
        """The draft of an entry that says so."""
        return cls(content.KIND, actor, content.leaves(), **more)

    @property
    def of_firm(self) -> OfBank | None:
        """Whose assessment it counts as: of the firm, at the bank."""
        return self.owner if self.kind in COUNTED else None

    @property
    def owner(self) -> OfBank | None:
        """Under whose key its content is kept."""
        return None if self.firm is None else (self.firm, self.bank or "")


@dataclass(frozen=True)
class EntryRecord:
    """Where something is recorded: the entry's number, time and seal."""

    entry: int
    at: str
    seal: str


@dataclass(frozen=True)
class Sealed:
    """An entry as it was written: its place, its time, its seal, its outer leaves, and the answer's bytes."""

    seq: int
    at: str
    seal: str
    outer: Outer
    answer: bytes | None = None


@dataclass(frozen=True)
class Prepared:
    """A draft with all that is hashed of it alone: what is left waits for its place in the chain."""

    draft: Draft
    inner: str
    content: Packed
    answer: bytes | None

    def joining(self, file: str) -> "Prepared":
        """The same, to join a loan file."""
        return replace(self, draft=replace(self.draft, file=file))


def prepare(draft: Draft) -> Prepared:
    """Hash and compress what does not depend on the entries before: nobody else need wait for it."""
    secret = os.urandom(32)
    leaves, sent = draft.leaves, None
    if draft.answer is not None:
        leaves, sent = {**leaves, **draft.answer.leaves}, draft.answer.text
    return Prepared(draft, body_root(leaves, secret), packed(Content(secret, body_text(draft.leaves), sent)), sent)


def append(
    connection: Connection, drafts: Sequence[Draft | Prepared], *, resumes: bool = False, at: str | None = None
) -> list[Sealed]:
    """Write the drafts in their order behind the last entry, in a transaction of `writing`: it alone keeps others away.

    The first ever are written behind an opening entry. Nothing is durable before the caller commits. `resumes`: two
    persons found the clock right as it is. `at`: a time that was drawn in this turn. Raises `ClockWrong`.
    """
    if not drafts:
        return []
    turn, settings = turn_of(connection), settings_of(connection)
    ready = [draft if isinstance(draft, Prepared) else prepare(draft) for draft in drafts]
    at = at or (resumed_time(turn, settings) if resumes else next_time(turn, settings))
    writer = Writer(connection, settings, turn, at)
    if turn.opening is None:
        writer.open()
    return writer.write(ready, resumes=resumes)


def open_ledger(connection: Connection) -> None:
    """Write the opening entry where there is none yet, in a transaction of `writing`.

    Raises `ClockWrong`, or `OtherZone` or `OtherClock` where the opening entry says that it is counted otherwise.
    """
    turn, settings = turn_of(connection), settings_of(connection)
    if turn.opening is None:
        Writer(connection, settings, turn, next_time(turn, settings)).open()
    else:
        check_opening(connection, settings, turn.opening)


def head(connection: Connection) -> tuple[int, str]:
    """The number of entries and the last seal as the head row tells them."""
    found = connection.execute(select(HEAD.c.size, HEAD.c.seal).where(HEAD.c.id == 1)).one_or_none()
    return (found.size, found.seal) if found else (0, NOTHING_BEFORE)


@dataclass
class Writer:
    """Writes the entries of one turn, all at the same time `at`."""

    connection: Connection
    settings: LedgerSettings
    turn: Turn
    at: str

    def __post_init__(self) -> None:
        self.size, self.seal, self.key = self.turn.size, self.turn.seal, self.turn.key
        self.opening, self.begun = self.turn.opening, self.turn.size > 0
        self.funds = self.settings.funds(self._day())

    def open(self) -> None:
        """Write the opening entry, and close the month in UTC that was open."""
        self.key = outer_key(self.connection)
        self.opening = self.size + 1
        content = opening_content(self.connection, self.settings, self.size, self.seal)
        entry = self.write([prepare(Draft.of(content, SERVICE))])[0]
        if content.month is not None:
            told = {name: getattr(content.month, name) for name in ("month", "first", "last", "before", "seal")}
            self.connection.execute(insert(SEGMENTS), told | {"anchor": entry.seq})

    def write(self, ready: Sequence[Prepared], *, resumes: bool = False) -> list[Sealed]:
        """Write prepared entries."""
        drafts = [one.draft for one in ready]
        files = (one.file for one in drafts if one.file is not None)
        heads = Heads.read(self.connection, files, (one.owner for one in drafts if one.owner is not None))
        rows, written = [], []
        for one in ready:
            row, outer = self._row(one, heads)
            key = heads.keys[one.draft.owner] if one.draft.owner is not None else None
            rows.append({**row, **columns_of(one.content, self.size, key)})
            written.append(Sealed(self.size, self.at, self.seal, outer, one.answer))
        with together(self.connection):
            _INSERT.run(self.connection, rows)
            heads.write(self.connection)
            self._set_head(resumes=resumes)
        return written

    def _row(self, one: Prepared, heads: Heads) -> tuple[dict[str, object], Outer]:
        """The columns of the next entry but its content."""
        draft, seq = one.draft, self.size + 1
        file, of = heads.in_file(draft.file, draft.taken_up), heads.of_firm(draft.of_firm)
        outer = Outer(draft.actor, draft.kind.value, file, of, self._scopes(draft, heads))
        root = outer.root(outer_secret(self.key, self.seal, seq))
        header = Header(FORM, SUITE, self.seal, seq, self.at, root, one.inner)
        self.size, self.seal = seq, header.seal
        heads.move(EntryPlace(seq, self.at, self.seal, draft.kind), file, of, draft.of_firm)
        row = {
            "seq": seq, "form": FORM, "suite": SUITE, "before": header.before, "at": self.at,
            "actor": draft.actor, "kind": outer.kind, "file": draft.file,
            "outer": root, "facts": outer.text, "root": one.inner, "seal": self.seal,
        }  # fmt: skip
        return row, outer

    def _scopes(self, draft: Draft, heads: Heads) -> dict[str, bool]:
        """By fund whether the entry is in its scope."""
        every = draft.kind in FOR_EVERY_FUND
        return {
            fund: every or draft.bank in banks or fund == draft.fund or self._is_shared(draft, heads, fund)
            for fund, banks in self.funds.items()
        }

    def _is_shared(self, draft: Draft, heads: Heads, fund: str) -> bool:
        """Whether the entry is about a loan that is open and was drawn when the bank, which left since, shared it."""
        file = heads.files.get(draft.file or "")
        if file is None or file.settled or not self.settings.was_of(fund, draft.bank):
            return False
        drawn = select(ENTRIES.c.facts).where(ENTRIES.c.file == file.id, ENTRIES.c.kind == Kind.DRAWDOWN.value)
        rows: Iterable[bytes | None] = self.connection.execute(drawn).scalars()
        return any(facts is not None and Outer.from_text(facts).scopes.get(fund, False) for facts in rows)

    def _set_head(self, *, resumes: bool) -> None:
        turn = self.turn
        resumed = (turn.resumed, turn.resumed_clock, turn.resumed_last)
        if resumes:
            resumed = (self.size, time_text(turn.clock), turn.at)
        told = dict(zip(_HEAD, (self.size, self.seal, self.at, self.opening, *resumed), strict=True))
        if self.begun:
            _SET_HEAD.run(self.connection, [told])
        else:
            _FIRST_HEAD.run(self.connection, [told | {"id": 1}])
        self.begun = True

    def _day(self) -> date:
        return datetime.fromisoformat(self.at).astimezone(self.settings.zone).date()
