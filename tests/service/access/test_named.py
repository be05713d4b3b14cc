"""Names in query strings: a fund, bank or branch that there is none of is refused by its field, never in silence."""

import pytest

from tests.service.access.conftest import OTHER, OWN, PLACES, Desks


@pytest.fixture
def auditor(desks: Desks) -> str:
    """Reads bank-1, of which there is an assessment."""
    officer = desks.account("credit_officer", PLACES[OWN]["branch"])
    desks.account("credit_officer", PLACES[OTHER]["branch"])
    desks.assessment(officer)
    return desks.account("auditor", PLACES[OWN]["bank"])


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/v1/ledger/pack?period=2026-11&for=fund&fund=fund-9", "fund_unknown"),
        ("/v1/ledger/pack?period=2026-11&for=fund&fund=fund-2", "fund_unknown"),
        ("/v1/ledger/pack?period=2026-11&for=bank&fund=fund-1", "fund_reads_not"),
        ("/desk/ledger/pack?period=2026-11&for=fund&fund=fund-9", "fund_unknown"),
        ("/v1/assessments?bank=bank-9", "bank_unknown"),
        ("/v1/assessments?bank=bank-2", "bank_unknown"),
        ("/v1/assessments?bank=bank-1&branch=b9", "branch_unknown"),
        ("/v1/assessments?firm=91350100M", "uscc"),
        ("/v1/decisions?bank=bank-9", "bank_unknown"),
        ("/v1/decisions?bank=bank-9&format=csv", "bank_unknown"),
        ("/v1/loan-files?branch=b9", "branch_unknown"),
        ("/v1/loan-files?firm=row:", "firm_key"),
    ],
)
def test_a_name_of_nobody_is_refused(desks: Desks, auditor: str, path: str, code: str) -> None:
    """By its code; what lies out of reach is refused as what there is none of."""
    told = desks.client.get(path, headers=desks.headers(auditor))
    assert told.status_code == 422, told.text
    if path.startswith("/v1"):
        assert [one["code"] for one in told.json()["errors"]] == [code]


def test_a_name_that_is_known_is_taken(desks: Desks, auditor: str) -> None:
    """The own bank and branch, and the fund that shares in the bank's loans."""
    headers = desks.headers(auditor)
    for path in ("/v1/assessments?bank=bank-1&branch=b1", "/v1/decisions?bank=bank-1", "/v1/loan-files?branch=b1"):
        assert desks.client.get(path, headers=headers).status_code == 200
    pack = desks.client.get("/v1/ledger/pack?period=2026-11&for=fund&fund=fund-1", headers=headers)
    assert pack.status_code == 200
