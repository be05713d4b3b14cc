"""One table of a batch as records with Python values instead of arrays.

Columns are decoded once for a whole batch when a rule first reads them, so that a rule costs the same for one applicant
and for one of a hundred thousand.
"""

from datetime import date
from math import isnan
from typing import Any

import numpy as np

from features.asof import Known
from features.grouped import Rows
from features.lazy import lazy
from features.tables import TABLES


class Columns:
    """One table of a batch, decoded column by column when first read."""

    def __init__(self, known: Known, table: str) -> None:
        self._known, self._rows, self._table = known, known.rows(table), TABLES[table]
        self.held: dict[str, list[Any]] = {}
        self.starts = np.searchsorted(self._rows.case, np.arange(len(known) + 1)).tolist()

    def column(self, name: str) -> list[Any]:
        """The Python values of one column over all rows of the batch; None where not known."""
        if name not in self.held:
            self.held[name] = self._decode(self._rows, name)
        return self.held[name]

    def _decode(self, rows: Rows, name: str) -> list[Any]:
        column = self._table.columns[name]
        values = (rows.codes(name) if column.coded else rows.numbers(name)).tolist()
        if column.coded:
            words = self._known.tables.words(column.domain).words if column.kind == "text" else column.choices
            return [words[code] if code >= 0 else None for code in values]
        if column.kind == "day":
            return [None if isnan(v) else date.fromordinal(int(v)) for v in values]
        if column.kind == "flag":
            return [None if isnan(v) else v == 1.0 for v in values]
        whole = column.whole
        return [None if isnan(v) else int(v) if whole else v for v in values]


class Record:
    """One known row; columns are attributes, None where not known."""

    def __init__(self, columns: Columns, place: int) -> None:
        self._columns, self.place = columns, place  # its place among the known rows of the batch

    def __getattr__(self, name: str) -> Any:
        columns = self._columns
        value = self.__dict__[name] = (columns.held.get(name) or columns.column(name))[self.place]
        return value


class Records:
    """The known rows of one table for one case."""

    def __init__(self, columns: Columns, i: int) -> None:
        self._columns = columns
        self.start, self.end = columns.starts[i], columns.starts[i + 1]

    @lazy
    def rows(self) -> list[Record]:
        """The rows one by one."""
        return [Record(self._columns, place) for place in range(self.start, self.end)]

    def row(self, place: int) -> Record:
        """One of them."""
        return Record(self._columns, self.start + place)

    def values(self, name: str) -> list[Any]:
        """One column of the rows."""
        return self._columns.column(name)[self.start : self.end]
