"""A workbook as a job: every row is checked as its question will be, and what is wrong is told by cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from features.errors import Fault, fault
from features.phrase import Language
from models.score.kind import KindName
from service.edge.errors import InvalidRequest
from service.jobs.entering import NewJob, NewRow
from service.workbooks.grids import BadWorkbook
from service.workbooks.reading import ReadQuestion, Workbook, WorkbookRefused

_TWICE = "workbook_twice"
"""What is wrong with two rows alone, and with no other."""


@dataclass(frozen=True)
class SentList:
    """A workbook that was sent as a list, and what it asks. `key`: sent twice under one key, it is one job."""

    content: bytes
    name: str
    kind: KindName
    language: Language | None
    key: str | None


def job_of_workbook(sent: SentList, most: int) -> NewJob:
    """The job that a workbook asks for, wrong rows and right ones.

    Raises `InvalidRequest` where it is no workbook, has more than `most` rows, or is wrong in a way of which nobody can
    tell which rows it is about: an unknown heading, a unit that is missing, a patent of no applicant.
    """
    try:
        with Workbook(sent.content, most) as workbook:
            if not 1 <= len(workbook) <= most:
                raise InvalidRequest([*workbook.faults, fault("", "applicants_count", most=most)])
            whole = [one for one in workbook.faults if one.code != _TWICE]
            if whole:
                raise WorkbookRefused(workbook.name, whole)
            rows = list(_rows(workbook, sent.kind))
    except WorkbookRefused as refused:
        raise InvalidRequest(refused.every) from None
    except BadWorkbook as error:
        raise InvalidRequest([Fault("", error.phrase)]) from None
    return NewJob(sent.kind, sent.name, sha256(sent.content).hexdigest(), rows, sent.language, sent.key)


def _rows(workbook: Workbook, kind: KindName) -> Iterator[NewRow]:
    asked = list(workbook.questions(kind))
    numbers = Counter(question.row.values.get("case") for question in asked)
    for question in asked:
        number = question.row.values.get("case")
        faults = question.wrong
        if number is not None and numbers[number] > 1:
            faults = [fault(question.row.cell("case"), _TWICE, number=str(number)), *faults]
        yield _row(question, faults)


def _row(question: ReadQuestion, faults: list[Fault]) -> NewRow:
    values, row = question.row.values, question.row
    told = {name: values.get(name) for name in ("case", "firm")}
    texts = {name: None if value is None else str(value) for name, value in told.items()}
    cells = {name: row.cell(name) for name in row.letters}
    return NewRow(row.cell(), texts["case"], texts["firm"], question.json, cells, tuple(faults))
