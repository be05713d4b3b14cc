"""The service at length: a registry that moves and goes away under load, and the race against MLflow's own server."""

import tempfile
import warnings
from pathlib import Path

from fastapi.testclient import TestClient

from benchmarks.serving.__main__ import measure_mlflow, measure_ours
from models.kind import KindName
from service.app import create_app
from service.settings import Settings
from tests.proofs import Proof, proof
from tests.service.conftest import NOON
from tests.service.made import applicant, make_bundle
from tests.service.test_shelf import Registry, answers_while_moving

MOVES = 100
CONNECTIONS, SECONDS, TIMES_AS_MANY = 8, 20.0, 2.0


@proof(
    "service.alias", "A hundred moves of the alias under load, and a registry away and back, tear and fail no answer"
)
def alias() -> Proof:
    """Three askers without pause; each answer is compared with that of the bundle that it names."""
    warnings.simplefilter("ignore", DeprecationWarning)  # MLflow's own, of SQLAlchemy 2.1
    with tempfile.TemporaryDirectory() as folder:
        registry = Registry(Path(folder))
        registry.champion(1)
        settings = Settings(
            database=f"sqlite:///{folder}/ledger.db",
            tracking_uri=registry.uri,
            cache=Path(folder) / "cache",
            poll_seconds=0.01,
            sign_in="none",
        )
        with TestClient(create_app(settings, lambda: NOON)) as client:
            body = applicant(1, patents=3)
            served = answers_while_moving(client, registry, body, MOVES)
            registry.away()
            away = [client.post("/v1/assessments", json=body).status_code for _ in range(20)]
            registry.back()
            back = answers_while_moving(client, registry, body, 2)
            entries = client.get("/metrics").text.count("pledgescore_assessments_total")
    passed = served == back == {1, 2} and set(away) == {201}
    return Proof(
        figure=f"{MOVES} moves, none torn, none failed; {away.count(201)} of 20 answered while the registry was away",
        passed=passed and entries > 0,
        detail="Each answer's probability is that of the bundle it names, and its points add up.",
    )


@proof("service.serving_whitelist", "Whitelist assessments outnumber MLflow's bare scores of the same trees, lower p99")
def serving_whitelist() -> Proof:
    """Features from 50 patents, probability, reasons, what each list says, entry committed."""
    return _serving("whitelist")


@proof("service.serving_pledge", "Pledge assessments outnumber MLflow's bare scores of the same trees, lower p99")
def serving_pledge() -> Proof:
    """The same, with findings, values, limit and advice on the four patents that are offered of 50."""
    return _serving("pledge")


def _serving(kind: KindName) -> Proof:
    """One process each, the same trees, machine, run and connections."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = make_bundle(Path(folder) / "bundle", kind, trees=300)
        ours, stages = measure_ours(Path(folder), CONNECTIONS, SECONDS, kind)
        theirs = measure_mlflow(Path(folder), bundle, CONNECTIONS, SECONDS)
    times = ours.rate / theirs.rate
    told = ", ".join(f"{name} {value:.2f}" for name, value in stages.items())
    return Proof(
        figure=f"{times:.1f} times as many (asked {TIMES_AS_MANY:g}); p99 {ours.p99:.0f} against {theirs.p99:.0f} ms",
        passed=times >= TIMES_AS_MANY and ours.p99 < theirs.p99 and not ours.failed and not theirs.failed,
        detail=f"{CONNECTIONS} connections. Ours: {ours.rate:.0f} assessments a second with 50 patents each, median "
        f"{ours.p50:.1f} ms, peak {ours.memory:.0f} MiB; MLflow: {theirs.rate:.0f} scores a second, median "
        f"{theirs.p50:.1f} ms, peak {theirs.memory:.0f} MiB. Processor time per answer {ours.cpu:.1f} against "
        f"{theirs.cpu:.1f} ms. Ours by stage, ms per assessment: {told}.",
    )
