"""A second sight of sales: what firms declared to the tax office and what came in on their accounts.

Both follow the true sales, so that books which show more are found out. Applicants bring them with their papers.
"""

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.days import add_months, month_end
from training.world.loan_file import Book
from training.world.partition import Partition
from training.world.rows import Frames, Values

TAX, FLOWS = 0.95, 0.45
"""Shares of the applications with a year of tax filings and of account flows; assumed."""
QUARTERS, MONTHS = 4, 12
FILED_AFTER = 15
"""Days after a quarter in which it is declared."""


def sales_frames(partition: Partition, book: Book) -> Frames:
    """A year of quarterly filings and of monthly flows before most applications."""
    return {"tax_filings": _filings(partition, book), "account_flows": _flows(partition, book)}


def _filings(partition: Partition, book: Book) -> pl.DataFrame:
    """Four quarters; sales are declared near the truth, a little short of it."""
    chance, lent, quarters = partition.stream("tax filings"), book.lending, partition.world.quarters
    of = np.flatnonzero(chance.random(len(lent)) < TAX)
    last = quarters.of(lent.applied[of] - FILED_AFTER)
    of, last = of[last >= QUARTERS], last[last >= QUARTERS]
    row, back = np.repeat(np.arange(len(of)), QUARTERS), np.tile(np.arange(QUARTERS), len(of))
    firm, quarter = lent.firm[of][row], last[row] - back
    near = 0.99 * np.exp(0.02 * _steady(chance, partition, firm))
    columns: dict[str, Values] = {
        "period_end": quarters.ends()[quarter],
        "months": np.full(len(row), 3),
        "sales": np.round(partition.books.flows["revenue"][firm, quarter] * near),
    }
    said = ("document", "synthetic tax filings")
    return partition.sheet.rows("tax_filings", firm, lent.applied[of][row], said, columns)


def _steady(chance: np.random.Generator, partition: Partition, firm: Ints) -> "np.typing.NDArray[np.float64]":
    """A standard normal number of each firm, the same in all of its rows."""
    found: np.typing.NDArray[np.float64] = chance.standard_normal(len(partition.firms))[firm]
    return found


def _flows(partition: Partition, book: Book) -> pl.DataFrame:
    """Twelve months; what comes in is sales with tax, less what is paid in notes or on accounts that are not shown."""
    chance, lent, quarters = partition.stream("account flows"), book.lending, partition.world.quarters
    of = np.flatnonzero(chance.random(len(lent)) < FLOWS)
    row, back = np.repeat(np.arange(len(of)), MONTHS), np.tile(np.arange(1, MONTHS + 1), len(of))
    firm, end = lent.firm[of][row], month_end(add_months(lent.applied[of][row], -back))
    sales = partition.books.flows["revenue"][firm, quarters.of(end)] / 3
    shown = np.clip(0.97 + 0.14 * _steady(chance, partition, firm), 0.25, 1.2)
    related = np.where(_steady(chance, partition, firm) > 1.3, 0.15, 0.01)
    inflow = np.round(sales * shown * np.exp(0.15 * chance.standard_normal(len(row))))
    columns: dict[str, Values] = {
        "month_end": end,
        "inflow": inflow,
        "related_inflow": np.round(inflow * related),
    }
    said = ("document", "synthetic account statements")
    return partition.sheet.rows("account_flows", firm, lent.applied[of][row], said, columns)
