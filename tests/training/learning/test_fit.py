"""Splits, trees and calibration on made-up samples: who may see what, which way features work, what Platt finds."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import features.matrix
import training.learning.fit
from features.arrays import Floats
from features.norms import NO_NORMS
from features.registry import CATALOGUE, Feature
from models.score.scale import Calibration, probability
from models.shap.contributions import margins
from models.words.templates import say
from tests.amount import law
from training.learning.fit import NotCalibrated, TooFew, calibrate, grow, learn, monotone, platt
from training.learning.labels import LABELLED, Observed
from training.learning.plan import Plan, PlanError, planned
from training.learning.sample import Sample
from training.learning.split import deal, parts

NAMES = tuple(f"measure:m{place}" for place in range(5))


def made(cases: int = 3000, firms: int = 1200, level: float = -2.0, seed: int = 1) -> Sample:
    """A sample whose log-odds rise with the first number and fall with the second."""
    chance = np.random.default_rng(seed)
    numbers = chance.normal(size=(cases, len(NAMES)))
    numbers[chance.random(numbers.shape) < 0.1] = np.nan
    log_odds = level + np.nan_to_num(numbers[:, 0]) - np.nan_to_num(numbers[:, 1])
    label = (chance.random(cases) < probability(log_odds)).astype(int)
    days = [date(2015, 1, 1) + timedelta(days=int(d)) for d in chance.integers(0, 3650, cases)]
    told = {
        "case": [f"c{i}" for i in range(cases)],
        "firm": [f"row:{f}" for f in chance.integers(0, firms, cases)],
        "as_of": days,
        "label": label,
    }
    frame = pl.DataFrame(told).with_columns(pl.lit(None, t).alias(n) for n, t in LABELLED.items() if n not in told)
    return Sample(frame, numbers, NAMES, NO_NORMS, {"cases": cases}, Observed(None, date(2026, 1, 1)))


def plan(split: dict[str, Any], **told: Any) -> Plan:
    """A plan for the made sample."""
    least = {"name": "x", "kind": "pledge", "horizon": "given", "labels": {"source": "outcomes"}, "seed": 5}
    return planned(least | {"features": {"names": list(NAMES)}, "split": [split]} | told, Path("p.toml"))


TIME = {
    "method": "out_of_time",
    "train_until": date(2019, 12, 31),
    "stop_until": date(2021, 12, 31),
    "firms_held_out": 0.4,
}
FOLDS = {"method": "folds", "folds": 4}


def test_time_is_kept_apart_and_so_are_firms() -> None:
    """Training lies before stopping, stopping before judgement, and no firm that is judged was learned from."""
    sample, wanted = made(), plan(TIME)
    part = parts(wanted.split[0], sample, wanted.seed)[0]
    assert sample.day[part.train].max() <= date(2019, 12, 31).toordinal() < sample.day[part.stop].min()
    assert sample.day[part.stop].max() <= date(2021, 12, 31).toordinal() < sample.day[part.test].min()
    assert not set(sample.firm[part.learned]) & set(sample.firm[part.test])
    assert part.train.any()
    assert part.stop.any()
    assert part.test.any()


@pytest.mark.parametrize("groups", ["firm", "rows", "none"])
def test_folds_judge_every_case_once(groups: str) -> None:
    """Each case is in one test part; a group is never on both sides."""
    sample = made(900, 300)
    sample = replace(sample, matrix=np.repeat(sample.matrix[::3], 3, axis=0))
    cut = parts(plan(FOLDS | {"groups": groups}).split[0], sample, 1)
    assert sum(part.test.astype(int) for part in cut).tolist() == [1] * len(sample)  # type: ignore[union-attr]
    for part in cut:
        assert not (part.learned & part.test).any()
        if groups == "firm":
            assert not set(sample.firm[part.learned]) & set(sample.firm[part.test])
        if groups == "rows":
            rows = [row.tobytes() for row in sample.matrix]
            held = {rows[i] for i in np.flatnonzero(part.test)}
            assert not held & {rows[i] for i in np.flatnonzero(part.learned)}


def test_the_data_may_say_which_case_is_for_what() -> None:
    """A measure of 0, 1 and 2 splits into training, stopping and judgement."""
    told = np.arange(900) % 3.0
    sample = replace(made(900), given={"part": told})
    part = parts(plan({"method": "given", "measure": "part"}).split[0], sample, 1)[0]
    assert (part.train == (told == 0)).all()
    assert (part.stop == (told == 1)).all()
    assert (part.test == (told == 2)).all()


@given(st.integers(2, 9), st.integers(0, 1000))
def test_events_are_dealt_evenly(folds: int, seed: int) -> None:
    """The numbers of groups with an event in two folds differ by at most one."""
    chance = np.random.default_rng(seed)
    label = (chance.random(120) < 0.2).astype(float)
    fold = deal(np.arange(120), label, folds, seed)
    counts = np.bincount(fold, weights=label, minlength=folds)
    assert counts.max() - counts.min() <= 1


def test_the_same_sample_gives_the_same_trees() -> None:
    """Trees are a function of cases, plan and seed."""
    sample, wanted = made(800), plan(FOLDS)
    everything = np.ones(len(sample), dtype=bool)
    one, other = (grow(sample, everything, wanted, rounds=5).model_to_string() for _ in range(2))
    assert one == other


@pytest.mark.parametrize("split", [TIME, FOLDS], ids=["time", "folds"])
def test_learning_finds_what_there_is(split: dict[str, Any]) -> None:
    """Judged cases are ranked well above chance and their mean probability is near the rate that came."""
    sample, wanted = made(6000, 3000), plan(split)
    learned = learn(sample, wanted.split[0], wanted)
    label = sample.label[learned.judged.place]
    p = probability(learned.judged.log_odds)
    assert np.corrcoef(learned.judged.log_odds, label)[0, 1] > 0.2
    assert p.mean() == pytest.approx(label.mean(), rel=0.2)
    assert learned.fitted.booster.current_iteration() == learned.fitted.rounds


def test_too_few_events_by_time_are_judged_by_folds() -> None:
    """A handful of events is learned from all the same; the note says what was done and why."""
    sample = made(800, 500, level=-5.0)
    wanted = plan(TIME | {"firms_held_out": 0.0})
    learned = learn(sample, wanted.split[0], wanted)
    assert "instead" in say(learned.fitted.notes[0], "en")
    assert say(learned.how, "en") == "5 folds of firms"
    assert len(learned.judged.place) == 800


def test_hardly_any_event_is_refused() -> None:
    """With fewer events than folds nothing can be judged, which is said."""
    sample = made(400)
    few = sample.cases.with_columns(label=(pl.int_range(400) < 3).cast(pl.Int8))
    with pytest.raises(TooFew, match="3 events are fewer than 5 folds"):
        learn(replace(sample, cases=few), plan(TIME).split[0], plan(TIME))


def likelihood_slope(margin: Floats, label: Floats, a: float, b: float) -> Floats:
    """How steep Platt's smoothed likelihood still is at a line, by slope and intercept; per case."""
    events = label.sum()
    target = np.where(label > 0, (events + 1) / (events + 2), 1 / (len(label) - events + 2))
    gap = target - probability(a * margin + b)
    return np.array([(gap * margin).mean(), gap.mean()])


def test_platt_is_the_greatest_likelihood() -> None:
    """At the line found the likelihood is level, and scikit-learn's regression on weighted copies finds the same."""
    chance = np.random.default_rng(12)
    margin = chance.normal(-2.0, 1.3, 4000)
    label = (chance.random(4000) < probability(0.8 * margin - 0.4)).astype(float)
    a, b = platt(margin, label)
    assert np.abs(likelihood_slope(margin, label, a, b)).max() < 1e-12
    assert abs(likelihood_slope(margin, label, 1.0, platt(margin, label, slope=1.0)[1])[1]) < 1e-12
    events = label.sum()
    target = np.where(label > 0, (events + 1) / (events + 2), 1 / (len(label) - events + 2))
    twice = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-12).fit(
        np.r_[margin, margin][:, None],
        np.r_[np.ones_like(label), np.zeros_like(label)],
        sample_weight=np.r_[target, 1 - target],
    )
    assert (a, b) == pytest.approx((twice.coef_[0, 0], twice.intercept_[0]), abs=1e-10)


def test_platt_finds_the_line() -> None:
    """Slope and intercept of margins that were bent are found again."""
    chance = np.random.default_rng(3)
    margin = chance.normal(size=40_000)
    label = (chance.random(40_000) < probability(0.7 * margin - 1.5)).astype(float)
    assert platt(margin, label) == pytest.approx((0.7, -1.5), abs=0.06)


def test_a_bend_is_found_and_a_line_stays_one() -> None:
    """Log-odds that bend at the mean margin are calibrated above and below it; straight ones get hardly any bend."""
    margin = np.random.default_rng(8).normal(-3, 1.5, size=200_000)
    true = 0.6 * margin - 1.0 - 1.0 * np.logaddexp(0, -3 - margin)
    label = (np.random.default_rng(9).random(200_000) < probability(true)).astype(float)
    line, _ = calibrate(margin, label, plan(FOLDS))
    far = np.array([-6.0, -5.0, -3.0, -1.0, 0.0])
    assert line.log_odds(far) == pytest.approx(0.6 * far - 1.0 - np.logaddexp(0, -3 - far), abs=0.4)
    straight = (np.random.default_rng(9).random(200_000) < probability(0.6 * margin - 1.0)).astype(float)
    assert calibrate(margin, straight, plan(FOLDS))[0].bend == pytest.approx(0, abs=0.15)


def test_few_events_keep_their_slope() -> None:
    """Below twenty events only the level is fitted, and a note says so."""
    margin = np.random.default_rng(4).normal(size=500)
    label = (np.arange(500) < 8).astype(float)
    line, notes = calibrate(margin, label, plan(FOLDS))
    assert line.slope == 1.0
    assert probability(line.log_odds(margin)).mean() == pytest.approx(9 / 510, rel=0.1)
    assert "8 events" in say(notes[0], "en")


def test_central_tendency_corrects_a_sample_drawn_by_outcome() -> None:
    """Half the sample bad, 2% in truth: after the shift the probabilities are those of the population."""
    chance = np.random.default_rng(5)
    log_odds = -4.4 + chance.normal(size=400_000)
    label = chance.random(400_000) < probability(log_odds)
    rate = float(label.mean())
    keep = label | (chance.random(400_000) < rate / (1 - rate))
    wanted = plan(FOLDS, calibration={"rate": rate, "source": "made"})
    line, _ = calibrate(log_odds[keep], label[keep].astype(float), wanted)
    assert isinstance(line, Calibration)
    assert probability(line.log_odds(log_odds)).mean() == pytest.approx(rate, rel=0.05)


def test_further_parameters_of_lightgbm_shape_the_trees() -> None:
    """A parameter that the plan names beside its own reaches LightGBM; a value that it refuses is the plan's fault."""
    sample = made(400, seed=3)
    everything = np.ones(len(sample), dtype=bool)
    smooth = grow(sample, everything, plan(FOLDS, fit={"path_smooth": 3.5}), rounds=2).model_to_string()
    assert "[path_smooth: 3.5]" in smooth
    with pytest.raises(PlanError, match="LightGBM grows no trees by what stands under"):
        grow(sample, everything, plan(FOLDS, fit={"path_smooth": "much"}), rounds=2)


DIRECTED: dict[str, Feature] = {}


@pytest.fixture
def directed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first measure can only mean more risk, the second only less."""
    plain = features.matrix.named

    def named(name: str) -> Feature:
        way = {NAMES[0]: 1, NAMES[1]: -1}.get(name, 0)
        return replace(plain(name), direction=way)  # type: ignore[arg-type]

    monkeypatch.setattr(training.learning.fit, "named", named)


@pytest.mark.usefixtures("directed")
@pytest.mark.parametrize("method", ["basic", "intermediate"])
def test_a_monotone_feature_never_moves_pd_the_wrong_way(method: str) -> None:
    """Swept over its whole range in 200 cases, a feature with a direction moves the margin that way or not at all.

    The labels are made to pull the other way, so that trees without the constraint do move the wrong way.
    """
    sample = made(2000, seed=7)
    against = replace(sample, matrix=np.where([True, True, False, False, False], -sample.matrix, sample.matrix))
    everything = np.ones(len(against), dtype=bool)

    def wrong(wanted: Plan) -> float:
        booster, worst = grow(against, everything, wanted, rounds=60), 0.0
        for place, way in ((0, 1), (1, -1)):
            for row in against.matrix[:100]:
                swept = np.tile(row, (61, 1))
                swept[:, place] = np.linspace(-4, 4, 61)
                worst = max(worst, float((-way * np.diff(margins(booster, swept))).max()))
        return worst

    assert wrong(plan(FOLDS, fit={"monotone": method, "min_data_in_leaf": 10})) <= 1e-12
    assert wrong(plan(FOLDS, fit={"monotone": "none", "min_data_in_leaf": 10})) > 0.01


def test_directions_turn_for_a_good_event() -> None:
    """What can only mean more risk can only mean less admission; without the option there is no direction."""
    risky = next(name for name, feature in CATALOGUE.items() if feature.direction == 1 and not feature.categories)
    assert monotone([risky], plan(FOLDS)) == [1]
    good = {"kind": "whitelist", "labels": {"source": "outcomes"}}
    assert monotone([risky], plan(FOLDS, **good)) == [-1]
    assert monotone([risky], plan(FOLDS, fit={"monotone": "none"})) == []


@law(20)
@given(st.floats(-3, 3), st.floats(0.1, 3))
def test_platt_gives_the_line_back(intercept: float, slope: float) -> None:
    """Margins that were moved and stretched are calibrated to the same probabilities."""
    chance = np.random.default_rng(6)
    margin = chance.normal(size=2000)
    label = (chance.random(2000) < probability(margin - 1)).astype(float)
    a, b = platt(margin, label)
    c, d = platt(slope * margin + intercept, label)
    assert c * (slope * margin + intercept) + d == pytest.approx(a * margin + b, abs=1e-6)


def test_a_calibration_that_is_not_found_is_refused() -> None:
    """Margins among which one is no number have no likeliest line: no weights are made up."""
    margin, label = np.array([-1.0, 0.5, np.nan, 2.0]), np.array([0.0, 1.0, 0.0, 1.0])
    with np.errstate(invalid="ignore"), pytest.raises(NotCalibrated) as refused:
        platt(margin, label)
    assert refused.value.code == "calibration_not_found"
