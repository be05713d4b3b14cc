"""Loans of form 1: taken up by the first act, with what was decided, drawn and closed until then."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from service.proofs.rebuild import differences
from tests.service import form1
from tests.service.banked import Bank, open_bank

Body = dict[str, Any]


@pytest.fixture
def bank(tmp_path: Path, bundle: Path) -> Iterator[Bank]:
    """The product as it is, over a ledger of version 0.1."""
    fixture = form1.unpack("sqlite", tmp_path)
    for file in (fixture.place / "fund").glob("fund*.pem"):
        shutil.copy(file, fixture.place / file.name)
    opened = open_bank(fixture.place, bundle, form1.restore_sqlite(fixture, fixture.place / "ledger.db"))
    with opened.client:
        yield opened


def acts(bank: Bank) -> Iterator[tuple[Body, list[Body]]]:
    """The assessments that anything was done about, with that."""
    cursor = None
    while True:
        page = bank.client.get("/v1/assessments", params={"limit": 500} | ({"cursor": cursor} if cursor else {})).json()
        for one in page["items"]:
            told = bank.client.get(f"/v1/assessments/{one['id']}/acts")
            if told.status_code == 200 and told.json()["items"]:
                yield one, told.json()["items"]
        if (cursor := page["next"]) is None:
            return


def test_a_loan_of_form_1_is_closed_in_a_file(bank: Bank) -> None:
    """The closure takes the assessment up, the file shows decision and drawdown, and a rebuild gives the same."""
    kinds = [(one, [act["kind"] for act in done]) for one, done in acts(bank)]
    live = [one for one, done in kinds if "drawdown" in done and "closure" not in done]
    assert live, kinds[:5]
    body = {"person": "王芳", "outcome": "repaid", "loss": 0, "closed_on": "2026-11-20"}
    told = bank.client.post(f"/v1/assessments/{live[0]['id']}/closure", json=body)
    assert told.status_code == 201, told.text
    file = bank.client.get(f"/v1/loan-files/{told.json()['loan_file']['id']}").json()
    assert file["state"] == "closed"
    assert [one["kind"] for one in file["steps"]] == ["decision", "drawdown", "drawdown", "closure"]
    assert file["drawn"] == sum(one["amount"] for one in file["drawdowns"])
    again = bank.client.post(f"/v1/assessments/{live[0]['id']}/closure", json=body)
    assert (again.status_code, again.json()["code"]) == (409, "state_other")
    with bank.app.state.pledgescore.engine.connect() as connection:
        assert list(differences(connection)) == []
