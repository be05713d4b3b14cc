"""How good a model is, each figure with its interval and the number of events; cases of one firm count as one.

Intervals of means (AUC, Brier, differences) come from each case's influence on the figure, summed by firm: for AUC that
is DeLong's variance, with Obuchowski's correction (1997) where firms repeat. KS has none, so firms are drawn anew.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy import stats

from features.arrays import Floats, Ints
from models.score.scale import Scale, probability

LEVEL = 0.95
DRAWS = 500


@dataclass(frozen=True)
class Figure:
    """One figure of merit with its 95% interval, and how many cases and events it rests on.

    `name` and `method` are codes of the word templates `figure_of_merit` and `interval_by`.
    """

    name: str
    value: float
    low: float
    high: float
    cases: int
    events: int
    method: str

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


@dataclass(frozen=True)
class JudgedCases:
    """Judged cases: log-odds of the event, whether it came (1, 0), and whose case it is."""

    log_odds: Floats
    label: Floats
    firm: Ints

    @property
    def cases(self) -> int:
        """How many cases."""
        return len(self.label)

    @property
    def events(self) -> int:
        """How many events."""
        return int(self.label.sum())

    @cached_property
    def probability(self) -> Floats:
        """The probability of each case."""
        return probability(self.log_odds)

    @cached_property
    def cluster(self) -> Ints:
        """Firms numbered from 0."""
        return np.unique(self.firm, return_inverse=True)[1].astype(np.int64)

    def figure(self, name: str, value: float, low: float, high: float, method: str) -> Figure:
        """A figure about these cases."""
        return Figure(name, float(value), float(low), float(high), self.cases, self.events, method)


def discrimination(scored: JudgedCases, seed: int) -> list[Figure]:
    """AUC, Gini and KS."""
    area, influence = auc(scored.log_odds, scored.label)
    error = _error(influence, scored.cluster)
    low, high = _between(area, error)
    method = "delong_by_firm" if scored.cluster.max() + 1 < scored.cases else "delong"
    return [
        scored.figure("auc", area, low, high, method),
        scored.figure("gini", 2 * area - 1, 2 * low - 1, 2 * high - 1, method),
        ks(scored, seed),
    ]


def auc(score: Floats, label: Floats) -> tuple[float, Floats]:
    """The area under the ROC curve (ties count half), and each case's influence on it (squares sum to DeLong's)."""
    event = label > 0
    ranks, own = stats.rankdata(score), np.empty(len(score))
    own[event], own[~event] = stats.rankdata(score[event]), stats.rankdata(score[~event])
    m, n = int(event.sum()), int((~event).sum())
    placement = (ranks - own) / np.where(event, n, m)  # the share of the other outcome ranked below
    area = float(placement[event].mean())
    influence = np.where(event, (placement - area) / m, ((1 - placement) - area) / n)
    return area, influence


def auc_difference(one: JudgedCases, other: JudgedCases) -> Figure:
    """AUC of one model less that of another on the same cases, with the interval of the pair (DeLong, clustered)."""
    first, of_first = auc(one.log_odds, one.label)
    second, of_second = auc(other.log_odds, other.label)
    error = stats.norm.ppf((1 + LEVEL) / 2) * _error(of_first - of_second, one.cluster)
    gap = first - second
    return one.figure("auc_difference", gap, gap - error, gap + error, "paired_delong_by_firm")


def _error(influence: Floats, cluster: Ints) -> float:
    """Standard error of a figure from the influence of each case, summed by cluster."""
    sums = np.bincount(cluster, weights=influence)
    return float(np.sqrt((sums**2).sum() * len(sums) / max(len(sums) - 1, 1)))


def _between(share: float, error: float) -> tuple[float, float]:
    """An interval of a share, made on the scale of log-odds so that it stays between 0 and 1."""
    width = stats.norm.ppf((1 + LEVEL) / 2)
    if not 0 < share < 1:
        return max(share - width * error, 0.0), min(share + width * error, 1.0)
    at, scale = np.log(share / (1 - share)), width * error / (share * (1 - share))
    low, high = probability(np.array([at - scale, at + scale]))
    return float(low), float(high)


def ks(scored: JudgedCases, seed: int) -> Figure:
    """The largest distance between the two outcomes' distributions of the score; interval by drawing firms anew."""
    order = np.argsort(scored.log_odds, kind="stable")
    event, cluster = scored.label[order] > 0, scored.cluster[order]
    # A distance is taken where the score changes, so that ties cannot add to it.
    last = np.r_[np.diff(scored.log_odds[order]) != 0, True]

    def distance(weight: Floats) -> float:
        bad, good = np.cumsum(weight * event), np.cumsum(weight * ~event)
        return float(np.abs(bad / max(bad[-1], 1e-12) - good / max(good[-1], 1e-12))[last].max())

    chance = np.random.default_rng(seed)
    firms = int(cluster.max()) + 1
    draws = []
    for _ in range(DRAWS if scored.cases < 50_000 else DRAWS // 5):
        times = np.bincount(chance.integers(0, firms, firms), minlength=firms).astype(np.float64)
        draws.append(distance(times[cluster]))
    value = distance(np.ones(scored.cases))
    # A drawn sample's distance is on average too large, most so where events are few: the draws are moved back by that.
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) - (np.mean(draws) - value)
    return scored.figure("ks", value, max(float(low), 0.0), min(float(high), 1.0), "bootstrap_of_firms_centred")


def brier(scored: JudgedCases) -> Figure:
    """The mean squared distance between probability and outcome."""
    loss = (scored.probability - scored.label) ** 2
    value = float(loss.mean())
    error = stats.norm.ppf((1 + LEVEL) / 2) * _error((loss - value) / scored.cases, scored.cluster)
    return scored.figure("brier", value, max(value - error, 0.0), value + error, "mean_by_firm")


@dataclass(frozen=True)
class GradeLine:
    """One grade: how often the event was said to come and came, with interval, p-value and Holm's p over all grades."""

    grade: str
    cases: int
    events: int
    expected: float
    observed: float
    low: float
    high: float
    p: float
    holm: float


def calibration(scored: JudgedCases, scale: Scale, learned: int, shift: float = 0.0) -> list[GradeLine]:
    """Per grade, expected and observed rate. Cases of one firm are not independent: their number is cut accordingly.

    The expected rate itself was learned from a sample: rates from `learned` cases and from these differ by chance as
    two samples do, by 1 + these / learned times the variance of one; the p-values allow for it, the intervals do not.

    `shift` is what moved the log-odds from the rate of these cases to that of a population. Grades are those of the
    probabilities shown; expected rates are moved back, since only the cases' own rate can be observed in them.
    """
    place, found = scale.grade_places(scored.probability), []
    for number, grade in enumerate(scale.grades):
        here = place == number
        if here.any():
            own = JudgedCases(scored.log_odds[here] - shift, scored.label[here], scored.firm[here])
            found.append((grade, own, _binomial(own, 1 + scored.cases / learned)))
    adjusted = holm([p for _, _, (_, _, p) in found])
    return [
        GradeLine(grade, own.cases, own.events, float(own.probability.mean()), float(own.label.mean()), low, high, p, h)
        for (grade, own, (low, high, p)), h in zip(found, adjusted, strict=True)
    ]


def _binomial(scored: JudgedCases, spread: float) -> tuple[float, float, float]:
    """Interval of the observed rate (Clopper-Pearson), and p-value against a mean probability that is itself uncertain.

    `spread` is how many times the variance of the events is that of their difference from what was expected.
    """
    p, gap = scored.probability, scored.label - scored.probability
    independent = float((p * (1 - p)).sum())
    clustered = float((np.bincount(scored.cluster, weights=gap) ** 2).sum())
    repeats = scored.cluster.max() + 1 < scored.cases
    effect = max(1.0, clustered / independent) if repeats and independent > 0 else 1.0
    interval = _counted(scored, effect).proportion_ci(LEVEL, method="exact")
    return float(interval.low), float(interval.high), float(_counted(scored, effect * spread).pvalue)


def _counted(scored: JudgedCases, effect: float) -> "stats._result_classes.BinomTestResult":
    """The exact test of the events against the mean probability, as if so many times fewer cases had been seen."""
    cases = max(round(scored.cases / effect), 1)
    events = min(round(scored.events / effect), cases)
    return stats.binomtest(events, cases, float(scored.probability.mean()))


def holm(values: Sequence[float]) -> list[float]:
    """Holm's adjusted p-values: a grade below 0.05 is off, and the chance of any false alarm is at most 5%."""
    order = np.argsort(values)
    adjusted, largest = np.empty(len(values)), 0.0
    for rank, place in enumerate(order):
        largest = max(largest, min((len(values) - rank) * values[place], 1.0))
        adjusted[place] = largest
    return [float(v) for v in adjusted]


@dataclass(frozen=True)
class Stability:
    """The population stability index over grades, and the limit that noise alone passes once in twenty times."""

    psi: float
    limit: float
    before: int
    now: int

    @property
    def moved(self) -> bool:
        """Whether the scores moved by more than chance."""
        return self.psi > self.limit


def stability(before: Floats, now: Floats, scale: Scale) -> Stability:
    """PSI of two sets of probabilities over the grades.

    The usual limits of 0.1 and 0.25 fire on noise where few are compared: of two samples of one population the index is
    about chi-squared (grades - 1) times (1/n + 1/m).
    """
    grades = len(scale.grades)
    one, two = (np.bincount(scale.grade_places(p), minlength=grades) for p in (before, now))
    used = (one + two) > 0
    # Half a case in every grade, so that an empty one is no infinity.
    a, b = ((c[used] + 0.5) / (c[used] + 0.5).sum() for c in (one, two))
    psi = float(((a - b) * np.log(a / b)).sum())
    noise = stats.chi2.ppf(LEVEL, max(int(used.sum()) - 1, 1)) * (1 / len(before) + 1 / len(now))
    return Stability(psi, float(noise), len(before), len(now))


@dataclass(frozen=True)
class AgainstTruth:
    """Expected Gini of the model and of the truth itself, given the true probability of each case, and their ratio."""

    model: float
    truth: float
    ratio: Figure


def against_truth(scored: JudgedCases, truth: Floats, seed: int) -> AgainstTruth:
    """How much of what could be known of a synthetic world the model knows; interval by drawing firms anew."""
    order, best = np.argsort(scored.log_odds, kind="stable"), np.argsort(truth, kind="stable")
    ones = np.ones(scored.cases)
    model = _expected_gini(scored.log_odds, truth, order, ones)
    top = _expected_gini(truth, truth, best, ones)
    chance, firms, ratios = np.random.default_rng(seed), int(scored.cluster.max()) + 1, []
    for _ in range(DRAWS // 5):
        times = np.bincount(chance.integers(0, firms, firms), minlength=firms).astype(np.float64)[scored.cluster]
        drawn, most = (_expected_gini(*told, times) for told in ((scored.log_odds, truth, order), (truth, truth, best)))
        ratios.append(drawn / most if most else np.nan)
    low, high = np.nanquantile(ratios, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    ratio = scored.figure("gini_of_truth", model / top, float(low), float(high), "bootstrap_of_firms")
    return AgainstTruth(model, top, ratio)


def _expected_gini(score: Floats, truth: Floats, order: Ints, weight: Floats) -> float:
    """The Gini to expect if each case becomes an event with its true probability; no case is compared with itself."""
    bad, good = (weight * truth)[order], (weight * (1 - truth))[order]
    below = np.cumsum(good) - good
    # Cases with the same score count half: below becomes the good before the tie plus half of the tie's.
    start = np.r_[True, np.diff(score[order]) != 0]
    group = np.cumsum(start) - 1
    tied = np.bincount(group, weights=good)
    below = below[np.flatnonzero(start)][group] + tied[group] / 2
    itself = float((bad * good / np.maximum(weight[order], 1e-12)).sum())
    pairs = float(bad.sum() * good.sum()) - itself
    if pairs <= 0:
        return 0.0
    area = (float((bad * below).sum()) - itself / 2) / pairs
    return 2 * area - 1
