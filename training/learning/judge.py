"""A model's making judged on cases that it did not learn from: all figures of one split, and what they rest on."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats
from features.phrase import Phrase
from models.score.scale import Scale, probability
from models.words.templates import phrase
from training.learning.fit import Learned, TooFew, how, learn
from training.learning.metrics import (
    AgainstTruth,
    Figure,
    GradeLine,
    JudgedCases,
    Stability,
    against_truth,
    auc_difference,
    brier,
    calibration,
    discrimination,
    stability,
)
from training.learning.plan import Floor, Plan, Split
from training.learning.sample import Sample

Say = Callable[[Phrase], None]


@dataclass(frozen=True)
class Count:
    """A part of the sample: how many cases, events and firms."""

    cases: int
    events: int
    firms: int


@dataclass(frozen=True)
class Judgement:
    """Everything that is said of one split.

    `without_patents`: AUC without them, and what they add; None if none are used. `truth`: where a synthetic world
    tells the true probability. `stability`: None where nothing was learned to compare with.
    """

    split: Phrase
    learned: Count
    judged: Count
    rounds: int
    figures: list[Figure]
    grades: list[GradeLine]
    stability: Stability | None
    without_patents: tuple[Figure, Figure] | None
    truth: AgainstTruth | None
    floor: Floor | None
    notes: tuple[Phrase, ...]

    def figure(self, name: str) -> Figure:
        """The figure of that name."""
        return next(figure for figure in self.figures if figure.name == name)


def judge(
    sample: Sample, learned: Learned, split: Split, plan: Plan, scale: Scale, say: Say = lambda _: None
) -> Judgement:
    """Judge what a split learned; a second model is learned without patents where the features have them."""
    say(phrase("progress.judging", split=how(split).nested))
    scored = _scored(sample, learned)
    places, shift = learned.judged.place, learned.fitted.calibration.shift
    return Judgement(
        split=learned.how,
        learned=_count(sample, learned.learned),
        judged=_count(sample, np.isin(np.arange(len(sample)), places)),
        rounds=learned.fitted.rounds,
        figures=[*discrimination(scored, plan.seed), brier(_unshifted(scored, shift))],
        grades=calibration(scored, scale, int(learned.learned.sum()), shift),
        stability=_stability(learned, scale),
        without_patents=_without_patents(sample, split, plan, scored, say),
        truth=None if sample.truth is None else _against(scored, sample.truth[places], plan.seed),
        floor=split.floor,
        notes=learned.fitted.notes + _about_shift(plan, shift),
    )


def _unshifted(scored: JudgedCases, shift: float) -> JudgedCases:
    """The cases with log-odds for their own rate, before they were moved to the plan's central tendency."""
    return JudgedCases(scored.log_odds - shift, scored.label, scored.firm)


def _about_shift(plan: Plan, shift: float) -> tuple[Phrase, ...]:
    if not shift:
        return ()
    rate = f"{plan.calibration.rate:.2%}"
    return (phrase("note.shifted", shift=f"{shift:+.4f}", rate=rate, source=plan.calibration.source),)


def _scored(sample: Sample, learned: Learned) -> JudgedCases:
    place = learned.judged.place
    return JudgedCases(learned.judged.log_odds, sample.label[place], sample.firm[place])


def _count(sample: Sample, mask: Bools) -> Count:
    return Count(int(mask.sum()), int(sample.label[mask].sum()), len(np.unique(sample.firm[mask])))


def _stability(learned: Learned, scale: Scale) -> Stability | None:
    """Of the scores that calibration used and those that were judged; None for folds, where they are the same."""
    if learned.learned[learned.judged.place].all():
        return None
    return stability(probability(learned.calibrating), probability(learned.judged.log_odds), scale)


def _without_patents(
    sample: Sample, split: Split, plan: Plan, scored: JudgedCases, say: Say
) -> tuple[Figure, Figure] | None:
    kept = [name for name in sample.names if not plan.about_patents(name)]
    if not kept or len(kept) == len(sample.names):
        return None
    say(phrase("progress.learning_without_patents", split=how(split).nested))
    try:
        other = _scored(sample.only(kept), learn(sample.only(kept), split, plan))
    except TooFew:
        return None
    return discrimination(other, plan.seed)[0], auc_difference(scored, other)


def _against(scored: JudgedCases, truth: Floats, seed: int) -> AgainstTruth | None:
    told = ~np.isnan(truth)
    if not told.any():
        return None
    known = JudgedCases(scored.log_odds[told], scored.label[told], scored.firm[told])
    return against_truth(known, truth[told], seed)


def judge_finished(sample: Sample, log_odds: Floats, plan: Plan, scale: Scale, learned: Count) -> Judgement:
    """A finished model judged on cases of other data: nothing is learned. `learned`: what it once learned from."""
    scored = JudgedCases(log_odds, sample.label, sample.firm)
    everything = np.ones(len(sample), dtype=bool)
    return Judgement(
        split=phrase("split.finished_model"),
        learned=learned,
        judged=_count(sample, everything),
        rounds=0,
        figures=[*discrimination(scored, plan.seed), brier(scored)],
        grades=calibration(scored, scale, learned.cases),
        stability=None,
        without_patents=None,
        truth=None if sample.truth is None else _against(scored, sample.truth, plan.seed),
        floor=None,
        notes=(),
    )
