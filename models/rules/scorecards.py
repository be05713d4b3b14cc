"""Scorecards of official titles as policy tells them: conditions and points, each true, false or not known.

What is not known leaves a range of points. The estimate fails or meets only where the whole range does; a scorecard
that is not complete never passes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from models.rules.applicant import Applicant
from models.rules.facts import Value, exactly, value

Told = Mapping[str, Any]
_YES_NO = {True: "yes", False: "no"}


def meets(a: Applicant, condition: Told) -> bool | None:
    """Whether a condition of policy holds: a fact with at_least, above, at_most or is; `all`, `any`; or `tiers`."""
    if "all" in condition:
        return every(meets(a, part) for part in condition["all"])
    if "any" in condition:
        return some(meets(a, part) for part in condition["any"])
    if "tiers" in condition:
        return _tier(a, condition)
    found = value(a, condition["fact"])
    return None if found is None else _compares(found, condition)


def _compares(found: Any, condition: Told) -> bool:
    for word, limit in condition.items():
        if word == "at_least":
            return bool(found >= exactly(limit))
        if word == "above":
            return bool(found > exactly(limit))
        if word == "at_most":
            return bool(found <= exactly(limit))
        if word == "is":
            return bool(found == limit)
    raise ValueError(f"a condition compares nothing: {dict(condition)}")


def _tier(a: Applicant, condition: Told) -> bool | None:
    by = value(a, condition["fact"])
    if by is None:
        answers = {meets(a, tier["then"]) for tier in condition["tiers"]}
        return answers.pop() if len(answers) == 1 else None
    for tier in condition["tiers"]:
        within = "up_to" not in tier and "below" not in tier
        within = within or ("up_to" in tier and exactly(tier["up_to"]) >= by)  # type: ignore[operator]
        if within or ("below" in tier and exactly(tier["below"]) > by):  # type: ignore[operator]
            return meets(a, tier["then"])
    return None


def every(answers: Iterable[bool | None]) -> bool | None:
    """False if one is false, else unknown if one is unknown."""
    found = list(answers)
    return False if False in found else None if None in found else True


def some(answers: Iterable[bool | None]) -> bool | None:
    """True if one is true, else unknown if one is unknown."""
    found = list(answers)
    return True if True in found else None if None in found else False


@dataclass(frozen=True)
class Points:
    """The least and the most points that an item can have, given what is known."""

    name: str
    least: int
    most: int

    @property
    def known(self) -> bool:
        """Whether the points are known."""
        return self.least == self.most


def points(a: Applicant, name: str, item: Told) -> Points:
    """The points of one item: by bands of a fact, by a named class, as given up to a most, or the best of several."""
    if "best_of" in item:
        parts = [points(a, name, part) for part in item["best_of"]]
        return Points(name, max(p.least for p in parts), max(p.most for p in parts))
    found = value(a, item["fact"])
    possible = _possible(item) if found is None else [_given(item, found)]
    return Points(name, min(possible), max(possible))


def _possible(item: Told) -> list[int]:
    if "points" in item:
        return list(item["points"].values())
    if "at_least" in item or "at_most" in item:
        return [0, *(given for _, given in item.get("at_least", item.get("at_most")))]
    return [0, item["given_up_to"] if "given_up_to" in item else item["at_most_points"]]


def _given(item: Told, found: Value) -> int:
    if "points" in item:
        return int(item["points"][_YES_NO[found] if isinstance(found, bool) else found])
    if "given_up_to" in item:
        return max(0, min(int(item["given_up_to"]), int(found)))
    if "one_per" in item:
        return min(int(item["at_most_points"]), int(found) // int(item["one_per"]))
    word = "at_least" if "at_least" in item else "at_most"
    return next((given for limit, given in item[word] if _compares(found, {word: limit})), 0)


@dataclass(frozen=True)
class Estimate:
    """What a scorecard says of a firm: gates by name, points by item, shortcuts, and the whole.

    `meets` is the answer of the gates and points that policy states; `complete` tells whether policy states them all.
    """

    gates: Mapping[str, bool | None]
    items: tuple[Points, ...]
    shortcuts: Mapping[str, bool | None]
    meets: bool | None
    complete: bool

    @property
    def least(self) -> int:
        """The least total of points."""
        return sum(p.least for p in self.items)

    @property
    def most(self) -> int:
        """The most points in total."""
        return sum(p.most for p in self.items)


def estimate(a: Applicant, card: str) -> Estimate:
    """The estimate by the scorecard `card` in force. Raises `NotYetInForce`."""
    told: Told = a.value(f"{card}.scorecard")
    gates = {name: meets(a, gate) for name, gate in told.get("gates", {}).items()}
    items = tuple(points(a, name, item) for name, item in told.get("items", {}).items())
    shortcuts = {name: meets(a, short) for name, short in told.get("shortcuts", {}).items()}
    scored = every(_reaches(items, names, least) for names, least in _minima(told))
    by_points = some([scored, *shortcuts.values()]) if shortcuts else scored
    return Estimate(gates, items, shortcuts, every([*gates.values(), by_points]), bool(told["complete"]))


def _minima(told: Told) -> list[tuple[frozenset[str] | None, int]]:
    """Each least number of points with the items that count towards it; None for all."""
    groups = told.get("groups", {})
    found: list[tuple[frozenset[str] | None, int]] = []
    for name, least in told.get("least_points", {}).items():
        found.append((None if name == "total" else frozenset(groups[name]), least))
    return found


def _reaches(items: tuple[Points, ...], names: frozenset[str] | None, least: int) -> bool | None:
    counted = [p for p in items if names is None or p.name in names]
    if sum(p.least for p in counted) >= least:
        return True
    return False if sum(p.most for p in counted) < least else None
