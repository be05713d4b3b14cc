"""Judges plans, and finished bundles on other data; nothing is kept."""

from datetime import date
from pathlib import Path

import msgspec

from features.lake import Lake
from features.policy import shipped
from models.score.bundle import load
from models.score.scale import scale_on
from models.shap.contributions import margins
from models.words.templates import phrase
from training.learning.fit import how, learn
from training.learning.judge import Count, Judgement, Say, judge, judge_finished
from training.learning.plan import Inputs, Plan
from training.learning.report import ReportSection, report
from training.learning.sample import Tick, gather


def evaluate(
    lake: Lake, plan: Plan, made_on: date, tick: Tick | None = None, say: Say = lambda _: None
) -> tuple[list[Judgement], list[ReportSection]]:
    """Judge every split of the plan."""
    scale = scale_on(made_on, shipped(), plan.what)
    sample = gather(lake, plan, shipped(), tick=tick)
    judgements = []
    for split in plan.split:
        say(phrase("progress.learning", split=how(split).nested))
        judgements.append(judge(sample, learn(sample, split, plan), split, plan, scale, say))
    return judgements, report(plan, lake.manifest, sample, judgements)


def evaluate_finished(
    lake: Lake, plan: Plan, folder: Path, tick: Tick | None = None
) -> tuple[list[Judgement], list[ReportSection]]:
    """Judge the bundle in a folder on all labelled cases of a lake, with the bundle's own features and norms."""
    bundle = load(folder, shipped())
    exactly = Inputs(names=bundle.features, patents=plan.features.patents)
    sample = gather(lake, plan.model_copy(update={"features": exactly}), shipped(), norms=bundle.norms, tick=tick)
    log_odds = bundle.calibration.log_odds(margins(bundle.booster, sample.only(bundle.features).matrix))
    judgement = judge_finished(sample, log_odds, plan, bundle.scale, msgspec.convert(bundle.card["learned"], Count))
    return [judgement], report(plan, lake.manifest, sample, [judgement])
