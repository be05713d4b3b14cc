"""A clock that was set back stops the ledger over HTTP, until two administrators let it go on."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import Connection, select

from service.edge.settings import Settings
from service.ledger.ledger_settings import settings_of, use
from service.ledger.monotonic import MonotonicGuard
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from service.web.app import create_app
from tests.service.access.conftest import ORIGIN, PLACES, Desks
from tests.service.conftest import NOON
from tests.service.made import applicant

ASKED = "/v1/ledger/resumptions"
WHY = {"reason": "the time server was wrong and is right again"}


class Bank(Desks):
    """The people at a service whose clock a test sets."""

    def __init__(self, client: TestClient, now: list[datetime]) -> None:
        super().__init__(client)
        self.now = now
        place = PLACES["own"]
        self.officer = self.account("credit_officer", place["branch"], name="wang")
        self.first, self.second = (self.account("administrator", place["all"], name=name) for name in ("li", "zhao"))

    def post(self, path: str, who: str, body: dict[str, str] | None = None) -> tuple[int, dict[str, object]]:
        """Status and body of what a person is answered, in English."""
        told = self.client.post(f"{path}?words=en", json=body, headers=self.headers(who))
        return told.status_code, told.json()

    def refusal(self) -> tuple[int, str]:
        """Status and code that an assessment is refused with."""
        body = applicant(1, patents=2)
        del body["bank"]
        told = self.client.post("/v1/assessments", json=body, headers=self.headers(self.officer))
        return told.status_code, told.json()["code"]

    def ready(self) -> tuple[int, object]:
        """Whether it can answer, and what is said of the clock."""
        told = self.client.get("/readyz?words=none")
        return told.status_code, told.json()["clock"]


@pytest.fixture
def bank(tmp_path: Path, bundle: Path) -> Iterator[Bank]:
    """A ledger whose times are those of a clock, as where the service is started by its command."""
    now = [NOON]
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), per_client=1e6, sessions=1000
    )
    app = create_app(settings, lambda: now[0])
    with TestClient(app, base_url=ORIGIN, raise_server_exceptions=False) as client:
        bank = Bank(client, now)
        engine = bank.state.engine
        use(engine, replace(settings_of(engine), simulated=False, guard=MonotonicGuard()))
        yield bank


def test_two_administrators_let_the_ledger_go_on(bank: Bank) -> None:
    """Set back by an hour nothing is entered; asked by one and confirmed by another it goes on, and no time falls."""
    bank.assessment(bank.officer)
    bank.now[0] = NOON - timedelta(hours=1)
    status, clock = bank.ready()
    assert status == 503
    assert "clock_behind" in str(clock)
    assert bank.refusal() == (503, "clock_behind")
    status, asked = bank.post(ASKED, bank.first, WHY)
    assert status == 201
    assert (asked["reason"], asked["confirmed_by"], asked["entry"]) == (WHY["reason"], None, None)
    path = f"{ASKED}/{asked['id']}/confirmation"
    status, done = bank.post(path, bank.second)
    assert status == 200
    assert done["asked_by"] == asked["asked_by"] != done["confirmed_by"]
    assert bank.post(path, bank.second) == (200, done)
    assert bank.ready() == (200, "right")
    bank.assessment(bank.officer)
    with bank.state.engine.connect() as connection:
        assert verify(connection).fault is None
        kinds = _kinds(connection)
    assert kinds[done["entry"]][1] == "resumed"
    times = [at for at, _ in kinds.values()]
    assert times == sorted(times)


def _kinds(connection: Connection) -> dict[object, tuple[str, str]]:
    rows = connection.execute(select(ENTRIES.c.seq, ENTRIES.c.at, ENTRIES.c.kind).order_by(ENTRIES.c.seq))
    return {seq: (at, kind) for seq, at, kind in rows}


def test_nobody_enters_or_resumes_alone(bank: Bank) -> None:
    """A stopped ledger refuses an assessment; whoever asked cannot confirm, and an officer can do neither."""
    bank.now[0] = NOON - timedelta(hours=1)
    _, asked = bank.post(ASKED, bank.first, WHY)
    path = f"{ASKED}/{asked['id']}/confirmation"
    status, problem = bank.post(path, bank.first)
    assert (status, problem["code"]) == (409, "resumed_by_another")
    assert bank.post(ASKED, bank.officer, WHY)[0] == 403
    assert bank.post(path, bank.officer)[0] == 403
    assert bank.ready()[0] == 503
    assert bank.refusal() == (503, "clock_behind")


def test_what_is_wrong_with_asking_is_said(bank: Bank) -> None:
    """A clock that is right needs no resumption, a reason is needed, and one that nobody asked for is not confirmed."""
    status, problem = bank.post(ASKED, bank.first, WHY)
    assert (status, problem["code"]) == (409, "clock_right")
    status, problem = bank.post(ASKED, bank.first, {})
    assert (status, problem["code"]) == (422, "invalid_request")
    status, problem = bank.post(f"{ASKED}/nobody/confirmation", bank.second)
    assert (status, problem["code"]) == (409, "no_such_resumption")
    assert problem["detail"] == "Nobody asked for a resumption nobody."
