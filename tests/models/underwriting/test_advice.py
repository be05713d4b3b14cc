"""The worked cases of underwriting as a whole: findings, advice and amount, from rows."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from tests.models.underwriting.base_firm import CONTROLLER, FIRM
from tests.models.underwriting.whole_case import PATENTS, WAN, advised, changed

Changes = tuple[tuple[str, int, dict[str, Any]], ...]
NEW = 99
"""A place that no table of the base firm has: the row is added."""


def asked(amount: float, **more: Any) -> Changes:
    """Another amount asked for, all of it for materials and with its contract."""
    fen = round(amount * WAN)
    return (("applications", 0, {"amount": fen, **more}), ("uses", 0, {"amount": fen}))


def of(table: str, **values: Any) -> Changes:
    """Other values in the first row of a table."""
    return ((table, 0, values),)


def books(**values: float) -> Changes:
    """Other items in the latest yearly books, in ten thousand yuan."""
    return (("statements", 2, {name: round(value * WAN) for name, value in values.items()}),)


def wan(**values: float) -> dict[str, int]:
    """Amounts in ten thousand yuan as fen."""
    return {name: round(value * WAN) for name, value in values.items()}


CASES: dict[str, tuple[Changes, str, float | None, dict[str, str]]] = {
    "O1a": ((), "recommend", 300, {}),
    "O1b": (asked(500), "recommend", 450, {"within_limit": "fail info"}),
    "O1c": (asked(950), "refer", 450, {"within_limit": "fail refer"}),
    "O2a": (of("bureau", non_performing=2), "advise_against", None, {"bureau_non_performing": "fail blocks"}),
    "O2b": (of("bureau", non_performing=2, queried_on=date(2026, 10, 6)), "advise_against", None,
            {"bureau_report": "unknown before_drawdown", "bureau_non_performing": "fail blocks"}),
    "O2c": (of("bureau", non_performing=None), "refer", 300, {"bureau_non_performing": "unknown refer"}),
    "O2d": (of("bureau", non_performing=1, queried_on=date(2026, 7, 23)), "advise_against", None,
            {"bureau_report": "unknown refer", "bureau_non_performing": "fail blocks"}),
    "O3a": (of("bureau", special_mention=2), "refer", 300, {"bureau_special_mention": "fail refer"}),
    "O3b": ((*of("bureau", special_mention=2), ("evidence", NEW, {"subject": FIRM, "fact": "special_mention_reason",
             "answer": "policy_renewal", "seen_on": date(2026, 11, 20)})), "recommend", 300,
            {"bureau_special_mention": "fail caution"}),
    "O4b": (of("bureau", overdue=8 * WAN // 10), "recommend", 300, {"bureau_arrears": "fail before_drawdown"}),
    "O5b": (of("bureau", worst_days=30), "recommend", 300, {"bureau_worst_days": "fail caution"}),
    "O6c": (of("bureau", written_off=60 * WAN), "advise_against", None, {"bureau_written_off": "fail blocks"}),
    "O7b": (of("bureau", queried_on=date(2026, 10, 6)), "recommend", 300,
            {"bureau_report": "unknown before_drawdown"}),
    "O8b": (of("person_bureau", worst_months=3), "refer", 300, {"controller_credit": "fail refer"}),
    "O8d": (of("person_bureau", business_loans=500 * WAN), "recommend", 300, {}),
    "O8e": (of("person_bureau", authorised_on=None), "refer", 300, {"controller_credit": "unknown refer"}),
    "O9a": (of("bureau", guarantees_given=8000 * WAN), "advise_against", None,
            {"guarantees_given": "fail blocks", "repayment_source": "fail blocks"}),
    "O9b": (of("bureau", guarantees_given=3900 * WAN), "recommend", 300, {"guarantees_given": "fail caution"}),
    "O9c": (of("bureau", guarantees_given=4000 * WAN), "refer", 300, {"guarantees_given": "fail refer"}),
    "O10a": (of("bureau", guarantees_given=500 * WAN, guarantees_special_mention=500 * WAN), "refer", 300,
             {"guarantees_given_bad": "fail refer"}),
    "O10b": ((*of("bureau", guarantees_given=500 * WAN),
              ("guarantees", NEW, {"guarantor": FIRM, "debtor": "row:x", "kind": "company"}),
              ("guarantees", NEW, {"guarantor": "row:x", "debtor": FIRM, "kind": "company"})), "refer", 300,
             {"guarantee_circle": "fail refer"}),
    "O11a": ((("credit_events", NEW, {"happened_on": date(2026, 5, 1), "event": "lawsuit", "side": "defendant",
               "amount": 2000 * WAN}),), "advise_against", None, {"litigation": "fail blocks"}),
    "O11d": ((("credit_events", NEW, {"happened_on": date(2026, 5, 1), "event": "lawsuit", "side": "plaintiff",
               "amount": 2000 * WAN}),), "recommend", 300, {}),
    "O11e": ((("credit_events", NEW, {"happened_on": date(2026, 5, 1), "event": "lawsuit", "side": "defendant"}),),
             "refer", 300, {"litigation": "unknown refer"}),
    "O11f": ((("credit_events", NEW, {"happened_on": date(2026, 5, 1), "event": "lawsuit", "side": "defendant",
               "cause": "loan", "amount": 90 * WAN}),), "refer", 300, {"litigation": "fail refer"}),
    "O12c": ((("credit_events", NEW, {"happened_on": date(2026, 5, 1), "event": "dishonest_debtor",
               "about": CONTROLLER}),), "advise_against", None, {"person_listing": "fail blocks"}),
    "O13a": (of("guarantees", signed_on=None), "recommend", 300, {"controller_guarantee": "unknown before_drawdown"}),
    "O14a": ((("related", NEW, {"other": "row:sister", "role": "same_controller", "non_performing": True}),),
             "refer", 300, {"related_non_performing": "fail refer"}),
    "O14b": (books(related_receivables=1300), "refer", 300, {"related_funds": "fail refer"}),
    "O15a": ((("statements", 2, {"audit_opinion": "qualified", "audited": False}),), "refer", 300,
             {"audit_opinion": "fail refer"}),
    "O16a": (books(equity=3830), "refer", 300, {"books_balance": "fail refer"}),
    "O17b": (asked(0.03), "refer", None,
             {"units_suspect": "fail refer", "need_known": "unknown refer", "lendable": "unknown refer"}),
    "O18a": (of("tax_filings", sales=4500 * WAN), "refer", 300, {"sales_cross_check": "fail refer"}),
    "O20a": (((("statements", 2, wan(operating_cash_flow=-100))), ("statements", 1, wan(operating_cash_flow=-20))),
             "refer", 300, {"cash_flow": "fail refer"}),
    "O21b": ((("uses", 0, wan(amount=250)), ("uses", NEW, {"application": "A1", "use": "equipment", "payee": "row:m",
              "amount": 50 * WAN, "contract": "C2", "document": "C2"})), "recommend", 300, {}),
    "O21d": ((*of("applications", purpose="other"), ("uses", 0, {"use": "other", "amount": 0, "document": None})),
             "refer", None, {"purpose_stated": "unknown refer", "purpose_documents": "unknown before_drawdown",
                             "need_known": "unknown refer", "lendable": "unknown refer"}),
    "O25a": (of("appraisals", purpose="reporting"), "recommend", 300, {"appraisal_usable": "fail before_drawdown"}),
    "O25c": (of("appraisals", confirmed_value=2200 * WAN), "refer", 300, {"confirmed_above": "fail refer"}),
    "O25d": (of("appraisals", value=7000 * WAN, confirmed_value=3000 * WAN), "refer", 300,
             {"appraised_to_assets": "fail refer", "above_own_range": "fail caution"}),
    "O25e": (of("appraisals", signers=1), "recommend", 300, {"appraisal_usable": "fail before_drawdown"}),
    "O28b": ((*asked(400), *of("appraisals", confirmed_value=1500 * WAN), ("collateral", NEW, {"application": "A1",
              "kind": "real_estate", "sort": "factory_office", "item": "F1", "owner_agrees": True})), "recommend", 400,
             {"other_security": "unknown before_drawdown"}),
    "O30": (of("firms", founded_on=date(2025, 3, 1)), "refer", 300, {"operating_years": "fail refer"}),
    "O35": ((("statements", 2, {"audit_opinion": "emphasis"}), ("statements", 4, wan(revenue=3100)),
             ("bureau", 0, {"worst_days": 20})), "recommend", 300,
            {"bureau_worst_days": "fail caution", "audit_opinion": "fail caution", "interim_trend": "fail caution"}),
    "O38": (of("bureau", balance=800 * WAN, balance_short=600 * WAN), "recommend", 300,
            {"debt_cross_check": "fail caution"}),
    "O49a": (of("applications", term_months=24), "recommend", 300, {"instalments": "fail before_drawdown"}),
    "O54b": ((("people", 1, {"role": "director"}),), "recommend", 300, {"controller_known": "unknown before_drawdown"}),
}  # fmt: skip

SCORED: dict[str, tuple[float, Changes, str, float | None, dict[str, str]]] = {
    "O29b": (620, of("applications", rate_asked=0.035), "recommend", 300, {"price": "fail caution"}),
    "O29c": (620, of("applications", rate_asked=0.03), "refer", 300, {"price": "fail refer"}),
    "O46a": (575, of("applications", rate_asked=0.055), "recommend", 300, {"price": "fail caution"}),
    "O46b": (574, of("applications", rate_asked=0.055), "refer", 300, {"price": "fail caution", "score": "fail refer"}),
    "O46c": (551, of("applications", rate_asked=0.055), "refer", 300, {"price": "fail refer", "score": "fail refer"}),
    "O46d": (550, of("applications", rate_asked=0.055), "advise_against", None,
             {"price": "fail refer", "score": "fail blocks"}),
    "O46e": (575, (), "refer", 300, {"price": "fail refer"}),
    "O55a": (595, of("firms", customer_since=None), "recommend", 300,
             {"entrusted_payment": "fail before_drawdown", "price": "fail caution"}),
    "O55b": (620, of("firms", customer_since=None), "recommend", 300, {}),
}  # fmt: skip

BOUGHT: dict[str, tuple[dict[int, date], str, float | None, dict[str, str], str | None]] = {
    "O24a": ({0: date(2026, 10, 16), 1: date(2026, 10, 16), 2: date(2026, 10, 16)}, "refer", None,
             {"appraisal_usable": "fail before_drawdown", "lendable": "unknown refer"}, "fail drops_patent"),
    "O24c": ({0: date(2026, 2, 1)}, "refer", 300, {}, "fail refer"),
    "O24d": ({0: date(2026, 5, 20)}, "recommend", 270,
             {"appraisal_usable": "fail before_drawdown", "pool_concentration": "fail info",
              "within_limit": "fail info"}, "fail drops_patent"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOUGHT)
def test_a_worked_case_of_patents_bought(case: str):
    """Patents bought shortly before the application are left out, referred or cautioned."""
    days, advice, amount, findings, said = BOUGHT[case]
    bought = tuple(("holdings", place, {"from_on": day, "how": "bought"}) for place, day in days.items())
    found = advised(changed(*bought))
    assert found.open == findings
    assert (found.advice, found.amount) == (advice, amount)
    for place in days:
        assert f"recently_bought: {said}" in found.of_patents[PATENTS[place]]


@pytest.mark.parametrize("case", SCORED)
def test_a_worked_case_of_score_and_price(case: str):
    """A worked case of another score, rate or standing ends as its row says."""
    points, changes, advice, amount, findings = SCORED[case]
    found = advised(changed(*changes), points)
    assert found.open == findings
    assert (found.advice, found.amount) == (advice, amount)


@pytest.mark.parametrize("case", CASES)
def test_a_worked_case(case: str):
    """A worked case ends with the findings, the advice and the amount that its row names."""
    changes, advice, amount, findings = CASES[case]
    found = advised(changed(*changes))
    assert found.open == findings
    assert (found.advice, found.amount) == (advice, amount)
    expected: Mapping[str, str] = findings
    weighing = {"advise_against": ("fail blocks",), "refer": ("fail refer", "unknown refer"), "recommend": ()}[advice]
    assert set(found.because) == {rule for rule, said in expected.items() if said in weighing}


def test_a_patent_that_the_worked_cases_pledge_is_in_force():
    """The three patents of the base firm carry, each a third."""
    lines = advised(changed()).lent.security
    assert lines is not None
    assert [one.carries for one in lines.carried] == [150 * WAN] * len(PATENTS)
