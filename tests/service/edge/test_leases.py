"""The lease of housekeeping: one process holds it, another takes it within its time, and work under it is done once."""

import threading
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, insert, select

from service.edge import database as edge_database
from service.edge.database import writing, writing_apart
from service.edge.leases import HOUSEKEEPING, LEASES, Housekeeper, database_clock, held, present, take
from service.edge.process import Worker
from service.ledger.opening import open_database

SECONDS = 0.875


@pytest.fixture
def engine(database: str) -> Iterator[Engine]:
    """An empty ledger on either database."""
    opened = open_database(database)
    yield opened
    opened.dispose()


def housekeeper(engine: Engine, number: int) -> Housekeeper:
    """One of two processes."""
    return Housekeeper(engine, Worker(number, 2), seconds=SECONDS)


def test_one_holds_and_the_other_waits(engine: Engine) -> None:
    """Both tell that they live; the first to come housekeeps, as every process can read."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    assert (one.look(), other.look(), one.look()) == (True, False, True)
    assert (one.holds, other.holds) == (True, False)
    with engine.connect() as connection:
        lease = held(connection)
        assert lease is not None
        assert lease.holder == one.holder
        assert 0 < lease.seconds <= SECONDS
        assert present(connection) == sorted([one.holder, other.holder])


def test_the_other_takes_over_when_the_time_has_run_out(engine: Engine) -> None:
    """Whoever died renews nothing: nobody needs to be told."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    began = time.monotonic()  # before the first look: the lease counts from its statement, not from its commit
    assert one.look()
    while not other.look():
        assert time.monotonic() - began < 10 * SECONDS
        time.sleep(0.05)
    assert time.monotonic() - began >= SECONDS / 2
    assert not one.holds
    assert not one.look()


def test_whoever_stops_in_good_order_gives_it_back(engine: Engine) -> None:
    """The other need not wait, and nothing is left of the first."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    one.look()
    one.close()
    assert other.look()
    with engine.connect() as connection:
        assert present(connection) == [other.holder]


def test_a_lease_is_kept_by_looking(engine: Engine) -> None:
    """In a thread of its own, for longer than the lease."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    one.start()
    try:
        until = time.monotonic() + 3 * SECONDS
        while not one.holds:
            assert time.monotonic() < until
        while time.monotonic() < until:
            assert not other.look()
            time.sleep(0.1)
    finally:
        one.close()


def test_nobody_takes_a_lease_from_under_a_transaction_that_renewed_it(engine: Engine) -> None:
    """Work that renews the lease in its own transaction has it to the end, however long it takes."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    assert one.look()
    tries: list[bool] = []

    def try_to_take() -> None:
        tries.extend(other.look() for _ in range(3))

    with writing(engine) as connection:
        time.sleep(SECONDS + 0.1)  # it has run out, and nobody took it yet
        assert one.renew(connection)
        thread = threading.Thread(target=try_to_take)
        thread.start()
        time.sleep(0.3)
    thread.join()
    assert tries == [False, False, False]
    with engine.connect() as connection:
        lease = held(connection)
    assert lease is not None
    assert lease.holder == one.holder


def test_who_lost_a_lease_learns_it_before_the_work_is_done(engine: Engine) -> None:
    """A process that was held up for too long finds another in its place, and does nothing."""
    one, other = housekeeper(engine, 1), housekeeper(engine, 2)
    assert one.look()
    time.sleep(SECONDS + 0.1)
    assert other.look()
    with writing(engine) as connection:
        assert not one.renew(connection)
    assert not one.holds


def test_many_who_take_at_once_are_one(engine: Engine) -> None:
    """However many ask in the same moment, one statement gives the lease to one of them."""
    taken: list[str] = []
    ready = threading.Barrier(8)

    def ask(holder: str) -> None:
        ready.wait()
        with writing_apart(engine) as connection:
            if take(connection, HOUSEKEEPING, holder):
                taken.append(holder)

    threads = [threading.Thread(target=ask, args=(f"h{number}",)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == 1


def test_the_clock_is_the_databases(engine: Engine) -> None:
    """In seconds since 1970, with fractions, on either database."""
    with engine.connect() as connection:
        first = connection.execute(select(database_clock(connection))).scalar_one()
        time.sleep(0.05)
        second = connection.execute(select(database_clock(connection))).scalar_one()
    assert abs(first - time.time()) < 5
    assert 0.01 < second - first < 5 or second > first


def test_chores_are_done_by_the_holder_alone(engine: Engine) -> None:
    """Leases of processes that are long gone are removed, with whatever else is to be tidied."""
    done: list[str] = []
    one = Housekeeper(engine, Worker(1, 2), [lambda _: done.append("one")], SECONDS)
    other = Housekeeper(engine, Worker(2, 2), [lambda _: done.append("other")], SECONDS)
    with writing_apart(engine) as connection:
        connection.execute(insert(LEASES), {"name": "worker gone", "holder": "gone", "until": 1.0})
    assert one.look()
    other.start()
    one.start()
    try:
        until = time.monotonic() + 10
        while not done:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        other.close()
        one.close()
    assert done == ["one"]
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(LEASES)).scalar_one() == 0


def test_what_is_written_apart_leaves_the_connection_as_it_was(
    engine: Engine, durable_pragmas: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ledger's own transactions stay on the disk when they commit, on the same connections."""
    if engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL takes it for the transaction alone")
    monkeypatch.setattr(edge_database, "PRAGMAS", durable_pragmas)
    engine.dispose()  # connections from here on are set up so
    with writing_apart(engine) as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 1
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar_one() == 2
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar_one() == 10_000
