"""Worked cases that approval rests on, as rows of an applicant; amounts in ten thousand yuan."""

from copy import deepcopy
from datetime import date
from typing import Any

from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Row, Rows
from tests.models.underwriting.whole_case import changed, whole
from tests.models.underwriting.worked import WORKED

Change = tuple[str, int, Row]
_NEW = 99


def wan(**amounts: float) -> dict[str, int]:
    """Amounts as fen."""
    return {name: round(amount * WAN) for name, amount in amounts.items()}


def asked(amount: float) -> tuple[Change, ...]:
    """Another amount is asked for, and used."""
    return (("applications", 0, wan(amount=amount)), ("uses", 0, wan(amount=amount)))


def overdue(amount: float = 20) -> Rows:
    """The credit report shows an amount overdue: a new finding to weigh."""
    return changed(("bureau", 0, wan(overdue=amount)))


def special_mention() -> Rows:
    """Case 3a: two loans elsewhere in special mention."""
    return changed(("bureau", 0, {"special_mention": 2}))


def non_performing() -> Rows:
    """Case 2a: two loans elsewhere are not performing."""
    return changed(("bureau", 0, {"non_performing": 2}))


def dividend() -> Rows:
    """Case 21a: a part of the money pays dividends."""
    used = {"application": "A1", "use": "dividends", "payee": "row:owner", "contract": "C2", "document": "C2"}
    return changed(("uses", 0, wan(amount=200)), ("uses", _NEW, {**used, **wan(amount=100)}))


def related() -> Rows:
    """Case 54a: the firm is related to the bank."""
    return changed(("evidence", 0, {"answer": "related"}))


def special_mention_renewed() -> Rows:
    """Case 22e: it renews our loan, which is in special mention; the need of 292.60 sets the limit."""
    return changed(*WORKED["O22e"].changes)


def institution() -> Rows:
    """Case 28c: 400 asked, one patent, and an institution that signs for 400."""
    signed = {
        "application": "A1", "guarantor": "row:institution", "debtor": FIRM, "kind": "guarantee_institution",
        "share": 0.8, "signed_on": DAY, **wan(amount=400, net_assets=50_000, outstanding=300_000),
    }  # fmt: skip
    given = changed(*asked(400), ("guarantees", _NEW, signed))
    given["collateral"] = given["collateral"][:1]
    given["appraisals"][0] |= {"patents": 1, **wan(value=1600, confirmed_value=1200)}
    return given


def without_sales() -> Rows:
    """Case 15e: audited, and neither tax filings nor account flows were asked for."""
    return without(whole(), "tax_filings", "account_flows")


def flows(total: float) -> Rows:
    """The same with account flows of twelve months supplied."""
    given = without(whole(), "tax_filings")
    for row in given["account_flows"]:
        row["inflow"] = round(total * WAN / 12)
    return given


def without(given: Rows, *tables: str) -> Rows:
    """The same with tables that were never asked about."""
    found = deepcopy(given)
    for table in tables:
        del found[table]
    return found


def incomplete_contract(answer: str) -> Rows:
    """Case 51b: what the evidence says of the pledge contract."""
    told: dict[str, Any] = {"subject": "A1", "fact": "pledge_contract", "answer": answer, "seen_on": DAY}
    if answer == "incomplete":
        told["note"] = "缺少质押期限条款"
    return changed(("evidence", _NEW, told))


def dated(given: Rows, queried_on: date) -> Rows:
    """The same with credit reports of a later day."""
    found = deepcopy(given)
    for table in ("bureau", "person_bureau"):
        for row in found[table]:
            row |= {"queried_on": queried_on, "known_on": queried_on}
    return found
