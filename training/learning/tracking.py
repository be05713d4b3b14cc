"""The only file that writes to MLflow: experiment, run, model version, tags and aliases.

By default everything lies in `mlruns/` of the working folder; `MLFLOW_TRACKING_URI` names a server instead. Nothing is
sent anywhere else: MLflow's telemetry is switched off before MLflow is imported.
"""

import logging
import os
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("DO_NOT_TRACK", "true")
os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # on import MLflow warns of type hints of its own
    import mlflow
    import mlflow.pyfunc
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException
    from mlflow.models import ModelSignature
    from mlflow.models.model import ModelInfo
    from mlflow.types import ColSpec, Schema

from features.errors import PledgeScoreError
from models.score.bundle import Bundle
from training.learning.metrics import Figure
from training.learning.sealing import BUNDLE

CHAMPION, CHALLENGER = "champion", "challenger"
NEEDED = ("lightgbm", "mlflow", "numpy", "pandas", "polars", "pydantic", "pyyaml")
"""Distributions that a served model imports, pinned: left to itself MLflow takes eight seconds to guess them.

Our own is not among them: an index that does not hold it would give whatever a stranger put there under its name.
"""


class NotRegistered(PledgeScoreError):
    """The registry knows no such model or version."""


@dataclass(frozen=True)
class Run:
    """What a training run leaves in MLflow. `folder` holds `bundle/` and files to keep beside it."""

    experiment: str
    registered: str
    folder: Path
    bundle: Bundle
    parameters: Mapping[str, object]
    figures: Sequence[Figure]
    tags: Mapping[str, str]


@dataclass(frozen=True)
class Version:
    """A registered model version."""

    name: str
    number: int
    run: str


def connect(folder: Path | None = None) -> MlflowClient:
    """A client of the server that the environment names, else of the files in `mlruns/` of the folder."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        home = (folder or Path.cwd()) / "mlruns"
        home.mkdir(parents=True, exist_ok=True)
        uri = f"sqlite:///{home / 'mlflow.db'}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # tells of every step of making a database
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the first question makes MLflow declare tables in a way that is going away
        client = MlflowClient(tracking_uri=uri, registry_uri=uri)
        client.search_experiments(max_results=1)
    return client


def record(run: Run, client: MlflowClient) -> Version:
    """Keep a training run and register its model, with the alias `challenger`."""
    experiment = _experiment(run.experiment, client)
    with warnings.catch_warnings():
        # MLflow warns of its own interfaces (a model without type hints); none of it is about our data.
        warnings.simplefilter("ignore")
        with mlflow.start_run(experiment_id=experiment, run_name=run.bundle.id[:12], tags=dict(run.tags)) as active:
            mlflow.log_params({name: str(value)[:6000] for name, value in run.parameters.items()})
            mlflow.log_metrics({name: value for f in run.figures for name, value in _metrics(f).items()})
            for path in sorted(run.folder.iterdir()):
                if path.name != BUNDLE:
                    mlflow.log_artifacts(str(path), path.name) if path.is_dir() else mlflow.log_artifact(str(path))
            told = mlflow.pyfunc.log_model(
                name="model",
                python_model=str(Path(__file__).with_name("served.py")),
                artifacts={BUNDLE: str(run.folder / BUNDLE)},
                signature=signature(run.bundle),
                pip_requirements=[f"{name}=={version_of(name)}" for name in NEEDED],
            )
    number = _register(run.registered, told, client)
    for name, value in {**run.tags, "bundle": run.bundle.id}.items():
        client.set_model_version_tag(run.registered, str(number), name, value)
    client.set_registered_model_alias(run.registered, CHALLENGER, str(number))
    return Version(run.registered, number, active.info.run_id)


def signature(bundle: Bundle) -> ModelSignature:
    """All features float64 (whole-number columns would refuse missing values), a float64 out."""
    inputs = Schema([ColSpec("double", name) for name in bundle.features])
    return ModelSignature(inputs=inputs, outputs=Schema([ColSpec("double")]))


def _experiment(name: str, client: MlflowClient) -> str:
    found = client.get_experiment_by_name(name)
    if found is not None:
        return str(found.experiment_id)
    database = client.tracking_uri.removeprefix("sqlite:///")
    if database == client.tracking_uri:
        return str(client.create_experiment(name))  # a server knows where its artifacts lie
    artifacts = Path(database).absolute().parent / "artifacts"
    return str(client.create_experiment(name, artifact_location=artifacts.as_uri()))


def _register(name: str, model: ModelInfo, client: MlflowClient) -> int:
    with suppress(MlflowException):  # it is there already
        client.create_registered_model(name)
    made = client.create_model_version(name, model.model_uri, run_id=model.run_id, model_id=model.model_id)
    return int(made.version)


def _metrics(figure: Figure) -> dict[str, float]:
    return {
        figure.name: figure.value,
        f"{figure.name}_low": figure.low,
        f"{figure.name}_high": figure.high,
        f"{figure.name}_events": float(figure.events),
    }


def newest(name: str, client: MlflowClient) -> Version:
    """The newest version of a registered model. Raises `NotRegistered`."""
    found = client.search_model_versions(f"name='{name}'")
    if not found:
        raise NotRegistered("registry_no_model", model=name)
    best = max(found, key=lambda v: int(v.version))
    return Version(name, int(best.version), str(best.run_id))


def fetch(found: Version, folder: Path) -> Path:
    """Bring the bundle of a version into a folder; returns the bundle's folder. Raises `NotRegistered`."""
    try:
        path = mlflow.artifacts.download_artifacts(f"models:/{found.name}/{found.number}", dst_path=str(folder))
    except MlflowException as fault:
        raise NotRegistered(
            "registry_version_away", model=found.name, version=found.number, why=fault.message
        ) from None
    bundle = Path(path) / "artifacts" / BUNDLE
    if not (bundle / "bundle.json").is_file():
        # After `mlruns` was moved MLflow gives an empty folder and no error.
        raise NotRegistered("registry_version_empty", model=found.name, version=found.number)
    return bundle


def tag(found: Version, name: str, client: MlflowClient) -> str | None:
    """A tag of a version."""
    tags: Mapping[str, str] = client.get_model_version(found.name, str(found.number)).tags
    return tags.get(name)


def crown(found: Version, client: MlflowClient) -> None:
    """Make a version the champion."""
    client.set_registered_model_alias(found.name, CHAMPION, str(found.number))


def champion(name: str, client: MlflowClient) -> Version | None:
    """The version of a registered model that is in service; None where none is."""
    try:
        found = client.get_model_version_by_alias(name, CHAMPION)
    except MlflowException:
        return None
    return Version(name, int(found.version), str(found.run_id))
