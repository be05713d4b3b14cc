"""The sheets of a file as rows of cells: Excel in either form, OpenDocument, or CSV files in a folder."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from features.errors import PledgeScoreError
from features.text_files import NotUtf8, decoded
from service.workbooks.cells import Cell

SUFFIXES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
"""Files that are workbooks."""
CSV = ".csv"
"""Ends the name of a CSV file; alone it is the tab of one that was sent without a name: it holds the questions."""

_NO_TEXT = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"%PDF", b"Rar!", b"7z\xbc\xaf")
"""How pictures, PDF and packed files begin."""


class BadWorkbook(PledgeScoreError):
    """A file is no workbook, or not one that can be read."""


@dataclass(frozen=True)
class Grid:
    """One sheet: what stands on its tab, of a CSV file its name, and its rows from the first.

    `rows` can be read once.
    """

    tab: str
    rows: Iterator[Sequence[Cell]]


def is_workbook(path: Path) -> bool:
    """Whether a path is read as a workbook: a spreadsheet, or a folder with CSV files."""
    return path.suffix.lower() in SUFFIXES or (path.is_dir() and any(path.glob(f"*{CSV}")))


def grids(path: Path) -> Iterator[Grid]:
    """The sheets of a workbook, of a folder of CSV files, or of one CSV file. Raises `BadWorkbook`."""
    if not path.exists():
        raise BadWorkbook("no_file", file=path)
    if path.is_dir() or path.suffix.lower() == CSV:
        files = sorted(path.glob(f"*{CSV}")) if path.is_dir() else [path]
        yield from (Grid(file.name, csv_rows(file, file.read_bytes())) for file in files)
        return
    yield from _of_book(path)


def _of_book(path: Path) -> Iterator[Grid]:
    try:
        with CalamineWorkbook.from_path(path) as book:
            for told in book.sheets_metadata:
                if told.typ == SheetTypeEnum.WorkSheet:
                    yield Grid(told.name, iter(book.get_sheet_by_name(told.name).to_python(skip_empty_area=False)))
    except (CalamineError, OSError):
        raise BadWorkbook("workbook_unreadable", file=path) from None


def csv_rows(file: Path | str, data: bytes) -> Iterator[Sequence[Cell]]:
    """The rows of a CSV file in UTF-8, in UTF-16 with its mark, or in GBK, as Excel in China saves it.

    Raises `BadWorkbook`.
    """
    rows = csv.reader(io.StringIO(_text(file, data), newline=""))
    try:
        yield from rows
    except csv.Error:
        raise BadWorkbook("workbook_unreadable", file=file) from None


def _text(file: Path | str, data: bytes) -> str:
    if data.startswith(_NO_TEXT):
        raise BadWorkbook("workbook_no_table", file=file)
    try:
        return decoded(data)
    except NotUtf8 as error:
        if b"\0" in data:
            raise BadWorkbook("workbook_no_table", file=file) from None
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            raise BadWorkbook("file_not_utf8", file=file, seems=error.facts["seems"]) from None
