"""The drawn loans as a file: a line for each, with names of codes and the SHA-256 of each paper."""

from collections.abc import Iterable, Sequence

from features.phrase import Language
from models.words.templates import SHIPPED
from service.decisions.loan_list import DrawnLoan
from service.loan_files.drawdown_papers import PAPER_KINDS, PaperKind
from service.workbooks.exports import ExportFormat, ExportTable, ExportValue, TakenBy, exported, told_value

_TOLD = (
    "loan", "legal_name", "firm", "bank", "branch", "amount", "drawn_on", "due_on", "contract", "registration",
    "registered_on", "decision", "entry", "state", "closed_on", "outcome", "loss",
)  # fmt: skip
_BEHIND = ("loan_file", "assessment")
_YUAN = ("amount", "loss")
_NAMED = {"state": "drawn_loan", "outcome": "loan_outcome"}


def loans_file(rows: Iterable[DrawnLoan], taken: TakenBy, language: Language, form: ExportFormat) -> bytes:
    """The loans: amounts in yuan, codes by their names; of each kind of paper the digests, or that none is held."""
    columns = (*_TOLD, *(f"paper_{kind}" for kind in PAPER_KINDS), *_BEHIND)
    headings = [SHIPPED.name(f"loan_column.{column}", language) for column in columns]
    lines = (_line(row, language) for row in rows)
    return exported(ExportTable(SHIPPED.name("loan_column.title", language), taken.heading, headings, lines), form)


def _line(row: DrawnLoan, language: Language) -> Sequence[ExportValue]:
    return [
        *(_value(row, column, language) for column in _TOLD),
        *(_papers(row, kind, language) for kind in PAPER_KINDS),
        *(getattr(row, column) for column in _BEHIND),
    ]


def _value(row: DrawnLoan, column: str, language: Language) -> ExportValue:
    if column == "registration":
        return "; ".join(one.registration for one in row.pledges)
    if column == "registered_on":
        return "; ".join(one.registered_on.isoformat() for one in row.pledges)
    value = getattr(row, column)
    if column in _YUAN:
        return None if value is None else value / 100
    return told_value(value, _NAMED.get(column), money=False, language=language)


def _papers(row: DrawnLoan, kind: PaperKind, language: Language) -> str | None:
    if kind in row.missing:
        return SHIPPED.name("loan_column.not_held", language)
    return "; ".join(one.hash for one in row.papers if one.kind == kind) or None
