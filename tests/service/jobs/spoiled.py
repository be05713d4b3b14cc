"""Lists of made-up applicants as CSV files in a ZIP file, some rows of which are wrong in twenty ways."""

import csv
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter.utility import xl_col_to_name

from features.question_columns import QUESTIONS
from features.tables import TABLES
from service.workbooks.layout import LINK
from tests.service.made import applicant

_FEN = 100
_ASKED = ("case", "firm", "as_of", "application", "bank")
WAYS: tuple[tuple[str, str, object], ...] = (
    (QUESTIONS, "firm", "91350100"),
    (QUESTIONS, "firm", ""),
    (QUESTIONS, "as_of", "next week"),
    (QUESTIONS, "as_of", ""),
    (QUESTIONS, "as_of", "1999-12-31"),
    (QUESTIONS, "application", "a" * 300),
    ("firms", "staff", -5),
    ("firms", "rd_staff", "many"),
    ("firms", "founded_on", "1850-13-01"),
    ("firms", "industry", "shoes"),
    ("statements", "revenue", "a lot"),
    ("statements", "months", 40),
    ("statements", "period_end", ""),
    ("statements", "scope", "galaxy"),
    ("patents", "kind", "poem"),
    ("patents", "claims", -1),
    ("patents", "filed_on", "yesterday"),
    ("applications", "amount", "-3"),
    ("applications", "term_months", "a year"),
    ("applications", "purpose", "fun"),
)
"""A sheet, a column, and what stands there instead."""


@dataclass
class MadeList:
    """What is sent, and the cells that are wrong: the place of each by the row's number, from 1."""

    content: bytes
    rows: int
    wrong: dict[int, str] = field(default_factory=dict)

    @property
    def right(self) -> int:
        """Rows that can be asked."""
        return self.rows - len(self.wrong)


GOOD_GRADE = {
    "known_on": "2026-05-02", "source_kind": "register", "event": "tax_grade", "grade": "A",
    "happened_on": "2026-04-30",
}  # fmt: skip
"""What the tax office says of a firm that lists may admit."""


def made_list(count: int, bad: int = 0, patents: int = 2, first: int = 1, rated: bool = False) -> MadeList:
    """A list of applicants; every `count // bad`th row is wrong, in one way after the other.

    `rated`: the tax office says good of each.
    """
    sheets: dict[str, list[dict[str, Any]]] = {QUESTIONS: []}
    spoil = {(n + 1) * (count // bad): WAYS[n % len(WAYS)] for n in range(bad)} if bad else {}
    places: dict[int, tuple[str, int, str]] = {}
    for n in range(1, count + 1):
        number, body = f"N{n:05}", applicant(first + n, patents)
        if rated:
            body["rows"]["credit_events"] = [GOOD_GRADE]
        rows: dict[str, list[dict[str, Any]]] = {
            QUESTIONS: [{"case": number, **{name: body[name] for name in _ASKED if name in body}}]
        }
        rows |= {table: [{LINK: number, **one} for one in own] for table, own in body["rows"].items()}
        empty = [table for table, own in body["rows"].items() if not own]  # asked, and nothing found
        rows["coverage"] = [
            {LINK: number, "about": table, "asked_on": body["as_of"], "complete": True} for table in empty
        ]
        if n in spoil:
            table, column, value = spoil[n]
            rows[table][0][column] = value
            places[n] = (table, len(sheets.get(table, ())) + 2, column)
        for table, own in rows.items():
            sheets.setdefault(table, []).extend(own)
    headings = {table: _headings(rows) for table, rows in sheets.items()}
    wrong = {
        n: f"{table}.csv!{xl_col_to_name(headings[table].index(column))}{row}"
        for n, (table, row, column) in places.items()
    }
    return MadeList(_packed(sheets, headings), count, wrong)


def _headings(rows: list[dict[str, Any]]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row))


def _packed(sheets: dict[str, list[dict[str, Any]]], headings: dict[str, list[str]]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as packed:
        for table, rows in sheets.items():
            if not rows:
                continue
            text = StringIO()
            writer = csv.writer(text)
            money = {name for name in headings[table] if _kind(table, name) == "money"}
            writer.writerow([f"{name}(元)" if name in money else name for name in headings[table]])
            for row in rows:
                writer.writerow([_cell(row.get(name), name in money) for name in headings[table]])
            packed.writestr(f"{table}.csv", text.getvalue())
    return out.getvalue()


def _kind(table: str, name: str) -> str:
    column = TABLES[table].columns.get(name) if table in TABLES else None
    return "" if column is None else column.kind


def _cell(value: object, money: bool) -> object:
    if isinstance(value, bool):
        return "是" if value else "否"
    if money and isinstance(value, int):
        return f"{value / _FEN:.2f}"
    return "" if value is None else value
