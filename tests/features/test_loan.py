"""The loan asked for, its security, and the red flags of the pledge, worked by hand."""

import math
from datetime import date

import pytest

from features.asof import Case, as_known
from features.encoded import Tables
from features.loan import room_under_maximum
from features.norms import NO_NORMS
from features.patent_pledges import pledges
from features.policy import shipped
from tests.builders import DAY, FIRM, Row, answers, of_family, patent_numbers, said, told

P = patent_numbers(5)
ASKED: Row = {
    "application": "a1", "applied_on": date(2026, 11, 20), "amount": 200, "term_months": 12, "repayment": "instalments",
    "purpose": "equipment", "renews": "l1",
}  # fmt: skip
BOOKS: Row = {
    "period_end": date(2025, 12, 31), "months": 12, "revenue": 1000, "total_assets": 800, "equity": 400,
    "operating_cash_flow": 50,
}  # fmt: skip


def patent(number: str, filed: date, **more: object) -> Row:
    """A granted invention."""
    return {"patent": number, "kind": "invention", "filed_on": filed, "granted_on": date(2026, 6, 1)} | more


def pledge(number: str, **more: object) -> Row:
    """A patent offered for the application."""
    return {"application": "a1", "kind": "patent", "item": number} | more


ROWS: dict[str, list[Row]] = {
    "firms": [{"industry": "C39"}],
    "applications": [ASKED, ASKED | {"application": "a2", "amount": 999}],
    "statements": [BOOKS],
    "patents": [
        patent(P[0], date(2018, 1, 1), ipc="H04L9/32"),  # at home in C39
        patent(P[1], date(2018, 1, 1), ipc="G01N33/50", kind="utility_model"),  # another field of an adjacent sector
        patent(P[2], date(2025, 11, 20), ipc="A61K31/00"),  # far; filed a year before the application to the day
        patent(P[3], date(2025, 11, 19)),
        patent(P[4], date(2018, 1, 1), ipc="A61K31/00"),
    ],
    "holdings": [
        {"patent": P[0], "holder": FIRM, "from_on": date(2018, 1, 1), "how": "original"},
        {"patent": P[1], "holder": FIRM, "from_on": date(2024, 11, 20), "how": "bought"},  # 24 months to the day
        {"patent": P[2], "holder": FIRM, "from_on": date(2026, 1, 1), "how": "original"},
        {"patent": P[3], "holder": "person:founder", "from_on": date(2026, 1, 1)},
        {"patent": P[4], "holder": FIRM, "from_on": date(2018, 1, 1)},
    ],
    "patent_events": [{"patent": P[0], "event": "pledged", "happened_on": date(2025, 1, 1)}],
    "collateral": [
        pledge(P[0]), pledge(P[1], pledgor=FIRM), pledge(P[2], pledgor="person:founder"), pledge(P[3]),
        {"application": "a1", "kind": "real_estate", "item": "flat"}, {"application": "a1", "kind": "trademark"},
        {"application": "a2", "kind": "patent", "item": P[4]},
    ],
    "guarantees": [
        {"application": "a1", "guarantor": "person:founder", "kind": "controller_joint"},
        {"application": "a1", "guarantor": "row:9", "kind": "company", "debtor": FIRM},
        {"application": "a1", "guarantor": FIRM, "kind": "company", "debtor": "row:8"},
        {"application": "a2", "guarantor": "row:7", "kind": "insurer"},
    ],
    "appraisals": [
        {"pool": "p1", "application": "a1", "base_on": date(2026, 10, 1), "value": 600},
        {"pool": "p2", "application": "a1", "base_on": date(2025, 10, 1), "value": 1000},  # stale
        {"pool": "p3", "application": "a2", "base_on": date(2026, 10, 1), "value": 1000},
    ],
    "people": [
        {"person": "person:i", "role": "inventor", "employed": True},
        {"person": "person:j", "role": "inventor", "employed": False},
        {"person": "person:k", "role": "inventor"},
        {"person": "person:l", "role": "director", "employed": False},
    ],
}  # fmt: skip
WORKED: dict[str, float | None] = {
    "asked_amount": 200.0,
    "amount_to_revenue": 0.2,
    "amount_to_assets": 0.25,
    "amount_to_equity": 0.5,
    "amount_to_cash_flow": 4.0,
    "asked_term": 12.0,
    "repayment": 1.0,
    "purpose": 2.0,
    "is_renewal": 1.0,
    "offered_patents": 4.0,
    "offered_invention_share": 0.75,
    "offered_in_force_share": 0.75,  # one is the founder's
    "least_life_at_maturity": round(42 / 365.25, 9),  # the utility model ends on 2028-01-01, the loan on 2027-11-20
    "offered_pledged_share": 0.25,
    "other_security": 1.0,
    "guarantors": 2.0,
    "controller_guarantees": 1.0,
    "institution_guarantees": 0.0,
    "bought_before_application": 0.25,
    "filed_before_application": 0.25,
    "offered_distance": 0.5,  # 0 at home, 0.5 in the same sector, 1 far; the fourth has no symbol
    "portfolio_distance": 0.625,  # the founder's is not in the portfolio, P4 is: (0 + 0.5 + 1 + 1) / 4
    "appraised_to_assets": 0.75,
    "third_party_share": 0.5,
    "not_held_share": 0.5,  # the founder does not hold P2, and the firm does not hold P3
    "inventors_gone_share": 0.5,
}


def test_every_figure_by_hand() -> None:
    """An application with four patents, other security and guarantees leads to the figures worked on paper."""
    assert said(answers(ROWS), WORKED) == pytest.approx(WORKED)
    assert set(WORKED) == set(of_family("loan", "flag"))


def test_without_an_application_nothing_is_asked_or_offered() -> None:
    """A case about no application, or about one that is not known, knows no loan and no pledge."""
    not_of_loan = {"portfolio_distance", "inventors_gone_share"}
    nothing = dict.fromkeys(set(WORKED) - not_of_loan)
    for application in (None, "unheard"):
        assert said(answers(ROWS, application=application), nothing) == nothing


def test_asked_and_none_offered() -> None:
    """Where the application is known and no security is, there is none only if that was asked."""
    counts = dict.fromkeys(
        ("offered_patents", "other_security", "guarantors", "controller_guarantees", "institution_guarantees"), 0.0
    )
    bare = {"applications": [{"application": "a1", "amount": 1}]}
    assert said(answers(bare), counts) == dict.fromkeys(counts)
    assert said(answers(bare, asked=("collateral", "guarantees")), counts) == counts


def test_a_new_loan_is_no_renewal() -> None:
    """An application that names no loan to renew asks for a new one."""
    assert answers({"applications": [{"application": "a1", "amount": 1}]})["is_renewal"] == 0.0


def test_a_patent_whose_holder_nobody_knows_is_not_called_foreign() -> None:
    """Without any holding of a patent it is not known whether the pledgor holds it."""
    rows = ROWS | {"holdings": []}
    assert said(answers(rows), {"not_held_share": None}) == {"not_held_share": None}


def test_an_industry_that_the_table_does_not_judge_has_no_distance() -> None:
    """The coarse table of ours says nothing about sectors that it does not name."""
    rows = ROWS | {"firms": [{"industry": "P83"}]}
    assert said(answers(rows), {"offered_distance": None}) == {"offered_distance": None}


@pytest.mark.parametrize(
    ("amount", "balances", "room"),
    [
        (300, {"L1": 900, "L2": [500, 200]}, 1.0),  # the loan that is renewed does not count, L2's last balance once
        (301, {"L1": 900, "L2": [500, 200]}, 0.0),
        (300, {"L2": [200, None]}, None),
        (300, {"L1": 900}, None),
        (None, {"L2": [200]}, None),
    ],
)
def test_what_fits_under_a_maximum_amount_pledge(
    amount: int | None, balances: dict[str, int | list[int | None]], room: float | None
) -> None:
    """A ceiling of 500 over two patents: what L2, secured by both, still owes, and the amount asked beside it."""
    ceiling = {"pledgee": "bank:b", "registration": "R1", "registered_on": date(2025, 1, 1), "maximum_amount": 500}
    secured = [("L1", P[0]), ("L2", P[0]), ("L2", P[1])]
    rows: dict[str, list[Row]] = {
        "firms": [{"industry": "C39"}],
        "applications": [ASKED | {"amount": amount, "renews": "L1"}],
        "patents": [patent(P[0], date(2018, 1, 1)), patent(P[1], date(2018, 1, 1))],
        "collateral": [
            ceiling | {"loan": loan, "kind": "patent", "item": number, "maximum_until": date(2027, 1, 1)}
            for loan, number in secured
        ],
        "performance": [
            {"loan": loan, "month_end": date(2026, 8 + month, 28), "balance": balance}
            for loan, of in balances.items()
            for month, balance in enumerate(of if isinstance(of, list) else [of])
        ],
    }
    known = as_known(Tables.from_rows(told(rows)), [Case("c", FIRM, DAY, "a1", "bank:b")], NO_NORMS, shipped())
    assert pledges(known).patent.tolist() == [0, 1]
    assert room_under_maximum(known).tolist() == [pytest.approx(math.nan if room is None else room, nan_ok=True)] * 2
