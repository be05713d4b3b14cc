"""How much room an entry takes in each database, by table: over the demonstration's applicants, or others.

    python -m benchmarks.ledger.room mlruns/demo [--applicants 1000]

Indices count with their table. The bound is asked of the sum, models and templates (kept once) aside.
"""

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from benchmarks.ledger.demonstration import applicants, assessor_of, questions
from tests.service.postgres import Server

KILO = 1_000
MOST = 24 * KILO
"""Bytes of database an entry may take."""
ONCE = "stored_artifacts"
_SQLITE = """SELECT coalesce(m.tbl_name, s.name), sum(s.pgsize)
FROM dbstat s LEFT JOIN sqlite_schema m USING (name) GROUP BY 1"""
_POSTGRESQL = "SELECT relname, pg_total_relation_size(relid) FROM pg_stat_user_tables"


def room(connection: Connection) -> dict[str, int]:
    """Bytes by table."""
    query = _POSTGRESQL if connection.dialect.name == "postgresql" else _SQLITE
    return {name: int(size) for name, size in connection.execute(text(query))}


def by_table(demonstration: Path, database: str, many: int) -> dict[str, float]:
    """Bytes an entry takes, by table."""
    assessor = assessor_of(demonstration, database)
    with assessor.engine.connect() as connection:
        before = defaultdict(int, room(connection))
    recorded = sum(len(assessor.answer(batch)) for batch in questions(applicants(demonstration, many)))
    with assessor.engine.connect() as connection:
        return {name: (size - before[name]) / recorded for name, size in room(connection).items() if name != ONCE}


def report(demonstration: Path, many: int) -> Iterator[str]:
    """The lines for both databases."""
    with tempfile.TemporaryDirectory() as folder:
        yield from lines("SQLite", by_table(demonstration, f"sqlite:///{folder}/ledger.db", many), many)
    server = Server()
    try:
        yield from lines("PostgreSQL", by_table(demonstration, server.ledger("room"), many), many)
    finally:
        server.close()


def lines(name: str, found: dict[str, float], many: int) -> Iterator[str]:
    """The sum of a database, and its largest tables."""
    largest = sorted(found.items(), key=lambda one: -one[1])[:5]
    told = ", ".join(f"{table} {size / KILO:.2f}" for table, size in largest)
    yield f"{name}: {sum(found.values()) / KILO:.1f} kB an entry over {many:,} (asked: {MOST / KILO:.0f}); {told}"


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("demonstration", type=Path)
    asked.add_argument("--applicants", type=int, default=1_000)
    wanted = asked.parse_args()
    for line in report(wanted.demonstration, wanted.applicants):
        print(line, flush=True)
