"""Grows the trees and calibrates them on margins of cases that they did not see."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import lightgbm as lgb
import numpy as np
from scipy.optimize import root
from scipy.special import expit, logit

from features.arrays import Bools, Floats, Ints
from features.errors import PledgeScoreError
from features.matrix import named
from features.phrase import Phrase
from models.score.bundle import tree_names
from models.score.scale import Calibration
from models.shap.contributions import margins
from models.words.templates import phrase
from training.learning.plan import FoldsSplit, Plan, PlanError, Split
from training.learning.sample import Sample
from training.learning.split import SplitMasks, deal, parts

FEWEST_FOR_SLOPE = 20
"""With fewer events the slope of Platt's line is noise: the margins keep theirs, and only the level is fitted."""


FEWEST_FOR_BEND = 200
"""With fewer events a bend of the line is not told from noise."""
MOST_GRADIENT = 1e-9
"""Up to which gradient of the log-likelihood a case, in units of probability, a fit counts as the likeliest."""
FEWEST_IN_A_PART = 5
"""Events without which a part of a split can neither stop the trees nor judge them."""


class NotCalibrated(PledgeScoreError):
    """The weights of greatest likelihood were not found."""


class TooFew(PledgeScoreError):
    """There are not enough events to learn from and to judge by."""


@dataclass(frozen=True)
class Fitted:
    """Trees, their number, and the line from margin to log-odds with what it was fitted on."""

    booster: lgb.Booster
    rounds: int
    calibration: Calibration
    calibrated_on: int
    notes: tuple[Phrase, ...] = ()


@dataclass(frozen=True)
class OutOfSample:
    """What a split's trees say of cases that they did not learn from: places in the sample, margins and log-odds."""

    place: Ints
    margin: Floats
    log_odds: Floats


@dataclass(frozen=True)
class Learned:
    """The model that is kept, and the judgement of its making on other cases.

    `how` says which split was used; `learned` marks what it learned from; `calibrating` are these cases' log-odds
    by trees that did not see them.
    """

    how: Phrase
    fitted: Fitted
    learned: Bools
    judged: OutOfSample
    calibrating: Floats


def learn(sample: Sample, split: Split, plan: Plan) -> Learned:
    """Learn as the split says. A split by folds judges by the folds' trees and keeps trees grown on all cases.

    Where a part of a split by time has too few events to learn or to judge, folds of firms take its place, and a note
    says so. Raises `TooFew` where even they cannot.
    """
    cut = parts(split, sample, plan.seed)
    if len(cut) > 1:
        return _learn_folds(sample, cut, plan, how(split))
    short = _short(sample, cut[0])
    if short is None:
        return _learn_once(sample, cut[0], plan, how(split))
    instead = FoldsSplit(method="folds", folds=plan.calibration.folds)
    by_firm = phrase("split.folds_of_firms", folds=instead.folds)
    told = phrase("note.folds_instead", split=how(split).nested, short=short.nested, how=by_firm.nested)
    return _learn_folds(sample, parts(instead, sample, plan.seed), plan, by_firm, (told,))


def how(split: Split) -> Phrase:
    """What a split is called: as the plan calls it, or by its method."""
    usual = type(split).model_fields["name"].default
    return phrase(f"split.{split.method}") if split.name == usual else phrase("split.named", name=split.name)


def _learn_once(sample: Sample, part: SplitMasks, plan: Plan, called: Phrase) -> Learned:
    booster = grow(sample, part.train, plan, stop=part.stop)
    rounds = booster.current_iteration()
    unseen = _crossed(sample, part.learned, rounds, plan)
    calibration, notes = calibrate(unseen, sample.label[part.learned], plan)
    margin = margins(booster, sample.matrix[part.test])
    fitted = Fitted(booster, rounds, calibration, int(sample.label[part.learned].sum()), notes)
    judged = OutOfSample(np.flatnonzero(part.test).astype(np.int64), margin, calibration.log_odds(margin))
    return Learned(called, fitted, part.learned, judged, calibration.log_odds(unseen))


def _crossed(sample: Sample, learned: Bools, rounds: int, plan: Plan) -> Floats:
    """Margins of the learned cases, each by trees that did not see its firm."""
    place = np.flatnonzero(learned)
    fold = deal(sample.firm[place], sample.label[place], plan.calibration.folds, plan.seed)
    margin = np.empty(len(place))
    for number in range(plan.calibration.folds):
        others = np.zeros(len(sample), dtype=bool)
        others[place[fold != number]] = True
        own = place[fold == number]
        margin[fold == number] = margins(grow(sample, others, plan, rounds=rounds), sample.matrix[own])
    return margin


def _learn_folds(
    sample: Sample, cut: list[SplitMasks], plan: Plan, called: Phrase, told: tuple[Phrase, ...] = ()
) -> Learned:
    if sample.label.sum() < len(cut):
        raise TooFew("fewer_events_than_folds", events=int(sample.label.sum()), folds=len(cut))
    margin, fold, rounds = np.full(len(sample), np.nan), np.full(len(sample), -1), []
    for number, part in enumerate(cut):
        best = grow(sample, part.train, plan, stop=part.stop).current_iteration()
        rounds.append(best)
        # Grown anew with the cases that had stopped it: one in six would otherwise be wasted.
        margin[part.test] = margins(grow(sample, part.learned, plan, rounds=best), sample.matrix[part.test])
        fold[part.test] = number
    log_odds = np.empty(len(sample))
    for number in range(len(cut)):
        line, _ = calibrate(margin[fold != number], sample.label[fold != number], plan)
        log_odds[fold == number] = line.log_odds(margin[fold == number])
    everything = np.ones(len(sample), dtype=bool)
    kept = round(float(np.median(rounds)))
    calibration, notes = calibrate(margin, sample.label, plan)
    booster = grow(sample, everything, plan, rounds=kept)
    fitted = Fitted(booster, kept, calibration, int(sample.label.sum()), told + notes)
    return Learned(
        called,
        fitted,
        everything,
        OutOfSample(np.arange(len(sample), dtype=np.int64), margin, log_odds),
        calibration.log_odds(margin),
    )


def grow(
    sample: Sample, learned: Bools, plan: Plan, stop: Bools | None = None, rounds: int | None = None
) -> lgb.Booster:
    """Trees grown on the marked cases: so many `rounds`, or until the `stop` cases have not improved for a while.

    The same cases in the same order give the same trees. The booster is cut to its best length.
    """
    data = _dataset(sample, learned)
    watched = [] if stop is None else [lgb.Dataset(sample.matrix[stop], sample.label[stop], reference=data)]
    stopping = [] if stop is None else [_early_stopping(plan)]
    most = rounds or plan.fit.num_iterations
    try:
        booster = lgb.train(_parameters(sample.names, plan), data, most, valid_sets=watched, callbacks=stopping)
    except lgb.basic.LightGBMError as fault:
        raise PlanError("plan_lightgbm", file=plan.file, why=str(fault)) from None
    kept = most if stop is None else max(booster.best_iteration, 1)
    return lgb.Booster(model_str=booster.model_to_string(num_iteration=kept))


def _early_stopping(plan: Plan) -> Callable[[lgb.callback.CallbackEnv], None]:
    least = plan.fit.early_stopping_min_delta
    return lgb.early_stopping(plan.fit.early_stopping_round, min_delta=least, verbose=False)


def _dataset(sample: Sample, learned: Bools) -> lgb.Dataset:
    categories = [place for place, name in enumerate(sample.names) if named(name).categories]
    return lgb.Dataset(
        sample.matrix[learned],
        sample.label[learned],
        feature_name=tree_names(sample.names),
        categorical_feature=categories,
        params={"verbosity": -1},
    )


def _parameters(names: Iterable[str], plan: Plan) -> dict[str, object]:
    parameters: dict[str, object] = {
        **plan.fit.parameters,
        "objective": "binary",
        "metric": "binary_logloss",
        "seed": plan.seed,
        "deterministic": True,
        "force_row_wise": True,
        "verbosity": -1,
    }
    directions = monotone(names, plan)
    if any(directions):
        parameters |= {"monotone_constraints": directions, "monotone_constraints_method": plan.fit.monotone}
    return parameters


def monotone(names: Iterable[str], plan: Plan) -> list[int]:
    """The direction in which each feature may move the margin: what means more risk means less of a good event."""
    if plan.fit.monotone == "none":
        return []
    return [0 if named(n).categories else -plan.what.sign * named(n).direction for n in names]


def calibrate(margin: Floats, label: Floats, plan: Plan) -> tuple[Calibration, tuple[Phrase, ...]]:
    """Platt's line through margins of cases that their trees did not see, shifted to the plan's central tendency.

    With enough events the line may bend at the mean margin. The shift is the difference of log-odds between the plan's
    rate and the sample's, which is exact where the sample was drawn by outcome (King and Zeng 2001).
    """
    events, notes = int(label.sum()), []
    line = two_slope(margin, label) if events >= FEWEST_FOR_BEND else Calibration(*platt(margin, label))
    if min(line.slope, line.slope + line.bend) <= 0:
        line = Calibration(*platt(margin, label))
    if events < FEWEST_FOR_SLOPE or line.slope <= 0:
        line = Calibration(*platt(margin, label, slope=1.0))
        notes.append(phrase("note.level_alone", events=events))
    rate = plan.calibration.rate
    shift = 0.0 if rate is None else float(logit(rate) - logit(label.mean()))
    return replace(line, shift=shift), tuple(notes)


def platt(margin: Floats, label: Floats, slope: float | None = None) -> tuple[float, float]:
    """Slope and intercept of greatest likelihood (Platt 1999). With `slope` given only the intercept is fitted."""
    z, middle, width = _standard(margin)
    one = np.ones_like(z)
    if slope is not None:
        (level,) = _likeliest(np.column_stack([one]), label, slope * width * z)
        return slope, level - slope * middle
    across, level = _likeliest(np.column_stack([z, one]), label, np.zeros_like(z))
    return across / width, level - across / width * middle


def two_slope(margin: Floats, label: Floats) -> Calibration:
    """The line of greatest likelihood that may bend at the mean margin."""
    z, middle, width = _standard(margin)
    below = -np.logaddexp(0.0, middle - margin) / width
    across, bend, level = _likeliest(np.column_stack([z, below, np.ones_like(z)]), label, np.zeros_like(z))
    return Calibration(across / width, level - across / width * middle, bend=bend / width, middle=middle)


def _standard(margin: Floats) -> tuple[Floats, float, float]:
    middle, width = float(margin.mean()), float(margin.std()) or 1.0
    return (margin - middle) / width, middle, width


def _likeliest(design: Floats, label: Floats, offset: Floats) -> list[float]:
    """Weights (k,) of the columns (n, k) of greatest likelihood, with Platt's smoothed targets and an offset (n,)."""
    events = label.sum()
    target = np.where(label > 0, (events + 1) / (events + 2), 1 / (len(label) - events + 2))

    def gradient(weights: Floats) -> Floats:
        gap: Floats = expit(design @ weights + offset) - target
        return np.asarray(design.T @ gap)

    def curvature(weights: Floats) -> Floats:
        p: Floats = expit(design @ weights + offset)
        return np.asarray(design.T @ (design * (p * (1 - p))[:, None]))

    found = root(gradient, np.zeros(design.shape[1]), jac=curvature, tol=1e-14)
    left = float(np.abs(found.fun).max()) / len(label)  # `success` is false too where rounding alone ends the steps
    if not left <= MOST_GRADIENT:
        raise NotCalibrated("calibration_not_found", gradient=f"{left:.1e}", least=f"{MOST_GRADIENT:.0e}")
    return [float(weight) for weight in found.x]


def _short(sample: Sample, part: SplitMasks) -> Phrase | None:
    """Which part of a split has too few events; None if none has."""
    for what, mask in (("learning", part.train), ("stopping", part.stop), ("judgement", part.test)):
        cases, events = int(mask.sum()), int(sample.label[mask].sum())
        if min(events, cases - events) < FEWEST_IN_A_PART:
            return phrase("note.part_short", part=what, cases=cases, events=events)
    return None
