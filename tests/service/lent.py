"""A loan file as an open service takes it from application to payment: each act names who does it."""

from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

Body = dict[str, Any]
TODAY = "2026-11-20"
LITTLE = 1_000_000
"""Fen: within any limit that there is."""
END = "2026-12-20"
MEMBERS = ("赵", "钱", "孙", "周", "吴")


def file_of(client: TestClient, assessment: str) -> str:
    """The loan file of an assessment."""
    found: str = client.get(f"/v1/assessments/{assessment}").json()["record"]["loan_file"]["id"]
    return found


def act(client: TestClient, file: str, what: str, /, **body: Any) -> Body:
    """An act in a file as it stands, which is let through."""
    if what in ("review", "votes", "minutes", "approval", "release"):
        body = {"seen": client.get(f"/v1/loan-files/{file}").json()["seen"], **body}
    told = client.post(f"/v1/loan-files/{file}/{what}", json=body)
    assert told.status_code == 201, told.text
    found: Body = told.json()
    return found


def withdrawal(client: TestClient, assessment: str, reason: str = "已转他行办理", **more: Any) -> Response:
    """The applicant withdraws: one entry."""
    body = {"by": "applicant", "reason_code": "applicant_withdrew", "reason": reason, "person": "李明"}
    return client.post(f"/v1/loan-files/{file_of(client, assessment)}/withdrawal", json=body | more)


def approved(client: TestClient, assessment: str, amount: int = LITTLE, **more: Any) -> str:
    """The loan file of an assessment, approved whatever speaks against it; all that may be waived is."""
    file = file_of(client, assessment)
    told = client.get(f"/v1/loan-files/{file}").json()
    waived = dict.fromkeys((*told["blocking"], *told["advised_conditions"]))
    why = {"reason_code": "relationship", "mitigation": "存单质押", "until": END}
    terms: Body = {"amount": amount, "term_months": 1, "waives": [{"rule": one, **why} for one in waived]}
    body = {"assessment": assessment, "second": "陈静", "seen": told["seen"], "person": "李明"}
    submitted = client.post("/v1/loan-files", json=body | terms)
    assert submitted.status_code == 201, submitted.text
    answers = [{**one, "answer": "风险可控"} for one in told["to_answer"]]
    state = act(client, file, "review", person="何", outcome="agreed", opinion="同意上报", answers=answers)["loan_file"]
    if state["state"] == "to_committee":
        for member in MEMBERS:
            act(client, file, "votes", person=member, meeting="1", vote="agree")
        minutes: Body = {"meeting": "1", "held_on": TODAY, "chair": "郑", "present": list(MEMBERS), "person": "冯"}
        act(client, file, "minutes", **minutes | terms)
    for person in ("王", "蒋"):
        why_so = {"reason_code": "relationship", "reason": "长期老客户", "expires_on": END}
        done = act(client, file, "approval", person=person, outcome="approved", **terms | why_so | more)
        if done["loan_file"]["state"] != "to_approve":
            break
    return file


@dataclass(frozen=True)
class Words:
    """What is told of a loan that is paid out."""

    loan: str = "L1"
    registration: str = "Y2026980001"
    reason: str = "长期老客户"
    paper: str = "卷宗"


USUAL = Words()


def drawn(client: TestClient, assessment: str, words: Words = USUAL) -> str:
    """The loan file of an assessment, approved and paid out."""
    file = approved(client, assessment, reason=words.reason)
    told = client.get(f"/v1/loan-files/{file}").json()
    standing = [{"item": one, "done_on": TODAY, "document": words.paper} for one in told["standing"]]
    pledges = [{"registration": words.registration, "registered_on": TODAY, "amount": LITTLE}]
    act(client, file, "release", person="沈", amount=LITTLE, contract="C1", standing=standing, pledges=pledges)
    act(client, file, "drawdowns", person="李明", drawn_on=TODAY, due_on=END, amount=LITTLE, loan=words.loan)
    return file
