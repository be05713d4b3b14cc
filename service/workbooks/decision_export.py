"""The decisions as a file: a line for each, with names of codes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from features.phrase import Language
from models.words.templates import SHIPPED
from service.decisions.listing import ListedDecision
from service.workbooks.exports import ExportFormat, ExportTable, ExportValue, TakenBy, exported, moment_of, told_value

_COLUMNS = (
    "entry", "at", "bank", "branch", "firm", "legal_name", "application", "advice", "asked", "advised", "binding",
    "probability", "grade", "outcome", "amount", "term_months", "stands", "better_in", "reason_code", "waives", "by",
    "state", "drawn", "superseded", "assessment", "loan_file",
)  # fmt: skip
_AMOUNTS = ("asked", "advised", "amount", "drawn")
_NAMED = {
    "advice": "advice", "binding": "bound", "outcome": "loan_outcome", "stands": "standing", "state": "loan_state",
}  # fmt: skip


def decisions_file(
    rows: Iterable[ListedDecision], taken: TakenBy, zone: tzinfo, language: Language, form: ExportFormat
) -> bytes:
    """The decisions: amounts in ten thousand yuan, times in the zone, codes and people by their names."""
    headings = [SHIPPED.name(f"decision_column.{column}", language) for column in _COLUMNS]
    name = SHIPPED.name("decision_column.title", language)
    return exported(ExportTable(name, taken.heading, headings, _lines(rows, taken, zone, language)), form)


def _lines(
    rows: Iterable[ListedDecision], taken: TakenBy, zone: tzinfo, language: Language
) -> Iterator[Sequence[ExportValue]]:
    for row in rows:
        told: dict[str, ExportValue] = {
            "at": moment_of(row.at, zone),
            "by": taken.people.each(row.by, "; "),
        }
        yield [told[column] if column in told else _value(row, column, language) for column in _COLUMNS]


def _value(row: ListedDecision, column: str, language: Language) -> ExportValue:
    value: ExportValue | tuple[str, ...] = getattr(row, column)
    if column == "better_in":
        return "; ".join(SHIPPED.name(f"better.{one}", language) for one in row.better_in)
    if isinstance(value, tuple):
        return "; ".join(value)
    return told_value(value, _NAMED.get(column), money=column in _AMOUNTS, language=language)
