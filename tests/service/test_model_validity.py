"""A validator's word ends a model's service: for the banks that are spoken for, in the turn in which it is entered."""

import threading
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import select

from service.access.roles import Place
from service.assessing.model_validity import Word, objection, stopped
from service.edge.settings import Settings
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN, Desks
from tests.service.conftest import NOON
from tests.service.made import applicant

LAST = "2026-11-20"
"""The day that it is, in China."""
MIDNIGHT = datetime.fromisoformat("2026-11-21T00:00:00+08:00")


class Bank(Desks):
    """People of two banks at a service whose clock a test sets, and the model that serves from a folder."""

    def __init__(self, client: TestClient, now: list[datetime]) -> None:
        super().__init__(client)
        self.now = now
        self.officers = [self.account("credit_officer", Place(bank, "b1")) for bank in ("bank-1", "bank-2")]
        self.validators = [self.account("validator", Place(bank)) for bank in ("bank-1", "bank-2", None)]
        self.bundle = self.state.model_store.of("pledge").id

    def says(self, who: str, **more: Any) -> tuple[int, Any]:
        """Status and body of what a validator is answered."""
        told = {"bundle": self.bundle, "outcome": "refused", "findings": ["not stable"]} | more
        answer = self.client.post("/v1/validations?words=none", json=told, headers=self.headers(who))
        return answer.status_code, answer.json()

    def signs(self, who: str, until: str = LAST) -> None:
        """A validator signs. What ends today cannot be signed today: it was signed the day before."""
        now, self.now[0] = self.now[0], self.now[0] - timedelta(days=1)
        assert self.says(who, outcome="signed", expires_on=until)[0] == 201
        self.now[0] = now

    def asked(self, officer: int, seed: int = 1) -> tuple[int, str]:
        """Status and code of an assessment."""
        body = applicant(seed, patents=2)
        del body["bank"]
        told = self.client.post("/v1/assessments", json=body, headers=self.headers(self.officers[officer]))
        return told.status_code, told.json().get("code", "")

    def ready(self) -> tuple[int, Any]:
        """Whether it can answer, and what is said of validations."""
        told = self.client.get("/readyz?words=none")
        return told.status_code, told.json()["validation"]


@pytest.fixture
def bank(database: str, bundle: Path) -> Iterator[Bank]:
    """The service at noon, on either database."""
    now = [NOON]
    settings = Settings(database=database, bundles=(bundle,), per_client=1e6, sessions=1000)
    with TestClient(create_app(settings, lambda: now[0]), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield Bank(client, now)


def test_a_refusal_ends_service_for_the_banks_that_it_speaks_for(bank: Bank) -> None:
    """A model from a folder: a bank's validator stops it there alone, whoever speaks for all stops it everywhere."""
    one, _, every = bank.validators
    assert bank.ready() == (200, "right")
    assert bank.says(one)[0] == 201
    assert [bank.asked(0), bank.asked(1)[0]] == [(503, "model_refused"), 201]
    status, told = bank.ready()
    assert status == 200
    assert told == [{"kind": "pledge", "bundle": bank.bundle, "everywhere": False, "why": [{"code": "model_refused"}]}]
    assert bank.says(every)[0] == 201
    assert [bank.asked(0)[1], bank.asked(1)[1]] == ["model_refused"] * 2
    assert bank.ready()[0] == 503
    for who, seen in ((one, ["bank-1", None]), (bank.validators[1], [None]), (every, ["bank-1", None])):
        listed = bank.client.get("/v1/validations", headers=bank.headers(who)).json()["items"]
        assert [each["content"].get("bank") for each in listed] == seen, "a bank's own words are read by no other bank"
    shown = bank.client.get("/v1/models", headers=bank.headers(bank.validators[1])).json()["items"]
    assert shown[0]["validation"]["by"] == every
    bank.signs(every, "2027-11-20")
    assert [bank.asked(0)[1], bank.asked(1)[0]] == ["model_refused", 201]  # the bank's own word stands
    bank.signs(one, "2027-11-20")
    assert bank.asked(0)[0] == 201
    assert bank.ready() == (200, "right")


def test_service_ends_with_the_signature(bank: Bank) -> None:
    """Through its last day a signed model answers; from midnight on nothing does, until it is signed anew."""
    bank.signs(bank.validators[2])
    answered = bank.client.post(
        "/v1/assessments?include=all",
        json=applicant(1, patents=2) | {"bank": "bank-1"},
        headers=bank.headers(bank.officers[0]),
    ).json()
    bank.now[0] = MIDNIGHT - timedelta(seconds=1)
    assert bank.asked(0, 2)[0] == 201
    bank.now[0] = MIDNIGHT
    assert bank.asked(0, 3) == (503, "model_validation_over")
    status, told = bank.ready()
    assert status == 503
    assert [(each["bundle"], each["why"][0]["code"]) for each in told] == [(bank.bundle, "model_validation_over")]
    path, headers = f"/v1/assessments/{answered['id']}", bank.headers(bank.officers[0])
    tried = {"rows": {"applications": [{"amount": "1万元"}]}}
    for refused in (
        bank.client.get(f"{path}/changes", headers=headers),
        bank.client.post(f"{path}/trials", json=tried, headers=headers),
    ):
        assert (refused.status_code, refused.json()["code"]) == (503, "model_validation_over")
    assert bank.client.get(path, headers=headers).status_code == 200  # what was answered stands
    assert bank.says(bank.validators[2], outcome="signed", expires_on="2027-11-20")[0] == 201
    assert bank.asked(0, 3)[0] == 201


def test_no_answer_stands_behind_the_refusal(bank: Bank) -> None:
    """Four ask without pause while the model is refused: no entry of an answer lies behind that of the refusal."""
    stop, statuses = threading.Event(), set[int]()

    def keep_asking(number: int) -> None:
        seed = number
        while not stop.is_set():
            seed += 4
            statuses.add(bank.asked(number % 2, seed)[0])

    askers = [threading.Thread(target=keep_asking, args=(number,)) for number in range(4)]
    for asker in askers:
        asker.start()
    while 201 not in statuses:
        threading.Event().wait(0.01)
    status, told = bank.says(bank.validators[2])
    assert status == 201
    while 503 not in statuses:
        threading.Event().wait(0.01)
    stop.set()
    for asker in askers:
        asker.join()
    refusal = told["items"][0]["record"]["entry"]
    with bank.state.engine.connect() as connection:
        wanted = select(ENTRIES.c.seq).where(ENTRIES.c.kind == Kind.ASSESSMENT.value).order_by(ENTRIES.c.seq.desc())
        assert connection.execute(wanted).scalars().first() < refusal


WRONG: tuple[tuple[dict[str, Any], str, str], ...] = (
    ({"bundle": "ab" * 32}, "/bundle", "no_such_model"),
    ({"outcome": "signed", "expires_on": LAST}, "/expires_on", "not_ahead"),
    ({"outcome": "signed", "expires_on": "2028-11-21"}, "/expires_on", "signature_too_long"),
    ({"outcome": "signed"}, "/expires_on", "signature_day_missing"),
    ({"findings": []}, "/findings", "findings_missing"),
)


def test_what_cannot_be_a_validation(bank: Bank) -> None:
    """A bundle that nobody registered, an end that lies behind or beyond what policy allows, a refusal without why."""
    for told, pointer, code in WRONG:
        status, problem = bank.says(bank.validators[0], **told)
        assert (status, [(one["pointer"], one["code"]) for one in problem["errors"]]) == (422, [(pointer, code)])


_DAYS = some.dates(date(2026, 11, 18), date(2026, 11, 23))
_BANKS = some.sampled_from([None, "a", "b"])
_WORD = some.builds(
    Word, outcome=some.sampled_from(["signed", "refused"]), by=some.just("v"), expires_on=_DAYS, bank=_BANKS
)


@given(some.lists(_WORD, max_size=3, unique_by=lambda one: one.bank), _BANKS, _DAYS, some.booleans())
def test_a_word_counts_for_whom_it_speaks(words: list[Word], bank: str | None, today: date, strict: bool) -> None:
    """A model answers for a bank where nobody who speaks for it refused it, and a signature holds or none is there."""
    own = [one for one in words if one.bank is None or one.bank == bank]
    signed = [one for one in own if one.outcome == "signed"]
    holds = any(one.expires_on is not None and one.expires_on >= today for one in signed)
    answers = len(signed) == len(own) and (holds or not (signed or strict))
    assert (objection(words, bank, today, signed_only=strict) is None) == answers
    some_bank = any(objection(words, one, today, signed_only=strict) is None for one in (None, "a", "b"))
    if stopped(words, today, signed_only=strict):
        assert not some_bank
