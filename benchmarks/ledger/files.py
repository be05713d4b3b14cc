"""Four processes that append to one loan file, and to four different ones, in turns, on both databases.

    python -m benchmarks.ledger.files [--entries 400] [--turns 3]

Each entry is a turn of its own. All processes begin together, and the clock runs until the last is done. Afterwards the
chain is verified. Writes its section of docs/benchmarks.md.
"""

import argparse
import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from multiprocessing.synchronize import Barrier
from statistics import median

from benchmarks import page
from service.edge.database import connect_to, in_turn
from service.ledger.append import append
from service.ledger.opening import open_database
from service.ledger.verification import verify
from tests.service.ledger.tampering import draft
from tests.service.postgres import Server

ONE, DIFFERENT = (1, 1, 1, 1), (1, 3, 5, 7)
"""Drafts, one for each process: about one loan file, and about four."""


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, default=400, help="of each process")
    asked.add_argument("--turns", type=int, default=3)
    told = asked.parse_args()
    section = "\n".join(report(told.entries, told.turns))
    print(section)
    page.write(section)


def report(entries: int, turns: int) -> Iterator[str]:
    """The lines of the section."""
    yield "## One loan file and several"
    yield ""
    yield f"`python -m benchmarks.ledger.files --entries {entries} --turns {turns}`; four processes, each entry a turn"
    yield "of its own; the two take turns, medians. Asked: one file at least 0.9 of different ones."
    yield ""
    yield "| database | one file, entries/s | different files, entries/s | one to different | chain |"
    yield "|---|---:|---:|---:|---|"
    server = Server(durable=True)
    try:
        with tempfile.TemporaryDirectory(prefix="files") as folder:
            for name, url in (("SQLite", f"sqlite:///{folder}/ledger.db"), ("PostgreSQL", server.ledger("files"))):
                yield _row(name, url, entries, turns)
    finally:
        server.close()


def _row(name: str, url: str, entries: int, turns: int) -> str:
    engine = open_database(url)
    pairs = [(_rate(url, ONE, entries), _rate(url, DIFFERENT, entries)) for _ in range(turns)]
    with engine.connect() as connection:
        found = verify(connection)
    engine.dispose()
    one, different = (median(rates) for rates in zip(*pairs, strict=True))
    ratio = median(first / second for first, second in pairs)
    chain = "broken" if found.bad_seq is not None else f"{found.verified:,} verified"
    return f"| {name} | {one:,.0f} | {different:,.0f} | {ratio:.2f} | {chain} |"


def _rate(url: str, numbers: Sequence[int], entries: int) -> float:
    """Entries a second of as many processes as there are drafts."""
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(len(numbers) + 1)
    started = [context.Process(target=_append, args=(url, number, entries, together)) for number in numbers]
    for process in started:
        process.start()
    together.wait()
    since = time.perf_counter()
    together.wait()
    seconds = time.perf_counter() - since
    for process in started:
        process.join()
    return len(numbers) * entries / seconds


def _append(url: str, number: int, entries: int, together: Barrier) -> None:
    engine = connect_to(url)
    together.wait()
    for _ in range(entries):
        in_turn(engine, lambda connection: append(connection, [draft(number)]))
    together.wait()
    engine.dispose()


if __name__ == "__main__":
    main()
