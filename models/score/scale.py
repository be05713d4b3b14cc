"""From margin to log-odds, probability, points and grade, so that reasons keep adding up.

Points are linear in log-odds. Log-odds are a two-slope Platt line of the margin (a softplus hinge): all contributions
of a case are then stretched by one factor of its own, so that they keep their order, their signs and their exact sum.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from features.arrays import Floats, Ints
from features.elementary import exp, log, log1p
from features.policy import Policy
from models.score.kind import ModelKind

LOG_OF_TWO = float(log(np.array(2.0)))


@dataclass(frozen=True)
class Calibration:
    """Log-odds = slope × margin + intercept + shift − bend × softplus(middle − margin).

    Without a bend this is Platt's line. With one the slope is slope + bend well below the middle and slope well above,
    with a smooth turn; both are above 0. Fitted on margins that the trees did not see. `shift` moves the sample's rate
    of events to the central tendency (0 where the plan names none).
    """

    slope: float
    intercept: float
    shift: float = 0.0
    bend: float = 0.0
    middle: float = 0.0

    def log_odds(self, margin: Floats) -> Floats:
        """Calibrated log-odds of the event, one per margin; rises with the margin."""
        line = self.slope * margin + (self.intercept + self.shift)
        return line - self.bend * softplus(self.middle - margin) if self.bend else line

    def stretch(self, margin: Floats, base: float) -> Floats:
        """By how much a case's contributions are multiplied to be in log-odds: one factor above 0 per margin.

        Times a case's contributions (which sum to margin − base) it is the distance of their log-odds.
        """
        gap = margin - base
        near = np.abs(gap) < 1e-9
        whole = self.log_odds(margin) - self.log_odds(np.array([base]))
        here = self.slope + self.bend * probability(np.array([self.middle - base]))
        return np.where(near, here, whole / np.where(near, 1.0, gap))

    def margin(self, log_odds: float) -> float:
        """The margin whose log-odds these are: the way back, to the last bits."""
        line = (log_odds - self.intercept - self.shift) / self.slope
        if not self.bend:
            return line
        reach = abs(line) + abs(self.middle) + (abs(log_odds - self.intercept - self.shift) + 1) * 2
        reach /= min(self.slope, self.slope + self.bend, 1.0)
        low, high = -reach, reach
        for _ in range(200):
            half = (low + high) / 2
            if half in (low, high):
                break
            if float(self.log_odds(np.array([half]))[0]) < log_odds:
                low = half
            else:
                high = half
        return high


def probability(log_odds: Floats) -> Floats:
    """The probability of the event, one per log-odds; does not overflow."""
    small = exp(-np.abs(log_odds))
    return np.where(log_odds >= 0, 1.0, small) / (1.0 + small)


def softplus(values: Floats) -> Floats:
    """The logarithm of 1 + the exponential of each value; does not overflow."""
    return np.maximum(values, 0.0) + log1p(exp(-np.abs(values)))


@dataclass(frozen=True)
class RenewalDays:
    """For how many days, on average, the renewals of loans of up to so many months (None: of any) were followed."""

    months: int | None
    days: int


@dataclass(frozen=True)
class Scale:
    """`points_at` points at `odds` good to bad, `to_double` more for twice the odds; grades cut the probability of bad.

    `sign` is +1 where the counted event is the good one. `bounds` are the largest probabilities of the unwanted outcome
    for each grade, the best grade first; one on a bound belongs to the better grade. `horizon`: within which the event
    is counted, `12m` or `maturity` of the loan asked for, or another that no loan's term tells. `renewals`: by how much
    a horizon to maturity outran the loans' own maturity, since it follows what renewed them; the shortest loans first.
    """

    points_at: float
    odds: float
    to_double: float
    sign: int
    grades: tuple[str, ...]
    bounds: tuple[float, ...]
    horizon: str = "12m"
    renewals: tuple[RenewalDays, ...] = ()

    def renewal_days(self, months: int) -> int:
        """By how many days, on average, the horizon outruns the maturity of a loan of so many months."""
        return next((told.days for told in self.renewals if told.months is None or months <= told.months), 0)

    @property
    def per_log_odds(self) -> float:
        """Points for one unit of log-odds of the counted event; negative where that event is bad."""
        return self.sign * self.to_double / LOG_OF_TWO

    def points(self, log_odds: Floats) -> Floats:
        """The score, unrounded, one per log-odds."""
        return self._at_even_odds + self.per_log_odds * log_odds

    @cached_property
    def _at_even_odds(self) -> float:
        return self.points_at - self.to_double / LOG_OF_TWO * float(log(np.array(self.odds)))

    def log_odds(self, points: Floats) -> Floats:
        """The log-odds of the counted event, one per score: the way back from `points`."""
        at_zero = self.points(np.zeros(1, dtype=np.float64))
        return (points - at_zero) / self.per_log_odds

    def grade(self, probability_of_event: Floats) -> list[str]:
        """The grade of each probability."""
        return [self.grades[place] for place in self.grade_places(probability_of_event)]

    def grade_places(self, probability_of_event: Floats) -> Ints:
        """The place of each probability's grade in `grades`, 0 the best."""
        bad = probability_of_event if self.sign < 0 else 1.0 - probability_of_event
        return np.minimum(np.searchsorted(self.bounds, bad, side="left"), len(self.grades) - 1)


SCALE_POLICIES = ("scale.points_at", "scale.odds", "scale.points_to_double")


def scale_on(day: date, policy: Policy, kind: ModelKind) -> Scale:
    """The scale in force on the day. Raises `PolicyError` where policy states none."""
    points_at, odds, to_double = (float(policy(name).on(day)) for name in SCALE_POLICIES)
    bounds: Mapping[str, float] = policy(kind.grade_bounds).on(day)
    return Scale(points_at, odds, to_double, kind.sign, tuple(bounds), tuple(float(b) for b in bounds.values()))


def shown(base: float, contributions: Floats, scores: Sequence[int] | None = None) -> tuple[Ints, Ints, Ints]:
    """Bases (n,), contributions (n, f) and scores (n,) in whole tenths; the first two sum exactly to the third.

    The rule (largest remainder): a score is the exact sum rounded to the nearest tenth, unless it was found before
    from another base, which can differ by the rounding of floats. Every part is rounded down to
    a tenth; the tenths that are then missing go one each to the parts with the largest remainders, of equal ones the
    earlier. A part of exactly 0 receives none, so a feature that does not count is never shown to count.
    """
    parts = np.empty((len(contributions), contributions.shape[1] + 1))
    parts[:, 0], parts[:, 1:] = 10.0 * base, 10.0 * contributions
    sums = [round(math.fsum(own)) for own in parts.tolist()] if scores is None else scores
    low, score = np.floor(parts), np.array(sums, dtype=np.int64)
    remainder = np.where(parts == 0.0, -1.0, parts - low)
    missing = score - low.sum(axis=1).astype(np.int64)
    whole, order = low.astype(np.int64), np.argsort(-remainder, axis=1, kind="stable")
    rows, ranks = np.nonzero(np.arange(parts.shape[1]) < missing[:, None])
    whole[rows, order[rows, ranks]] += 1
    return whole[:, 0], whole[:, 1:], score
