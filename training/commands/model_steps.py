"""What the model commands do at the edge: today's day, progress on standard error, MLflow, and the printed report."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from features.lake import Lake
from features.phrase import Phrase
from features.policy import shipped
from models.score.bundle import load
from models.score.gate import shortfalls
from models.words.output import tell, text, told
from models.words.templates import phrase
from training.commands.data import show_report
from training.importing.importing import import_data
from training.learning import gate, tracking
from training.learning.evaluation import evaluate, evaluate_finished
from training.learning.judge import Say
from training.learning.mlflow_run import run_of
from training.learning.plan import Plan, read
from training.learning.report import markdown, show
from training.learning.sample import Tick
from training.learning.sealing import BUNDLE
from training.learning.train import Trained, train


def trained(plan_file: Path, data: Path, out: Path | None, lake_folder: Path | None, register: bool) -> Trained:
    """Train, print the report, and register the model where asked for."""
    plan = read(plan_file)
    lake = _lake(plan, data, lake_folder)
    folder = out or Path(tempfile.mkdtemp(prefix="pledgescore-"))
    with _progress() as (tick, say):
        found = train(lake, plan, date.today(), folder, tick, say)  # noqa: DTZ011 (the day where the trainer sits)
        if register:
            say(phrase("progress.registering"))
            version = tracking.record(run_of(found), tracking.connect())
    show(found.report, Console())
    print()
    tell("bundle_trained", bundle=found.bundle.id, file=folder / BUNDLE)
    if register:
        tell("model_registered", name=version.name, number=version.number, alias=tracking.CHALLENGER)
    for short in shortfalls(found.bundle):
        tell("promote_will_refuse", why=text(short.phrase))
    return found


def evaluated(
    plan_file: Path, data: Path, bundle: Path | None, lake_folder: Path | None, report_file: Path | None
) -> None:
    """Judge, print the report, and write it where asked for."""
    plan = read(plan_file)
    lake = _lake(plan, data, lake_folder)
    with _progress() as (tick, say):
        if bundle is None:
            _, parts = evaluate(lake, plan, date.today(), tick, say)  # noqa: DTZ011
        else:
            _, parts = evaluate_finished(lake, plan, bundle, tick)
    show(parts, Console())
    if report_file is not None:
        report_file.write_text(markdown(parts), encoding="utf-8")


def promoted(name: str, number: int) -> tracking.Version:
    """Make a version champion. Raises `NotPromoted` or `BundleRefused`."""
    client = tracking.connect()
    found = tracking.Version(name, number, "") if number else tracking.newest(name, client)
    with tempfile.TemporaryDirectory() as place:
        folder = tracking.fetch(found, Path(place))
        bundle = load(folder, shipped(), expect=tracking.tag(found, "bundle", client))
    gate.check(bundle)
    tracking.crown(found, client)
    tell("model_crowned", name=found.name, number=found.number, bundle=bundle.id[:12], alias=tracking.CHAMPION)
    return found


def _lake(plan: Plan, data: Path, out: Path | None) -> Lake:
    """The lake to learn from: the folder itself where it is one, else its source files imported by the mapping."""
    if (data / "manifest.json").exists() or plan.mapping is None:
        return Lake(data)
    place = out or Path(tempfile.mkdtemp(prefix="pledgescore-"))
    show_report(
        import_data(plan.file.parent / plan.mapping, place, data, environ=os.environ, show=True, replace=True), place
    )
    return Lake(place)


@contextmanager
def _progress() -> Iterator[tuple[Tick, Say]]:
    """A bar on standard error that tells what is done and how far it is."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(told("progress_reading"), total=None)

        def tick(what: str, done: int, whole: int) -> None:
            bar.update(task, description=told(f"progress_{what}", done=done, count=whole), completed=done, total=whole)

        def say(what: Phrase) -> None:
            bar.update(task, description=text(what), total=None)

        yield tick, say
