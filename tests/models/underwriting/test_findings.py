"""The worked cases of underwriting, finding by finding."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from features.asof import Case, as_known
from features.encoded import Tables
from features.policy import shipped
from models.records.applicant import Facts
from models.rules.column_rules import AllVerdicts
from models.rules.firm_columns import FirmColumns
from models.rules.underwriting import UNDERWRITING_RULES
from tests.builders import NORMS
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, complete, rows


def findings(given: Mapping[str, list[dict[str, Any]]]) -> dict[str, str]:
    """What is not a pass or not applicable, each rule with outcome and effect."""
    case = Case(case="1", firm=FIRM, as_of=DAY, application="A1", bank=None, branch=None)
    known = as_known(Tables.from_rows(complete(dict(given))), [case], NORMS, shipped())
    found = AllVerdicts(UNDERWRITING_RULES, FirmColumns(Facts(known))).every(0)
    return {f.rule: f"{f.outcome} {f.effect}" for f in found if f.open}


def test_the_base_firm_has_no_finding():
    """The base firm of the worked cases passes every rule."""
    assert findings(rows()) == {}


def changed(table: str, place: int = 0, /, **values: Any) -> dict[str, list[dict[str, Any]]]:
    """The base firm with some values of one row changed."""
    given = deepcopy(rows())
    given[table][place] |= values
    return given


@pytest.mark.parametrize(
    ("table", "place", "values", "expected"),
    [
        ("bureau", 0, {"non_performing": 2}, {"bureau_non_performing": "fail blocks"}),
        ("bureau", 0, {"non_performing": None, "non_performing_balance": None},
         {"bureau_non_performing": "unknown refer"}),
        ("bureau", 0, {"special_mention": 2}, {"bureau_special_mention": "fail refer"}),
        ("bureau", 0, {"overdue": 50 * WAN}, {"bureau_arrears": "fail refer"}),
        ("bureau", 0, {"overdue": 8 * WAN // 10}, {"bureau_arrears": "fail before_drawdown"}),
        ("bureau", 0, {"overdue": 50 * WAN, "overdue_90": 5 * WAN}, {"bureau_arrears": "fail blocks"}),
        ("bureau", 0, {"worst_days": 7}, {}),
        ("bureau", 0, {"worst_days": 30}, {"bureau_worst_days": "fail caution"}),
        ("bureau", 0, {"written_off": 60 * WAN}, {"bureau_written_off": "fail blocks"}),
        ("bureau", 0, {"guarantees_given": 3900 * WAN}, {"guarantees_given": "fail caution"}),
        ("bureau", 0, {"guarantees_given": 4000 * WAN}, {"guarantees_given": "fail refer"}),
        ("bureau", 0, {"guarantees_given": 8000 * WAN}, {"guarantees_given": "fail blocks"}),
        ("bureau", 0, {"balance": 800 * WAN, "balance_short": 600 * WAN}, {"debt_cross_check": "fail caution"}),
        ("person_bureau", 0, {"worst_months": 3}, {"controller_credit": "fail refer"}),
        ("person_bureau", 0, {"non_performing": 1}, {"controller_credit": "fail blocks"}),
        ("person_bureau", 0, {"business_loans": 500 * WAN}, {}),
        ("person_bureau", 0, {"authorised_on": None}, {"controller_credit": "unknown refer"}),
        ("guarantees", 0, {"signed_on": None}, {"controller_guarantee": "unknown before_drawdown"}),
        ("statements", 2, {"related_receivables": 1300 * WAN}, {"related_funds": "fail refer"}),
        ("statements", 2, {"audit_opinion": "qualified", "audited": False}, {"audit_opinion": "fail refer"}),
        ("statements", 2, {"audit_opinion": "disclaimer", "audited": False}, {"audit_opinion": "fail blocks"}),
        ("statements", 2, {"audit_opinion": "unaudited", "audited": False}, {"audit_opinion": "fail caution"}),
        ("statements", 2, {"equity": 3830 * WAN}, {"books_balance": "fail refer"}),
        ("statements", 2, {"equity": 3895 * WAN}, {}),
        ("statements", 4, {"revenue": 2300 * WAN}, {"interim_trend": "fail refer"}),
        ("statements", 4, {"revenue": 3100 * WAN}, {"interim_trend": "fail caution"}),
        ("applications", 0, {"amount": 3 * WAN // 100}, {"units_suspect": "fail refer"}),
        ("tax_filings", 0, {"sales": 4500 * WAN}, {"sales_cross_check": "fail refer"}),
        ("uses", 0, {"payee": "person:controller"}, {"payee_related": "fail refer"}),
        ("uses", 0, {"document": None}, {"purpose_documents": "unknown before_drawdown"}),
        ("firms", 0, {"founded_on": rows()["firms"][0]["founded_on"].replace(year=2025, month=3, day=1)},
         {"operating_years": "fail refer"}),
        ("applications", 0, {"term_months": 24}, {"instalments": "fail before_drawdown"}),
    ],
)  # fmt: skip
def test_one_fact_that_differs(table: str, place: int, values: dict[str, Any], expected: dict[str, str]):
    """One fact that differs from the base firm makes the findings that the worked case says, and no other."""
    assert findings(changed(table, place, **values)) == expected
