"""A bank whose decisions are held to account: keys, a fund that countersigns, an auditor, loans in several states."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from fastapi.testclient import TestClient
from msgspec import convert

from service.access.roles import Place
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.canonical import time_text
from service.ledger.checkpoints import FundReceipt, digest
from service.ledger.signing_keys import PUBLIC, Signer, load_signer, make_key
from service.offline.verify import RECEIPT
from service.web.app import create_app
from tests.models.underwriting.base_firm import DAY
from tests.models.underwriting.whole_case import whole
from tests.service.access.conftest import FUNDS, ORIGIN
from tests.service.conftest import NOON
from tests.service.loan_files import cases
from tests.service.loan_files.people import Body, People, done
from tests.service.loan_files.test_authority import BETTER, passed, waiving

DECIDED = ("drawn", "declined", "better", "signed_by_two", "returned")
"""The firms about which something was decided, in the order in which it was."""


@dataclass
class DecidedBank:
    """The people of bank-1, and whoever holds them to account; `answers`: what was decided on, by firm."""

    people: People
    place: Path
    auditor: str
    manager: str
    stranger: str
    other_manager: str
    answers: dict[str, Body] = field(default_factory=dict)

    @property
    def fund(self) -> Signer:
        """The fund's key."""
        return load_signer(self.place / "fund")

    def countersign(self, signer: Signer | None = None) -> None:
        """The bank signs a checkpoint, and the fund (or whoever is named) countersigns it."""
        signing = self.people.state.checkpoint_signer
        signed = signing.sign()
        told = {name: signed["checkpoint"][name] for name in ("ledger", "size", "root")}
        told |= {"form": RECEIPT, "checkpoint": digest(signed), "at": time_text(self.people.now[0])}
        signing.take(convert((signer or self.fund).signed("receipt", told), FundReceipt))

    def get(self, path: str, who: str, status: int = 200, **query: Any) -> Body:
        """What a person reads."""
        told = self.people.client.get(f"/v1/{path}", params=query, headers=self.people.as_(who))
        assert told.status_code == status, told.text
        found: Body = told.json()
        return found


@contextmanager
def decided_bank(place: Path, bundle: Path, database: str, **settings: Any) -> Iterator[DecidedBank]:
    """The bank at noon, after its decisions: one a minute; nothing is countersigned yet."""
    (place / "policy").mkdir()
    (place / "policy" / "funds.yaml").write_text(FUNDS, encoding="utf-8")
    for name in ("keys", "fund"):
        make_key(place / name)
    wrapping.make(place / "keys")
    given: dict[str, Any] = {
        "database": database, "bundles": (bundle,), "policy": place / "policy", "keys": place / "keys",
        "fund_keys": (place / "fund" / PUBLIC,), "per_client": 1e6, "sessions": 1000, "per_stranger": 1e6,
    }  # fmt: skip
    told = Settings(**given | settings)
    now = [NOON]
    with TestClient(create_app(told, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        people = People(client, now)
        bank = DecidedBank(
            people,
            place,
            people.account("auditor", Place("bank-1"), name="auditor-1"),
            people.account("fund_manager", Place(fund="fund-1"), name="manager-1"),
            people.account("auditor", Place("bank-2"), name="auditor-2"),
            people.account("fund_manager", Place(fund="fund-2"), name="manager-2"),
        )
        _decide(bank)
        yield bank


def _decide(bank: DecidedBank) -> None:
    people = bank.people
    given = {
        "drawn": whole(), "declined": cases.special_mention(), "better": cases.non_performing(),
        "signed_by_two": whole(), "returned": whole(), "undecided": whole(),
    }  # fmt: skip
    bank.answers = {name: people.assess(rows, firm=f"row:{name}") for name, rows in given.items()}
    file = {name: answer["record"]["loan_file"]["id"] for name, answer in bank.answers.items()}

    def submitted(name: str, amount: float = 200, **more: Any) -> str:
        people.now[0] += timedelta(minutes=1)
        people.sign_in_again()
        done(people.submit(bank.answers[name], amount, **more))
        done(people.review(file[name], outcome="agreed_with_conditions", conditions=[{"text": "追加存单质押"}]))
        return file[name]

    done(people.approve(submitted("drawn"), people.first, 200))
    for one in people.file(file["drawn"])["conditions"]:
        path, proof = f"conditions/{one['n']}", {"proof": "存单 1 号"}
        done(people.act(file["drawn"], f"{path}/done", people.lead, happened_on=DAY.isoformat(), **proof))
        done(people.act(file["drawn"], f"{path}/confirmation", people.second, **proof))
    done(people.release(file["drawn"], 200))
    done(people.pay(file["drawn"], 200))
    declined = submitted("declined")
    reason = {"reason_code": "risk_too_high", "reason": "现金流不足"}
    done(people.seen_act(declined, "approval", people.first, outcome="declined", **reason))
    why = {"reason_code": BETTER["reason_code"]}
    better = submitted("better", 100, **waiving("bureau_non_performing"), **why)
    passed(people, better, 100, **waiving("bureau_non_performing"))
    done(people.approve(better, people.head, 100, **waiving("bureau_non_performing"), **BETTER))
    both = submitted("signed_by_two", 300)
    for one in people.branch:
        done(people.approve(both, one, 300))
    done(people.approve(submitted("returned"), people.first, 200))
    told = {"reason_code": "papers_missing", "reason": "缺购销合同", "wanted": ["购销合同"]}
    done(people.act(file["returned"], "return", people.desk, **told))
