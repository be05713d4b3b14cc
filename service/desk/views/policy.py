"""Values of policy as a page shows them: numbers with their unit, members and codes by name, nothing cut off."""

from collections.abc import Iterator
from dataclasses import dataclass

from features.policy import Parameter
from models.words.policy_names import policy_description, policy_title
from models.words.policy_values import code_name, policy_unit, unit_name, unit_of
from service.desk.formats import in_language, number, percent_typed, wan
from service.desk.labels import DeskLabels

_SHORT = 12
"""So many lines stand open; more are folded."""
_LONG_TEXT = 300
_PERIOD = {"n", "unit"}
"""The members of a period: so many of a unit."""


@dataclass(frozen=True)
class ValueShown:
    """A text, or lines one below the other."""

    text: str
    lines: "tuple[ValueLine, ...]" = ()

    @property
    def length(self) -> int:
        """How many lines it takes."""
        return sum(line.value.length for line in self.lines) or 1

    @property
    def folded(self) -> bool:
        """Whether it is too long to stand open."""
        return self.length > _SHORT or len(self.text) > _LONG_TEXT


@dataclass(frozen=True)
class ValueLine:
    """A member of a value: its key as policy states it, what it is called, and its own value."""

    key: str
    name: str | None
    value: ValueShown


@dataclass(frozen=True)
class ParameterRow:
    """A value of policy on a page."""

    parameter: Parameter
    title: str
    about: str
    value: ValueShown


def parameter_row(parameter: Parameter, value: object, say: DeskLabels) -> ParameterRow:
    """A parameter in the language of the labels, with the value that is in force."""
    writer = _ValueWriter(parameter, say)
    title, about = policy_title(parameter, say.language), policy_description(parameter, say.language)
    return ParameterRow(parameter, title, about, writer.shown(value, ()))


def _in_one_line(part: object) -> bool:
    """Whether a part of a list is no more than a text or number, or a list of such."""
    if isinstance(part, list):
        return not any(isinstance(one, dict | list) for one in part)
    return not isinstance(part, dict)


@dataclass(frozen=True)
class _ValueWriter:
    parameter: Parameter
    say: DeskLabels

    def shown(self, value: object, within: tuple[str, ...]) -> ValueShown:
        if value in ([], {}):
            return ValueShown(self.say("policy.empty"))
        if isinstance(value, dict):
            if set(value) == _PERIOD and isinstance(value["n"], int) and isinstance(value["unit"], str):
                return ValueShown(self._number(value["n"], value["unit"]))
            return ValueShown("", tuple(self._lines(value, within)))
        if not isinstance(value, list):
            return ValueShown(self._one(value, within))
        if not all(_in_one_line(one) for one in value):
            parts = enumerate(value, 1)
            return ValueShown("", tuple(ValueLine("", str(place), self.shown(one, within)) for place, one in parts))
        return ValueShown(self._joined(value, within))

    def _lines(self, value: dict[str, object], within: tuple[str, ...]) -> Iterator[ValueLine]:
        for key, part in value.items():
            named = code_name(self.parameter, within, key, self.say.language)
            yield ValueLine(key, named, self.shown(part, (*within, key)))

    def _joined(self, values: list[object], within: tuple[str, ...]) -> str:
        """A list in one line; a unit that is counted stands behind the last number alone."""
        if not values:
            return self.say("policy.empty")
        if any(isinstance(one, list) for one in values):
            parts = (one if isinstance(one, list) else [one] for one in values)
            return self.say("joint.groups").join(self._joined(one, within) for one in parts)
        numbers = [number(one) for one in values if isinstance(one, int | float) and not isinstance(one, bool)]
        if len(numbers) == len(values) and policy_unit(unit_of(self.parameter, within)).written == "counted":
            return self.say("joint").join([*numbers[:-1], self._one(values[-1], within)])
        told = [self._one(one, within) for one in values]
        joint = self.say("joint")
        return self.say("joint.groups" if any(joint in one for one in told) else "joint").join(told)

    def _one(self, value: object, within: tuple[str, ...]) -> str:
        if isinstance(value, bool):
            return self.say.name("flag", str(value).lower())
        if isinstance(value, int | float):
            return self._number(value, unit_of(self.parameter, within))
        text = in_language(str(value), self.say.language)
        codes = text.split("/")  # a rule and a kind of listing
        named = [code_name(self.parameter, within, code, self.say.language) for code in codes]
        found = [one for one in named if one is not None]
        return self.say("colon").join(found) if len(found) == len(codes) else text

    def _number(self, value: float, unit: str) -> str:
        written = policy_unit(unit).written
        if written == "money" and isinstance(value, int) and value >= 0:  # below 0: any amount
            return self.say("wan", amount=wan(value))
        if written == "share":
            return f"{percent_typed(value)}%"
        if written == "counted":
            return f"{number(value)} {unit_name(unit, self.say.language, value)}"
        return number(value)
