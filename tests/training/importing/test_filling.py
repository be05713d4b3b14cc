"""One column from somebody's texts: exactly, or refused."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from features.columns import count, day, flag, money, number, text
from training.importing.filling import Filled, fill
from training.importing.mapping import FieldRule

MONEY = money("Amount").named("amount", "")
TEXT = text("Text").named("text", "")


def filled(column: Any, texts: list[str | None], /, **rule: Any) -> Filled:
    """A column filled from one source column `x`."""
    batch = pl.DataFrame({"x": texts}, schema={"x": pl.String})
    return fill(column, FieldRule(**({"column": "x"} | rule)), batch, {})


@settings(deadline=None)
@example(["156249.9999999999999999999999738109557156385595880963"], "1")
@given(
    st.lists(st.decimals(-(10**7), 10**7, allow_nan=False, places=None).map(str) | st.none(), min_size=1, max_size=5),
    st.sampled_from(["1", "100", "10000", "1000000", "100000000", "0.01", "3.5"]),
)
def test_amounts_are_exact_decimals(values: list[str | None], factor: str):
    """Every amount is the decimal product rounded once, half to even, however many digits were given."""
    found = filled(MONEY, values, factor=factor)
    with localcontext(prec=200):  # a text may have more digits than Python's context keeps
        wanted = [None if v is None else Decimal(v) * Decimal(factor) for v in values]
    assert found.values.to_list() == [w if w is None else int(w.to_integral_value(ROUND_HALF_EVEN)) for w in wanted]
    assert found.rounded == sum(w is not None and w != w.to_integral_value() for w in wanted)
    assert found.faults == []


@pytest.mark.parametrize(
    ("given_text", "factor", "cents"),
    [
        ("65.076", 10**8, 6_507_600_000),
        ("65.07600000000001", 10**8, 6_507_600_000),
        ("0.29", 100, 29),
        ("-.5", 100, -50),
        ("1e3", 100, 100_000),
        ("+7", 1, 7),
        ("9007199254740991", 1, 2**53 - 1),
    ],
)
def test_amounts_where_binary_fractions_go_wrong(given_text: str, factor: int, cents: int):
    """0.29 yuan are 29 fen, not 28; digits that a spreadsheet's floats left behind are rounded away."""
    assert filled(MONEY, [given_text], factor=factor).values.to_list() == [cents]


@pytest.mark.parametrize("given_text", ["n/a", "1,000", "NaN", "inf", "1.2.3", "9007199254740992"])
def test_what_is_no_amount_is_refused_with_its_text(given_text: str):
    """A text that is no number, is not finite or too large for a row is a fault of its row."""
    found = filled(MONEY, ["1", given_text])
    assert [(f.place, f.value) for f in found.faults] == [(1, given_text)]


def test_characters_are_stripped_before_reading():
    """Separators and signs that a mapping names are removed."""
    assert filled(MONEY, ["$1,234.50"], strip="$,", factor=100).values.to_list() == [123_450]


def test_texts_in_no_list_are_refused_unless_told_otherwise():
    """An unknown value is counted; it refuses its row, or is left out, or becomes what the mapping says."""
    values = {"CHGOFF": True, "PIF": False}
    found = filled(flag("Label").named("label", ""), ["PIF", "CHGOFF", "?", None], values=values)
    assert found.values.to_list() == [False, True, None, None]
    assert [(f.place, f.reason) for f in found.faults] == [(2, "unknown value")]
    left_out = filled(flag("Label").named("label", ""), ["?"], values=values, otherwise="missing")
    assert (left_out.values.to_list(), left_out.faults, left_out.unknown) == ([None], [], {"?": 1})
    assert filled(flag("Label").named("label", ""), ["?"], values=values, otherwise=False).values.to_list() == [False]


def test_codes_are_places_in_the_list():
    """A category becomes its place, which does not depend on the data."""
    assert filled(number("N", "own").named("n", ""), ["B", "A", None], codes=["A", "B"]).values.to_list() == [
        1.0,
        0.0,
        None,
    ]


def test_days_are_read_by_the_first_format_that_fits():
    """Several formats may stand beside each other; a day that does not exist is a fault."""
    found = filled(day("Day").named("day", ""), ["20200131", "31.01.2020", "20200230"], format=["%Y%m%d", "%d.%m.%Y"])
    assert [str(d) for d in found.values[:2]] == ["2020-01-31", "2020-01-31"]
    assert [f.place for f in found.faults] == [2]


def test_a_day_may_follow_from_another_of_our_columns():
    """`after` counts calendar days from a column that was filled before."""
    ends = filled(day("Day").named("period_end", ""), ["2019-12-31", None]).values
    found = fill(
        day("Day").named("known_on", ""), FieldRule(after="period_end", days=90), pl.DataFrame(), {"period_end": ends}
    )
    assert [d and str(d) for d in found.values] == ["2020-03-30", None]


def test_a_template_with_an_empty_part_is_empty():
    """No half key is ever made."""
    found = filled(TEXT, ["7", None], column=None, template="row:{x}-a")
    assert found.values.to_list() == ["row:7-a", None]


def test_a_hash_joins_equal_rows_and_no_others():
    """Rows with the same texts get the same key, after the prefix; what is empty is told apart from its neighbours."""
    batch = pl.DataFrame({"a": ["1", "1", None, "12"], "b": ["2", "2", "12", None]})
    found = fill(TEXT, FieldRule(hash_of=("*",), prefix="row:"), batch, {}).values.to_list()
    assert found[0] == found[1]
    assert len(set(found)) == 3
    assert all(key.startswith("row:") and len(key) == 20 for key in found)


def test_a_ratio_over_zero_is_not_known():
    """Division by a source column; nothing over zero."""
    batch = pl.DataFrame({"x": ["1", "1"], "y": ["4", "0"]})
    share = number("Share", "share").named("share", "")
    found = fill(share, FieldRule(column="x", over="y"), batch, {})
    assert found.values.to_list() == [0.25, None]


def test_leading_characters_may_be_taken():
    """The first two digits of an industry code are its sector."""
    assert filled(count("N", "code").named("n", ""), ["441120", "0"], take=2).values.to_list() == [44, 0]
