"""Which loan file (卷宗) an entry joins: one per bank, firm and application, opened by its first assessment.

An assessment without an application has a file of its own. An act joins the file of its assessment; where that is an
entry of form 1, which has none, the act takes it into one.
"""

from collections.abc import Sequence
from functools import lru_cache
from uuid import uuid4

from sqlalchemy import Connection, ScalarSelect, Select, bindparam, select, update

from features.asof import Case
from service.assessing.assessment_index import ASSESSMENTS, AssessmentRecord
from service.ledger.entry_contents import EntryRef

_Key = tuple[str | None, str, str]
"""Bank, firm and application."""


def files_of_cases(connection: Connection, cases: Sequence[Case]) -> list[str]:
    """The ids of the loan files that assessments of these cases join, in their order; new ones where there are none."""
    keys = [_key(case) for case in cases]
    known = _files(connection, [key for key in keys if key is not None])
    return [uuid4().hex if key is None else known.get(key) or uuid4().hex for key in keys]


def file_of_act(connection: Connection, assessment: AssessmentRecord) -> tuple[str, EntryRef | None]:
    """The id of the loan file that an act about an assessment (its row) joins, and the entry that it takes into it."""
    if assessment.file is not None:
        return assessment.file, None
    key = _key(assessment)
    known = _files(connection, [] if key is None else [key])
    found = next(iter(known.values()), None) or uuid4().hex
    connection.execute(update(ASSESSMENTS).where(ASSESSMENTS.c.id == assessment.id), {"file": found})
    return found, EntryRef(assessment.seq, assessment.seal)


def _key(of: Case | AssessmentRecord) -> _Key | None:
    """Bank, firm and application of a case, or of an assessment's row; None where no application is named."""
    return None if of.application is None or of.firm is None else (of.bank, of.firm, of.application)


def _files(connection: Connection, keys: Sequence[_Key]) -> dict[_Key, str]:
    """The loan file of each bank, firm and application that has one: any of its assessments tells, however many."""
    asked = list(dict.fromkeys(keys))
    if not asked:
        return {}
    query = _query(tuple([bank is None for bank, _, _ in asked]))
    given = {
        f"{name}_{place}": value
        for place, key in enumerate(asked)
        for name, value in zip(("bank", "firm", "application"), key, strict=True)
        if value is not None
    }
    found = connection.execute(query, given).one()
    return {key: file for key, file in zip(asked, found, strict=True) if file is not None}


@lru_cache(1000)
def _query(no_bank: tuple[bool, ...]) -> Select[*tuple[str | None, ...]]:
    """Asks about so many loan files at once, each with or without a bank: any one of its assessments tells."""
    return select(*(_file(place, none).label(f"file_{place}") for place, none in enumerate(no_bank)))


def _file(place: int, no_bank: bool) -> ScalarSelect[str | None]:
    table = ASSESSMENTS.c
    bank = table.bank.is_(None) if no_bank else table.bank == bindparam(f"bank_{place}")
    firm, application = (table[name] == bindparam(f"{name}_{place}") for name in ("firm", "application"))
    of = (application, firm, bank, table.file.is_not(None))
    return select(table.file).where(*of).limit(1).scalar_subquery()
