"""One cell as a person fills it: what can be read in one way alone is read, all else is refused."""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.columns import Column
from features.tables import TABLES
from features.written import UNITS
from service.workbooks.cells import READABLE, CellRefused, is_blank, read_cell

MONEY = TABLES["applications"].columns["amount"]
DAY = TABLES["applications"].columns["applied_on"]
COUNT = TABLES["applications"].columns["term_months"]
SHARE = TABLES["related"].columns["share"]
FLAG = TABLES["bureau"].columns["record_found"]
TEXT = TABLES["uses"].columns["contract"]


@pytest.mark.parametrize(
    ("raw", "value", "unit"),
    [
        (300.0, "300", "万元"),
        (1234.5600000000002, "1234.56", "万元"),
        (100 / 3, "33.333333", "万元"),
        ("１，２３４．５０", "1234.5", "万元"),
        ("(12.5)", "-12.5", "万元"),
        ("300万元", "300", "万元"),
        ("￥3,000,000元", "3000000", "元"),
        ("0.03亿", "0.03", "亿元"),
        ("-7", "-7", "万元"),
        (0.0, "0", "万元"),
    ],
)
def test_an_amount_has_the_unit_of_its_cell_or_of_its_heading(raw: object, value: str, unit: str) -> None:
    """Numbers, texts, full-width digits, brackets for what is below zero, and a unit in the cell, which outranks."""
    assert read_cell(raw, MONEY, "万元") == {"value": value, "unit": unit}


@pytest.mark.parametrize(
    "raw", ["三百万", "300-500", "约300", "1,23", "3 0 0 万 日元", "-", "–", "1.2.3", True, "12e3"]
)
def test_what_is_no_amount_is_refused(raw: object) -> None:
    """Words, ranges and strange groups of digits are not guessed; a dash is neither zero nor nothing."""
    with pytest.raises(CellRefused, match="cell_money"):
        read_cell(raw, MONEY, "万元")


@pytest.mark.parametrize("raw", ["9" * 25, "9" * 5_000, "-999999999999999亿元", 1e300, 10**30])
@pytest.mark.parametrize("column", [MONEY, COUNT, SHARE], ids=lambda column: column.name)
def test_what_is_larger_than_any_number_that_is_kept_is_refused(raw: object, column: Column) -> None:
    """An amount of trillions is a wrong unit most often, and is told to be too large."""
    with pytest.raises(CellRefused, match=r"cell_too_large|cell_count|cell_number"):
        read_cell(raw, column, "万元")


_DIGITS = st.text("0123456789０９²٣①-/.年月日,()%万亿元 ", max_size=40) | st.text("9", min_size=4_299, max_size=4_302)


@given(
    st.sampled_from([MONEY, DAY, COUNT, SHARE, FLAG, TEXT]),
    _DIGITS | st.text(max_size=20) | st.floats() | st.integers() | st.booleans() | st.datetimes() | st.timedeltas(),
    st.sampled_from(["元", "万元", "亿元", None]),
)
def test_whatever_a_cell_holds_it_is_read_or_refused(column: Column, raw: object, unit: str | None) -> None:
    """No text, number, day or length of it is a defect, and no amount is beyond what is read."""
    with suppress(CellRefused):
        told = read_cell(raw, column, unit)
        if column is MONEY:
            assert isinstance(told, dict)
            assert abs(Decimal(told["value"]) * UNITS[told["unit"]]) <= READABLE


def test_a_number_without_a_unit_is_refused() -> None:
    """Where neither cell nor heading names a unit, the amount could be ten thousand times another."""
    with pytest.raises(CellRefused, match="cell_unit"):
        read_cell(300.0, MONEY, None)
    assert read_cell("300元", MONEY, None) == {"value": "300", "unit": "元"}


@pytest.mark.parametrize(
    "raw",
    [
        date(2026, 7, 15),
        datetime(2026, 7, 15, 9, 30, tzinfo=UTC),
        46218.0,
        46218,
        "46218",
        20260715.0,
        "20260715",
        "2026-7-15",
        "2026/07/15",
        "2026.7.15",
        "2026年7月15日",
        "２０２６年 7 月 15 日",
    ],
)
def test_a_day_is_read_in_the_ways_that_spreadsheets_keep_it(raw: object) -> None:
    """A day, a moment, a serial number, eight digits, or a text in the usual orders."""
    assert read_cell(raw, DAY, None) == "2026-07-15"


@pytest.mark.parametrize(
    "raw", ["15/7/2026", "2026-13-01", "2026-02-30", "2026年7月", 7.0, 46218.5, True, "去年", "26-7-15"]
)
def test_what_could_be_another_day_is_refused(raw: object) -> None:
    """Day and month in another order, a month alone, a time of day and small numbers are not days."""
    with pytest.raises(CellRefused, match="cell_day"):
        read_cell(raw, DAY, None)


@pytest.mark.parametrize(
    ("raw", "column", "value"),
    [
        (12.0, COUNT, 12),
        ("１２", COUNT, 12),
        ("12个月", COUNT, 12),
        ("1,200", COUNT, 1200),
        (0.3, SHARE, 0.3),
        ("30%", SHARE, 0.3),
        ("３０％", SHARE, 0.3),
        ("是", FLAG, True),
        ("否", FLAG, False),
        (True, FLAG, True),
        (20260101.0, TEXT, "20260101"),
        ("  合同-7 ", TEXT, "合同-7"),
    ],
)
def test_counts_shares_flags_and_texts(raw: object, column: Column, value: object) -> None:
    """Each as it is usually typed."""
    assert read_cell(raw, column, None) == value


@pytest.mark.parametrize(
    ("raw", "column", "code"),
    [
        (12.5, COUNT, "cell_count"),
        ("十二", COUNT, "cell_count"),
        ("3万", COUNT, "cell_count"),
        ("3 thousand", COUNT, "cell_count"),
        ("12%", COUNT, "cell_count"),
        ("三成", SHARE, "cell_number"),
        ("30‰", SHARE, "cell_number"),
        ("也许", FLAG, "cell_flag"),
        (1.0, FLAG, "cell_flag"),
        (date(2026, 1, 2), TEXT, "cell_not_text"),
        ("#REF!", TEXT, "cell_error"),
        ("#N/A", MONEY, "cell_error"),
    ],
)
def test_other_cells_are_refused_with_a_code(raw: object, column: Column, code: str) -> None:
    """A text that a spreadsheet turned into a day, a failed formula and a maybe are told as what they are."""
    with pytest.raises(CellRefused, match=code):
        read_cell(raw, column, "万元")


def test_what_is_not_known_is_an_empty_cell() -> None:
    """不详, 未提供 and blanks say nothing; but of a fact of evidence not known is an answer."""
    assert all(is_blank(raw, MONEY) for raw in (None, "", "  ", "不详", "未提供", "unknown"))
    assert not is_blank("不详", TABLES["evidence"].columns["answer"])
    assert not is_blank("无", TEXT)
    assert not is_blank(0.0, MONEY)
