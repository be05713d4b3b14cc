"""In which unit each number of a value of policy is told, and what members and codes within it are called."""

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import yaml

from features.phrase import Language
from features.policy import Parameter
from models.words.templates import SHIPPED

_FILE = Path(__file__).parent / "policy_values.yaml"
_Stated = TypeVar("_Stated")
_EVERYWHERE = ("effect", "choice.patents.kind", "risk_class", "size")
"""Families of names that members of any value may bear."""


class PolicyUnit(msgspec.Struct, frozen=True, rename={"written": "as"}):
    """What a unit is called: `zh`, and in English where there is more than one. `written`: how its numbers are."""

    zh: str
    many: str = ""
    written: Literal["share", "money", "bare", "counted"] = "counted"


class ValueWords(msgspec.Struct, frozen=True):
    """By parameter or file: units, families of names and own names of members; `""` is the whole value."""

    units: dict[str, PolicyUnit]
    measured_in: dict[str, dict[str, str]]
    named_by: dict[str, dict[str, list[str]]]
    members: dict[str, dict[str, str]]


@cache
def value_words() -> ValueWords:
    """What the file states."""
    read = yaml.load(_FILE.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    return msgspec.convert(read, ValueWords)


def unit_of(parameter: Parameter, within: Sequence[str]) -> str:
    """The unit of a number that stands within these members, the outermost first."""
    for stated in _stated(value_words().measured_in, parameter.name):
        for member in (*reversed(within), ""):
            if member in stated:
                return stated[member]
    return parameter.unit


def policy_unit(unit: str) -> PolicyUnit:
    """How a unit is told; one of a bank's own by its own name."""
    return value_words().units.get(unit, PolicyUnit(unit))


def unit_name(unit: str, language: Language, number: float = 1) -> str:
    """What a unit is called behind a number."""
    told = policy_unit(unit)
    return told.zh if language == "zh" else unit if number == 1 else told.many or unit


def code_name(parameter: Parameter, within: Sequence[str], code: str, language: Language) -> str | None:
    """What a member or a code within a value is called; None where it has no name in the language."""
    families: list[str] = []
    for named in _stated(value_words().named_by, parameter.name):
        families += next((named[member] for member in (*reversed(within), "") if member in named), [])
    own = next((told[code] for told in _stated(value_words().members, parameter.name) if code in told), None)
    names = SHIPPED.texts[language]
    found = next((names[key] for family in families if (key := f"{family}.{code}") in names), None)
    if found is None and own is not None:
        return own if language == "zh" else None
    return found or next((names[key] for family in _EVERYWHERE if (key := f"{family}.{code}") in names), None)


def _stated(by_name: Mapping[str, _Stated], name: str) -> list[_Stated]:
    """What is stated of a parameter, then what is of its file."""
    return [by_name[one] for one in (name, name.partition(".")[0]) if one in by_name]
