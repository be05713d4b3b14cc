"""Workbooks as people make them, without the template's writer: any cell may hold anything."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import xlsxwriter

Cells = Sequence[Sequence[object]]


def typed(out: Path, tabs: Mapping[str, Cells], day: str = "yyyy-mm-dd") -> Path:
    """A workbook with these cells; a tuple is written as a formula with its value, a list as a merged heading."""
    book = xlsxwriter.Workbook(str(out), {"strings_to_formulas": False, "default_date_format": day})
    for tab, rows in tabs.items():
        page = book.add_worksheet(tab)
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, tuple):
                    page.write_formula(number, place, value[0], None, value[1])
                elif isinstance(value, list):
                    page.merge_range(number, place, number, place + 3, value[0])
                elif value is not None:
                    page.write(number, place, value)
    book.close()
    return out
