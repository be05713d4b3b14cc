"""What an applicant could change: levers of policy turned into the points at which the model's answer can differ.

A lever moves one or several features together, because facts hang together: who asks for half the amount asks for half
of it to revenue too. Its points are one for each interval between the model's own splits, the nearest to the present
that can be said plainly; so trying all points is trying everything that the lever can do.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor
from typing import Literal

import msgspec
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


Time = Literal["now", "weeks", "months", "books"]


class Option(msgspec.Struct, frozen=True):
    """One thing that a lever sets outright: under which present features, and to what it sets or raises features.

    `set`: a number, or a category's word; `add_now`: by the present value of another feature.
    """

    only_if: Mapping[str, float] = {}
    only_above: Mapping[str, float] = {}
    set: Mapping[str, float | str] = {}
    add: Mapping[str, float] = {}
    add_now: Mapping[str, str] = {}


class DeclaredLever(msgspec.Struct, frozen=True):
    """A lever as policy declares it: options, or a slide of an anchor feature or by a formula.

    A slide goes from `least` to `most`, or to such parts of the present, in steps, finer ones where a step is too long;
    `scale`: features that move in proportion to the anchor; `shift`: by so much per unit of it.
    """

    time: Time
    options: Mapping[str, Option] = {}
    anchor: str | None = None
    formula: str | None = None
    least: float = 0.0
    most: float = 0.0
    least_of_now: float | None = None
    most_of_now: float | None = None
    step: float = 1.0
    finest: float = 1.0
    scale: tuple[str, ...] = ()
    shift: Mapping[str, float] = {}


@dataclass(frozen=True)
class Point:
    """One thing that a lever can do: the features' new values, the anchor's (None for an option), and how far it goes.

    `effort` lies in [0, 1): the part of the lever's range that is used. `option`: its name, where it is one.
    """

    moved: Mapping[str, float]
    to: float | None
    effort: float
    option: str | None = None


@dataclass(frozen=True)
class Lever:
    """One lever with its points for one applicant, without the present state."""

    name: str
    time: Time
    anchor: str | None
    features: tuple[str, ...]
    points: tuple[Point, ...] = field(default_factory=tuple)


def levers(declared: Mapping[str, DeclaredLever], now: Now, thresholds: Thresholds) -> list[Lever]:
    """The levers that can do something for an applicant with these features, under a model with these thresholds."""
    found = [_lever(name, of, now, thresholds) for name, of in declared.items()]
    return [lever for lever in found if lever.points]


def _lever(name: str, of: DeclaredLever, now: Now, thresholds: Thresholds) -> Lever:
    if of.options:
        points = tuple(_options(of.options, now))
        return Lever(name, of.time, None, _moved_by(points), points)
    slide = _slide(of, now)
    points = tuple(_along(slide, of, thresholds)) if slide else ()
    return Lever(name, of.time, of.anchor or of.formula, _moved_by(points), points)


def _moved_by(points: Sequence[Point]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(feature for point in points for feature in point.moved))


def _options(options: Mapping[str, Option], now: Now) -> Iterator[Point]:
    for place, (option, of) in enumerate(options.items()):
        holds = all(now[name] == value for name, value in of.only_if.items())
        holds &= all(now[name] > value for name, value in of.only_above.items())
        moved = {name: _value(name, value) for name, value in of.set.items()}
        moved |= {name: now[name] + by for name, by in of.add.items()}
        moved |= {name: now[name] + now[by] for name, by in of.add_now.items()}
        # What is not known cannot be changed: there is no present to start from.
        moved = {name: value for name, value in moved.items() if not np.isnan(now[name]) and value != now[name]}
        if holds and moved:
            yield Point(moved, None, place / len(options), option)


def _value(feature: str, value: float | str) -> float:
    """A number, or the place of a category's word."""
    if not isinstance(value, str):
        return float(value)
    categories = named(feature).categories
    if value not in categories:
        raise PolicyError("policy_lever", feature=feature, value=str(value), categories=tuple(categories))
    return float(categories.index(value))


@dataclass(frozen=True)
class Slide:
    """A lever that slides from `start` to either end; `features` says what each feature is at a position."""

    start: float
    least: float
    most: float
    features: Mapping[str, Callable[[Floats], Floats]]


def _slide(of: DeclaredLever, now: Now) -> Slide | None:
    if of.formula is not None:
        moves = FORMULAS[of.formula](now)
        return Slide(0.0, of.least, of.most, moves) if moves else None
    if of.anchor is None or np.isnan(start := now[of.anchor]):
        return None
    least = of.least if of.least_of_now is None else of.least_of_now * start
    most = of.most if of.most_of_now is None else of.most_of_now * start
    moves = {of.anchor: lambda p: p}
    moves |= {name: _scaled(now[name], start) for name in of.scale if start and not np.isnan(now[name])}
    moves |= {name: _shifted(now[name], start, by) for name, by in of.shift.items() if not np.isnan(now[name])}
    return Slide(start, min(least, start), max(most, start), moves)


def _scaled(value: float, start: float) -> Callable[[Floats], Floats]:
    return lambda p: value * (p / start)


def _shifted(value: float, start: float, by: float) -> Callable[[Floats], Floats]:
    return lambda p: value + by * (p - start)


def _along(slide: Slide, of: DeclaredLever, thresholds: Thresholds) -> Iterator[Point]:
    span = slide.most - slide.least
    for end in (slide.least, slide.most):
        if end == slide.start:
            continue
        edges = _edges(slide, end, thresholds)
        for near, far in pairwise([*edges, end]):
            position = plain(near, far, of.step, of.finest)
            if position is not None:
                moved = {name: float(move(np.array(position))) for name, move in slide.features.items()}
                yield Point(moved, position, abs(position - slide.start) / (span * (1 + _NEAR)))


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


def features_of(declared: Mapping[str, DeclaredLever]) -> tuple[str, ...]:
    """The features that the levers read or move: what the present must be known of."""
    found: dict[str, None] = {}
    for of in declared.values():
        found |= dict.fromkeys([of.anchor] if of.anchor else [])
        found |= dict.fromkeys(FORMULA_FEATURES.get(of.formula or "", ()))
        found |= dict.fromkeys([*of.scale, *of.shift])
        for option in of.options.values():
            found |= dict.fromkeys([*option.only_if, *option.only_above, *option.set, *option.add, *option.add_now])
            found |= dict.fromkeys(option.add_now.values())
    return tuple(found)
