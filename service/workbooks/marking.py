"""The workbook that was sent, given back with every wrong cell red and what is wrong with it as a comment.

Values stand where they stood, so that the same file can be put right and sent again; what else was drawn is not kept.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from io import BytesIO

import xlsxwriter
from xlsxwriter.utility import xl_cell_to_rowcol
from xlsxwriter.worksheet import Worksheet

from features.errors import Fault
from features.phrase import Language
from models.words.faults import fault_said
from service.workbooks.cells import Cell
from service.workbooks.headings import ASIDE
from service.workbooks.layout import sheets
from service.workbooks.sent import sent_grids

_NOT_IN_NAMES = re.compile(r"[\[\]:*?/\\']")
_LONGEST_TAB = 31
Place = tuple[int, int]
"""Row and column, from 0."""


def marked(data: bytes, faults: Sequence[Fault], language: Language) -> bytes:
    """The workbook with its faults marked; a fault of a row as a whole stands at its first cell."""
    wrong = _by_cell(faults, language)
    out = BytesIO()
    told = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    book = xlsxwriter.Workbook(out, told)
    red = {"bg_color": "#F8CBAD", "font_color": "#9C2A1C", "border": 2, "border_color": "#9C2A1C"}
    forms = {
        (is_day, is_wrong): book.add_format(
            (red if is_wrong else {}) | ({"num_format": "yyyy-mm-dd"} if is_day else {})
        )
        for is_day in (False, True)
        for is_wrong in (False, True)
    }
    for number, grid in enumerate(sent_grids(data)):
        page = book.add_worksheet(_tab(grid.tab, number))
        page.set_column(0, 60, 16)
        own = wrong.get(grid.tab, {})
        for row, cells in enumerate(grid.rows):
            if row == 0 and any(_is_machine(raw) for raw in cells):
                page.set_row(0, None, None, {"hidden": True})
            for column, raw in enumerate(cells):
                is_day = isinstance(raw, date)
                _write(page, (row, column), raw, forms[is_day, (row, column) in own])
        for (row, column), sentences in own.items():
            page.write_comment(row, column, "\n".join(sentences), {"x_scale": 2})
        if grid.tab.startswith(ASIDE) and number:
            page.hide()
    book.close()
    return out.getvalue()


def _by_cell(faults: Sequence[Fault], language: Language) -> Mapping[str, Mapping[Place, Sequence[str]]]:
    """The sentences by tab and cell."""
    found: dict[str, dict[Place, list[str]]] = {}
    for one in faults:
        tab, _, cell = one.pointer.rpartition("!")
        place = _place(cell if tab else "")
        found.setdefault(tab or cell, {}).setdefault(place, []).append(fault_said(one, language))
    return found


def _place(cell: str) -> Place:
    if cell.isdigit():
        return int(cell) - 1, 0
    if not re.fullmatch(r"[A-Z]{1,3}[0-9]{1,7}", cell):
        return 0, 0
    row, column = xl_cell_to_rowcol(cell)
    return int(row), int(column)


def _tab(name: str, number: int) -> str:
    plain = _NOT_IN_NAMES.sub("_", name)[:_LONGEST_TAB]
    return plain or f"{number + 1}"


def _is_machine(raw: Cell) -> bool:
    table, dot, _ = raw.partition(".") if isinstance(raw, str) else ("", "", "")
    return bool(dot) and table in sheets()


def _write(page: Worksheet, at: Place, raw: Cell, form: object) -> None:
    match raw:
        case None | "":
            page.write_blank(*at, None, form)
        case bool():
            page.write_boolean(*at, raw, form)
        case int() | float():
            page.write_number(*at, raw, form)
        case datetime() | date():
            page.write_datetime(*at, raw, form)
        case _:
            page.write_string(*at, str(raw)[:32_000], form)
