"""What a pool that rests on few patents carries."""

from fractions import Fraction
from math import floor

from hypothesis import given
from hypothesis import strategies as st

from models.collateral.concentration import PartsStep, concentrated, in_whole

STEPS = (PartsStep(1.5, 0.8), PartsStep(2.5, 0.9))
WAN = 1_000_000
parts = st.lists(st.integers(0, 10**13), min_size=1, max_size=6)


def line(*of: int) -> int:
    """What parts in ten thousand yuan carry together."""
    return concentrated([one * WAN for one in of], STEPS).total // WAN


def test_the_worked_pools():
    """One patent of 450 carries 360; 315 and 135 carry 405; three of 150 carry all; two of 150 carry 270."""
    assert line(450) == 360
    assert line(315, 135) == 405
    assert line(150, 150, 150) == 450
    assert line(150, 150) == 270


def test_a_pool_that_is_cut_tells_how_many_parts_it_equals():
    """Parts of 0.7 and 0.3 are as concentrated as 1.72 equal ones."""
    found = concentrated([315 * WAN, 135 * WAN], STEPS)
    assert (found.equal_parts, found.factor) == (1.72, 0.9)


@given(parts, st.data())
def test_a_larger_part_never_lowers_the_line(of: list[int], data: st.DataObject):
    """A patent that is worth more, or one more patent, never lowers what the pool carries."""
    place = data.draw(st.integers(0, len(of) - 1))
    more = data.draw(st.integers(0, 10**13))
    before = concentrated(of, STEPS).total
    assert concentrated([*of[:place], of[place] + more, *of[place + 1 :]], STEPS).total >= before
    assert concentrated([*of, more], STEPS).total >= before


@given(parts)
def test_the_line_lies_between_its_cut_and_the_whole(of: list[int]):
    """Never more than the parts together, never less than them cut by the heaviest factor; none above its own."""
    found = concentrated(of, STEPS)
    assert 0.8 * sum(of) - 1 <= found.total <= sum(of)
    assert all(one <= own for one, own in zip(found.each, of, strict=True))
    assert found.total - len(of) <= sum(found.each) <= found.total


@given(st.lists(st.fractions(min_value=0, max_value=10**12), max_size=8))
def test_no_fen_is_lost_between_the_parts_and_their_sum(parts: list[Fraction]) -> None:
    """Parts in whole fen add up to the exact sum rounded down, and each lies within a fen of its own."""
    whole = in_whole(parts)
    assert sum(whole) == floor(sum(parts, start=Fraction(0)))
    assert all(abs(one - part) < 1 for one, part in zip(whole, parts, strict=True))
