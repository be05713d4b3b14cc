"""Amounts as people read them: rounded as decimals are, to the even one of two as near."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from models.rules.wording import money

amounts = st.integers(-(2**53), 2**53) | st.integers(-300, 300).map(lambda n: 50 * n) | st.integers(-300, 300).map(
    lambda n: 5_000 * n
)  # fmt: skip


@given(amounts)
def test_money_is_rounded_as_a_decimal_is(minor: int) -> None:
    """万元 with two decimals and whole yuan are what decimal arithmetic writes, also half way and below zero."""
    yuan = Decimal(minor) / 100
    assert money(minor) == (f"{yuan / 10_000:,.2f}万元", f"RMB {yuan:,.0f}")
