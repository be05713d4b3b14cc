"""The sheets of a workbook that was sent: Excel in either form, one CSV file, or CSV files in a ZIP file.

Whoever sends it is not trusted: what it unpacks to, how many sheets it has and how far they reach is measured before
anything is read, since a reader takes memory for every cell between the first and the last.
"""

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import PurePosixPath

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from service.workbooks.grids import CSV, BadWorkbook, Grid, csv_rows

MOST_UNPACKED = 64 * 2**20
"""Bytes that a ZIP file may hold."""
MOST_SHEETS = 100
MOST_CELLS = 20_000_000
"""Cells between the first and the last of one sheet."""
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_UTF8_NAME = 0x800
"""The flag of a ZIP file's entry that its name is UTF-8; Windows in China writes GBK without it."""
_REF = re.compile(rb'<(?:\w+:)?(?:c|row)\b[^>]*?\br="([A-Z]{0,3})(\d{0,7})"')
_ROW = re.compile(rb"<(?:\w+:)?row\b")
_CELL = re.compile(rb"<(?:\w+:)?c[\s>/]")


def sent_grids(data: bytes) -> Iterator[Grid]:
    """The sheets of what was sent. Raises `BadWorkbook`."""
    if data.startswith(_ZIP):
        parts = _unpacked(data)
        if "[Content_Types].xml" in parts:
            _check_extent(parts)
            yield from _of_book(".xlsx", _packed(parts))
        else:
            yield from _of_csv_files(parts)
    elif data.startswith(_OLE):
        yield from _of_book(".xls", data)
    else:
        yield Grid(CSV, csv_rows(CSV, data))


def _of_csv_files(parts: Mapping[str, bytes]) -> Iterator[Grid]:
    files = {name: data for name, data in parts.items() if name.lower().endswith(CSV)}
    if not files:
        raise BadWorkbook("workbook_no_csv", file=".zip")
    for name, data in sorted(files.items()):
        yield Grid(PurePosixPath(name.replace("\\", "/")).name, csv_rows(name, data))


def _of_book(kind: str, data: bytes) -> Iterator[Grid]:
    try:
        with CalamineWorkbook.from_filelike(io.BytesIO(data)) as book:
            told = [one.name for one in book.sheets_metadata if one.typ == SheetTypeEnum.WorkSheet]
            if len(told) > MOST_SHEETS:
                raise BadWorkbook("workbook_too_large", file=kind)
            for name in told:
                sheet = book.get_sheet_by_name(name)
                if sheet.total_height * sheet.total_width > MOST_CELLS:
                    raise BadWorkbook("workbook_too_large", file=kind)
                yield Grid(name, iter(sheet.to_python(skip_empty_area=False)))
    except (CalamineError, OSError):
        raise BadWorkbook("workbook_unreadable", file=kind) from None


def _unpacked(data: bytes) -> dict[str, bytes]:
    """The files of a ZIP file by name, no more of each than it announces. Raises `BadWorkbook`."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [one for one in opened.infolist() if not one.is_dir()]
            if sum(one.file_size for one in entries) > MOST_UNPACKED:
                raise BadWorkbook("workbook_too_large", file=".zip")
            return {_name(one): opened.read(one) for one in entries}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        raise BadWorkbook("workbook_unreadable", file=".zip") from None


def _name(entry: zipfile.ZipInfo) -> str:
    if entry.flag_bits & _UTF8_NAME:
        return entry.filename
    return entry.filename.encode("cp437", "replace").decode("gb18030", "replace")


def _packed(parts: Mapping[str, bytes]) -> bytes:
    """The same files as a ZIP file whose sizes are what they say."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return out.getvalue()


def _check_extent(parts: Mapping[str, bytes]) -> None:
    for name, data in parts.items():
        if "worksheets" in name and _extent(data) > MOST_CELLS:
            raise BadWorkbook("workbook_too_large", file=".xlsx")


def _extent(sheet: bytes) -> int:
    """The cells between the first and the last of a sheet's XML, at most."""
    rows = wide = 0
    for letters, number in _REF.findall(sheet):
        rows = max(rows, int(number or 0))
        wide = max(wide, _place(letters))
    starts = [found.start() for found in _ROW.finditer(sheet)]
    for start, end in pairwise([*starts, len(sheet)]):
        wide = max(wide, sum(1 for _ in _CELL.finditer(sheet, start, end)))
    return max(rows, len(starts)) * wide


def _place(letters: bytes) -> int:
    """The number of a column by its letters, `A` is 1."""
    place = 0
    for letter in letters:
        place = 26 * place + letter - 64
    return place
