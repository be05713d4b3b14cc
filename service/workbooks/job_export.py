"""The results of a job as a file: a line for each row of the file that was sent."""

from collections.abc import Iterable, Iterator, Sequence

from features.phrase import Language
from models.words.faults import fault_said, place_said
from models.words.templates import SHIPPED
from service.jobs.listing import JobRowShown
from service.workbooks.exports import ExportFormat, ExportTable, ExportValue, day_of, exported, told_value

_COLUMNS = (
    "place", "case", "firm", "legal_name", "state", "advice", "asked", "advised", "binding", "points", "grade",
    "probability", "as_of", "retrospective", "expires_on", "assessment", "faults",
)  # fmt: skip
_AMOUNTS = ("asked", "advised")
_DAYS = ("as_of", "expires_on")
_NAMED = {"state": "row_state", "advice": "advice", "binding": "bound"}


def job_file(rows: Iterable[JobRowShown], name: str, taken: str, language: Language, form: ExportFormat) -> bytes:
    """The rows with what was answered: amounts in ten thousand yuan, codes by their names, what is wrong as sentences.

    `taken`: who takes it, and when.
    """
    headings = [SHIPPED.name(f"job_column.{column}", language) for column in _COLUMNS]
    return exported(ExportTable(name, taken, headings, _lines(rows, language)), form)


def _lines(rows: Iterable[JobRowShown], language: Language) -> Iterator[Sequence[ExportValue]]:
    for row in rows:
        yield [_value(row, column, language) for column in _COLUMNS]


def _value(row: JobRowShown, column: str, language: Language) -> ExportValue:
    if column == "faults":
        return "; ".join(
            f"{place_said(one.pointer, language)} {fault_said(one, language)}".strip() for one in row.faults
        )
    if column == "place":
        return place_said(row.place, language)
    if column in _DAYS:
        return day_of(getattr(row, column))
    return told_value(getattr(row, column), _NAMED.get(column), money=column in _AMOUNTS, language=language)
