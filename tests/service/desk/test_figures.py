"""A figure before and after: what lies between is that of the figures as they are shown."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from service.desk.labels import labels
from service.desk.views.answer import yearly_pd
from service.desk.views.figures import FigureLine, count_line, money_line, points_line, share_line

FEN = st.integers(-(10**13), 10**13)
SHARE = st.floats(0, 1)
POINTS = st.floats(-1000, 1000)


def adds_up(line: FigureLine) -> None:
    """The figure before and the difference, as both are written, give the figure after; none says nothing."""
    before, after, difference = (
        Decimal(text.partition(" ")[0].rstrip("%").replace(",", "").replace("−", "-") or "0")
        for text in (line.before, line.after, line.difference)
    )
    assert before + difference == after
    assert (line.difference == "") is (before == after)
    assert line.difference[:1] in ("", "+", "−")


@given(FEN, FEN, SHARE, SHARE, POINTS, POINTS)
def test_what_is_shown_adds_up(a: int, b: int, c: float, d: float, e: float, f: float) -> None:
    """Of amounts, numbers, shares and points: before and difference give after, and no difference is a zero."""
    say = labels("zh")
    lines = (money_line("", a, b), count_line("", a, b), share_line("", c, d, say), points_line("", e, f))
    for line in lines:
        adds_up(line)


def test_figures_that_are_shown_alike_do_not_differ() -> None:
    """A probability that moved by less than is shown, and half a fen's worth of ten thousand yuan, say nothing."""
    say = labels("en")
    assert share_line("PD", 0.0131, 0.013101, say) == FigureLine("PD", "1.31%", "1.31%")
    assert share_line("PD", 0.0131, 0.0132, say).difference == "+0.01 percentage points"
    assert points_line("", 600.04, 599.96) == FigureLine("", "600.0", "600.0")
    assert money_line("", 1_000_000, 1_000_100).difference == ""
    assert money_line("", None, 1_000_100).difference == ""


def test_the_probability_over_a_year_stands_beside_its_lines() -> None:
    """Of an answer to maturity both are told, and which is compared; of one over a year there is nothing to tell."""
    facts = {"pd": "0.0385", "whole": "0.0911", "days": 852, "points": 5700}
    lines = {"refer_pd": "0.0462", "blocks_pd": "0.1"}
    found = {"rule": "score", "outcome": "pass", "observed": {"facts": facts}, "required": {"facts": lines}}
    told = yearly_pd({"findings": [found]}, labels("zh"))
    assert all(one in told for one in ("3.85%", "852 天", "4.62%", "10.00%"))
    assert yearly_pd({"findings": [{"rule": "score", "outcome": "pass"}]}, labels("zh")) == ""
