"""The credit reports of the persons who control the firms of a batch."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats
from features.grouped import Rows
from features.lazy import lazy


@dataclass(frozen=True)
class PersonReports:
    """The newest credit report of each controller of each case.

    `controllers`: how many there are. `newest`: the rows of their newest reports.
    """

    controllers: Floats
    newest: Bools
    rows: Rows
    as_of: Floats
    usable_days: Floats

    @lazy
    def missing(self) -> Bools:
        """Whether some controller was never queried."""
        found: Bools = (self.rows.count(self.newest) < self.controllers) | (self.controllers == 0)
        return found

    @lazy
    def authorised(self) -> Bools:
        """The rows that were authorised by the day of the query."""
        found: Bools = self.newest & (self.rows.authorised_on <= self.rows.queried_on)
        return found

    @lazy
    def not_authorised(self) -> Bools:
        """Whether some report was got without the person's authorisation: it is not read."""
        return self.rows.any(self.newest & ~self.authorised)

    @lazy
    def queried_on(self) -> Floats:
        """The day of the oldest of them."""
        return self.rows.smallest(self.rows.queried_on, self.newest)

    @lazy
    def age(self) -> Floats:
        """The age of the oldest of them in days."""
        return self.as_of - self.queried_on

    @lazy
    def usable(self) -> Bools:
        """Whether what they do not show may be relied on."""
        found: Bools = self.age <= self.usable_days
        return found

    def _told(self, name: str) -> Floats:
        """A column of the rows: what is adverse at any age, what is clean only while it is usable."""
        rows, values = self.rows, self.rows.numbers(name)
        fresh = self.as_of[rows.case] - rows.queried_on <= self.usable_days[rows.case]
        return np.where(self.authorised & ((values > 0) | fresh), values, np.nan)

    def worst(self, name: str) -> Floats:
        """The largest figure of any controller."""
        return self.rows.largest(self._told(name), self.newest)

    def total(self, name: str) -> Floats:
        """The figures of all controllers together."""
        return self.rows.total(self._told(name), self.newest)

    @lazy
    def not_told(self) -> Bools:
        """Whether one of them leaves out what a clean report must tell."""
        names = ("non_performing", "written_off", "overdue", "worst_months", "months_overdue")
        left_out = np.isnan([self._told(name) for name in names]).any(axis=0)
        return self.rows.any(self.newest & left_out)
