"""Reads a workbook: the question of each row of the first sheet with the rows of all tables that belong to it.

What is wrong is told by cell, `专利!D7`, all at once. Rows wait in a file without a name, so that ten thousand
questions take no more memory than the largest sheet.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from types import TracebackType

import orjson

from features.columns import LAST_DAY
from features.errors import MOST_FAULTS, Fault, fault, refusal_phrase
from features.phrase import Phrase
from features.question_columns import QUESTIONS
from features.row_checks import FORM_CHECKS
from features.tables import TABLES
from features.written import normal_row
from models.score.kind import KindName
from service.assessing.requests import read_applicant
from service.edge.errors import InvalidRequest
from service.workbooks.cells import Cell, CellRefused, as_typed, is_blank, read_cell
from service.workbooks.completing import completed
from service.workbooks.grids import CSV, BadWorkbook, Grid, grids
from service.workbooks.headings import ASIDE, WITHIN, SheetColumn, headings
from service.workbooks.layout import ABOUT, FORM, GIVEN, LINK, machine, plain, sheets, tabs
from service.workbooks.names import named
from service.workbooks.rows import ReadRow
from service.workbooks.sent import sent_grids

_ONLY = ""
"""The number of the only question, where it has none."""


class WorkbookRefused(BadWorkbook):
    """A workbook with places that are wrong: `faults` names the first by their cells, `every` all of them."""

    def __init__(self, file: Path | str, faults: Sequence[Fault]) -> None:
        super().__init__("workbook_wrong", file=file, count=len(faults), faults=faults)
        self.every = tuple(faults)


@dataclass(frozen=True)
class ReadQuestion:
    """A question as JSON would ask it, with the row of a sheet that each of its parts comes from."""

    body: Mapping[str, object]
    row: ReadRow
    rows: Mapping[str, Sequence[ReadRow]]
    faults: tuple[Fault, ...]

    @property
    def json(self) -> bytes:
        """The question as `POST /v1/assessments` takes it."""
        return orjson.dumps(self.body)

    @property
    def wrong(self) -> list[Fault]:
        """All that is wrong with it, by cell: what cannot be read, then what the tables refuse."""
        try:
            read_applicant(self.json)
        except InvalidRequest as refused:
            found = [*self.faults, *(self.at_cell(one) for one in refused.faults)]
            found += self._identifiers()
            first = {one.pointer: one for one in reversed(found)}
            return [one for one in found if first[one.pointer] is one]
        return list(self.faults)

    def _identifiers(self) -> Iterator[Fault]:
        """Wrong identifiers: of a row that is wrong elsewhere too, the tables' check does not come to them."""
        for table, rows in self.rows.items():
            forms = [(name, column.form) for name, column in TABLES[table].columns.items() if column.form]
            for row in rows if forms else ():
                values = normal_row(table, row.values)
                for name, form in forms:
                    text = values.get(name)
                    if isinstance(text, str) and (phrase := FORM_CHECKS[form](text)):
                        yield _at(table, row, name, phrase)

    def at_cell(self, one: Fault) -> Fault:
        """A fault of the question, `/rows/patents/3/filed_on`, at its cell."""
        _, *parts = one.pointer.split("/") if one.pointer else ("", "")
        phrase = as_typed(one.phrase)
        if parts[:1] != ["rows"] or len(parts) < 3:
            return _at(QUESTIONS, self.row, parts[0] if parts else "", phrase)
        return _at(parts[1], self.rows[parts[1]][int(parts[2])], parts[3] if len(parts) > 3 else "", phrase)


def _at(table: str, row: ReadRow, name: str, phrase: Phrase) -> Fault:
    """What is wrong with a column of a row; with the row as a whole where the sheet can have no such column."""
    if name == LINK:
        table, name = QUESTIONS, "case"
    declared = sheets()[table].columns if table in sheets() else {}
    return Fault(row.cell(name), phrase, machine(table, name) if name in declared else "")


class Workbook:
    """A workbook that was read through once, of a file or as it was sent; a context manager.

    `faults`: what is wrong with sheets and headings, and which rows belong to no question. `policy`: the digest of the
    policy under which the template was made, where it tells one. Of more than `most` questions one more is read, and no
    further. Raises `BadWorkbook` where the file cannot be read.
    """

    policy: str | None

    def __init__(self, source: Path | bytes, most: int | None = None) -> None:
        self.source, self.faults, self.policy = source, list[Fault](), None
        self._most = most
        self._letters: dict[str, Mapping[str, str]] = {}
        self._kept = sqlite3.connect("", isolation_level=None)
        try:
            self._kept.execute("PRAGMA journal_mode=OFF")
            self._kept.execute("CREATE TABLE kept (file TEXT, sheet TEXT, tab TEXT, number INT, told BLOB, wrong BLOB)")
            self._read()
        except BaseException:
            self._kept.close()
            raise

    def __enter__(self) -> "Workbook":
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self._kept.close()

    def __len__(self) -> int:
        """How many questions there are."""
        counted: tuple[int] = self._kept.execute("SELECT count(*) FROM kept WHERE sheet = ?", (QUESTIONS,)).fetchone()
        return counted[0]

    def questions(self, kind: KindName = "pledge", *, later: bool = False) -> Iterator[ReadQuestion]:
        """Each question of a kind in its order, with its rows.

        A row without a day on which it was known counts as known on the day of the question; with `later`, where it
        tells of a day after that, on this day.
        """
        for number, _, row, own_faults in list(self._rows("sheet = ?", QUESTIONS)):
            found: dict[str, list[ReadRow]] = {}
            faults = list(own_faults)
            for _, table, own, wrong in self._rows("sheet <> 'questions' AND file = ?", number):
                found.setdefault(table, []).append(own)
                faults += wrong
            yield _question(row, found, _ReadAs(kind, later), faults)

    def check(self) -> list[Fault]:
        """All that is wrong, by cell, each once."""
        return self._wrong(self.questions())

    def right(self) -> list[ReadQuestion]:
        """All questions. Raises `WorkbookRefused` where anything is wrong."""
        asked = list(self.questions())
        if wrong := self._wrong(asked):
            raise WorkbookRefused(self.name, wrong)
        return asked

    def _wrong(self, asked: Iterable[ReadQuestion]) -> list[Fault]:
        found = (*self.faults, *(one for question in asked for one in question.wrong))
        return list({(one.pointer, one.code): one for one in found}.values())

    @property
    def name(self) -> str:
        """What the workbook is called where something is wrong with it."""
        return ".xlsx" if isinstance(self.source, bytes) else str(self.source)

    # --- reading --------------------------------------------------------------------------------------------------

    def _read(self) -> None:
        found = sent_grids(self.source) if isinstance(self.source, bytes) else grids(self.source)
        for grid in found:
            table = _table_of(grid.tab)
            if table == ABOUT:
                self._about(grid)
            elif not grid.tab.startswith(ASIDE):
                self._sheet(grid, table)
        self._kept.execute("CREATE INDEX by_file ON kept (file)")
        self._join()

    def _about(self, grid: Grid) -> None:
        """The form of the template and the digest of the policy, beside their names in the hidden column."""
        told = {str(row[0]): row[-1] for row in grid.rows if row and isinstance(row[0], str) and row[0]}
        form = told.get("form")
        if isinstance(form, float | int) and form > FORM:
            raise BadWorkbook("workbook_form", file=self.name, form=int(form), most=FORM)
        self.policy = str(told["policy"]) if told.get("policy") else None

    def _sheet(self, grid: Grid, table: str | None) -> None:
        rows = iter(enumerate(grid.rows, start=1))
        top = list(islice(rows, WITHIN))
        cells = [row for _, row in top]
        table = table or next((one for one in map(_table_named, chain.from_iterable(cells)) if one), None)
        found = None if table is None else headings(grid.tab, table, cells)
        if table is None or found is None:
            if any(not is_blank(raw) for row in cells for raw in row):
                self.faults.append(_not_read(grid.tab, table))
            return
        self.faults += found.faults
        self._letters[grid.tab] = found.letters
        kept = (
            _kept_row(table, grid.tab, number, row, found.columns) for number, row in chain(top[found.above :], rows)
        )
        told = (row for row in kept if row is not None)
        most = None if table != QUESTIONS or self._most is None else self._most + 1
        self._kept.executemany("INSERT INTO kept VALUES (?, ?, ?, ?, ?, ?)", islice(told, most))

    def _join(self) -> None:
        """Rows without a number belong to the only question; others name one, or are refused."""
        asked = "SELECT file FROM kept WHERE sheet = 'questions'"
        if len(self) == 1:
            self._kept.execute(f"UPDATE kept SET file = ({asked}) WHERE file = ''")
        elif not len(self):
            self.faults.append(fault(sheets()[QUESTIONS].title("zh"), "workbook_no_question"))
        twice = f"sheet = 'questions' AND file IN ({asked} GROUP BY file HAVING count(*) > 1)"
        self._refuse("workbook_twice", twice, "case")
        self._refuse("workbook_no_file", f"sheet <> 'questions' AND file NOT IN ({asked})", LINK)

    def _refuse(self, code: str, which: str, column: str) -> None:
        query = f"SELECT file, tab, number FROM kept WHERE {which} LIMIT {MOST_FAULTS}"
        for file, tab, number in self._kept.execute(query):
            self.faults.append(fault(ReadRow(tab, number, {}, self._letters[tab]).cell(column), code, number=file))

    def _rows(self, query: str, of: str) -> Iterator[tuple[str, str, ReadRow, list[Fault]]]:
        told = self._kept.execute(f"SELECT file, sheet, tab, number, told, wrong FROM kept WHERE {query}", (of,))
        for file, sheet, tab, number, values, wrong in told:
            row = ReadRow(tab, number, orjson.loads(values), self._letters[tab])
            unread = orjson.loads(wrong).items()
            yield file, sheet, row, [_at(sheet, row, name, refusal_phrase(code)) for name, code in unread]


def _not_read(tab: str, table: str | None) -> Fault:
    """That a sheet is none of ours, or that it is and none of its columns are named."""
    if table is None:
        return fault(tab, "workbook_no_sheet", tab=tab)
    return fault(tab, "workbook_no_headings", table=table)


def _table_of(tab: str) -> str | None:
    """The table that a tab or the name of a CSV file names; of a CSV file without a name the questions."""
    if tab == CSV:
        return QUESTIONS
    return tabs().get(plain(tab[: -len(CSV)] if tab.lower().endswith(CSV) else tab))


def _kept_row(
    table: str, tab: str, number: int, row: Sequence[Cell], columns: Sequence[SheetColumn]
) -> tuple[object, ...] | None:
    """A row as it is kept: the number of its question, what its cells say, and why some cannot be read.

    None where it says nothing of the table.
    """
    declared = sheets()[table].columns
    told: dict[str, object] = {}
    wrong: dict[str, str] = {}
    for column in columns:
        raw = row[column.place] if column.place < len(row) else None
        if is_blank(raw, declared[column.name]):
            continue
        try:
            told[column.name] = named(table, column.name, read_cell(raw, declared[column.name], column.unit))
        except CellRefused as refused:
            wrong[column.name] = refused.code
    if not (told.keys() | wrong.keys()) - {LINK, *GIVEN}:
        return None
    link = "case" if table == QUESTIONS else LINK
    file = told.get(link, _ONLY) if link == "case" else told.pop(link, told.get("case", _ONLY))
    return file, table, tab, number, orjson.dumps(told), orjson.dumps(wrong)


@dataclass(frozen=True)
class _ReadAs:
    """As which kind of question rows are read; `later`: what happened after the day of the question may be told."""

    kind: KindName
    later: bool


def _question(
    row: ReadRow, rows: Mapping[str, Sequence[ReadRow]], read_as: _ReadAs, faults: Sequence[Fault]
) -> ReadQuestion:
    asked = row.values
    as_of = str(asked.get("as_of", LAST_DAY))  # where it cannot be read, that alone is wrong
    told = completed(str(asked.get("firm")), as_of, rows, later=read_as.later)
    given = {"rows": told} if told else {}  # none: the firm is looked up
    return ReadQuestion({"kind": read_as.kind, **asked, **given}, row, rows, tuple(faults))


def _table_named(raw: Cell) -> str | None:
    """The table of which the hidden row says that it stands on the sheet."""
    table, dot, name = raw.partition(".") if isinstance(raw, str) else ("", "", "")
    return table if dot and table in sheets() and name in sheets()[table].columns else None
