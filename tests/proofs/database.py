"""The database at length: four processes under load for a minute, twenty crashes of the service and of PostgreSQL."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from tests.proofs import Proof, proof
from tests.proofs._databases import Opened, postgresql, sqlite
from tests.service import loading
from tests.service.crashing import Load, Service, crash, lost
from tests.service.made import make_bundle
from tests.service.postgres import Server
from tests.service.test_crashes import durable

TIMES, BETWEEN = 20, 50
"""Crashes, and the answers that are acknowledged before each of them."""
PROCESSES, CLIENTS, SECONDS, EVERY = 4, 8, 60.0, 5.0


@proof(
    "database.load", "Every answer that four processes acknowledge to 32 clients in a minute is entered exactly once"
)
def load() -> Proof:
    """Complete pledge assessments over HTTP on PostgreSQL, then on SQLite; chain and tree are verified afterwards."""
    before = os.getloadavg()[0]
    shown = [_loaded("PostgreSQL", postgresql), _loaded("SQLite", sqlite)]
    how = (
        f"{PROCESSES} processes of the service on one database, each asked by {CLIENTS} clients without pause for "
        f"{SECONDS:g} s, of firms with 50 patents, 4 of them offered; {os.cpu_count()} cores for it all, load before "
        f"{before:.1f}. Every {loading.AGAIN}th question is posted once more to another process under its "
        "Idempotency-Key; a refused one is asked again under it. Every answer must list all that its firm was answered "
        f"before. A checkpoint is signed every {EVERY:g} s by one process after another."
    )
    return Proof(
        figure="; ".join(one.figure for one in shown),
        passed=all(one.passed for one in shown),
        detail=" ".join([how, *(one.detail for one in shown)]),
    )


def _loaded(name: str, opened: Opened) -> Proof:
    """One database: what was acknowledged, and whether it is found."""
    with tempfile.TemporaryDirectory() as made, opened(Path(made)) as database:
        folder = Path(made)
        make_bundle(folder / "bundle")
        with (
            loading.services(database, folder / "bundle", folder / "keys", PROCESSES) as running,
            loading.signing(running, EVERY) as checkpoints,
        ):
            told = loading.load(running, CLIENTS, SECONDS)
        held = loading.found(database, told.acknowledged, checkpoints, folder / "keys")
    faults, answers = told.faults + held.faults, len(told.acknowledged)
    p50, p99 = np.percentile([one.seconds for one in told.acknowledged], [50, 99])
    refused = ", ".join(f"{number} times {status}" for status, number in sorted(told.refused.items()))
    return Proof(
        figure=f"{name}: {answers} acknowledged ({told.rate:.0f} a second), {held.once} found once, "
        f"{held.verified} entries verified",
        passed=not faults and held.once == held.verified == answers and told.replayed > 0 and held.checkpoints > 0,
        detail=f"{name}: median {p50:.2f}, p99 {p99:.2f} s; {told.replayed} replayed answers were those stored; "
        f"refused: {refused or 'none'}; {held.checkpoints} checkpoints agree. " + "; ".join(faults[:3]),
    )


@proof("database.service_killed", "Twenty times kill -9 of the service amid load: nothing acknowledged is lost")
def service_killed() -> Proof:
    """Each time it is started again, and answers."""
    return _crashed(lambda service, _: service)


@proof("database.postgresql_killed", "Twenty times kill -9 of PostgreSQL amid load: nothing acknowledged is lost")
def postgresql_killed() -> Proof:
    """The service is never restarted, and answers by itself when the database is back."""
    return _crashed(lambda _, server: server)


def _crashed(which: Callable[[Service, Server], Service | Server]) -> Proof:
    """One of the two is killed and started again, so many times, amid load."""
    with tempfile.TemporaryDirectory() as folder, durable() as (server, database):
        make_bundle(Path(folder) / "bundle")
        service = Service(database, Path(folder) / "bundle")
        killed = which(service, server)
        try:
            load = crash(service, killed.kill, killed.start, TIMES, BETWEEN)
        finally:
            service.kill()
        return _judged(load, lost(database, load.acknowledged))


def _judged(load: Load, faults: list[str]) -> Proof:
    statuses = ", ".join(f"{load.refused.count(status)} times {status}" for status in sorted(set(load.refused)))
    return Proof(
        figure=f"{TIMES} crashes, at least {BETWEEN} answers before each: {len(load.acknowledged)} acknowledged, "
        f"{len(faults)} lost or half-written",
        passed=not faults and set(load.refused) <= {503} and len(load.acknowledged) >= TIMES * BETWEEN,
        detail=f"Every acknowledged id stands in the ledger once, the chain verifies. Refused: {statuses or 'none'}. "
        + "; ".join(faults[:3]),
    )
