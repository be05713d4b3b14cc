"""The desk at length: every story by every hand, axe on every page, and a list of ten thousand applicants."""

import json
import logging
import tempfile
import time
import traceback
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from fastapi.testclient import TestClient
from sqlalchemy import func, select

from features.phrase import LANGUAGES
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.database import connect_to
from service.edge.heavy import load_ahead
from service.jobs.tables import JOB_ROWS
from service.ledger.verification import verify
from service.web.app import LOADED_AHEAD, create_app
from tests.proofs import Proof, proof
from tests.proofs._databases import Opened, postgresql, sqlite
from tests.service.crashing import Service
from tests.service.demonstration.small_year import small_year
from tests.service.desk.browsing import AtDesk, open_desk
from tests.service.desk.every_page import SIZES, heavy_pages, looked_at, other_pages
from tests.service.desk.following import kind_of
from tests.service.desk.hands import HANDS
from tests.service.desk.stories import all_stories, walk
from tests.service.desk.typing_blindly import Typist
from tests.service.jobs.spoiled import WAYS, MadeList, made_list
from tests.service.made import calm_bundle, make_bundle

ROWS, BAD = 10_000, 200
TIMES, LEAST_FORMS = 20, 20
"""How often each form is filled, and how many kinds of them there must have been."""
UNTIL = datetime(2024, 12, 30, 16, 30, tzinfo=ZoneInfo("Asia/Shanghai"))


@proof(
    "desk.batch",
    "Of 10,000 applicants each wrong cell is told, and each right row is entered once though the service dies",
)
def batch() -> Proof:
    """The list is checked, started, and the service killed amid it, on PostgreSQL and on SQLite."""
    made = made_list(ROWS, BAD, patents=1)
    shown = [_killed_amid(made, "PostgreSQL", postgresql), _killed_amid(made, "SQLite", sqlite)]
    return Proof(
        figure="; ".join(one.figure for one in shown),
        passed=all(one.passed for one in shown),
        detail=f"{ROWS} rows of made-up applicants, {BAD} wrong in {len(WAYS)} ways, each with one patent.",
    )


@contextmanager
def _desk() -> Iterator[AtDesk]:
    """A bank after its decisions at its desk in a real Chromium."""
    with tempfile.TemporaryDirectory() as kept:
        place = Path(kept)
        calm_bundle(place / "pledge")
        make_bundle(place / "whitelist", "whitelist")
        with open_desk(place, (place / "pledge", place / "whitelist"), f"sqlite:///{place / 'ledger.db'}") as desk:
            yield desk


@proof(
    "desk.stories",
    "Every story of the desk goes by mouse, by keys alone and with scripts off, in Chinese and in English, "
    "without a console line, a report of the CSP or a request to another host",
)
def stories() -> Proof:
    """Each story in a window of its own; by keys the focus is seen at each stop and leads to every control."""
    ways = [(language, by) for by in HANDS for language in LANGUAGES]
    failed = []
    with _desk() as desk:
        for name in all_stories():
            for language, by in ways:
                try:
                    walk(desk, name, language, by)
                except Exception:
                    traceback.print_exc()
                    failed.append(f"{name} {language} {by.name}")
    of = len(all_stories()) * len(ways)
    return Proof(
        figure=f"{of - len(failed)} of {of} walks: {len(all_stories())} stories, {len(LANGUAGES)} languages, "
        f"{len(HANDS)} hands",
        passed=not failed,
        detail=f"Failed: {', '.join(failed)}." if failed else f"Stories: {', '.join(all_stories())}.",
    )


@proof(
    "desk.axe",
    "axe finds nothing against WCAG 2.1 A and AA on any page and state of the desk, in Chinese and in English, at 1366 "
    "and 1093 pixels; no page is wider than its window, and its parts stand in one line",
)
def axe() -> Proof:
    """Each page at both widths, in one language at the one and in the other at the other."""
    found = []
    with _desk() as desk:
        looks = heavy_pages(desk) + other_pages(desk)
        for first, language in enumerate(LANGUAGES):
            found += list(looked_at(desk, looks, language, first))
    return Proof(
        figure=f"{len(found)} faults on {len(looks)} pages and states, {len(looks) * len(LANGUAGES)} looks at "
        f"{' and '.join(f'{wide} × {high}' for wide, high in SIZES)}",
        passed=not found,
        detail="; ".join(found[:20]),
    )


@proof(
    "desk.forms",
    "Whatever is typed into the forms of the desk, by any role, at a bank with a year of files: no answer is a defect",
)
def forms() -> Proof:
    """Every page and form of each kind that one person of each role finds, filled with what comes to hand."""
    logging.getLogger("pledgescore").setLevel(logging.ERROR)  # refusals are what is asked for here
    wrong, kinds, people, sent = [], set[str](), 0, 0
    with tempfile.TemporaryDirectory() as kept, small_year(Path(kept), UNTIL) as made:
        load_ahead(LOADED_AHEAD)
        app = create_app(made.settings.model_copy(update={"per_client": 1e6}), demonstration=made.demonstration)
        headers = {"Sec-Fetch-Site": "same-origin"}
        with TestClient(app, "https://desk", raise_server_exceptions=False, headers=headers) as client:
            for role, name in {seat.account.role: seat.account.name for seat in made.seats}.items():
                client.cookies.clear()
                client.post("/desk/sign-in", data={"to": "/desk/", "seat": name}, follow_redirects=False)
                people += 1
                for told in Typist(client, Random(people), TIMES).typed("/desk/"):
                    sent += 1
                    kinds.add(f"{told.method} {kind_of(told.path)}")
                    if told.status >= 500:
                        wrong.append(f"{role}: {told.method} {told.path} {told.sent[:200]!r}: {told.status}")
    filled = sum(not kind.startswith("GET") for kind in kinds)
    return Proof(
        figure=f"{sent:,} answers to {people} roles, from {len(kinds)} kinds of pages and forms, {len(wrong)} defects",
        passed=not wrong and filled >= LEAST_FORMS,
        detail=f"{filled} kinds of forms were filled {TIMES} times by each role. SYNTHETIC. " + "; ".join(wrong[:20]),
    )


def _killed_amid(made: MadeList, name: str, opened: Opened) -> Proof:
    with tempfile.TemporaryDirectory() as kept, opened(Path(kept)) as database:
        folder = Path(kept)
        make_bundle(folder / "bundle")
        service = Service(database, folder / "bundle")
        try:
            job = _asked(service, "/v1/jobs", made.content)["id"]
            told = _asked(service, f"/v1/jobs/{job}/rows?state=wrong&limit=500")["items"]
            cells = {row["n"]: row["faults"][0]["pointer"] for row in told}
            _asked(service, f"/v1/jobs/{job}/start", b"")
            amid = _wait(service, job, lambda counts: counts["done"] >= made.right * 0.43)
            service.kill()
            service.start()
            over = _wait(service, job, lambda counts: not counts["waiting"])
        finally:
            service.kill()
        engine = connect_to(database)
        with engine.connect() as connection:
            entered = int(connection.execute(select(func.count()).select_from(ASSESSMENTS)).scalar_one())
            distinct = select(func.count(func.distinct(JOB_ROWS.c.assessment)))
            named, whole = int(connection.execute(distinct).scalar_one()), verify(connection).bad_seq is None
        engine.dispose()
    passed = cells == made.wrong and entered == named == over["done"] == made.right and whole
    return Proof(
        figure=f"{name}: {len(cells)} of {len(made.wrong)} wrong rows told by cell; killed at row {amid['done']}, "
        f"{entered} entries for {made.right} right rows",
        passed=passed,
    )


def _wait(service: Service, job: str, until: Callable[[dict[str, int]], bool]) -> dict[str, int]:
    end = time.monotonic() + 3600
    while time.monotonic() < end:
        counts: dict[str, int] = _asked(service, f"/v1/jobs/{job}")["counts"]
        if until(counts):
            return counts
        time.sleep(0.2)
    raise RuntimeError("the job did not come so far within an hour")


def _asked(service: Service, path: str, body: bytes | None = None) -> Any:
    request = urllib.request.Request(service.url + path, body, {"Content-Type": "application/zip"})
    with urllib.request.urlopen(request, timeout=600) as told:
        return json.loads(told.read())
