"""From margin to score: what is linear stays so, and what is shown adds up."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.policy import shipped
from models.score.kinds import KINDS, PLEDGE, WHITELIST
from models.score.scale import Calibration, probability, scale_on, shown

SCALE = scale_on(date(2026, 1, 1), shipped(), PLEDGE)
parts = st.lists(st.floats(-80, 80).map(lambda x: 0.0 if abs(x) < 1e-9 else x), max_size=120)


@given(base=st.floats(300, 900), contributions=parts)
def test_shown_parts_sum_exactly(base: float, contributions: list[float]) -> None:
    """Base and reasons in tenths sum to the score to the tenth, which is the exact sum rounded."""
    start, tenths, score = (found[0] for found in shown(base, np.array([contributions])))
    assert start + int(tenths.sum()) == score
    assert (
        score == round(10 * math.fsum([base, *contributions]))
        or abs(score - 10 * math.fsum([base, *contributions])) <= 0.5 + 1e-9
    )


@given(base=st.floats(300, 900), contributions=parts)
def test_shown_parts_are_near_and_never_turn_round(base: float, contributions: list[float]) -> None:
    """A part is shown less than a tenth from what it is, never with the other sign, and nothing stays nothing."""
    tenths = shown(base, np.array([contributions]))[1][0]
    for part, tenth in zip(contributions, tenths, strict=True):
        assert abs(tenth - 10 * part) <= 1.0
        assert tenth * part >= 0
        assert part != 0 or tenth == 0


@given(st.floats(-1000, 1000))
def test_probability_is_finite_and_turns_back(log_odds: float) -> None:
    """Probabilities lie between 0 and 1, and those of opposite log-odds sum to 1."""
    p, q = probability(np.array([log_odds, -log_odds]))
    assert 0 <= p <= 1
    assert p + q == pytest.approx(1.0, abs=1e-15)


def test_points_say_what_policy_says() -> None:
    """600 points are odds of 50 to 1, and 20 more are twice the odds."""
    odds = np.array([50.0, 100.0, 25.0])
    assert SCALE.points(-np.log(odds)) == pytest.approx([600.0, 620.0, 580.0], abs=1e-9)


def test_more_is_better_where_the_event_is_good() -> None:
    """A likelier default lowers the score, a likelier admission raises it."""
    whitelist = scale_on(date(2026, 1, 1), shipped(), WHITELIST)
    assert np.diff(SCALE.points(np.array([-3.0, -2.0]))) < 0 < np.diff(whitelist.points(np.array([-3.0, -2.0])))
    assert whitelist.grade(np.array([0.95, 0.05])) == ["1", "10"]


def test_a_probability_on_a_bound_belongs_to_the_better_grade() -> None:
    """Each grade reaches up to and includes its bound."""
    for grade, bound in zip(SCALE.grades, SCALE.bounds, strict=True):
        assert SCALE.grade(np.array([bound])) == [grade]
    assert SCALE.grade(np.array([np.nextafter(SCALE.bounds[0], 1.0)])) == [SCALE.grades[1]]


@pytest.mark.parametrize("kind", KINDS)
def test_ten_grades(kind: str) -> None:
    """Both kinds of model have ten grades that cover every probability."""
    scale = scale_on(date(2026, 1, 1), shipped(), KINDS[kind])
    assert len(scale.grades) == 10
    assert scale.bounds[-1] == 1.0


def test_calibration_is_a_line_and_a_shift() -> None:
    """Log-odds are linear in the margin."""
    line = Calibration(0.8, 0.2, -1.0)
    assert line.log_odds(np.array([0.0, 1.0])) == pytest.approx([-0.8, 0.0])


two_slope = st.builds(
    Calibration,
    slope=st.floats(0.2, 2),
    intercept=st.floats(-2, 2),
    shift=st.floats(-2, 2),
    bend=st.floats(-0.15, 3),
    middle=st.floats(-5, 1),
)


@given(two_slope, st.floats(-12, 6), st.floats(-6, 0))
def test_a_two_slope_calibration_stretches_all_contributions_alike(
    line: Calibration, margin: float, base: float
) -> None:
    """The factor is above 0, and what it makes of the margin's distance from the base is the log-odds' distance."""
    stretch = float(line.stretch(np.array([margin]), base)[0])
    start, end = line.log_odds(np.array([base, margin]))
    assert stretch > 0
    assert stretch * (margin - base) == pytest.approx(end - start, abs=1e-9)


@given(two_slope, st.floats(-12, 6))
def test_a_calibration_turns_back(line: Calibration, margin: float) -> None:
    """The margin of given log-odds is found again."""
    log_odds = float(line.log_odds(np.array([margin]))[0])
    assert line.margin(log_odds) == pytest.approx(margin, abs=1e-9)


@given(two_slope, st.lists(st.floats(-12, 6), min_size=2, max_size=9, unique=True))
def test_a_calibration_keeps_the_order(line: Calibration, told: list[float]) -> None:
    """A larger margin never has smaller log-odds."""
    assert (np.diff(line.log_odds(np.sort(np.array(told)))) >= 0).all()
