"""A service that cannot keep up: health answers meanwhile, and who has to wait too long is told when to come back."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic, sleep

import pytest
from fastapi.testclient import TestClient

from service.application.state import AppState
from service.assessing.stages import Gathered, Question
from service.assessing.story import Assessor
from service.edge.errors import Refused
from service.edge.settings import Settings
from service.web.app import create_app
from service.web.problems import PROBLEM
from tests.service.conftest import NOON
from tests.service.made import applicant

WAITING = 2


def held_up(state: AppState) -> tuple[threading.Event, threading.Event]:
    """The state's answers wait: set when the first was taken up, and to be set when they may go on."""
    taken, may, assessor = threading.Event(), threading.Event(), state.assessor

    class HeldUp(Assessor):
        def gather(self, questions: Sequence[Question]) -> list[Gathered | Refused]:
            taken.set()
            may.wait(30)
            return super().gather(questions)

    state.batcher._answering = HeldUp(**vars(assessor))
    return taken, may


def test_health_and_refusals_answer_at_once_under_full_load(tmp_path: Path, bundle: Path) -> None:
    """While every answer waits, health is told, and one question too many gets 503 and when to ask again."""
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'ledger.db'}",
        bundles=(bundle,),
        sign_in="none",
        waiting=WAITING,
        together=1,
    )
    app = create_app(settings, lambda: NOON)
    state: AppState = app.state.pledgescore
    taken, may = held_up(state)
    with TestClient(app) as client, ThreadPoolExecutor(WAITING + 1) as askers:
        asked = [askers.submit(client.post, "/v1/assessments", json=applicant(0, 1))]
        assert taken.wait(20)
        asked += [askers.submit(client.post, "/v1/assessments", json=applicant(1 + n, 1)) for n in range(WAITING)]
        end = monotonic() + 20
        while state.batcher.waiting < WAITING and monotonic() < end:
            sleep(0.01)
        assert client.get("/healthz").json() == {"alive": True}
        refused = client.post("/v1/assessments", json=applicant(9, 1))
        assert refused.status_code == 503
        assert refused.headers["Retry-After"] == "1"
        may.set()
        assert [one.result().status_code for one in asked] == [201] * (WAITING + 1)


def test_who_gets_no_connection_is_told_to_ask_again(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the only connection is lent, asking and reading are 503 and say when to come back; then both answer."""
    monkeypatch.setattr("service.edge.database.POOL", {"pool_size": 1, "max_overflow": 0, "pool_timeout": 0.2})
    with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
        asked = client.post("/v1/assessments", json=applicant(0, 1))
        assert asked.status_code == 201
        state: AppState = client.app.state.pledgescore  # type: ignore[attr-defined]
        with state.engine.connect():
            refused = [
                client.post("/v1/assessments", json=applicant(1, 1)),
                client.get(asked.headers["location"]),
                client.get("/v1/assessments"),
            ]
            assert client.get("/readyz").json()["database"] == "away: busy"
        for one in refused:
            assert (one.status_code, one.headers["Retry-After"]) == (503, "1")
            assert one.headers["content-type"] == PROBLEM
            assert one.json()["type"] == "urn:pledgescore:problem:busy"
            assert one.json()["code"] in ("busy_connections", "busy_writers")
        assert client.post("/v1/assessments", json=applicant(1, 1)).status_code == 201
        assert client.get("/v1/assessments").json()["items"][0]["firm"] == "row:1"
