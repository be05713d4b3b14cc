"""Ratios of the books, worked by hand, and which books are taken."""

from datetime import date

import pytest

from tests.builders import Row, answers, of_family, said

# In thousands, so that the ratios can be worked in the head.
LATEST: Row = {
    "period_end": date(2025, 12, 31), "months": 12, "scope": "parent", "basis": "statutory", "audited": True,
    "revenue": 1000, "cost_of_sales": 730, "rd_expense": 50, "selling_expense": 60, "admin_expense": 40,
    "interest_expense": 20, "operating_profit": 100, "net_profit": 60, "depreciation_amortisation": 40,
    "cash": 50, "receivables": 200, "inventory": 146, "current_assets": 500, "intangible_assets": 80,
    "total_assets": 800, "payables": 73, "short_term_debt": 150, "current_liabilities": 250, "long_term_debt": 50,
    "total_liabilities": 400, "equity": 400, "retained_earnings": 160, "operating_cash_flow": 70, "market_value": 600,
}  # fmt: skip
BEFORE: Row = LATEST | {
    "period_end": date(2024, 12, 31), "revenue": 800, "cost_of_sales": 640, "net_profit": -16, "receivables": 80,
    "current_assets": 400, "current_liabilities": 250, "total_assets": 640, "total_liabilities": 400, "equity": 240,
    "market_value": 480,
}  # fmt: skip
FIRST: Row = LATEST | {"period_end": date(2023, 12, 31), "revenue": 500, "net_profit": -8, "total_assets": 560}
WORKED = {
    "statement_age": 324.0,
    "statement_audited": 1.0,
    "total_assets": 800.0,
    "revenue": 1000.0,
    "debt_ratio": 0.5,
    "debt_ratio_change": -0.125,
    "long_term_debt_to_assets": 0.0625,
    "current_liabilities_to_assets": 0.3125,
    "short_term_debt_share": 0.75,
    "current_ratio": 2.0,
    "current_ratio_change": 0.4,
    "quick_ratio": 1.416,
    "cash_ratio": 0.2,
    "working_capital_to_assets": 0.3125,
    "interest_cover": 5.0,
    "ebitda_to_liabilities": 0.35,
    "cash_flow_to_liabilities": 0.175,
    "operating_return": 0.125,
    "net_return": 0.075,
    "net_return_change": 0.1,
    "net_return_three_years": 0.018,
    "loss_years": 2.0,
    "gross_margin": 0.27,
    "gross_margin_change": 0.07,
    "operating_margin": 0.1,
    "net_margin": 0.06,
    "overhead_to_revenue": 0.1,
    "retained_to_assets": 0.2,
    "revenue_growth": 0.25,
    "revenue_growth_two_years": 1.0,
    "assets_growth": 0.25,
    "liabilities_growth": 0.0,
    "cash_flow_to_revenue": 0.07,
    "cash_conversion": 0.5,
    "asset_turnover": 1.25,
    "receivable_days": 73.0,
    "receivable_days_change": 36.5,
    "inventory_days": 73.0,
    "payable_days": 36.5,
    "research_intensity": 0.05,
    "intangible_share": 0.1,
    "inventory_to_assets": 0.1825,
    "depreciation_to_assets": 0.05,
    "altman_z": 4.592,  # 6.56 x 0.3125 + 3.26 x 0.2 + 6.72 x 0.125 + 1.05 x 1
    "market_value": 600.0,
    "market_to_liabilities": 1.5,
    "market_to_book": 1.5,
    "market_value_growth": 0.25,
}


def test_every_ratio_by_hand() -> None:
    """Three years of books lead to the figures worked on paper."""
    assert said(answers({"statements": [FIRST, LATEST, BEFORE]}), WORKED) == pytest.approx(WORKED, abs=1e-9)
    assert set(WORKED) == set(of_family("finance"))


def test_nothing_known_is_not_known() -> None:
    """Without books every figure of the books is not known, also where the source was asked and had none."""
    nothing = dict.fromkeys(of_family("finance"))
    assert said(answers({}), nothing) == nothing
    assert said(answers({}, asked=("statements",)), nothing) == nothing


def test_nine_months_are_no_year() -> None:
    """A later interim period is neither the latest year nor compared with one."""
    interim = LATEST | {"period_end": date(2026, 9, 30), "months": 9, "revenue": 9}
    found = answers({"statements": [LATEST, BEFORE, interim]})
    assert said(found, WORKED)["revenue_growth"] == 0.25
    assert said(answers({"statements": [interim]}), WORKED)["revenue"] is None


def test_growth_needs_the_same_books_a_year_before() -> None:
    """Group against parent, tax against statutory, or two years apart give no growth of one year."""
    for other in ({"scope": "group"}, {"basis": "tax"}, {"period_end": date(2023, 12, 31)}, {"months": 9}):
        assert said(answers({"statements": [LATEST, BEFORE | other]}), {"revenue_growth": None}) == {
            "revenue_growth": None
        }


def test_own_books_stand_before_the_group_and_statutory_before_tax() -> None:
    """Of several sets of one year the borrower's own statutory one is read."""
    group = LATEST | {"scope": "group", "revenue": 1}
    tax = LATEST | {"basis": "tax", "revenue": 2}
    assert said(answers({"statements": [group, tax, LATEST]}), {"revenue": 0}) == {"revenue": 1000.0}
    assert said(answers({"statements": [group]}), {"revenue": 0}) == {"revenue": 1.0}


def test_old_books_are_not_read() -> None:
    """Books older than policy allows are not known; their age still is."""
    old = LATEST | {"period_end": date(2025, 8, 20)}
    older = LATEST | {"period_end": date(2025, 8, 19)}
    assert said(answers({"statements": [old]}), {"revenue": 0, "statement_age": 0}) == {
        "revenue": 1000.0,
        "statement_age": 457.0,
    }
    assert said(answers({"statements": [older]}), {"revenue": 0, "statement_age": 0}) == {
        "revenue": None,
        "statement_age": 458.0,
    }


@pytest.mark.parametrize(("left_out", "other"), [("equity", "total_liabilities"), ("total_liabilities", "equity")])
def test_equity_and_liabilities_follow_from_each_other(left_out: str, other: str) -> None:
    """Where one of the two is not stated it is total assets less the other."""
    books = {name: value for name, value in LATEST.items() if name != left_out}
    assert said(answers({"statements": [books]}), {"debt_ratio": 0, "altman_z": 0}) == {
        "debt_ratio": 0.5,
        "altman_z": 4.592,
    }
    bare = {name: value for name, value in books.items() if name != other}
    assert said(answers({"statements": [bare]}), {"debt_ratio": None}) == {"debt_ratio": None}


def test_nothing_is_divided_by_zero() -> None:
    """A ratio to nothing is not known."""
    empty = {name: 0 if isinstance(value, int) and name != "months" else value for name, value in LATEST.items()}
    found = said(answers({"statements": [empty | {"audited": True}]}), WORKED)
    assert {name for name, value in found.items() if value is not None} == {
        "statement_age", "statement_audited", "total_assets", "revenue", "loss_years", "market_value",
    }  # fmt: skip
