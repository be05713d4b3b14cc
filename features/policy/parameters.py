"""Reads the dated values of policy from YAML, refusing a doubtful file by name, line and what to do."""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Literal, TypeVar, get_args

import numpy as np
import numpy.typing as npt
import yaml

from features.errors import AnyFact, PledgeScoreError
from features.exact import exactly

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
T = TypeVar("T")
Confidence = Literal["verified", "secondary", "assumed"]
Before = Literal["not_applicable", "unknown"]

SHIPPED = Path(__file__).parent
DAYS_HELD = 500
"""For how many days, times what is computed of one, a policy holds what follows from it."""

_REQUIRED = ("description", "unit", "reviewed_on", "confidence", "reference", "values")
_OPTIONAL = ("before", "sums_to")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_WHOLE = re.compile(r"-?(0|[1-9]\d*|[1-9]\d{0,2}(_\d{3})+)")
_DECIMAL = re.compile(r"-?\d+\.\d+([eE][-+]?\d+)?")


class PolicyError(PledgeScoreError):
    """A policy file is wrong, or a parameter is asked for that no file states."""


class NotYetInForce(PolicyError):
    """The day lies before the `policy`'s `first` value; `before` says what that means for a rule."""

    def __init__(self, policy: str, day: date, first: date, before: Before) -> None:
        super().__init__("policy_not_yet", name=policy, day=day, first=first)
        self.policy, self.first, self.before = policy, first, before


PolicyValue = Any
"""A value has the shape that its file gives it: a number, a word, a list or a table of them."""
PolicyTable = Mapping[str, PolicyValue]
"""A value, or a part of one, that is a table."""


@dataclass(frozen=True)
class Parameter:
    """One dated value with its reference: `values` maps the first day of each value to it, in order of the days."""

    name: str
    description: str
    unit: str
    reviewed_on: date
    confidence: Confidence
    reference: tuple[Mapping[str, str], ...]
    values: Mapping[date, Any]
    before: Before
    file: str
    line: int

    def on(self, day: date) -> Any:
        """The value in force on the day. Raises `NotYetInForce` before the first."""
        found = [value for since, value in self.values.items() if since <= day]
        if not found:
            raise NotYetInForce(self.name, day, next(iter(self.values)), self.before)
        return found[-1]

    def along(self, days: Floats) -> Floats:
        """The value in force on each day (ordinals), NaN before the first value and where the day is not known."""
        since, value = self._steps
        place = np.searchsorted(since, days, side="right")
        place[np.isnan(days)] = 0
        return value[place]

    def periods(self, days: Floats) -> list[tuple[Any, Bools]]:
        """Each value that is in force on one of the days, with the days on which it is; for values of any shape.

        A day that is not known (NaN) lies in no period.
        """
        place = np.searchsorted(self.first_days, days, side="right")
        place[np.isnan(days)] = 0
        found = list(self.values.values())
        return [(found[p - 1], place == p) for p in np.flatnonzero(np.bincount(place)).tolist() if p]

    @cached_property
    def first_days(self) -> Floats:
        """The first day (ordinal) of each value."""
        return np.array([day.toordinal() for day in self.values], dtype=np.float64)

    @cached_property
    def _steps(self) -> tuple[Floats, Floats]:
        for value in self.values.values():
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise PolicyError("policy_no_number", name=self.name)
        return self.first_days, np.array([np.nan, *self.values.values()], dtype=np.float64)

    def told(self) -> dict[str, Any]:
        """All that the file says, as plain JSON values."""
        return {
            "description": self.description,
            "unit": self.unit,
            "reviewed_on": self.reviewed_on.isoformat(),
            "confidence": self.confidence,
            "reference": [dict(r) for r in self.reference],
            "values": {day.isoformat(): value for day, value in self.values.items()},
            "before": self.before,
        }

    @classmethod
    def of_told(cls, name: str, told: Mapping[str, Any]) -> "Parameter":
        """The parameter that `told` was made of; it no longer lies in a file."""
        return cls(
            name=name,
            description=told["description"],
            unit=told["unit"],
            reviewed_on=date.fromisoformat(told["reviewed_on"]),
            confidence=told["confidence"],
            reference=tuple(told["reference"]),
            values={date.fromisoformat(day): value for day, value in told["values"].items()},
            before=told["before"],
            file="",
            line=0,
        )


@dataclass(frozen=True)
class Override:
    """A parameter that a later folder stated anew (`superseded`) or for the first time (`added`)."""

    name: str
    folder: str
    kind: Literal["superseded", "added"]


@dataclass(frozen=True)
class Policy:
    """All parameters by name (`file.parameter`), and which of them a later folder changed."""

    parameters: Mapping[str, Parameter]
    overrides: tuple[Override, ...] = ()

    def __call__(self, name: str) -> Parameter:
        """The parameter of that name. Raises `PolicyError`."""
        if name not in self.parameters:
            raise PolicyError("policy_not_stated", name=name)
        return self.parameters[name]

    def __reduce__(self) -> "tuple[type[Policy], tuple[Mapping[str, Parameter], tuple[Override, ...]]]":
        """Another process gets what the files say, and computes anew what follows from it."""
        return Policy, (self.parameters, self.overrides)

    def names(self) -> list[str]:
        """The names of all parameters in order."""
        return sorted(self.parameters)

    def in_force(self, day: date) -> dict[str, Any]:
        """The value of every parameter on the day, without those that have none yet."""
        found = {name: self.parameters[name] for name in self.names()}
        return {name: p.on(day) for name, p in found.items() if next(iter(p.values)) <= day}

    def held(self, day: date, make: "Callable[[Policy, date], T]") -> T:
        """`make(self, day)`, computed once for the days that were asked about of late."""
        found = self._held.get((day, make))
        if found is None:
            if len(self._held) >= DAYS_HELD:
                self._held.clear()
            found = self._held[day, make] = make(self, day)
        return found

    @cached_property
    def _held(self) -> dict[tuple[date, Any], Any]:
        return {}

    @cached_property
    def text(self) -> str:
        """Everything that the files say, as JSON in their own order, which some parts of an answer follow."""
        return _json({name: self.parameters[name].told() for name in self.names()})

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text with all names in order of their code points."""
        return hashlib.sha256(_json(json.loads(self.text), in_order=True).encode()).hexdigest()

    @classmethod
    def of_text(cls, text: str, overrides: tuple[Override, ...] = ()) -> "Policy":
        """The policy as `text` once stated it."""
        return cls({name: Parameter.of_told(name, told) for name, told in json.loads(text).items()}, overrides)

    def completed(self, by: "Policy") -> "Policy":
        """The same with the parameters that only another policy states."""
        missing = by.parameters.keys() - self.parameters.keys()
        return self if not missing else Policy({**by.parameters, **self.parameters}, self.overrides)


def _json(told: Any, *, in_order: bool = False) -> str:
    return json.dumps(told, ensure_ascii=False, sort_keys=in_order, separators=(",", ":"), allow_nan=False)


@cache
def shipped() -> Policy:
    """The policy that comes with the product."""
    return load(SHIPPED)


def load(*folders: Path | str) -> Policy:
    """The policy of the first folder, overridden parameter by parameter by the folders after it.

    Raises `PolicyError` with file, line and what to do for the first thing that is wrong.
    """
    parameters: dict[str, Parameter] = {}
    overrides: list[Override] = []
    for place, folder in enumerate(map(Path, folders)):
        for parameter in _read_folder(folder):
            if place:
                kind: Literal["superseded", "added"] = "superseded" if parameter.name in parameters else "added"
                overrides.append(Override(parameter.name, str(folder), kind))
            parameters[parameter.name] = parameter
    return Policy(parameters, tuple(overrides))


def _read_folder(folder: Path) -> Iterator[Parameter]:
    if not folder.is_dir():
        raise PolicyError("policy_no_folder", folder=folder)
    for other in sorted(folder.glob("*.yml")):
        raise PolicyError("policy_suffix", file=other, name=f"{other.stem}.yaml")
    for file in sorted(folder.glob("*.yaml")):
        yield from _File(file).parameters()


class _File:
    """One YAML file, read from its nodes so that every complaint names its line."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def parameters(self) -> Iterator[Parameter]:
        if not _NAME.fullmatch(self.path.stem):
            raise PolicyError("policy_file_name", file=self.path)
        try:
            root = yaml.compose(self.path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except (yaml.YAMLError, UnicodeDecodeError) as error:
            raise PolicyError("policy_not_yaml", file=self.path, why=str(error)) from error
        if root is None:
            raise PolicyError("policy_empty", file=self.path)
        for key, node in self._pairs(root, "file").items():
            yield self._parameter(key, node)

    def _parameter(self, key: str, node: yaml.Node) -> Parameter:
        if not _NAME.fullmatch(key):
            raise self._refusal(node, "policy_name", name=key)
        told = self._pairs(node, key)
        for name, part in told.items():
            if name not in _REQUIRED + _OPTIONAL:
                raise self._refusal(part, "policy_unknown_entry", name=key, entry=name, allowed=_REQUIRED + _OPTIONAL)
        for name in _REQUIRED:
            if name not in told:
                raise self._refusal(node, "policy_missing_entry", name=key, entry=name)
        values = self._values(key, told["values"])
        if "sums_to" in told:
            self._check_sums(key, told["values"], values, self._value(told["sums_to"]))
        return Parameter(
            name=f"{self.path.stem}.{key}",
            description=self._text(told["description"], "description"),
            unit=self._text(told["unit"], "unit"),
            reviewed_on=self._day(told["reviewed_on"]),
            confidence=self._one_of(told["confidence"], get_args(Confidence)),
            reference=self._references(told["reference"]),
            values=values,
            before=self._one_of(told["before"], get_args(Before)) if "before" in told else "unknown",
            file=str(self.path),
            line=node.start_mark.line + 1,
        )

    def _values(self, key: str, node: yaml.Node) -> dict[date, Any]:
        if not isinstance(node, yaml.MappingNode) or not node.value:
            raise self._refusal(node, "policy_values", name=key)
        values: dict[date, Any] = {}
        for since, value in node.value:
            day = self._day(since)
            if values and day <= max(values):
                raise self._refusal(since, "policy_day_order", name=key, day=day)
            values[day] = self._value(value)
        kinds = {_kind(value) for value in values.values()}
        if len(kinds) > 1:
            raise self._refusal(node, "policy_kinds", name=key, kinds=tuple(sorted(kinds)))
        return values

    def _check_sums(self, key: str, node: yaml.Node, values: Mapping[date, Any], wanted: Any) -> None:
        for day, value in values.items():
            parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
            if not all(_kind(part) == "number" for part in parts):
                raise self._refusal(node, "policy_sum_of_words", name=key, day=day)
            if (found := sum(exactly(part) for part in parts)) != exactly(wanted):
                raise self._refusal(
                    node, "policy_sum", name=key, day=day, found=f"{float(found):g}", wanted=str(wanted)
                )

    def _references(self, node: yaml.Node) -> tuple[Mapping[str, str], ...]:
        if not isinstance(node, yaml.SequenceNode) or not node.value:
            raise self._refusal(node, "policy_no_reference")
        found = []
        for item in node.value:
            told = self._pairs(item, "reference")
            if set(told) != {"title", "document"}:
                raise self._refusal(item, "policy_reference")
            found.append({name: self._text(part, name) for name, part in told.items()})
        return tuple(found)

    def _value(self, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return {name: self._value(part) for name, part in self._pairs(node, "value").items()}
        if isinstance(node, yaml.SequenceNode):
            return [self._value(part) for part in node.value]
        return self._scalar(node)

    def _scalar(self, node: yaml.Node) -> str | int | float | bool:
        text, kind = str(node.value), node.tag.rpartition(":")[2]
        if kind == "str":
            return text
        if kind == "bool" and text in ("true", "false"):
            return text == "true"
        if kind == "int" and _WHOLE.fullmatch(text):
            return int(text)
        if kind == "float" and _DECIMAL.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        raise self._refusal(node, "policy_scalar", text=text, kind=kind)

    def _pairs(self, node: yaml.Node, what: str) -> dict[str, yaml.Node]:
        if not isinstance(node, yaml.MappingNode):
            raise self._refusal(node, "policy_pairs", what=what)
        found: dict[str, yaml.Node] = {}
        for key, part in node.value:
            name = self._text(key, "name")
            if name in found:
                raise self._refusal(key, "policy_twice", name=name)
            found[name] = part
        return found

    def _text(self, node: yaml.Node, what: str) -> str:
        value = self._value(node)
        if not isinstance(value, str) or not value.strip():
            raise self._refusal(node, "policy_text", what=what)
        return value.strip()

    def _day(self, node: yaml.Node) -> date:
        text = str(node.value)
        try:
            if not _DAY.fullmatch(text):
                raise ValueError(text)
            return date.fromisoformat(text)
        except ValueError as error:
            raise self._refusal(node, "policy_no_day", text=text) from error

    def _one_of(self, node: yaml.Node, words: tuple[str, ...]) -> Any:
        if (text := self._text(node, "entry")) not in words:
            raise self._refusal(node, "policy_one_of", text=text, words=words)
        return text

    def _refusal(self, node: yaml.Node, code: str, **facts: AnyFact) -> PolicyError:
        return PolicyError(code, faults=(), place=f"{self.path}:{node.start_mark.line + 1}", **facts)


def _kind(value: Any) -> str:
    kinds = {bool: "flag", int: "number", float: "number", str: "text", list: "list", dict: "mapping"}
    return kinds[type(value)]
