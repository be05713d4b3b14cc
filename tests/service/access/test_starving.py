"""A flood of strangers takes nothing from those who are known: neither their turn, nor a thread, nor the database."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import event

from service.access import passwords
from service.access.api_keys import ApiKey
from service.access.roles import Place
from service.application.state import AppState
from service.edge.errors import Busy
from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.hands import made_key

pytestmark = pytest.mark.sqlite_alone


@contextmanager
def flooded(tmp_path: Path, bundle: Path) -> Iterator[tuple[TestClient, AppState, str]]:
    """A service whose strangers have spent all that an address has, and a key that was never used."""
    settings = Settings(database=f"sqlite:///{tmp_path / 'ledger.db'}", bundles=(bundle,), per_stranger=0.01)
    app = create_app(settings, lambda: NOON)
    state: AppState = app.state.pledgescore
    key = made_key(state, ApiKey("lms", "credit_officer", NOON + timedelta(days=1), Place("bank-1", "b1")))
    with TestClient(app) as client:
        while client.get("/docs").status_code != 429:
            pass
        yield client, state, key


def shown(client: TestClient, key: str) -> int:
    """The status that a key gets."""
    return client.get("/v1/vocabulary", headers={"Authorization": f"Bearer {key}"}).status_code


def test_known_callers_and_probes_wait_for_no_stranger(tmp_path: Path, bundle: Path) -> None:
    """While an address gets 429, a valid key and probes from it are answered; wrong keys cost the database nothing."""
    asked: list[str] = []
    with flooded(tmp_path, bundle) as (client, state, key):
        event.listen(state.engine, "before_cursor_execute", lambda *told: asked.append(str(told[2])))
        assert {shown(client, f"psk_{number}") for number in range(100)} == {429}
        assert len([one for one in asked if "api_keys" in one]) < 20  # once a second, not once a key
        assert [shown(client, key) for _ in range(3)] == [200] * 3
        assert [client.get(path).status_code for path in ("/healthz", "/readyz") * 9] == [200] * 18
        state.keys.withdraw("lms", "test")
        assert [shown(client, key) for _ in range(2)] == [401, 429]  # it is found out once, and then a stranger's


def test_passwords_are_hashed_one_at_a_time_and_few_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when the line is full is told to come again; those in it are answered."""
    at_once, most, may = [], [0], threading.Event()

    class Slow:
        def hash(self, _password: str) -> str:
            at_once.append(1)
            most[0] = max(most[0], len(at_once))
            may.wait(20)
            at_once.pop()
            return "hash"

    monkeypatch.setattr(passwords, "_hasher", Slow())
    with ThreadPoolExecutor(passwords.IN_LINE) as people:
        waiting = [people.submit(passwords.kept, "word") for _ in range(passwords.IN_LINE)]
        while passwords._places._value:
            threading.Event().wait(0.005)
        with pytest.raises(Busy):
            passwords.kept("one too many")
        may.set()
        assert [one.result() for one in waiting] == ["hash"] * passwords.IN_LINE
    assert most == [1]
    assert passwords.kept("again") == "hash"
