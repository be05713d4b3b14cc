"""放款台账 over HTTP: each drawn loan once, with its numbers, how it stands, and the papers that are held."""

import json
from hashlib import sha256
from io import BytesIO
from typing import Any

import pytest
from fastapi.testclient import TestClient
from python_calamine import CalamineWorkbook

from features.policy import shipped
from service.decisions.erasure import ask, confirm
from service.decisions.loan_list import DrawnLoans
from service.demonstration.made_papers import page
from service.web.shapes.part import as_declared
from tests.service import lent
from tests.service.lent import END, LITTLE, TODAY, Words, act, approved
from tests.service.made import applicant
from tests.service.test_erasing import LATER, engine_of, person


def assessed(client: TestClient, seed: int) -> str:
    """The id of an assessment of one firm."""
    return str(client.post("/v1/assessments", content=json.dumps(applicant(seed, patents=2))).json()["id"])


def listed(client: TestClient, **query: Any) -> DrawnLoans:
    """The list, in the shape that OpenAPI describes."""
    told = client.get("/v1/drawn-loans", params=query)
    assert told.status_code == 200, told.text
    found: DrawnLoans = as_declared(DrawnLoans, told.json())
    return found


def keep(client: TestClient, file: str, about: str, content: bytes) -> None:
    """Keep a paper beside a file."""
    query = {"name": "纸.pdf", "about": about, "person": "李明", "audience": "fund"}
    assert client.post(f"/v1/loan-files/{file}/attachments", params=query, content=content).status_code == 201


@pytest.fixture
def file(client: TestClient) -> str:
    """The loan file of a drawn loan."""
    return lent.drawn(client, assessed(client, 1))


def test_a_drawn_loan_stands_once_with_its_numbers(client: TestClient, file: str) -> None:
    """Contract, registration, approval and drawdown by their entries; what was approved alone is not there."""
    approved(client, assessed(client, 2))
    found = listed(client)
    assert found.next is None
    (row,) = found.items
    steps = {one["kind"]: one["record"]["entry"] for one in client.get(f"/v1/loan-files/{file}").json()["steps"]}
    assert (row.loan, row.contract, row.loan_file, row.amount) == ("L1", "C1", file, LITTLE)
    assert [one.registration for one in row.pledges] == ["Y2026980001"]
    assert (row.decision, row.entry) == (steps["approval"], steps["drawdown"])
    assert (row.state, row.missing) == ("outstanding", ("contract", "registration", "payment"))


def test_a_payment_that_was_reversed_is_no_loan(client: TestClient, file: str) -> None:
    """Paid out again under another number, the loan stands there once, under that."""
    entry = listed(client).items[0].entry
    act(client, file, "corrections", entry=entry, reason="借据号有误", person="王")
    assert listed(client).items == []
    act(client, file, "drawdowns", person="李明", drawn_on=TODAY, due_on=END, amount=LITTLE, loan="L2")
    assert [one.loan for one in listed(client).items] == ["L2"]


def test_papers_stand_with_their_digests(client: TestClient, file: str) -> None:
    """By what they are about: the file's contract and notice, the statement of the loan's own payment."""
    for about in ("contract", "L1", "L9", "visit"):
        keep(client, file, about, page([about]))
    (row,) = listed(client).items
    assert [(one.kind, one.hash) for one in row.papers] == [
        ("contract", sha256(page(["contract"])).hexdigest()),
        ("payment", sha256(page(["L1"])).hexdigest()),
    ]
    assert row.missing == ("registration",)
    kept = client.get(f"/v1/loan-files/{file}/attachments/{row.papers[0].n}")
    assert sha256(kept.content).hexdigest() == row.papers[0].hash
    document = {"hash": "ab" * 32, "what": "登记通知书", "about": "registration", "person": "李明"}
    act(client, file, "documents", **document)
    (row,) = listed(client).items
    assert (row.papers[1].hash, row.papers[1].n, row.missing) == ("ab" * 32, None, ())


def test_a_loan_that_ended_and_one_that_was_erased(client: TestClient, file: str) -> None:
    """Closed with day and loss; once the content is gone, the entry is all that is left."""
    ended = {"closed_on": TODAY, "outcome": "repaid", "loss": 0, "person": "李明"}
    act(client, file, "closure", **ended)
    (row,) = listed(client, state="closed").items
    assert (row.state, str(row.closed_on), row.outcome, row.loss) == ("closed", TODAY, "repaid", 0)
    assert listed(client, state="outstanding").items == []
    engine, later = engine_of(client), LATER.date()
    asked = ask(engine, "row:1", "person_asked", person("王芳", today=later), shipped())
    confirm(engine, asked.id, person("李明", today=later), shipped())
    (gone,) = listed(client, state="erased", month="2026-11").items
    assert (gone.entry, gone.at) == (row.entry, row.at)
    assert (gone.firm, gone.loan, gone.amount, gone.papers, gone.missing) == (None, None, None, (), ())


def test_filters_and_pages_hold(client: TestClient, file: str) -> None:
    """By month, number and place; a page at a time each loan once; what is no month is refused."""
    lent.drawn(client, assessed(client, 4), Words(loan="L4", registration="Y2026980004"))
    assert [one.loan for one in listed(client, text="y2026980004").items] == ["L4"]
    assert [one.loan for one in listed(client, text=file).items] == ["L1"]
    assert len(listed(client, month="2026-11").items) == 2
    assert listed(client, month="2026-10").items == listed(client, month="2026-12").items == []
    first = listed(client, limit=1)
    assert [one.loan for one in first.items] == ["L4"]
    rest = listed(client, limit=1, cursor=first.next)
    assert ([one.loan for one in rest.items], rest.next) == (["L1"], None)
    for month in ("2026-13", "0001-01", "9999-12"):
        assert client.get(f"/v1/drawn-loans?month={month}").status_code == 422
    assert client.get("/v1/drawn-loans?branch=nowhere").status_code == 422


@pytest.mark.sqlite_alone
def test_the_list_as_a_file(client: TestClient, file: str) -> None:
    """Amounts in yuan, the digests of papers and which are not held; nothing in it is a formula."""
    keep(client, file, "contract", page(["合同"]))
    lent.drawn(client, assessed(client, 4), Words(loan="=1+1", registration="Y2026980004"))
    told = client.get("/v1/drawn-loans?format=xlsx&words=en")
    lines = CalamineWorkbook.from_filelike(BytesIO(told.content)).get_sheet_by_index(0).to_python()
    other, row = (dict(zip(lines[1], line, strict=True)) for line in lines[2:])
    assert (row["Loan"], row["Drawn (RMB)"], row["State"]) == ("L1", LITTLE / 100, "outstanding")
    assert row["Contract, SHA-256"] == sha256(page(["合同"])).hexdigest()
    assert row["Statement of payment, SHA-256"] == "not held"
    assert other["Loan"] == "=1+1"
    table = client.get("/v1/drawn-loans?format=csv").text
    assert len(table.splitlines()) == 4
    assert "\r\n=1+1" not in table
