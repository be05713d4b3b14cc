"""Bundles, policies and word templates kept beside the ledger under the hash by which entries name them.

A self-test is not kept: it holds rows of other firms.
"""

import io
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select

from features.errors import PledgeScoreError
from features.policy import Policy
from features.policy.parameters import Override
from models.score.bundle import Bundle, kept_parts, recall
from models.words.templates import Words
from service.edge.database import writing
from service.ledger.tables import STORED_ARTIFACTS

ARTIFACT_KINDS = BUNDLE, POLICY, WORDS = "bundle", "policy", "words"


class NotStored(PledgeScoreError):
    """Nothing is kept under that hash."""


@dataclass(frozen=True)
class StoredArtifacts:
    """Keeps what answers will name, before the first of them does."""

    engine: Engine

    def keep_bundle(self, name: str, folder: Path) -> None:
        """The bundle of that id, as it lies in a folder."""
        self._keep(name, BUNDLE, lambda: zipped(folder))

    def keep_policy(self, policy: Policy) -> None:
        """The policy's whole text."""
        self._keep(policy.digest, POLICY, policy.text.encode)

    def keep_words(self, words: Words) -> None:
        """All word templates of both languages."""
        self._keep(words.digest, WORDS, words.text.encode)

    def _keep(self, digest: str, kind: str, content: Callable[[], bytes]) -> None:
        there = select(STORED_ARTIFACTS.c.digest).where(STORED_ARTIFACTS.c.digest == digest)
        with self.engine.connect() as connection:
            if connection.execute(there).first():
                return
        made = content()
        with writing(self.engine) as connection:
            if not connection.execute(there).first():
                connection.execute(insert(STORED_ARTIFACTS), {"digest": digest, "kind": kind, "content": made})


def stored_artifact(connection: Connection, digest: str, kind: str) -> bytes:
    """What is kept under the hash. Raises `NotStored`."""
    wanted = select(STORED_ARTIFACTS.c.content).where(
        STORED_ARTIFACTS.c.digest == digest, STORED_ARTIFACTS.c.kind == kind
    )
    found = connection.execute(wanted).scalar_one_or_none()
    if found is None:
        raise NotStored("not_stored", kind=kind, digest=digest)
    return bytes(found)


def bundle_parts(connection: Connection, name: str) -> dict[str, bytes]:
    """The files of a bundle, by name. Raises `NotStored`."""
    with zipfile.ZipFile(io.BytesIO(stored_artifact(connection, name, BUNDLE))) as packed:
        return {part: packed.read(part) for part in packed.namelist()}


def bundle(connection: Connection, name: str) -> Bundle:
    """A bundle as it answered. Raises `NotStored`, `BundleRefused` or `UnknownFeature`."""
    parts = bundle_parts(connection, name)
    with tempfile.TemporaryDirectory() as place:
        for part, content in parts.items():
            Path(place, part).write_bytes(content)
        return recall(Path(place), name)


def policy(connection: Connection, digest: str, overrides: tuple[Override, ...] = ()) -> Policy:
    """A policy as it was in force. Raises `NotStored`."""
    return Policy.of_text(stored_artifact(connection, digest, POLICY).decode(), overrides)


def words(connection: Connection, digest: str) -> Words:
    """Word templates as they were filled. Raises `NotStored`."""
    return Words.of_text(stored_artifact(connection, digest, WORDS).decode())


def zipped(folder: Path) -> bytes:
    """The kept parts of a bundle's folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in kept_parts(folder):
            packed.writestr(part, (folder / part).read_bytes())
    return out.getvalue()
