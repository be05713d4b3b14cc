"""Where bundles come from: folders that a deployer named, or the registry, whose versions are kept on disk by hash."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, get_args

from features.errors import PledgeScoreError
from models.score.bundle import BundleRefused
from models.score.kind import KindName
from models.score.kinds import KINDS
from service.edge.addresses import without_secrets

if TYPE_CHECKING:
    from mlflow import MlflowClient
    from mlflow.entities.model_registry import ModelVersion

CHAMPION, CHALLENGER = "champion", "challenger"
SEAL = "bundle.sha256"
_KIND_NAMES: tuple[KindName, ...] = get_args(KindName)
_REGISTERED = {f"pledgescore-{kind}" for kind in _KIND_NAMES}


class RegistryAway(PledgeScoreError):
    """The registry does not answer, or what it says cannot be used."""


@dataclass(frozen=True)
class FoundBundle:
    """A bundle folder; `id` is what the registry says it is (None: whatever it is), `version` the registry's number."""

    folder: Path
    id: str | None = None
    version: str | None = None


@dataclass(frozen=True)
class RegisteredModel:
    """What the registry tells of a bundle; `made_by`: who trained it, by the name on the machine (None: not told)."""

    made_by: str | None = None


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

    def registered(self, bundle: str) -> RegisteredModel | None:
        """What is registered under the id of a bundle; None: nothing. Raises `RegistryAway`."""


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

    def registered(self, bundle: str) -> RegisteredModel | None:  # noqa: ARG002
        """Nothing: a folder has no registry."""
        return None


@contextmanager
def _asking() -> Iterator[None]:
    """Whatever goes wrong while the registry is asked leaves as `RegistryAway`; an error of ours as itself."""
    try:
        yield
    except PledgeScoreError:
        raise
    except Exception as error:
        raise RegistryAway("registry_failed", error=type(error).__name__, why=without_secrets(str(error))) from error


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

    def registered(self, bundle: str) -> RegisteredModel | None:
        """Of any version of our models that is tagged with it: who its run says made it."""
        with _asking():
            client = self._client()
            for one in client.search_model_versions(f"tags.bundle = '{bundle}'"):
                if one.name in _REGISTERED:
                    run = client.get_run(one.run_id) if one.run_id else None
                    return RegisteredModel(None if run is None else run.data.tags.get("mlflow.user"))
        return None

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


def _kind_of(folder: Path) -> KindName:
    try:
        told = json.loads((folder / "bundle.json").read_text(encoding="utf-8"))
        return KINDS[told["kind"]].name
    except (OSError, ValueError, KeyError):
        raise BundleRefused("no_bundle_folder", folder=folder) from None
