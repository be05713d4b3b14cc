"""Which books count: the latest year's statement of each case, and those of the years before.

The latest year is the borrower's own (parent) books before the group's, the statutory set before the tax set before the
bank's, for twelve months, ending within the freshness that policy allows. A nine-month column is never read as a year,
and a change is only taken against the same scope and basis ending about a year (or two) earlier.
"""

import numpy as np

from features.arrays import Floats, Ints
from features.asof import Known, derived
from features.grouped import Rows

FRESH = "freshness_days.statements_annual"
_SCOPES = np.array([0.0, 1.0, 2.0])  # parent, group, not told: the debtor is the legal person
_BASES = np.array([0.0, 1.0, 2.0, 3.0])  # statutory, tax, bank, not told: books made for the bank flatter
_SLACK = 45.0  # days by which a period's end may differ from the anniversary: 52/53-week years


class Books:
    """Items of the latest year's statement of each case, and of those one and two years before."""

    def __init__(self, known: Known) -> None:
        self.rows: Rows = known.statements
        self.annual = self.rows.months == 12
        self.latest = self._latest(known)
        self._places = {0: self.latest}
        self._held: dict[tuple[str, int], Floats] = {}

    def item(self, name: str, years_ago: int = 0) -> Floats:
        """An item per case; NaN where there is no such statement or it does not state the item."""
        if (name, years_ago) not in self._held:
            self._held[name, years_ago] = self.rows.at(name, self.place(years_ago))
        return self._held[name, years_ago]

    def place(self, years_ago: int) -> Ints:
        """The place of the statement among the known rows; -1 where there is none."""
        if years_ago not in self._places:
            self._places[years_ago] = self._earlier(years_ago)
        return self._places[years_ago]

    def _latest(self, known: Known) -> Ints:
        rows = self.rows
        if not len(rows):
            return rows.last()
        fresh_from = known.as_of - known.policy(FRESH).along(known.as_of)
        keep = self.annual & (rows.period_end >= fresh_from[rows.case])
        for rank in (_SCOPES[rows.codes("scope")], -rows.period_end, _BASES[rows.codes("basis")]):
            keep = keep & (rank == rows.smallest(rank, keep)[rows.case])
        return rows.last(keep)

    def _earlier(self, years_ago: int) -> Ints:
        rows, latest = self.rows, self.latest
        if not len(rows):
            return latest
        days = rows.period_end[latest][rows.case] - rows.period_end
        scope, basis = rows.codes("scope"), rows.codes("basis")
        same = (scope == scope[latest][rows.case]) & (basis == basis[latest][rows.case])
        near = np.abs(days - 365.25 * years_ago) <= _SLACK
        return rows.last(self.annual & same & near & (latest >= 0)[rows.case])


@derived
def books(known: Known) -> Books:
    """The latest year's statement of each case and those before it."""
    return Books(known)
