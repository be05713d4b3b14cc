"""Two processes on one address: one ledger, one housekeeper, one set of figures, one limit for each client.

What hangs on the database is tried on PostgreSQL too where it stands: leases in `edge/test_leases.py`, limits in
`access/test_rate_limits.py`, entries of several processes in `test_load.py`.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import select

import pledgescore
from features.policy import shipped
from service.access.api_keys import ApiKey, ApiKeys
from service.access.proposals import Proposals
from service.access.roles import Place
from service.edge.clock import system_clock
from service.ledger.opening import open_database
from service.ledger.signing_keys import make_key
from service.ledger.tables import CHECKPOINTS, ENTRIES
from tests.service.conftest import NewLedger
from tests.service.made import applicant

pytestmark = pytest.mark.sqlite_alone
SECONDS = 300.0
PER_CLIENT = 100
LEASE = 3.0
ASKED = 60
LOG_SHOWN = 5_000
"""Bytes of the end of the log that are shown where the service did not end well."""


class Service:
    """The service as `pledgescore serve --workers 2` starts it, and a machine's key for it."""

    def __init__(self, folder: Path, database: str, bundle: Path) -> None:
        self.folder, self.database = folder, database
        make_key(folder / "keys")
        self.engine = open_database(database)
        keys = ApiKeys(self.engine, shipped())
        later = system_clock() + timedelta(days=1)
        self.bearer = {
            name: {
                "Authorization": "Bearer "
                + self._key(keys, ApiKey(name, role, later, Place("bank-1", branch), frozenset(scopes)))
            }
            for name, role, branch, scopes in (
                ("lms", "credit_officer", "b1", ("assess", "read", "prove")),
                ("monitor", "data_scientist", None, ("monitor",)),
                ("greedy", "credit_officer", "b1", ("assess", "read", "prove")),
            )
        }
        self.port = free_port()
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "pledgescore", "serve", "--workers", "2", "--port", str(self.port)],
                cwd=folder,
                env=os.environ | self._settings(bundle) | {"PYTHONPATH": str(Path(pledgescore.__file__).parent)},
                stderr=log,
            )

    def _key(self, keys: ApiKeys, key: ApiKey) -> str:
        kept, secret = keys.prepared(key, system_clock())
        Proposals(self.engine, shipped()).make_key(kept, "test", system_clock())
        return secret

    def _settings(self, bundle: Path) -> dict[str, str]:
        return {
            "PLEDGESCORE_DATABASE": self.database,
            "PLEDGESCORE_BUNDLE": str(bundle),
            "PLEDGESCORE_KEYS": str(self.folder / "keys"),
            "PLEDGESCORE_PER_CLIENT": str(PER_CLIENT),
            "PLEDGESCORE_PER_STRANGER": "1000",
            "PLEDGESCORE_LEASE_SECONDS": str(LEASE),
            "PLEDGESCORE_CHECKPOINT_SECONDS": "1",
        }

    def get(self, path: str, key: str = "monitor") -> httpx.Response:
        """An answer over a connection of its own: the kernel chooses the worker."""
        return httpx.get(f"http://127.0.0.1:{self.port}{path}", headers=self.bearer[key], timeout=SECONDS)

    def workers(self) -> dict[str, Any]:
        """What /readyz says of the processes."""
        told: dict[str, Any] = self.get("/readyz").json()["workers"]
        return told

    def ask(self, seed: int) -> httpx.Response:
        """An assessment; asked again where the worker that took it died."""
        while True:
            with suppress(httpx.TransportError):
                url = f"http://127.0.0.1:{self.port}/v1/assessments"
                body = applicant(seed, patents=1) | {"bank": "bank-1"}
                return httpx.post(url, json=body, headers=self.bearer["lms"], timeout=SECONDS)
            time.sleep(0.05)

    def lines(self) -> list[dict[str, Any]]:
        """What was logged."""
        return [json.loads(line) for line in (self.folder / "log").read_text().splitlines()]

    def process_of(self, worker: int) -> int:
        """The process id of a worker, as its server logged it last."""
        started = [line for line in self.lines() if line["worker"] == worker and "server process [" in line["message"]]
        return int(started[-1]["message"].split("[")[1].rstrip("]"))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def wait_for(true: Callable[[], bool], what: str) -> None:
    """Wait until it is true. Raises `AssertionError` where it never is."""
    until = time.monotonic() + SECONDS
    while True:
        with suppress(httpx.TransportError):
            if true():
                return
        assert time.monotonic() < until, what
        time.sleep(0.1)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, bundle: Path, new_ledger: NewLedger) -> Iterator[Service]:
    """Two workers over either database; told to stop, they end in good order."""
    running = Service(tmp_path_factory.mktemp("workers"), new_ledger(), bundle)
    try:
        wait_for(lambda: len(running.workers()["present"]) == 2, (running.folder / "log").read_text())
        yield running
        running.process.terminate()
        ended = running.process.wait(60)
        assert ended == 0, (running.folder / "log").read_text()[-LOG_SHOWN:]
        assert not [line for line in running.lines() if line["level"] == "ERROR"]
    finally:
        running.process.kill()
        running.engine.dispose()


def test_both_workers_answer_into_one_ledger(service: Service) -> None:
    """Every answer has an entry of its own, the numbers leave nothing out, and no time falls."""
    with ThreadPoolExecutor(8) as askers:
        answers = list(askers.map(service.ask, range(ASKED)))
    assert {answer.status_code for answer in answers} == {201}
    entries = {answer.json()["record"]["entry"] for answer in answers}
    assert len(entries) == ASKED
    with service.engine.connect() as connection:
        rows = connection.execute(select(ENTRIES.c.seq, ENTRIES.c.at).order_by(ENTRIES.c.seq)).all()
    assert [row.seq for row in rows] == list(range(1, len(rows) + 1))
    assert len({service.workers()["this"] for _ in range(60)}) == 2


def test_the_figures_are_those_of_all_workers(service: Service) -> None:
    """Whichever worker is asked: as many assessments as were recorded by both."""
    for seed in range(10):
        assert service.ask(100 + seed).status_code == 201
    with service.engine.connect() as connection:
        recorded = connection.execute(select(ENTRIES.c.seq).where(ENTRIES.c.kind == "assessment")).all()
    for _ in range(20):
        assert counted(service.get("/metrics").text, "pledgescore_assessments_total") == len(recorded)


def counted(text: str, name: str) -> int:
    """The sum of a counter over its labels."""
    return round(sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(f"{name}{{")))


def test_one_worker_signs_the_checkpoints(service: Service) -> None:
    """They lie a second apart or more, as they are set to: two signers would sign twice as many."""
    holder = service.workers()["housekeeper"]["worker"]
    assert holder in service.workers()["present"]
    time.sleep(4)
    with service.engine.connect() as connection:
        at = list(connection.execute(select(CHECKPOINTS.c.at).order_by(CHECKPOINTS.c.number)).scalars())
    moments = [time.mktime(time.strptime(one[:19], "%Y-%m-%dT%H:%M:%S")) + float(one[19:-1]) for one in at]
    assert len(moments) >= 3
    assert all(later - earlier > 0.99 for earlier, later in pairwise(moments))


def test_a_client_has_one_limit_at_all_workers(service: Service) -> None:
    """However it spreads its requests, no more than the burst and the rate go through; the others are told to wait."""
    began = time.monotonic()

    def burst(_: int) -> list[int]:
        with httpx.Client(headers=service.bearer["greedy"], timeout=SECONDS) as client:
            url = f"http://127.0.0.1:{service.port}/v1/policy/star.rd_amount"
            return [client.get(url).status_code for _ in range(75)]

    with ThreadPoolExecutor(8) as askers:
        told = [status for statuses in askers.map(burst, range(8)) for status in statuses]
    seconds = time.monotonic() - began
    passed, refused = sum(status != 429 for status in told), told.count(429)
    assert passed <= PER_CLIENT * (2 + seconds) + 1
    if seconds < 2:  # faster than the limit
        assert refused > 0


def test_a_worker_that_dies_is_replaced_and_answers_go_on(service: Service) -> None:
    """The housekeeper dies: its work is taken over within the time of the lease, and no entry is lost or told twice."""
    before = service.workers()
    dead = before["housekeeper"]["worker"]
    number = int(dead.split("-")[0])
    with ThreadPoolExecutor(4) as askers:
        asked = [askers.submit(service.ask, 200 + seed) for seed in range(10)]
        os.kill(service.process_of(number), signal.SIGKILL)
        died = time.monotonic()
        asked += [askers.submit(service.ask, 300 + seed) for seed in range(10)]
        assert {one.result().status_code for one in asked} == {201}
    wait_for(lambda: (service.workers()["housekeeper"] or {"worker": dead})["worker"] != dead, "nobody housekeeps")
    assert time.monotonic() - died < SECONDS
    wait_for(lambda: len(set(service.workers()["present"]) - {dead}) == 2, "nobody was started in its place")
    with service.engine.connect() as connection:
        rows = connection.execute(select(ENTRIES.c.seq).order_by(ENTRIES.c.seq)).scalars().all()
    assert rows == list(range(1, len(rows) + 1))
    recorded = service.get("/v1/assessments?limit=1", "lms")
    assert recorded.status_code == 200


def test_log_lines_name_worker_and_request(service: Service) -> None:
    """A refusal is found in the log by the id that its answer told."""
    refused = service.get("/v1/nothing-there")
    assert refused.status_code == 404
    wait_for(lambda: bool(about(service, refused)), "nothing was logged")
    [line] = about(service, refused)
    assert line["worker"] in (1, 2)
    assert "refused 404" in line["message"]
    assert {line["worker"] for line in service.lines()} == {0, 1, 2}


def about(service: Service, answer: httpx.Response) -> list[dict[str, Any]]:
    """The lines about a request."""
    name = answer.headers["X-Request-Id"]
    return [line for line in service.lines() if line.get("request") == name]
