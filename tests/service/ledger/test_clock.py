"""Two workers on one ledger whose clock is set back and ahead by a day while they write: nothing is out of order."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import Engine, select

from service.edge.clock import system_clock
from service.edge.database import connect_to, in_turn
from service.ledger.append import append, head
from service.ledger.ledger_settings import LedgerSettings, use
from service.ledger.monotonic import MonotonicGuard
from service.ledger.resumption import NothingStopped, ask_to_resume, clock_trouble, confirm_resumption
from service.ledger.tables import ENTRIES
from service.ledger.turn import ClockWrong
from service.ledger.verification import verify
from tests.service.ledger.clock_worker import ClockedWorker
from tests.service.ledger.tampering import draft
from tests.service.postgres import OWNER, ROLE

DAY = timedelta(days=1)
ONE, OTHER = "a1" * 16, "b2" * 16
"""Two administrators."""


@dataclass
class Machine:
    """The clock that both workers see: SQLite's is the machine's, PostgreSQL's is the database's."""

    url: str
    shift: timedelta = timedelta()

    def set(self, shift: timedelta) -> None:
        """Let the clock stand so much ahead of the true one."""
        self.shift = shift
        self._tell(f"UPDATE faked.shift SET by_ = interval '{shift.total_seconds()} seconds'")

    def fake(self) -> None:
        """Let PostgreSQL's clock be one that can be set."""
        self._tell(
            "CREATE SCHEMA IF NOT EXISTS faked",
            "DROP TABLE IF EXISTS faked.shift",
            "CREATE TABLE faked.shift AS SELECT interval '0' AS by_",
            "CREATE OR REPLACE FUNCTION faked.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS "
            "'SELECT pg_catalog.clock_timestamp() + by_ FROM faked.shift'",
            f"GRANT USAGE ON SCHEMA faked TO {ROLE}",
            f"GRANT SELECT ON faked.shift TO {ROLE}",
            f"ALTER ROLE {ROLE} SET search_path = faked, public, pg_catalog",
        )

    def heal(self) -> None:
        """Let the clock be the true one again."""
        self._tell(f"ALTER ROLE {ROLE} RESET search_path", "DROP SCHEMA faked CASCADE")

    def _tell(self, *statements: str) -> None:
        if self.url.startswith("postgresql"):
            with psycopg.connect(self.url.replace(f"//{ROLE}@", f"//{OWNER}@"), autocommit=True) as connection:
                for statement in statements:
                    connection.execute(statement.encode())


@dataclass
class Writer:
    """A worker: a connection and a monotonic guard of its own. It enters without pause, and knows what it was told."""

    engine: Engine
    acknowledged: int = 0
    refusals: list[str] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    @classmethod
    def on(cls, machine: Machine) -> "Writer":
        """A worker that writes."""
        engine = connect_to(machine.url)
        use(engine, LedgerSettings(lambda: system_clock() + machine.shift, guard=MonotonicGuard()))
        writer = cls(engine)
        writer._thread = threading.Thread(target=writer._write)
        writer._thread.start()
        return writer

    def _write(self) -> None:
        while not self._stop.wait(0.002):
            try:
                in_turn(self.engine, lambda connection: append(connection, [draft(2), draft(3)]))
            except ClockWrong as wrong:
                self.refusals.append(wrong.as_faults()[0].code)
            else:
                self.acknowledged += 2

    def end(self) -> None:
        """Write no more."""
        self._stop.set()
        assert self._thread is not None
        self._thread.join()
        self.engine.dispose()


@pytest.fixture
def machine(database: str) -> Iterator[Machine]:
    """An empty ledger on either database, whose clock can be set."""
    machine = Machine(database)
    machine.fake()
    yield machine
    machine.heal()


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what must come."""
    while not holds():
        threading.Event().wait(0.005)


def size(engine: Engine) -> int:
    """How many entries there are."""
    with engine.connect() as connection:
        return head(connection)[0]


def test_a_clock_that_is_set_stops_both_workers_until_two_resume(machine: Machine) -> None:
    """Back by a day, then ahead by one: each time nothing is entered until two administrators let it go on."""
    writers = [Writer.on(machine), Writer.on(machine)]
    try:
        for shift, code in ((-DAY, "clock_behind"), (DAY, "clock_ahead")):
            before = [writer.acknowledged for writer in writers]
            wait_until(lambda before=before: all(w.acknowledged > b + 8 for w, b in zip(writers, before, strict=True)))
            for writer in writers:
                writer.refusals.clear()
            machine.set(shift)
            wait_until(lambda: all(len(writer.refusals) > 5 for writer in writers))
            assert {told for writer in writers for told in writer.refusals} == {code}
            stands = size(writers[0].engine)
            seen = [len(writer.refusals) for writer in writers]
            wait_until(lambda seen=seen: all(len(w.refusals) > n + 5 for w, n in zip(writers, seen, strict=True)))
            assert size(writers[0].engine) == stands
            with writers[0].engine.connect() as connection:
                trouble = clock_trouble(connection)  # what /readyz tells
            assert trouble is not None
            asked = ask_to_resume(writers[0].engine, "the clock was set", ONE)
            with pytest.raises(NothingStopped):
                confirm_resumption(writers[0].engine, asked.id, ONE)
            assert confirm_resumption(writers[1].engine, asked.id, OTHER).entry == stands + 1
        last = [writer.acknowledged for writer in writers]
        wait_until(lambda: all(w.acknowledged > n + 8 for w, n in zip(writers, last, strict=True)))
    finally:
        for writer in writers:
            writer.end()
    with writers[0].engine.connect() as connection:
        verdict = verify(connection)
        times = connection.execute(select(ENTRIES.c.at).order_by(ENTRIES.c.seq)).scalars().all()
    writers[0].engine.dispose()
    assert verdict.fault is None
    assert times == sorted(times)
    assert verdict.verified == 3 + sum(writer.acknowledged for writer in writers)  # the opening entry, two resumptions


def test_one_process_with_a_wrong_clock_enters_nothing_and_stops_nobody(database: str) -> None:
    """A day back, then a day ahead, in one of two processes amid load, then right again: it goes on by itself.

    SQLite's clock is the process's. PostgreSQL's is the database's: there a process's own counts for nothing.
    """
    own = database.startswith("sqlite")
    one, other = ClockedWorker(database), ClockedWorker(database)
    processes = [one.started(), other.started()]
    try:
        for seconds, code in ((-DAY.total_seconds(), b"clock_behind"), (DAY.total_seconds(), b"clock_ahead")):
            go_on(one, other)
            one.shift.value, seen = seconds, one.refused.value
            if own:
                wait_until(lambda seen=seen: one.refused.value > seen + 5)
                stands = one.acknowledged.value
                go_on(other)
                assert (one.code.value, one.acknowledged.value) == (code, stands)
            else:
                go_on(one, other)
            one.shift.value = 0.0
        go_on(one, other)
    finally:
        for worker, process in zip((one, other), processes, strict=True):
            worker.stop.set()
            process.join(60)
    assert [process.exitcode for process in processes] == [0, 0]
    assert (one.refused.value > 0, other.refused.value) == (own, 0)
    engine = connect_to(database)
    with engine.connect() as connection:
        verdict = verify(connection)
        times = connection.execute(select(ENTRIES.c.at).order_by(ENTRIES.c.seq)).scalars().all()
    engine.dispose()
    assert verdict.fault is None
    assert times == sorted(times)
    assert times[-1] < (system_clock() + DAY / 2).isoformat()
    assert verdict.verified == 1 + one.acknowledged.value + other.acknowledged.value


def go_on(*workers: ClockedWorker) -> None:
    """Wait until each has entered more."""
    before = [worker.acknowledged.value for worker in workers]
    wait_until(lambda: all(w.acknowledged.value > n + 8 for w, n in zip(workers, before, strict=True)))
