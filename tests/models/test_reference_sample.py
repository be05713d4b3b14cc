"""The reference sample: which cases it keeps, what is usual among them, and that its file says them to the last bit."""

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from features.arrays import Floats
from models.score.reference_sample import ROWS, Cases, ReferenceSample, Usual, UsualFile
from tests.amount import law
from tests.models.boosters import lightgbm_of
from tests.models.making import NAMES, made_bundle

BUNDLE = made_bundle()[0]
SAMPLE = BUNDLE.reference_sample
NUMBERS = arrays(
    np.float64, st.tuples(st.integers(1, 30), st.just(len(NAMES))), elements=st.floats(0, 7) | st.just(np.nan)
)


@law(30)
@given(NUMBERS)
def test_the_file_says_every_bit(numbers: Floats) -> None:
    """A reference sample read from its file has the same groups, industries and numbers, missing ones missing."""
    industry = ["C3921", "I65", ""] * 10
    approved = np.resize([1.0, 0.0, np.nan], len(numbers))
    cases = Cases(industry[: len(numbers)], approved, numbers)
    made = ReferenceSample.of(NAMES, cases, np.arange(len(numbers))[::-1], least=2)
    read = ReferenceSample.from_csv(made.to_csv(), made.whole, made.least)
    assert np.array_equal(read.matrix, made.matrix, equal_nan=True)
    assert (read.groups, read.industry) == (made.groups, made.industry)


def test_groups_are_frozen_and_bounded() -> None:
    """No group has more rows than a bundle keeps, and each holds only whom it names."""
    assert {"all", "approved", "sector:C39", "sector:C", "sector:I"} <= set(SAMPLE.groups)
    for name, rows in SAMPLE.groups.items():
        group, _, code = name.partition(":")
        assert SAMPLE.least <= len(rows) <= ROWS
        assert all(SAMPLE.industry[row].startswith(code) for row in rows)
        assert not group.startswith("approved") or all(SAMPLE.approved[row] == 1.0 for row in rows)


@pytest.mark.parametrize(
    ("industry", "least", "name"),
    [("C3921", 20, "sector:C39"), ("C9999", 20, "sector:C"), ("A01", 20, None), ("", 20, None), ("C3921", 65, None)],
)
def test_the_nearest_group_with_enough_cases(industry: str, least: int, name: str | None) -> None:
    """The division, else the section; none where neither was learned from often enough, or the industry is unknown."""
    found = SAMPLE.nearest("sector", industry, least)
    assert (found.name if found else None) == name


def test_what_is_usual() -> None:
    """The median of known numbers, the share of yes of a flag, the shares of a category, and of how many known."""
    assert Usual.among("staff", np.array([1.0, 5.0, np.nan, 9.0])) == Usual(3, 5.0, {})
    assert Usual.among("listed", np.array([1.0, 0.0, 0.0, 0.0])) == Usual(4, 0.25, {})
    sector = Usual.among("sector", np.array([2.0, 2.0, 8.0, np.nan]))
    assert (sector.known, sector.shares) == (3, {2: 2 / 3, 8: 1 / 3})
    assert Usual.of(msgspec.json.decode(msgspec.json.encode(sector.to_json()), type=UsualFile)).shares == sector.shares
    assert Usual.among("staff", np.array([np.nan])).known == 0


def test_groups_of_the_same_rows_are_compiled_once() -> None:
    """Where everybody was approved, both groups are one background."""
    assert BUNDLE.against("sector:C39") is BUNDLE.against("sector:C39")
    assert BUNDLE.against("all").base == pytest.approx(
        float(np.mean(lightgbm_of(BUNDLE.booster).predict(SAMPLE.background("all"), raw_score=True)))
    )
