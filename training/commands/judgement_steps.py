"""What `pledgescore judgement` does at the edge: progress on standard error, the printed figures, the page."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.progress import Progress

from features.chosen_words import language
from features.lake import Lake
from features.phrase import DEFAULT_WORDS
from features.policy import Policy, shipped
from models.score.bundle import load
from models.words.output import tell, told
from models.words.progress import progress_bar
from training import learning
from training.learning.plan import read
from training.realism.judgement import JudgedBatch, JudgedOutcomes, applications, bundle_at, drawn, judged, let_go
from training.realism.judgement_page import JudgementFacts, page, written
from training.realism.sensitivity import TIMES, MovedThreshold, sensitivity, thresholds

_PLAN = Path(learning.__file__).parents[1] / "plans" / "pledge.toml"


@dataclass(frozen=True)
class JudgementQuestion:
    """What is measured: a lake, a model, how many applications, and of how many ends and thresholds are looked at."""

    data: Path
    bundle: Path
    cases: int
    seed: int
    outcomes: int
    moved: int

    @property
    def command(self) -> str:
        """The command that asks it."""
        words = language() or "none"
        asked = ["pledgescore", *(() if words == DEFAULT_WORDS else ("--words", words)), "judgement"]
        asked += ["--data", str(self.data), "--bundle", str(self.bundle), f"--cases {self.cases} --seed {self.seed}"]
        asked += [f"--outcomes {self.outcomes}"] if self.outcomes else []
        return " ".join([*asked, *([f"--moved {self.moved}"] if self.moved < self.cases else [])])


def judgement_of(asked: JudgementQuestion, write: Path | None) -> None:
    """Judge, print the figures, and write them into a page where one is told."""
    policy, lake = shipped(), Lake(asked.data)
    model = load(bundle_at(asked.bundle), policy)
    every = applications(lake, read(_PLAN), policy)
    sample, ends = drawn(every, asked.cases, asked.seed), drawn(every, asked.outcomes or every.height, asked.seed)
    few, seen = JudgedOutcomes.none(), JudgedOutcomes.none()
    with progress_bar() as bar:
        task = bar.add_task(told("judging"), total=sample.height + ends.height)
        batches = list(judged(lake, sample, model, policy, lambda n: bar.advance(task, n)))
        for batch in batches:
            few.add(batch)
        for batch in judged(lake, ends, model, policy, lambda n: bar.advance(task, n)):
            seen.add(batch)
            let_go(batch)
        moved, counted = _moved(batches, asked.moved, policy, bar)
    years = every["applied_on"].dt.year()
    facts = JudgementFacts(
        command=asked.command,
        cases=sample.height,
        moved=counted,
        seed=asked.seed,
        all=every.height,
        first=int(str(years.min())),
        last=int(str(years.max())),
        lake=lake.manifest.name,
        model=model.id[:12],
        policy=policy.digest[:12],
    )
    figures = page(facts, few, seen, moved)
    print(figures)
    if write is not None:
        written(write, figures)
        tell("judgement_written", file=write)


def _moved(
    batches: Sequence[JudgedBatch], most: int, policy: Policy, bar: Progress
) -> tuple[list[MovedThreshold], int]:
    """Every threshold moved, on the first batches that hold no more than so many cases; and how many these are."""
    chosen: list[JudgedBatch] = []
    for batch in batches:
        if sum(len(one.known) for one in chosen) + len(batch.known) <= most:
            chosen.append(batch)
    if not chosen:
        return [], 0
    task = bar.add_task(told("judging_thresholds"), total=len(TIMES) * len(thresholds(policy)))
    moved = []
    for one in sensitivity(chosen, policy):
        moved.append(one)
        bar.advance(task)
    return moved, sum(len(one.known) for one in chosen)
