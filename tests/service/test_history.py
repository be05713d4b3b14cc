"""What was live at any instant: models, policy, schemes and accounts, each as it was in force then."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from service.access.roles import Place
from service.edge.settings import Settings
from service.ledger.verification import verify
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN, Desks
from tests.service.conftest import NOON
from tests.service.made import make_bundle


@pytest.fixture
def desks(database: str, bundle: Path) -> Iterator[Desks]:
    """A service at noon, and the people at it."""
    settings = Settings(database=database, bundles=(bundle,), per_client=1e6, sessions=1000)
    with TestClient(create_app(settings, lambda: NOON), base_url=ORIGIN, raise_server_exceptions=False) as client:
        yield Desks(client)


def test_what_was_live_at_any_instant(desks: Desks, tmp_path: Path) -> None:
    """Model, alias with its approver, policy, scheme and accounts, each as it was in force then."""
    officer = desks.account("credit_officer", Place("bank-1", "b1"))
    auditor = desks.account("auditor", Place())
    validator = desks.account("validator", Place())
    first = desks.client.get("/v1/models", headers=desks.headers(auditor)).json()["items"][0]["bundle"]

    def live(at: datetime) -> dict[str, Any]:
        told = desks.client.get("/v1/history", params={"at": at.isoformat()}, headers=desks.headers(auditor)).json()
        return {f"{one['kind']} {one['subject']}": one["content"] for one in told["items"]}

    assert live(NOON - timedelta(seconds=1)) == {}
    assert live(NOON)["alias pledge"]["bundle"] == first
    assert live(NOON)[f"user user:{officer}"]["role"] == "credit_officer"
    made = make_bundle(tmp_path / "other", seed=2)
    signed = {"bundle": first, "outcome": "signed", "findings": ["small sample"], "expires_on": "2027-11-20"}
    assert desks.client.post("/v1/validations", json=signed, headers=desks.headers(validator)).status_code == 201
    assert desks.client.post("/v1/validations", json=signed, headers=desks.headers(auditor)).status_code == 403
    unsigned = signed | {"expires_on": None}
    assert desks.client.post("/v1/validations", json=unsigned, headers=desks.headers(validator)).status_code == 422
    later = NOON + timedelta(days=3)
    (tmp_path / "own").mkdir()
    text = (Path(__file__).parents[2] / "features" / "policy" / "funds.yaml").read_text(encoding="utf-8")
    (tmp_path / "own" / "funds.yaml").write_text(text.replace("{}}", "{f: [bank-1]}}"), encoding="utf-8")
    moved = Settings(**vars(desks.state.settings) | {"bundles": (tmp_path / "other",), "policy": tmp_path / "own"})
    with TestClient(create_app(moved, lambda: later), base_url=ORIGIN):
        pass
    with TestClient(create_app(moved, lambda: later + timedelta(days=1)), base_url=ORIGIN):
        pass  # nothing changed: nothing is entered
    before, after = live(later - timedelta(seconds=1)), live(later)
    assert before["alias pledge"]["bundle"] == first
    assert (after["alias pledge"]["bundle"], after["alias pledge"]["before"]) == (made.id, first)
    assert after[f"validation {first}"]["by"] == f"user:{validator}"
    assert after["policy policy"]["changed"] == ["funds.banks"]
    assert after["scheme funds.banks"]["values"] == {"2000-01-01": {"f": ["bank-1"]}}
    assert live(later + timedelta(days=9)) == after
    with desks.state.engine.connect() as connection:
        assert verify(connection).bad_seq is None


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2024-02-30T00:00:00Z"])
def test_a_moment_outside_of_the_calendar_is_refused(desks: Desks, at: str) -> None:
    """In whichever zone it is told, and also where its day is none."""
    auditor = desks.account("auditor", Place("bank-1"))
    told = desks.client.get("/v1/history", params={"at": at}, headers=desks.headers(auditor))
    assert (told.status_code, told.json()["errors"][0]["pointer"]) == (422, "/query/at")
