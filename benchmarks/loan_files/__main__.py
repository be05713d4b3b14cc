"""One command: a page of 50 loan files among 20,000, beside the bare query that fetches its rows, on both databases.

    python -m benchmarks.loan_files [--files 20000]

*Page*: what a list answers, with names opened and officers named. *Bare*: the same columns by the same conditions. Both
take turns in the same run, so that whatever else the machine does weighs on both alike; the median of each is told in
milliseconds of processor time of this process, which leaves out PostgreSQL's own.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from sqlalchemy import Connection, Engine, select

from benchmarks.loan_files.book import TODAY, fill
from service.access.roles import Reach
from service.assessing.loan_file_index import LOAN_FILES
from service.edge.database import connect_to, in_turn
from service.ledger.migrations import upgrade
from service.loan_files.listing import FileFilter, listed
from tests.service.postgres import OWNER, Server

TURNS = 60
REACH = Reach(frozenset({"bank-1"}))
FILTERS = {
    "all of a bank": FileFilter(),
    "what waits": FileFilter(states=("to_review", "to_approve")),
    "what is due": FileFilter(states=("to_review",), due_before=TODAY),
    "far down": FileFilter(cursor=2_000),
}


def bare(connection: Connection, wanted: FileFilter) -> int:
    """The rows of the page as the database gives them."""
    query = select(*LOAN_FILES.c).where(REACH.of(LOAN_FILES), *wanted.conditions())
    return len(connection.execute(query.order_by(LOAN_FILES.c.seq.desc()).limit(51)).all())


def measured(engine: Engine, wanted: FileFilter) -> tuple[float, float]:
    """The medians of page and bare query in milliseconds."""
    took: dict[str, list[float]] = {"page": [], "bare": []}
    work: dict[str, Callable[[Connection], object]] = {
        "page": lambda connection: listed(connection, REACH, wanted, 50, TODAY),
        "bare": lambda connection: bare(connection, wanted),
    }
    with engine.connect() as connection:
        for _ in range(TURNS):
            for name, one in work.items():
                before = time.process_time()
                one(connection)
                took[name].append(1_000 * (time.process_time() - before))
    return median(took["page"]), median(took["bare"])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=20_000)
    files = parser.parse_args().files
    server = Server()
    try:
        with tempfile.TemporaryDirectory() as folder:
            server.execute("postgres", "CREATE DATABASE lists")
            for url in (f"sqlite:///{Path(folder) / 'lists.db'}", server.url("lists", OWNER)):
                engine = connect_to(url)
                upgrade(engine)
                in_turn(engine, lambda connection: fill(connection, files))
                for name, wanted in FILTERS.items():
                    page, own = measured(engine, wanted)
                    print(f"{engine.dialect.name:<12}{name:<16}{page:7.2f} ms  bare {own:6.2f} ms  {page / own:5.2f}")
                engine.dispose()
    finally:
        server.close()


if __name__ == "__main__":
    main()
