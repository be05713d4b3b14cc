"""Writes the workbook: an empty template, or one filled with questions as JSON asks them.

Headings stand in one language; the names that machines read stand in a hidden row above them. Choices are lists, days
and amounts are checked while they are typed, and the answer to a fact is offered by the fact beside it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from features.columns import FIRST_DAY, LAST_DAY, Column
from features.phrase import Language
from features.question_columns import QUESTIONS
from features.tables import TABLES
from features.vocabulary import VOCABULARY, CodeWords
from features.vocabulary.vocabulary import YES_NO
from models.words.templates import SHIPPED
from service.workbooks.layout import ABOUT, FORM, LINK, TabLayout, machine, sheets

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
"""The media type of a workbook."""
ROWS = 2_000
"""Rows of a sheet that are checked while they are typed."""
_LISTS = "#lists"
_TOP = 2
"""Rows above the first row of values: the hidden one and the headings."""
FEN_A_UNIT = 10**6

Asked = Mapping[str, object]
"""A question as JSON asks it."""


def write_workbook(out: Path | IO[bytes], language: Language, policy: str, asked: Sequence[Asked] = ()) -> None:
    """Write the template, filled with these questions; `policy`: the digest of the policy under which it is made."""
    _Writer(out, language, policy).write(asked)


def written_workbook(language: Language, policy: str, asked: Sequence[Asked] = ()) -> bytes:
    """The same as one file in memory."""
    out = BytesIO()
    write_workbook(out, language, policy, asked)
    return out.getvalue()


@cache
def empty_workbook(language: Language, policy: str) -> bytes:
    """The empty template as it is handed out."""
    return written_workbook(language, policy)


class _Writer:
    """One workbook as it is written."""

    def __init__(self, out: Path | IO[bytes], language: Language, policy: str) -> None:
        self.language, self.policy = language, policy
        told = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        self.book = xlsxwriter.Workbook(str(out) if isinstance(out, Path) else out, told)
        font = {"font_name": "Arial" if language == "en" else "宋体", "font_size": 10}
        self.bold = self.book.add_format({**font, "bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True})
        self.must = self.book.add_format({**font, "bold": True, "bg_color": "#FCE4D6", "border": 1, "text_wrap": True})
        self.wrapped = self.book.add_format({**font, "text_wrap": True, "valign": "top"})
        self.formats = {
            "money": self.book.add_format({**font, "num_format": "#,##0.00####"}),
            "day": self.book.add_format({**font, "num_format": "yyyy-mm-dd"}),
            "count": self.book.add_format({**font, "num_format": "0"}),
            "share": self.book.add_format({**font, "num_format": "0.00%"}),
            "text": self.book.add_format({**font, "num_format": "@"}),
            "number": self.book.add_format(font),
        }

    def write(self, asked: Sequence[Asked]) -> None:
        """All sheets; the first one is opened."""
        pages = {table: self.book.add_worksheet(sheet.title(self.language)) for table, sheet in sheets().items()}
        about = self.book.add_worksheet(SHIPPED.name(f"sheet.{ABOUT}", self.language))
        lists = _Lists(self.book.add_worksheet(_LISTS), self.book)
        self._about(about)
        for table, sheet in sheets().items():
            self._sheet(pages[table], sheet, lists)
        for table, rows in _rows(asked).items():
            for number, row in enumerate(rows, start=_TOP):
                self._row(pages[table], sheets()[table], number, row)
        lists.page.hide()
        self.book.close()

    def _about(self, page: Worksheet) -> None:
        page.set_column(0, 0, None, None, {"hidden": True})
        page.set_column(1, 1, 18)
        page.set_column(2, 2, 100)
        facts = {"form": FORM, "code": version("pledgescore"), "policy": self.policy}
        for number, (name, value) in enumerate(facts.items()):
            page.write(number, 0, name)
            page.write(number, 1, SHIPPED.name(f"workbook.{name}", self.language), self.bold)
            page.write(number, 2, value, self.wrapped)
        for number, line in enumerate(SHIPPED.name("workbook.guidance", self.language).splitlines(), start=len(facts)):
            page.merge_range(number + 1, 1, number + 1, 2, line, self.wrapped)

    def _sheet(self, page: Worksheet, sheet: TabLayout, lists: "_Lists") -> None:
        page.set_row(0, None, None, {"hidden": True})
        page.set_row(1, 45)
        page.freeze_panes(_TOP, 2 if sheet.table != QUESTIONS else 1)
        for place, name in enumerate(sheet.offered):
            column = sheet.columns[name]
            heading = sheet.heading(name, self.language)
            page.write_string(0, place, machine(sheet.table, name))
            page.write_string(1, place, heading, self.must if heading.endswith("*") else self.bold)
            page.set_column(place, place, 16 if column.kind != "text" else 22, self._format(column))
            if (check := self._check(sheet, name, place, lists)) is not None:
                page.data_validation(_TOP, place, _TOP + ROWS - 1, place, check)

    def _check(self, sheet: TabLayout, name: str, place: int, lists: "_Lists") -> Mapping[str, object] | None:
        """What is checked while a cell is typed, and what is said beside it."""
        column = sheet.columns[name]
        message = help_of(sheet.table, name, self.language)
        told = {"input_message": message[:255]} if message else {}
        if (words := self._words(sheet.table, name, lists)) is not None:
            return {"validate": "list", "source": f"={words}", "error_type": "warning", **told}
        if (sheet.table, name) == ("evidence", "answer"):
            fact = f"{xl_col_to_name(place - 1)}{_TOP + 1}"
            source = f'=INDIRECT("answer_"&VLOOKUP({fact},{lists.facts(self.language)},2,FALSE))'
            return {"validate": "list", "source": source, "error_type": "warning", **told}
        between: Mapping[str, object] = {
            "day": {"validate": "date", "criteria": "between", "minimum": FIRST_DAY, "maximum": LAST_DAY},
            "money": {"validate": "decimal", "criteria": "between", "minimum": -1e9, "maximum": 1e9},
            "count": {"validate": "integer", "criteria": ">=", "value": int(column.least or 0)},
        }.get(column.kind, {"validate": "any"} if told else {})  # fmt: skip
        # A warning, so that text such as 300万元 or 2026年7月15日 can still be typed: it is read all the same.
        return {**between, "error_type": "warning", **told} if between else None

    def _words(self, table: str, name: str, lists: "_Lists") -> str | None:
        """The range of the words that a column takes."""
        column = sheets()[table].columns[name]
        if column.kind == "choice":
            return lists.of(f"{table}.{name}", _labels(VOCABULARY.choice(table, name), self.language))
        if column.kind == "flag":
            return lists.of("yes_no", [_label(YES_NO.answers, code, self.language) for code in ("yes", "no")])
        if (table, name) == ("evidence", "fact"):
            return lists.of("facts", [SHIPPED.name(f"fact.{fact}", self.language) for fact in VOCABULARY.facts])
        if (table, name) == ("coverage", "about"):
            return lists.of("tables", [sheets()[one].title(self.language) for one in TABLES if one != "coverage"])
        return None

    def _format(self, column: Column) -> Format:
        kind = "share" if column.unit == "share" else column.kind
        return self.formats[kind if kind in self.formats else "text"]

    def _row(self, page: Worksheet, sheet: TabLayout, number: int, row: Mapping[str, object]) -> None:
        for place, name in enumerate(sheet.offered):
            if (value := row.get(name)) is not None:
                self._cell(page, (number, place), sheet, name, value, row)

    def _cell(
        self,
        page: Worksheet,
        at: tuple[int, int],
        sheet: TabLayout,
        name: str,
        value: object,
        row: Mapping[str, object],
    ) -> None:
        column = sheet.columns[name]
        form = self._format(column)
        if column.kind == "day":
            page.write_datetime(*at, date.fromisoformat(str(value)), form)
        elif column.kind == "money" and isinstance(value, int):
            page.write_number(*at, value / FEN_A_UNIT, form)
        elif isinstance(value, bool):
            page.write_string(*at, _label(YES_NO.answers, "yes" if value else "no", self.language), form)
        elif isinstance(value, int | float):
            page.write_number(*at, value, form)
        else:
            page.write_string(*at, self._shown(sheet.table, name, str(value), row), form)

    def _shown(self, table: str, name: str, value: str, row: Mapping[str, object]) -> str:
        """The word for a code."""
        if sheets()[table].columns[name].kind == "choice":
            return _label(VOCABULARY.choice(table, name), value, self.language)
        if table == "evidence" and name == "answer":
            return _label(VOCABULARY.answers(str(row.get("fact"))), value, self.language)
        if (table, name) == ("evidence", "fact") and value in VOCABULARY.facts:
            return SHIPPED.name(f"fact.{value}", self.language)
        if (table, name) == ("coverage", "about") and value in TABLES:
            return sheets()[value].title(self.language)
        return value


class _Lists:
    """The hidden sheet with the lists that cells are chosen from, each once."""

    def __init__(self, page: Worksheet, book: xlsxwriter.Workbook) -> None:
        self.page, self.book = page, book
        self._ranges: dict[str, str] = {}
        self._columns = 0

    def of(self, name: str, words: Sequence[str]) -> str:
        """The range of a list, written where it does not stand yet."""
        if name not in self._ranges:
            self._ranges[name] = self._write([words])
        return self._ranges[name]

    def facts(self, language: Language) -> str:
        """The range of the facts with their codes; a name `answer_CODE` is given to the answers of each."""
        if "answers" not in self._ranges:
            facts = VOCABULARY.facts
            self._ranges["answers"] = self._write(
                [[SHIPPED.name(f"fact.{fact}", language) for fact in facts], [*facts]]
            )
            for fact, told in facts.items():
                words = _labels(told.answers, language)
                self.book.define_name(f"answer_{fact}", f"={self._write([words])}")
        return self._ranges["answers"]

    def _write(self, columns: Sequence[Sequence[str]]) -> str:
        first = self._columns
        for place, words in enumerate(columns, start=first):
            self.page.write_column(0, place, words)
        self._columns += len(columns)
        last = xl_col_to_name(first + len(columns) - 1, True)
        return f"'{_LISTS}'!${xl_col_to_name(first)}$1:{last}${len(columns[0])}"


def _label(words: CodeWords, code: str, language: Language) -> str:
    """The label of a code; what is none of its codes stays as it is."""
    word = words.words.get(code)
    return code if word is None else (word.zh if language == "zh" else word.en)[0]


def _labels(words: CodeWords, language: Language) -> list[str]:
    return [_label(words, code, language) for code in words.words]


def help_of(table: str, name: str, language: Language) -> str:
    """What is said of a column beside its cells, where something is."""
    code = f"workbook.help.{table}.{name}"
    return SHIPPED.texts[language].get(code, SHIPPED.texts[language].get(f"workbook.help.{name}", ""))


def _rows(asked: Iterable[Asked]) -> dict[str, list[dict[str, object]]]:
    """The rows of each sheet, each with the number of its question."""
    found: dict[str, list[dict[str, object]]] = {}
    for place, question in enumerate(asked, start=1):
        number = str(question.get("case") or place)
        found.setdefault(QUESTIONS, []).append({**question, "case": number})
        for table, row in _given(question):
            found.setdefault(table, []).append({LINK: number, **row})
    return found


def _given(question: Asked) -> Iterator[tuple[str, Mapping[str, object]]]:
    rows = question.get("rows")
    rows = rows if isinstance(rows, Mapping) else {}
    told = {row.get("about") for row in rows.get("coverage", ())}
    for table, own in rows.items():
        if not own and table not in told:  # asked, and nothing found
            yield "coverage", {"about": table, "asked_on": question.get("as_of"), "complete": True}
        for row in own:
            yield str(table), row
