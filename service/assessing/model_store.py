"""The models in service: each kind's champion, found by alias, kept on disk by hash, exchanged whole while serving.

A request takes one bundle and keeps it to its end; a moved alias only changes what the next request takes. Where the
registry is away, what was found last serves on.
"""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, get_args

from sqlalchemy import Connection

from features.errors import PledgeScoreError
from features.policy import Policy
from models.score.bundle import Bundle, BundleRefused, load
from models.score.kind import KindName
from models.score.kinds import KINDS
from service.assessing.governance import Governance, Trouble, Ungoverned
from service.edge.errors import NoModel, Refused

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

log = logging.getLogger("pledgescore")

CHAMPION, CHALLENGER = "champion", "challenger"
SEAL = "bundle.sha256"
_KIND_NAMES: tuple[KindName, ...] = get_args(KindName)


class RegistryAway(PledgeScoreError):
    """The registry does not answer, or what it says cannot be used."""


@dataclass(frozen=True)
class FoundBundle:
    """A bundle folder; `id` is what the registry says it is (None: whatever it is), `version` the registry's number."""

    folder: Path
    id: str | None = None
    version: str | None = None


class ModelSource(Protocol):
    """Where bundles come from."""

    moves: bool
    """Whether it is worth asking again."""

    def found(self) -> Mapping[KindName, FoundBundle]:
        """The folder of each kind's champion now. Raises `RegistryAway` or `BundleRefused`."""

    def remembered(self) -> Mapping[KindName, FoundBundle]:
        """What was found last, by this process or an earlier one."""

    def challengers(self) -> Mapping[KindName, FoundBundle]:
        """The folder of each kind's challenger now. Raises `RegistryAway` or `BundleRefused`."""

    def page_of(self, kind: KindName, version: str) -> str | None:
        """Where people see a version and the run that made it; None where there is no such page."""

    def fetch(self, kind: KindName, bundle: str, version: str) -> FoundBundle:
        """A bundle that another process found. Raises `RegistryAway` or `BundleRefused`."""


class FolderSource:
    """Plain bundle folders: what they hold serves until the process ends."""

    moves = False

    def __init__(self, folders: tuple[Path, ...]) -> None:
        self._folders = folders

    def found(self) -> Mapping[KindName, FoundBundle]:
        """Each folder under the kind that its bundle names."""
        return {_kind_of(folder): FoundBundle(folder) for folder in self._folders}

    def remembered(self) -> Mapping[KindName, FoundBundle]:
        """Nothing: a folder is never away."""
        return {}

    def challengers(self) -> Mapping[KindName, FoundBundle]:
        """None: a folder that is named serves."""
        return {}

    def page_of(self, kind: KindName, version: str) -> str | None:  # noqa: ARG002
        """None."""
        return None

    def fetch(self, kind: KindName, bundle: str, version: str) -> FoundBundle:
        """Raises `RegistryAway`: folders are named to each process, and none follows another."""
        raise RegistryAway("bundle_in_no_folder", kind=kind, bundle=bundle, version=version)


@contextmanager
def _asking() -> Iterator[None]:
    """Whatever goes wrong while the registry is asked leaves as `RegistryAway`; an error of ours as itself."""
    try:
        yield
    except PledgeScoreError:
        raise
    except Exception as error:
        raise RegistryAway("registry_failed", error=type(error).__name__, why=str(error)) from error


class RegistrySource:
    """The registered versions that carry the alias, each downloaded once and kept by its hash."""

    moves = True

    def __init__(self, tracking_uri: str, registry_uri: str, cache: Path) -> None:
        self._tracking_uri, self._registry_uri = tracking_uri, registry_uri or tracking_uri
        self._cache = cache
        self._note = cache / "champions.json"

    def found(self) -> Mapping[KindName, FoundBundle]:
        """The champion of each kind that has one, its folder in the cache."""
        with _asking():
            found = {kind: champion for kind in _KIND_NAMES if (champion := self._aliased(kind, CHAMPION)) is not None}
        self._remember(found)
        return found

    def remembered(self) -> Mapping[KindName, FoundBundle]:
        """The champions as the last answer of the registry named them, where their folders are still there."""
        if not self._note.exists():
            return {}
        told = json.loads(self._note.read_text(encoding="utf-8"))
        found = {kind: FoundBundle(self._cache / one["id"], one["id"], one["version"]) for kind, one in told.items()}
        return {kind: one for kind, one in found.items() if one.folder.is_dir()}

    def challengers(self) -> Mapping[KindName, FoundBundle]:
        """The challenger of each kind that has one, its folder in the cache."""
        with _asking():
            return {kind: one for kind in _KIND_NAMES if (one := self._aliased(kind, CHALLENGER)) is not None}

    def page_of(self, kind: KindName, version: str) -> str | None:
        """The version's page in MLflow, which leads to its run, where the registry is a server."""
        if not self._registry_uri.startswith(("http://", "https://")):
            return None
        return f"{self._registry_uri.rstrip('/')}/#/models/pledgescore-{kind}/versions/{version}"

    def fetch(self, kind: KindName, bundle: str, version: str) -> FoundBundle:
        """The bundle of a version, out of the cache where it is there."""
        folder = self._cache / bundle
        if not folder.is_dir():
            with _asking():
                folder = self._fetch(f"models:/pledgescore-{kind}/{version}", bundle)
        return FoundBundle(folder, bundle, version)

    def _aliased(self, kind: KindName, alias: str) -> FoundBundle | None:
        model = f"pledgescore-{kind}"
        version = self._version(model, alias)
        if version is None:
            return None
        known = version.tags.get("bundle")
        folder = self._cache / known if known else None
        if folder is None or not folder.is_dir():
            folder = self._fetch(f"models:/{model}/{version.version}", known)
        return FoundBundle(folder, folder.name, str(version.version))

    def _version(self, model: str, alias: str) -> "ModelVersion | None":
        """The model version with the alias; None where there is none."""
        from mlflow.exceptions import MlflowException

        try:
            return self._client().get_model_version_by_alias(model, alias)
        except MlflowException as error:
            if error.error_code in ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE"):
                return None
            raise

    def _client(self) -> "MlflowClient":
        """A client of tracking and registry: the one place where both are named.

        They are set for the whole process, because a download of `models:/…` asks whatever registry is set. A SQLite
        file that is not there is a registry that is away: MLflow would make an empty one.
        """
        path = self._registry_uri.removeprefix("sqlite:///")
        if path != self._registry_uri and not Path(path).exists():
            raise RegistryAway("registry_missing", file=path)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")  # we ask again ourselves
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_TIMEOUT", "10")
        os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
        import mlflow

        mlflow.set_tracking_uri(self._tracking_uri)
        mlflow.set_registry_uri(self._registry_uri)
        return mlflow.MlflowClient()

    def _fetch(self, uri: str, known: str | None) -> Path:
        """The bundle of a version, brought into the cache under its id. Raises `BundleRefused` where none came."""
        from mlflow.artifacts import download_artifacts

        self._cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._cache, prefix=".fetching-") as beside:
            download_artifacts(uri, dst_path=beside)
            # A registry whose artifacts were moved answers with an empty folder and no error.
            seals = sorted(Path(beside).rglob(SEAL))
            if not seals:
                raise BundleRefused("registry_no_bundle", uri=uri)
            found = hashlib.sha256(seals[0].read_bytes()).hexdigest()
            if known not in (None, found):
                raise BundleRefused("registry_other_bundle", uri=uri, found=found, known=known)
            kept = self._cache / found
            if not kept.is_dir():
                shutil.move(seals[0].parent, kept)
        return kept

    def _remember(self, found: Mapping[KindName, FoundBundle]) -> None:
        told = {kind: {"id": one.id, "version": one.version} for kind, one in found.items()}
        text = json.dumps(told, indent=1, sort_keys=True)
        if self._note.exists() and self._note.read_text(encoding="utf-8") == text:
            return
        self._cache.mkdir(parents=True, exist_ok=True)
        beside = self._note.with_suffix(".unfinished")
        beside.write_text(text, encoding="utf-8")
        beside.replace(self._note)


@dataclass(frozen=True)
class LoadedModel:
    """A bundle in service, and since when."""

    bundle: Bundle
    version: str | None
    since: datetime


class ModelStore:
    """The bundles that serve now. Reading is one look into an immutable mapping that is exchanged whole."""

    def __init__(
        self,
        source: ModelSource,
        policy: Policy,
        now: Callable[[], datetime],
        governance: Governance | None = None,
    ) -> None:
        """`policy` is the shipped one, on which exams are sat; `governance` may refuse a bundle."""
        self._source, self._policy, self._now = source, policy, now
        self._governance: Governance = governance or Ungoverned()
        self._read: dict[KindName, Bundle] = {}
        self._beside: dict[KindName, Bundle] = {}
        self._held: Mapping[KindName, LoadedModel] = MappingProxyType({})
        self._trouble: Trouble | None = None
        self._looking = threading.Lock()
        self._stop = threading.Event()
        self._watcher: threading.Thread | None = None

    def of(self, kind: KindName) -> Bundle:
        """The bundle that answers now. Raises `NoModel`."""
        held = self._held.get(kind)
        if held is None:
            why = self._trouble.faults if self._trouble else ()
            raise NoModel("no_model", kind=kind, alias=CHAMPION, faults=why)
        return held.bundle

    def not_to_be_recorded(self, connection: Connection, answered: Mapping[str, KindName]) -> Mapping[str, Refused]:
        """Of the bundles that answered, those whose answers must not be recorded any more, and why."""
        return self._governance.not_to_be_recorded(connection, answered)

    @property
    def held(self) -> Mapping[KindName, LoadedModel]:
        """All that serves now, by kind."""
        return self._held

    def challengers(self) -> list[tuple[Bundle, str | None]]:
        """The challengers that the registry names, with their versions. Raises `RegistryAway`.

        One that cannot be read is told as the registry being of no use: nothing serves that was not looked at.
        """
        found = []
        try:
            for kind, one in self._source.challengers().items():
                if kind not in self._beside or self._beside[kind].id != one.id:
                    self._beside[kind] = load(one.folder, self._policy, one.id)
                found.append((self._beside[kind], one.version))
        except BundleRefused as refused:
            raise RegistryAway("challenger_refused", faults=refused.as_faults()) from refused
        return found

    def page_of(self, kind: KindName, version: str) -> str | None:
        """Where people see a version and the run that made it; None where there is no such page."""
        return self._source.page_of(kind, version)

    @property
    def trouble(self) -> Trouble | None:
        """Since when and why the registry is away, or its champion was refused; None where all is well."""
        return self._trouble

    def look(self) -> None:
        """Ask the registry, or follow the process that does. Raises nothing: what serves goes on serving."""
        if self._governance.asks_the_registry():
            self.refresh()
        else:
            self.follow()

    def refresh(self) -> None:
        """Ask the registry for the champions and exchange what has changed."""
        with self._looking:
            try:
                found = self._source.found()
            except PledgeScoreError as error:
                self._note(error)
                if not self._held:
                    self._take(self._source.remembered())
            else:
                if not self._take(found):
                    self._trouble = None
            self._agree(lambda: self._governance.tell(self._trouble))

    def follow(self) -> None:
        """Serve what the process says that asks the registry; exchange what has changed."""
        with self._looking:
            try:
                announced, self._trouble = self._governance.announced(), self._governance.told()
            except PledgeScoreError as away:
                log.warning("models: %s", away)
                return
            held = dict(self._held)
            for kind, now in announced.items():
                if not now.bundle:
                    held.pop(kind, None)
                elif kind not in held or held[kind].bundle.id != now.bundle:
                    try:
                        bundle = self._bundle(kind, self._source.fetch(kind, now.bundle, now.version))
                    except PledgeScoreError as error:
                        self._note(error)
                    else:
                        held[kind] = LoadedModel(bundle, now.version, datetime.fromisoformat(now.since))
                        log.info("%s: bundle %s in service, as announced", kind, bundle.id)
            self._held = MappingProxyType(held)

    def watch(self, seconds: float) -> None:
        """Look every so many seconds in a thread of its own, where the source can move."""
        if self._source.moves:
            self._watcher = threading.Thread(target=self._watch, args=(seconds,), name="models", daemon=True)
            self._watcher.start()

    def close(self) -> None:
        """Stop watching."""
        self._stop.set()
        if self._watcher is not None:
            self._watcher.join()

    def _watch(self, seconds: float) -> None:
        while not self._stop.wait(seconds):
            self.look()

    def _take(self, found: Mapping[KindName, FoundBundle]) -> bool:
        """Exchange what is held; a bundle that is refused leaves the one before it in service. True where one was."""
        held, refused = {}, False
        for kind, one in found.items():
            try:
                held[kind] = self._loaded(kind, one)
            except PledgeScoreError as error:
                refused = True
                self._note(error)
                if kind in self._held:
                    held[kind] = self._held[kind]
        for kind in self._held.keys() - held.keys():
            self._agree(partial(self._governance.announce, kind, None, None, self._now()))
        self._held = MappingProxyType(held)
        self._agree(self._announce_again)
        return refused

    def _loaded(self, kind: KindName, found: FoundBundle) -> LoadedModel:
        held = self._held.get(kind)
        if held is not None and held.bundle.id == found.id:
            return held
        bundle = self._bundle(kind, found)
        taken = LoadedModel(bundle, found.version, self._now())
        self._governance.admit(bundle, found.folder, found.version, taken.since)
        self._governance.announce(kind, bundle, found.version, taken.since)
        log.info("%s: bundle %s in service", kind, bundle.id)
        return taken

    def _bundle(self, kind: KindName, found: FoundBundle) -> Bundle:
        bundle = self._read.get(kind)
        if bundle is None or bundle.id != found.id:  # one that is refused is not read again at every look
            bundle = self._read[kind] = load(found.folder, self._policy, found.id)
        return bundle

    def _announce_again(self) -> None:
        """What is held, where something else stands announced: whoever asked the registry before may have seen less."""
        announced = self._governance.announced()
        for kind, held in self._held.items():
            if kind in announced and announced[kind].bundle != held.bundle.id:
                self._governance.announce(kind, held.bundle, held.version, held.since)

    def _agree(self, work: Callable[[], None]) -> None:
        """Do what lets the processes agree; where the database is away, the next look does it."""
        try:
            work()
        except PledgeScoreError as away:
            log.warning("models: %s", away)

    def _note(self, error: PledgeScoreError) -> None:
        faults = tuple(error.as_faults())
        if self._trouble is None or self._trouble.faults != faults:
            log.warning("models: %s", error)
            self._trouble = Trouble(self._now().isoformat(), faults)


def _kind_of(folder: Path) -> KindName:
    try:
        told = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        return KINDS[told["kind"]].name
    except (OSError, ValueError, KeyError):
        raise BundleRefused("no_bundle_folder", folder=folder) from None
