"""Repayment with us and the credit bureau, worked by hand: none, not asked and not ours are three things."""

from datetime import date

import pytest

from tests.builders import Row, answers, of_family, said

BOOKS = [{"period_end": date(2025, 12, 31), "months": 12, "total_assets": 1000}]
LOANS: list[Row] = [
    {"loan": "l1", "bank": "bank-a"},
    {"loan": "l2", "bank": "bank-a", "renews": "l1"},
    {"loan": "l3", "bank": "bank-b"},
    {"loan": "l4", "bank": "bank-a", "application": "a1"},  # answers the application itself
]


def month(loan: str, end: date, days: int, **more: object) -> Row:
    """One month of a loan."""
    return {"loan": loan, "month_end": end, "days_past_due": days, "risk_class": "normal"} | more


MONTHS = [
    month("l1", date(2024, 10, 31), 200),  # more than 24 months ago
    month("l1", date(2025, 10, 31), 40, risk_class="special_mention"),
    month("l1", date(2025, 11, 30), 20, settled_by="guarantor"),
    month("l2", date(2026, 1, 31), 0, deferred=True),
    month("l2", date(2026, 2, 28), 0, restructured=True, settled_by="borrower"),
    month("l3", date(2026, 2, 28), 300, risk_class="loss", settled_by="write_off"),
    month("l4", date(2026, 10, 31), 99),
]
REPORT: Row = {
    "queried_on": date(2026, 10, 25), "record_found": True, "lenders": 2, "open_loans": 3, "balance": 400,
    "overdue": 20, "overdue_90": 4, "worst_days": 35, "special_mention": 1, "non_performing": 0, "inquiries": 6,
    "guarantees_given": 250,
}  # fmt: skip
WITH_US = {
    "earlier_loans": 2.0,
    "earlier_renewals": 1.0,
    "months_on_book": 5.0,
    "worst_days_12m": 20.0,
    "worst_days_24m": 40.0,
    "late_share": 0.5,
    "worst_class": 1.0,
    "settled_by_others": 1.0,
    "repaid_loans": 1.0,
    "deferred_months": 1.0,
    "restructured_months": 1.0,
}
BUREAU = {
    "bureau_record": 1.0,
    "bureau_lenders": 2.0,
    "bureau_open_loans": 3.0,
    "bureau_balance_to_assets": 0.4,
    "bureau_overdue_share": 0.05,
    "bureau_overdue_90_share": 0.01,
    "bureau_worst_days": 35.0,
    "bureau_special_mention": 1.0,
    "bureau_non_performing": 0.0,
    "bureau_inquiries": 6.0,
    "guarantees_given_to_assets": 0.25,
}


def test_every_figure_by_hand() -> None:
    """Loans of the bank that asks, without the one that answers this application, and the fresh report."""
    rows = {"loans": LOANS, "performance": MONTHS, "bureau": [REPORT], "statements": BOOKS}
    expected = WITH_US | BUREAU
    assert said(answers(rows, bank="bank-a"), expected) == pytest.approx(expected)
    assert set(expected) == set(of_family("behaviour"))


def test_without_a_bank_all_known_loans_count() -> None:
    """Where the case names no bank, the history is that with every bank whose loans are known."""
    found = answers({"loans": LOANS, "performance": MONTHS})
    assert said(found, {"earlier_loans": 0, "worst_days_12m": 0, "settled_by_others": 0, "worst_class": 0}) == {
        "earlier_loans": 3.0, "worst_days_12m": 300.0, "settled_by_others": 2.0, "worst_class": 4.0,
    }  # fmt: skip


def test_a_bank_that_never_lent_has_no_history() -> None:
    """No earlier loan with us is a count of none; how late it was is not known."""
    found = answers({"loans": LOANS, "performance": MONTHS}, bank="bank-c")
    none = dict.fromkeys(
        ("earlier_loans", "earlier_renewals", "months_on_book", "settled_by_others", "repaid_loans", "deferred_months",
         "restructured_months"), 0.0,
    )  # fmt: skip
    unknown = dict.fromkeys(("worst_days_12m", "worst_days_24m", "late_share", "worst_class"))
    assert said(found, none | unknown) == none | unknown


def test_not_asked_is_not_known() -> None:
    """Without any answer about loans or from the bureau nothing of it is known."""
    nothing = dict.fromkeys(of_family("behaviour"))
    assert said(answers({}), nothing) == nothing
    assert said(answers({}, asked=("loans",)), {"earlier_loans": 0, "months_on_book": 0}) == {
        "earlier_loans": 0.0, "months_on_book": 0.0,
    }  # fmt: skip


def test_loans_without_performance_have_an_unknown_history() -> None:
    """A loan that is known and whose months are not is no clean history."""
    found = answers({"loans": LOANS}, bank="bank-a")
    assert said(found, {"earlier_loans": 0, "months_on_book": 0}) == {"earlier_loans": 2.0, "months_on_book": None}


def test_no_record_at_the_bureau_is_no_debt() -> None:
    """A bureau that was queried and holds no record says that there is none."""
    found = answers({"bureau": [{"queried_on": date(2026, 11, 1), "record_found": False}], "statements": BOOKS})
    assert said(found, BUREAU) == dict.fromkeys(BUREAU, 0.0)


def test_a_stale_report_is_not_known() -> None:
    """A report older than policy allows (30 days) counts as none queried."""
    stale = {"bureau": [REPORT | {"queried_on": date(2026, 10, 20)}], "statements": BOOKS}
    assert said(answers(stale), BUREAU) == dict.fromkeys(BUREAU)
    assert answers({"bureau": [REPORT | {"queried_on": date(2026, 10, 21)}]})["bureau_lenders"] == 2.0


def test_the_latest_report_counts() -> None:
    """Of two fresh reports the later one is read."""
    later = REPORT | {"queried_on": date(2026, 10, 30), "lenders": 5}
    assert answers({"bureau": [later, REPORT]})["bureau_lenders"] == 5.0


def test_without_the_balance_no_share_of_it_is_known() -> None:
    """Not even none: otherwise the first overdue amount would make the share unknown, which may look better."""
    for overdue in (0, 20):
        found = answers({"bureau": [REPORT | {"balance": None, "overdue": overdue}], "statements": BOOKS})
        unknown = {"bureau_overdue_share": None}
        assert said(found, unknown) == unknown
