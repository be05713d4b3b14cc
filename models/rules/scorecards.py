"""Scorecards of official titles as policy tells them: conditions and points, each true, false or not known.

What is not known leaves a range of points. The estimate fails or meets only where the whole range does; a scorecard
that is not complete never passes.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from operator import ge, gt, le
from typing import Literal

from features.exact import exactly
from features.policy import Policy
from features.policy.parameters import PolicyTable
from models.records.applicant import Applicant
from models.rules.facts import FirmFacts, Value, facts_of
from models.rules.finding import Points, SelfEstimate
from models.rules.three_valued import every, some

_COMPARISONS = {"at_least": ge, "above": gt, "at_most": le}
_YES_NO = {True: "yes", False: "no"}
_ANSWERS: dict[bool | None, Literal["meets", "fails", "unknown"]] = {True: "meets", False: "fails", None: "unknown"}


def meets(of: FirmFacts, condition: PolicyTable) -> bool | None:
    """Whether a condition of policy holds: a fact with at_least, above, at_most or is; `all`, `any`; or `tiers`."""
    if "all" in condition:
        return every(meets(of, part) for part in condition["all"])
    if "any" in condition:
        return some(meets(of, part) for part in condition["any"])
    if "tiers" in condition:
        return _tier(of, condition)
    found = of[condition["fact"]]
    return None if found is None else _compares(found, condition)


def _compares(found: Value, condition: PolicyTable) -> bool:
    for word, limit in condition.items():
        if word == "is":
            return bool(found == limit)
        if word in _COMPARISONS and not isinstance(found, str):
            return bool(_COMPARISONS[word](found, exactly(limit)))
    raise ValueError(f"a condition compares nothing: {dict(condition)}")


def _tier(of: FirmFacts, condition: PolicyTable) -> bool | None:
    by = of[condition["fact"]]
    if by is None:
        answers = {meets(of, tier["then"]) for tier in condition["tiers"]}
        return answers.pop() if len(answers) == 1 else None
    for tier in condition["tiers"]:
        within = "up_to" not in tier and "below" not in tier
        within = within or ("up_to" in tier and exactly(tier["up_to"]) >= by)  # type: ignore[operator]
        if within or ("below" in tier and exactly(tier["below"]) > by):  # type: ignore[operator]
            return meets(of, tier["then"])
    return None


class _Item:
    """One item of a scorecard, read once: the points by bands of a fact, by a named class, or as given up to a most."""

    def __init__(self, told: PolicyTable) -> None:
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

    def given(self, found: Value) -> int:
        """The points for what is known of the fact."""
        told = self._told
        if "points" in told:
            return int(told["points"][_YES_NO[found] if isinstance(found, bool) else found])
        if isinstance(found, str):
            raise ValueError(f"{self.fact} is a word: policy gives points by its classes alone")
        if "given_up_to" in told:
            return max(0, min(int(told["given_up_to"]), int(found)))
        if "one_per" in told:
            return min(int(told["at_most_points"]), int(found) // int(told["one_per"]))
        if self._word == "at_least":
            return next((given for limit, given in self._bands if found >= limit), 0)
        return next((given for limit, given in self._bands if found <= limit), 0)


class _Card:
    """A scorecard, read once: by item its parts, of which the best counts, and the least points of which items."""

    def __init__(self, told: PolicyTable) -> None:
        items, groups = told.get("items", {}), told.get("groups", {})
        self.items = {name: [_Item(part) for part in of.get("best_of", [of])] for name, of in items.items()}
        self.minima: list[tuple[Sequence[str], int]] = [
            ([one for one in items if name == "total" or one in groups[name]], least)
            for name, least in told.get("least_points", {}).items()
        ]


class _Cards(dict[str, _Card]):
    """The scorecards of one day by name."""

    def __init__(self, policy: Policy, day: date) -> None:
        super().__init__()
        self._policy, self._day = policy, day

    def __missing__(self, card: str) -> _Card:
        read = self[card] = _Card(self._policy(f"{card}.scorecard").on(self._day))
        return read


def _points(of: FirmFacts, parts: list[_Item]) -> Points:
    """The points of one item, the best of its parts."""
    least = most = 0
    for place, part in enumerate(parts):
        found = of[part.fact]
        low, high = (part.least, part.most) if found is None else (part.given(found),) * 2
        least, most = (max(least, low), max(most, high)) if place else (low, high)
    return Points(least, most)


def estimate(a: Applicant, card: str) -> SelfEstimate:
    """The estimate by the scorecard `card` in force. Raises `NotYetInForce`."""
    told: PolicyTable = a.value(f"{card}.scorecard")
    of = facts_of(a)
    gates = {name: meets(of, gate) for name, gate in told.get("gates", {}).items()}
    card_of_day = a.of_the_day(_Cards)[card]
    items = {name: _points(of, parts) for name, parts in card_of_day.items.items()}
    shortcuts = {name: meets(of, short) for name, short in told.get("shortcuts", {}).items()}
    scored = every([_reaches([items[name] for name in names], least) for names, least in card_of_day.minima])
    by_points = some([scored, *shortcuts.values()]) if shortcuts else scored
    return SelfEstimate(
        _ANSWERS[every([*gates.values(), by_points])],
        bool(told["complete"]),
        _together(items.values()),
        items,
        gates,
        shortcuts,
    )


def _together(points: Iterable[Points]) -> Points:
    least = most = 0
    for one in points:
        least, most = least + one.least, most + one.most
    return Points(least, most)


def _reaches(counted: Iterable[Points], limit: int) -> bool | None:
    found = _together(counted)
    return True if found.least >= limit else False if found.most < limit else None
