"""How good each patent is beside others of its technology field and year or age, and which patents carry the portfolio.

The tree (dimensions, indicators, statistics) and its weights are policy. A statistic becomes a percentile of the
population in `norms`; an indicator is the mean of its statistics' percentiles, a quality the weighted mean of the
indicators. What cannot be observed is left out, its weight is told, and the rest is never blown up in silence: a patent
of which too little is known has no quality.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

import msgspec
import numpy as np

from features.arrays import Floats, Ints, Places, not_known
from features.lazy import lazy
from features.norms import Norms
from features.percentiles import DECILES, FLAGS, GROWTH, NUMBERS, Statistics, populations, statistics
from features.technology import AGES
from models.records.applicant import Facts
from models.records.in_force import InForce

_YEARS, _AGES = 10_000, AGES + 1
"""More than any filing year, and the ages with the one that is not known: field, year and age as one number."""
SCENARIOS = ("finance", "licence", "management")


@dataclass(frozen=True)
class QualityTree:
    """Indicators in order, each with its dimension, weight and signed statistics."""

    indicators: tuple[str, ...]
    dimension: tuple[str, ...]
    weight: Floats
    statistics: tuple[tuple[str, ...], ...]

    @lazy
    def dimensions(self) -> tuple[str, ...]:
        """The dimensions in order."""
        return tuple(dict.fromkeys(self.dimension))

    @classmethod
    def of(cls, param: InForce, scenario: str) -> "QualityTree":
        """The tree of the day with the weights of a scenario; an indicator without a weight weighs nothing."""
        dimensions = param("quality.tree", dict[str, dict[str, list[str]]])
        weights = param(f"quality.weights_{scenario}", dict[str, float])
        rows = [(i, d, weights.get(i, 0.0), tuple(s)) for d, of in dimensions.items() for i, s in of.items()]
        names, dimension, weight, statistics = zip(*rows, strict=True)
        return cls(names, dimension, np.array(weight, dtype=np.float64), statistics)


class PatentQuality(msgspec.Struct, frozen=True):
    """The quality of one patent, 0 to 100, down to the percentiles of its statistics; None is not known.

    `observed_weight`: on which it rests; `compared_to`: the population, None where no one is large enough.
    """

    score: float | None
    observed_weight: float
    compared_to: str | None
    dimensions: Mapping[str, float | None]
    indicators: Mapping[str, float | None]
    percentiles: Mapping[str, float | None]


@dataclass(frozen=True)
class Quality:
    """Qualities of n patents, 0 to 100 with NaN for unknown.

    `indicators` is (n, indicators of the tree) and `dimensions` (n, dimensions of the tree); `observed` is the weight
    on which each quality rests; `compared_to` tells per patent the population; `percentiles` (n, `ranked`), 0 to 100,
    higher is better, of the statistics `ranked`.
    """

    tree: QualityTree
    patents: tuple[str, ...]
    score: Floats
    observed: Floats
    indicators: Floats
    dimensions: Floats
    compared_to: tuple[str, ...]
    percentiles: Floats
    ranked: tuple[str, ...]

    def part(self, rows: Places) -> "Quality":
        """The qualities of the patents in some rows."""
        return Quality(
            self.tree,
            self.patents[rows],
            self.score[rows],
            self.observed[rows],
            self.indicators[rows],
            self.dimensions[rows],
            self.compared_to[rows],
            self.percentiles[rows],
            self.ranked,
        )

    def only(self, patents: Sequence[str]) -> "Quality":
        """The qualities of some of the patents, in their order."""
        at = {patent: place for place, patent in enumerate(self.patents)}
        places = [at[patent] for patent in patents]
        return Quality(
            self.tree,
            tuple(patents),
            self.score[places],
            self.observed[places],
            self.indicators[places],
            self.dimensions[places],
            tuple(self.compared_to[place] for place in places),
            self.percentiles[places],
            self.ranked,
        )

    def left_out(self) -> dict[str, float]:
        """The indicators that were observed of no patent, with their weights."""
        never = np.isnan(self.indicators).all(axis=0)
        return {self.tree.indicators[i]: float(self.tree.weight[i]) for i in np.flatnonzero(never)}

    def of_each(self) -> list[PatentQuality]:
        """The quality of each patent, to two decimals."""
        tree, whole = self.tree, np.stack((self.score, self.observed), axis=1)
        every = np.concatenate((whole, self.dimensions, self.indicators, self.percentiles), axis=1)
        first, second = 2 + len(tree.dimensions), 2 + len(tree.dimensions) + len(tree.indicators)
        return [
            PatentQuality(
                numbers[0],
                numbers[1] or 0.0,
                population or None,
                dict(zip(tree.dimensions, numbers[2:first], strict=True)),
                dict(zip(tree.indicators, numbers[first:second], strict=True)),
                dict(zip(self.ranked, numbers[second:], strict=True)),
            )
            for population, numbers in zip(self.compared_to, _plain(every), strict=True)
        ]


def _plain(values: Floats) -> list[list[float | None]]:
    """Rows of numbers (n, k) to two decimals, None where not known."""
    rounded = np.round(values, 2).astype(object)
    rounded[np.isnan(values)] = None
    rows: list[list[float | None]] = rounded.tolist()
    return rows


def quality(found: Statistics, norms: Norms, param: InForce, scenario: str = "finance") -> Quality:
    """The quality of every patent by the tree and weights of the scenario."""
    tree, least = QualityTree.of(param, scenario), param("quality.least_population", int)
    usual, place = _usual_of_each(found, norms, least)
    ranks = _percentiles(found, usual, place, dict.fromkeys(sign for signs in tree.statistics for sign in signs))
    weights, nothing = tree.weight.tolist(), not_known(len(place))
    indicators = [_plain_mean([ranks.get(sign, nothing) for sign in signs] or [nothing]) for signs in tree.statistics]
    score, observed = _mean(indicators, weights)
    score[observed < param("quality.least_weight", float)] = np.nan
    weighed = list(zip(tree.dimension, indicators, weights, strict=True))
    dimensions = [
        _mean([column for of, column, _ in weighed if of == name], [weight for of, _, weight in weighed if of == name])
        for name in tree.dimensions
    ]
    return Quality(
        tree,
        found.patents,
        score,
        observed,
        np.stack(indicators, axis=1),
        np.stack([mean for mean, _ in dimensions], axis=1),
        tuple([usual[one].name for one in place.tolist()]),
        np.stack(list(ranks.values()), axis=1),
        tuple(sign[1:] for sign in ranks),
    )


class Qualities:
    """The qualities of a batch, when they are asked for: neighbours of one day are compared in one pass."""

    def __init__(self, facts: Facts) -> None:
        self._facts, self._found = facts, statistics(facts.known)
        self._bounds = np.searchsorted(facts.known.patents.case, np.arange(len(facts.known) + 1)).tolist()
        self._runs = [list(run) for _, run in groupby(range(len(facts.known)), key=self._day)]
        self._run_of = {case: place for place, run in enumerate(self._runs) for case in run}
        self._held: dict[tuple[int, str], Quality] = {}

    def _day(self, case: int) -> date:
        return self._facts.known.cases[case].as_of

    def of(self, case: int, scenario: str) -> Quality:
        """The quality of the case's patents. Raises `NotYetInForce` on a day before the policies of quality."""
        place, param = self._run_of[case], self._facts.in_force(self._day(case))
        start, end = self._bounds[self._runs[place][0]], self._bounds[self._runs[place][-1] + 1]
        if (place, scenario) not in self._held:
            run = self._found.part(slice(start, end))
            self._held[place, scenario] = quality(run, self._facts.known.norms, param, scenario)
        return self._held[place, scenario].part(slice(self._bounds[case] - start, self._bounds[case + 1] - start))


def _mean(columns: Sequence[Floats], weights: Sequence[float]) -> tuple[Floats, Floats]:
    """The weighted mean over the columns that are known, and the weight that was known.

    Added one column after the other: a matrix product's order, and so its last bits, would depend on the processor.
    """
    total, sums = np.zeros(len(columns[0])), np.zeros(len(columns[0]))
    for column, weight in zip(columns, weights, strict=True):
        known = ~np.isnan(column)
        total += known * weight
        sums += np.where(known, column * weight, 0.0)
    return np.divide(sums, total, out=not_known(len(sums)), where=total > 0), total


def _plain_mean(columns: Sequence[Floats]) -> Floats:
    """The mean over the columns that are known; of one column that column."""
    return columns[0] if len(columns) == 1 else _mean(columns, [1.0] * len(columns))[0]


@dataclass(frozen=True)
class _Usual:
    """What is usual beside patents of one field, filing year and age; NaN where no population is large enough.

    `name` is the population; `deciles` (numbers, 9) and `shares` (flags) lie in the order of NUMBERS and FLAGS.
    """

    name: str
    deciles: Floats
    shares: Floats
    growth: float


def _usual(norms: Norms, field: int, year: int, age: int, least: int) -> _Usual:
    def large(statistic: str, looked_up: str) -> str:
        """The first population that is large enough, or nothing."""
        sizes = ((name, norms.by_name.get((name, looked_up))) for name in populations(statistic, field, year, age))
        return next((name for name, norm in sizes if norm is not None and norm.n >= least), "")

    return _Usual(
        name=large("patents", "patents"),
        deciles=np.array([[norms.value(large(n, f"{n}_p50"), f"{n}_p{d}") for d in DECILES] for n in NUMBERS]),
        shares=np.array([norms.value(large(flag, flag), flag) for flag in FLAGS]),
        growth=norms.value(f"field:{field}", GROWTH),
    )


def _usual_of_each(found: Statistics, norms: Norms, least: int) -> tuple[list[_Usual], Ints]:
    """What is usual in each field, filing year and age that some patent is of, and each patent's place among these."""
    one = (found.field * _YEARS + found.year) * _AGES + found.age + 1
    cells, place = np.unique(one, return_inverse=True)
    told = [(cell // _AGES // _YEARS, cell // _AGES % _YEARS, cell % _AGES - 1) for cell in cells.tolist()]
    return [norms.once(_usual, *cell, least) for cell in told], place


def _percentiles(found: Statistics, usual: Sequence[_Usual], place: Ints, signs: Iterable[str]) -> dict[str, Floats]:
    """Per signed statistic 0 to 100 per patent, higher is better; NaN where value or population is not known."""
    numbers = np.stack([found.values[name] for name in NUMBERS], axis=1)
    flags = np.stack([found.values[name] for name in FLAGS], axis=1)
    deciles = np.array([one.deciles for one in usual]).reshape(-1, len(NUMBERS), len(DECILES))[place]
    shares = np.array([one.shares for one in usual]).reshape(-1, len(FLAGS))[place]
    ranks = dict(zip(NUMBERS, rank(numbers, deciles).T, strict=True))
    ranks |= dict(zip(FLAGS, rank_of_flag(flags, shares).T, strict=True))
    signed = {s: 100 - ranks[s[1:]] if s[0] == "-" else ranks[s[1:]] for s in signs if s[1:] in ranks}
    return signed | {"+field_growth": np.array([one.growth for one in usual], dtype=np.float64)[place]}


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


class Carrier(msgspec.Struct, frozen=True):
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
