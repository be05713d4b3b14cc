"""Need for working capital and debt capacity, worked by hand."""

from dataclasses import replace
from datetime import date

import pytest

from features.policy import shipped
from models.collateral.capacity import YearlyBooks, debt_capacity, working_capital_need
from models.records.in_force import InForce

BOOKS = YearlyBooks(
    revenue=36_000,
    last_revenue=30_000,
    cost_of_sales=24_000,
    operating_profit=3_600,
    depreciation_amortisation=400,
    receivables=6_000,
    inventory=4_000,
    payables=2_000,
    current_assets=14_000,
    current_liabilities=11_000,
    short_term_debt=5_000,
    long_term_debt=1_000,
    total_assets=30_000,
    total_liabilities=15_000,
)


def said() -> InForce:
    """The shipped policy on a day."""
    return InForce(shipped(), date(2026, 11, 20))


def test_the_need_follows_the_formula_of_the_measures() -> None:
    """60 + 60 - 30 days, margin 10%, growth 20%: 9,720 of capital, less 3,000 own funds and 5,000 of loans."""
    found = working_capital_need(BOOKS, 0, said())
    assert found.figures.days_of_turn == pytest.approx(90.0)
    assert found.figures.working_capital == pytest.approx(36_000 * 0.9 * 1.2 * 90 / 360)
    assert found.amount == 9_720 - 3_000 - 5_000


def test_a_renewal_does_not_count_the_loan_that_it_repays() -> None:
    """The old loan of 4,000 is repaid by the new one, so it leaves the existing loans."""
    assert working_capital_need(BOOKS, 4_000, said()).amount == 9_720 - 3_000 - 1_000


def test_the_need_is_never_below_nothing_and_growth_is_believed_within_bounds() -> None:
    """Much own money: no need. Revenue that trebled is believed to grow by 30% at most."""
    assert working_capital_need(replace(BOOKS, current_assets=90_000), 0, said()).amount == 0
    assert working_capital_need(replace(BOOKS, last_revenue=12_000), 0, said()).figures.expected_growth == 0.3
    assert working_capital_need(replace(BOOKS, last_revenue=None), 0, said()).figures.expected_growth == 0.0


def test_what_is_missing_is_named_and_no_need_is_made_up() -> None:
    """An unknown item gives no amount, and its name."""
    found = working_capital_need(replace(BOOKS, inventory=None), 0, said())
    assert (found.amount, found.missing) == (None, ("inventory",))
    assert debt_capacity(replace(BOOKS, total_assets=None), 0, said()).missing == ("total_assets",)
    assert working_capital_need(YearlyBooks(), 0, said()).amount is None


def test_debt_capacity_is_the_lesser_of_earnings_and_balance() -> None:
    """Four years of 4,000 less 6,000 of debt is 10,000; 70% of assets after the loan would allow 20,000."""
    found = debt_capacity(BOOKS, 0, said())
    assert found.figures.by_earnings == 10_000
    assert found.figures.by_balance == 20_000
    assert found.amount == 10_000
    loan = 20_000
    assert (15_000 + loan) / (30_000 + loan) == pytest.approx(0.70)


def test_a_firm_in_deficit_can_carry_no_more_debt() -> None:
    """Losses give no capacity rather than a negative one."""
    assert debt_capacity(replace(BOOKS, operating_profit=-5_000), 0, said()).amount == 0
