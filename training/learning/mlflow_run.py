"""What MLflow is told of a finished training: its parameters, figures and tags."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from importlib.metadata import version

from models.words.templates import say
from training.learning.metrics import Figure
from training.learning.tracking import Run
from training.learning.train import Trained


def run_of(trained: Trained) -> Run:
    """The run to keep in MLflow."""
    plan, judgement = trained.plan, trained.judgement
    told = plan.model_dump(mode="json", exclude={"split", "labels", "features"})
    return Run(
        experiment=plan.registered,
        registered=plan.registered,
        folder=trained.folder,
        bundle=trained.bundle,
        parameters=dict(_flat(told)) | {"rounds": judgement.rounds, "split.name": say(judgement.split, "en")},
        figures=_figures(trained),
        tags={
            "kind": plan.kind,
            "horizon": plan.horizon,
            "synthetic": str(trained.bundle.synthetic).lower(),
            "events": str(judgement.learned.events),
            "test_events": str(judgement.judged.events),
            "code": version("pledgescore"),
        },
    )


def _figures(trained: Trained) -> list[Figure]:
    judgement, figures = trained.judgement, list(trained.judgement.figures)
    if judgement.without_patents is not None:
        alone, gain = judgement.without_patents
        figures += [replace(alone, name="auc_without_patents"), replace(gain, name="auc_added_by_patents")]
    if judgement.truth is not None:
        figures.append(judgement.truth.ratio)
    return figures


def _flat(told: Mapping[str, object], before: str = "") -> Iterator[tuple[str, object]]:
    """The values of nested mappings, each with the path of its keys."""
    for name, value in told.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield f"{before}{name}", value
