"""Scorecards of official titles as policy tells them: conditions and points, each true, false or not known.

What is not known leaves a range of points. The estimate fails or meets only where the whole range does; a scorecard
that is not complete never passes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from features.policy import Policy
from models.records.applicant import Applicant
from models.rules.facts import exactly, value
from models.rules.three_valued import every, some

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


class _Item:
    """One item of a scorecard, read once: the points by bands of a fact, by a named class, or as given up to a most."""

    def __init__(self, told: Told) -> None:
        self.fact, self._told = told["fact"], told
        self._word = next((word for word in ("at_least", "at_most") if word in told), "")
        self._bands = [(exactly(limit), given) for limit, given in told.get(self._word, ())]
        possible = self._possible()
        self.least, self.most = min(possible), max(possible)

    def _possible(self) -> list[int]:
        told = self._told
        if "points" in told:
            return list(told["points"].values())
        if self._word:
            return [0, *(given for _, given in self._bands)]
        return [0, told["given_up_to"] if "given_up_to" in told else told["at_most_points"]]

    def given(self, found: Any) -> int:
        """The points for what is known of the fact."""
        told = self._told
        if "points" in told:
            return int(told["points"][_YES_NO[found] if isinstance(found, bool) else found])
        if "given_up_to" in told:
            return max(0, min(int(told["given_up_to"]), int(found)))
        if "one_per" in told:
            return min(int(told["at_most_points"]), int(found) // int(told["one_per"]))
        if self._word == "at_least":
            return next((given for limit, given in self._bands if found >= limit), 0)
        return next((given for limit, given in self._bands if found <= limit), 0)


class _Cards(dict[str, Any]):
    """The items of the scorecards of one day, read once: by name the best of one or several."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__()
        self._policy, self._day = policy, day

    def __missing__(self, card: str) -> dict[str, list[_Item]]:
        items = self._policy(f"{card}.scorecard").on(self._day).get("items", {})
        read = {name: [_Item(part) for part in told.get("best_of", [told])] for name, told in items.items()}
        self[card] = read
        return read


def _points(a: Applicant, name: str, parts: list[_Item]) -> Points:
    """The points of one item, the best of its parts."""
    least = most = 0
    for place, part in enumerate(parts):
        found = value(a, part.fact)
        low, high = (part.least, part.most) if found is None else (part.given(found),) * 2
        least, most = (max(least, low), max(most, high)) if place else (low, high)
    return Points(name, least, most)


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
    items = tuple(_points(a, name, parts) for name, parts in a.of_the_day(_Cards)[card].items())
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
