"""Loan files at length: thousands of random acts, and tables that follow from their entries to the byte."""

import logging
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from random import Random

from fastapi.testclient import TestClient

from service.assessing.loan_file_index import LOAN_FILES
from service.edge.settings import Settings
from service.ledger.verification import verify
from service.loan_files.steps import STEPS
from service.web.app import create_app
from tests.proofs import Proof, proof
from tests.service.access.conftest import ORIGIN
from tests.service.conftest import NOON
from tests.service.loan_files.people import People
from tests.service.loan_files.walk import Walk, made_anew
from tests.service.made import calm_bundle
from tests.service.postgres import Server

ACTS = 5_000
DATABASES = ("SQLite", "PostgreSQL")


@proof(
    "loan_files.rebuilt", "After thousands of random acts the tables of loan files follow from entries, byte for byte"
)
def rebuilt() -> Proof:
    """Many people act at random in files of one bank; then the tables are emptied and made from entries alone."""
    wrong: list[str] = []
    told = []
    with ProcessPoolExecutor(len(DATABASES), get_context("spawn")) as pool:
        for name, (found, detail) in zip(DATABASES, pool.map(_on, DATABASES), strict=True):
            wrong += [f"{name}: {one}" for one in found]
            told.append(f"{name}: {detail}")
    return Proof(
        figure=f"{len(wrong)} rows or tables differ after {ACTS:,} acts on each database (asked: 0)",
        passed=not wrong,
        detail=". ".join(told) + ". Acts that a file's state does not allow are tried, too, and refused. SYNTHETIC "
        "applicants." + "".join(f" {one}" for one in wrong[:3]),
    )


def _on(name: str) -> tuple[list[str], str]:
    """What differs on a database, and what was done on it."""
    logging.getLogger("pledgescore").setLevel(
        logging.ERROR
    )  # thousands of acts are refused: they are counted as entries
    with ExitStack() as closing:
        folder = Path(closing.enter_context(tempfile.TemporaryDirectory()))
        calm_bundle(folder / "bundle")
        database = f"sqlite:///{folder / 'ledger.db'}"
        if name == "PostgreSQL":
            server = Server()
            closing.callback(server.close)
            server.ledger("ledger")
            database = server.url("ledger")
        now = [NOON]
        app = create_app(
            Settings(database=database, bundles=(folder / "bundle",), per_client=1e6, sessions=1000), lambda: now[0]
        )
        client = closing.enter_context(TestClient(app, base_url=ORIGIN, raise_server_exceptions=False))
        walk = Walk(People(client, now), Random(2026))
        walk.until(ACTS)
        engine = walk.people.state.engine
        wrong, held = made_anew(engine)
        with engine.connect() as connection:
            verdict = verify(connection)
        if verdict.bad_seq is not None:
            wrong.append(f"entry {verdict.bad_seq}")
        kinds = Counter(row[STEPS.c.keys().index("kind")] for row in held[STEPS.name])
        states = Counter(row[LOAN_FILES.c.keys().index("state")] for row in held[LOAN_FILES.name])
    acts, ends = (", ".join(f"{one} {n:,}" for one, n in found.most_common()) for found in (kinds, states))
    return wrong, f"{verdict.verified:,} entries; acts: {acts}; files: {ends}"
