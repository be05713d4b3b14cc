"""Rows that contradict each other: one fact of one table, known on one day, told in two ways.

Only one of them is read, so that a reader must be told. Where a row comes from, and how it was written, is no fact.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import msgspec
import polars as pl

from features.columns import Column
from features.phrase import Phrase
from features.tables import TABLES

_NO_FACT = frozenset({"source", "source_kind", "as_written"})
Row = Mapping[str, object]


class Contradiction(msgspec.Struct, frozen=True):
    """The rows of a table that tell one fact in two ways: its key, the day it was known, the columns that differ."""

    table: str
    key: Mapping[str, str]
    known_on: date
    columns: tuple[str, ...]

    @property
    def phrase(self) -> Phrase:
        """What it says."""
        return Phrase(
            "contradiction.rows",
            {
                "table": self.table,
                "key": tuple(self.key.values()),
                "known_on": self.known_on.isoformat(),
                "columns": self.columns,
            },
        )


def contradictions(rows: Mapping[str, Sequence[Row]]) -> Iterator[Contradiction]:
    """The contradictions among a firm's rows by table; rows that tell the same twice are none.

    Of the key, columns that only the bank's own desk may see are left out.
    """
    for table, own in rows.items():
        names = (*TABLES[table].key, "known_on")
        facts = [tuple(map(row.get, names)) for row in own]
        if len(set(facts)) < len(facts):
            yield from _of_table(table, facts, own)


def _of_table(table: str, facts: Sequence[tuple[object, ...]], rows: Sequence[Row]) -> Iterator[Contradiction]:
    declared, places = TABLES[table], dict[tuple[object, ...], list[int]]()
    for place, fact in enumerate(facts):
        places.setdefault(fact, []).append(place)
    for fact, alike in places.items():
        told = [rows[place] for place in alike]
        columns = tuple(
            name for name in declared.columns if name not in _NO_FACT and len({row.get(name) for row in told}) > 1
        )
        if columns:
            *key, known_on = fact
            assert isinstance(known_on, date)
            shown = {
                name: _text(value)
                for name, value in zip(declared.key, key, strict=True)
                if value is not None and _is_shown(declared.columns[name])
            }
            yield Contradiction(table, shown, known_on, columns)


def _is_shown(column: Column) -> bool:
    return column.audience != "person"


def _text(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def count_contradictions(table: str, frame: pl.DataFrame) -> tuple[int, int]:
    """How many rows of a frame contradict another, and how many repeat one."""
    facts = frame.select(pl.exclude(*_NO_FACT)).unique()
    key = ["firm", *TABLES[table].key, "known_on"]
    return facts.height - facts.select(key).unique().height, frame.height - facts.height
