"""How good each patent is beside others of its technology field and filing year, and which patents carry the portfolio.

The tree (dimensions, indicators, statistics) and its weights are policy. A statistic becomes a percentile of the
population in `norms`; an indicator is the mean of its statistics' percentiles, a quality the weighted mean of the
indicators. What cannot be observed is left out, its weight is told, and the rest is never blown up in silence: a patent
of which too little is known has no quality.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

import numpy as np

from features.asof import Floats
from features.lazy import lazy
from features.norms import Norms
from features.percentiles import DECILES, FLAGS, GROWTH, NUMBERS, OF_FIELD, Statistics, statistics, subjects
from models.rules.applicant import Facts

Said = Callable[[str], Any]

SCENARIOS = ("finance", "licence", "management")


@dataclass(frozen=True)
class Tree:
    """Indicators in order, each with its dimension, weight and signed statistics."""

    indicators: tuple[str, ...]
    dimension: tuple[str, ...]
    weight: Floats
    statistics: tuple[tuple[str, ...], ...]

    def told(self) -> list[dict[str, Any]]:
        """Each indicator with its dimension, weight and statistics (+ counts upwards, - downwards)."""
        rows = zip(self.indicators, self.dimension, self.weight.tolist(), self.statistics, strict=True)
        return [{"indicator": i, "dimension": d, "weight": w, "statistics": list(s)} for i, d, w, s in rows]

    @classmethod
    def of(cls, said: Said, scenario: str) -> "Tree":
        """The tree of the day with the weights of a scenario; an indicator without a weight weighs nothing."""
        dimensions, weights = said("quality.tree"), said(f"quality.weights_{scenario}")
        rows = [(i, d, weights.get(i, 0.0), tuple(s)) for d, of in dimensions.items() for i, s in of.items()]
        names, dimension, weight, statistics = zip(*rows, strict=True)
        return cls(names, dimension, np.array(weight, dtype=np.float64), statistics)


@dataclass(frozen=True)
class Quality:
    """Qualities of n patents, 0 to 100 with NaN for unknown.

    `indicators` is (n, indicators of the tree); `observed` is the weight on which each quality rests; `compared_to`
    tells per patent the population; `percentiles` per statistic the n percentiles, 0 to 100, higher is better.
    """

    tree: Tree
    patents: tuple[str, ...]
    score: Floats
    observed: Floats
    indicators: Floats
    compared_to: tuple[str, ...]
    percentiles: Mapping[str, Floats]

    def only(self, patents: Sequence[str]) -> "Quality":
        """The qualities of some of the patents, in their order."""
        at = {patent: place for place, patent in enumerate(self.patents)}
        places = [at[patent] for patent in patents]
        return replace(
            self,
            patents=tuple(patents),
            score=self.score[places],
            observed=self.observed[places],
            indicators=self.indicators[places],
            compared_to=tuple(self.compared_to[place] for place in places),
            percentiles={name: ranks[places] for name, ranks in self.percentiles.items()},
        )

    @lazy
    def dimensions(self) -> dict[str, Floats]:
        """The quality of each patent in each dimension."""
        of = np.array(self.tree.dimension)
        names = dict.fromkeys(self.tree.dimension)
        return {name: _mean(self.indicators[:, of == name], self.tree.weight[of == name])[0] for name in names}

    def left_out(self) -> dict[str, float]:
        """The indicators that were observed of no patent, with their weights."""
        seen = (~np.isnan(self.indicators)).sum(axis=0).tolist()
        rows = zip(self.tree.indicators, self.tree.weight.tolist(), seen, strict=True)
        return {name: weight for name, weight, patents in rows if not patents}

    def told(self) -> list[dict[str, Any]]:
        """The quality of each patent down to its statistics' percentiles, as plain JSON values; None is not known."""
        names = [sign[1:] for sign in self.percentiles]
        columns = [self.score, self.observed, *self.dimensions.values(), *self.percentiles.values()]
        rows = zip(self.compared_to, _plain(np.stack(columns, axis=1)), _plain(self.indicators), strict=True)
        return [
            {
                "score": score,
                "observed_weight": observed,
                "compared_to": population,
                "dimensions": dict(zip(self.dimensions, numbers, strict=False)),
                "indicators": dict(zip(self.tree.indicators, indicators, strict=True)),
                "percentiles": dict(zip(names, numbers[len(self.dimensions) :], strict=True)),
            }
            for population, (score, observed, *numbers), indicators in rows
        ]


def _plain(values: Floats) -> list[Any]:
    """Nested lists of numbers to two decimals, None where not known."""
    rounded = np.round(values, 2).astype(object)
    rounded[np.isnan(values)] = None
    return list(rounded.tolist())


@dataclass(frozen=True)
class _Compared:
    """Patents among their populations: the name of each one's population and, per signed statistic, the percentiles."""

    tree: Tree
    patents: tuple[str, ...]
    populations: tuple[str, ...]
    percentiles: Mapping[str, Floats]

    @classmethod
    def of(cls, found: Statistics, norms: Norms, said: Said, scenario: str) -> "_Compared":
        tree, least = Tree.of(said, scenario), said("quality.least_population")
        usual = [norms.once(_usual, *of, least) for of in zip(found.field.tolist(), found.year.tolist(), strict=True)]
        percentiles = _percentiles(found, usual, dict.fromkeys(s for signs in tree.statistics for s in signs))
        return cls(tree, found.patents, tuple(one.name for one in usual), percentiles)

    def part(self, rows: slice) -> "_Compared":
        percentiles = {sign: ranks[rows] for sign, ranks in self.percentiles.items()}
        return _Compared(self.tree, self.patents[rows], self.populations[rows], percentiles)

    def quality(self, said: Said) -> Quality:
        tree, nothing = self.tree, np.full(len(self.patents), np.nan)
        indicators = np.empty((len(self.patents), len(tree.indicators)))
        for i, signs in enumerate(tree.statistics):
            columns = np.stack([self.percentiles.get(sign, nothing) for sign in signs] or [nothing], axis=1)
            indicators[:, i] = _mean(columns, np.ones(columns.shape[1]))[0]
        score, observed = _mean(indicators, tree.weight)
        score[observed < said("quality.least_weight")] = np.nan
        return Quality(tree, self.patents, score, observed, indicators, self.populations, self.percentiles)


def quality(found: Statistics, norms: Norms, said: Said, scenario: str = "finance") -> Quality:
    """The quality of every patent by the tree and weights of the scenario."""
    return _Compared.of(found, norms, said, scenario).quality(said)


class Qualities:
    """The qualities of a batch, when they are asked for: neighbours of one day are compared in one pass."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._found = facts, statistics(facts.known)
        self._bounds = np.searchsorted(facts.known.patents.case, np.arange(len(facts.known) + 1)).tolist()
        self._runs = [list(run) for _, run in groupby(range(len(facts.known)), key=self._day)]
        self._run_of = {case: place for place, run in enumerate(self._runs) for case in run}
        self._held: dict[tuple[int, str], _Compared] = {}

    def _day(self, case: int) -> date:
        return self._facts.known.cases[case].as_of

    def of(self, case: int, scenario: str) -> Quality:
        """The quality of the case's patents. Raises `NotYetInForce` on a day before the policies of quality."""
        place, said = self._run_of[case], self._facts.in_force(self._day(case)).__getitem__
        start, end = self._bounds[self._runs[place][0]], self._bounds[self._runs[place][-1] + 1]
        if (place, scenario) not in self._held:
            run = self._found.part(slice(start, end))
            self._held[place, scenario] = _Compared.of(run, self._facts.known.norms, said, scenario)
        own = slice(self._bounds[case] - start, self._bounds[case + 1] - start)
        return self._held[place, scenario].part(own).quality(said)


def _mean(values: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """The weighted mean over the columns that are known, and the weight that was known."""
    known = ~np.isnan(values)
    total: Floats = known @ weight
    sums: Floats = np.where(known, values, 0.0) @ weight
    return np.divide(sums, total, out=np.full(len(values), np.nan), where=total > 0), total


@dataclass(frozen=True)
class _Usual:
    """What is usual where a patent of one field and filing year is compared; NaN where no population is large enough.

    `name` is the population; `deciles` (numbers, 9) and `shares` (flags) lie in the order of NUMBERS and FLAGS.
    """

    name: str
    deciles: Floats
    shares: Floats
    growth: float


def _usual(norms: Norms, field: int, year: int, least: int) -> _Usual:
    populations = subjects(field, year)

    def large(statistic: str, looked_up: str) -> str:
        """The first population that is large enough, or nothing."""
        among = populations[1:] if statistic in OF_FIELD else populations
        sizes = ((name, norms.by_name.get((name, looked_up))) for name in among)
        return next((name for name, norm in sizes if norm is not None and norm.n >= least), "")

    return _Usual(
        name=large("patents", "patents"),
        deciles=np.array([[norms.value(large(n, f"{n}_p50"), f"{n}_p{d}") for d in DECILES] for n in NUMBERS]),
        shares=np.array([norms.value(large(flag, flag), flag) for flag in FLAGS]),
        growth=norms.value(f"field:{field}", GROWTH),
    )


def _percentiles(found: Statistics, usual: Sequence[_Usual], signs: Iterable[str]) -> dict[str, Floats]:
    """Per signed statistic 0 to 100 per patent, higher is better; NaN where value or population is not known."""
    n = len(usual)
    numbers = np.stack([found.values[name] for name in NUMBERS], axis=1)
    flags = np.stack([found.values[name] for name in FLAGS], axis=1)
    deciles = np.array([one.deciles for one in usual]).reshape(n, len(NUMBERS), len(DECILES))
    shares = np.array([one.shares for one in usual]).reshape(n, len(FLAGS))
    ranks = dict(zip(NUMBERS, rank(numbers, deciles).T, strict=True))
    ranks |= dict(zip(FLAGS, rank_of_flag(flags, shares).T, strict=True))
    signed = {s: 100 - ranks[s[1:]] if s[0] == "-" else ranks[s[1:]] for s in signs if s[1:] in ranks}
    return signed | {"+field_growth": np.array([one.growth for one in usual], dtype=np.float64)}


def rank_of_flag(values: Floats, share: float | Floats) -> Floats:
    """The middle of the ranks that those with the flag (or without) share: with 10% flagged, yes is 95 and no is 45."""
    return np.where(np.isnan(values), np.nan, np.where(values == 1, 100 - 50 * share, 50 * (1 - share)))


def rank(values: Floats, deciles: Floats) -> Floats:
    """The percentile of each value among a population with these nine deciles (on the last axis), linear between them.

    A value that several deciles share takes the middle of them; below the first decile it is 5, above the last 95.
    """
    beside = values[..., None]
    below, upto = (deciles < beside).sum(axis=-1), (deciles <= beside).sum(axis=-1)
    most = deciles.shape[-1]
    low = np.clip(below - 1, 0, most - 2)
    ladder = np.broadcast_to(deciles, (*values.shape, most))
    start = np.take_along_axis(ladder, low[..., None], axis=-1)[..., 0]
    span = np.take_along_axis(ladder, low[..., None] + 1, axis=-1)[..., 0] - start
    inside = 10.0 * (low + 1) + 10.0 * np.divide(values - start, span, out=np.zeros_like(values), where=span > 0)
    tied = 5.0 * (below + 1 + upto)
    ranks = np.where(upto > below, tied, inside)
    ranks = np.where((below == 0) & (upto == 0), 5.0, np.where(below == most, 95.0, ranks))
    return np.where(np.isnan(values) | np.isnan(deciles).any(axis=-1), np.nan, ranks)


@dataclass(frozen=True)
class Carrier:
    """A patent and its part in what carries the portfolio; `running` is the part of it and of all before it."""

    patent: str
    share: float
    running: float


def carriers(found: Quality, weight: Floats) -> list[Carrier]:
    """The patents in order of weight times quality, the largest first: who carries the portfolio.

    `weight` is each patent's weight in the portfolio, 0 where it carries nothing; unknown quality counts as the middle.
    """
    part = weight * np.where(np.isnan(found.score), 50.0, found.score)
    total = part.sum()
    if total <= 0:
        return []
    order = np.argsort(-part, kind="stable")
    running = np.cumsum(part[order]) / total
    return [
        Carrier(found.patents[p], float(part[p] / total), float(r))
        for p, r in zip(order, running, strict=True)
        if part[p] > 0
    ]
