"""The audit log as a file: a line for each row, with names of codes."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo

from features.phrase import Language
from models.words.templates import SHIPPED
from service.access.audit_log import AuditLine
from service.workbooks.exports import ExportFormat, ExportTable, ExportValue, exported, moment_of

_COLUMNS = ("id", "at", "until", "who", "bank", "address", "kind", "what", "about", "outcome", "count")
_TIMES = ("at", "until")


def audit_file(rows: Iterable[AuditLine], taken: str, zone: tzinfo, language: Language, form: ExportFormat) -> bytes:
    """The rows, with times in the zone; what was asked for and how it ended stay codes. `taken`: who takes it."""
    headings = [SHIPPED.name(f"audit_column.{column}", language) for column in _COLUMNS]
    name = SHIPPED.name("audit_column.title", language)
    return exported(ExportTable(name, taken, headings, _lines(rows, zone, language)), form)


def _lines(rows: Iterable[AuditLine], zone: tzinfo, language: Language) -> Iterator[Sequence[ExportValue]]:
    for row in rows:
        yield [_value(row, column, zone, language) for column in _COLUMNS]


def _value(row: AuditLine, column: str, zone: tzinfo, language: Language) -> ExportValue:
    value: ExportValue = getattr(row, column)
    if column in _TIMES:
        return moment_of(str(value), zone)
    return SHIPPED.name(f"audit_kind.{row.kind}", language) if column == "kind" else value
