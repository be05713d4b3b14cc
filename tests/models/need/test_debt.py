"""Further debt: the worked cases of its three readings, and what never raises it."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from features.policy import Policy, shipped
from models.need.debt import DebtInputs, FurtherDebt, further_debt
from models.records.in_force import InForce

WAN = 1_000_000
PARAM = InForce(shipped(), date(2026, 11, 20))
BASE = DebtInputs(
    operating_profit=450 * WAN,
    depreciation_amortisation=150 * WAN,
    debt=600 * WAN,
    total_assets=6000 * WAN,
    total_liabilities=2100 * WAN,
    cash=400 * WAN,
    operating_cash_flow=300 * WAN,
    due_within_a_year=500 * WAN,
    guarantees_given=0,
)
FUNDED = DebtInputs(
    operating_profit=-620 * WAN,
    depreciation_amortisation=100 * WAN,
    debt=200 * WAN,
    total_assets=4600 * WAN,
    total_liabilities=500 * WAN,
    cash=3200 * WAN,
    operating_cash_flow=-900 * WAN,
    due_within_a_year=200 * WAN,
    guarantees_given=0,
)
"""A funded firm before profit."""


def debt(of: DebtInputs) -> FurtherDebt:
    """The capacity by the shipped policy."""
    return further_debt(of, PARAM)


def test_a_bank_that_states_the_whole_of_the_assets_bounds_nothing_by_them() -> None:
    """A ratio of 1 leaves the multiple of earnings, which is still a figure."""
    stated = shipped()("debt.debt_ratio")
    whole = replace(stated, values=dict.fromkeys(stated.values, 1.0))
    policy = Policy({**shipped().parameters, "debt.debt_ratio": whole}, {})
    indebted = replace(BASE, total_liabilities=5900 * WAN)
    found = further_debt(indebted, InForce(policy, date(2026, 11, 20)))
    assert (found.amount, debt(indebted).amount) == (1800 * WAN, 0)


def test_earnings_carry_four_times_themselves_less_debt():
    """4 × 600 less 600 is 1,800, less than what the balance sheet takes."""
    found = debt(BASE)
    assert (found.amount, found.binding) == (1800 * WAN, "earnings")
    assert found.earnings is not None
    assert found.earnings.by_balance == 13500 * WAN


def test_guarantees_given_count_with_three_tenths():
    """3,900 of guarantees take 1,170 away; 8,000 leave nothing."""
    assert debt(replace(BASE, guarantees_given=3900 * WAN)).amount == 630 * WAN
    assert debt(replace(BASE, guarantees_given=8000 * WAN)).amount == 0


def test_debt_that_the_loan_repays_is_added_back():
    """300 renewed raise 1,800 to 2,100."""
    assert debt(replace(BASE, renewed=300 * WAN)).amount == 2100 * WAN


def test_a_funded_firm_before_profit_carries_debt_out_of_its_cash():
    """Cash of 3,200 less 900 that flow out and 200 that fall due: 2,100; with cash of 1,000 nothing is left."""
    assert (debt(FUNDED).amount, debt(FUNDED).binding) == (2100 * WAN, "cash")
    assert debt(replace(FUNDED, cash=1000 * WAN, total_assets=2400 * WAN)).amount == 0


def test_who_bears_at_least_half_of_the_loss_stands_in():
    """An institution that signed 300 and bears 80 % gives 300; one that bears 40 % gives nothing."""
    poor = replace(FUNDED, cash=1000 * WAN, total_assets=2400 * WAN, guaranteed=300 * WAN)
    assert debt(replace(poor, guaranteed_share=Fraction("0.8"))).amount == 300 * WAN
    assert debt(replace(poor, guaranteed_share=Fraction("0.4"))).amount == 0


def test_books_that_do_not_tell_leave_it_unknown():
    """Without operating profit nothing is told, and the item wanting is named; cash alone does not stand for it."""
    found = debt(replace(BASE, operating_profit=None))
    assert found.amount is None
    assert found.missing == ("operating_profit",)


@given(more=st.integers(0, 10**14), given=st.integers(0, 10**14))
def test_more_guarantees_and_more_debt_never_raise_it(more: int, given: int):
    """Whoever owes or guarantees more can carry no more."""
    before = debt(replace(BASE, guarantees_given=given)).amount or 0
    assert (debt(replace(BASE, guarantees_given=given + more)).amount or 0) <= before
    assert (debt(replace(BASE, guarantees_given=given, debt=600 * WAN + more)).amount or 0) <= before
