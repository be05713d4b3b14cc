"""The service at length: a registry that moves and goes away under load, and the race against MLflow's own server."""

import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from fastapi.testclient import TestClient

from benchmarks.checkouts import THIS
from benchmarks.serving.__main__ import TREES
from benchmarks.serving.race import Run, race
from benchmarks.serving.servers import Inputs, Server, made_inputs, mlflow, ours, plain
from models.score.kind import KindName
from service.edge.settings import Settings
from service.web.app import create_app
from tests.proofs import Proof, proof
from tests.service.conftest import NOON
from tests.service.made import applicant
from tests.service.test_model_store import Registry, answers_while_moving

MOVES = 100
CONNECTIONS, SECONDS, TIMES_AS_MANY = 8, 20.0, 2.0
UNDER_LOAD, TIMES_UNDER_LOAD = 64, 10.0
LONE_MS = 25.0


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


@proof(
    "service.serving_load",
    "Under load pledge assessments are ten times MLflow's bare scores, and more than a plain application explains",
)
def serving_load() -> Proof:
    """Three servers in one run, one process each, with as many connections."""
    mine, bare, explained = _raced("pledge", UNDER_LOAD, (_mlflow, _plain))
    times, more = mine.rate / bare.rate, mine.rate / explained.rate
    return Proof(
        figure=f"{times:.2f} times MLflow (asked {TIMES_UNDER_LOAD:g}), {more:.2f} times the plain application (1)",
        passed=times >= TIMES_UNDER_LOAD and more > 1 and not mine.failed,
        detail=_told(mine, bare, explained),
    )


@proof("service.lone", "A lone request about a firm with 50 patents is answered within 25 ms, half of the time")
def lone() -> Proof:
    """One connection that asks, waits and asks again; the entry is on the disk before the answer leaves."""
    (mine,) = _raced("pledge", 1, ())
    return Proof(f"median {mine.p50:.1f} ms (asked {LONE_MS:g})", mine.p50 < LONE_MS and not mine.failed, _told(mine))


def _serving(kind: KindName) -> Proof:
    """One process each, the same trees, machine, run and connections."""
    mine, bare = _raced(kind, CONNECTIONS, (_mlflow,))
    times = mine.rate / bare.rate
    return Proof(
        figure=f"{times:.1f} times as many (asked {TIMES_AS_MANY:g}); p99 {mine.p99:.0f} against {bare.p99:.0f} ms",
        passed=times >= TIMES_AS_MANY and mine.p99 < bare.p99 and not mine.failed and not bare.failed,
        detail=_told(mine, bare),
    )


def _mlflow(folder: Path, inputs: Inputs) -> Server:
    return mlflow(folder, inputs.bundle)


def _plain(_folder: Path, inputs: Inputs) -> Server:
    return plain(inputs)


def _raced(kind: KindName, connections: int, others: Sequence[Callable[[Path, Inputs], Server]]) -> list[Run]:
    """Ours, then the others."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        inputs = made_inputs([THIS], kind, TREES, folder)
        servers = [ours(THIS, inputs), *(other(folder, inputs) for other in others)]
        return list(race(servers, (connections,), SECONDS, 1, folder))


def _told(*runs: Run) -> str:
    """What a reader needs beside the figure."""
    each = [
        f"{run.server.name}: {run.rate:.0f} a second, median {run.p50:.1f}, p99 {run.p99:.1f} ms, {run.cpu:.1f} ms of "
        f"processor time each, peak {run.memory:.0f} MiB"
        for run in runs
    ]
    stages = ", ".join(f"{name} {value:.2f}" for name, value in runs[0].stages.items())
    return f"{runs[0].connections} connections. {'. '.join(each)}. Ours by stage, ms per assessment: {stages}."
