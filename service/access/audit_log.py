"""The audit log (存取日志): who signed in, was refused, read about firms or took something away, when and from where.

It stands apart from the ledger: no evidence of what was decided, but of who looked. The same of one minute is one row
with a count. Whoever is not signed in makes at most so many rows a minute and an hour; the rest is one row that counts,
so a flood fills no disk. Rows are entered and read alone: the database changes none, and removes none before its last
day. There is no text that a client chose in it: an account that was tried is named only where there is one.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal, get_args

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, delete, insert, literal_column, or_, select
from sqlmodel import Field, SQLModel

from service.access.roles import Reach
from service.edge.clock import system_clock
from service.edge.database import fetch_all, writing_apart
from service.edge.errors import Refused
from service.ledger.canonical import time_text
from service.ledger.ledger_settings import settings_of
from service.ledger.triggers import TODAY

log = logging.getLogger("pledgescore")

AuditKind = Literal["sign_in", "refusal", "read", "export", "pack", "account"]
KINDS: tuple[AuditKind, ...] = get_args(AuditKind)
MINUTE = 60.0
FLUSHED = 1.0
"""Seconds between writes: so much is lost where a process is killed."""
MOST_OF_ONE = 600
"""Rows a minute of one account or key; the rest of its minute is one row that counts."""
MOST_OF_STRANGERS, MOST_OF_STRANGERS_AN_HOUR = 20, 100
"""Rows a minute and an hour of whoever is nobody, of one process."""
MOST_OF_TRIED, MOST_OF_TRIED_AN_HOUR = 10, 20
"""Rows a minute and an hour about one account that others try to sign in by,"""
MOST_TRIED_AN_HOUR = 1000
"""and an hour about all of them."""
OTHERS = "others"
"""The outcome of the row that counts what found no room."""
UNKNOWN = "unknown"
"""Who is named where there is no such account."""


MOST_WAITING = 20_000
"""Rows that a process holds while the database takes none."""
_ALL_TRIED = "tried"


class AuditRecord(SQLModel, table=True):
    """A row. `who`: an account or key, or that which was tried; `at` and `until`: of the first and the last of `count`.

    `bank`: whose account it is; null of nobody's. `keep_until`: the last day on which it may not be removed.
    """

    __tablename__ = "audit_log"

    id: int | None = Field(default=None, primary_key=True)
    kind: str
    at: str
    until: str
    who: str = Field(index=True)
    bank: str | None = None
    address: str
    what: str
    about: str
    outcome: str
    count: int
    keep_until: str = Field(index=True)


AUDIT_LOG = SQLModel.metadata.tables["audit_log"]


@dataclass(frozen=True)
class AuditEvent:
    """What happened: by whom (empty: nobody), from which address, which route, about what, and how it ended.

    `known`: whether `who` is signed in, and not only tried.
    """

    kind: AuditKind
    who: str
    bank: str | None
    address: str
    what: str
    about: str
    outcome: str
    known: bool


@dataclass
class _Counted:
    """How often it happened since it was written last, when first and last, and until when the same counts as one."""

    at: str
    until: str
    count: int
    ends: float
    day: date
    written: bool = False


class AuditLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the audit log as it is told."""

    id: int
    kind: AuditKind
    at: str
    until: str
    who: str
    bank: str | None
    address: str
    what: str
    about: str
    outcome: str
    count: int


class AuditLines(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A page of the audit log, the latest first; `next` is the cursor of the page behind it."""

    items: list[AuditLine]
    next: int | None


@dataclass(frozen=True)
class AuditFilter:
    """Which rows are read; `since` and `until` are moments."""

    who: str | None = None
    kind: AuditKind | None = None
    outcome: str | None = None
    address: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    cursor: int | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """The filters as conditions of a query."""
        table = AUDIT_LOG.c
        equal = {"who": self.who, "kind": self.kind, "outcome": self.outcome, "address": self.address}
        found: list[ColumnElement[bool]] = [table[name] == one for name, one in equal.items() if one is not None]
        if self.since is not None:
            found.append(table.until >= time_text(self.since))
        if self.until is not None:
            found.append(table.at < time_text(self.until))
        if self.cursor is not None:
            found.append(table.id < self.cursor)
        return found


class AuditLog:
    """Counts what happens in this process, and writes it every second; `days`: for how long a row is kept."""

    def __init__(self, engine: Engine, days: int) -> None:
        self._engine, self._days = engine, days
        self._counted: dict[AuditEvent, _Counted] = {}
        self._of_minute: Counter[str] = Counter()
        self._of_hour: Counter[str] = Counter()
        self._minute = self._hour = 0
        self._lock, self._writing = threading.Lock(), threading.Lock()
        self._stop = threading.Event()
        self._writer: threading.Thread | None = None

    def note(self, event: AuditEvent, at: datetime) -> None:
        """Count that it happened."""
        now, moment = time.monotonic(), time_text(at)
        with self._lock:
            event = self._with_room(event, now)
            held = self._held(event, now)
            if held is None:
                day = settings_of(self._engine).day_of(at)
                self._counted[event] = _Counted(moment, moment, 1, now + MINUTE, day)
                return
            if held.count == 0:
                held.at = moment
            held.until, held.count = moment, held.count + 1

    def flush(self, *, everything: bool = False) -> None:
        """Write what was not written of each minute: the first at once, the rest when the minute is over.

        `everything`: all of it now, for whoever reads. What cannot be written is kept for the next time.
        """
        with self._writing:
            rows, taken = self._taken(everything=everything)
            if not rows:
                return
            try:
                with writing_apart(self._engine) as connection:
                    connection.execute(insert(AUDIT_LOG), rows)
            except Refused as away:
                log.warning("audit log: %s", away)
                self._put_back(taken)
            except Exception:  # whoever writes every second goes on, whatever the database says this time
                log.exception("audit log")
                self._put_back(taken)

    def listed(
        self, wanted: AuditFilter, reach: Reach, limit: int, own: Sequence[Select[tuple[str]]] = ()
    ) -> AuditLines:
        """A page of `audit_lines`, with what was noted so far."""
        self.flush(everything=True)
        with self._engine.connect() as connection:
            return audit_lines(connection, wanted, reach, limit, own)

    def start(self) -> None:
        """Write every second, in a thread of its own."""
        self._writer = threading.Thread(target=self._write, name="audit-log", daemon=True)
        self._writer.start()

    def close(self) -> None:
        """Write what is left, and stop."""
        self._stop.set()
        if self._writer is not None:
            self._writer.join()
        self.flush(everything=True)

    def _write(self) -> None:
        while not self._stop.wait(FLUSHED):
            self.flush()

    def _held(self, event: AuditEvent, now: float) -> _Counted | None:
        """What the event counts into; nothing where its minute is over and was written."""
        held = self._counted.get(event)
        if held is not None and held.count == 0 and held.ends <= now:
            del self._counted[event]
            return None
        return held

    def _with_room(self, event: AuditEvent, now: float) -> AuditEvent:
        """The event, or what it is counted with where it finds no room: the same account's others, else everybody's."""
        minute, hour = int(now // MINUTE), int(now // (60 * MINUTE))
        if minute != self._minute:
            self._minute, self._of_minute = minute, Counter()
        if hour != self._hour:
            self._hour, self._of_hour = hour, Counter()
        nobodys = AuditEvent(event.kind, "", None, "", "", "", OTHERS, known=False)
        own = replace(nobodys, who=event.who, bank=event.bank, known=event.known)
        if self._held(event, now) or (len(self._counted) < MOST_WAITING and self._room(event)):
            return event
        if len(self._counted) >= MOST_WAITING and not self._held(own, now):
            return nobodys
        if event.known or self._held(own, now) or (event.who not in {"", UNKNOWN} and self._room_for_tried()):
            return own
        return nobodys

    def _room(self, event: AuditEvent) -> bool:
        """Whether another row of whoever it is about has room."""
        tried = not event.known and event.who not in {"", UNKNOWN}
        group = event.who if event.known or tried else ""
        self._of_minute[group] += 1
        self._of_hour[group] += 1
        of_minute, of_hour = self._of_minute[group], self._of_hour[group]
        if event.known:
            return of_minute <= MOST_OF_ONE
        if tried:
            return of_minute <= MOST_OF_TRIED and of_hour <= MOST_OF_TRIED_AN_HOUR and self._room_for_tried()
        return of_minute <= MOST_OF_STRANGERS and of_hour <= MOST_OF_STRANGERS_AN_HOUR

    def _room_for_tried(self) -> bool:
        """Whether another row about any account that others try has room."""
        self._of_hour[_ALL_TRIED] += 1
        return self._of_hour[_ALL_TRIED] <= MOST_TRIED_AN_HOUR

    def _taken(self, *, everything: bool) -> tuple[list[dict[str, object]], list[tuple[AuditEvent, _Counted]]]:
        now = time.monotonic()
        with self._lock:
            due = [
                (event, _taken_out(held))
                for event, held in list(self._counted.items())
                if held.count and (everything or not held.written or held.ends <= now)
            ]
            for event, held in list(self._counted.items()):
                if held.ends <= now and held.count == 0:
                    del self._counted[event]
        return [self._row(event, one) for event, one in due], due

    def _put_back(self, taken: Iterable[tuple[AuditEvent, _Counted]]) -> None:
        with self._lock:
            for event, one in taken:
                held = self._counted.get(event)
                if held is None:
                    self._counted[event] = one
                else:
                    held.at, held.count, held.written = one.at, held.count + one.count, False
                    held.until = max(held.until, one.until)

    def _row(self, event: AuditEvent, counted: _Counted) -> dict[str, object]:
        told = {"kind": event.kind, "who": event.who, "bank": event.bank, "address": event.address}
        told |= {"what": event.what, "about": event.about, "outcome": event.outcome}
        # The clock of a demonstration may stand years back: by the database's, its rows would be old when written.
        last = max(counted.day, system_clock().date()) + timedelta(days=self._days)
        return told | {"at": counted.at, "until": counted.until, "count": counted.count, "keep_until": last.isoformat()}


def audit_lines(
    connection: Connection, wanted: AuditFilter, reach: Reach, limit: int, own: Sequence[Select[tuple[str]]]
) -> AuditLines:
    """A page of the rows of the banks within reach, and of those that belong to no bank and are about none other.

    `own`: queries of the ids that rows within reach may be about.
    """
    found = fetch_all(connection, _query(wanted, reach, own).limit(limit + 1), AuditRecord)
    lines = [_line(row) for row in found[:limit]]
    return AuditLines(lines, lines[-1].id if len(found) > limit else None)


def _query(wanted: AuditFilter, reach: Reach, own: Sequence[Select[tuple[str]]]) -> Select[*tuple[object, ...]]:
    table = AUDIT_LOG.c
    conditions = wanted.conditions()
    if reach.banks is not None:
        of_nobody = and_(table.bank.is_(None), or_(table.about == "", *(table.about.in_(one) for one in own)))
        conditions.append(or_(table.bank.in_(sorted(reach.banks)), of_nobody))
    return select(AUDIT_LOG).where(*conditions).order_by(table.id.desc())


def _taken_out(held: _Counted) -> _Counted:
    """What was counted so far, which then counts anew."""
    told = replace(held)
    held.count, held.written = 0, True
    return told


def forget_old(connection: Connection) -> None:
    """Remove rows whose last day is over, by the database's clock; before, the database lets nobody."""
    connection.execute(delete(AUDIT_LOG).where(AUDIT_LOG.c.keep_until < literal_column(TODAY)))


def _line(row: AuditRecord) -> AuditLine:
    return msgspec.convert(row, AuditLine, from_attributes=True)
