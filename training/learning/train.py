"""The story of a training run: gather → learn → judge → seal → keep. Start reading here."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.lake import Lake
from features.policy import shipped
from models.score.bundle import Bundle
from models.score.scale import scale_on
from models.words.templates import phrase
from training.learning.fit import how, learn
from training.learning.judge import Judgement, Say, judge
from training.learning.keeping import keep
from training.learning.plan import Plan
from training.learning.report import ReportSection, report
from training.learning.sample import Tick, gather
from training.learning.sealing import BUNDLE, TrainingRun, seal


@dataclass(frozen=True)
class Trained:
    """A finished run: the sealed bundle, its judgement, the report, and the folder with all that is to be kept."""

    bundle: Bundle
    judgement: Judgement
    report: list[ReportSection]
    folder: Path
    plan: Plan


def train(
    lake: Lake, plan: Plan, made_on: date, folder: Path, tick: Tick | None = None, say: Say = lambda _: None
) -> Trained:
    """Learn as the plan's first split says, judge, and seal the bundle in `folder/bundle` beside what is to be kept.

    The same lake, plan and day make the same bundle. `tick` is told of partitions read, `say` of each step.
    """
    split, scale = plan.split[0], scale_on(made_on, shipped(), plan.what)

    sample = gather(lake, plan, shipped(), tick=tick)

    say(phrase("progress.learning", split=how(split).nested))
    learned = learn(sample, split, plan)

    judgement = judge(sample, learned, split, plan, scale, say)

    say(phrase("progress.sealing"))
    run = TrainingRun(plan, lake, made_on, sample, learned, judgement)
    bundle = seal(run, folder / BUNDLE)

    say(phrase("progress.drawing"))
    told = report(plan, lake.manifest, sample, [judgement])
    keep(run, bundle, told, folder)
    return Trained(bundle, judgement, told, folder, plan)
