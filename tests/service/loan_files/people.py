"""A bank with as many people as a loan file needs, and the acts that they do over HTTP."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from fastapi.testclient import TestClient
from httpx import Response

from service.access.roles import Place
from tests.models.underwriting.base_firm import DAY, FIRM, WAN, Rows
from tests.service.access.conftest import Desks
from tests.service.loan_case import question_of

Body = dict[str, Any]
APPLICATION = "A1"
REGISTRATION = "Y2026980012345"
RESERVE = ("liu", "sun")


class People(Desks):
    """One bank's people, by what they do; `now` is the clock."""

    def __init__(self, client: TestClient, now: list[datetime], bank: str = "bank-1") -> None:
        super().__init__(client)
        self.now, self.bank = now, bank
        branch, head = Place(bank, "b1"), Place(bank)
        self.lead = self._of("credit_officer", branch, "lead")
        self.second = self._of("credit_officer", branch, "second")
        self.third = self._of("credit_officer", branch, "third")
        self.reviewer = self._of("reviewer", head, "reviewer")
        self.members = [self._of("committee_member", head, f"member-{n}") for n in range(1, 6)]
        self.chair = self._of("committee_member", head, "chair")
        self.secretary = self._of("committee_secretary", head, "secretary")
        self.first = self._of("approver", branch, "level-1", 1)
        self.branch = [self._of("approver", head, f"level-2-{n}", 2) for n in "ab"]
        self.president = self._of("approver", head, "level-3", 3)
        self.head = self._of("approver", head, "level-4", 4)
        self.desk = self._of("drawdown_desk", head, "desk")
        self.risk = self._of("risk_manager", head, "risk")
        self._sessions: dict[str, dict[str, str]] = {}

    def _of(self, role: str, place: Place, name: str, authority: int = 0) -> str:
        return self.account(role, place, authority, f"{name}-{self.bank}")

    @property
    def today(self) -> date:
        """The day."""
        return self.now[0].date()

    def as_(self, name: str) -> dict[str, str]:
        """The headers of a person; a session lasts for a test."""
        if name not in self._sessions:
            self._sessions[name] = self.headers(name)
        return self._sessions[name]

    def sign_in_again(self) -> None:
        """Sessions of days ago have ended."""
        self._sessions.clear()

    def assess(self, given: Rows, as_of: date = DAY, firm: str = FIRM, **more: Any) -> Body:
        """An assessment of the rows of a case."""
        body = question_of(given, firm, as_of, **more)
        answer = self.client.post("/v1/assessments", json=body, headers=self.as_(self.lead))
        assert answer.status_code == 201, answer.text
        found: Body = answer.json()
        return found

    def file(self, file: str, by: str = "") -> Body:
        """A loan file as a person reads it."""
        told = self.client.get(f"/v1/loan-files/{file}", headers=self.as_(by or self.lead))
        assert told.status_code == 200, told.text
        found: Body = told.json()
        return found

    def post(self, path: str, by: str, body: Mapping[str, Any]) -> Response:
        """What an act gets: no failure of ours, and where refused, the same code in English in other words."""
        told = self._posted(path, by, body, "zh")
        assert not told.is_server_error, f"{path} {told.status_code}: {told.text}"
        if told.is_client_error:
            zh, en = told.json(), self._posted(path, by, body, "en").json()
            assert zh["code"] == en["code"]
            assert zh["detail"] != en["detail"]
            faults = zip(zh.get("errors", ()), en.get("errors", ()), strict=True)
            assert all(one["code"] == other["code"] and one["message"] != other["message"] for one, other in faults)
        return told

    def _posted(self, path: str, by: str, body: Mapping[str, Any], language: str) -> Response:
        headers = self.as_(by)
        return self.client.post(f"/v1/{path}", params={"words": language}, json=dict(body), headers=headers)

    def act(self, file: str, what: str, by: str, /, **body: Any) -> Response:
        """What an act in a file gets."""
        return self.post(f"loan-files/{file}/{what}", by, body)

    def seen_act(self, file: str, what: str, by: str, /, **body: Any) -> Response:
        """The same on the file as it is now, unless it is told what was seen."""
        seen = body.pop("seen", None) or self.file(file)["seen"]
        return self.act(file, what, by, seen=seen, **body)

    def submit(self, answer: Body, amount: float = 300, /, **more: Any) -> Response:
        """Two officers submit an application; the amount in ten thousand yuan."""
        file = answer["record"]["loan_file"]["id"]
        told = self.file(file)
        body: Body = {"assessment": answer["id"], "seen": told["seen"], "second": self.second}
        body |= {"amount": round(amount * WAN), "term_months": 12, "visits": [self.today.isoformat()]}
        body["not_brought"] = [{"what": one["what"], "reason": "放款前补齐原件"} for one in told["wanted"]]
        return self.post("loan-files", more.pop("by", self.lead), body | more)

    def review(self, file: str, /, **more: Any) -> Response:
        """The reviewer agrees and answers everything."""
        answers = [one | {"answer": "由实控人提供连带责任保证"} for one in self.file(file)["to_answer"]]
        body: Body = {"outcome": "agreed", "opinion": "同意上报", "answers": answers}
        return self.seen_act(file, "review", more.pop("by", self.reviewer), **body | more)

    def approve(self, file: str, by: str, amount: float = 300, /, **more: Any) -> Response:
        """A person approves; the amount in ten thousand yuan."""
        body: Body = {"outcome": "approved", "amount": round(amount * WAN), "term_months": 12}
        return self.seen_act(file, "approval", by, **body | more)

    def vote(self, file: str, votes: str = "aaaaa", /, **more: Any) -> list[Response]:
        """The members vote: a agree, c with conditions, r reconsider, x reject, o abstain."""
        words = {"a": "agree", "c": "agree_with_conditions", "r": "reconsider", "x": "reject", "o": "abstain"}
        why: Body = {} if "reason" in more else {"reason": "第一还款来源不足"}
        return [
            self.seen_act(
                file, "votes", member, meeting="2026-31", vote=words[vote], **(why if vote in "crx" else {}), **more
            )
            for member, vote in zip(self.members, votes, strict=False)
        ]

    def minutes(self, file: str, amount: float = 300, /, **more: Any) -> Response:
        """The secretary closes the vote of all five members."""
        body: Body = {"meeting": "2026-31", "held_on": self.today.isoformat(), "chair": self.chair}
        body |= {"present": self.members, "amount": round(amount * WAN), "term_months": 12}
        return self.seen_act(file, "minutes", more.pop("by", self.secretary), **body | more)

    def release(self, file: str, amount: float = 300, /, **more: Any) -> Response:
        """The drawdown desk releases an amount on a pledge registered for it."""
        day = self.today.isoformat()
        told = self.file(file)
        standing = [{"item": one, "done_on": day, "document": "卷宗第 7 页"} for one in told["standing"]]
        pledge = {"registration": REGISTRATION, "registered_on": day, "amount": told["amount"]}
        body: Body = {"amount": round(amount * WAN), "contract": "HT-1", "standing": standing, "pledges": [pledge]}
        return self.seen_act(file, "release", more.pop("by", self.desk), **body | more)

    def pay(self, file: str, amount: float = 300, /, **more: Any) -> Response:
        """The money is paid out for a year."""
        due = self.today.replace(year=self.today.year + 1)
        body: Body = {"drawn_on": self.today.isoformat(), "due_on": due.isoformat(), "loan": "JJ-1"}
        return self.act(file, "drawdowns", more.pop("by", self.lead), **body | {"amount": round(amount * WAN)} | more)


def done(told: Response) -> Body:
    """What an act left, which was let through."""
    assert told.status_code == 201, told.text
    found: Body = told.json()
    return found


def refused(told: Response, code: str, status: int = 409) -> Body:
    """The facts of a refusal by its code, or by the code of one of its faults; it has a sentence."""
    body: Body = told.json()
    faults = {one["code"]: one for one in body.get("errors", [])}
    assert told.status_code == status, told.text
    assert code in {body.get("code"), *faults}, told.text
    assert body["detail"]
    facts: Body = faults[code]["facts"] if code in faults else body["facts"]
    return facts
