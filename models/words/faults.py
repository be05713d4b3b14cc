"""What pydantic finds wrong, as faults: its types of errors are codes of word templates."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal

from pydantic_core import ErrorDetails, PydanticCustomError

from features.columns import PLAIN, PLAIN_LINES
from features.errors import AnyFact, Fault, refusal_phrase
from features.phrase import Fact, Phrase
from models.words.templates import SHIPPED

_QUOTED = re.compile(r"'([^']*)'")


def pointer(place: Iterable[object]) -> str:
    """A JSON pointer of the parts of a place."""
    return "".join(f"/{part}" for part in place)


def fault_of(error: ErrorDetails) -> Fault:
    """Where and why; what was sent is not repeated: it may be NaN, or somebody else's."""
    return Fault(pointer(error["loc"]), phrase_of(error))


def phrase_of(error: ErrorDetails) -> Phrase:
    """Why a value is not allowed; an error without a template of its own is told by its type."""
    code, found = error["type"], error.get("ctx", {})
    if code == "string_pattern_mismatch" and found.get("pattern") in (PLAIN, PLAIN_LINES):
        return refusal_phrase("not_plain_text")
    if f"refusal.{code}" not in SHIPPED.texts["en"]:
        return refusal_phrase("value", type=code)
    return refusal_phrase(code, **_facts(code, found))


def pydantic_error(code: str, /, **facts: AnyFact) -> PydanticCustomError:
    """What a validator raises where a value is refused: the code comes back as the type of pydantic's error."""
    return PydanticCustomError(code, "is refused", dict(refusal_phrase(code, **facts).facts))


def _facts(code: str, found: Mapping[str, object]) -> dict[str, Fact]:
    return {name: _fact(name, found.get(name)) for name in SHIPPED.placeholders(f"refusal.{code}")}


def _fact(name: str, value: object) -> Fact:
    if name == "expected":  # of a literal: 'a', 'b' or 'c'
        return tuple(_QUOTED.findall(str(value))) or (str(value),)
    if value is None or isinstance(value, str | int):
        return value
    if isinstance(value, tuple):
        return tuple(map(str, value))
    return str(Decimal(repr(value))) if isinstance(value, float) else str(value)
