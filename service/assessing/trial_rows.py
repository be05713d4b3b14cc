"""What is tried otherwise of the rows that an assessment was answered from: values changed, rows added, rows left out.

A row is found by the columns of its table's key that are told; the application is that of the assessment, and the
subject of a paper the firm or the application, unless another is told. It is checked as a row of a question is. What
says the same as before changes nothing.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

import msgspec
from pydantic import BaseModel, Field, JsonValue

from features.asof import Case
from features.errors import Fault, fault
from features.row_checks import no_column
from features.schema import Row
from features.standing import fact_of, standing
from features.tables import TABLES
from features.vocabulary.evidence import is_about
from features.written import AS_WRITTEN, normal_row
from service.assessing.gathering import unread_evidence, wrong_units
from service.assessing.ports import Rows
from service.assessing.requests import read_applicant
from service.edge.errors import InvalidRequest
from service.edge.fields import STRICT, Name

MOST_TRIED = 100
"""Rows that one trial changes, adds or leaves out."""
FIXED = ("firm", "known_on", "source_kind", "source", "withdrawn", AS_WRITTEN)
"""Columns that say where a row comes from: they stay as they are."""
TriedValue = str | int | float | bool | None
How = Literal["changed", "added", "left_out"]
PartOfRows = Annotated[dict[Name, list[dict[Name, JsonValue]]], Field(default_factory=dict)]


class TrialRequest(BaseModel):
    """What is tried otherwise. `rows` are changed or added, those `without` are left out; by table.

    A row of `rows` tells its key and what it says otherwise, as a question would tell it; null: not known. A row of
    `without` tells columns of its key: all rows that have these values are left out.
    """

    model_config = STRICT

    rows: PartOfRows
    without: PartOfRows


class TriedColumn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column of a row that was tried otherwise: what it said, and what was tried; null is not known."""

    column: str
    before: TriedValue
    after: TriedValue


class TriedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row that was changed, added or left out in a trial, by its table and the known columns of its key."""

    table: str
    key: dict[str, TriedValue]
    how: How
    columns: list[TriedColumn]


@dataclass(frozen=True)
class TriedRows:
    """All rows as they are tried, and what is otherwise in them."""

    rows: Rows
    changes: list[TriedRow]


def tried(rows: Rows, case: Case, asked: TrialRequest) -> TriedRows:
    """The rows of an assessment of a case with what is tried; those given stay as they are.

    Raises `InvalidRequest`, naming all that is wrong by its place, and where nothing would change.
    """
    told = _Told(rows, case, asked)
    found = told.applied()
    if not found.changes:
        raise InvalidRequest([fault("/rows", "trial_nothing")])
    return found


class _Told:
    """What was told of rows, step by step."""

    def __init__(self, rows: Rows, case: Case, asked: TrialRequest) -> None:
        self.rows, self.case, self.asked = rows, case, asked
        self.faults: list[Fault] = []
        self.facts = {table: standing(table, own) for table, own in rows.items()}

    def applied(self) -> TriedRows:
        """All of it. Raises `InvalidRequest`."""
        self._check_size()
        left = list(self._left_out())
        wanted = list(self._wanted())
        self._raise()
        return self._made(left, wanted)

    def _raise(self) -> None:
        if self.faults:
            raise InvalidRequest(self.faults)

    def _check_size(self) -> None:
        count = sum(len(own) for part in (self.asked.rows, self.asked.without) for own in part.values())
        if count > MOST_TRIED:
            raise InvalidRequest([fault("/rows", "trial_rows", most=MOST_TRIED)])

    def _read(self, part: str, of: Mapping[str, Sequence[Mapping[str, JsonValue]]]) -> Iterator[tuple[str, int, Row]]:
        """Each row that was told, its values in normal form; what names no table or column is a fault."""
        for table, own in of.items():
            if table not in TABLES:
                self.faults.append(fault(f"/{part}/{table}", "row_no_table", table=table))
                continue
            allowed = TABLES[table].key if part == "without" else tuple(TABLES[table].columns)
            for place, row in enumerate(own):
                for name in row:
                    if name not in TABLES[table].columns:
                        self.faults.append(Fault(f"/{part}/{table}/{place}/{name}", no_column(table, name)))
                    elif name in FIXED or name not in allowed:
                        self.faults.append(fault(f"/{part}/{table}/{place}/{name}", "trial_column"))
                normal = {name: value for name, value in normal_row(table, {**row}).items() if name != AS_WRITTEN}
                yield table, place, self._supposed(table) | normal

    def _left_out(self) -> Iterator[tuple[str, int]]:
        """The rows that are left out, by table and place."""
        for table, place, told in self._read("without", self.asked.without):
            same = self._same(table, told)
            if not same:
                self.faults.append(fault(f"/without/{table}/{place}", "trial_no_row"))
            yield from ((table, one) for one in same)

    def _wanted(self) -> Iterator[tuple[str, Row, int | None]]:
        """The rows that are changed or added, as they would be: table, row, and the place of the one that changes."""
        seen: set[tuple[str, int]] = set()
        for table, place, said in self._read("rows", self.asked.rows):
            told = self._supposed_of_paper(table, said) | said
            same = self._same(table, told)
            if len(same) > 1:
                self.faults.append(fault(f"/rows/{table}/{place}", "trial_several", columns=TABLES[table].key))
            elif same and (table, same[0]) in seen:
                self.faults.append(fault(f"/rows/{table}/{place}", "trial_twice"))
            at = same[0] if len(same) == 1 else None
            seen |= set() if at is None else {(table, at)}
            yield table, (self._new(table) if at is None else self.rows[table][at]) | told, at

    def _new(self, table: str) -> Row:
        """What an added row says where nothing is told of it."""
        seen = {"seen_on": self.case.as_of} if table == "evidence" else {}
        return {"known_on": self.case.as_of, "source_kind": "typed"} | seen

    def _supposed(self, table: str) -> Row:
        """What a row says of the application where it says nothing."""
        own = "application" in TABLES[table].key and self.case.application is not None
        return {"application": self.case.application} if own else {}

    def _supposed_of_paper(self, table: str, told: Row) -> Row:
        """What a paper is about where it says nothing."""
        fact = str(told.get("fact"))
        if table != "evidence" or is_about(fact, "patent") or is_about(fact, "loan"):
            return {}
        return {"subject": self.case.application if is_about(fact, "application") else self.case.firm}

    def _same(self, table: str, told: Row) -> list[int]:
        """The places of the rows whose key says what is told of it."""
        wanted = {name: _plain(told[name]) for name in TABLES[table].key if name in told}
        own = self.rows.get(table, [])
        return [
            place for place in self.facts.get(table, {}).values()
            if all(_plain(own[place].get(name)) == value for name, value in wanted.items())
        ]  # fmt: skip

    def _made(self, left: Sequence[tuple[str, int]], wanted: Sequence[tuple[str, Row, int | None]]) -> TriedRows:
        """The rows with it, checked as those of a question."""
        case, by_table = self.case, dict[str, list[Row]]()
        for table, row, _ in wanted:
            by_table.setdefault(table, []).append(row)
        body = {"as_of": case.as_of, "firm": case.firm, "rows": by_table}
        told = json.dumps(body, default=date.isoformat).encode()  # numbers of any size, which the reader then refuses
        checked = read_applicant(told).rows or {}
        self.faults += wrong_units(checked)
        rows = {table: list(own) for table, own in self.rows.items()}
        changes, places = list[TriedRow](), dict[tuple[str, int], int]()
        counts: dict[str, int] = {}
        for table, _, at in wanted:
            number = counts[table] = counts.get(table, -1) + 1
            row = {"firm": case.firm} | checked[table][number]
            own = rows.setdefault(table, [])
            before = None if at is None else own[at]
            if before is None:
                own.append(row)
            elif (change := _changed(table, before, row)) is not None:
                own[at or 0] = row
                changes.append(change)
            places[table, len(own) - 1 if at is None else at] = number
            changes += [_added(table, row)] if before is None else []
        self._check_papers(rows, places)
        self._raise()
        gone = {(table, place) for table, place in left}
        changes += [_row(table, self.rows[table][place], "left_out") for table, place in dict.fromkeys(left)]
        return TriedRows(_without(rows, gone), changes)

    def _check_papers(self, rows: Rows, places: Mapping[tuple[str, int], int]) -> None:
        """A paper that is tried must be about something that a row tells of."""
        for one in unread_evidence(rows):
            number = places.get(("evidence", int(one.pointer.split("/")[3])))
            if number is not None:
                self.faults.append(Fault(f"/rows/evidence/{number}/subject", one.phrase))


def _without(rows: Rows, gone: set[tuple[str, int]]) -> Rows:
    """The rows without some facts, and without what was known of them before."""
    found = dict(rows)
    for table in {table for table, _ in gone}:
        own = rows[table]
        facts_gone = {fact_of(table, own[place]) for of, place in gone if of == table}
        found[table] = [row for row in own if fact_of(table, row) not in facts_gone]
    return found


def _changed(table: str, before: Row, after: Row) -> TriedRow | None:
    """What a row says otherwise; None where it says the same."""
    names = [name for name in TABLES[table].columns if name not in FIXED and before.get(name) != after.get(name)]
    columns = [TriedColumn(name, _plain(before.get(name)), _plain(after.get(name))) for name in names]
    return _row(table, before, "changed", columns) if columns else None


def _added(table: str, row: Row) -> TriedRow:
    told = [name for name in TABLES[table].columns if name not in FIXED and row.get(name) is not None]
    return _row(table, row, "added", [TriedColumn(name, None, _plain(row[name])) for name in told])


def _row(table: str, row: Row, how: How, columns: Sequence[TriedColumn] = ()) -> TriedRow:
    key = {name: _plain(row[name]) for name in TABLES[table].key if row.get(name) is not None}
    return TriedRow(table, key, how, list(columns))


def _plain(value: object) -> TriedValue:
    """A value as JSON tells it: a day as its text."""
    return value if value is None or isinstance(value, str | int | float) else str(value)
