"""What would change it: the smallest set of at most three changes by which an applicant's score crosses a line.

Exact. With the fixed features held, every leaf of the model asks only about levers. A lever has one point for each
interval between the model's splits, so the margin at any combination of points is the present margin plus one effect
per lever, per pair and per triple; these are tabulated and added. All sets of one lever are tried, then of two, then of
three, and a set is passed over only where the sum of its least effects cannot reach the line: so *none* means none.
Each set that is offered was assessed anew. It is a change of the score that is told, not of the risk.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

import msgspec
import numpy as np

from features.arrays import Bools, Floats, Ints
from models.counterfactuals.forest import Forest
from models.counterfactuals.levers import DeclaredLever, Lever, Now, Point, Thresholds, Time, levers
from models.score.scale import Calibration

Reassess = Callable[[Floats], Floats]
"""Log-odds of each row of a feature matrix in the model's order."""
Verify = Callable[[Floats, Sequence["ProposedChange"]], bool]
"""Whether a whole assessment with the changes gives the better advice: of the changed features, and the changes."""

State = Literal["above", "found", "none"]
MOST = 3
NO_WAY = MOST + 1
"""So many cures demanded by rules that no set of changes can do: told as none."""
_ROUNDING = 1e-9
"""The tables add in another order than the model; what lies this near the line is put to the model itself."""


class Moved(msgspec.Struct, frozen=True):
    """A feature's present value and the one that a change brings."""

    now: float
    to: float


class ProposedChange(msgspec.Struct, frozen=True):
    """One change that is offered: the lever (or one `option` of it), from and to, and the features it moves.

    `time`: when it would be seen. `anchor`: the feature that `now` and `to` are of; None for an option.
    """

    lever: str
    option: str | None
    time: Time
    anchor: str | None
    now: float | None
    to: float | None
    moved: Mapping[str, Moved]


class Offer(msgspec.Struct, frozen=True):
    """A set of changes that crosses the line, and the log-odds when assessed anew with them."""

    changes: tuple[ProposedChange, ...]
    log_odds: float


@dataclass(frozen=True)
class Found:
    """What was found: offers of the smallest size, the least effort first; none found is said by an empty list.

    `state`: `above` where the line is already reached, `found`, or `none`. `sets`: how many sets of levers were tried.
    """

    state: State
    offers: tuple[Offer, ...]
    sets: int
    log_odds: float
    line: float


@dataclass(frozen=True)
class SearchQuestion:
    """What is asked: the line in log-odds, and on which side of it the applicant should come.

    `below` is True where the log-odds are of a bad event. `required` names levers that rules demand to be pulled
    whatever the score; `cures` counts changes that rules demand beside the levers. `policy`: `changes.levers` and
    `changes.effort` of the day. `offers`: how many sets to offer at most. `cuts`: thresholds of features at which rules
    answer otherwise.
    """

    line: float
    below: bool
    calibration: Calibration
    declared: Mapping[str, DeclaredLever]
    effort: Mapping[str, int]
    required: frozenset[str] = frozenset()
    cures: int = 0
    offers: int = 3
    cuts: Thresholds = field(default_factory=dict)


def search(  # noqa: PLR0913, PLR0917  (an applicant, a question, and two ways to ask again)
    forest: Forest,
    names: Sequence[str],
    row: Floats,
    now: Now,
    asked: SearchQuestion,
    reassess: Reassess,
    verify: Verify,
) -> Found:
    """The smallest sets of changes that cross the line.

    `names` and `row` are the model's features and the applicant's values; `now` holds at least the features that the
    levers read (`levers.features_of`). Rules that change with the levers are the caller's: it names what they require,
    and verifies every offer by a whole assessment.
    """
    present = float(reassess(row[None])[0])
    passes = _passes(asked, np.array([present]))[0]
    if passes and not asked.required and not asked.cures:
        return Found("above", (), 0, present, asked.line)
    thresholds = {names[feature]: values for feature, values in forest.thresholds.items()}
    thresholds |= {name: np.union1d(thresholds.get(name, []), cut) for name, cut in asked.cuts.items()}
    free = levers(asked.declared, now, thresholds)
    if not asked.required <= {lever.name for lever in free}:
        return Found("none", (), 0, present, asked.line)
    tries = _Tries(names, row, now, asked, reassess, verify)
    groups = [_Effects(forest, names, row, group) for group in _without_conflict(free)]
    for size in range(max(len(asked.required), int(not passes)), MOST - asked.cures + 1):
        offers = tries.of_size(groups, size)
        if offers:
            return Found("found", tuple(offers[: asked.offers]), tries.sets, present, asked.line)
    return Found("none", (), tries.sets, present, asked.line)


def _passes(asked: SearchQuestion, log_odds: Floats) -> Bools:
    passed: Bools = log_odds <= asked.line if asked.below else log_odds >= asked.line
    return passed


def _without_conflict(free: Sequence[Lever]) -> list[list[Lever]]:
    """The largest groups of levers of which no two move one feature: only such may be pulled together."""
    groups = [list(free)]
    for one, other in combinations(free, 2):
        if set(one.features) & set(other.features):
            groups = [
                [lever for lever in group if lever is not out] if one in group and other in group else group
                for group in groups
                for out in (one, other)
            ]
    distinct = {tuple(lever.name for lever in group): group for group in groups}
    return list(distinct.values())


class _Effects:
    """What each point of some levers does to one applicant's margin: alone, by pair, by triple."""

    def __init__(self, forest: Forest, names: Sequence[str], row: Floats, free: Sequence[Lever]) -> None:
        self.forest, self.row, self.free = forest, row, free
        self._place = {name: place for place, name in enumerate(names)}
        self._lever_of = np.full(len(names), -1, dtype=np.int64)
        for number, lever in enumerate(free):
            self._lever_of[[self._place[name] for name in lever.features if name in self._place]] = number
        self._leaves, self._steps = self._alive()
        self._value = forest.values[self._leaves]
        masks = [self._mask(number) for number in range(len(free))]
        self._delta = [mask[:, 1:].astype(np.float64) - mask[:, :1] for mask in masks]
        self._base = (
            np.stack([mask[:, 0] for mask in masks], axis=1) if masks else np.ones((len(self._leaves), 0), bool)
        )
        self._touched = [delta.any(axis=1) for delta in self._delta]
        self._shut = (~self._base).sum(axis=1)
        self._held: dict[tuple[int, ...], Floats] = {}
        self.margin = float(self._value[self._base.all(axis=1)].sum())
        self.useful = [bool(touched.any()) for touched in self._touched]

    def _alive(self) -> tuple[Ints, Ints]:
        """The leaves that the fixed features allow, and the steps by which these leaves ask about levers."""
        forest = self.forest
        every = np.arange(len(forest.splits))
        right = forest.goes_right(every, self.row[forest.feature][:, None])[:, 0] if len(every) else np.ones(0, bool)
        lever = self._lever_of[forest.feature[forest.step_split]]
        broken = (lever < 0) & (right[forest.step_split] != forest.step_right)
        dead = np.zeros(len(forest.values), dtype=bool)
        dead[forest.step_leaf[broken]] = True
        return np.flatnonzero(~dead), np.flatnonzero((lever >= 0) & ~dead[forest.step_leaf])

    def _mask(self, number: int) -> Bools:
        """Which of the living leaves each point of a lever allows; the first column is the present."""
        forest, lever = self.forest, self.free[number]
        steps = self._steps[self._lever_of[forest.feature[forest.step_split[self._steps]]] == number]
        allowed = np.ones((len(self._leaves), 1 + len(lever.points)), dtype=bool)
        if not len(steps):
            return allowed
        splits, place = np.unique(forest.step_split[steps], return_inverse=True)
        right = forest.goes_right(splits, self._values(lever, forest.feature[splits]))
        holds = right[place] == forest.step_right[steps][:, None]
        leaves = np.searchsorted(self._leaves, forest.step_leaf[steps])
        starts = np.flatnonzero(np.r_[True, leaves[1:] != leaves[:-1]])
        allowed[leaves[starts]] = np.logical_and.reduceat(holds, starts, axis=0)
        return allowed

    def _values(self, lever: Lever, features: Ints) -> Floats:
        """The values of some features now and at each point of a lever: (features, 1 + points)."""
        found = np.repeat(self.row[features][:, None], 1 + len(lever.points), axis=1)
        for place, feature in enumerate(features.tolist()):
            for column, point in enumerate(lever.points, start=1):
                for name, value in point.moved.items():
                    if self._place.get(name) == feature:
                        found[place, column] = value
        return found

    def effect(self, of: tuple[int, ...]) -> Floats:
        """What the points of up to three levers add to the margin beyond the effects of fewer: one axis each."""
        if of not in self._held:
            rows: Bools = np.logical_and.reduce(np.stack([self._touched[number] for number in of]), axis=0)
            rows = rows & (self._shut == sum(~self._base[:, number] for number in of))
            shape = tuple(len(self.free[number].points) for number in of)
            self._held[of] = self._sum(of, rows) if rows.any() else np.zeros(shape)
        return self._held[of]

    def _sum(self, of: tuple[int, ...], rows: Bools) -> Floats:
        """Leaf values times the product of the levers' masks, summed over the leaves: by matrix products."""
        product = self._delta[of[0]][rows] * self._value[rows, None]
        for number in of[1:-1]:
            product = (product[:, :, None] * self._delta[number][rows][:, None, :]).reshape(len(product), -1)
        if len(of) == 1:
            return np.asarray(product.sum(axis=0), dtype=np.float64)
        shape = [len(self.free[number].points) for number in of]
        return np.asarray((product.T @ self._delta[of[-1]][rows]).reshape(shape), dtype=np.float64)

    def margins(self, of: tuple[int, ...], reach: Callable[[float], bool]) -> Floats | None:
        """The margin at every combination of the levers' points; None where even the best of all effects falls short.

        `reach(margin)` says whether a margin would do; least effects are taken in its direction.
        """
        parts = [part for size in range(1, len(of) + 1) for part in combinations(of, size)]
        tables = [self.effect(part) for part in parts]
        best = (
            self.margin + sum(float(table.min()) for table in tables),
            self.margin + sum(float(table.max()) for table in tables),
        )
        if not any(reach(margin) for margin in best):
            return None
        total = np.full(tuple(len(self.free[number].points) for number in of), self.margin)
        for part, table in zip(parts, tables, strict=True):
            total += table.reshape([len(self.free[number].points) if number in part else 1 for number in of])
        return total


class _Tries:
    """One applicant's search over the effects of groups of levers that may be pulled together."""

    def __init__(
        self, names: Sequence[str], row: Floats, now: Now, asked: SearchQuestion, reassess: Reassess, verify: Verify
    ) -> None:
        self.row, self.now, self.asked, self.reassess, self.verify = row, now, asked, reassess, verify
        self.place = {name: place for place, name in enumerate(names)}
        self.sets = 0
        calibration = asked.calibration
        self.target = calibration.margin(asked.line)
        self.down = asked.below == (calibration.slope > 0)

    def of_size(self, groups: Sequence[_Effects], size: int) -> list[Offer]:
        """The offers with exactly so many levers, the least effort first, one per set of levers."""
        waiting: dict[tuple[str, ...], tuple[tuple[float, float], _Effects, tuple[int, ...], Floats]] = {}
        for effects in groups:
            for of, margins in self._reaching(effects, size):
                key = tuple(effects.free[number].name for number in of)
                least = self._efforts(effects, of)[self._within(margins)].min()
                waiting.setdefault(key, ((self._time(effects, of), float(least)), effects, of, margins))
        found: list[Offer] = []
        for _, effects, of, margins in sorted(waiting.values(), key=lambda one: one[0]):
            if len(found) < self.asked.offers and (offer := self._assessed(effects, of, margins)) is not None:
                found.append(offer)
        return found

    def _reaching(self, effects: _Effects, size: int) -> Iterator[tuple[tuple[int, ...], Floats]]:
        """The sets of levers that can come to the line, each with its margins."""
        required = {n for n, lever in enumerate(effects.free) if lever.name in self.asked.required}
        if len(required) < len(self.asked.required):
            return
        useful = [n for n, use in enumerate(effects.useful) if use or n in required]
        for of in combinations(useful, size):
            if required <= set(of):
                self.sets += 1
                margins = effects.margins(of, self._reach)
                if margins is not None and self._within(margins).any():
                    yield of, margins

    def _reach(self, margin: float) -> bool:
        return bool(self._within(np.array(margin)))

    def _within(self, margins: Floats) -> Bools:
        near: Bools = margins <= self.target + _ROUNDING if self.down else margins >= self.target - _ROUNDING
        return near

    def _time(self, effects: _Effects, of: tuple[int, ...]) -> float:
        return float(sum(self.asked.effort[effects.free[number].time] for number in of))

    def _efforts(self, effects: _Effects, of: tuple[int, ...]) -> Floats:
        """How far the points of a set of levers go, added up."""
        columns = [np.array([point.effort for point in effects.free[number].points]) for number in of]
        return np.asarray(sum(_axes(columns)), dtype=np.float64)

    def _assessed(self, effects: _Effects, of: tuple[int, ...], margins: Floats) -> Offer | None:
        """The combination of least effort that crosses the line when the model and the rules themselves are asked."""
        efforts = np.where(self._within(margins), self._efforts(effects, of), np.inf)
        for place in np.argsort(efforts, axis=None, kind="stable"):
            at = np.unravel_index(place, efforts.shape)
            if np.isinf(efforts[at]):
                return None
            pulled = [(effects.free[number], effects.free[number].points[i]) for number, i in zip(of, at, strict=True)]
            row = self._with([point for _, point in pulled])
            log_odds = self.reassess(row[None])
            changes = tuple(self._change(*one) for one in pulled)
            if _passes(self.asked, log_odds)[0] and self.verify(row, changes):
                return Offer(changes, float(log_odds[0]))
        return None

    def _with(self, points: Sequence[Point]) -> Floats:
        row = self.row.copy()
        for point in points:
            for name, value in point.moved.items():
                if name in self.place:
                    row[self.place[name]] = value
        return row

    def _change(self, lever: Lever, point: Point) -> ProposedChange:
        moved = {name: Moved(self.now[name], value) for name, value in point.moved.items()}
        now = None if point.to is None else self.now.get(lever.anchor or "", 0.0)
        return ProposedChange(lever.name, point.option, lever.time, lever.anchor, now, point.to, moved)


def _axes(columns: Sequence[Floats]) -> list[Floats]:
    """Each column along an axis of its own."""
    return [
        column.reshape([-1 if i == axis else 1 for i in range(len(columns))]) for axis, column in enumerate(columns)
    ]
