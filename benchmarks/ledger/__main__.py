"""One command: the ledger on both databases, each beside bare inserts of the same bytes, in the same run.

    python -m benchmarks.ledger [--seconds 60] [--processes 1 4] [--beside COMMIT]

Processes of eight clients each. *Ledger*: leaves hashed, contents compressed and locked under the firm's key, sealed
and committed, inside the clock; leaves and answer come as texts, as the service hands them in. *Bare*: as many writers
that each insert one row of the bytes as stored and commit. Both wait until the disk has it (`synchronous=FULL`,
`synchronous_commit=on`, `fsync=on`), and take turns of some seconds, so that whatever else the machine does weighs on
both alike. Afterwards every acknowledged entry is looked for in the ledger and the chain is verified. `--beside` runs
the same benchmark of another commit right after, with its own code. Writes its section of docs/benchmarks.md.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson

from benchmarks import page
from benchmarks.checkouts import Checkout, checkouts
from benchmarks.ledger.entries import BARE, FILE, entry_bytes, write_samples
from service.edge.database import connect_to, in_turn
from service.ledger.append import open_ledger
from service.ledger.contents import content_of, entries_with_keys
from service.ledger.kinds import Kind
from service.ledger.migrations import upgrade
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from tests.service.postgres import OWNER, ROLE, Server

ROUND = 10.0
"""How many seconds each side writes before it is the other's turn."""
LEAST = 0.5
"""What the ledger's rate is asked to be at least, of the bare inserts'."""
APART, PER_ROUND = 100_000_000, 1_000_000
"""How far apart the numbers of two processes, and of two turns of a process, are."""


@dataclass
class Run:
    """What 32 writers did in all their turns: seconds, latencies in seconds, and what was acknowledged."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Entries a second."""
        return len(self.acknowledged) / self.seconds

    @property
    def figures(self) -> str:
        """Rate, median and 99th percentile of the latencies (ms) as cells."""
        p50, p99 = np.percentile(np.array(self.latencies) * 1e3, [50, 99])
        return f"{self.rate:,.0f} | {p50:.1f} | {p99:.1f}"


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--seconds", type=float, default=60.0)
    asked.add_argument("--processes", type=int, nargs="+", default=[1, 4])
    asked.add_argument("--beside", nargs="+", default=[], metavar="COMMIT", help="measure these commits too")
    told = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="ledger") as folder, checkouts(told.beside) as commits:
        section = "\n".join(report(Path(folder), told.seconds, told.processes, commits))
    print(section)
    page.write(section)


def report(folder: Path, seconds: float, processes: Sequence[int], commits: Sequence[Checkout]) -> Iterator[str]:
    """The lines of the section."""
    os.environ[FILE] = str(folder / "samples")
    write_samples(folder / "samples")
    yield "## The ledger"
    yield ""
    turn, cores, load = min(ROUND, seconds), os.cpu_count(), os.getloadavg()[0]
    yield f"`python -m benchmarks.ledger --seconds {seconds:g}`; processes of 8 clients on {cores} cores (load before:"
    yield f"{load:.1f}); entries of {entry_bytes():.0f} KiB as stored (50 patents). Hashing, compressing, sealing and"
    yield "locking lie inside the clock, writing an answer's leaves as texts does not; *bare* is one insert and commit"
    yield "per row of these bytes, as durable."
    yield f"The two take turns of {turn:g} s, so that whatever else the machine does weighs on both. Asked: {LEAST}."
    yield ""
    columns = ("entries/s", "p50 ms", "p99 ms", "bare inserts/s", "p50 ms", "p99 ms", "ledger to bare")
    yield f"| commit | processes | database | {' | '.join(columns)} | acknowledged, found once | chain |"
    yield "|---|---:|---|---:|---:|---:|---:|---:|---:|---:|---|---|"
    server = Server(durable=True)
    try:
        for many in processes:
            file = f"sqlite:///{folder / f'ledger-{many}.db'}"
            yield f"| this | {many} {measured('SQLite', file, file, seconds, many)}"
            name = f"ledger{many}"
            server.execute("postgres", f"CREATE DATABASE {name}")
            yield f"| this | {many} {measured('PostgreSQL', server.url(name, OWNER), server.url(name), seconds, many)}"
    finally:
        server.close()
    for other in commits[1:]:
        told = other.run("python", "-m", "benchmarks.ledger", "--seconds", seconds, environment={"TMPDIR": str(folder)})
        yield from (
            f"| {other.name} | 4 {line}" for line in told.splitlines() if re.match(r"\| (SQLite|Postgre)", line)
        )


def measured(name: str, owner: str, url: str, seconds: float, processes: int) -> str:
    """The cells of one database."""
    engine = connect_to(owner)
    upgrade(engine, role="" if owner == url else ROLE)
    BARE.metadata.create_all(engine)
    in_turn(engine, open_ledger)  # as the service does before it serves
    if owner != url:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"GRANT ALL ON bare TO {ROLE}")
    engine.dispose()
    bare, ledger = Run(), Run()
    turns = max(1, round(seconds / ROUND))
    for turn in range(turns):
        for mode, whole in (("bare", bare), ("ledger", ledger)):
            run(url, mode, seconds / turns, turn, whole, processes)
    found, chain = checked(url, ledger.acknowledged)
    return f"| {name} | {ledger.figures} | {bare.figures} | {ledger.rate / bare.rate:.2f} | {found} | {chain} |"


def run(url: str, mode: str, seconds: float, turn: int, whole: Run, processes: int) -> None:
    """A turn of processes that begin together, added to the whole; nothing counts that was not acknowledged."""
    command = [sys.executable, "-m", "benchmarks.ledger.writers", url, mode, str(seconds)]
    firsts = [place * APART + turn * PER_ROUND for place in range(1, processes + 1)]
    started = [
        subprocess.Popen([*command, str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE) for first in firsts
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()  # it is ready
    start = b"%.3f\n" % (time.time() + 0.2)
    for process in started:
        assert process.stdin is not None
        process.stdin.write(start)
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in started]
    whole.seconds += max(part["seconds"] for part in told)
    whole.latencies += [one for part in told for one in part["latencies"]]
    whole.acknowledged += [number for part in told for number in part["acknowledged"]]


def checked(url: str, acknowledged: Sequence[int]) -> tuple[str, str]:
    """How many of the acknowledged stand in the ledger exactly once, and what verifying says."""
    engine = connect_to(url)
    asked = entries_with_keys().where(ENTRIES.c.kind == Kind.ASSESSMENT.value)
    with (
        engine.connect() as connection,
        connection.execute(asked.execution_options(yield_per=100)) as entries,
    ):
        held = Counter(int(orjson.loads(content_of(connection, entry).answer or b"")["id"]) for entry in entries)
    with engine.connect() as connection:
        verdict = verify(connection)
    engine.dispose()
    once = sum(held[number] == 1 for number in acknowledged)
    chain = f"{verdict.verified:,} verified" if verdict.bad_seq is None else f"entry {verdict.bad_seq}: {verdict.fault}"
    return f"{once:,} of {len(acknowledged):,}", chain


if __name__ == "__main__":
    main()
