"""Whose application a bank of the world takes, and how much its officer lets a firm ask for: published rules.

A file is opened for firms in profit (a city's rules of patent loans: two years in business, a profit, a patent that is
worked) whose sales are three times all bank credit (a bank's rules of 2010). Both were read in secondary texts. Few of
the others are heard; how many is assumed.
"""

import numpy as np

from features.arrays import Bools, Floats, Ints
from training.world.firms import true_margin
from training.world.partition import Partition

SALES_TO_CREDIT = 3.0
"""Times that a year's sales are all bank credit, the loan asked for included (ABC Ningbo, 2010)."""
LEAST_ASKED = 1e7
"""The least that anybody asks for, in fen."""
OTHERS_HEARD = 0.30
"""Share of the firms whose application is taken all the same; assumed."""
_QUARTERS = 4


def earns(partition: Partition, firm: Ints, on: Ints) -> Bools:
    """Whether firms were in profit over the four quarters before days."""
    now = partition.world.quarters.of(on)
    quarters = np.maximum(now[:, None] - np.arange(_QUARTERS), 0)
    profit = true_margin(partition.firms.industry[firm], partition.firms.paths[0, firm[:, None], quarters])
    return np.asarray(profit.mean(axis=1) > 0)


def room(partition: Partition, firm: Ints, on: Ints) -> Floats:
    """What firms may still borrow by the sales that they show, in fen: a third of them less their debt, at least 0."""
    books, at = partition.books, (firm, partition.world.quarters.of(on))
    sales = _QUARTERS * books.flows["revenue"][at] * (1 + books.overstated[firm])
    debt = sum(books.levels[name][at] for name in ("short_term_debt", "long_term_due", "long_term_debt"))
    return np.maximum(sales / SALES_TO_CREDIT - debt, 0.0)


def fits(partition: Partition, firm: Ints, on: Ints) -> Bools:
    """Whether firms meet these rules on days."""
    return earns(partition, firm, on) & (room(partition, firm, on) >= LEAST_ASKED)


def taken(partition: Partition, firm: Ints, on: Ints, luck: Floats) -> Bools:
    """Who has a file opened; `luck`: uniform chance of each, the same whenever the firm asks."""
    return fits(partition, firm, on) | (luck < OTHERS_HEARD)


def sized(partition: Partition, firm: Ints, on: Ints, wanted: Ints, most: float) -> Ints:
    """What firms ask for of the amounts wanted, in fen: within a product's `most` and within their room, in steps."""
    left = room(partition, firm, on)
    bound = np.minimum(most, np.where(left < LEAST_ASKED, np.inf, left))
    step = np.where(bound < 1e8, 1e6, 1e7)
    asked: Ints = np.minimum(wanted, np.floor(bound / step) * step).astype(np.int64)
    return asked
