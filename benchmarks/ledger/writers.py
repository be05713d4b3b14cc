"""One process of a run: eight clients that each write, wait until it is on the disk, and write again.

    python -m benchmarks.ledger.writers URL MODE SECONDS FIRST

It says `ready` and begins at the time that it is told on standard input. MODE `ledger`: each client hands its entry in;
one thread hashes what waits, another enters it in one turn, as the service does; `bare`: each inserts one row of the
same bytes and commits it. Prints one JSON object: what was acknowledged, and its latencies.
"""

import gc
import json
import queue
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from sqlalchemy import Engine, insert

from benchmarks.ledger.entries import BARE, draft_of, row_of
from features.policy import shipped
from service.assessing.micro_batcher import BEING_RECORDED
from service.commands.worker import SWITCH_SECONDS, YOUNG_OBJECTS
from service.edge.database import connect_to, in_turn
from service.edge.errors import Busy
from service.ledger.append import Draft, Prepared, append, prepare

CLIENTS, TOGETHER = 8, 32


@dataclass(frozen=True)
class _Waiting:
    draft: Draft
    done: "Future[int]" = field(default_factory=Future)


class Ledger:
    """A process's way to the ledger, as in the service: one thread takes whoever waits and hashes, another writes."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.line: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self.writer = ThreadPoolExecutor(1)
        self.being_written = threading.Semaphore(BEING_RECORDED)
        self.thread = threading.Thread(target=self._hash)
        self.thread.start()

    def write(self, number: int) -> None:
        """One entry, on the disk when this returns."""
        waiting = _Waiting(draft_of(number))
        self.line.put(waiting)
        waiting.done.result()

    def close(self) -> None:
        """Write what waits, and stop."""
        self.line.put(None)
        self.thread.join()
        self.writer.shutdown()

    def _hash(self) -> None:
        while self.being_written.acquire() and (first := self.line.get()) is not None:
            batch = [first, *self._others()]
            self.writer.submit(self._write, batch, [prepare(one.draft) for one in batch])

    def _write(self, batch: list[_Waiting], ready: list[Prepared]) -> None:
        try:
            sealed = in_turn(self.engine, lambda connection: append(connection, ready))
        except Exception as error:
            for one in batch:
                one.done.set_exception(error)
        else:
            for one, entry in zip(batch, sealed, strict=True):
                one.done.set_result(entry.seq)
        finally:
            self.being_written.release()

    def _others(self) -> Iterator[_Waiting]:
        for _ in range(min(TOGETHER - 1, self.line.qsize())):
            if (more := self.line.get()) is not None:
                yield more


class Bare:
    """Whoever keeps no ledger: each client inserts its row and commits."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def write(self, number: int) -> None:
        """One row, on the disk when this returns; a SQLite that others hold for too long is asked again."""
        while True:
            try:
                with self.engine.execution_options(writes=True).begin() as connection:
                    connection.execute(insert(BARE), row_of(number))
            except Busy:
                continue
            else:
                return

    def close(self) -> None:
        """Nothing waits."""


def main() -> None:
    """Run as the command line says."""
    url, mode, seconds, first = sys.argv[1:]
    engine = connect_to(url)
    writer = Ledger(engine) if mode == "ledger" else Bare(engine)
    latencies: list[float] = []
    acknowledged: list[int] = []
    prepare(draft_of(0)), row_of(0), shipped()  # read before the clock runs: samples, dictionary and policy
    with engine.connect():
        """The first connection is made."""
    sys.setswitchinterval(SWITCH_SECONDS)  # as the service does: who writes must not wait for those who hash
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 50)
    print("ready", flush=True)
    start = float(sys.stdin.readline())
    end = start + float(seconds)

    def client(place: int) -> None:
        number = int(first) + place
        time.sleep(max(0.0, start - time.time()))
        while time.time() < end:
            began = time.perf_counter()
            writer.write(number)
            latencies.append(time.perf_counter() - began)
            acknowledged.append(number)
            number += CLIENTS

    clients = [threading.Thread(target=client, args=(place,)) for place in range(CLIENTS)]
    for one in clients:
        one.start()
    for one in clients:
        one.join()
    writer.close()
    engine.dispose()
    print(json.dumps({"acknowledged": acknowledged, "latencies": latencies, "seconds": time.time() - start}))


if __name__ == "__main__":
    main()
