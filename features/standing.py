"""What stands of rows that were stated again: of each fact the row that was known last, unless it was taken back."""

from collections.abc import Mapping, Sequence
from typing import TypeVar

from features.tables import TABLES

R = TypeVar("R", bound=Mapping[str, object])

Fact = tuple[object, ...]
"""What makes rows of a table the same fact: the values of its key."""


def fact_of(table: str, row: Mapping[str, object]) -> Fact:
    """The fact that a row of a table states."""
    return tuple(row.get(name) for name in TABLES[table].key)


def standing(table: str, rows: Sequence[Mapping[str, object]]) -> dict[Fact, int]:
    """The place of the row that stands, by its fact; facts in the order in which they were first known."""
    found: dict[Fact, int] = {}
    for place, row in sorted(enumerate(rows), key=lambda one: str(one[1]["known_on"])):
        found[fact_of(table, row)] = place
    return {fact: place for fact, place in found.items() if not rows[place].get("withdrawn")}


def latest(table: str, rows: Sequence[R]) -> list[R]:
    """The rows that stand."""
    return [rows[place] for place in standing(table, rows).values()]
