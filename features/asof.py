"""As known on the day: the only reader of raw rows, and the view of them that features are computed from.

Raw rows become arrays once (`Tables`), then `as_known` picks for every case the rows of its firm that were known by its
day, the latest correction of each fact, in one canonical order. So the order of the rows cannot matter, rows of the
future are invisible, and a batch of cases is the cases one by one.

Numbers, days and flags are float64 with NaN for *not known*. Whole numbers stay below 2**53, so their sums are exact.
Days count from 0001-01-01 as `datetime.date.toordinal` does. Choices and texts are integer codes with -1 for not known:
a choice's code is its place in the column's list, a text's code its place in the sorted vocabulary of its domain.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from features.columns import Column
from features.days import plus_months
from features.lazy import lazy
from features.norms import Norms
from features.policy import Policy
from features.tables import TABLES, Table

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Row = Mapping[str, Any]
Texts = set[str] | pl.Series
T = TypeVar("T")

NOT_KNOWN = -1
_DAY_OF_1970 = date(1970, 1, 1).toordinal()


@dataclass(frozen=True)
class Case:
    """One question about one firm on one day, asked by a bank about one application (if any)."""

    case: str
    firm: str
    as_of: date
    application: str | None = None
    bank: str | None = None
    branch: str | None = None


class Words:
    """The vocabulary of one domain of texts: different words in order of their code points."""

    def __init__(self, ordered: list[str] | pl.Series) -> None:
        self._ordered = ordered

    def __len__(self) -> int:
        return len(self._ordered)

    @lazy
    def words(self) -> list[str]:
        """The words; a word's code is its place."""
        return list(self._ordered)

    @lazy
    def _codes(self) -> dict[str | None, int]:
        return {word: code for code, word in enumerate(self.words)}

    def code(self, word: str | None) -> int:
        """The word's code, or -1."""
        return self._codes.get(word, NOT_KNOWN)

    def codes(self, words: Iterable[str | None]) -> Ints:
        """The codes of several words."""
        codes = self._codes
        return np.array([codes.get(word, NOT_KNOWN) for word in words], dtype=np.int64)

    def codes_of(self, words: pl.Series) -> Ints:
        """The codes of a column of words."""
        coded = pl.DataFrame({"word": pl.Series(self._ordered, dtype=pl.String)}).with_row_index("code")
        sought = words.cast(pl.String).alias("word").to_frame()
        found = sought.join(coded, on="word", how="left", maintain_order="left")["code"]
        return found.cast(pl.Int64).fill_null(NOT_KNOWN).to_numpy()

    def map(self, value_of: Callable[[str], T], none: T) -> list[T]:
        """`value_of` each word in order of its code, then `none`, so that code -1 finds it."""
        return [value_of(word) for word in self.words] + [none]


class Tables:
    """Raw rows of any number of firms as columns of arrays, encoded when first read."""

    def __init__(self, sources: Mapping[str, "_Source"]) -> None:
        self._sources = sources
        self._columns: dict[tuple[str, str], npt.NDArray[Any]] = {}
        self._order: dict[str, Ints] = {}
        self._words: dict[str, Words] = {}

    @classmethod
    def from_rows(cls, rows: Mapping[str, Sequence[Row]]) -> "Tables":
        """Tables from lists of validated rows (days as `datetime.date`), by table name."""
        return cls({name: _RowSource(rows[name]) for name in TABLES if rows.get(name)})

    @classmethod
    def from_frames(cls, frames: Mapping[str, pl.DataFrame]) -> "Tables":
        """Tables from Polars frames in the schema of `features.schema`, by table name."""
        return cls({name: _FrameSource(frames[name]) for name in TABLES if name in frames and frames[name].height})

    def height(self, table: str) -> int:
        """The number of rows, known or not."""
        source = self._sources.get(table)
        return source.height if source else 0

    def words(self, domain: str) -> Words:
        """The vocabulary of a domain over all tables that use it."""
        if domain not in self._words:
            uses = [(table, column) for table, column in _uses_of_domains()[domain] if table in self._sources]
            self._words[domain] = _vocabulary([self._sources[table].texts(column) for table, column in uses])
        return self._words[domain]

    def column(self, table: str, name: str) -> npt.NDArray[Any]:
        """One encoded column over all rows of a table."""
        held = self._columns.get((table, name))
        if held is None:
            source, column = self._sources[table], TABLES[table].columns[name]
            held = self._columns[table, name] = source.encode(
                column, self.words(column.domain) if column.kind == "text" else None
            )
        return held

    def order(self, table: str) -> Ints:
        """Row numbers by firm, key and day known; rows alike in all of these by their whole content."""
        if table not in self._order:
            self._order[table] = self._ordered(table) if self.height(table) > 1 else np.zeros(1, dtype=np.int64)
        return self._order[table]

    def _ordered(self, table: str) -> Ints:
        declared = TABLES[table]
        leading = ["firm", *declared.key, "known_on"]
        order = np.lexsort([self.column(table, c) for c in reversed(leading)])
        last = run_ends(*(self.column(table, c)[order] for c in leading))
        if not last.all():
            alike = np.flatnonzero(~last | np.concatenate(([False], ~last[:-1])))
            rows = order[alike]
            order[alike] = rows[np.lexsort([self.column(table, c)[rows] for c in _by_content(declared, leading)])]
        return order


def _by_content(table: type[Table], leading: list[str]) -> list[str]:
    """All columns, the leading ones first, as `lexsort` wants them: the first key last."""
    return [*leading, *(c for c in table.columns if c not in leading)][::-1]


def _vocabulary(texts: list[Texts]) -> Words:
    series = [found for found in texts if isinstance(found, pl.Series)]
    if len(series) == len(texts) and series:
        return Words(pl.concat(series).unique().sort())
    found: set[str] = set()
    return Words(sorted(found.union(*texts)))


@cache
def _uses_of_domains() -> dict[str, list[tuple[str, str]]]:
    uses: dict[str, list[tuple[str, str]]] = {}
    for table in TABLES.values():
        for column in table.columns.values():
            if column.kind == "text":
                uses.setdefault(column.domain, []).append((table.name, column.name))
    return uses


def run_ends(*keys: npt.NDArray[Any]) -> Bools:
    """Marks the last row of each run of rows that are alike in all keys; rows not known are alike."""
    ends = np.ones(len(keys[0]), dtype=bool)
    if len(ends) > 1:
        same = _equal(keys[0][1:], keys[0][:-1])
        for key in keys[1:]:
            same &= _equal(key[1:], key[:-1])
        np.logical_not(same, out=ends[:-1])
    return ends


def _equal(a: npt.NDArray[Any], b: npt.NDArray[Any]) -> Bools:
    same: Bools = a == b
    if a.dtype == np.float64:
        same |= np.isnan(a) & np.isnan(b)
    return same


class _Source:
    height: int

    def texts(self, name: str) -> Texts:
        raise NotImplementedError

    def encode(self, column: Column, words: Words | None) -> npt.NDArray[Any]:
        raise NotImplementedError


def _unknown(column: Column, height: int) -> npt.NDArray[Any]:
    """A column that no row states."""
    coded = column.kind in ("text", "choice")
    return np.full(height, NOT_KNOWN, dtype=np.int64) if coded else np.full(height, np.nan)


class _RowSource(_Source):
    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.height = len(rows)
        self._stated: set[str] = set().union(*rows)

    def texts(self, name: str) -> Texts:
        if name not in self._stated:
            return set()
        return {value for row in self.rows if (value := row.get(name)) is not None}

    def encode(self, column: Column, words: Words | None) -> npt.NDArray[Any]:
        name = column.name
        if name not in self._stated:
            return _unknown(column, self.height)
        values = [row.get(name) for row in self.rows]
        if words is not None:
            return words.codes(values)
        if column.kind == "choice":
            places = {word: place for place, word in enumerate(column.choices)}
            return np.array([NOT_KNOWN if v is None else places[v] for v in values], dtype=np.int64)
        if column.kind == "day":
            return np.array([np.nan if v is None else v.toordinal() for v in values], dtype=np.float64)
        return np.array(values, dtype=np.float64)


class _FrameSource(_Source):
    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.height = frame.height

    def texts(self, name: str) -> Texts:
        if name not in self.frame.columns:
            return pl.Series([], dtype=pl.String)
        return self.frame[name].cast(pl.String).drop_nulls().unique()

    def encode(self, column: Column, words: Words | None) -> npt.NDArray[Any]:
        coded = column.kind in ("text", "choice")
        if column.name not in self.frame.columns:
            return _unknown(column, self.height)
        series = self.frame[column.name]
        if words is not None:
            return words.codes_of(series)
        if coded:
            codes = series.cast(pl.String).cast(pl.Enum(column.choices)).to_physical().cast(pl.Int64)
            return codes.fill_null(NOT_KNOWN).to_numpy()
        if column.kind == "day":
            return (series.cast(pl.Date).to_physical().cast(pl.Float64) + _DAY_OF_1970).fill_null(np.nan).to_numpy()
        return series.cast(pl.Float64).fill_null(np.nan).to_numpy()


class Rows:
    """The known rows of one table, grouped by case: columns as attributes, and sums, counts and picks per case.

    Rows lie in order of case, then of the table's key. `case` is each row's case number. Every method takes an optional
    mask over the rows and returns one value per case.
    """

    def __init__(self, tables: Tables, table: type[Table], case: Ints, row: Ints, cases: int) -> None:
        self._tables, self._table, self._row, self.cases = tables, table, row, cases
        self.case = case
        self._held: dict[str, npt.NDArray[Any]] = {}

    def __len__(self) -> int:
        return len(self.case)

    def __getattr__(self, name: str) -> npt.NDArray[Any]:
        if name.startswith("_") or name not in self._table.columns:
            raise AttributeError(f"table {self._table.name} has no column {name}")
        self.__dict__[name] = held = self.column(name)  # found at once the next time
        return held

    def column(self, name: str) -> npt.NDArray[Any]:
        """A column over the known rows."""
        held = self._held.get(name)
        if held is None:
            if len(self._row):
                held = self._tables.column(self._table.name, name)[self._row]
            else:
                coded = self._table.columns[name].kind in ("text", "choice")
                held = np.empty(0, dtype=np.int64 if coded else np.float64)
            self._held[name] = held
        return held

    def where(self, name: str, *choices: str) -> Bools:
        """The rows whose choice column holds one of the words."""
        declared = self._table.columns[name].choices
        wanted = np.zeros(len(declared) + 1, dtype=bool)  # its last place is that of -1, which is never wanted
        wanted[[declared.index(c) for c in choices]] = True
        found: Bools = wanted[self.column(name)]
        return found

    def of_case(self, values: npt.NDArray[Any]) -> npt.NDArray[Any]:
        """A value per case, repeated for each of the case's rows."""
        return values[self.case]

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

    def largest(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The largest known value; NaN where none is known."""
        return self._extreme(np.maximum, values, mask)

    def smallest(self, values: Floats, mask: Bools | None = None) -> Floats:
        """The smallest known value; NaN where none is known."""
        return self._extreme(np.minimum, values, mask)

    def _extreme(self, of: np.ufunc, values: Floats, mask: Bools | None) -> Floats:
        keep = ~np.isnan(values) if mask is None else mask & ~np.isnan(values)
        case, values = self.case[keep], values[keep]
        found = np.full(self.cases, np.nan)
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

    def pick(self, values: npt.NDArray[Any], place: Ints) -> Floats:
        """`values` at `place` per case; NaN where the place is -1."""
        if not len(values):
            return np.full(len(place), np.nan)
        return np.where(place >= 0, values[place].astype(np.float64), np.nan)

    def at(self, name: str, place: Ints) -> Floats:
        """A column at a place per case; NaN where the place is -1 or the value is not known."""
        found = self.pick(self.column(name), place)
        if self._table.columns[name].kind in ("text", "choice"):
            found[found < 0] = np.nan
        return found

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
        own = self.column(by)
        if not len(own) or not len(code):
            return np.full(len(code), NOT_KNOWN, dtype=np.int64)
        width = int(max(own.max(), code.max())) + 2
        pairs, sought = self.case * width + own + 1, case * width + code + 1
        place = np.minimum(np.searchsorted(pairs, sought), len(pairs) - 1)
        return np.where((pairs[place] == sought) & (code >= 0), place, NOT_KNOWN)


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
    _derived: dict[Hashable, Any] = field(default_factory=dict)

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
            coverage, about = self.coverage, self.tables.words("about").code(table)
            told = coverage.any((coverage.about == about) & (coverage.complete != 0.0))
            self._asked[table] = self.rows(table).any() | told if about >= 0 else self.rows(table).any()
        return self._asked[table]

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
        return self._derived[make]  # type: ignore[no-any-return]

    def forget(self) -> None:
        """Let go of what was derived."""
        self._derived.clear()

    def _known_rows(self, name: str) -> tuple[Ints, Ints]:
        tables = self.tables
        if not tables.height(name):
            nothing = np.empty(0, dtype=np.int64)
            return nothing, nothing
        order = tables.order(name)
        firms = tables.column(name, "firm")[order]
        first = np.searchsorted(firms, self.firm, side="left")
        size = np.searchsorted(firms, self.firm, side="right") - first
        size[self.firm < 0] = 0
        case = np.repeat(np.arange(len(self)), size)
        place = np.arange(len(case)) - np.repeat(np.cumsum(size) - size, size) + np.repeat(first, size)
        row = order[place]
        known = tables.column(name, "known_on")[row] <= self.as_of[case]
        case, row = case[known], row[known]
        keep = self._latest_of_key(name, case, row)
        keep &= tables.column(name, "withdrawn")[row] != 1.0
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
