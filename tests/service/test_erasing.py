"""Erasing a firm: two persons, no hold; then nothing tells of it any more, and everything still verifies."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import md5
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Engine, delete, insert, inspect, text

from features.errors import fault
from features.policy import shipped
from service.access.roles import OPEN, UNBOUND, Caller, Place, Reach
from service.decisions.erasure import ErasureRecord, Person, ask, confirm, listed
from service.edge.errors import Forbidden, NoSuchErasure, OnHold, Refused, UnknownFirm
from service.edge.settings import Settings
from service.ledger.tables import ARCHIVED, ENTRIES
from service.ledger.verification import erasures, verify
from service.proofs.rebuild import differences
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.lent import act, drawn, withdrawal
from tests.service.made import applicant
from tests.service.postgres import as_owner

FIRM = "row:7"
LATER = NOON + timedelta(days=366 * 11)
"""When no retention period runs any more."""


@pytest.fixture
def client(settings: Settings) -> Iterator[TestClient]:
    """A service that recorded two answers about the firm, one about another, a refusal, and what would change one."""
    with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
        client.post("/v1/assessments", content=question(), headers={"Idempotency-Key": "k1"})
        client.post("/v1/assessments", content=json.dumps(applicant(8, patents=3)))
        answer = client.post("/v1/assessments", content=question()).json()
        path = f"/v1/assessments/{answer['id']}"
        assert client.get(f"{path}/changes").status_code == 200
        assert withdrawal(client, answer["id"], "SECRET-REASON").status_code == 201
        yield client


def question(application: str = "a1") -> str:
    """A question with a word that stands nowhere else."""
    body = applicant(7, patents=3, case="SECRET-CASE", application=application)
    body["rows"]["applications"][0]["application"] = application
    return json.dumps(body, ensure_ascii=False)


def engine_of(client: TestClient) -> Engine:
    """The database of the service."""
    app: Any = client.app
    engine: Engine = app.state.pledgescore.engine
    return engine


def person(name: str, **changes: Any) -> Person:
    """Somebody who reaches everything, after every period is over."""
    return dataclasses.replace(Person(account(name), UNBOUND, LATER, LATER.date()), **changes)


def account(name: str) -> str:
    """The id of somebody's account."""
    return md5(name.encode(), usedforsecurity=False).hexdigest()


def erase(client: TestClient) -> ErasureRecord:
    """Both persons want it."""
    engine, policy = engine_of(client), shipped()
    asked = ask(engine, FIRM, "retention_over", person("王芳"), policy)
    return confirm(engine, asked.id, person("李明"), policy)


def everything(engine: Engine) -> bytes:
    """Every value of every table."""
    with engine.connect() as connection:
        rows = [
            list(row)
            for table in inspect(connection).get_table_names()
            for row in connection.execute(text(f'SELECT * FROM "{table}"'))
        ]
    return b"\n".join(value if isinstance(value, bytes) else str(value).encode() for row in rows for value in row)


def test_nothing_tells_of_an_erased_firm_and_everything_verifies(client: TestClient) -> None:
    """Endpoints, lists, stored answers and tables: its content is gone, its entries stand, others are untouched."""
    listed = client.get("/v1/assessments").json()["items"]
    own = [item["id"] for item in listed if item["firm"] == FIRM]
    other = next(item["id"] for item in listed if item["firm"] != FIRM)
    told = [b"SECRET", b"row:7", "试验企业7".encode(), repr(listed[0]["probability"]).encode()]
    before = everything(engine_of(client))
    assert all(word in before for word in (b"SECRET-CASE", b"SECRET-REASON", b"row:7"))
    assert "试验企业".encode() not in before, "what an entry holds lies under a key, whosever it is"

    done = erase(client)
    assert (done.firm, done.entry) == (None, 7)
    assert (done.asked_by, done.confirmed_by) == (account("王芳"), account("李明"))
    after = everything(engine_of(client))
    assert not [word for word in told if word in after]
    for one in own:
        for path in ("", "/acts", "/changes", "/reasons?against=all"):
            gone = client.get(f"/v1/assessments/{one}{path}")
            assert gone.status_code == 410, path
            assert not [word for word in told if word in gone.content]
    for path in ("/v1/assessments", "/v1/assessments?format=csv", f"/v1/assessments?firm={FIRM}", "/metrics"):
        assert not [word for word in told if word in client.get(path).content], path
    assert client.get(f"/v1/assessments/{other}").status_code == 200
    again = client.post("/v1/assessments", content=question(), headers={"Idempotency-Key": "k1"})
    assert again.status_code == 409, "the key was used for an answer that nobody can repeat"
    with engine_of(client).connect() as connection:
        found = verify(connection)
    assert (found.verified, found.bad_seq) == (7, None)


def test_a_firm_that_comes_again_gets_another_key(client: TestClient) -> None:
    """What was erased stays so; a new question begins anew, and knows of no earlier one."""
    erase(client)
    answer = client.post("/v1/assessments", content=question())
    assert answer.status_code == 201
    assert answer.json()["record"]["of_firm"] == 1
    assert client.get(answer.headers["location"]).status_code == 200


def test_an_entry_cannot_be_hidden_by_taking_its_key(client: TestClient) -> None:
    """Content that cannot be read without an entry that says why is named as altered."""
    with as_owner(engine_of(client)) as owner, owner.begin() as connection:
        connection.execute(text("UPDATE firm_keys SET material = NULL WHERE firm = 'row:8'"))
    with engine_of(client).connect() as connection:
        assert verify(connection).bad_seq == 3


def test_one_person_alone_erases_nothing(client: TestClient) -> None:
    """Whoever asked cannot confirm, and who reaches nothing of the firm finds nothing."""
    engine, policy = engine_of(client), shipped()
    asked = ask(engine, FIRM, "person_asked", person("王芳"), policy)
    with pytest.raises(Forbidden, match="another person"):
        confirm(engine, asked.id, person("王芳"), policy)
    with pytest.raises(UnknownFirm):
        ask(engine, FIRM, "person_asked", person("王芳", reach=Reach(frozenset({"bank-9"}))), policy)
    assert b"SECRET-CASE" in everything(engine)


def test_a_bank_erases_its_own_and_learns_of_no_other(client: TestClient) -> None:
    """Another bank's loan holds nothing back and is not told; its answers, files and count stay when the key goes."""
    body = json.loads(question())
    answer = client.post("/v1/assessments", json=body | {"bank": "bank-2", "case": "THEIRS"}).json()
    drawn(client, answer["id"])
    engine, policy = engine_of(client), shipped()
    first, second = (person(name, reach=Reach(frozenset({"bank-1"}))) for name in ("王芳", "李明"))
    stranger = person("赵强", reach=Reach(frozenset({"bank-3"})))
    with pytest.raises(UnknownFirm) as nobody:
        ask(engine, FIRM, "retention_over", stranger, policy)
    with pytest.raises(UnknownFirm) as nowhere:
        ask(engine, "row:99", "retention_over", stranger, policy)
    assert str(nobody.value) == str(nowhere.value)
    asked = ask(engine, FIRM, "retention_over", dataclasses.replace(first, hand=at("bank-1")), policy)
    with engine.connect() as connection:
        assert [one.id for one in listed(connection, Reach(frozenset({"bank-1"})))] == [asked.id]
        assert listed(connection, Reach(frozenset({"bank-2"}))) == []
    with pytest.raises(NoSuchErasure):
        confirm(engine, asked.id, person("李明", reach=Reach(frozenset({"bank-2"}))), policy)
    assert confirm(engine, asked.id, second, policy).entry
    left = [one for one in client.get("/v1/assessments").json()["items"] if one["firm"] == FIRM]
    assert [one["id"] for one in left] == [answer["id"]]
    assert (
        client.get(f"/v1/loan-files/{answer['record']['loan_file']['id']}").json()["legal_name"] == "试验企业7有限公司"
    )
    kept = everything(engine)
    assert b"SECRET-CASE" not in kept
    again = {bank: client.post("/v1/assessments", json=body | {"bank": bank}).json() for bank in ("bank-1", "bank-2")}
    assert [again[bank]["record"]["of_firm"] for bank in sorted(again)] == [1, 2]
    with engine.connect() as connection:
        assert verify(connection).bad_seq is None
        assert list(differences(connection)) == []


def at(bank: str) -> Caller:
    """Somebody who is signed in at a bank, whom no account stands for here."""
    return dataclasses.replace(OPEN, place=Place(bank))


def test_a_hold_is_named(client: TestClient) -> None:
    """A drawdown without a closure holds for ever, a period until its day; both are said, and nothing is erased."""
    answer = client.post("/v1/assessments", content=question(application="a2")).json()
    file = drawn(client, answer["id"])
    with pytest.raises(OnHold) as refused:
        ask(engine_of(client), FIRM, "person_asked", person("王芳"), shipped())
    assert refused.value.faults == (fault("", "hold_drawdown_without_closure", assessment=answer["id"]),)
    asked = client.post("/v1/erasures", json={"firm": FIRM, "reason": "person_asked"})
    assert asked.status_code == 409
    assert {one["code"] for one in asked.json()["errors"]} == {"hold_drawdown_without_closure", "hold_retention"}
    closed = {"closed_on": "2026-11-20", "outcome": "repaid", "person": "王芳", "loss": 0}
    act(client, file, "closure", **closed)
    with pytest.raises(OnHold) as refused:
        ask(engine_of(client), FIRM, "person_asked", person("王芳", today=NOON.date()), shipped())
    assert fault("", "hold_retention", assessment=answer["id"], until="2036-11-20") in refused.value.faults
    with pytest.raises(Refused):
        confirm(engine_of(client), "no such request", person("李明"), shipped())


def test_what_was_archived_is_erased_too(tmp_path: Path, bundle: Path) -> None:
    """Entries that lie in a file of their month are named, and what they were found by here is emptied."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), sign_in="none")
    with TestClient(create_app(settings, lambda: NOON)) as client:
        told = client.post("/v1/assessments", content=question()).json()
        assert withdrawal(client, told["id"], "SECRET-REASON").status_code == 201
        with engine_of(client).begin() as connection:
            connection.execute(insert(ARCHIVED), {"last": 3, "seal": told["record"]["seal"], "at": "2026-12-01"})
            connection.execute(delete(ENTRIES).where(ENTRIES.c.seq <= 3))
        assert erase(client).entry == 4
        assert b"SECRET" not in everything(engine_of(client))
        with engine_of(client).connect() as connection:
            told = erasures(connection)
        assert [one.entries for one in told] == [[2, 3]]
