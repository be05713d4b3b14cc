"""A real browser at a running desk: signed in as people do, noting what console, policy or network would tell."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from shutil import which
from socket import socket
from threading import Thread
from time import monotonic, sleep
from typing import Any

import pyotp
import uvicorn
from fastapi import FastAPI

from tests.models.underwriting.whole_case import whole
from tests.service.decided import DecidedBank, decided_bank
from tests.service.loan_files.people import People, done

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


REPORTING = """document.addEventListener("securitypolicyviolation", (told) =>
  console.error("against the policy: " + told.violatedDirective + " " + told.blockedURI));"""


@dataclass
class Watched:
    """A tab of the browser, and what it said: console lines, errors, reports of the CSP, requests elsewhere."""

    page: Any
    origin: str
    said: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, page: Any, origin: str) -> "Watched":
        """A tab that is watched from its first request on."""
        tab = cls(page, origin)
        page.add_init_script(REPORTING)
        page.on("console", lambda line: tab.said.append(line.text))
        page.on("pageerror", lambda error: tab.said.append(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith(origin) else tab.said.append(asked.url))
        return tab

    def quiet(self, *expected: str) -> None:
        """Nothing was said but that a page was refused where that was meant."""
        left = [line for line in self.said if not any(word in line for word in expected)]
        assert left == []


class AtDesk:
    """A bank after its decisions, where its desk is served, and a browser."""

    def __init__(self, decided: DecidedBank, origin: str, browser: Any) -> None:
        self.decided, self.origin, self.browser = decided, origin, browser
        self.walks = 0

    @property
    def bank(self) -> People:
        """The bank's people."""
        return self.decided.people

    def tab(self, name: str = "", language: str = "zh", size: tuple[int, int] = (1366, 768), **more: Any) -> Watched:
        """A new tab; signed in as `name` by a session, where one is named."""
        context = self.browser.new_context(viewport={"width": size[0], "height": size[1]}, **more)
        self.sit(context, name, language)
        return Watched.of(context.new_page(), self.origin)

    def sit(self, context: Any, name: str, language: str) -> None:
        """Let a window be that of a signed-in person, or of nobody yet."""
        host = {"domain": "127.0.0.1"}
        cookies = [{"name": "pledgescore-language", "value": language, "path": "/desk", **host}]
        if name:
            identity = self.bank.state.sessions.begin(name, self.bank.now[0])
            cookies.append({"name": "__Host-pledgescore", "value": identity, "path": "/", "secure": True, **host})
        context.add_cookies(cookies)

    def assessed(self, firm: str) -> tuple[str, str]:
        """A file that nobody submitted yet, and its assessment."""
        answer = self.bank.assess(whole(), firm=f"row:{firm}")
        return answer["record"]["loan_file"]["id"], answer["id"]

    def submitted(self, firm: str) -> str:
        """A file that waits for its reviewer."""
        answer = self.bank.assess(whole(), firm=f"row:{firm}")
        done(self.bank.submit(answer, 200))
        file: str = answer["record"]["loan_file"]["id"]
        return file

    def to_approve(self, firm: str, **review: Any) -> str:
        """A file that waits for an approver of the lowest level."""
        file = self.submitted(firm)
        done(self.bank.review(file, **review))
        return file

    def approved(self, firm: str, **review: Any) -> str:
        """A file whose loan was approved."""
        file = self.to_approve(firm, **review)
        done(self.bank.approve(file, self.bank.first, 200))
        return file

    def drawn(self, firm: str) -> str:
        """A file whose loan runs."""
        file = self.approved(firm)
        day = self.bank.today.isoformat()
        pledge = {"registration": f"Y{file[:12]}", "registered_on": day, "amount": 2 * 10**8}
        done(self.bank.release(file, 200, pledges=[pledge]))
        done(self.bank.pay(file, 200, loan=f"JJ-{file[:8]}"))
        return file


@contextmanager
def open_desk(place: Path, bundles: tuple[Path, ...], database: str) -> Iterator[AtDesk]:
    """The desk of a bank after its decisions, all countersigned, in a real browser."""
    from playwright.sync_api import sync_playwright

    with decided_bank(place, bundles[0], database, bundles=bundles) as decided:
        decided.countersign()
        app: Any = decided.people.client.app
        with served(app) as origin, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
            yield AtDesk(decided, origin, browser)
            browser.close()
