"""Records of courts and authorities, worked by hand: listed, lifted, none and not asked."""

from datetime import date

import pytest

from tests.builders import Row, answers, of_family, said


def record(event: str, day: date, **more: object) -> Row:
    """One record."""
    return {"event": event, "happened_on": day} | more


RECORDS = [
    record("lawsuit", date(2024, 1, 1), amount=30), record("lawsuit", date(2025, 1, 1)),
    record("lawsuit", date(2023, 11, 20), amount=500),  # 36 months ago to the day: no longer of late
    record("enforcement", date(2020, 1, 1), amount=100),
    record("enforcement", date(2021, 1, 1), lifted_on=date(2022, 1, 1)),
    record("dishonest_debtor", date(2025, 1, 1)), record("spending_restriction", date(2025, 1, 2)),
    record("abnormal_operation", date(2024, 1, 1), lifted_on=date(2024, 6, 1)),
    record("serious_violation", date(2024, 1, 1), serious=True),
    record("tax_arrears", date(2026, 1, 1), amount=20), record("tax_violation", date(2026, 1, 1)),
    record("tax_grade", date(2024, 4, 30), grade="A"), record("tax_grade", date(2026, 4, 30), grade="C"),
    record("penalty", date(2026, 1, 1), amount=5), record("safety", date(2026, 2, 1), amount=15, serious=True),
    record("equity_frozen", date(2026, 1, 1)), record("insolvency", date(2026, 1, 1)),
    record("abnormal_filing", date(2026, 1, 1)),
]  # fmt: skip
BOOKS = [{"period_end": date(2025, 12, 31), "months": 12, "revenue": 1000}]
WORKED = {
    "lawsuits_36m": 2.0,
    "lawsuits_to_revenue": 0.03,
    "enforcements_open": 1.0,
    "enforcements_to_revenue": 0.1,
    "dishonest_open": 2.0,
    "abnormal_operation_open": 0.0,
    "serious_violation_open": 1.0,
    "listings_lifted_36m": 1.0,
    "tax_arrears_open": 1.0,
    "tax_arrears_to_revenue": 0.02,
    "tax_violations_36m": 1.0,
    "tax_grade": 1.0,
    "penalties_36m": 2.0,
    "penalties_to_revenue": 0.02,
    "serious_records_36m": 2.0,
    "equity_frozen_open": 1.0,
    "insolvency_open": 1.0,
    "abnormal_filings_36m": 1.0,
}


def test_every_figure_by_hand() -> None:
    """Records of every kind lead to the figures counted on paper."""
    assert said(answers({"credit_events": RECORDS, "statements": BOOKS}), WORKED) == pytest.approx(WORKED)
    assert set(WORKED) == set(of_family("credit"))


def test_asked_and_none_is_clean() -> None:
    """Where the registers were asked and have nothing, there is nothing; a tax grade is still not known."""
    clean: dict[str, float | None] = dict.fromkeys(WORKED, 0.0) | {"tax_grade": None}
    assert said(answers({"statements": BOOKS}, asked=("credit_events",)), clean) == clean


def test_not_asked_is_not_clean() -> None:
    """Where nobody asked the registers nothing is known."""
    nothing = dict.fromkeys(WORKED)
    assert said(answers({"statements": BOOKS}), nothing) == nothing


def test_an_amount_that_is_not_known_is_not_zero() -> None:
    """A claim of unknown size is counted, and its share of revenue is not known."""
    found = answers({"credit_events": [record("enforcement", date(2026, 1, 1))], "statements": BOOKS})
    assert said(found, {"enforcements_open": 0, "enforcements_to_revenue": 0}) == {
        "enforcements_open": 1.0, "enforcements_to_revenue": None,
    }  # fmt: skip


def test_a_new_firm_has_no_tax_grade() -> None:
    """Grade M says that the firm is new, which is not bad and no grade."""
    found = answers({"credit_events": [record("tax_grade", date(2026, 4, 30), grade="M")]})
    assert said(found, {"tax_grade": None}) == {"tax_grade": None}


def test_a_listing_counts_to_the_day_on_which_it_is_lifted() -> None:
    """A record lifted on the day of the question is lifted."""
    lifted = record("dishonest_debtor", date(2025, 1, 1), lifted_on=date(2026, 11, 20), known_on=date(2026, 11, 20))
    assert answers({"credit_events": [lifted]})["dishonest_open"] == 0.0
