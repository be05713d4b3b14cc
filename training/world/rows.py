"""Arrays of the world as rows of a table, in the table's own types."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from features.arrays import Bools, Floats, Ints
from features.columns import Column
from features.tables import TABLES
from training.world.days import NEVER

Frames = dict[str, pl.DataFrame]
Values = pl.Series | Ints | Floats | npt.NDArray[np.float16] | Bools | str | int | float | bool


@dataclass(frozen=True)
class Sheet:
    """A partition's firms, by whose place (0, 1, …) rows are made; rows known after `seen_until` are left out."""

    keys: pl.Series
    seen_until: int

    def rows(
        self, table: str, firm: Ints, known_on: Ints, said_by: tuple[str, str], columns: Mapping[str, Values]
    ) -> pl.DataFrame:
        """Rows of a table about firms by place, known on days; `said_by` is source kind and source.

        In whole numbers and days `NEVER` is null, in numbers NaN is, in choices (places in the column's list) -1 is.
        """
        declared = TABLES[table].columns
        common = {"firm": self.keys.gather(firm), "known_on": _days(known_on)}
        own = {name: _series(declared[name], values, len(firm)) for name, values in columns.items()}
        told = {"source_kind": _repeat(said_by[0], len(firm)), "source": _repeat(said_by[1], len(firm))}
        return pl.DataFrame(common | told | own).filter(np.asarray(known_on) <= self.seen_until)


def places(table: str, column: str, *words: str) -> Ints:
    """The places of words in the list of a choice column."""
    return np.array([TABLES[table].columns[column].choices.index(word) for word in words])


def texts(prefix: str, numbers: Ints, width: int = 0) -> pl.Series:
    """Texts made of a prefix and a number, padded with zeros; null where the number is NEVER."""
    own = pl.Series(numbers)
    padded = own.cast(pl.String).str.zfill(width)
    return pl.select(pl.when(own != NEVER).then(pl.lit(prefix) + padded)).to_series()


def prefixed(prefix: str, own: pl.Series) -> pl.Series:
    """Texts with a prefix."""
    return pl.select(pl.lit(prefix) + own).to_series()


def or_null(series: pl.Series, place: Ints) -> pl.Series:
    """The series at places; null where the place is -1."""
    if not len(series):
        return pl.Series([None], dtype=series.dtype).new_from_index(0, len(place))
    return _nulled(series.gather(np.maximum(place, 0)), place < 0)


def some(columns: Mapping[str, Values], of: Ints) -> dict[str, Values]:
    """The columns at places; what is the same for all stays."""
    at = {name: v.gather(of) if isinstance(v, pl.Series) else v for name, v in columns.items()}
    return {name: v[of] if isinstance(v, np.ndarray) else v for name, v in at.items()}


def merged(parts: list[Frames]) -> Frames:
    """Frames of several parts, one below the other by table."""
    names = {name: None for part in parts for name in part}
    return {name: pl.concat([p[name] for p in parts if name in p], how="diagonal") for name in names}


def _series(column: Column, values: Values, height: int) -> pl.Series:
    if isinstance(values, pl.Series):
        return values
    if isinstance(values, str | int | float | bool):
        return _repeat(values, height)
    if column.kind == "day":
        return _days(values)
    if column.kind == "choice":
        return _nulled(pl.Series(column.choices, dtype=pl.String).gather(np.maximum(values, 0)), values < 0)
    if column.whole:
        return _nulled(pl.Series(values.astype(np.int64)), values == NEVER)
    return pl.Series(values, nan_to_null=True) if column.kind == "number" else pl.Series(values)


def _days(values: Ints | Floats | npt.NDArray[np.float16] | Bools) -> pl.Series:
    never = values == NEVER
    return _nulled(pl.Series(np.where(never, 0, values).astype(np.int32)).cast(pl.Date), never)


def _nulled(series: pl.Series, nowhere: npt.NDArray[np.bool_]) -> pl.Series:
    if not nowhere.any():
        return series
    return series.zip_with(pl.Series(~nowhere), pl.Series([None], dtype=series.dtype).new_from_index(0, len(series)))


def _repeat(value: str | int | float | bool, height: int) -> pl.Series:
    return pl.Series([value]).new_from_index(0, height)
