"""Rows of a table as a report lists them: the newest of each thing, those of some months, and how many are left out."""

from collections.abc import Iterator

from features.schema import Row
from models.records.calendar import add_months
from service.reports.document import Block, LinesBlock
from service.reports.material import Material


def latest_of(of: Material, table: str, what: tuple[str, ...], day: str) -> list[Row]:
    """Of each thing, as these columns name it, the row of its latest day."""
    rows = sorted(of.current(table), key=lambda row: str(row.get(day)))
    return list({tuple(row[name] for name in what): row for row in rows}.values())


def left_out(of: Material, code: str, count: int) -> Iterator[Block]:
    """How many rows are not shown, where there are such."""
    if count:
        yield LinesBlock((of.say(code, count=count),))


def of_others(of: Material, table: str) -> Iterator[Block]:
    """How many rows belong to other applications."""
    yield from left_out(of, "rows_of_others", of.elsewhere(table))


def since(of: Material, table: str, day: str, months: int) -> list[Row]:
    """The rows of the last so many months."""
    first = add_months(of.as_of, -months)
    return [row for row in of.current(table) if row[day] >= first]
