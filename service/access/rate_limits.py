"""How often one client may ask, over all processes: a bucket of tokens each in the database, refilled as time goes by.

A process fetches a quarter of a second's tokens at once and spends them without asking anybody; where there are none it
refuses by itself until one could be there. So a client costs the database four short writes a second at most, however
often it asks.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Engine, case, delete, literal
from sqlmodel import Field, SQLModel
from starlette.concurrency import run_in_threadpool

from service.edge.database import upsert, writing_apart
from service.edge.errors import Refused, TooMany
from service.edge.leases import database_clock

FETCHED_SECONDS = 0.25
"""For how many seconds of its rate a client's tokens are fetched at once."""
KEPT_SECONDS = 2.0
"""After so long fetched tokens are worth nothing: by then the bucket is full again without them."""
ALONE_SECONDS = 5.0
"""For how long a process counts by itself after the database could not be asked."""
IDLE_SECONDS = 60.0
MOST_CLIENTS = 50_000
"""Clients that a process remembers; those that were idle longest are forgotten first."""


class RateLimitRecord(SQLModel, table=True):
    """The tokens that a client has left at a second of the database's clock, and how many were granted last."""

    __tablename__ = "rate_limits"

    client: str = Field(primary_key=True)
    tokens: float
    at: float
    granted: float


RATE_LIMITS = SQLModel.metadata.tables["rate_limits"]


@dataclass
class _Share:
    """What a process may spend of a client's bucket, and until when; `refused`: there is nothing until then."""

    tokens: float
    until: float
    refused: bool


class RateLimiter:
    """So many requests a second for each client of a group, twice as many at once after a rest."""

    def __init__(
        self,
        engine: Engine,
        group: str,
        per_second: float,
        clock: Callable[[Connection], ColumnElement[float]] = database_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`group` keeps clients of one kind from those of another; the clocks are the database's and the process's."""
        self._engine, self._group, self._per_second = engine, group, per_second
        self._clock, self._monotonic = clock, monotonic
        self._most = max(1.0, 2 * per_second)
        self._at_once = max(1.0, per_second * FETCHED_SECONDS)
        self._shares: dict[str, _Share] = {}
        self._alone_until = float("-inf")
        self._own_again: dict[str, float] = {}
        self._lock, self._fetching = threading.Lock(), threading.Lock()

    async def take(self, client: str) -> None:
        """Count a request of the client. Raises `TooMany`."""
        if not self._spent(client):
            await run_in_threadpool(self.take_now, client)

    def take_now(self, client: str) -> None:
        """Count a request of the client, and ask the database where none of its tokens is here. Raises `TooMany`."""
        with self._fetching:
            while not self._spent(client):
                self._keep(client, self._fetched(client))

    def _spent(self, client: str) -> bool:
        """Whether a token that is here was spent. Raises `TooMany` where it is known that there is none anywhere."""
        with self._lock:
            share = self._shares.get(client)
            if share is None or self._monotonic() >= share.until:
                return False
            if share.refused:
                raise TooMany("too_many", per_second=f"{self._per_second:g}")
            if share.tokens < 1:
                return False
            share.tokens -= 1
            return True

    def _keep(self, client: str, granted: float) -> None:
        now, refused = self._monotonic(), granted < 1
        seconds = 1 / self._per_second if refused else KEPT_SECONDS
        with self._lock:
            before = self._shares.pop(client, None)
            spare = 0.0 if before is None or refused or now >= before.until else before.tokens
            if len(self._shares) >= MOST_CLIENTS:
                del self._shares[next(iter(self._shares))]
            self._shares[client] = _Share(spare + granted, now + seconds, refused)

    def _fetched(self, client: str) -> float:
        """Tokens taken out of the client's bucket; 0 where there is not a whole one."""
        if self._monotonic() < self._alone_until:
            return self._own(client)
        try:
            with writing_apart(self._engine) as connection:
                return self._taken_out(connection, f"{self._group} {client}")
        except Refused:
            self._alone_until = self._monotonic() + ALONE_SECONDS
            return self._own(client)

    def _own(self, client: str) -> float:
        """What this process grants by itself where the database cannot be asked: the rate, with no rest saved up."""
        now = self._monotonic()
        if now < self._own_again.get(client, now):
            return 0.0
        granted = max(1.0, self._per_second)
        if len(self._own_again) >= MOST_CLIENTS:
            self._own_again.clear()
        self._own_again[client] = now + granted / self._per_second
        return granted

    def _taken_out(self, connection: Connection, client: str) -> float:
        now, row = self._clock(connection), RATE_LIMITS.c
        refilled = row.tokens + (now - row.at) * self._per_second
        there = case((refilled > self._most, literal(self._most)), (now < row.at, row.tokens), else_=refilled)
        granted = case((there > self._at_once, literal(self._at_once)), else_=there)
        full = upsert(connection, RATE_LIMITS).values(
            client=client, tokens=self._most - self._at_once, at=now, granted=self._at_once
        )
        told = {"tokens": there - granted, "at": now, "granted": granted}
        statement = full.on_conflict_do_update(index_elements=["client"], set_=told, where=there >= 1)
        return connection.execute(statement.returning(row.granted)).scalar_one_or_none() or 0.0


def forget_idle(connection: Connection) -> None:
    """Remove the buckets that nobody took from for a minute: they are full again."""
    connection.execute(delete(RATE_LIMITS).where(RATE_LIMITS.c.at < database_clock(connection) - IDLE_SECONDS))
