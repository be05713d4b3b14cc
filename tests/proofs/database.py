"""The database at length: twenty crashes of the service and twenty of PostgreSQL, amid load."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.proofs import Proof, proof
from tests.service.crashing import Load, Service, crash, lost
from tests.service.made import make_bundle
from tests.service.postgres import Server
from tests.service.test_crashes import durable

TIMES = 20


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
            load = crash(service, killed.kill, killed.start, TIMES)
        finally:
            service.kill()
        return _judged(load, lost(database, load.acknowledged))


def _judged(load: Load, faults: list[str]) -> Proof:
    statuses = ", ".join(f"{load.refused.count(status)} times {status}" for status in sorted(set(load.refused)))
    return Proof(
        figure=f"{TIMES} crashes, {len(load.acknowledged)} answers acknowledged, {len(faults)} lost or half-written",
        passed=not faults and set(load.refused) <= {503},
        detail=f"Every acknowledged id stands in the ledger once, the chain verifies. Refused: {statuses or 'none'}. "
        + "; ".join(faults[:3]),
    )
