"""As known on the day: the only reader of raw rows, and the view of them that features are computed from.

`as_known` picks for every case the rows of its firm that were known by its day, the latest correction of each fact, in
one canonical order. So the order of the rows cannot matter, rows of the future are invisible, and a batch of cases is
the cases one by one.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar, cast

import numpy as np

from features.arrays import Bools, Floats, Ints, run_ends
from features.days import plus_months
from features.encoded import Tables
from features.grouped import Rows
from features.lazy import lazy
from features.norms import Norms
from features.policy import Policy
from features.tables import TABLES

T = TypeVar("T")


@dataclass(frozen=True)
class Case:
    """One question about one firm on one day, asked by a bank about one application (if any)."""

    case: str
    firm: str
    as_of: date
    application: str | None = None
    bank: str | None = None
    branch: str | None = None


@dataclass
class Known:
    """What was known: of each case, the rows of its firm as they stood on its day.

    Tables are attributes (`known.patents.filed_on`). `as_of`, `firm`, `bank` and `application` have one entry per case.
    """

    cases: Sequence[Case]
    tables: Tables
    norms: Norms
    policy: Policy
    _rows: dict[str, Rows] = field(default_factory=dict)
    _asked: dict[str, Bools] = field(default_factory=dict)
    _months_ago: dict[int, Floats] = field(default_factory=dict)
    _derived: dict[Hashable, object] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.cases)

    def __getattr__(self, name: str) -> Rows:
        if name.startswith("_") or name not in TABLES:
            raise AttributeError(f"there is no table {name}")
        self.__dict__[name] = rows = self.rows(name)  # found at once the next time
        return rows

    @lazy
    def as_of(self) -> Floats:
        """The day of each case."""
        return np.array([c.as_of.toordinal() for c in self.cases], dtype=np.float64)

    @lazy
    def firm(self) -> Ints:
        """The code of each case's firm in the domain `firm`."""
        return self.tables.words("firm").codes(c.firm for c in self.cases)

    @lazy
    def bank(self) -> Ints:
        """The code of the bank that asks; -1 where none is named, or none of the rows names it."""
        return self.tables.words("bank").codes(c.bank for c in self.cases)

    @lazy
    def application(self) -> Ints:
        """The code of the application that the case is about; -1 where none."""
        return self.tables.words("application").codes(c.application for c in self.cases)

    def asked(self, table: str) -> Bools:
        """Whether a source was asked about the table, or rows of it are known: only then is nothing *none*."""
        if table not in self._asked:
            self._asked[table] = self.rows(table).any() | self.covered(table)
        return self._asked[table]

    def covered(self, table: str) -> Bools:
        """Whether a row of coverage says that a source was asked about the table, and answered in full."""
        coverage, about = self.coverage, self.tables.words("about").code(table)
        if about < 0:
            return np.zeros(len(self), dtype=bool)
        return coverage.any((coverage.codes("about") == about) & (coverage.complete != 0.0))

    def months_before(self, months: Floats) -> Floats:
        """The day so many calendar months before each case's day, where the number differs by case."""
        return plus_months(self.as_of, -months)

    def months_ago(self, months: int) -> Floats:
        """The day so many calendar months before each case's day (after it, if negative)."""
        if months not in self._months_ago:
            self._months_ago[months] = plus_months(self.as_of, -months)
        return self._months_ago[months]

    def rows(self, name: str) -> Rows:
        """The known rows of a table."""
        if name not in self._rows:
            case, row = self._known_rows(name)
            self._rows[name] = Rows(self.tables, TABLES[name], case, row, len(self))
        return self._rows[name]

    def once(self, make: Callable[["Known"], T]) -> T:
        """`make(self)`, computed once for all features that share it."""
        if make not in self._derived:
            self._derived[make] = make(self)
        return cast(T, self._derived[make])

    def forget(self) -> None:
        """Let go of what was derived."""
        self._derived.clear()

    def _known_rows(self, name: str) -> tuple[Ints, Ints]:
        tables = self.tables
        if not tables.height(name):
            nothing = np.empty(0, dtype=np.int64)
            return nothing, nothing
        order = tables.order(name)
        firms = tables.codes(name, "firm")[order]
        first = firms.searchsorted(self.firm, side="left")
        size = firms.searchsorted(self.firm, side="right") - first
        size[self.firm < 0] = 0
        case = np.arange(len(self)).repeat(size)
        place = np.arange(len(case)) + (first - size.cumsum() + size).repeat(size)
        row = order[place]
        known = tables.numbers(name, "known_on")[row] <= self.as_of[case]
        case, row = case[known], row[known]
        keep = self._latest_of_key(name, case, row)
        keep &= tables.numbers(name, "withdrawn")[row] != 1.0
        return case[keep], row[keep]

    def _latest_of_key(self, name: str, case: Ints, row: Ints) -> Bools:
        return run_ends(case, *(self.tables.column(name, column)[row] for column in TABLES[name].key))


def as_known(tables: Tables, cases: Sequence[Case], norms: Norms, policy: Policy) -> Known:
    """What was known about each case's firm on the case's day."""
    return Known(cases, tables, norms, policy)


def derived(make: Callable[[Known], T]) -> Callable[[Known], T]:
    """An intermediate result that several features share: computed once for a `Known`."""

    def shared(known: Known) -> T:
        return known.once(make)

    shared.__name__, shared.__doc__ = make.__name__, make.__doc__
    return shared
