"""One command: a page of 50 loan files among 20,000, beside the bare query that fetches its rows, on both databases.

    python -m benchmarks.loan_files [--files 20000]

*Page*: what a list answers, with names opened and officers named. *Bare*: the same columns by the same conditions. Both
take turns in the same run, so that whatever else the machine does weighs on both alike; the median of each is told in
milliseconds of processor time of this process, which leaves out PostgreSQL's own.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from statistics import median

from sqlalchemy import Connection, Engine, insert, select

from service.access.roles import Reach
from service.assessing.loan_file_index import LOAN_FILES, locked_names
from service.edge.database import connect_to, in_turn
from service.ledger.contents import new_keys
from service.ledger.migrations import upgrade
from service.loan_files.listing import FileFilter, listed
from tests.service.postgres import OWNER, Server

TURNS = 60
REACH = Reach(frozenset({"bank-1"}))
TODAY = date(2026, 11, 20)
FILTERS = {
    "all of a bank": FileFilter(),
    "what waits": FileFilter(states=("to_review", "to_approve")),
    "what is due": FileFilter(states=("to_review",), due_before=TODAY),
    "far down": FileFilter(cursor=2_000),
}
STATES = ("draft", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw", "drawn", "closed")


def rows(files: int) -> Iterator[dict[str, object]]:
    """Made-up rows of loan files of two banks."""
    chance = Random(1)
    for n in range(1, files + 1):
        yield {
            "id": f"{n:032x}", "bank": f"bank-{1 + n % 2}", "branch": "b1", "firm": f"row:{n % 5_000}",
            "application": f"a{n}", "legal_name": f"试验企业{n % 5_000}有限公司", "advice": "recommend",
            "asked": 300_000_000, "advised": 300_000_000, "advised_months": 36, "binding": "asked",
            "assessment": f"s{n}", "newest": f"s{n}", "state": chance.choice(STATES), "turn": 1, "round": 0,
            "amount": 300_000_000, "term_months": 12, "level": 2, "signatures": 0, "waives": "", "released": 0,
            "drawn": 0, "due_on": (TODAY + timedelta(days=chance.randrange(-20, 20))).isoformat(),
            "provisional": False, "head": f"{n:064x}", "seq": n, "at": "2026-11-20T04:00:00.000000Z",
        }  # fmt: skip


def fill(connection: Connection, files: int) -> None:
    """Enter the rows, names under the firms' keys."""
    made = list(rows(files))
    new_keys(connection, {str(one["firm"]) for one in made})
    for start in range(0, files, 1_000):
        connection.execute(insert(LOAN_FILES), locked_names(connection, made[start : start + 1_000]))


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
