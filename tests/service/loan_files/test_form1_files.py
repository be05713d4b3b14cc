"""Loans of form 1: taken up by the first act, with what was decided, drawn and closed until then."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from httpx import Response

from tests.models.underwriting.whole_case import changed
from tests.service import form1
from tests.service.banked import Bank, open_bank
from tests.service.loan_case import question_of
from tests.service.loan_files.people import done, refused
from tests.service.loan_files.walk import FILES, made_anew

Body = dict[str, Any]
CLOSED = {"person": "王芳", "outcome": "repaid", "loss": 0, "closed_on": "2026-11-20"}
GONE = {"person": "李明", "by": "applicant", "reason_code": "applicant_withdrew"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Bank]:
    """The product as it is, over a ledger of version 0.1."""
    fixture = form1.unpack("sqlite", tmp_path_factory.mktemp("form1"))
    for file in (fixture.place / "fund").glob("fund*.pem"):
        shutil.copy(file, fixture.place / file.name)
    opened = open_bank(fixture.place, bundle, form1.restore_sqlite(fixture, fixture.place / "ledger.db"))
    with opened.client:
        yield opened


@pytest.fixture(scope="module")
def old(bank: Bank) -> list[tuple[Body, list[Body]]]:
    """The assessments of then, each with what was done about it."""
    items = bank.client.get("/v1/assessments", params={"limit": 500}).json()["items"]
    return [(one, bank.client.get(f"/v1/assessments/{one['id']}/acts").json()["items"]) for one in items]


def about(old: list[tuple[Body, list[Body]]], *kinds: str, kind: str = "pledge", outcome: str = "") -> Body:
    """An assessment of an application about which just this was done; the outcome is that of the last."""
    return next(
        one
        for one, acts in old
        if one["kind"] == kind
        and one["application"]
        and not one["retrospective"]
        and tuple(act["kind"] for act in acts) == kinds
        and (not outcome or acts[-1]["outcome"] == outcome)
    )


def post(bank: Bank, path: str, body: Body) -> Response:
    """What an act gets."""
    return bank.client.post(f"/v1/{path}", json=body)


def submit(bank: Bank, assessment: Body, **more: Any) -> Response:
    """Two people submit a million on an assessment of then, which has no file that anybody could have seen yet."""
    body = {"assessment": assessment["id"], "seen": assessment["seal"], "person": "李明", "second": "王芳"}
    return post(bank, "loan-files", body | {"amount": 100_000_000, "term_months": 12} | more)


def file_of(bank: Bank, told: Response) -> Body:
    """The file that an act took up, as it is shown."""
    found: Body = bank.client.get(f"/v1/loan-files/{done(told)['loan_file']['id']}").json()
    return found


def test_a_loan_of_form_1_is_closed_in_a_file(bank: Bank, old: list[tuple[Body, list[Body]]]) -> None:
    """The closure takes the assessment up, and the file shows decision and drawdowns."""
    one = about(old, "decision", "drawdown", "drawdown")
    file = file_of(bank, post(bank, f"assessments/{one['id']}/closure", CLOSED))
    assert file["state"] == "closed"
    assert [step["kind"] for step in file["steps"]] == ["decision", "drawdown", "drawdown", "closure"]
    assert file["drawn"] == sum(paid["amount"] for paid in file["drawdowns"])
    refused(post(bank, f"assessments/{one['id']}/closure", CLOSED), "done_already")


def test_an_application_of_form_1_is_submitted_in_a_file(bank: Bank, old: list[tuple[Body, list[Body]]]) -> None:
    """Its first entry names the one of form 1 in `from`; the assessment reads as before; a comparison is no loan."""
    one = about(old)
    before = bank.client.get(f"/v1/assessments/{one['id']}").content
    file = file_of(bank, submit(bank, one))
    assert (file["state"], file["assessment"], file["steps"][0]["kind"]) == ("to_review", one["id"], "submitted")
    assert bank.client.get(f"/v1/assessments/{one['id']}").content == before
    refused(submit(bank, about(old, kind="whitelist")), "no_loan")


def test_an_approval_of_form_1_stands(bank: Bank, old: list[tuple[Body, list[Body]]]) -> None:
    """Nobody submits the application beside it, also on a new assessment; it is withdrawn first."""
    one = about(old, "decision", outcome="approve")
    refused(submit(bank, one), "approval_stands")
    file = file_of(bank, post(bank, f"assessments/{one['id']}/withdrawal", GONE))
    assert (file["state"], [step["kind"] for step in file["steps"]]) == ("withdrawn", ["decision", "withdrawn"])


def test_a_new_assessment_hides_no_loan_of_form_1(bank: Bank, old: list[tuple[Body, list[Body]]]) -> None:
    """Its file is not submitted while the loan runs; the closure then stands in it, behind decision and drawdown."""
    one = about(old, "decision", "drawdown")
    place = {"bank": one["bank"], "branch": one["branch"], "application": one["application"]}
    rows = changed(*(("applications", 0, {"application": one["application"]}),))
    for table in ("uses", "guarantees", "collateral", "appraisals"):
        for row in rows[table]:
            row["application"] = one["application"]
    new = bank.client.post("/v1/assessments", json=question_of(rows, one["firm"], **place)).json()
    file = new["record"]["loan_file"]["id"]
    refused(submit(bank, {"id": new["id"], "seal": new["record"]["seal"]}), "old_approval_stands")
    told = file_of(bank, post(bank, f"assessments/{one['id']}/closure", CLOSED))
    assert (told["id"], told["state"], told["assessment"]) == (file, "closed", one["id"])
    assert [step["kind"] for step in told["steps"]] == ["decision", "drawdown", "closure"]


def test_files_of_form_1_are_made_again(bank: Bank, old: list[tuple[Body, list[Body]]]) -> None:
    """Byte for byte, whatever was taken up; of steps version 0.1 kept members in another order, and erased ones."""
    post(bank, f"assessments/{about(old, 'decision', outcome='defer')['id']}/withdrawal", GONE)
    wrong, held = made_anew(bank.app.state.pledgescore.engine, FILES)
    assert wrong == []
    assert held["loan_files"]
