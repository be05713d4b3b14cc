"""A ledger that an earlier version wrote, and the folders that a bank kept beside it: see README.md here."""

import tarfile
from pathlib import Path

from sqlalchemy import Engine

from features.policy import load
from models.score.bundle import recall
from service.ledger.stored_artifacts import StoredArtifacts

ENTRIES, WHITELIST = 50, 10
"""How many there are, and how many of them are about whitelists."""
BUNDLES, POLICY = ("pledge", "whitelist"), "policy"


def unpack(place: Path) -> None:
    """Bring `ledger.db` and the folders of bundles and policy into a folder."""
    with tarfile.open(Path(__file__).parent / "ledger.tar.xz") as packed:
        packed.extractall(place, filter="data")


def store(engine: Engine, place: Path) -> None:
    """Keep for replays what lies in the folders."""
    artifacts = StoredArtifacts(engine)
    for name in BUNDLES:
        artifacts.keep_bundle(recall(place / name).id, place / name)
    artifacts.keep_policy(load(place / POLICY))
