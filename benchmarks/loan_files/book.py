"""A made-up book of loan files of two banks, as rows of the table that lists and inboxes read."""

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random

from sqlalchemy import Connection, insert

from service.assessing.loan_file_index import LOAN_FILES, locked_names
from service.ledger.contents import new_keys

TODAY = date(2026, 11, 20)
STATES = ("draft", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw", "drawn", "closed")


def rows(files: int) -> Iterator[dict[str, object]]:
    """Made-up rows of loan files of two banks."""
    chance = Random(1)
    for n in range(1, files + 1):
        yield {
            "id": f"{n:032x}", "bank": f"bank-{1 + n % 2}", "branch": "b1", "firm": f"row:book-{n % 5_000}",
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
    new_keys(connection, {(str(one["firm"]), str(one["bank"])) for one in made})
    for start in range(0, files, 1_000):
        connection.execute(insert(LOAN_FILES), locked_names(connection, made[start : start + 1_000]))
