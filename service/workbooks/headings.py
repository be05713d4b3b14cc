"""Finds on a sheet the row of headings, whatever stands above it, and says which column holds what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from xlsxwriter.utility import xl_col_to_name

from features.errors import Fault, fault
from service.workbooks.cells import Cell
from service.workbooks.layout import Heading, heading_of, plain, sheets, unit_words
from service.workbooks.rows import cell

WITHIN = 30
"""Rows at the top of a sheet among which the headings are sought."""
ASIDE = "#"
"""A tab or heading that begins so is not read: a place for remarks."""


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: where it stands, counting from 0, what it holds, and the unit of its amounts."""

    place: int
    name: str
    unit: str | None


@dataclass(frozen=True)
class Headings:
    """The columns of a sheet, how many rows stand above the first row of values, and what is wrong."""

    columns: tuple[SheetColumn, ...]
    above: int
    faults: tuple[Fault, ...]

    @property
    def letters(self) -> Mapping[str, str]:
        """The letter of each column by its name."""
        return {column.name: xl_col_to_name(column.place) for column in self.columns}


def headings(tab: str, table: str, top: Sequence[Sequence[Cell]]) -> Headings | None:
    """The headings among the first rows of a sheet; None where no row names a column.

    Rows that name as much as the best one belong to the headings: the hidden row of the template and the labels under
    it. Of a column the last that names a unit decides.
    """
    found = [[_heading(table, raw) for raw in row] for row in top]
    named = [sum(one is not None for one in row) for row in found]
    most = max(named, default=0)
    if not most:
        return None
    chosen = [place for place, count in enumerate(named) if 2 * count > most or count == most]
    last = chosen[-1]
    columns, faults = _columns(tab, table, [found[place] for place in chosen], last + 1)
    faults += [
        fault(cell(tab, xl_col_to_name(place), last + 1), "workbook_no_column", heading=str(raw).strip(), table=table)
        for place, raw in enumerate(top[last])
        if isinstance(raw, str) and raw.strip() and not raw.strip().startswith(ASIDE) and _heading(table, raw) is None
    ]
    return Headings(tuple(columns), last + 1, tuple(faults))


def _columns(
    tab: str, table: str, rows: Sequence[Sequence[Heading | None]], number: int
) -> tuple[list[SheetColumn], list[Fault]]:
    columns: dict[str, SheetColumn] = {}
    faults = []
    for place in range(max(map(len, rows))):
        told = [one for row in rows if place < len(row) and (one := row[place]) is not None]
        if not told:
            continue
        written = next((one.unit for one in reversed(told) if one.unit), None)
        unit = unit_words().get(written) if written else None
        name, where = told[-1].name, cell(tab, xl_col_to_name(place), number)
        if written and unit is None:
            faults.append(fault(where, "workbook_unit", unit=written))
        if name in columns:
            faults.append(fault(where, "workbook_column_twice", heading=sheets()[table].columns[name].zh))
        columns.setdefault(name, SheetColumn(place, name, unit))
    return list(columns.values()), faults


def _heading(table: str, raw: Cell) -> Heading | None:
    return heading_of(table, raw) if isinstance(raw, str) and plain(raw) else None
