"""What `pledgescore screen` does at the edge: the day, the models, progress on standard error, and the account."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from shutil import rmtree
from time import perf_counter

import polars as pl
from rich.progress import Task

from features.chosen_words import language
from features.lake import Lake
from features.phrase import WordsChoice
from features.policy import shipped
from models.score.bundle import Bundle, load
from models.words.output import tell, told
from models.words.progress import WordsBeside, progress_bar
from training.screening.screen import (
    ScreenedPartition,
    ScreeningQuestion,
    chosen_lists,
    count_firms,
    identity,
    policy_of,
    screened,
    sources,
)
from training.screening.sheet import check_output, write
from training.screening.unfinished import Unfinished, unfinished

REGISTERED = ("pledgescore-whitelist", "pledgescore-pledge")


@dataclass(frozen=True)
class ScreeningOptions:
    """What the command line asked for. Where a bundle is named, the other model is asked only if it is named too."""

    data: Path
    name: str
    out: Path
    whitelist: Path | None = None
    pledge: Path | None = None
    policy: Path | None = None
    day: date | None = None
    reasons: int = 4
    scheduler: str | None = None
    workers: int = 1
    replace: bool = False


@dataclass
class Done:
    """What this run did: firms screened, the seconds that it took, and the workers' seconds by stage."""

    firms: int = 0
    seconds: float = 0.0
    stages: dict[str, float] = field(default_factory=dict)

    def add(self, part: ScreenedPartition, seconds: float) -> None:
        """Count a partition that was there after so many seconds."""
        self.firms, self.seconds = self.firms + part.firms, seconds
        self.stages = {name: self.stages.get(name, 0.0) + took for name, took in part.seconds.items()}


def screen_file(asked: ScreeningOptions) -> None:
    """Screen the lake's firms and write the rows; then say how many stand on each list, and how fast it went."""
    day = asked.day or date.today()  # noqa: DTZ011 (the day where the one who asks sits)
    lake, names = Lake(asked.data), chosen_lists(asked.name, policy_of(asked.policy))
    firms = [count_firms(lake, index, day) for index in range(lake.partitions)]
    check_output(asked.out, sum(firms) * len(names))
    with unfinished(asked.out, asked.replace) as place:
        question = _question(asked, place, names, day)
        done = _run(asked, question, place, firms)
        outcomes = pl.scan_parquet(place.parts(len(firms))).group_by("list", "outcome").len().collect()
        place.remove()
    _account(asked, question, sum(firms), done)
    for listed in names:
        found = sorted((what, n) for of, what, n in outcomes.iter_rows() if of == listed)
        tell(
            "list_screened",
            name=listed,
            counts=tuple(fact for what, n in found for fact in (f"screened.{what}", f"{n:,}")),
        )


def _question(asked: ScreeningOptions, place: Unfinished, names: tuple[str, ...], day: date) -> ScreeningQuestion:
    whitelist, pledge = asked.whitelist, asked.pledge
    if whitelist is None and pledge is None:
        whitelist, pledge = (_champion(name, place.folder / "models" / name) for name in REGISTERED)
    whitelist, pledge, own = (folder and folder.resolve() for folder in (whitelist, pledge, asked.policy))
    words: WordsChoice = language() or "none"
    return ScreeningQuestion(asked.data.resolve(), day, names, whitelist, pledge, own, asked.reasons, words)


def _champion(name: str, folder: Path) -> Path | None:
    """The bundle of the model in service, brought to the folder; None where none is in service."""
    from training.learning import tracking

    client = tracking.connect()
    found = tracking.champion(name, client)
    if found is None:
        return None
    rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    bundle = tracking.fetch(found, folder)
    load(bundle, shipped(), expect=tracking.tag(found, "bundle", client))
    return bundle


def _run(asked: ScreeningOptions, question: ScreeningQuestion, place: Unfinished, firms: Sequence[int]) -> Done:
    """Screen the partitions that are not finished, then put all together."""
    place.begin(expected := identity(question))
    parts = place.parts(len(firms))
    left = [index for index, part in enumerate(parts) if not part.exists()]
    done = Done()
    began = perf_counter()
    with progress_bar(WordsBeside(_so_far)) as bar:
        task = bar.add_task(told("screening"), total=sum(firms), rate=0.0)
        bar.update(task, completed=sum(firms) - sum(firms[index] for index in left))
        for part in _parts(asked, question, left, expected):
            place.add(part)
            done.add(part, perf_counter() - began)
            bar.update(task, advance=part.firms, rate=done.firms / done.seconds)
        bar.update(task, description=told("writing", file=asked.out.name))
        write(parts, asked.out, place.folder / "whole.unfinished")
    done.seconds = perf_counter() - began
    return done


def _parts(
    asked: ScreeningOptions, question: ScreeningQuestion, left: list[int], expected: dict[str, str]
) -> Iterator[ScreenedPartition]:
    """The partitions screened, here or by workers."""
    if asked.scheduler is None and asked.workers == 1:
        yield from (screened(question, index, expected) for index in left)
        return
    from training.screening.cluster import on_processes, on_scheduler, screened_by

    with on_scheduler(asked.scheduler) if asked.scheduler else on_processes(asked.workers) as client:
        yield from screened_by(client, question, left, expected)


def _so_far(task: Task) -> str:
    """How many firms of how many, and how fast."""
    rate = round(task.fields["rate"])
    return told("firms_screened_so_far", done=int(task.completed), count=int(task.total or 0), rate=rate)


def _account(asked: ScreeningOptions, question: ScreeningQuestion, firms: int, done: Done) -> None:
    seen = sources(question)
    code = "firms_screened_synthetic" if seen.lake.manifest.synthetic else "firms_screened"
    tell(code, count=firms, day=question.day, file=asked.out)
    if firms > done.firms:
        tell("firms_screened_before", count=firms - done.firms)
    rate = round(done.firms / done.seconds)
    tell("screening_took", seconds=f"{done.seconds:.1f}", rate=rate, stages=_shares(done.stages))
    for what, bundle in (("admission", seen.whitelist), ("pd", seen.pledge)):
        _tell_model(what, bundle)


def _shares(stages: dict[str, float]) -> tuple[str, ...]:
    """Stages, each followed by its share of the time."""
    whole = sum(stages.values())
    return tuple(fact for name, took in stages.items() for fact in (f"stage.{name}", f"{took / whole:.0%}"))


def _tell_model(what: str, bundle: Bundle | None) -> None:
    if bundle is None:
        tell("no_model_asked", part=f"print.{what}")
    else:
        tell("model_asked", part=f"print.{what}", model=bundle.name, bundle=bundle.id[:12])
