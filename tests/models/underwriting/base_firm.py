"""The firm that the worked cases begin with: private, small, clean, and what each case changes of it.

Amounts in ten thousand yuan where a name ends in `wan`. Figures: the worked cases that docs/decisions/0017 names.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

WAN = 1_000_000
DAY = date(2026, 11, 20)
FIRM = "row:base"
CONTROLLER, SPOUSE = "person:controller", "person:spouse"
PATENTS = ("CN201810561574.8", "CN201910150000.4", "CN201910800000.3")
Row = dict[str, Any]
Rows = dict[str, list[Row]]


def _wan(**items: float) -> Row:
    return {name: round(value * WAN) for name, value in items.items()}


def _month_ends(last: date, months: int) -> list[date]:
    found, day = [], last
    for _ in range(months):
        found.append(day)
        day = day.replace(day=1) - timedelta(days=1)
    return found[::-1]


BOOKS_2025 = _wan(
    revenue=6000, cost_of_sales=3600, operating_profit=450, depreciation_amortisation=150, interest_expense=30,
    profit_before_tax=420, net_profit=360, operating_cash_flow=300, cash=400, receivables=1400, inventory=1100,
    prepayments=300, current_assets=3300, total_assets=6000, payables=600, advances_received=200, short_term_debt=500,
    current_liabilities=2000, long_term_debt=100, long_term_due=0, total_liabilities=2100, equity=3900, notes_payable=0,
    restricted_cash=0, related_receivables=0,
)  # fmt: skip
BOOKS_2024 = _wan(
    revenue=5000, cost_of_sales=3000, profit_before_tax=345, net_profit=300, operating_cash_flow=250, receivables=1000,
    inventory=900, prepayments=100, payables=400, advances_received=100, total_assets=5000, total_liabilities=1600,
    equity=3400,
)  # fmt: skip
BOOKS_2023 = _wan(revenue=4600, net_profit=250, operating_cash_flow=200)


def _year(year: int, items: Mapping[str, int]) -> Row:
    return {
        "period_end": date(year, 12, 31), "months": 12, "scope": "parent", "basis": "statutory", "audited": True,
        "audit_opinion": "unqualified", **items,
    }  # fmt: skip


def _nine_months(year: int, revenue: int) -> Row:
    return {
        "period_end": date(year, 9, 30), "months": 9, "scope": "parent", "basis": "statutory", "revenue": revenue,
    }  # fmt: skip


def rows() -> Rows:
    """The rows of the base firm, by table; each row without what every row has."""
    return {
        "firms": [
            {"legal_name": "基准企业", "industry": "C39", "region": "440300", "founded_on": date(2014, 5, 16),
             "staff": 86, "ownership": "private", "status": "in_business", "customer_since": date(2019, 1, 1)},
        ],
        "people": [
            {"person": CONTROLLER, "role": "controller"},
            {"person": CONTROLLER, "role": "beneficial_owner"},
            {"person": CONTROLLER, "role": "legal_representative"},
            {"person": SPOUSE, "role": "spouse_of_controller"},
        ],
        "related": [],
        "statements": [
            _year(2023, BOOKS_2023), _year(2024, BOOKS_2024), _year(2025, BOOKS_2025),
            _nine_months(2025, 4000 * WAN), _nine_months(2026, 4800 * WAN),
        ],
        "tax_filings": [{"period_end": date(2026, 10, 31), "months": 12, "sales": 5900 * WAN}],
        "account_flows": [
            {"month_end": day, "inflow": 450 * WAN, "related_inflow": 0} for day in _month_ends(date(2026, 10, 31), 12)
        ],
        "bureau": [
            {"queried_on": DAY, "record_found": True, "lenders": 2, "open_loans": 2, "overdue_interest": 0,
             "overdue_90": 0, "worst_days": 0, "special_mention": 0, "non_performing": 0, "non_performing_balance": 0,
             "inquiries": 2, **_wan(balance=600, balance_short=500, overdue=0, guarantees_given=0, written_off=0,
                                    recovered_by_others=0, advances=0, guarantees_non_performing=0,
                                    guarantees_special_mention=0)},
        ],
        "person_bureau": [
            {"person": CONTROLLER, "queried_on": DAY, "authorised_on": DAY, "non_performing": 0, "written_off": 0,
             "overdue": 0, "worst_months": 0, "months_overdue": 0, "business_loans": 0, "guarantees_given": 0},
        ],
        "credit_events": [],
        "applications": [
            {"application": "A1", "applied_on": DAY, "amount": 300 * WAN, "term_months": 12, "rate_asked": 0.0385,
             "purpose": "working_capital", "repayment": "interest_first", "product": "working_capital"},
        ],
        "uses": [
            {"application": "A1", "use": "materials", "payee": "row:supplier", "amount": 300 * WAN, "contract": "C1",
             "document": "C1"},
        ],
        "guarantees": [
            {"application": "A1", "guarantor": CONTROLLER, "debtor": FIRM, "kind": "controller_joint",
             "amount": 300 * WAN, "signed_on": DAY, "spouse_signed": True},
        ],
        "evidence": [
            {"subject": FIRM, "fact": "bank_related", "answer": "not_related", "seen_on": DAY},
        ],
    }  # fmt: skip


def complete(given: Rows) -> dict[str, list[Row]]:
    """The rows with firm, day and source, and a row of coverage for each table that was asked about.

    What `given` says of coverage itself stands.
    """
    told = {row["about"]: row for row in given.get("coverage", ())}
    about = [*(table for table in given if table != "coverage"), "titles", "measures"]
    coverage = [{"about": table, "asked_on": DAY, "complete": True} | told.get(table, {}) for table in about]
    return {
        table: [{"firm": FIRM, "known_on": DAY, "source_kind": "document", **row} for row in own]
        for table, own in {**given, "coverage": coverage}.items()
    }
