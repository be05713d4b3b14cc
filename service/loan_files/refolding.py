"""Loan files made anew from entries and nothing else, in their order."""

from collections.abc import Mapping

import msgspec
from sqlalchemy import Connection

from service.assessing.assessment_index import IndexedAnswer
from service.assessing.loan_file_index import LOAN_FILES, file_row, locked_names, opens_file
from service.edge.database import DatabaseTable
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.loan_files.folding import advanced, noted
from service.loan_files.old_steps import joined, opened_by, with_old_steps
from service.loan_files.record import LoanFile
from service.loan_files.steps import STEP_KINDS, EnteredAct, about, entered_of_form_1
from service.loan_files.tables import PARTS, rows_of


class FoldedFiles:
    """The loan files behind the entries so far.

    A file one of whose entries was erased, or lies before the first that was read, cannot be told and has no rows.
    """

    def __init__(self) -> None:
        self._files: dict[str, LoanFile] = {}
        self._untold: set[str] = set()
        self._opening: dict[int, dict[str, object]] = {}
        self._old_steps: dict[str, list[EnteredAct]] = {}

    def add(self, entry: OpenedEntry) -> None:
        """One entry more."""
        if not entry.second:
            self._first_form(entry)
            return
        place = entry.outer.file
        if place is None or place.id in self._untold:
            return
        if entry.erased or (place.n > 1 and place.taken_up is None and place.id not in self._files):
            self._files.pop(place.id, None)
            if entry.erased:
                self._untold.add(place.id)
            return
        self._second_form(entry, place.id)

    def rows(self, connection: Connection) -> Mapping[DatabaseTable, list[dict[str, object]]]:
        """What the tables must hold; names lie under the firms' keys."""
        found: dict[DatabaseTable, list[dict[str, object]]] = {table: [] for table in (LOAN_FILES, *PARTS.values())}
        for file in self._files.values():
            for table, own in rows_of(file).items():
                found[table] += own
        found[LOAN_FILES] = locked_names(connection, found[LOAN_FILES])
        return found

    def _first_form(self, entry: OpenedEntry) -> None:
        """An assessment of form 1 may be taken up later, with what was done about it."""
        if entry.body is None:
            return
        if entry.kind == Kind.ASSESSMENT:
            self._opening[entry.seq] = file_row(_answer(entry), entry)
        elif entry.kind in STEP_KINDS:
            self._old_steps.setdefault(about(entry.body).id, []).append(entered_of_form_1(entry))

    def _second_form(self, entry: OpenedEntry, file: str) -> None:
        if entry.kind == Kind.ASSESSMENT:
            answer = _answer(entry)
            if opens_file(answer):
                self._files[file] = noted(self._files.get(file), file_row(answer, entry))
            return
        taken_up = entry.outer.file.taken_up if entry.outer.file is not None else None
        if taken_up is not None and taken_up.seq in self._opening:
            row = {**self._opening[taken_up.seq], "id": file}
            old = str(row["assessment"])
            steps, there = self._old_steps.get(old, []), self._files.get(file)
            self._files[file] = with_old_steps(opened_by(row), steps) if there is None else joined(there, old, steps)
        structure = STEP_KINDS.get(entry.kind)
        if structure is not None and entry.body is not None and file in self._files:
            self._files[file] = advanced(self._files[file], structure.from_leaves(entry.body), entry)


def _answer(entry: OpenedEntry) -> IndexedAnswer:
    return msgspec.json.decode(entry.answer or b"{}", type=IndexedAnswer)
