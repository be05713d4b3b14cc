"""What one process of several does alone: the one that holds a lease, until a moment of the database's clock.

A holder renews its lease; where it dies, another takes it when it has run out. Work that must not be done twice renews
the lease inside its own transaction: until that commits, nobody else can take it. A lease proves nothing afterwards: it
is not evidence.
"""

import logging
import secrets
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, delete, literal_column, select
from sqlmodel import Field, SQLModel

from service.edge.database import upsert, writing_apart
from service.edge.errors import Refused
from service.edge.process import Worker

log = logging.getLogger("pledgescore")

HOUSEKEEPING = "housekeeping"
"""Signing checkpoints, closing months, asking the registry: whatever a clock asks for, and not a person."""
SECONDS = 15.0
"""For how long a lease is taken: so long nobody does the work of a holder that died."""
CHORES_SECONDS = 60.0
_PRESENT = "worker "
"""Begins the name of the lease by which a process tells that it lives."""


Chore = Callable[[Connection], None]


class LeaseRecord(SQLModel, table=True):
    """Who holds a lease, and until which second since 1970 of the database's clock."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    holder: str
    until: float


LEASES = SQLModel.metadata.tables["leases"]


@dataclass(frozen=True)
class HeldLease:
    """A lease that has not run out: its holder, and for how many seconds it still holds."""

    holder: str
    seconds: float


def database_clock(connection: Connection) -> ColumnElement[float]:
    """Seconds since 1970 by the database's own clock: the one that all processes share."""
    if connection.dialect.name == "sqlite":
        return literal_column("((julianday('now') - 2440587.5) * 86400.0)")
    return literal_column("extract(epoch from clock_timestamp())::float")


def take(connection: Connection, name: str, holder: str, seconds: float = SECONDS) -> bool:
    """Take a lease, or go on holding it; False where another holds it. In one statement, so no two can."""
    now = database_clock(connection)
    wanted = upsert(connection, LEASES).values(name=name, holder=holder, until=now + seconds)
    free = (LEASES.c.holder == holder) | (LEASES.c.until < now)
    told = {"holder": wanted.excluded.holder, "until": wanted.excluded.until}
    taken = wanted.on_conflict_do_update(index_elements=["name"], set_=told, where=free)
    return connection.execute(taken.returning(LEASES.c.holder)).first() is not None


def held(connection: Connection, name: str = HOUSEKEEPING) -> HeldLease | None:
    """Who holds a lease now; None where nobody does."""
    now = database_clock(connection)
    wanted = select(LEASES.c.holder, (LEASES.c.until - now).label("left"))
    found = connection.execute(wanted.where(LEASES.c.name == name, LEASES.c.until >= now)).one_or_none()
    return None if found is None else HeldLease(found.holder, found.left)


def present(connection: Connection) -> list[str]:
    """The processes that use the database now, by the name of their holder."""
    now = database_clock(connection)
    of_workers = LEASES.c.name.startswith(_PRESENT, autoescape=True)
    return sorted(connection.execute(select(LEASES.c.holder).where(of_workers, LEASES.c.until >= now)).scalars())


class Housekeeper:
    """Tells that this process lives, and takes the lease of housekeeping where nobody holds it."""

    def __init__(self, engine: Engine, worker: Worker, chores: Sequence[Chore] = (), seconds: float = SECONDS) -> None:
        """`chores` are done every minute by whoever holds the lease."""
        self.holder = f"{worker.number}-{secrets.token_hex(4)}"
        """The name of this process: its number among its like, and what tells it from another start."""
        self._engine, self._chores, self._seconds = engine, (forget_gone, *chores), seconds
        self._chores_at = 0.0
        self._sure_until = 0.0
        self._stop = threading.Event()
        self._keeper: threading.Thread | None = None

    @property
    def holds(self) -> bool:
        """Whether this process holds the lease of housekeeping, as far as it can know without asking."""
        return time.monotonic() < self._sure_until

    def look(self) -> bool:
        """Renew what this process holds, and take the lease where it is free; whether it is held now."""
        asked = time.monotonic()
        try:
            with writing_apart(self._engine) as connection:
                take(connection, _PRESENT + self.holder, self.holder, self._seconds)
                mine = take(connection, HOUSEKEEPING, self.holder, self._seconds)
        except Refused as away:
            log.warning("leases: %s", away)
            return self.holds
        if mine != self.holds:
            log.info("housekeeping is done by %s", self.holder if mine else "another process")
        self._sure_until = asked + self._seconds if mine else 0.0
        return mine

    def renew(self, connection: Connection) -> bool:
        """Go on holding the lease in the transaction of what is done under it; False where another holds it by now."""
        if take(connection, HOUSEKEEPING, self.holder, self._seconds):
            return True
        self._sure_until = 0.0
        return False

    def start(self) -> None:
        """Look three times within the time of a lease, in a thread of its own."""
        self._keeper = threading.Thread(target=self._keep, name="leases", daemon=True)
        self._keeper.start()

    def close(self) -> None:
        """Stop, and let another process take over at once."""
        self._stop.set()
        if self._keeper is not None:
            self._keeper.join()
        self._sure_until = 0.0
        try:
            with writing_apart(self._engine) as connection:
                connection.execute(delete(LEASES).where(LEASES.c.holder == self.holder))
        except Refused as away:
            log.warning("leases: %s", away)

    def _keep(self) -> None:
        while not self._stop.is_set():
            if self.look() and time.monotonic() >= self._chores_at:
                self._do_chores()
            self._stop.wait(self._seconds / 3)

    def _do_chores(self) -> None:
        self._chores_at = time.monotonic() + CHORES_SECONDS
        try:
            with writing_apart(self._engine) as connection:
                for chore in self._chores:
                    chore(connection)
        except Refused as away:
            log.warning("leases: %s", away)


def forget_gone(connection: Connection) -> None:
    """Remove the leases of processes that have been gone for a minute."""
    connection.execute(delete(LEASES).where(LEASES.c.until < database_clock(connection) - CHORES_SECONDS))
