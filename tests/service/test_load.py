"""Several processes of the service write one ledger, and lose, repeat and reorder nothing."""

from pathlib import Path

from tests.service.loading import found, load, services, signing

PROCESSES, CLIENTS, SECONDS = 2, 3, 1.5
"""`make prove ONLY=database.load` asks four processes with eight clients each for a minute."""


def test_every_acknowledged_answer_is_entered_once(database: str, bundle: Path, tmp_path: Path) -> None:
    """Chain and tree verify, each answer lists all earlier ones, a key gives the stored answer in any process."""
    keys = tmp_path / "keys"
    with services(database, bundle, keys, PROCESSES) as running, signing(running, SECONDS / 4) as checkpoints:
        told = load(running, CLIENTS, SECONDS, patents=5)
    held = found(database, told.acknowledged, checkpoints, keys)
    assert told.faults + held.faults == []
    assert set(told.refused) <= {503}
    assert held.once == held.verified == len(told.acknowledged)
    assert told.replayed
    assert held.checkpoints
