"""What whoever may write finds: where the ledger ends, and which time it is.

The time of an entry is drawn inside the turn, so that times fall in the order of the entries: of PostgreSQL it is the
database's clock, of SQLite that of the machine. It is never below the time before.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Connection, func, select, true

from service.edge.errors import Refused
from service.edge.statements import DriverStatement
from service.ledger.canonical import time_text
from service.ledger.ledger_settings import LedgerSettings, settings_of
from service.ledger.monotonic import AHEAD_AT_MOST
from service.ledger.seal import NOTHING_BEFORE
from service.ledger.tables import HEAD, LEDGER_KEYS
from service.ledger.wrapping import wrapping_of

BEHIND_AT_MOST = timedelta(seconds=5)
"""By how much the clock may stand behind the entry before: processes on one machine differ by less."""
CAUGHT_UP = timedelta(seconds=1)
"""By how much the entries since a resumption may have gone on while the clock still stands behind."""
TICK = timedelta(microseconds=1)
OUTER = "outer"
"""The name of the key from which the secrets of outer leaves follow."""


class _HeadRow(NamedTuple):
    """The head row, each null where there is none, between the clock (of the database, else a mere 1) and the key."""

    clock: datetime | int
    size: int | None
    seal: str | None
    at: str | None
    opening: int | None
    resumed: int | None
    resumed_clock: str | None
    resumed_last: str | None
    material: bytes | None


class ClockWrong(Refused):
    """The clock stands too far behind the last entry, or has run away: nothing is entered until two persons resume."""

    status, problem = HTTPStatus.SERVICE_UNAVAILABLE, "clock-wrong"


@dataclass(frozen=True)
class Turn:
    """The ledger as its head row tells it, and the clock.

    `resumed_clock`, `resumed_last`: what the clock said at the last resumption, and the time of the entry before it.
    `key`: of the outer secrets; empty before there is an opening entry.
    """

    size: int
    seal: str
    at: str | None
    opening: int | None
    resumed: int | None
    resumed_clock: str | None
    resumed_last: str | None
    clock: datetime
    key: bytes

    @property
    def last(self) -> datetime | None:
        """The time of the last entry."""
        return None if self.at is None else datetime.fromisoformat(self.at)

    @property
    def behind(self) -> timedelta:
        """By how much the clock stands behind the last entry; negative where it does not."""
        return timedelta() if self.last is None else self.last - self.clock


def turn_of(connection: Connection) -> Turn:
    """What the head row tells, and the clock of the settings."""
    settings = settings_of(connection)
    of_database = connection.dialect.name == "postgresql" and not settings.simulated
    (found,) = _query(clock=of_database).rows(connection, _HeadRow)
    clock = (found.clock if isinstance(found.clock, datetime) else settings.clock()).astimezone(UTC)
    key = b"" if found.material is None else wrapping_of(connection).opened(found.material, place_of(OUTER))
    resumed = (found.resumed, found.resumed_clock, found.resumed_last)
    return Turn(found.size or 0, found.seal or NOTHING_BEFORE, found.at, found.opening, *resumed, clock, key)


def place_of(name: str) -> str:
    """Where a key of the ledger lies, as it is wrapped."""
    return f"{LEDGER_KEYS.name}/{name}"


def next_time(turn: Turn, settings: LedgerSettings) -> str:
    """The time of the next entry. Raises `ClockWrong`."""
    last = turn.last
    if settings.simulated:
        return time_text(turn.clock if last is None else max(turn.clock, last))
    check_clock(turn, settings)
    return resumed_time(turn, settings)


def resumed_time(turn: Turn, settings: LedgerSettings) -> str:
    """The time of the next entry whatever the clock did: not below the one before."""
    settings.guard.drawn(turn.clock, turn.resumed)
    if turn.last is not None and turn.behind > timedelta():
        return time_text(turn.last + TICK)
    return time_text(turn.clock)


def check_clock(turn: Turn, settings: LedgerSettings) -> None:
    """Raises `ClockWrong` where the clock stands too far behind the last entry, or ran ahead of the monotonic one."""
    if settings.simulated:
        return
    if turn.behind > BEHIND_AT_MOST and not _catches_up(turn):
        raise ClockWrong("clock_behind", seconds=round(turn.behind.total_seconds()), at=turn.at)
    ahead = settings.guard.ahead(turn.clock, turn.resumed)
    if ahead > AHEAD_AT_MOST:
        raise ClockWrong("clock_ahead", seconds=round(ahead.total_seconds()))


def _catches_up(turn: Turn) -> bool:
    """Whether the clock stands behind no more than it was found right at the last resumption, and since then."""
    if turn.resumed_clock is None or turn.resumed_last is None or turn.last is None:
        return False
    until = datetime.fromisoformat(turn.resumed_last) + CAUGHT_UP
    return turn.last <= until and turn.clock >= datetime.fromisoformat(turn.resumed_clock) - BEHIND_AT_MOST


@cache
def _query(*, clock: bool) -> DriverStatement:
    """A `_HeadRow`, with PostgreSQL's clock where that is asked."""
    one = select(func.clock_timestamp().label("clock") if clock else true().label("clock")).subquery()
    joined = one.outerjoin(HEAD, HEAD.c.id == 1).outerjoin(LEDGER_KEYS, LEDGER_KEYS.c.name == OUTER)
    columns = (HEAD.c[name] for name in _HeadRow._fields[1:-1])
    return DriverStatement(select(one.c.clock, *columns, LEDGER_KEYS.c.material).select_from(joined))
