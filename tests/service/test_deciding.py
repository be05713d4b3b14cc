"""Decisions against the advice, drawdowns, their figures, and what was live, each by the person entitled to it."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient

from service.access.roles import Place
from service.edge.settings import Settings
from service.ledger.verification import verify
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN, Desks
from tests.service.conftest import NOON
from tests.service.made import make_bundle, offering

Body = dict[str, Any]
BRANCH = Place("bank-1", "b1")


class Bank(Desks):
    """One branch: an officer who asks, an approver, and a person of higher authority; and the clock."""

    def __init__(self, client: TestClient, now: list[datetime]) -> None:
        super().__init__(client)
        self.now = now
        self.officer = self.account("credit_officer", BRANCH)
        self.approver = self.account("approver", BRANCH, 1)
        self.chief = self.account("approver", Place("bank-1"), 2)

    def asked(self, by: str = "", **more: Any) -> Body:
        """An answer about an application that offers three patents."""
        body = offering(1, 8, 3, **more)
        del body["bank"]
        told = self.client.post("/v1/assessments", json=body, headers=self.headers(by or self.officer))
        assert told.status_code == 201, told.text
        answer: Body = told.json()
        return answer

    def dossier(self, answer: Body) -> Body:
        """What whoever decides has before them."""
        told = self.client.get(f"/v1/assessments/{answer['id']}/dossier", headers=self.headers(self.approver))
        assert told.status_code == 200, told.text
        seen: Body = told.json()
        return seen

    def step(self, answer: Body, name: str, by: str, body: Body) -> Any:
        """What a person's step gets."""
        return self.client.post(f"/v1/assessments/{answer['id']}/{name}", json=body, headers=self.headers(by))

    def approved(self, answer: Body, by: str = "", **more: Any) -> Any:
        """An approval within the advice, of what the dossier shows."""
        body: Body = {"outcome": "approve", "amount": 1_000_000, "term_months": 6}
        body["seen"] = self.dossier(answer)["digest"]
        return self.step(answer, "decision", by or self.approver, body | more)

    def drawn(self, answer: Body, **more: Any) -> Any:
        """A drawdown of the approved amount with every condition met."""
        today = self.now[0].date()
        conditions = [
            {"condition": one, "met_on": today.isoformat(), "proof": "file 7"}
            for one in self.dossier(answer)["conditions"]
        ]
        body = {
            "drawn_on": today.isoformat(),
            "amount": 1_000_000,
            "due_on": (today + timedelta(days=90)).isoformat(),
            "by": "王芳",
            "registration": "Y2026980012345",
            "registered_on": today.isoformat(),
            "conditions_met": True,
            "conditions": conditions,
        }
        return self.step(answer, "drawdown", self.officer, body | more)


@pytest.fixture
def bank(database: str, bundle: Path) -> Iterator[Bank]:
    """The branch at noon."""
    now = [NOON]
    settings = Settings(database=database, bundles=(bundle,), per_client=1e6)
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield Bank(client, now)


BETTER = {
    "amount": 50_000_000_000,
    "reason": "joint guarantee",
    "reason_code": "further_security",
    "expires_on": "2026-12-20",
}


def test_better_than_advised_is_a_matter_of_higher_authority(bank: Bank) -> None:
    """More than the limit needs reason, code, end, and higher authority; the entry says in what it is better."""
    answer = bank.asked()
    bare = bank.approved(answer, bank.chief, amount=BETTER["amount"])
    assert bare.status_code == 422
    assert {fault["pointer"] for fault in bare.json()["errors"]} == {"/reason", "/reason_code", "/expires_on"}
    low = bank.approved(answer, **BETTER)
    assert (low.status_code, low.json()["facts"]["needs"], low.json()["facts"]["better_in"]) == (403, 2, ["amount"])
    late = bank.approved(answer, bank.chief, **BETTER | {"expires_on": "2027-12-20"})
    assert late.json()["errors"][0]["pointer"] == "/expires_on"
    done = bank.approved(answer, bank.chief, **BETTER)
    assert done.status_code == 201, done.text
    assert (done.json()["stands"], done.json()["better_in"], done.json()["decider"]) == (
        "better",
        ["amount"],
        bank.chief,
    )


def test_nobody_decides_on_what_they_asked(bank: Bank) -> None:
    """Whoever asked is refused though their role may decide by now; a key never decides."""
    answer = bank.asked()
    from service.access.accounts import Account

    bank.state.accounts.change(Account(bank.officer, "x", "approver", BRANCH, 9), "test", NOON)
    own = bank.approved(answer, bank.officer)
    assert (own.status_code, own.json()["type"].rpartition(":")[2]) == (409, "own-question")
    assert bank.approved(answer).status_code == 201


def test_a_decision_rests_on_what_was_seen(bank: Bank) -> None:
    """Without the digest it is refused; so it is when another act or a later question about the firm came between."""
    answer = bank.asked()
    assert bank.approved(answer, seen=None).status_code == 422
    seen = bank.dossier(answer)["digest"]
    bank.asked()
    stale = bank.approved(answer, seen=seen)
    assert (stale.status_code, stale.json()["type"].rpartition(":")[2]) == (409, "seen-changed")
    fresh = bank.dossier(answer)
    assert len(fresh["later"]) == 1
    done = bank.approved(answer, seen=fresh["digest"])
    assert done.json()["seen"] == fresh["digest"]


def test_money_leaves_after_another_look(bank: Bank) -> None:
    """Registration, term, sum, conditions and fresh facts: each is looked at, and the reason for a refusal is named."""
    answer = bank.asked()
    assert bank.drawn(answer).status_code == 409
    assert bank.approved(answer, conditions=["guarantee signed"]).status_code == 201
    own = {"condition": "guarantee signed", "met_on": "2026-11-20", "proof": "file 8"}
    open_ = bank.drawn(answer)
    assert (open_.status_code, open_.json()["facts"]["open"]) == (409, ["guarantee signed"])
    advised = bank.drawn(answer, conditions=[own])
    assert set(advised.json()["facts"]["open"]) == set(bank.dossier(answer)["conditions"])
    met = [own] + [own | {"condition": one} for one in bank.dossier(answer)["conditions"]]
    for change, status in (
        ({"registration": None}, 422),
        ({"registered_on": "2026-11-21"}, 422),
        ({"drawn_on": "2026-11-21"}, 422),
        ({"due_on": "2027-05-21"}, 422),
        ({"amount": 1_000_001}, 409),
        ({"conditions_met": False}, 409),
    ):
        refused = bank.drawn(answer, conditions=met, **change)
        assert refused.status_code == status, (change, refused.text)
    assert bank.drawn(answer, conditions=met, amount=600_000).status_code == 201
    bank.now[0] += timedelta(days=8)
    stale = bank.drawn(answer, conditions=met, amount=400_000)
    assert stale.status_code == 409
    assert (stale.json()["code"], "重新测算" in stale.json()["detail"]) == ("facts_stale", True)
    bank.asked(as_of=bank.now[0].date())
    later = [own | {"condition": one} for one in bank.dossier(answer)["conditions"]]
    again = bank.drawn(answer, conditions=[*met, *later], amount=400_000)
    assert again.status_code == 201, again.text


def test_worse_is_free_with_a_reason_and_waiving_is_better(bank: Bank) -> None:
    """How a decision stands to the advice, for each advice and outcome."""
    from service.decisions.decision import standing
    from service.decisions.dossier import AdvisedAnswer
    from service.decisions.requests import Decision, Waived

    def stands(advice: str, outcome: str, **more: Any) -> str:
        recommendation = {"advice": advice, "conditions": [{"rule": "fee_arrears"}]}
        answer = {"id": "a", "as_of": "2026-11-20", "expires_on": "2026-12-20", "recommendation": recommendation}
        answer |= {"limit": {"amount": 100}, "term": {"months": 12}}
        advised = msgspec.convert(answer, AdvisedAnswer)
        return standing(Decision(outcome=outcome, **more), advised).word  # type: ignore[arg-type]

    within = {"amount": 100, "term_months": 12}
    assert stands("recommend", "approve", **within) == "as_advised"
    assert stands("refer", "approve", **within) == "referred"
    assert stands("advise_against", "approve", **within) == "better"
    assert stands("recommend", "approve", amount=101, term_months=12) == "better"
    assert stands("recommend", "approve", amount=100, term_months=13) == "better"
    waived = [Waived(rule="fee_arrears", reason="paid by us")]
    assert stands("recommend", "approve", **within, waived=waived) == "better"
    assert stands("recommend", "decline") == stands("recommend", "defer") == "worse"
    assert stands("advise_against", "decline") == "as_advised"
    assert stands("recommend", "withdraw") == "withdrawn"


def test_figures_of_overrides_are_of_those_within_reach(bank: Bank) -> None:
    """Counts by what, why and whom, waived conditions by rule, what became of the loans; another bank sees nothing."""
    answer = bank.asked()
    waived = [{"rule": bank.dossier(answer)["conditions"][0], "reason": "extract of last week"}]
    assert bank.approved(answer, bank.chief, **BETTER, waived=waived).status_code == 201
    assert bank.drawn(answer).status_code == 201
    told = bank.client.get("/v1/overrides", headers=bank.headers(bank.approver)).json()
    assert told["stands"]["better"] == told["decisions"] == 1
    assert told["by_reason"] == {"further_security": 1}
    assert told["waived"] == {waived[0]["rule"]: 1}
    assert told["became"]["better"] == {"drawn": 1, "closed": 0, "bad": 0, "loss": 0}
    stranger = bank.account("approver", Place("bank-2"))
    assert bank.client.get("/v1/overrides", headers=bank.headers(stranger)).json()["decisions"] == 0


def test_what_was_live_at_any_instant(bank: Bank, tmp_path: Path, bundle: Path) -> None:
    """Model, alias with its approver, policy, scheme and accounts, each as it was in force then."""
    auditor = bank.account("auditor", Place())
    validator = bank.account("validator", Place())
    first = bank.client.get("/v1/models", headers=bank.headers(auditor)).json()["items"][0]["bundle"]

    def live(at: datetime) -> dict[str, Any]:
        told = bank.client.get("/v1/history", params={"at": at.isoformat()}, headers=bank.headers(auditor)).json()
        return {f"{one['kind']} {one['subject']}": one["content"] for one in told["items"]}

    assert live(NOON - timedelta(seconds=1)) == {}
    assert live(NOON)["alias pledge"]["bundle"] == first
    assert live(NOON)[f"user user:{bank.officer}"]["role"] == "credit_officer"
    made = make_bundle(tmp_path / "other", seed=2)
    signed = {"bundle": made.id, "outcome": "signed", "findings": ["small sample"], "expires_on": "2027-11-20"}
    assert bank.client.post("/v1/validations", json=signed, headers=bank.headers(validator)).status_code == 201
    assert bank.client.post("/v1/validations", json=signed, headers=bank.headers(auditor)).status_code == 403
    unsigned = signed | {"expires_on": None}
    assert bank.client.post("/v1/validations", json=unsigned, headers=bank.headers(validator)).status_code == 422
    later = NOON + timedelta(days=3)
    (tmp_path / "own").mkdir()
    text = (Path(__file__).parents[2] / "features" / "policy" / "funds.yaml").read_text(encoding="utf-8")
    (tmp_path / "own" / "funds.yaml").write_text(text.replace("{}}", "{f: [bank-1]}}"), encoding="utf-8")
    moved = Settings(**vars(bank.state.settings) | {"bundles": (tmp_path / "other",), "policy": tmp_path / "own"})
    with TestClient(create_app(moved, lambda: later), base_url=ORIGIN):
        pass
    with TestClient(create_app(moved, lambda: later + timedelta(days=1)), base_url=ORIGIN):
        pass  # nothing changed: nothing is entered
    before, after = live(later - timedelta(seconds=1)), live(later)
    assert before["alias pledge"]["bundle"] == first
    assert (after["alias pledge"]["bundle"], after["alias pledge"]["before"]) == (made.id, first)
    assert after["alias pledge"]["approver"]["by"] == f"user:{validator}"
    assert after["policy policy"]["changed"] == ["funds.banks"]
    assert after["scheme funds.banks"]["values"] == {"2000-01-01": {"f": ["bank-1"]}}
    assert live(later + timedelta(days=9)) == after
    with bank.state.engine.connect() as connection:
        assert verify(connection).bad_seq is None
