"""A list that was pushed as a file: a line for each firm, with why and why not."""

from collections.abc import Iterator, Sequence

from features.phrase import Language
from models.words.templates import SHIPPED
from service.firm_lists.listing import PushedFirm, PushedFirms
from service.firm_lists.standing import GateLine
from service.workbooks.exports import ExportFormat, ExportTable, ExportValue, day_of, exported

_COLUMNS = (
    "firm", "legal_name", "on_list", "outcome", "meets", "short", "cures", "probability", "grade", "as_of", "feedback",
    "reason_code", "reason", "reported_on",
)  # fmt: skip


def push_file(found: PushedFirms, taken: str, language: Language, form: ExportFormat) -> bytes:
    """The list with its firms. `taken`: who takes it, and when."""
    headings = [SHIPPED.name(f"push_column.{column}", language) for column in _COLUMNS]
    return exported(ExportTable(found.push.edition, taken, headings, _lines(found.items, language)), form)


def gate_text(line: GateLine, language: Language) -> str:
    """A gate with what was seen and what is asked."""
    title = SHIPPED.name(f"rule.{line.rule}", language)
    seen = "" if line.observed is None else f" {line.observed}"
    asked = "" if line.required is None else f" ← {line.required}"
    return f"{title}{seen}{asked}"


def _lines(firms: Sequence[PushedFirm], language: Language) -> Iterator[Sequence[ExportValue]]:
    between = SHIPPED.name("between", language)
    for one in firms:
        told = one.feedback
        cures = [line.cure for line in one.short if line.cure is not None]
        yield [
            one.firm,
            one.legal_name,
            SHIPPED.name(f"flag.{str(one.on_list).lower()}", language),
            None if one.outcome is None else SHIPPED.name(f"outcome.{one.outcome}", language),
            between.join(gate_text(line, language) for line in one.meets),
            between.join(gate_text(line, language) for line in one.short),
            between.join(cures),
            one.probability,
            one.grade,
            day_of(one.as_of),
            None if told is None else SHIPPED.name(f"push_outcome.{told.outcome}", language),
            None
            if told is None or told.reason_code is None
            else SHIPPED.name(f"push_reason.{told.reason_code}", language),
            None if told is None else told.reason,
            None if told is None else day_of(told.reported_on),
        ]
