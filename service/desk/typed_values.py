"""Figures typed in a field, brought to what the API takes; what is wrong with one is told in the field's own unit.

An amount stands in ten thousand yuan (another unit may be written beside it), a share in per cent. The API counts in
fen and in shares of one: its bounds are told to whoever typed as money and in per cent.
"""

from dataclasses import dataclass

from pydantic_core import ErrorDetails

from features.errors import Fault, refusal_phrase
from features.phrase import Phrase
from models.words.faults import fault_of, pointer
from service.workbooks.cells import CellRefused, read_fen, read_percent

UNIT = "万元"
"""The unit of amounts without one."""


_MEMBERS = ("int", "constrained-str")
"""What pydantic adds to a place where a value may be of several types."""


class TypedFen(int):
    """An amount that was typed, in fen."""


class TypedShare(float):
    """A share that was typed in per cent."""


@dataclass(frozen=True)
class Unread:
    """What was typed cannot be read in its field; `code`: of the refusal that says what the field takes."""

    code: str


def typed_fen(text: str) -> TypedFen | Unread | None:
    """An amount in fen; None where nothing was typed."""
    try:
        return TypedFen(read_fen(text, UNIT)) if text else None
    except CellRefused as refused:
        return Unread(refused.code)


def typed_share(text: str) -> TypedShare | Unread | None:
    """A share; None where nothing was typed."""
    try:
        return TypedShare(read_percent(text)) if text else None
    except CellRefused as refused:
        return Unread(refused.code)


def typed_fault(error: ErrorDetails) -> Fault:
    """What is wrong with a value of a form, as pydantic found it in what the API takes."""
    typed = error["input"]
    if isinstance(typed, Unread):
        place = [part for part in error["loc"] if part not in _MEMBERS]
        return Fault(pointer(place), refusal_phrase(typed.code))
    bounded = _bounded(error) if isinstance(typed, TypedFen | TypedShare) else None
    told = fault_of(error)
    return Fault(told.pointer, bounded or _without_codes(told.phrase, error))


def _bounded(error: ErrorDetails) -> Phrase | None:
    """A bound as the field counts; None where something else is wrong."""
    bounds, money = error.get("ctx", {}), isinstance(error["input"], TypedFen)
    if error["type"] == "greater_than_equal" and bounds["ge"] == 1:
        return refusal_phrase("field_above_zero") if money else None
    if error["type"] == "greater_than_equal":
        return refusal_phrase("field_money_least", least=bounds["ge"]) if money else _share("least", bounds["ge"])
    if error["type"] == "less_than_equal":
        return refusal_phrase("field_money_most", most=bounds["le"]) if money else _share("most", bounds["le"])
    return None


def _without_codes(told: Phrase, error: ErrorDetails) -> Phrase:
    """A page offers choices by name and takes no pattern: whoever reads is not told the API's codes for them."""
    match told.code:
        case "refusal.literal_error":
            return refusal_phrase("field_choice")
        case "refusal.string_pattern_mismatch" if "64" in str(error.get("ctx", {}).get("pattern")):
            return refusal_phrase("field_digest")
        case "refusal.string_pattern_mismatch" | "refusal.value":
            return refusal_phrase("field_form")
        case _:
            return told


def _share(bound: str, value: float) -> Phrase:
    return refusal_phrase(f"field_share_{bound}", **{bound: f"{value:g}"})
