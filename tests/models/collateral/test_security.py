"""From an applicant's rows to what its patents give as security."""

import json
from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec
import pytest

from features.asof import Case, as_known
from features.encoded import Tables
from features.norms import NO_NORMS
from features.policy import shipped
from models.collateral.bank_assumptions import BankAssumption, BankAssumptions
from models.collateral.security import Security, Unpledged, secure
from models.collateral.valuation import AppliedAssumption, Range
from models.records.applicant import Facts
from models.rules.finding import Finding
from models.rules.recommendation import dropped
from models.rules.run import figures_of
from models.words.templates import phrase

DAY = date(2026, 11, 20)
BASE = {"firm": "row:1", "known_on": date(2026, 6, 1), "source_kind": "register", "source": "s"}
Rows = dict[str, list[dict[str, Any]]]


def patent(number: str, kind: str = "invention", **more: Any) -> dict[str, Any]:
    """A granted patent whose fees are paid."""
    filed = {"filed_on": date(2020, 3, 1), "granted_on": date(2022, 3, 1), "fees_paid_to": date(2027, 3, 1)}
    return BASE | {"patent": number, "kind": kind, "office": "CN", "ipc": "H04L9/32", "claims": 9} | filed | more


def event(number: str, what: str, **more: Any) -> dict[str, Any]:
    """Something that happened to a patent."""
    return BASE | {"patent": number, "event": what, "happened_on": date(2026, 5, 1), "reference": what} | more


def rows(*patents: dict[str, Any], events: Sequence[dict[str, Any]] = (), **tables: list[dict[str, Any]]) -> Rows:
    """A firm of middling books that asks for 5 million RMB over two years against its patents."""
    year = {"months": 12, "scope": "parent", "basis": "statutory"}
    books = [
        BASE | year | {"period_end": date(end, 12, 31)} | {
            "revenue": 5_000_000_000, "cost_of_sales": 3_500_000_000, "operating_profit": 500_000_000,
            "depreciation_amortisation": 50_000_000, "receivables": 900_000_000, "inventory": 600_000_000,
            "prepayments": 0, "advances_received": 0, "profit_before_tax": 480_000_000, "audit_opinion": "unqualified",
            "payables": 300_000_000, "current_assets": 1_900_000_000, "current_liabilities": 1_700_000_000,
            "short_term_debt": 400_000_000, "long_term_debt": 100_000_000, "total_assets": 3_000_000_000,
            "total_liabilities": 1_500_000_000, "rd_expense": 300_000_000,
        }
        for end in (2024, 2025)
    ]  # fmt: skip
    asked = {"application": "A1", "applied_on": date(2026, 6, 1), "amount": 500_000_000, "term_months": 24}
    base: Rows = {
        "firms": [BASE | {"industry": "C3921", "founded_on": date(2012, 1, 1)}],
        "statements": books,
        "patents": list(patents),
        "patent_events": list(events),
        "holdings": [
            BASE | {"patent": p["patent"], "holder": "row:1", "from_on": date(2020, 3, 1), "share": 1.0}
            for p in patents
        ],
        "applications": [BASE | asked | {"purpose": "working_capital", "bank": "B1"}],
        "collateral": [
            BASE | {"application": "A1", "kind": "patent", "item": p["patent"], "pledgor": "row:1"} for p in patents
        ],
    }
    return base | tables


def secured(facts: Rows, findings: Sequence[Finding] = (), bank: BankAssumptions | None = None) -> Security:
    """The security of the case."""
    known = as_known(Tables.from_rows(facts), [Case("c-1", "row:1", DAY, "A1", "B1")], NO_NORMS, shipped())
    applicant = Facts(known).of(0)
    out = Unpledged(dropped(findings), {})
    return secure(applicant, out, bank or BankAssumptions(), figures_of(known, 0), pd=0.02)


def test_the_answer_is_plain_json_with_both_values_apart() -> None:
    """Every part can be written as JSON; the two values are two parts, the second the lower."""
    found = secured(rows(patent("CN1"), patent("CN2", "utility_model")))
    parts = (found.of_patents(), found.portfolio, found.value and found.value.valuation, found.limit, found.term)
    told = json.loads(json.dumps(msgspec.to_builtins(parts), allow_nan=False))
    assert told == json.loads(msgspec.json.encode(parts))
    assert found.value is not None
    assert found.value_on_default is not None
    assert found.value_on_default.range.p50 < found.value.valuation.range.p50
    assert set(found.of_patents()) == {"CN1", "CN2"}
    assert found.pledged.carries == sum(
        (one.carries and one.carries.carries) or 0 for one in found.of_patents().values()
    )
    assert found.together is not None
    assert found.together.word in ("good", "acceptable", "watch", "weak")
    assert found.recoverable is not None
    assert shipped()(found.recoverable.policy).confidence == "assumed"


def test_the_limit_is_the_least_of_what_is_known() -> None:
    """Here the pledge binds; the scheme's cap binds where it is lower still."""
    found = secured(rows(patent("CN1"), patent("CN2")))
    assert found.limit.binding == "security"
    assert found.limit.amount == sum(one.carries for one in found.carried) // 1_000_000 * 1_000_000
    assert found.limit.unknown == ()
    capped = secured(rows(patent("CN1"), patent("CN2")), bank=BankAssumptions(scheme_cap=1_000_000))
    assert (capped.limit.amount, capped.limit.binding, capped.limit.next) == (1_000_000, "scheme_cap", "security")


@pytest.mark.parametrize(
    ("bad", "events", "reason"),
    [
        ({}, [event("CN2", "lapsed")], "lapsed"),
        ({}, [event("CN2", "preserved")], "frozen"),
        ({"filed_on": date(2006, 1, 1), "granted_on": date(2009, 1, 1)}, [], "out_of_term"),
        ({"granted_on": None}, [], "not_granted"),
        ({"in_use": False}, [], "not_in_use"),
    ],
)
def test_what_carries_nothing_says_why(bad: dict[str, Any], events: list[dict[str, Any]], reason: str) -> None:
    """Lapsed, frozen, outside its term, not granted, unworked: both values 0, with the reason."""
    facts = rows(patent("CN1"), patent("CN2", **bad), events=[event("CN1", "award"), *events])
    two = secured(facts).of_patents()["CN2"]
    assert two.carries is not None
    assert two.exclusion_reason == two.carries.exclusion_reason == reason
    assert two.value == two.value_on_default == Range(0, 0, 0)
    assert two.carries.carries == 0


def test_the_value_of_a_patent_whose_state_is_not_known_is_not_known() -> None:
    """Its fees are long overdue and nobody saw the register: no value, nothing said of what it carries, never 0."""
    overdue = {"fees_paid_to": date(2026, 3, 1)}
    found = secured(rows(patent("CN1"), patent("CN2", **overdue)))
    two = found.of_patents()["CN2"]
    assert two.carries is not None
    assert (two.value, two.value_on_default, two.carries.carries) == (None, None, None)
    assert two.exclusion_reason == two.carries.exclusion_reason == "status_not_known"
    assert found.value is not None
    certain = secured(rows(patent("CN1"), patent("CN2"))).value
    assert certain is not None
    assert found.value.worth.patents_going_concern[0] == certain.worth.patents_going_concern[0]
    assert found.value.worth.going_concern.p50 < certain.worth.going_concern.p50
    assert found.pledged.basis.internal == found.value.worth.going_concern.p50


def test_alone_such_a_patent_leaves_value_limit_and_recovery_not_known() -> None:
    """What it carries is a bound that is not known; beside one that has ended no figure of theirs holds."""
    overdue = patent("CN1", fees_paid_to=date(2026, 3, 1))
    alone = secured(rows(overdue))
    assert (alone.value, alone.pledged.basis.amount, alone.recoverable) == (None, None, None)
    assert "security" in alone.limit.unknown
    assert alone.pledged.carries is None
    beside = secured(rows(overdue, patent("CN2"), events=[event("CN2", "lapsed")], appraisals=appraisal()))
    assert beside.value is None
    assert beside.pledged.carries is None
    assert "security" in beside.limit.unknown


def test_a_licensed_patent_counts_as_used() -> None:
    """What the firm does not work itself but licenses out earns."""
    licensed = [event("CN1", "licensed", exclusive=True)]
    found = secured(rows(patent("CN1", in_use=False), events=licensed))
    assert found.pool.exclusion_reason == ("",)
    assert "exclusive_licence" in found.carried[0].encumbrances


def test_a_pledge_to_another_carries_nothing_and_one_to_us_carries() -> None:
    """The value in the holder's hands stays; what is pledged elsewhere secures nothing and brings nothing back."""
    ours = secured(rows(patent("CN1"), patent("CN2"), events=[event("CN2", "pledged", party="B1")]))
    theirs = secured(rows(patent("CN1"), patent("CN2"), events=[event("CN2", "pledged", party="B9")]))
    assert ours.carried[1].carries > 0
    assert theirs.carried[1].exclusion_reason == "pledged_to_another"
    assert theirs.value is not None
    assert theirs.value.worth.patents_going_concern[1].p50 > 0
    assert ours.recoverable is not None
    assert theirs.recoverable is not None
    assert theirs.recoverable.p50 < ours.recoverable.p50


def finding(effect: str, outcome: str = "fail") -> Finding:
    """A finding about CN2."""
    seen = phrase("finding.any.observed.none")
    return Finding("not_holder", "CN2", outcome, effect, seen)  # type: ignore[arg-type]


def test_a_patent_that_a_rule_drops_secures_nothing() -> None:
    """A failed rule that drops the patent takes it out; a caution or an unknown does not."""
    facts = rows(patent("CN1"), patent("CN2"))
    assert secured(facts, [finding("drops_patent")]).carried[1].exclusion_reason == "not_holder"
    assert secured(facts, [finding("caution")]).carried[1].carries > 0
    assert dropped([finding("drops_patent", "unknown")]) == {}


def appraisal(**more: Any) -> list[dict[str, Any]]:
    """The appraiser's figure for the pool."""
    made = {"pool": "P1", "application": "A1", "base_on": date(2026, 5, 1), "value": 9_000_000_000}
    return [BASE | made | {"purpose": "pledge", "appraiser_filed": True, "signers": 2} | more]


def test_the_appraisers_figure_is_placed_and_does_not_lift_the_basis() -> None:
    """A figure of 90 million lies above the range: flagged, and the lower internal value is lent on."""
    facts = rows(patent("CN1"), patent("CN2"), appraisals=appraisal())
    found = secured(facts)
    assert found.value is not None
    assert found.value.valuation.appraiser is not None
    assert found.value.valuation.appraiser.flag == "above_range"
    assert found.pledged.basis.by == "internal"
    assert found.pledged.loan_to_value.on_appraiser == 500_000_000 / 9_000_000_000
    confirmed = secured(rows(patent("CN1"), patent("CN2"), appraisals=appraisal(confirmed_value=4_000_000_000)))
    assert (confirmed.pledged.basis.by, confirmed.pledged.basis.amount) == ("bank", 4_000_000_000)


def test_a_lapse_in_the_appraised_pool_asks_for_a_new_value() -> None:
    """The one figure no longer holds once a patent of the pool is gone."""
    facts = rows(
        patent("CN1"), patent("CN2"), events=[event("CN2", "lapsed")], appraisals=appraisal(confirmed_value=8_000)
    )
    assert secured(facts).pledged.basis.faults == ("more_patents",)


def test_patents_that_are_not_offered_share_in_the_revenue_but_secure_nothing() -> None:
    """A patent held beside the pool takes its share of the revenue and is not in the table."""
    facts = rows(patent("CN1"), patent("CN2"))
    facts["collateral"] = facts["collateral"][:1]
    found, alone = secured(facts), secured(rows(patent("CN1")))
    assert list(found.of_patents()) == ["CN1"]
    assert found.value is not None
    assert alone.value is not None
    assert found.value.worth.going_concern.p50 == pytest.approx(alone.value.worth.going_concern.p50 / 2, rel=1e-6)


def test_the_term_follows_the_patent_that_ends_first() -> None:
    """A utility model filed 2018-03-01 ends 2028-02-29: 15 whole months, less 12 of buffer."""
    facts = rows(patent("CN1"), patent("CN2", "utility_model", filed_on=date(2018, 3, 1), granted_on=date(2019, 1, 1)))
    found = secured(facts).term
    assert (found.months, found.binding, found.patent) == (3, "patent_life", "CN2")


def test_the_banks_own_assumptions_are_shown_as_its_own() -> None:
    """Given in the request, used, and told per patent."""
    found = secured(
        rows(patent("CN1")), bank=BankAssumptions({"CN1": BankAssumption(royalty=0.06, source="licence")})
    ).of_patents()
    told = found["CN1"].assumptions
    assert told is not None
    assert told.royalty == AppliedAssumption(0.06, "bank", "licence")
    assert told.revenue_share.by == "policy"
    silent = secured(rows(patent("CN1")), bank=BankAssumptions({"CN1": BankAssumption(royalty=0.06)})).of_patents()
    assert silent["CN1"].assumptions is not None
    assert silent["CN1"].assumptions.royalty.source is None


def test_without_books_nothing_is_made_up() -> None:
    """No revenue: no value, no pledge, no recoverable share; the limit names what it does not know."""
    found = secured(rows(patent("CN1"), statements=[]))
    assert found.value is None
    assert found.recoverable is None
    assert set(found.limit.unknown) == {"need", "debt_capacity", "security"}
    assert found.value_on_default is None


def test_an_empty_portfolio_is_answered() -> None:
    """A firm without a patent: an empty table, no value, and no crash."""
    found = secured(rows())
    assert found.of_patents() == {}
    assert found.value is None


def test_a_loan_for_equipment_is_bound_by_what_its_investment_lacks() -> None:
    """The need for working capital does not bound it; without a plan of the investment its need is not known."""
    facts = rows(patent("CN1"))
    facts["applications"][0]["purpose"] = "equipment"
    assert "need" in secured(facts).limit.unknown
    plan = {"application": "A1", "project": "P", "kind": "equipment", "cost": 900_000_000, "capital": 300_000_000}
    assert secured(facts | {"projects": [BASE | plan]}).limit.bounds["need"] == 600_000_000


def test_a_renewal_counts_the_balance_that_it_repays() -> None:
    """The last known balance of the renewed loan leaves the existing debt."""
    month = {"loan": "L1", "month_end": date(2026, 5, 31), "balance": 100_000_000, "risk_class": "normal"}
    facts = rows(patent("CN1"), performance=[BASE | month])
    facts["applications"][0]["renews"] = "L1"
    before, after = secured(rows(patent("CN1"))), secured(facts)
    assert before.limit.need is not None
    assert before.limit.need.amount is not None
    assert after.limit.need is not None
    assert after.limit.need.amount == before.limit.need.amount + 100_000_000
