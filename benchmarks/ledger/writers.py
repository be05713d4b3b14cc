"""One process of a run: eight clients that each write, wait until it is on the disk, and write again.

    python -m benchmarks.ledger.writers URL MODE SECONDS FIRST

MODE `ledger` hands entries to the ledger's one writer of the process, which takes along whatever waits; `bare` lets
each client insert one row of the same bytes and commit it. Prints one JSON object: what was acknowledged, and its
latencies.
"""

import json
import queue
import sys
import threading
import time
from concurrent.futures import Future
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Engine, insert

from benchmarks.ledger.entries import BARE, draft_of, row_of
from service.database import connect_to, in_turn
from service.errors import Busy
from service.ledger.append import Draft, append, prepare

CLIENTS, TOGETHER = 8, 32


class Ledger:
    """What one process of the service does: one writer, which takes along what waits."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.line: queue.SimpleQueue[tuple[Draft, Future[int]] | None] = queue.SimpleQueue()
        self.thread = threading.Thread(target=self._work)
        self.thread.start()

    def write(self, number: int) -> None:
        """One entry, on the disk when this returns."""
        done: Future[int] = Future()
        self.line.put((draft_of(number, datetime.now(UTC)), done))
        done.result()

    def close(self) -> None:
        """Write what waits, and stop."""
        self.line.put(None)
        self.thread.join()

    def _work(self) -> None:
        while (first := self.line.get()) is not None:
            batch = [first]
            while len(batch) < TOGETHER and not self.line.empty():
                more = self.line.get()
                if more is None:
                    self.line.put(None)
                    break
                batch.append(more)
            self._together(batch)

    def _together(self, batch: list[tuple[Draft, "Future[int]"]]) -> None:
        try:
            ready = [prepare(draft) for draft, _ in batch]
            sealed = in_turn(self.engine, lambda connection: append(connection, ready))
        except Exception as error:
            for _, done in batch:
                done.set_exception(error)
        else:
            for (_, done), entry in zip(batch, sealed, strict=True):
                done.set_result(entry.seq)


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
    writer: Any = Ledger(engine) if mode == "ledger" else Bare(engine)
    latencies: list[float] = []
    acknowledged: list[int] = []
    start = time.time() + 1.0
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
