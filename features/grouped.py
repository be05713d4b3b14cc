"""The known rows of one table, grouped by case: sums, counts and picks per case."""

import numpy as np

from features.arrays import NOT_KNOWN, Bools, Encoded, Floats, Ints, not_known, run_ends
from features.encoded import Tables
from features.tables import Table


class Rows:
    """The known rows of one table, grouped by case: columns, and sums, counts and picks per case.

    Rows lie in order of case, then of the table's key. Columns of numbers, days and flags are attributes (NaN is not
    known), those of choices and texts are read by `codes` (-1 is not known). `case` is each row's case number. Every
    method takes an optional mask over the rows and returns one value per case.
    """

    def __init__(self, tables: Tables, table: type[Table], case: Ints, row: Ints, cases: int) -> None:
        self._tables, self._table, self._row, self.cases = tables, table, row, cases
        self.case = case
        self._codes: dict[str, Ints] = {}

    def __len__(self) -> int:
        return len(self.case)

    def __getattr__(self, name: str) -> Floats:
        if name.startswith("_"):
            raise AttributeError(name)
        held = self.__dict__[name] = self.numbers(name)  # found at once the next time
        return held

    def numbers(self, name: str) -> Floats:
        """A column of numbers, days or flags over the known rows; an attribute where no method has its name."""
        column = self._table.columns.get(name)
        if column is None or column.coded:
            raise AttributeError(f"table {self._table.name} has no column of numbers {name}")
        return self._tables.numbers(self._table.name, name)[self._row] if len(self._row) else np.empty(0)

    def codes(self, name: str) -> Ints:
        """A column of choices or texts over the known rows, as codes."""
        held = self._codes.get(name)
        if held is None:
            some = len(self._row)
            held = self._tables.codes(self._table.name, name)[self._row] if some else np.empty(0, dtype=np.int64)
            self._codes[name] = held
        return held

    def where(self, name: str, *choices: str) -> Bools:
        """The rows whose choice column holds one of the words."""
        declared = self._table.columns[name].choices
        if len(choices) == 1:
            return np.asarray(self.codes(name) == declared.index(choices[0]))
        wanted = np.zeros(len(declared) + 1, dtype=bool)  # its last place is that of -1, which is never wanted
        wanted[[declared.index(c) for c in choices]] = True
        found: Bools = wanted[self.codes(name)]
        return found

    def of_case(self, name: str, wanted: Ints) -> Bools:
        """The rows whose code is the one wanted of their case; none where that is not known."""
        sought = wanted[self.case]
        found: Bools = (self.codes(name) == sought) & (sought >= 0)
        return found

    def count(self, mask: Bools | None = None) -> Floats:
        """How many rows; 0 where there is none."""
        case = self.case if mask is None else self.case[mask]
        return np.bincount(case, minlength=self.cases).astype(np.float64)

    def any(self, mask: Bools | None = None) -> Bools:
        """Whether there is a row."""
        found: Bools = self.count(mask) > 0
        return found

    def total(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The sum of the known values, added in canonical order; NaN where no value is known."""
        keep = ~np.isnan(values) if mask is None else mask & ~np.isnan(values)
        sums = np.bincount(self.case[keep], weights=values[keep], minlength=self.cases).astype(np.float64)
        sums[np.bincount(self.case[keep], minlength=self.cases) == 0] = np.nan
        return sums

    def mean(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The mean of the known values; NaN where no value is known."""
        keep = ~np.isnan(values) if mask is None else mask & ~np.isnan(values)
        numbers = np.bincount(self.case[keep], minlength=self.cases).astype(np.float64)
        numbers[numbers == 0] = np.nan
        sums: Floats = np.bincount(self.case[keep], weights=values[keep], minlength=self.cases) / numbers
        return sums

    def share(self, part: Bools, mask: Bools | None = None) -> Floats:
        """The share of rows that are `part`; NaN where there is no row."""
        whole = self.count(mask)
        whole[whole == 0] = np.nan
        shares: Floats = self.count(part if mask is None else part & mask) / whole
        return shares

    def share_known(self, flags: Floats, mask: Bools) -> Floats:
        """The share of rows whose flag is 1 among those of which it is known; NaN where there is none."""
        return self.share(flags == 1, mask & ~np.isnan(flags))

    def largest(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The largest known value; NaN where none is known."""
        return self._extreme(np.maximum, values, mask)

    def smallest(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The smallest known value; NaN where none is known."""
        return self._extreme(np.minimum, values, mask)

    def _extreme(self, of: np.ufunc, values: Floats, mask: Bools | None) -> Floats:
        keep = ~np.isnan(values) if mask is None else mask & ~np.isnan(values)
        case, values = self.case[keep], values[keep]
        found = not_known(self.cases)
        if len(case):
            ends = np.flatnonzero(run_ends(case))
            starts = np.concatenate(([0], ends[:-1] + 1))
            found[case[ends]] = of.reduceat(values, starts)
        return found

    def last(self, mask: Bools | None = None) -> Ints:
        """The place among the known rows of each case's last row in canonical order; -1 where there is none."""
        place = np.arange(len(self.case)) if mask is None else np.flatnonzero(mask)
        found = np.full(self.cases, NOT_KNOWN, dtype=np.int64)
        found[self.case[place]] = place  # the last assignment wins, and places ascend
        return found

    def pick(self, values: Encoded, place: Ints) -> Floats:
        """`values` at `place` per case; NaN where the place is -1."""
        if not len(values):
            return not_known(len(place))
        return np.where(place >= 0, values[place].astype(np.float64, copy=False), np.nan)

    def at(self, name: str, place: Ints) -> Floats:
        """A column at a place per case; NaN where the place is -1 or the value is not known."""
        column = self._table.columns[name]
        if not len(self._row):
            return not_known(len(place))
        values = self._tables.column(self._table.name, name)[self._row[place]]
        known = (place >= 0) & (values >= 0) if column.coded else place >= 0
        return np.where(known, values, np.nan)

    def distinct(self, codes: Ints, mask: Bools | None = None) -> Floats:
        """How many different known codes."""
        keep = codes >= 0 if mask is None else mask & (codes >= 0)
        if not keep.any():
            return np.zeros(self.cases)
        width = int(codes.max()) + 1
        pairs = np.sort(self.case[keep] * width + codes[keep])
        return np.bincount(pairs[run_ends(pairs)] // width, minlength=self.cases).astype(np.float64)

    def find(self, case: Ints, code: Ints, by: str) -> Ints:
        """For each (case, code) the place of the first row with that code in `by`, a key's first column; -1 if none."""
        return self._found(case, code, by, last=False)

    def find_last(self, case: Ints, code: Ints, by: str) -> Ints:
        """The same of the last row: of the latest, where the key's second column is a day."""
        return self._found(case, code, by, last=True)

    def _found(self, case: Ints, code: Ints, by: str, last: bool) -> Ints:
        own = self.codes(by)
        if not len(own) or not len(code):
            return np.full(len(code), NOT_KNOWN, dtype=np.int64)
        width = int(max(own.max(), code.max())) + 2
        pairs, sought = self.case * width + own + 1, case * width + code + 1
        place = np.searchsorted(pairs, sought, side="right") - 1 if last else np.searchsorted(pairs, sought)
        place = np.clip(place, 0, len(pairs) - 1)
        return np.where((pairs[place] == sought) & (code >= 0), place, NOT_KNOWN)
