"""Kills the service or its database amid load, again and again, and asks whether anything acknowledged was lost."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path

from sqlalchemy import func, select

from service.assessing.assessment_index import ASSESSMENTS
from service.edge.database import connect_to
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from service.ledger.verification import verify
from tests.service.made import applicant

ASKERS = 4


@dataclass
class Load:
    """Askers that never pause: what was acknowledged, and what was said instead."""

    url: str
    acknowledged: list[str] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def ask(self, seed: int) -> int:
        """One question: its status, 0 where nobody answered. Only a whole 201 counts as acknowledged."""
        request = urllib.request.Request(f"{self.url}/v1/assessments", json.dumps(applicant(seed, patents=2)).encode())
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                self.acknowledged.append(json.loads(answer.read())["id"])
                return int(answer.status)
        except urllib.error.HTTPError as refused:
            self.refused.append(refused.code)
            return refused.code
        except (OSError, ValueError, HTTPException):
            time.sleep(0.02)
            return 0

    @contextmanager
    def running(self) -> Iterator[None]:
        """Ask from several threads until the block ends."""
        askers = [threading.Thread(target=self._without_pause, args=(place,)) for place in range(ASKERS)]
        for one in askers:
            one.start()
        try:
            yield
        finally:
            self.stopped.set()
            for one in askers:
                one.join()

    def wait_for_more(self, answers: int = 1, seconds: float = 60) -> float:
        """Wait until so many more are acknowledged; how long that took. Raises where they are not."""
        wanted, began = len(self.acknowledged) + answers, time.monotonic()
        while len(self.acknowledged) < wanted:
            if time.monotonic() - began > seconds:
                raise RuntimeError(f"no answer within {seconds} s; last refusals: {self.refused[-5:]}")
            time.sleep(0.01)
        return time.monotonic() - began

    def _without_pause(self, place: int) -> None:
        seed = place
        while not self.stopped.is_set():
            self.ask(seed)
            seed += ASKERS


class Service:
    """The service in a process of its own, as the README starts it."""

    def __init__(self, database: str, bundle: Path, keys: Path | None = None) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = os.environ | {
            "PLEDGESCORE_DATABASE": database,
            "PLEDGESCORE_BUNDLE": str(bundle),
            "PLEDGESCORE_SIGN_IN": "none",
            "PLEDGESCORE_CACHE": str(bundle.parent / "cache"),
            "PLEDGESCORE_PER_CLIENT": "100000",
            "PLEDGESCORE_KEYS": str(keys or bundle.parent / "no-keys"),
        }
        self.start()

    def start(self) -> None:
        """Start it, and wait until it is ready."""
        command = [sys.executable, "-m", "pledgescore", "serve", "--port", str(self.port), "--without-sign-in"]
        one = ["--workers", "1"]  # of itself it would start several where the database is PostgreSQL
        self.process = subprocess.Popen(
            [*command, *one],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        end = time.monotonic() + 120
        while time.monotonic() < end and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/readyz", timeout=5).close()
            except OSError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the service did not come up")

    def kill(self) -> None:
        """`kill -9`: it may finish nothing."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)


def crash(service: Service, kill: Callable[[], None], revive: Callable[[], None], times: int, between: int = 1) -> Load:
    """Kill amid load so many times, revive what was killed, and wait each time until answers come again.

    `between`: answers that are acknowledged before each of the kills.
    """
    load = Load(service.url)
    with load.running():
        for turn in range(times):
            load.wait_for_more(between)
            time.sleep(0.01 * (turn % 7))  # so that it is hit at different moments
            kill()
            revive()
            load.wait_for_more()
    return load


def lost(database: str, acknowledged: list[str]) -> list[str]:
    """Which acknowledged answers are not there exactly once, and what verifying finds."""
    engine = connect_to(database)
    with engine.connect() as connection:
        found = verify(connection)
        held = list(connection.execute(select(ASSESSMENTS.c.id)).scalars())
        others = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.kind != Kind.ASSESSMENT.value)
        beside = connection.execute(others).scalar_one()
    engine.dispose()
    faults = [] if found.bad_seq is None else [f"entry {found.bad_seq}: {found.fault}"]
    if found.verified != len(held) + beside:
        faults.append(f"{found.verified} entries for {len(held)} assessments: something is half-written")
    return faults + [one for one in acknowledged if held.count(one) != 1]
