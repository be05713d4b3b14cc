"""What is known of a firm, brought to the page: each row with its source, its day and its age."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from features.standing import standing

_AGES: Mapping[str, tuple[str, str]] = {
    "bureau": ("queried_on", "bureau_report"),
    "person_bureau": ("queried_on", "bureau_report"),
    "statements": ("period_end", "statements_annual"),
    "appraisals": ("base_on", "appraisal_from_base_date"),
    "evidence": ("seen_on", "evidence"),
    "performance": ("month_end", "performance"),
    "coverage": ("asked_on", "register_lookup"),
}
"""The day by which rows of a table age, and the period of policy for which they may be used."""
Row = Mapping[str, object]
Usable = Callable[[str], int]
"""Days for which a kind of fact may be used."""


@dataclass(frozen=True)
class BroughtRow:
    """The latest row of a fact: its values, where it comes from, how old it is, and whether that is too old."""

    place: str
    values: Row
    source_kind: str
    source: str
    known_on: str
    age: int
    too_old: bool


def latest(table: str, rows: list[dict[str, object]], as_of: date, usable: Usable) -> list[BroughtRow]:
    """Of each fact the row that was known last, unless it was taken back; `place` names the row in the draft."""
    return [_brought(table, number, rows[number], as_of, usable) for number in standing(table, rows).values()]


def _brought(table: str, number: int, row: Row, as_of: date, usable: Usable) -> BroughtRow:
    known_on = str(row["known_on"])
    day, kind = _AGES.get(table, ("known_on", ""))
    age = (as_of - date.fromisoformat(str(row.get(day) or known_on))).days
    return BroughtRow(
        place=f"{table}.{number}",
        values=row,
        source_kind=str(row["source_kind"]),
        source=str(row.get("source") or ""),
        known_on=known_on,
        age=age,
        too_old=bool(kind) and age > usable(kind),
    )
