"""Raw rows as columns of numbers and codes: from a request's rows or a lake's frames, encoded when first read.

Numbers, days and flags are float64 with NaN for *not known*. Whole numbers stay below 2**53, so their sums are exact.
Days count from 0001-01-01 as `datetime.date.toordinal` does. Choices and texts are integer codes with -1 for not known:
a choice's code is its place in the column's list, a text's code its place in the sorted vocabulary of its domain.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from typing import TypeVar, cast

import numpy as np
import polars as pl

from features.arrays import NOT_KNOWN, Encoded, Floats, Ints, not_known, run_ends
from features.columns import Column
from features.lazy import lazy
from features.tables import TABLES, Table

Value = str | int | float | date | None
Row = Mapping[str, Value]
"""A raw row by column name; days are `datetime.date`."""
Texts = set[str] | pl.Series
T = TypeVar("T")

_DAY_OF_1970 = date(1970, 1, 1).toordinal()


class Vocabulary:
    """The vocabulary of one domain of texts: different words in order of their code points."""

    def __init__(self, ordered: list[str] | pl.Series) -> None:
        self._ordered = ordered
        self._mapped: dict[Callable[[str], float], Floats] = {}

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

    def mapped(self, value_of: Callable[[str], float], none: float) -> Floats:
        """As `map` does, as an array that is kept: norms ask about the same words on sixteen days.

        For functions of a module; one made anew each time would be kept each time.
        """
        if value_of not in self._mapped:
            self._mapped[value_of] = np.array(self.map(value_of, none), dtype=np.float64)
        return self._mapped[value_of]


class Tables:
    """Raw rows of any number of firms as columns of arrays, encoded when first read."""

    def __init__(self, sources: Mapping[str, "_Source"]) -> None:
        self._sources = sources
        self._numbers: dict[tuple[str, str], Floats] = {}
        self._codes: dict[tuple[str, str], Ints] = {}
        self._order: dict[str, Ints] = {}
        self._words: dict[str, Vocabulary] = {}

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

    def words(self, domain: str) -> Vocabulary:
        """The vocabulary of a domain over all tables that use it."""
        if domain not in self._words:
            uses = [(table, column) for table, column in _uses_of_domains()[domain] if table in self._sources]
            self._words[domain] = _vocabulary([self._sources[table].texts(column) for table, column in uses])
        return self._words[domain]

    def numbers(self, table: str, name: str) -> Floats:
        """A column of numbers, days or flags over all rows of a table."""
        held = self._numbers.get((table, name))
        if held is None:
            held = self._numbers[table, name] = self._sources[table].numbers(TABLES[table].columns[name])
        return held

    def codes(self, table: str, name: str) -> Ints:
        """A column of choices or texts, as codes, over all rows of a table."""
        held = self._codes.get((table, name))
        if held is None:
            source, column = self._sources[table], TABLES[table].columns[name]
            words = self.words(column.domain) if column.kind == "text" else None
            held = self._codes[table, name] = source.codes(column, words)
        return held

    def column(self, table: str, name: str) -> Encoded:
        """One encoded column over all rows of a table."""
        return (self.codes if TABLES[table].columns[name].coded else self.numbers)(table, name)

    def order(self, table: str) -> Ints:
        """Row numbers by firm, key and day known; rows alike in all of these by their whole content."""
        if table not in self._order:
            self._order[table] = self._ordered(table) if self.height(table) > 1 else np.zeros(1, dtype=np.int64)
        return self._order[table]

    def _ordered(self, table: str) -> Ints:
        declared = TABLES[table]
        leading = ["firm", *declared.key, "known_on"]
        keys = [self.column(table, c) for c in leading]
        sorted_already = self._sources[table].often_in_order and _lie_in_order(keys)
        order = np.arange(len(keys[0])) if sorted_already else np.lexsort(keys[::-1])
        last = run_ends(*(key[order] for key in keys))
        if not last.all():
            alike = np.flatnonzero(~last | np.concatenate(([False], ~last[:-1])))
            rows = order[alike]
            order[alike] = rows[np.lexsort([self.column(table, c)[rows] for c in _by_content(declared, leading)])]
        return order


def _lie_in_order(keys: Sequence[Encoded]) -> bool:
    """Whether `lexsort` would leave the rows where they are, as those of a lake, kept by firm, key and day known."""
    tied = np.ones(len(keys[0]) - 1, dtype=bool)
    for key in keys:
        before, after = key[:-1], key[1:]
        if not (~tied | (before <= after) | np.isnan(after)).all():
            return False
        tied &= (before == after) | (np.isnan(before) & np.isnan(after))
    return True


def _by_content(table: type[Table], leading: list[str]) -> list[str]:
    """All columns, the leading ones first, as `lexsort` wants them: the first key last."""
    return [*leading, *(c for c in table.columns if c not in leading)][::-1]


def _vocabulary(texts: list[Texts]) -> Vocabulary:
    series = [found for found in texts if isinstance(found, pl.Series)]
    if len(series) == len(texts) and series:
        return Vocabulary(pl.concat(series).unique().sort())
    found: set[str] = set()
    return Vocabulary(sorted(found.union(*texts)))


@cache
def _uses_of_domains() -> dict[str, list[tuple[str, str]]]:
    uses: dict[str, list[tuple[str, str]]] = {}
    for table in TABLES.values():
        for column in table.columns.values():
            if column.kind == "text":
                uses.setdefault(column.domain, []).append((table.name, column.name))
    return uses


class _Source:
    """Where the rows of a table come from; `often_in_order`: whether it pays to look whether they need sorting."""

    height: int
    often_in_order = False

    def texts(self, name: str) -> Texts:
        """The different texts of a column."""
        raise NotImplementedError

    def numbers(self, column: Column) -> Floats:
        """A column of numbers, days or flags; NaN where a row does not state it."""
        raise NotImplementedError

    def codes(self, column: Column, words: Vocabulary | None) -> Ints:
        """A column of choices, or of texts by their `words`, as codes; -1 where a row does not state it."""
        raise NotImplementedError


class _RowSource(_Source):
    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = rows
        self.height = len(rows)
        self._stated: set[str] = set().union(*rows)

    def texts(self, name: str) -> Texts:
        if name not in self._stated:
            return set()
        return {value for row in self.rows if isinstance(value := row.get(name), str)}

    def numbers(self, column: Column) -> Floats:
        if column.name not in self._stated:
            return not_known(self.height)
        values = [row.get(column.name) for row in self.rows]
        if column.kind == "day":
            values = [value.toordinal() if isinstance(value, date) else None for value in values]
        return np.array(values, dtype=np.float64)

    def codes(self, column: Column, words: Vocabulary | None) -> Ints:
        if column.name not in self._stated:
            return np.full(self.height, NOT_KNOWN, dtype=np.int64)
        values = [cast(str | None, row.get(column.name)) for row in self.rows]
        if words is not None:
            return words.codes(values)
        places = {word: place for place, word in enumerate(column.choices)}
        return np.array([NOT_KNOWN if value is None else places[value] for value in values], dtype=np.int64)


class _FrameSource(_Source):
    often_in_order = True

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame
        self.height = frame.height

    def texts(self, name: str) -> Texts:
        if name not in self.frame.columns:
            return pl.Series([], dtype=pl.String)
        return self.frame[name].cast(pl.String).drop_nulls().unique()

    def numbers(self, column: Column) -> Floats:
        if column.name not in self.frame.columns:
            return not_known(self.height)
        series = self.frame[column.name]
        if column.kind == "day":
            return (series.cast(pl.Date).to_physical().cast(pl.Float64) + _DAY_OF_1970).fill_null(np.nan).to_numpy()
        return series.cast(pl.Float64).fill_null(np.nan).to_numpy()

    def codes(self, column: Column, words: Vocabulary | None) -> Ints:
        if column.name not in self.frame.columns:
            return np.full(self.height, NOT_KNOWN, dtype=np.int64)
        series = self.frame[column.name]
        if words is not None:
            return words.codes_of(series)
        codes = series.cast(pl.String).cast(pl.Enum(column.choices)).to_physical().cast(pl.Int64)
        return codes.fill_null(NOT_KNOWN).to_numpy()
