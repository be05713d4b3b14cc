"""How often a client may ask: counted over all processes, with few words to the database."""

import asyncio
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import ColumnElement, Connection, Engine, event, func, literal, select

from service.access.rate_limits import RATE_LIMITS, RateLimiter, forget_idle
from service.edge.database import writing_apart
from service.edge.errors import DatabaseAway, TooMany
from service.ledger.opening import open_database


class Clock:
    """A clock that a test moves, for the process and for the database."""

    def __init__(self) -> None:
        self.now = 1000.0

    def monotonic(self) -> float:
        """The process's."""
        return self.now

    def database(self, _connection: Connection) -> ColumnElement[float]:
        """The database's."""
        return literal(self.now)


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An empty ledger on either database."""
    opened = open_database(database)
    yield opened
    opened.dispose()


@pytest.fixture
def clock() -> Clock:
    """At some moment."""
    return Clock()


@pytest.fixture
def process(engine: Engine, clock: Clock) -> Callable[[float], RateLimiter]:
    """The limiter of another process, with so many requests a second."""
    return lambda per_second: RateLimiter(engine, "caller", per_second, clock.database, clock.monotonic)


def taken(limit: RateLimiter, client: str, most: int) -> int:
    """How many requests of so many are let through before one is refused."""
    for number in range(most):
        try:
            asyncio.run(limit.take(client))
        except TooMany:
            return number
    return most


def test_a_client_that_asks_too_often_waits(process: Callable[[float], RateLimiter], clock: Clock) -> None:
    """Each client has a bucket of its own, refilled as time goes by."""
    limit = process(5)
    assert taken(limit, "one", 20) == 10
    assert taken(limit, "two", 1) == 1
    clock.now += 0.2
    assert taken(limit, "one", 20) == 1
    clock.now += 60
    assert taken(limit, "one", 20) == 10


def test_processes_share_one_bucket(process: Callable[[float], RateLimiter], clock: Clock) -> None:
    """Whichever process a client asks, it gets no more than one would give."""
    one, other = process(20), process(20)
    found = [0, 0]
    for _ in range(100):
        for place, limit in enumerate((one, other)):
            found[place] += taken(limit, "client", 1)
    assert sum(found) == 40
    assert min(found) > 0
    clock.now += 1.0
    assert taken(one, "client", 100) + taken(other, "client", 100) == 20


def test_groups_are_counted_apart(engine: Engine, clock: Clock) -> None:
    """A stranger who calls himself like a caller spends nothing of the caller's."""
    strangers = RateLimiter(engine, "stranger", 2, clock.database, clock.monotonic)
    callers = RateLimiter(engine, "caller", 2, clock.database, clock.monotonic)
    assert taken(strangers, "name", 9) == 4
    assert taken(callers, "name", 9) == 4


def test_the_database_is_asked_a_few_times_a_second(
    engine: Engine, process: Callable[[float], RateLimiter], clock: Clock
) -> None:
    """A quarter of a second's tokens are fetched at once; refusals ask it no more than the rate."""
    asked: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *told: asked.append(str(told[2])))
    limit = process(200)
    assert taken(limit, "busy", 400) == 400
    writes = [statement for statement in asked if "rate_limits" in statement]
    assert len(writes) == 8
    for _ in range(1000):
        assert taken(limit, "busy", 1) == 0
    assert len([statement for statement in asked if "rate_limits" in statement]) == 9
    clock.now += 0.004  # less than one token: the process knows without asking
    assert taken(limit, "busy", 1) == 0
    assert len([statement for statement in asked if "rate_limits" in statement]) == 9


def test_unused_tokens_are_no_savings(process: Callable[[float], RateLimiter], clock: Clock) -> None:
    """What a process fetched and did not spend is worth nothing once the bucket has been refilled without it."""
    one, other = process(20), process(20)
    assert taken(one, "client", 1) == 1
    clock.now += 60
    assert taken(other, "client", 100) == 40
    assert taken(one, "client", 100) == 0


def test_without_the_database_each_process_counts_alone(
    process: Callable[[float], RateLimiter], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client is still held to its rate, and the database is left in peace for some seconds."""
    limit, asked = process(10), []

    def away(*_: object) -> float:
        asked.append(1)
        raise DatabaseAway("database_unsure")

    monkeypatch.setattr(limit, "_taken_out", away)
    granted = taken(limit, "client", 100)
    for _ in range(8):
        clock.now += 0.5
        granted += taken(limit, "client", 100)
    assert 40 <= granted <= 50
    assert len(asked) == 1


def test_buckets_that_are_full_again_are_forgotten(engine: Engine, process: Callable[[float], RateLimiter]) -> None:
    """No list grows of who ever asked."""
    limit = process(5)
    for number in range(20):
        assert taken(limit, f"client {number}", 1) == 1
    with writing_apart(engine) as connection:
        forget_idle(connection)
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(RATE_LIMITS)).scalar_one() == 0


def test_a_rate_below_one_a_second_lets_one_through(process: Callable[[float], RateLimiter], clock: Clock) -> None:
    """Once in two seconds, and no more."""
    limit = process(0.5)
    assert taken(limit, "slow", 5) == 1
    clock.now += 1.0
    assert taken(limit, "slow", 5) == 0
    clock.now += 1.1
    assert taken(limit, "slow", 5) == 1
