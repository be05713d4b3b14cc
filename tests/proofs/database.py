"""The database at length: twenty crashes of the service and twenty of PostgreSQL, amid load."""

import tempfile
from pathlib import Path

from tests.proofs import Proof, proof
from tests.service.crashing import Load, Service, crash, lost
from tests.service.made import make_bundle
from tests.service.test_crashes import durable

TIMES = 20


@proof("database.service_killed", "Twenty times kill -9 of the service amid load: nothing acknowledged is lost")
def service_killed() -> Proof:
    """Each time it is started again, and answers."""
    with tempfile.TemporaryDirectory() as folder, durable() as (_, database):
        make_bundle(Path(folder) / "bundle")
        service = Service(database, Path(folder) / "bundle")
        try:
            load = crash(service, service.kill, service.start, TIMES)
        finally:
            service.kill()
        return _judged(load, lost(database, load.acknowledged))


@proof("database.postgresql_killed", "Twenty times kill -9 of PostgreSQL amid load: nothing acknowledged is lost")
def postgresql_killed() -> Proof:
    """The service is never restarted, and answers by itself when the database is back."""
    with tempfile.TemporaryDirectory() as folder, durable() as (server, database):
        make_bundle(Path(folder) / "bundle")
        service = Service(database, Path(folder) / "bundle")
        try:
            load = crash(service, server.kill, server.start, TIMES)
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
