"""A crash or a full disk loses nothing that was acknowledged, and the service answers again by itself."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from service.edge.settings import Settings
from service.ledger.opening import open_database
from service.web.app import create_app
from tests.service.conftest import NOON
from tests.service.crashing import Service, crash, lost
from tests.service.made import applicant
from tests.service.postgres import Server

TIMES = 1
"""Crashes of each kind; `make prove ONLY=database` makes twenty."""


@contextmanager
def durable() -> Iterator[tuple[Server, str]]:
    """A PostgreSQL that syncs, and its ledger's address."""
    server = Server(durable=True)
    try:
        yield server, server.ledger("ledger")
    finally:
        server.close()


def test_a_killed_service_loses_no_acknowledged_answer(tmp_path: Path, bundle: Path) -> None:
    """Whatever was answered is in the ledger once, whole, and the chain verifies."""
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    service = Service(database, bundle)
    try:
        load = crash(service, service.kill, service.start, TIMES)
    finally:
        service.kill()
    assert load.acknowledged
    assert lost(database, load.acknowledged) == []


def test_a_killed_postgresql_loses_no_acknowledged_answer_and_the_service_lives_on(bundle: Path) -> None:
    """The service is not restarted: it says 503 while the database is away, and answers when it is back."""
    with durable() as (server, database):
        service = Service(database, bundle)
        try:
            load = crash(service, server.kill, server.start, TIMES)
        finally:
            service.kill()
        assert set(load.refused) <= {503}
        assert lost(database, load.acknowledged) == []


def ask_until_full(settings: Settings) -> tuple[list[str], int, list[int]]:
    """Ask until it is refused: the ids that were acknowledged, the status then, and what reading says afterwards."""
    acknowledged: list[str] = []
    with TestClient(create_app(settings, lambda: NOON), raise_server_exceptions=False) as client:
        for seed in range(400):
            told = client.post("/v1/assessments", json=applicant(seed, patents=40))
            if told.status_code != 201:
                break
            acknowledged.append(told.json()["id"])
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["disk"]) == (503, "full")
        statuses = [client.get(f"/v1/assessments/{one}").status_code for one in (acknowledged[0], acknowledged[-1])]
    return acknowledged, told.status_code, statuses


def test_a_full_sqlite_is_told_as_such(tmp_path: Path, bundle: Path) -> None:
    """507 where no page is left; what was acknowledged is there and is read."""
    database = f"sqlite:///{tmp_path / 'ledger.db'}"
    open_database(database).dispose()
    settings = Settings(database=f"{database}", bundles=(bundle,), sign_in="none")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.edge.database.PRAGMAS", (*_pragmas(), "max_page_count=400"))
        acknowledged, status, read = ask_until_full(settings)
    assert (status, read) == (507, [200, 200])
    assert lost(database, acknowledged) == []


def _pragmas() -> tuple[str, ...]:
    from service.edge import database

    return database.PRAGMAS


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted by root alone")
def test_a_full_postgresql_is_told_as_such(tmp_path: Path, bundle: Path) -> None:
    """507 where the ledger's tablespace is full; what was acknowledged is there and is read."""
    with durable() as (server, database):
        small = server.folder / "small"
        small.mkdir()
        options = f"size=1m,uid={server.folder.stat().st_uid},mode=700"
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", small], check=False)
        if mounted.returncode:
            pytest.skip("this machine lets nobody mount a small file system")
        try:
            server.execute("ledger", f"CREATE TABLESPACE small LOCATION '{small}'")
            server.execute("ledger", "ALTER TABLE ledger_entries SET TABLESPACE small")
            acknowledged, status, read = ask_until_full(Settings(database=database, bundles=(bundle,), sign_in="none"))
            assert (status, read) == (507, [200, 200])
            assert lost(database, acknowledged) == []
        finally:
            server.stop()
            subprocess.run(["umount", small], check=True)
