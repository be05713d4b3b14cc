"""Need, debt, other security and exposure of the worked cases, from rows."""

from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from features.asof import Case, as_known
from features.encoded import Tables
from features.policy import load, shipped
from models.collateral.loan_figures import LoanFigures
from models.records.applicant import Facts
from models.rules.column_rules import AllVerdicts
from models.rules.firm_columns import FirmColumns
from models.rules.underwriting import UNDERWRITING_RULES
from models.rules.underwriting.figures import loan_figures
from tests.builders import NORMS
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Rows, complete, rows

SHIPPED = Path(__file__).parents[3] / "features" / "policy"


def figures(given: Rows, policy: Path | None = None) -> LoanFigures:
    """What bounds the loan of a case beside its patents."""
    case = Case(case="1", firm=FIRM, as_of=DAY, application="A1", bank=None, branch=None)
    stated = load(SHIPPED, policy) if policy else shipped()
    known = as_known(Tables.from_rows(complete(given)), [case], NORMS, stated)
    p = FirmColumns(Facts(known))
    return loan_figures(p, AllVerdicts(UNDERWRITING_RULES, p), 0)


def changed(*changes: tuple[str, int, dict[str, Any]]) -> Rows:
    """The base firm with some values of some rows changed; a place that is none adds a row."""
    given = deepcopy(rows())
    for table, place, values in changes:
        own = given.setdefault(table, [])
        if place < len(own):
            own[place] |= values
        else:
            own.append(values)
    return given


def wan(amount: int | None) -> float | None:
    """Fen in ten thousand yuan, floored to two decimals."""
    return None if amount is None else (amount * 100 // WAN) / 100


FELL = ("statements", 1, {"revenue": 6900 * WAN})
MEDIUM = ("firms", 0, {"staff": 320})
RENEWS = (
    ("applications", 0, {"renews": "L1"}),
    ("uses", 0, {"use": "renewal", "repays": "L1", "payee": None}),
    ("loans", 0, {"loan": "L1", "application": "A0", "amount": 300 * WAN, "drawn_on": date(2025, 12, 1)}),
    ("performance", 0, {"loan": "L1", "month_end": date(2026, 10, 31), "balance": 300 * WAN, "days_past_due": 0,
                        "risk_class": "normal"}),
)  # fmt: skip
ORDER = ("orders", 0, {"order": "O1", "buyer": "row:buyer", "signed_on": DAY, "amount": 1000 * WAN,
                       "received": 200 * WAN, "account": True, "document": "O1"})  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "need", "debt"),
    [
        ((), 673.8, 1800),
        ((MEDIUM,), 673.8, 1800),
        ((MEDIUM, FELL), None, 1800),
        ((FELL,), 400, 1800),
        ((MEDIUM, FELL, ORDER), 560, 1800),
        ((MEDIUM, FELL, *RENEWS), 300, 2100),
        ((("bureau", 0, {"guarantees_given": 3900 * WAN}),), 673.8, 630),
        ((("bureau", 0, {"balance": 800 * WAN, "balance_short": 600 * WAN}),), 673.8, 1600),
        ((("tax_filings", 0, {"sales": 4500 * WAN}),), 400, 1800),
        ((("person_bureau", 0, {"business_loans": 500 * WAN}),), 673.8, 1800),
        ((("applications", 0, {"purpose": "research"}), ("uses", 0, {"use": "research"}),
          ("projects", 0, {"application": "A1", "project": "P", "kind": "research", "cost": 800 * WAN,
                           "capital": 200 * WAN, "grants": 100 * WAN})), 500, 1800),
        ((("applications", 0, {"purpose": "research"}), ("uses", 0, {"use": "research"})), None, 1800),
        ((("applications", 0, {"purpose": "other"}), ("uses", 0, {"use": "other"})), None, 1800),
        ((("statements", 2, {"operating_profit": 60 * WAN, "profit_before_tax": 30 * WAN}),), 846.7, 240),
        ((("applications", 0, {"amount": WAN * 3 // 100}),), None, None),
    ],
)  # fmt: skip
def test_need_and_debt_of_the_worked_cases(changes: tuple[Any, ...], need: float | None, debt: float | None):
    """Need and debt capacity come out as the worked cases print them."""
    found = figures(changed(*changes))
    assert (wan(found.need.amount), wan(found.debt.amount)) == (need, debt)


def test_a_factory_carries_its_ceiling_less_what_ranks_before():
    """A factory confirmed at 400 with a prior claim of 180 carries 60; not valued it carries nothing, and says why."""
    factory = {"application": "A1", "kind": "real_estate", "sort": "factory_office", "item": "F1", "valued_on": DAY,
               "confirmed_value": 400 * WAN, "prior_secured": 180 * WAN, "owner_agrees": True}  # fmt: skip
    assert wan(figures(changed(("collateral", 0, factory))).other_line) == 60
    found = figures(changed(("collateral", 0, factory | {"confirmed_value": None})))
    assert (found.other_line, found.other[0].reason) == (0, "not_valued")


@pytest.mark.parametrize(
    ("values", "line", "reason"),
    [
        ({}, 320, None),
        ({"signed_on": None}, 0, "not_signed"),
        ({"outstanding": 600_000 * WAN}, 0, "too_much_outstanding"),
        ({"outstanding": 600_000 * WAN, "serves_small": True}, 320, None),
        ({"net_assets": 3_000 * WAN, "outstanding": 0}, 0, "too_large_for_it"),
    ],
)
def test_an_institution_carries_the_share_that_it_bears(values: dict[str, Any], line: int, reason: str | None):
    """400 signed at a share of 80 % carry 320; unsigned, or beyond what the institution may bear, nothing."""
    signed = {"application": "A1", "guarantor": "row:institution", "debtor": FIRM, "kind": "guarantee_institution",
              "amount": 400 * WAN, "share": 0.8, "signed_on": DAY, "net_assets": 50_000 * WAN,
              "outstanding": 300_000 * WAN}  # fmt: skip
    found = figures(changed(("guarantees", 1, signed | values)))
    assert (wan(found.guarantee_line), found.guarantees[0].reason) == (line, reason)


def test_the_bank_lends_within_its_capital(tmp_path: Path):
    """Net capital of 6,000 leaves 200 beside exposure of 400 to the firm, in a group of 500."""
    text = (SHIPPED / "exposure.yaml").read_text(encoding="utf-8")
    (tmp_path / "exposure.yaml").write_text(text.replace("2000-01-01: 0\n", f"2000-01-01: {6000 * WAN}\n"))
    own = ("exposures", 0, {"other": FIRM, "on": DAY, "amount": 400 * WAN})
    sister = ("exposures", 1, {"other": "row:sister", "on": DAY, "amount": 100 * WAN})
    assert wan(figures(changed(own, sister), tmp_path).exposure) == 200
    assert figures(changed(own, sister)).exposure is None
