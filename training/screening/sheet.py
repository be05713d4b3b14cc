"""Rows that lie in parts become one file, Parquet, CSV or Excel by its name, without being held in memory."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time
from pathlib import Path

import polars as pl

from features.errors import PledgeScoreError
from features.text_files import FORMULA

MOST_IN_A_SHEET = 1_048_575
"""Rows below the heading that a sheet of a spreadsheet can hold."""
ROWS_PER_GROUP = 100_000
"""Of a Parquet file: stated, so that the same rows make the same bytes however they lie in parts."""


class BadOutput(PledgeScoreError):
    """The rows cannot be written as that file."""


def check_output(out: Path, rows: int) -> None:
    """Refuse a file that could not be written, before anything is computed for it. Raises `BadOutput`."""
    if out.suffix not in _WRITERS:
        raise BadOutput("sheet_suffix", file=out, suffixes=tuple(_WRITERS))
    if out.suffix == ".xlsx" and rows > MOST_IN_A_SHEET:
        raise BadOutput("sheet_too_long", file=out, rows=rows, most=MOST_IN_A_SHEET)


def write(parts: Sequence[Path], out: Path, beside: Path) -> None:
    """Put Parquet parts together in their order: written to `beside`, it then takes its place whole.

    The same rows make the same bytes.
    """
    beside.unlink(missing_ok=True)
    _WRITERS[out.suffix](parts, beside)
    beside.replace(out)


def _parquet(parts: Sequence[Path], path: Path) -> None:
    pl.scan_parquet(list(parts)).sink_parquet(path, row_group_size=ROWS_PER_GROUP)


def _csv(parts: Sequence[Path], path: Path) -> None:
    """UTF-8 with the mark by which spreadsheets know it; no cell is taken for a formula."""
    text = pl.col(pl.String)
    quoted = pl.when(text.str.contains(FORMULA)).then("'" + text).otherwise(text).name.keep()
    pl.scan_parquet(list(parts)).with_columns(quoted).sink_csv(path, include_bom=True, line_terminator="\r\n")


def _excel(parts: Sequence[Path], path: Path) -> None:
    """One sheet, written row by row; as its day of making it bears the day of the question."""
    import xlsxwriter

    told = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(str(path), told)
    sheet = book.add_worksheet("screening")
    columns = list(pl.read_parquet_schema(parts[0]))
    sheet.write_row(0, 0, columns, book.add_format({"bold": True}))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, 0, len(columns) - 1)
    at = 0
    for part in parts:
        rows = pl.read_parquet(part)
        if not at and rows.height:
            book.set_properties({"created": datetime.combine(rows["as_of"][0], time(), UTC)})
        for row in rows.with_columns(pl.col(pl.Date).cast(pl.String)).iter_rows():
            at += 1
            sheet.write_row(at, 0, row)
    book.close()


_WRITERS: dict[str, Callable[[Sequence[Path], Path], None]] = {".parquet": _parquet, ".csv": _csv, ".xlsx": _excel}
