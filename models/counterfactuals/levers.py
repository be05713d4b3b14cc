"""What an applicant could change: levers of policy turned into the points at which the model's answer can differ.

A lever moves one or several features together, because facts hang together: who asks for half the amount asks for half
of it to revenue too. Its points are one for each interval between the model's own splits, the nearest to the present
that can be said plainly; so trying all points is trying everything that the lever can do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import Any

import numpy as np

from features.arrays import Floats
from features.matrix import named
from features.policy import PolicyError

Now = Mapping[str, float]
"""The applicant's present features by name."""
Moved = dict[str, float]
Thresholds = Mapping[str, Floats]
"""The model's thresholds by feature, ascending; a value on a threshold lies below it."""

_HALVINGS = 80
_NEAR = 1e-9
_REPAYABLE = 0.9
"""The largest part of the short-term debt that new equity may repay: some stays, so that no ratio loses its base."""


@dataclass(frozen=True)
class Point:
    """One thing that a lever can do: the features' new values, the anchor's (None for an option), and how far it goes.

    `effort` lies in [0, 1): the part of the lever's range that is used.
    """

    moved: Mapping[str, float]
    to: float | None
    effort: float
    says: Mapping[str, str]


@dataclass(frozen=True)
class Lever:
    """One lever with its points for one applicant, without the present state."""

    name: str
    says: Mapping[str, str]
    time: str
    anchor: str
    features: tuple[str, ...]
    points: tuple[Point, ...] = field(default_factory=tuple)


def levers(declared: Mapping[str, Mapping[str, Any]], now: Now, thresholds: Thresholds) -> list[Lever]:
    """The levers that can do something for an applicant with these features, under a model with these thresholds."""
    found = [_lever(name, told, now, thresholds) for name, told in declared.items()]
    return [lever for lever in found if lever.points]


def _lever(name: str, told: Mapping[str, Any], now: Now, thresholds: Thresholds) -> Lever:
    says = {"zh": told["zh"], "en": told["en"]}
    if "options" in told:
        points = tuple(_options(told["options"], now))
        return Lever(name, says, told["time"], "", _moved_by(points), points)
    slide = _slide(told, now)
    points = tuple(_along(slide, told, thresholds, says)) if slide else ()
    return Lever(name, says, told["time"], told.get("anchor", told.get("formula", "")), _moved_by(points), points)


def _moved_by(points: Sequence[Point]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(feature for point in points for feature in point.moved))


def _options(options: Mapping[str, Mapping[str, Any]], now: Now) -> Iterator[Point]:
    for place, told in enumerate(options.values()):
        holds = all(now[name] == value for name, value in told.get("only_if", {}).items())
        holds &= all(now[name] > value for name, value in told.get("only_above", {}).items())
        moved = {name: _value(name, value) for name, value in told.get("set", {}).items()}
        moved |= {name: now[name] + by for name, by in told.get("add", {}).items()}
        moved |= {name: now[name] + now[by] for name, by in told.get("add_now", {}).items()}
        # What is not known cannot be changed: there is no present to start from.
        moved = {name: value for name, value in moved.items() if not np.isnan(now[name]) and value != now[name]}
        if holds and moved:
            yield Point(moved, None, place / len(options), {"zh": told["zh"], "en": told["en"]})


def _value(feature: str, value: Any) -> float:
    """A number, or the place of a category's word."""
    if not isinstance(value, str):
        return float(value)
    categories = named(feature).categories
    if value not in categories:
        raise PolicyError(f"changes.levers sets {feature} to {value!r}: use one of {', '.join(categories)}")
    return float(categories.index(value))


@dataclass(frozen=True)
class Slide:
    """A lever that slides from `start` to either end; `features` says what each feature is at a position."""

    start: float
    least: float
    most: float
    features: Mapping[str, Callable[[Floats], Floats]]


def _slide(told: Mapping[str, Any], now: Now) -> Slide | None:
    if "formula" in told:
        moves = FORMULAS[told["formula"]](now)
        return Slide(0.0, told["least"], told["most"], moves) if moves else None
    anchor = told["anchor"]
    start = now[anchor]
    if np.isnan(start):
        return None
    least = told["least_of_now"] * start if "least_of_now" in told else told["least"]
    most = told["most_of_now"] * start if "most_of_now" in told else told["most"]
    moves = {anchor: lambda p: p}
    moves |= {name: _scaled(now[name], start) for name in told.get("scale", ()) if start and not np.isnan(now[name])}
    shifts = told.get("shift", {})
    moves |= {name: _shifted(now[name], start, by) for name, by in shifts.items() if not np.isnan(now[name])}
    return Slide(start, min(least, start), max(most, start), moves)


def _scaled(value: float, start: float) -> Callable[[Floats], Floats]:
    return lambda p: value * (p / start)


def _shifted(value: float, start: float, by: float) -> Callable[[Floats], Floats]:
    return lambda p: value + by * (p - start)


def _along(slide: Slide, told: Mapping[str, Any], thresholds: Thresholds, says: Mapping[str, str]) -> Iterator[Point]:
    step, finest = float(told["step"]), float(told["finest"])
    span = slide.most - slide.least
    for end in (slide.least, slide.most):
        if end == slide.start:
            continue
        edges = _edges(slide, end, thresholds)
        for near, far in pairwise([*edges, end]):
            position = plain(near, far, step, finest)
            if position is not None:
                moved = {name: float(move(np.array(position))) for name, move in slide.features.items()}
                yield Point(moved, position, abs(position - slide.start) / (span * (1 + _NEAR)), says)


def _edges(slide: Slide, end: float, thresholds: Thresholds) -> list[float]:
    """The positions on the way to the end at which some split first answers differently, the nearest first."""
    found: set[float] = set()
    for name, move in slide.features.items():
        cuts = thresholds.get(name)
        if cuts is not None and len(cuts):
            found.update(_first_changed(move, cuts, slide.start, end).tolist())
    return sorted(found, key=lambda position: abs(position - slide.start))


def _first_changed(move: Callable[[Floats], Floats], cuts: Floats, start: float, end: float) -> Floats:
    """Where a feature that moves one way crosses each threshold: the first position found beyond it."""
    before = move(np.full(len(cuts), start)) <= cuts
    crossed = (move(np.full(len(cuts), end)) <= cuts) != before
    cuts, before = cuts[crossed], before[crossed]
    near, far = np.full(len(cuts), start), np.full(len(cuts), end)
    for _ in range(_HALVINGS):
        middle = near + (far - near) / 2
        beyond = (move(middle) <= cuts) != before
        near, far = np.where(beyond, near, middle), np.where(beyond, middle, far)
    return far


def plain(near: float, far: float, step: float, finest: float) -> float | None:
    """The position in [near, far) (or at `far` where both are one) nearest to `near` that is a multiple of the step.

    Where the interval holds none, of a tenth of the step, and so on down to `finest`; None where it holds none of that.
    """
    downwards = far < near
    while step >= finest * (1 - _NEAR):
        # A multiple is computed from whole numbers, so that 0.3 is said as 0.3.
        count = floor(near / step + _NEAR) if downwards else ceil(near / step - _NEAR)
        position = _multiple(count, step)
        if (downwards and position > near) or (not downwards and position < near):
            position = _multiple(count - 1 if downwards else count + 1, step)
        if (far < position if downwards else position < far) or position == far:
            return position
        step /= 10
    return None


def _multiple(count: int, step: float) -> float:
    return count * step if step >= 1 else count / round(1 / step)


Formula = Callable[[Now], dict[str, Callable[[Floats], Floats]]]


def new_equity(now: Now) -> dict[str, Callable[[Floats], Floats]]:
    """The books after new equity of a share `p` of total assets has repaid short-term debt: assets stay, debt falls.

    Only what follows from known ratios moves; empty where the ratios do not tell how much short-term debt there is.
    """
    debt, current, long_term = (
        now[name] for name in ("debt_ratio", "current_liabilities_to_assets", "long_term_debt_to_assets")
    )
    share = now["short_term_debt_share"]
    short_term = long_term * share / (1 - share) if share < 1 else np.nan
    if not (debt > 0 and current > 0 and short_term > 0):
        return {}
    most = min(debt, current, short_term) * _REPAYABLE

    def used(p: Floats) -> Floats:
        return np.minimum(p, most)

    moves = {
        name: _minus(now[name], used) for name in ("debt_ratio", "current_liabilities_to_assets", "debt_ratio_change")
    }
    moves["working_capital_to_assets"] = _minus(now["working_capital_to_assets"], lambda p: -used(p))
    moves["short_term_debt_share"] = lambda p: (short_term - used(p)) / (short_term - used(p) + long_term)
    moves |= {n: _divided(now[n], current, used) for n in ("current_ratio", "quick_ratio", "cash_ratio")}
    moves |= {n: _divided(now[n], debt, used) for n in ("ebitda_to_liabilities", "cash_flow_to_liabilities")}
    moves |= _against_last_year(now, moves["current_ratio"], lambda p: (debt - used(p)) / debt)
    moves["altman_z"] = _altman(now["altman_z"], debt, used)
    to_assets, to_equity = now["amount_to_assets"], now["amount_to_equity"]
    if to_assets > 0 and to_equity > 0:
        moves["amount_to_equity"] = lambda p: to_assets / (to_assets / to_equity + used(p))
    return {name: move for name, move in moves.items() if not np.isnan(now[name])}


def _against_last_year(
    now: Now, current_ratio: Callable[[Floats], Floats], left: Callable[[Floats], Floats]
) -> dict[str, Callable[[Floats], Floats]]:
    """What compares with the year before; `left` is the part of the liabilities that is left."""
    return {
        "current_ratio_change": lambda p: now["current_ratio_change"] + current_ratio(p) - now["current_ratio"],
        "liabilities_growth": lambda p: (1 + now["liabilities_growth"]) * left(p) - 1,
    }


def _minus(value: float, used: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    return lambda p: value - used(p)


def _divided(value: float, base: float, used: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """A ratio whose denominator falls from `base`."""
    return lambda p: value * (base / (base - used(p)))


def _altman(value: float, debt: float, used: Callable[[Floats], Floats]) -> Callable[[Floats], Floats]:
    """Z″: 6.56 for working capital to assets, 1.05 for equity to liabilities."""
    return lambda p: value + 6.56 * used(p) + 1.05 * (1 / (debt - used(p)) - 1 / debt)


FORMULAS: dict[str, Formula] = {"new_equity": new_equity}
FORMULA_FEATURES = {
    "new_equity": (
        "debt_ratio", "current_liabilities_to_assets", "debt_ratio_change", "working_capital_to_assets",
        "current_ratio", "quick_ratio", "cash_ratio", "ebitda_to_liabilities", "cash_flow_to_liabilities", "altman_z",
        "long_term_debt_to_assets", "short_term_debt_share", "current_ratio_change", "liabilities_growth",
        "amount_to_assets", "amount_to_equity",
    )
}  # fmt: skip


def features_of(declared: Mapping[str, Mapping[str, Any]]) -> tuple[str, ...]:
    """The features that the levers read or move: what the present must be known of."""
    found: dict[str, None] = {}
    for told in declared.values():
        found |= dict.fromkeys([told["anchor"]] if "anchor" in told else [])
        found |= dict.fromkeys(FORMULA_FEATURES.get(told.get("formula", ""), ()))
        found |= dict.fromkeys([*told.get("scale", ()), *told.get("shift", {})])
        for option in told.get("options", {}).values():
            for part in ("only_if", "only_above", "set", "add", "add_now"):
                found |= dict.fromkeys(option.get(part, {}))
            found |= dict.fromkeys(option.get("add_now", {}).values())
    return tuple(found)
