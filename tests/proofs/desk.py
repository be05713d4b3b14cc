"""The desk at length: a list of ten thousand applicants, two hundred of them wrong, and a service that dies amid it."""

import json
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from service.assessing.assessment_index import ASSESSMENTS
from service.edge.database import connect_to
from service.jobs.tables import JOB_ROWS
from service.ledger.verification import verify
from tests.proofs import Proof, proof
from tests.proofs._databases import Opened, postgresql, sqlite
from tests.service.crashing import Service
from tests.service.jobs.spoiled import WAYS, MadeList, made_list
from tests.service.made import make_bundle

ROWS, BAD = 10_000, 200


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
