"""How long a ledger of form 1 takes to become one of this version, broken off twice on the way.

    python -m benchmarks.ledger.upgrade [--entries 100000] [--databases sqlite postgresql]

Entries with small bodies are written as 0.1.0 wrote them (`tests/service/form1_writer.py`). Then the clock runs:
the steps of the shape (killed once before the commit), verification of what stands, the opening entry (killed once
before the commit), verification again, and whether every row still follows from the entries. Writes its section of
docs/benchmarks.md.
"""

import argparse
import contextlib
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from sqlalchemy import Engine

from benchmarks import page
from service.commands.progress import progress_of
from service.edge.database import connect_to, in_turn
from service.ledger import append, migrations, wrapping
from service.ledger.opening import open_existing
from service.ledger.verification import verify
from service.proofs.rebuild import differences
from tests.service import form1_writer
from tests.service.postgres import OWNER, ROLE, Server

ENTRIES = 100_000
DATABASES = ("sqlite", "postgresql")


class BrokenOff(Exception):
    """The machine went down."""


def main() -> None:
    """Measure, print and write."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--entries", type=int, default=ENTRIES)
    asked.add_argument("--databases", nargs="+", choices=DATABASES, default=list(DATABASES))
    told = asked.parse_args()
    section = "\n".join(report(told.entries, told.databases))
    print(section)
    page.write(section)


def report(entries: int, databases: list[str]) -> Iterator[str]:
    """The lines of the section."""
    yield "## The upgrade of a ledger"
    yield ""
    yield f"`python -m benchmarks.ledger.upgrade --entries {entries}`; entries of form 1 with small bodies,"
    yield "broken off twice (before the commit of the steps, and of the opening entry). Seconds."
    yield ""
    columns = ("broken off", "steps", "verify", "broken off", "opening entry", "verify", "rebuild", "minutes in all")
    yield f"| database | entries | {' | '.join(columns)} | found amiss |"
    yield f"|---|---:|{'---:|' * len(columns)}---|"
    for database in databases:
        with tempfile.TemporaryDirectory(prefix="upgrade") as folder, _written(database, entries, Path(folder)) as urls:
            seconds, amiss = measured(*urls, Path(folder) / "keys")
        told = " | ".join(f"{one:,.1f}" for one in seconds)
        yield f"| {database} | {entries:,} | {told} | {sum(seconds) / 60:.1f} | {amiss} |"


@contextlib.contextmanager
def _written(database: str, entries: int, folder: Path) -> Iterator[tuple[str, str]]:
    """A ledger of form 1; the addresses for its owner and for who serves."""
    ledger = form1_writer.begin(folder / "keys")
    if database == "sqlite":
        url = form1_writer.write_sqlite(ledger, entries, folder / "ledger.db")
        yield url, url
        return
    server = Server()
    try:
        url = form1_writer.write_postgresql(ledger, entries, server, "upgraded")
        yield server.url("upgraded", OWNER), url
    finally:
        server.close()


def measured(owner: str, url: str, keys: Path) -> tuple[list[float], str]:
    """The seconds of each step, and what was found amiss."""
    seconds: list[float] = []
    role = "" if owner == url else ROLE

    @contextlib.contextmanager
    def timed() -> Iterator[None]:
        began = time.perf_counter()
        yield
        seconds.append(time.perf_counter() - began)

    def steps() -> None:
        engine = connect_to(owner)
        try:
            migrations.upgrade(engine, role=role)
        finally:
            engine.dispose()

    with timed(), _broken(migrations, "refuse_changes"):
        steps()
    with timed():
        steps()
    engine = open_existing(url)
    wrapping.use(engine, keys)
    faults = []
    with timed():
        faults.append(_fault(engine))
    with timed(), _broken(append.Writer, "_set_head"):
        in_turn(engine, append.open_ledger)
    with timed():
        in_turn(engine, append.open_ledger)
    with timed():
        faults.append(_fault(engine))
    with timed(), engine.connect() as connection, progress_of("rebuilding") as seen:
        faults += [str(one) for one in differences(connection, seen)]
    engine.dispose()
    return seconds, "; ".join(filter(None, faults)) or "nothing"


@contextlib.contextmanager
def _broken(where: object, name: str) -> Iterator[None]:
    """Whatever comes to that place ends there."""
    with contextlib.suppress(BrokenOff), mock.patch.object(where, name, side_effect=BrokenOff):
        yield


def _fault(engine: Engine) -> str:
    with engine.connect() as connection, progress_of("verifying") as seen:
        found = verify(connection, seen)
    return "" if found.bad_seq is None else f"entry {found.bad_seq}: {found.fault}"


if __name__ == "__main__":
    main()
