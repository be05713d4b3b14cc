"""What is asked of a row beyond the type of its columns, and why one is refused: the same for JSON and for frames."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from features.columns import Column, Form
from features.errors import Fault, PledgeScoreError, refusal_phrase
from features.identifiers import check_firm_key, check_patent, is_code_of_firm
from features.phrase import Language, Phrase
from features.vocabulary.evidence import answer_fault, fact_fault, is_about

Checked = Callable[[str], Phrase | None]


@lru_cache(maxsize=1 << 16)
def _check_firm(text: str) -> Phrase | None:
    """A court or a foreign buyer may stand in the register without a code; what looks like a code must be right."""
    return check_firm_key(text) if is_code_of_firm(text) else None


@lru_cache(maxsize=1 << 16)
def _check_registered_firm(text: str) -> Phrase | None:
    """The same of a row from the register, where some codes of years ago fail their check digits."""
    return check_firm_key(text, registered=True) if is_code_of_firm(text) else None


FORM_CHECKS: dict[Form, Checked] = {"firm": _check_firm, "patent": lru_cache(maxsize=1 << 16)(check_patent)}
REGISTER_CHECKS: dict[Form, Checked] = {**FORM_CHECKS, "firm": _check_registered_firm}


@dataclass(frozen=True)
class RowProblem:
    """Why a row is refused. `row` counts from 0 within its table; None where a whole table or the text is at fault."""

    table: str
    row: int | None
    column: str
    value: str
    phrase: Phrase

    @property
    def fault(self) -> Fault:
        """The same as a place that is wrong: `/table/row/column`."""
        place = (self.table, self.row, self.column)
        return Fault("".join(f"/{part}" for part in place if part not in (None, "")), self.phrase)

    def text(self, language: Language) -> str:
        """The place, what is wrong there, and what was found."""
        told = f"{self.fault.pointer or '/'}: {PledgeScoreError.say(self.phrase, language)}"
        return f"{told} ({self.value})" if self.value else told


def evidence_fault(fact: str, answer: str | None, subject: str) -> tuple[str, str, Phrase] | None:
    """The column, its value and why it is refused: no such fact or answer, or a subject that is none."""
    if wrong := fact_fault(fact):
        return "fact", fact, wrong
    if answer is not None and (wrong := answer_fault(fact, answer)):
        return "answer", answer, wrong
    checked: Form = "patent" if is_about(fact, "patent") else "firm" if is_about(fact, "firm") else ""
    if checked and (wrong := REGISTER_CHECKS[checked](subject)):
        return "subject", subject, wrong
    return None


def not_allowed(column: Column, missing: bool) -> Phrase:
    """That a value is missing, or is none of those that the column takes."""
    return refusal_phrase("row_missing" if missing else "row_value", allowed=column.limits)


def no_column(table: str, name: str) -> Phrase:
    """That a table has no such column."""
    return refusal_phrase("row_no_column", table=table, column=name)


def shown(value: object, longest: int = 80) -> str:
    """What was found, as a refusal shows it: short, and without anything that a terminal obeys."""
    if isinstance(value, str):
        text = repr(value)  # so that a control character reaches no terminal
    else:
        text = str(value) if isinstance(value, date | int | float) else type(value).__name__
    return text if len(text) <= longest else text[: longest - 1] + "…"
