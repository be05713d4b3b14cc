"""The need for money: the worked examples of the methods, and the laws that hold for all of them."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.policy import shipped
from models.need.inputs import NeedInputs, OpenOrder, ProjectFunds, RepaidLoan, SeasonItems, YearItems
from models.need.need import financing_need
from models.need.policy import NeedPolicy
from models.need.result import FigureUnit, FinancingNeed, Method, MethodResult, figure_unit
from models.records.in_force import InForce

WAN = 1_000_000
DAY = date(2026, 11, 20)
POLICY = NeedPolicy.of(InForce(shipped(), DAY))


def wan(**items: float) -> dict[str, int]:
    """Amounts in ten thousand yuan as fen."""
    return {name: round(Fraction(str(value)) * WAN) for name, value in items.items()}


NOW = YearItems(
    **wan(
        revenue=6000, cost_of_sales=3600, profit_before_tax=420, net_profit=360, cash=400, inventory=1100,
        receivables=1400, payables=600, prepayments=300, advances_received=200, current_assets=3300,
        current_liabilities=2000, short_term_debt=500,
    )
)  # fmt: skip
BEFORE = YearItems(
    **wan(
        revenue=5000, cost_of_sales=3000, profit_before_tax=345, inventory=900, receivables=1000, payables=400,
        prepayments=100, advances_received=100,
    )
)  # fmt: skip
BASE = NeedInputs(
    as_of=DAY,
    purpose="working_capital",
    size="small",
    books=NOW,
    before=BEFORE,
    believed=True,
    sales=5400 * WAN,
    short_loans=500 * WAN,
    credit=600 * WAN,
    controller_loans=0,
)
FELL = replace(BASE, before=replace(BEFORE, revenue=6900 * WAN), size="medium")
"""Sales fell by 13 %: the formula gives nothing."""


def need(of: NeedInputs) -> FinancingNeed:
    """The need by the shipped policy."""
    return financing_need(of, POLICY)


def by(of: NeedInputs, method: Method) -> MethodResult:
    """What one method gives."""
    return next(one for one in need(of).methods if one.method == method)


def in_wan(amount: int | None) -> float | None:
    """Fen in ten thousand yuan, floored to two decimals."""
    return None if amount is None else (amount * 100 // WAN) / 100


def test_the_formula_reads_averages():
    """Example 1: 133 days, working capital 2,473.8, less own funds and loans: 673.8."""
    found = by(BASE, "annex_formula")
    assert found.figures["days_of_turn"] == "133"
    assert in_wan(found.figures["working_capital"]) == 2473.8
    assert in_wan(found.amount) == 673.8
    assert in_wan(need(BASE).amount) == 673.8
    assert need(BASE).binding == "annex_formula"


def test_year_end_balances_alone_give_more():
    """Example 2: with one year-end the days are 152 and the need 1,027.2; the answer tells that one was used."""
    found = by(replace(BASE, before=YearItems(**wan(revenue=5000))), "annex_formula")
    assert found.figures["days_of_turn"] == "152"
    assert found.figures["year_ends"] == 1
    assert in_wan(found.amount) == 1027.2


def test_the_other_bases_of_own_funds_are_told():
    """Example 3: free cash gives 1,573.8 and a share 1,231.66; net working capital binds."""
    figures = by(BASE, "annex_formula").figures
    assert in_wan(figures["by_free_cash"]) == 1573.8
    assert in_wan(figures["by_share"]) == 1231.66
    assert in_wan(figures["by_net_working_capital"]) == 673.8


def test_falling_sales_leave_no_need_to_be_shown():
    """Example 4: working capital 1,792.60 is less than own funds and loans: the need is not known, not 0."""
    found = by(FELL, "annex_formula")
    assert in_wan(found.figures["working_capital"]) == 1792.6
    assert found.amount == 0
    assert need(FELL).amount is None


def test_a_small_firm_counts_up_to_the_line():
    """Example 5: 0.30 × 5,400 less 500 is 1,120, of which 400 counts beside credit of 600."""
    found = by(BASE, "small_firm")
    assert in_wan(found.figures["in_full"]) == 1120
    assert in_wan(found.amount) == 400


def test_loans_of_the_controller_and_other_credit_are_taken_off():
    """Example 6: 1,260 less 500, less 120 of the controller, less 80 of a supply chain is 560."""
    of = replace(BASE, sales=4200 * WAN, controller_loans=120 * WAN, other_funds=80 * WAN, credit=500 * WAN)
    assert in_wan(by(of, "small_firm").figures["in_full"]) == 560


def test_orders_that_are_proved_count():
    """Example 7: 0.7 of 800 unpaid, and 0.7 of 600 less 300 financed elsewhere: 680."""
    first = OpenOrder(1000 * WAN, 200 * WAN, 0, buyer_related=False, proved=True)
    second = OpenOrder(600 * WAN, 0, 300 * WAN, buyer_related=False, proved=True)
    assert in_wan(need(replace(FELL, orders=(first, second))).amount) == 680
    assert need(replace(FELL, orders=(replace(first, proved=False),))).amount is None
    assert by(replace(FELL, orders=(replace(first, buyer_related=True),)), "orders").applies is False


def test_our_own_performing_loan_is_renewed():
    """Example 8: the formula with 300 added back gives 292.60; the balance renewed is 300."""
    of = replace(FELL, repaid=(RepaidLoan(True, 300 * WAN, True),))
    assert in_wan(by(of, "annex_formula").amount) == 292.6
    assert in_wan(need(of).amount) == 300
    watched = replace(of, repaid=(RepaidLoan(True, 300 * WAN, False),))
    assert in_wan(need(watched).amount) == 292.6


def test_a_season_stands_in_the_place_of_the_year():
    """Example 9: 95 days of 150, 1,943.7 less 900 and 500: 543.7."""
    season = SeasonItems(
        **wan(revenue=3000, cost_of_sales=1800, profit_before_tax=210, inventory=900, receivables=800, payables=300,
              prepayments=120, advances_received=100),
        days=150, growth=Fraction("0.1"),
    )  # fmt: skip
    books = replace(NOW, current_assets=2900 * WAN)
    of = replace(BASE, season=season, books=books, size="medium")
    assert by(of, "season").figures["days_of_turn"] == "95"
    assert in_wan(need(of).amount) == 543.7


@pytest.mark.parametrize(
    ("group", "project", "amount"),
    [
        ("research", ProjectFunds("research", 800 * WAN, 200 * WAN, 100 * WAN, 0), 500),
        ("investment", ProjectFunds("investment", 1000 * WAN, 300 * WAN, 0, 0), 700),
        ("investment", ProjectFunds("investment", 1000 * WAN, 150 * WAN, 0, 0), 800),
        ("research", ProjectFunds("research", None, 200 * WAN, 0, 0), None),
    ],
)
def test_a_project_is_lent_what_it_lacks(group: str, project: ProjectFunds, amount: float | None):
    """Examples 10 and 11: what budget or investment lacks, at most the share; not known where the total is not."""
    assert in_wan(need(replace(BASE, purpose=group, projects=(project,))).amount) == amount


def test_several_uses_cover_no_more_than_their_own():
    """Example 12: 200 of materials and 300 of research that needs 250: 450."""
    project = ProjectFunds("research", 550 * WAN, 200 * WAN, 100 * WAN, 0)
    uses = {"working_capital": 200 * WAN, "research": 300 * WAN}
    assert in_wan(need(replace(BASE, projects=(project,), uses=uses)).amount) == 450


def test_the_books_of_the_group_cap_the_need():
    """Example 13: the group's working capital of 6,043.56 leaves 1,043.56 for all its members."""
    group = YearItems(
        **wan(revenue=20000, cost_of_sales=13000, profit_before_tax=1400, inventory=3000, receivables=4000,
              payables=2000, prepayments=500, advances_received=400, current_assets=9000, current_liabilities=6500,
              short_term_debt=2500)
    )  # fmt: skip
    before = YearItems(**wan(revenue=20000) | {"revenue": round(20000 * WAN / 1.1)})
    of = replace(BASE, group_books=group, group_before=before, forecast_growth=None)
    assert in_wan(by(of, "group_cap").figures["working_capital"]) == 6043.56
    assert in_wan(by(of, "group_cap").amount) == 1043.56


def test_the_line_cuts_the_small_firm_method_and_never_switches_it_off():
    """Example 14: beside credit of 600, 400 of 1,120 count, however much is asked for."""
    assert in_wan(need(replace(FELL, size="small")).amount) == 400


def test_a_loan_of_another_bank_adds_to_ours():
    """Example 15: ours 200 and another bank's 150 repaid are 350, more than the formula's 342.60."""
    of = replace(FELL, repaid=(RepaidLoan(True, 200 * WAN, True), RepaidLoan(False, 150 * WAN, True)))
    assert in_wan(need(of).amount) == 350


def test_books_that_are_not_believed_give_no_need():
    """Without tax filings or flows, unaudited books give nothing: the need is not known."""
    of = replace(BASE, believed=None, sales=None)
    assert need(of).amount is None
    assert by(of, "annex_formula").applies is None
    assert by(of, "small_firm").applies is None


def test_a_purpose_without_a_method_has_no_need():
    """`other` has no method, and no purpose is unbounded."""
    assert need(replace(BASE, purpose="other")).amount is None
    assert need(replace(BASE, purpose=None)).amount is None
    assert need(replace(BASE, purpose="research")).amount is None


amounts = st.integers(0, 10**14)


@given(sales=amounts, loans=amounts, credit=amounts, more=amounts)
def test_more_debt_never_raises_what_a_small_firm_needs(sales: int, loans: int, credit: int, more: int):
    """Whoever owes banks more needs no more from us."""
    less = replace(BASE, sales=sales, short_loans=loans, credit=credit)
    owing = replace(less, short_loans=loans + more, credit=credit + more)
    assert (by(owing, "small_firm").amount or 0) <= (by(less, "small_firm").amount or 0)


@given(
    books=st.builds(
        YearItems, *[st.none() | st.integers(-(10**14), 10**14)] * 5, *[st.none() | st.integers(-(10**14), 10**14)] * 10
    ),
    before=st.none() | st.builds(YearItems, *[st.none() | st.integers(-(10**14), 10**14)] * 8),
)
def test_any_books_give_an_answer(books: YearItems, before: YearItems | None):
    """Whatever the books say, each method gives a whole amount, 0 or more, or says why not."""
    for one in need(replace(BASE, books=books, before=before)).methods:
        assert (one.amount is None) == (one.reason is not None)
        assert one.amount is None or one.amount >= 0


def test_every_figure_is_told_in_its_unit():
    """Of all methods: money is whole fen, shares are decimal text, and days, years, orders and loans count as such."""
    season = SeasonItems(**wan(revenue=3000, cost_of_sales=1800, profit_before_tax=210, inventory=900, receivables=800,
                               payables=300, prepayments=120, advances_received=100), days=150)  # fmt: skip
    of = replace(
        BASE,
        season=season,
        repaid=(RepaidLoan(True, 300 * WAN, True), RepaidLoan(False, 100 * WAN, True)),
        orders=(OpenOrder(900 * WAN, 0, 0, False, True), OpenOrder(80 * WAN, 0, 0, False, False)),
        projects=(ProjectFunds("research", 550 * WAN, 200 * WAN, 100 * WAN, 0),),
    )
    told = {name: value for one in need(of).methods for name, value in one.figures.items()}
    for name, value in told.items():
        if figure_unit(name) == "money":
            assert type(value) is int, name
            assert value == 0 or value >= 10_000, name
        else:
            assert isinstance(value, str) or value < 400, name
    assert {figure_unit(name) for name in told} == set(get_args(FigureUnit))
