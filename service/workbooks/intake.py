"""A workbook that was sent, as questions or as a job: every row is checked, and what is wrong is told by cell."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from features.errors import Fault, fault
from features.phrase import Language
from models.score.kind import KindName
from service.edge.errors import InvalidRequest
from service.jobs.entering import NewRow
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


def questions_of_workbook(content: bytes, most: int) -> Iterator[ReadQuestion]:
    """The questions of a workbook in their order, of which there are so many at most. Raises `InvalidRequest`."""
    try:
        with Workbook(content, most) as workbook:
            if len(workbook) > most:
                raise InvalidRequest([fault("", "applicants_count", most=most)])
            yield from workbook.right()
    except WorkbookRefused as refused:
        raise InvalidRequest(refused.every) from None
    except BadWorkbook as error:
        raise InvalidRequest([Fault("", error.phrase)]) from None


def few_questions(content: bytes, most: int) -> Iterator[bytes]:
    """The same as JSON, for somebody who waits. Raises `BadWorkbook`, naming every cell that is wrong."""
    with Workbook(content) as workbook:
        if len(workbook) > most:
            raise BadWorkbook("workbook_at_once", file=workbook.name, count=len(workbook), most=most)
        yield from (question.json for question in workbook.right())


def job_rows_of_workbook(content: bytes, kind: KindName, most: int) -> Iterator[NewRow]:
    """The rows of the job that a workbook asks for, wrong ones and right ones.

    Raises `InvalidRequest` where it is no workbook, has more than `most` rows, or is wrong in a way of which nobody can
    tell which rows it is about: an unknown heading, a unit that is missing, a patent of no applicant.
    """
    try:
        with Workbook(content, most) as workbook:
            if not 1 <= len(workbook) <= most:
                raise InvalidRequest([*workbook.faults, fault("", "applicants_count", most=most)])
            whole = [one for one in workbook.faults if one.code != _TWICE]
            if whole:
                raise WorkbookRefused(workbook.name, whole)
            yield from _rows(workbook, kind)
    except WorkbookRefused as refused:
        raise InvalidRequest(refused.every) from None
    except BadWorkbook as error:
        raise InvalidRequest([Fault("", error.phrase)]) from None


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
