"""What the money is for: uses with their contracts, orders, projects, seasons, and plans of repayment.

As an officer would have it on the day of the application, with realistic gaps. All shares are assumed.
"""

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER, add_months
from training.world.hazard import INSTALMENTS
from training.world.loan_file import FUND, PURPOSES, Book
from training.world.partition import Partition
from training.world.people import controllers
from training.world.rows import Frames, Values, places, some, texts

TOLD = 0.99
"""Share of the applications whose uses cover the whole amount."""
SEEN = 0.92
"""Share of the uses whose contract or invoice was seen."""
FORBIDDEN, TO_RELATED = 0.006, 0.008
"""Share of the applications with a use that no loan may pay for, and of the uses that pay a related party."""
ORDERS, SEASONAL = 0.80, 0.06
"""Shares of the working-capital applications that rest on orders, and on a season."""
PLANNED = 0.80
"""Share of the loans of more than a year, repaid at the end, for which instalments were agreed."""
STEP = 6
"""Months between instalments."""
_USES = (
    ("materials", "wages"),
    ("research", "research"),
    ("equipment", "equipment"),
    ("fixed_assets", "equipment"),
    ("renewal", "renewal"),
)
"""The main and the lesser use of each purpose, in the order of `PURPOSES`."""


def purpose_frames(partition: Partition, book: Book) -> Frames:
    """Rows of all these tables."""
    return {
        "uses": _uses(partition, partition.stream("uses"), book),
        "orders": _orders(partition, partition.stream("orders"), book),
        "projects": _projects(partition, partition.stream("projects"), book),
        "instalments": _instalments(partition, partition.stream("instalments"), book),
        "seasons": _seasons(partition, partition.stream("seasons"), book),
    }


def _where(book: Book, *purposes: str) -> Bools:
    return np.isin(book.purpose, [PURPOSES.index(one) for one in purposes])


def _seen(chance: np.random.Generator, n: int, share: float, kind: str) -> pl.Series:
    """Numbers of papers that were seen; null where none was."""
    numbers = chance.integers(1, 10**9, n)
    return texts(f"SYN-{kind}-", np.where(chance.random(n) < share, numbers, NEVER), 9)


def _uses(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """One or two uses of each application; a renewal repays the loan that it renews."""
    lent, n = book.lending, len(book.lending)
    renewal = _where(book, "refinance")
    first = np.where(renewal | (chance.random(n) < 0.4), 1.0, chance.uniform(0.6, 0.9, n))
    whole = np.where(renewal | (chance.random(n) < TOLD), lent.amount, np.floor(0.8 * lent.amount))
    main = np.floor(whole * first)
    choices = np.array([places("uses", "use", *pair) for pair in _USES])[book.purpose]
    banned = places("uses", "use", "lending_on", "securities", "equity")[chance.integers(0, 3, n)]
    choices[:, 0] = np.where((chance.random(n) < FORBIDDEN) & ~renewal, banned, choices[:, 0])
    second = np.flatnonzero(whole > main)
    of = np.r_[np.arange(n), second]
    payee = texts("row:synthetic-supplier-", chance.integers(1, 10**6, len(of)), 6)
    related = (chance.random(len(of)) < TO_RELATED) & ~renewal[of]
    person = controllers(partition.sheet.keys.gather(lent.firm[of]))
    payee = pl.select(pl.when(pl.Series(related)).then(person).otherwise(payee)).to_series()
    mine = pl.Series(renewal[of])
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "use": np.r_[choices[:, 0], choices[second, 1]],
        "payee": pl.select(pl.when(~mine).then(payee)).to_series(),
        "amount": np.r_[main, (whole - main)[second]],
        "contract": texts("SYN-C", np.arange(len(of)) + 1, 8),
        "document": _seen(chance, len(of), SEEN, "DOC"),
        "repays": pl.select(pl.when(mine).then(book.renews.gather(of))).to_series(),
    }
    return partition.sheet.rows("uses", lent.firm[of], lent.applied[of], FUND, columns)


def _revenue(partition: Partition, firm: Ints, on: Ints) -> Floats:
    """A year's true sales up to the quarter before days, in fen."""
    return 4 * partition.books.flows["revenue"][firm, partition.world.quarters.of(on)]


def _orders(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """Orders that working capital is to fulfil, somewhat beyond the loan; each is paid within a month of its day."""
    lent = book.lending
    rests = _where(book, "working_capital") & (chance.random(len(lent)) < ORDERS)
    of = np.repeat(np.flatnonzero(rests), 1 + chance.integers(0, 3, int(rests.sum())))
    n = len(of)
    share = 1 / np.bincount(of, minlength=len(lent))[of]
    usual = 0.35 * _revenue(partition, lent.firm[of], lent.applied[of])
    most = np.minimum(lent.amount[of] * chance.uniform(1.2, 2.6, n), usual)
    amount = np.round(most * share, -4)
    due = lent.applied[of] + chance.integers(45, 330, n)
    columns: dict[str, Values] = {
        "order": book.application.gather(of) + texts("-O", np.arange(n) % 7 + 1),
        "buyer": texts("row:synthetic-buyer-", chance.integers(1, 10**6, n), 6),
        "signed_on": lent.applied[of] - chance.integers(5, 90, n),
        "amount": amount,
        "received": np.round(amount * chance.choice([0.0, 0.1, 0.3], n, p=[0.4, 0.3, 0.3]), -4),
        "due_on": due,
        "financed": np.where(chance.random(n) < 0.06, np.round(0.3 * amount, -4), 0.0),
        "account": chance.random(n) < 0.85,
        "document": _seen(chance, n, 0.95, "ORDER"),
    }
    paid = some(columns, np.arange(n)) | {"received": amount}
    return pl.concat([
        partition.sheet.rows("orders", lent.firm[of], lent.applied[of], FUND, columns),
        partition.sheet.rows("orders", lent.firm[of], due + chance.integers(0, 31, n), FUND, paid),
    ])  # fmt: skip


def _projects(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """The project that research, equipment or an expansion is part of: the firm pays a good part of it."""
    lent = book.lending
    invests = _where(book, "research", "equipment", "expansion") & (chance.random(len(lent)) < 0.95)
    of = np.flatnonzero(invests)
    n, research = len(of), _where(book, "research")[of]
    cost = np.round(lent.amount[of] * np.where(research, chance.uniform(1.5, 2.6, n), chance.uniform(1.35, 2.2, n)), -6)
    own = np.where(research, chance.uniform(0.15, 0.4, n), chance.uniform(0.17, 0.45, n))
    kinds = places("projects", "kind", "building", "equipment", "research")
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "project": book.application.gather(of) + "-P1",
        "kind": np.where(research, kinds[2], np.where(_where(book, "equipment")[of], kinds[1], kinds[0])),
        "cost": cost,
        "capital": np.round(cost * own, -4),
        "grants": np.where(research & (chance.random(n) < 0.3), np.round(0.1 * cost, -4), 0.0),
        "other": np.zeros(n),
        "life_months": np.where(research, NEVER, chance.choice([60, 84, 120], n)),
    }
    return partition.sheet.rows("projects", lent.firm[of], lent.applied[of], FUND, columns)


def _instalments(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """Half-yearly instalments of a tenth, the rest at the end, where a long loan would else be repaid in one sum."""
    lent = book.lending
    planned = (lent.term > 12) & (lent.repayment != INSTALMENTS) & (chance.random(len(lent)) < PLANNED)
    of = np.flatnonzero(planned)
    number = -(-lent.term[of] // STEP)
    row = np.repeat(np.arange(len(of)), number)
    place = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number) + 1
    case, last = of[row], place == number[row]
    part = np.floor(lent.amount[case] * 0.1)
    columns: dict[str, Values] = {
        "application": book.application.gather(case),
        "due_on": add_months(lent.applied[case], np.minimum(STEP * place, lent.term[case])),
        "amount": np.where(last, lent.amount[case] - part * (number[row] - 1), part),
    }
    return partition.sheet.rows("instalments", lent.firm[case], lent.applied[case], FUND, columns)


def _seasons(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """A season of some months in which a firm sells more than in the rest of the year, and holds more stock for it."""
    lent = book.lending
    of = np.flatnonzero(_where(book, "working_capital") & (chance.random(len(lent)) < SEASONAL))
    n = len(of)
    at = (lent.firm[of], partition.world.quarters.of(lent.applied[of]))
    levels, length = partition.books.levels, chance.choice([90, 120, 150], n)
    sales = _revenue(partition, lent.firm[of], lent.applied[of]) * length / 365 * chance.uniform(1.3, 1.8, n)
    profit = partition.books.flows["profit_before_tax"][at] / np.maximum(partition.books.flows["revenue"][at], 1)
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "begins_on": lent.applied[of] + chance.integers(10, 60, n),
        "days": length,
        "revenue": np.round(sales),
        "cost_of_sales": np.round(0.85 * sales),
        "profit_before_tax": np.round(profit * sales),
        "growth": np.round(0.06 + 0.05 * chance.standard_normal(n), 3),
        **{name: np.round(1.3 * levels[name][at]) for name in ("inventory", "receivables", "prepayments")},
        **{name: levels[name][at] for name in ("payables", "advances_received")},
    }
    return partition.sheet.rows("seasons", lent.firm[of], lent.applied[of], FUND, columns)
