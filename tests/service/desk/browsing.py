"""A real browser at a running desk: signed in as people do, noting what console, policy or network would tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from shutil import which
from socket import socket
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pyotp
import uvicorn
from fastapi import FastAPI

CHROMIUM = which("chromium") or which("chromium-browser")
PASSWORD = "Nine-lamps-over-Fuzhou-7"


@contextmanager
def served(app: FastAPI) -> Iterator[str]:
    """The application on a port of this machine, while the block lasts; its address."""
    with socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        thread = Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        until = monotonic() + 30
        while not server.started and monotonic() < until:
            sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


@dataclass
class SeatedPerson:
    """Somebody with a password and a telephone that tells codes."""

    name: str
    secret: str
    used: list[int] = field(default_factory=list)

    def code(self, at: datetime) -> str:
        """The six digits of now; each is good for once, so the next time those of the next half minute."""
        step = int(at.timestamp()) // 30 + len(self.used) - 1
        self.used.append(step)
        return pyotp.TOTP(self.secret).at(step * 30)


@dataclass
class Watched:
    """A tab of the browser, and what it said: console lines, errors, requests to another host."""

    page: Any
    origin: str
    said: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Any, origin: str) -> "Watched":
        """A tab that is watched from its first request on."""
        tab = cls(page, origin)
        page.on("console", lambda line: tab.said.append(line.text))
        page.on("pageerror", lambda error: tab.said.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(origin) else tab.said.append(asked.url))
        return tab

    def quiet(self, *expected: str) -> None:
        """Nothing was said but that a page was refused where that was meant."""
        left = [line for line in self.said if not any(word in line for word in expected)]
        assert left == []
