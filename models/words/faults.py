"""What pydantic finds wrong, as faults: its types of errors are codes of word templates."""

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Protocol

from pydantic_core import ErrorDetails, PydanticCustomError

from features.columns import PLAIN, PLAIN_LINES
from features.errors import AnyFact, Fault, PledgeScoreError, refusal_phrase
from features.phrase import Fact, Language, Phrase
from features.question_columns import QUESTION_COLUMNS, QUESTIONS
from features.tables import TABLES
from models.words.templates import SHIPPED

_CSV_PLACE = re.compile(r"(?P<file>.*)\.csv!(?P<column>[A-Z]*)(?P<line>\d+)", re.IGNORECASE)
_TAGS = {"union_tag_not_found": "missing", "union_tag_invalid": "literal_error"}
"""What is wrong with the member that says which of several shapes is meant; pydantic tells it of the whole."""
_QUOTED = re.compile(r"'([^']*)'")


class PlacedFault(Protocol):
    """Something that is wrong: where, why, and of a cell the column that it belongs to."""

    @property
    def pointer(self) -> str:
        """The place."""

    @property
    def phrase(self) -> Phrase:
        """What is said of it."""

    @property
    def column(self) -> str:
        """The column of a table, `patents.filed_on`; empty where it is of none."""


def place_said(pointer: str, language: Language) -> str:
    """A place as people name it: of a CSV file the line and the column, any other as it stands."""
    found = _CSV_PLACE.fullmatch(pointer)
    if found is None:
        return "" if pointer == ".csv" else pointer
    facts = {name: text for name, text in found.groupdict().items() if text}
    facts["file"] = f"{found['file']}.csv" if found["file"] else ""
    return SHIPPED.say(Phrase(f"csv_place.{'cell' if found['column'] else 'line'}", facts), language).strip()


def fault_said(one: PlacedFault, language: Language) -> str:
    """What is wrong as a sentence; of a cell after the name of its column."""
    sentence = SHIPPED.say(one.phrase, language)
    if not one.column:
        return sentence
    return f"{column_title(one.column, language)}{'：' if language == 'zh' else ': '}{sentence}"


def fault_line(one: PlacedFault, language: Language) -> str:
    """A place that is wrong and why, in one line."""
    return ": ".join(filter(None, (place_said(one.pointer, language), fault_said(one, language))))


PledgeScoreError.line = fault_line


def column_title(column: str, language: Language) -> str:
    """The title of a column, `patents.filed_on`."""
    table, _, name = column.partition(".")
    declared = QUESTION_COLUMNS[name] if table == QUESTIONS else TABLES[table].columns[name]
    return declared.zh if language == "zh" else declared.meaning


def pointer(place: Iterable[object]) -> str:
    """A JSON pointer of the parts of a place."""
    return "".join(f"/{part}" for part in place)


def fault_of(error: ErrorDetails) -> Fault:
    """Where and why; what was sent is not repeated: it may be NaN, or somebody else's."""
    if error["type"] in _TAGS:
        of, tags = _QUOTED.findall(str(error["ctx"]["discriminator"])), str(error["ctx"].get("expected_tags", ""))
        of_tag = refusal_phrase(_TAGS[error["type"]], **({"expected": tuple(_QUOTED.findall(tags))} if tags else {}))
        return Fault(pointer((*error["loc"], *of)), of_tag)
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
