"""The reference sample that a bundle keeps: whom its reasons may compare with, and how well they read over it."""

from dataclasses import dataclass
from datetime import date

import numpy as np

from features.arrays import Bools, Floats
from features.policy import shipped
from models.score.baselines import Measured, from_training, measured
from models.score.bundle import Bundle
from models.score.reference_sample import LEAST_PEERS, TRAINING, Cases, ReferenceSample
from models.score.self_test import work
from training.learning.plan import Plan
from training.learning.sample import Sample


def reference_sample(sample: Sample, learned: Bools, plan: Plan, made_on: date) -> ReferenceSample:
    """The reference sample of the learned cases, drawn by the plan's seed."""
    industry = sample.cases["industry"].filter(learned).to_list()
    cases = Cases(industry, _approved(sample, plan)[learned], sample.matrix[learned])
    order = np.random.default_rng(plan.seed).permutation(len(industry))
    return ReferenceSample.of(sample.names, cases, order, int(shipped()(LEAST_PEERS).on(made_on)))


def _approved(sample: Sample, plan: Plan) -> Floats:
    """Who was approved: whoever has a loan to perform, or was admitted; outcomes that were given do not say."""
    match plan.labels.source:
        case "performance":
            return np.ones(len(sample))
        case "whitelist_entries":
            return sample.label
        case _:
            return np.full(len(sample), np.nan)


@dataclass(frozen=True)
class Readability:
    """How the reasons of a bundle read over its reference sample, as shares.

    `contradictory_from_training`: of reasons, were all measured from the training cases and compared with their
    medians; `answers_from_sector`: of answers, measured from a sector instead; `without_comparison`: of reasons, those
    that are worded so because a comparison would contradict even there, or too few cases are known.
    """

    cases: int
    contradictory_from_training: float
    answers_from_sector: float
    without_comparison: float


def readability(bundle: Bundle) -> Readability:
    """How the reasons of the bundle read over its own reference sample."""
    kept = bundle.reference_sample
    worked, least = work(bundle.trees, kept.matrix), [kept.least] * len(kept.industry)
    first, told = from_training(bundle, worked, least), measured(bundle, worked, kept.industry, least)
    reasons = sum(int((case.moved != 0.0).sum()) for case in told)
    alone = sum(
        int((_uncompared(case, values, kept.least) & (case.moved != 0.0)).sum())
        for case, values in zip(told, kept.matrix, strict=True)
    )
    return Readability(
        cases=len(told),
        contradictory_from_training=sum(int(case.contradictory.sum()) for case in first) / max(reasons, 1),
        answers_from_sector=sum(case.baseline.name != TRAINING for case in told) / max(len(told), 1),
        without_comparison=alone / max(reasons, 1),
    )


def _uncompared(case: Measured, values: Floats, least: int) -> Bools:
    return case.contradictory | ((case.baseline.known < least) & ~np.isnan(values))
