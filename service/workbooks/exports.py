"""A table as a file that people take away: CSV or Excel, who took it and when above the headings."""

import csv
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from io import BytesIO, StringIO
from typing import Literal, TypeAlias

import xlsxwriter

from features.phrase import Language
from features.text_files import harmless
from models.words.templates import SHIPPED
from service.access.people import PeopleShown
from service.workbooks.template import FEN_A_UNIT, XLSX

ExportFormat = Literal["csv", "xlsx"]
MEDIA: dict[ExportFormat, str] = {"csv": "text/csv; charset=utf-8", "xlsx": XLSX}
ExportValue: TypeAlias = str | int | float | bool | date | datetime | None
_WIDTH = 16
_DAY, _SECOND = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


@dataclass(frozen=True)
class TakenBy:
    """Who takes a file away: how the people are shown that it names, and what stands above it: who, where, when."""

    people: PeopleShown
    heading: str


@dataclass(frozen=True)
class ExportTable:
    """What a file holds. `taken`: who took it, where and when, for the first line."""

    name: str
    taken: str
    headings: Sequence[str]
    rows: Iterable[Sequence[ExportValue]]


def told_value(value: ExportValue, names: str | None, *, money: bool, language: Language) -> ExportValue:
    """A cell: a code by its name in the family `names`, an amount of fen in ten thousand yuan, yes or no in words."""
    if names is not None:
        return None if value is None else SHIPPED.name(f"{names}.{value}", language)
    if isinstance(value, bool):
        return SHIPPED.name(f"flag.{str(value).lower()}", language)
    return value / FEN_A_UNIT if money and isinstance(value, int) else value


def day_of(text: str | None) -> date | None:
    """A day as a cell that can be sorted and filtered by."""
    return None if text is None else date.fromisoformat(text)


def moment_of(at: str, zone: tzinfo) -> datetime:
    """An entry's time as the clock in the zone showed it, to the second, for a cell."""
    return datetime.fromisoformat(at).astimezone(zone).replace(tzinfo=None, microsecond=0)


def exported(table: ExportTable, form: ExportFormat) -> bytes:
    """The file. Texts stay texts, days are days: nothing in it is a formula or a link."""
    return _csv(table) if form == "csv" else _xlsx(table)


def _csv(table: ExportTable) -> bytes:
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerows([[harmless(table.taken)], table.headings])
    writer.writerows([harmless(one) if isinstance(one, str) else one for one in row] for row in table.rows)
    return BOM_UTF8 + text.getvalue().encode()


def _xlsx(table: ExportTable) -> bytes:
    out = BytesIO()
    told = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": _DAY,
    }
    with xlsxwriter.Workbook(out, told) as book:
        second = book.add_format({"num_format": _SECOND})
        page, bold = book.add_worksheet(), book.add_format({"bold": True, "bg_color": "#DDEBF7", "border": 1})
        page.set_column(0, max(0, len(table.headings) - 1), _WIDTH)
        page.freeze_panes(2, 0)
        page.write_string(0, 0, table.taken)
        page.write_row(1, 0, table.headings, bold)
        for number, row in enumerate(table.rows, start=2):
            for place, one in enumerate(row):
                if isinstance(one, str):
                    page.write_string(number, place, one)
                elif isinstance(one, datetime):
                    page.write_datetime(number, place, one, second)
                elif one is not None:
                    page.write(number, place, one)
    return out.getvalue()
