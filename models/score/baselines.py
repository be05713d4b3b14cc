"""Points measured from a baseline: from all training cases, or from the applicant's sector where that reads truer.

A value that is better than usual reads as a contradiction where its feature lowers the score all the same: the points
come from an average of all cases and of their joint values, the comparison from one median. Where an answer would hold
such a reason, the whole list is measured from the applicant's sector instead, if fewer contradict there.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.matrix import named
from models.score.bundle import Bundle
from models.score.kind import ModelKind
from models.score.kinds import KINDS
from models.score.reference_sample import SECTOR, Baseline
from models.score.scale import shown
from models.score.self_test import Worked


@dataclass(frozen=True)
class Measured:
    """A case's points from one baseline: `base` and `tenths`, in tenths of a point as shown, sum to `score`.

    `contributions` (f,) are to the margin, from `base_margin`; `moved` the points unrounded, `order` their places by
    size, the largest first; `contradictory` marks the features whose comparison with the baseline would contradict the
    sign of their points.
    """

    baseline: Baseline
    base: int
    tenths: Ints
    score: int
    base_margin: float
    contributions: Floats
    moved: Floats
    order: Ints
    contradictory: Bools


@dataclass(frozen=True)
class Explained:
    """Cases (n, f), their margins (n,) and contributions (n, f) from the margin `base`."""

    numbers: Floats
    margins: Floats
    contributions: Floats
    base: float


def measured(bundle: Bundle, worked: Worked, industries: Sequence[str], least: Sequence[int]) -> list[Measured]:
    """Each case from the baseline that its reasons are worded against.

    `industries`: the code of each case's industry, "" where not known; `least`: of how many cases at least a value must
    be known to be compared with.
    """
    found = from_training(bundle, worked, least)
    for baseline, places in _to_try(bundle, found, industries, least):
        numbers = worked.matrix[places]
        scores, needed = [found[place].score for place in places], [least[place] for place in places]
        for place, instead in zip(places, against(bundle, baseline, numbers, needed, scores), strict=True):
            if instead.contradictory.sum() < found[place].contradictory.sum():
                found[place] = instead
    return found


def from_training(bundle: Bundle, worked: Worked, least: Sequence[int]) -> list[Measured]:
    """Each case from all training cases, whatever contradicts."""
    explained = Explained(worked.matrix, worked.margin, worked.contributions, worked.base)
    return _from(bundle, bundle.reference_sample.whole, explained, least)


def against(
    bundle: Bundle, baseline: Baseline, numbers: Floats, least: Sequence[int], scores: Sequence[int]
) -> list[Measured]:
    """Cases (n, f) measured from a group of the reference sample, to the scores in tenths that they were given."""
    tables = bundle.against(baseline.name)
    explained = Explained(numbers, *tables.explain(numbers), tables.base)
    return _from(bundle, baseline, explained, least, scores)


def _from(
    bundle: Bundle, baseline: Baseline, cases: Explained, least: Sequence[int], scores: Sequence[int] | None = None
) -> list[Measured]:
    stretch = bundle.scale.per_log_odds * bundle.calibration.stretch(cases.margins, cases.base)
    start = float(bundle.scale.points(bundle.calibration.log_odds(np.array([cases.base])))[0])
    moved = stretch[:, None] * cases.contributions
    contradictory = comparison(bundle.kind, bundle.features, cases.numbers, baseline, np.asarray(least)) * moved < 0.0
    bases, tenths, sums = shown(start, moved, scores)
    order = np.argsort(-np.abs(moved), axis=1, kind="stable")
    columns = zip(bases.tolist(), tenths, sums.tolist(), cases.contributions, moved, order, contradictory, strict=True)
    return [
        Measured(baseline, base, whole, score, cases.base, own, points, by_size, odd)
        for base, whole, score, own, points, by_size, odd in columns
    ]


def _to_try(
    bundle: Bundle, found: Sequence[Measured], industries: Sequence[str], least: Sequence[int]
) -> Iterable[tuple[Baseline, list[int]]]:
    """The sectors of the cases that hold a contradiction, each with the places of its cases."""
    places: dict[str, list[int]] = {}
    for place, case in enumerate(found):
        if case.contradictory.any():
            baseline = bundle.reference_sample.nearest(SECTOR, industries[place], least[place])
            if baseline is not None:
                places.setdefault(baseline.name, []).append(place)
    return [(bundle.reference_sample.baseline(name), own) for name, own in places.items()]


def comparison(kind: ModelKind, names: tuple[str, ...], numbers: Floats, baseline: Baseline, least: Ints) -> Floats:
    """Of each value (n, f) +1 where it is better than what is usual, -1 where worse, 0 where that cannot be said."""
    told: Floats = np.sign(numbers - baseline.values) * better(kind.name, names)
    told[np.isnan(told) | (baseline.known < least[:, None])] = 0.0
    return told


@lru_cache(64)
def better(kind: str, names: tuple[str, ...]) -> Ints:
    """Of each feature +1 where more of it is better, -1 where less is, 0 where neither is sure.

    A committee's admissions are resembled, not better or worse: there it is 0 throughout.
    """
    if KINDS[kind].label_is_good:
        return np.zeros(len(names), dtype=np.int64)
    return np.array([0 if named(name).categories else -named(name).direction for name in names], dtype=np.int64)
