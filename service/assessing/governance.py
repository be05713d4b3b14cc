"""What every model passes before it serves, and how all processes come to serve the same."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import NamedTuple, Protocol

import msgspec
from sqlalchemy import Connection, Engine

from features.errors import Fault
from features.phrase import Language
from models.score.bundle import Bundle
from models.score.kind import KindName
from service.assessing.in_service import note_model
from service.assessing.model_validity import ServedBy, objections, stopped, words_on
from service.assessing.release_check import ReleaseCheck
from service.assessing.serving_models import Serving, not_to_be_recorded, serving, set_serving
from service.edge.database import in_turn
from service.edge.errors import Refused
from service.edge.faults import ProblemFault, problem_faults
from service.edge.notices import failing, note
from service.ledger.stored_artifacts import StoredArtifacts

REGISTRY = "registry"
"""The area of notices about the registry."""


class TroubleShown(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Since when something is wrong with the registry, and why."""

    since: str
    faults: tuple[ProblemFault, ...]


class Trouble(msgspec.Struct, frozen=True):
    """Since when the registry is away or its champion refused, and why: the refusal and its places."""

    since: str
    faults: tuple[Fault, ...]

    def shown(self, language: Language | None) -> TroubleShown:
        """The same with sentences in the language."""
        return TroubleShown(self.since, problem_faults(self.faults, language))


class StoppedModel(NamedTuple):
    """A model in service that may not answer for a bank (None: for those of which nothing was said), and why.

    `everywhere`: whether it may answer for none at all.
    """

    kind: KindName
    bundle: str
    bank: str | None
    everywhere: bool
    why: tuple[Fault, ...]


class Governance(Protocol):
    """What a store of models asks, and tells."""

    def asks_the_registry(self) -> bool:
        """Whether it is this process that asks the registry, and not one that follows."""

    def admit(self, bundle: Bundle, folder: Path, version: str | None, at: datetime) -> None:
        """Keep what answers will name. Raises `BundleRefused` for a bundle that may not serve."""

    def check(self, bundle: Bundle, version: str | None, at: datetime) -> None:
        """Whether a bundle may serve, or go on serving. Raises `NotReleased`."""

    def announce(self, kind: KindName, bundle: Bundle | None, version: str | None, at: datetime) -> None:
        """A bundle comes into service, or none serves the kind any more."""

    def announced(self) -> Mapping[KindName, Serving]:
        """What serves, as the process says that asks the registry."""

    def tell(self, trouble: Trouble | None) -> None:
        """What is wrong with the registry, if anything is."""

    def told(self) -> Trouble | None:
        """The same, as the process says that asks the registry."""

    def not_to_be_recorded(self, connection: Connection, answered: Collection[ServedBy]) -> Mapping[ServedBy, Refused]:
        """Of what answered, that whose answers must not be recorded any more, and why."""

    def stopped(self, serving: Collection[tuple[KindName, str]], at: datetime) -> list[StoppedModel]:
        """Of the bundles in service, by kind, those that may not answer by now, and why."""


@dataclass(frozen=True)
class SharedGovernance:
    """Over one database. `entered`: whether the ledger tells what serves (a demonstration keeps no history).

    `is_housekeeper` says which process asks the registry; None of a command, which asks for itself and announces
    nothing. `follows`: whether models come from the registry, and not from folders that a deployer named.
    `signed_only`: whether a validator must have signed what serves. `zone`: whose day it is.
    """

    artifacts: StoredArtifacts
    entered: bool
    follows: bool
    is_housekeeper: Callable[[], bool] | None = None
    signed_only: bool = False
    zone: tzinfo = UTC

    def asks_the_registry(self) -> bool:
        """Whether this process does the housekeeping; a command asks for itself."""
        return self.is_housekeeper is None or not self.follows or self.is_housekeeper()

    def admit(self, bundle: Bundle, folder: Path, version: str | None, at: datetime) -> None:
        """Check the release, then keep the bundle beside the ledger."""
        self.check(bundle, version, at)
        self.artifacts.keep_bundle(bundle.id, folder)

    def check(self, bundle: Bundle, version: str | None, at: datetime) -> None:
        """By its gate and what validators said."""
        check = ReleaseCheck(self._engine, entered=self.entered, signed_only=self.signed_only)
        check.check(bundle, version, at.astimezone(self.zone).date())

    def announce(self, kind: KindName, bundle: Bundle | None, version: str | None, at: datetime) -> None:
        """Enter it, and let the other processes follow."""
        if self.is_housekeeper is None:
            return

        def write(connection: Connection) -> None:
            if bundle is not None and self.entered:
                note_model(connection, bundle, version)
            if self.follows:
                served = "" if bundle is None else bundle.id
                set_serving(connection, Serving(kind, served, version or "", at.isoformat()))

        in_turn(self._engine, write)

    def announced(self) -> Mapping[KindName, Serving]:
        """What stands in the database."""
        with self._engine.connect() as connection:
            return serving(connection)

    def tell(self, trouble: Trouble | None) -> None:
        """Let every process tell it."""
        if self.is_housekeeper is None or not self.follows:
            return
        if trouble is None:
            note(self._engine, REGISTRY, REGISTRY, None)
            return
        note(self._engine, REGISTRY, REGISTRY, (trouble.faults, datetime.fromisoformat(trouble.since)))

    def told(self) -> Trouble | None:
        """What the process said that asked the registry last."""
        with self._engine.connect() as connection:
            found = failing(connection, REGISTRY).get(REGISTRY)
        return None if found is None else Trouble(found.since, found.faults)

    def not_to_be_recorded(self, connection: Connection, answered: Collection[ServedBy]) -> Mapping[ServedBy, Refused]:
        """By what stands in the database now."""
        follows = self.follows and self.is_housekeeper is not None
        return not_to_be_recorded(connection, answered, follows=follows, signed_only=self._signed_only)

    def stopped(self, serving: Collection[tuple[KindName, str]], at: datetime) -> list[StoppedModel]:
        """By what validators said."""
        with self._engine.connect() as connection:
            words = words_on(connection, {bundle for _, bundle in serving})
        found = []
        for kind, bundle in serving:
            own, today = words.get(bundle, ()), at.astimezone(self.zone).date()
            everywhere = bool(stopped(own, today, signed_only=self._signed_only))
            found += [
                StoppedModel(kind, bundle, bank, everywhere, tuple(one.refusal(kind).as_faults()))
                for bank, one in objections(own, today, signed_only=self._signed_only).items()
            ]
        return found

    @property
    def _signed_only(self) -> bool:
        """A folder that a deployer named needs no signature."""
        return self.signed_only and self.follows

    @property
    def _engine(self) -> Engine:
        return self.artifacts.engine


class Ungoverned:
    """Serves whatever is found, and tells nobody: a store of models by itself."""

    def asks_the_registry(self) -> bool:
        """It does."""
        return True

    def admit(self, bundle: Bundle, folder: Path, version: str | None, at: datetime) -> None:
        """Any bundle."""

    def check(self, bundle: Bundle, version: str | None, at: datetime) -> None:
        """Any bundle."""

    def announce(self, kind: KindName, bundle: Bundle | None, version: str | None, at: datetime) -> None:
        """To nobody."""

    def announced(self) -> Mapping[KindName, Serving]:
        """Nothing."""
        return {}

    def tell(self, trouble: Trouble | None) -> None:
        """Nobody."""

    def told(self) -> Trouble | None:
        """Nothing."""
        return None

    def not_to_be_recorded(
        self,
        connection: Connection,  # noqa: ARG002
        answered: Collection[ServedBy],  # noqa: ARG002
    ) -> Mapping[ServedBy, Refused]:
        """None."""
        return {}

    def stopped(self, serving: Collection[tuple[KindName, str]], at: datetime) -> list[StoppedModel]:  # noqa: ARG002
        """None."""
        return []
