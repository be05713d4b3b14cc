"""Which cases are learned from, which stop the learning, which judge it: by time, by folds, or as the data say."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np

from features.arrays import Bools, Floats, Ints
from training.learning.plan import FoldsSplit, GivenSplit, OutOfTimeSplit, PlanError, Split
from training.learning.sample import Sample

STOPPING = 6
"""Where the plan gives no later window (folds), one in so many groups of the learning part stops it."""


@dataclass(frozen=True)
class SplitMasks:
    """Masks over the cases of a sample; a case may be in none of them."""

    train: Bools
    stop: Bools
    test: Bools

    @property
    def learned(self) -> Bools:
        """What the trees or their stopping saw."""
        return self.train | self.stop


def parts(split: Split, sample: Sample, seed: int) -> list[SplitMasks]:
    """The part or (for folds) the parts of a split."""
    if isinstance(split, OutOfTimeSplit):
        return [_out_of_time(split, sample, seed)]
    if isinstance(split, GivenSplit):
        return [_given(split, sample.given.get(split.measure))]
    return list(_folds(split, sample, seed))


def held_out(firm: str, seed: int, share: float) -> bool:
    """Whether a firm is kept for judgement: by hash, so that it stays so when firms are added."""
    place = int.from_bytes(hashlib.sha256(f"{seed}:{firm}".encode()).digest()[:8], "big")
    return place < share * 2**64


def _out_of_time(split: OutOfTimeSplit, sample: Sample, seed: int) -> SplitMasks:
    day = sample.day
    kept = np.array([held_out(firm, seed, split.firms_held_out) for firm in sample.cases["firm"]], dtype=bool)
    learn = ~kept
    judge = kept if split.firms_held_out else np.ones(len(sample), dtype=bool)
    train_until, stop_until, test_until = (
        d.toordinal() for d in (split.train_until, split.stop_until, min(split.test_until, date.max))
    )
    return SplitMasks(
        train=learn & (day <= train_until),
        stop=learn & (day > train_until) & (day <= stop_until),
        test=judge & (day > stop_until) & (day <= test_until),
    )


def _given(split: GivenSplit, given: Floats | None) -> SplitMasks:
    if given is None or not np.isin(given, (0.0, 1.0, 2.0)).all():
        raise PlanError("plan_measure_split", measure=split.measure)
    return SplitMasks(given == 0.0, given == 1.0, given == 2.0)


def _folds(split: FoldsSplit, sample: Sample, seed: int) -> Iterator[SplitMasks]:
    group = _groups(split, sample)
    fold = deal(group, sample.label if split.stratified else None, split.folds, seed)
    for number in range(split.folds):
        learn = fold != number
        inner = np.full(len(sample), -1)
        inner[learn] = deal(group[learn], sample.label[learn], STOPPING, seed + 1)
        yield SplitMasks(train=learn & (inner != 0), stop=learn & (inner == 0), test=~learn)


def _groups(split: FoldsSplit, sample: Sample) -> Ints:
    if split.groups == "firm":
        return sample.firm
    if split.groups == "rows":
        # Equal to the last bit, and one way of being not known.
        rows = np.where(np.isnan(sample.matrix), np.inf, sample.matrix)
        return np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    return np.arange(len(sample))


def deal(group: Ints, label: Floats | None, folds: int, seed: int) -> Ints:
    """The fold of each case: groups dealt like cards after a seeded shuffle, those with an event first."""
    groups, place = np.unique(group, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(groups))
    if label is not None:
        has_event = np.bincount(place, weights=label, minlength=len(groups)) > 0
        order = order[np.argsort(~has_event[order], kind="stable")]
    fold = np.empty(len(groups), dtype=np.int64)
    fold[order] = np.arange(len(groups)) % folds
    return fold[place]
