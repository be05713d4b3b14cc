"""Figures of merit: right where the answer is known, with intervals that hold what they promise."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from features.arrays import Floats
from models.score.kinds import PLEDGE
from models.score.scale import probability
from tests.models.test_scale import SCALE
from training.learning.metrics import (
    JudgedCases,
    against_truth,
    auc,
    auc_difference,
    brier,
    calibration,
    discrimination,
    holm,
    ks,
    stability,
)


def drawn(seed: int, cases: int, firms: int | None = None, level: float = -3.0) -> JudgedCases:
    """Cases whose log-odds are true; of so many firms, which share their luck."""
    chance = np.random.default_rng(seed)
    log_odds = level + chance.normal(size=cases)
    firm = chance.integers(0, firms, cases) if firms else np.arange(cases)
    luck = chance.random(cases if firms is None else firms)[firm]
    return JudgedCases(log_odds, (luck < probability(log_odds)).astype(float), firm.astype(np.int64))


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), min_size=2, max_size=40))
def test_auc_counts_pairs(told: list[tuple[int, bool]]) -> None:
    """AUC is the share of pairs that are in order, ties counting half."""
    score, label = (np.array(part, dtype=float) for part in zip(*told, strict=True))
    if 0 < label.sum() < len(label):
        gaps = score[label > 0][:, None] - score[label == 0][None, :]
        assert auc(score, label)[0] == pytest.approx(float(((gaps > 0) + 0.5 * (gaps == 0)).mean()))


def test_auc_is_that_of_scikit_learn() -> None:
    """On many cases with ties, to the last digits."""
    scored = drawn(8, 5000)
    rounded = np.round(scored.log_odds, 1)
    assert auc(rounded, scored.label)[0] == pytest.approx(roc_auc_score(scored.label, rounded), abs=1e-12)


def delong_by_hand(score: Floats, label: Floats) -> float:
    """DeLong's standard error as in his paper: from the placements' variances."""
    bad, good = score[label > 0], score[label == 0]
    wins = (bad[:, None] > good[None, :]) + 0.5 * (bad[:, None] == good[None, :])
    return float(np.sqrt(wins.mean(axis=1).var(ddof=1) / len(bad) + wins.mean(axis=0).var(ddof=1) / len(good)))


def test_influences_give_delongs_variance() -> None:
    """Where no firm repeats, the squares of the influences sum to DeLong's variance."""
    scored = drawn(1, 3000)
    _, influence = auc(scored.log_odds, scored.label)
    assert float(np.sqrt((influence**2).sum())) == pytest.approx(
        delong_by_hand(scored.log_odds, scored.label), rel=0.01
    )


@pytest.mark.parametrize("firms", [None, 200])
def test_intervals_hold_the_truth(firms: int | None) -> None:
    """In 200 samples the 95% interval of AUC holds a large sample's value nearly always, firms repeating or not."""
    large = drawn(99, 400_000)
    true = auc(large.log_odds, large.label)[0]
    held = 0
    for seed in range(200):
        area = discrimination_auc(drawn(seed, 1500, firms))
        held += area[1] <= true <= area[2]
    assert 178 <= held <= 200


def discrimination_auc(scored: JudgedCases) -> tuple[float, float, float]:
    """The first figure without the costly others."""
    from training.learning.metrics import _between, _error

    area, influence = auc(scored.log_odds, scored.label)
    return (area, *_between(area, _error(influence, scored.cluster)))


def test_every_figure_has_interval_and_events() -> None:
    """AUC, Gini, KS and Brier each lie in their interval and tell their events."""
    scored = drawn(3, 4000)
    for figure in [*discrimination(scored, 1), brier(scored)]:
        assert figure.low <= figure.value <= figure.high
        assert figure.events == scored.events > 0
        assert figure.method


def test_the_same_seed_gives_the_same_interval() -> None:
    """Intervals by drawing are repeatable."""
    scored = drawn(4, 1000)
    assert ks(scored, 7) == ks(scored, 7)
    assert ks(scored, 7) != ks(scored, 8)


def test_ks_is_the_textbook_distance() -> None:
    """KS equals the two-sample statistic of Kolmogorov and Smirnov."""
    scored = drawn(5, 2000)
    bad, good = scored.log_odds[scored.label > 0], scored.log_odds[scored.label == 0]
    assert ks(scored, 1).value == pytest.approx(stats.ks_2samp(bad, good).statistic)


def test_difference_of_a_model_to_itself_is_nothing() -> None:
    """A pair of equal models differs by 0 with no width; a worse one is told apart."""
    scored = drawn(6, 6000)
    same = auc_difference(scored, scored)
    assert (same.value, same.low, same.high) == (0, 0, 0)
    noise = np.random.default_rng(1).normal(scale=2, size=scored.cases)
    assert auc_difference(scored, JudgedCases(scored.log_odds + noise, scored.label, scored.firm)).low > 0


def test_holm_by_hand() -> None:
    """Holm's adjustment of four p-values."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


MANY = 10**9
"""So many cases learned from that what was learned is exact."""


def test_calibrated_grades_are_rarely_off_and_wrong_ones_are_found() -> None:
    """True probabilities raise a false alarm in at most one sample of ten here; doubled odds are found."""
    alarms = sum(any(line.holm < 0.05 for line in calibration(drawn(s, 5000), SCALE, MANY)) for s in range(40))
    assert alarms <= 5
    right = drawn(7, 20_000)
    wrong = JudgedCases(right.log_odds + np.log(2), right.label, right.firm)
    assert any(line.holm < 0.05 for line in calibration(wrong, SCALE, MANY))
    assert sum(line.cases for line in calibration(right, SCALE, MANY)) == right.cases


def test_rates_learned_from_few_cases_are_not_held_to_those_of_many() -> None:
    """Rates measured in one sample are rarely off in a ten times larger one, which they are if taken as exact."""
    allowed = exact = 0
    for seed in range(20):
        level = float(np.random.default_rng(seed).normal(scale=0.06))  # 0.06 is what 280 events leave open
        many = drawn(1000 + seed, 60_000)
        said = JudgedCases(many.log_odds + level, many.label, many.firm)
        allowed += any(line.holm < 0.05 for line in calibration(said, SCALE, 6000))
        exact += any(line.holm < 0.05 for line in calibration(said, SCALE, MANY))
    assert allowed <= 1
    assert exact >= 5


def test_a_shift_to_a_populations_rate_is_no_miscalibration() -> None:
    """Cases drawn at another rate are graded by the probability shown and compared at their own rate."""
    right, shift = drawn(7, 20_000), -1.5
    shown = JudgedCases(right.log_odds + shift, right.label, right.firm)
    assert any(line.holm < 0.05 for line in calibration(shown, SCALE, MANY))
    lines = calibration(shown, SCALE, MANY, shift)
    assert not any(line.holm < 0.05 for line in lines)
    assert [line.grade for line in lines] == [line.grade for line in calibration(shown, SCALE, MANY)]


def test_stability_knows_its_numbers() -> None:
    """Two samples of one population pass, however small; a moved one does not."""
    moved = sum(stability(drawn(s, 150).probability, drawn(s + 500, 150).probability, SCALE).moved for s in range(60))
    assert moved <= 9
    before, now = drawn(1, 5000), drawn(2, 5000, level=-2.5)
    assert stability(before.probability, now.probability, SCALE).moved


def test_against_truth() -> None:
    """The truth itself scores 1 of the truth; noise scores less, and expected Gini is near the one that came."""
    scored = drawn(8, 30_000)
    truth = probability(scored.log_odds)
    exact = against_truth(scored, truth, 1)
    assert exact.ratio.value == pytest.approx(1.0)
    assert exact.truth == pytest.approx(2 * auc(scored.log_odds, scored.label)[0] - 1, abs=0.03)
    blurred = JudgedCases(
        scored.log_odds + np.random.default_rng(2).normal(size=scored.cases), scored.label, scored.firm
    )
    told = against_truth(blurred, truth, 1)
    assert told.ratio.low <= told.ratio.value <= told.ratio.high < 0.95


def test_expected_gini_by_hand() -> None:
    """Over all pairs of different cases, weighted by the truth."""
    truth, score = np.array([0.1, 0.5, 0.3, 0.3]), np.array([1.0, 2.0, 2.0, 0.0])
    wins = whole = 0.0
    for i in range(4):
        for j in range(4):
            if i != j:
                weight = truth[i] * (1 - truth[j])
                wins += weight * ((score[i] > score[j]) + 0.5 * (score[i] == score[j]))
                whole += weight
    scored = JudgedCases(score, np.array([0.0, 1.0, 0.0, 0.0]), np.arange(4))
    assert against_truth(scored, truth, 1).model == pytest.approx(2 * wins / whole - 1)


def test_grades_are_those_of_the_scale() -> None:
    """Calibration lines carry the scale's own names."""
    assert {line.grade for line in calibration(drawn(9, 20_000), SCALE, MANY)} <= set(SCALE.grades)
    assert PLEDGE.sign == SCALE.sign
