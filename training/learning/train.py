"""The story of a training run: gather → learn → judge → bundle → keep. Start reading here."""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from features.arrays import Floats
from features.lake import Lake
from features.matrix import named
from features.policy import shipped
from models.score.bundle import Bundle, Seen, load, save
from models.score.scale import scale_on
from models.score.self_test import choose
from models.shap.contributions import margins
from training.learning.evaluate import Figure, Scored
from training.learning.fit import Fitted, Learned
from training.learning.judge import Count, Judgement, judge, judge_finished, with_truth
from training.learning.labels import READ
from training.learning.plan import Plan
from training.learning.reference_sample import contradictions, reference_sample
from training.learning.report import ReportSection, markdown, report
from training.learning.sample import Sample, Tick, gather, raw_rows
from training.learning.tracking import BUNDLE, Run, as_json

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A finished run: the sealed bundle, its judgement, the report, and the folder with all that is to be kept."""

    bundle: Bundle
    judgement: Judgement
    report: list[ReportSection]
    folder: Path
    plan: Plan

    def run(self) -> Run:
        """What MLflow is told."""
        told = self.plan.model_dump(mode="json", exclude={"split", "labels", "features"})
        figures = list(self.judgement.figures)
        if self.judgement.without_patents is not None:
            alone, gain = self.judgement.without_patents
            figures += [_renamed(alone, "auc_without_patents"), _renamed(gain, "auc_added_by_patents")]
        if self.judgement.truth is not None:
            figures.append(self.judgement.truth.ratio)
        return Run(
            experiment=self.plan.registered,
            registered=self.plan.registered,
            folder=self.folder,
            bundle=self.bundle,
            parameters=_flat(told) | {"rounds": self.judgement.rounds, "split.name": self.judgement.split},
            figures=figures,
            tags={
                "kind": self.plan.kind,
                "horizon": self.plan.horizon,
                "synthetic": str(self.bundle.synthetic).lower(),
                "events": str(self.judgement.learned.events),
                "test_events": str(self.judgement.judged.events),
                "code": version("pledgescore"),
            },
        )


def _renamed(figure: Figure, name: str) -> Figure:
    return replace(figure, name=name)


def _flat(told: Any, before: str = "") -> dict[str, Any]:
    if not isinstance(told, dict):
        return {before: told}
    return {k: v for name, part in told.items() for k, v in _flat(part, f"{before}.{name}" if before else name).items()}


def train(
    lake: Lake, plan: Plan, made_on: date, folder: Path, tick: Tick | None = None, say: Say = lambda _: None
) -> Trained:
    """Learn as the plan's first split says, judge, and seal the bundle in `folder/bundle` beside what is to be kept.

    The same lake, plan and day make the same bundle.
    """
    scale = scale_on(made_on, shipped(), plan.what)
    sample = with_truth(gather(lake, plan, shipped(), tick=tick), lake.path, plan.horizon)
    learned, judgement = judge(sample, plan.split[0], plan, scale, say)
    say("sealing the bundle")
    made = _bundle(learned, judgement, sample, plan, lake, made_on)
    made = replace(made, card={**made.card, "reasons": contradictions(made)})
    bundle = _sealed(folder / BUNDLE, made, sample, learned, lake)
    told = report(plan, lake.manifest, sample, [judgement])
    (folder / "report.md").write_text(markdown(told), encoding="utf-8")
    (folder / "data.json").write_text(as_json(_data(lake)), encoding="utf-8")
    (folder / "funnel.json").write_text(as_json(sample.funnel), encoding="utf-8")
    if plan.file.is_file():
        shutil.copyfile(plan.file, folder / "plan.toml")
    say("drawing the plots")
    _draw(folder / "plots", bundle, sample, learned, judgement, plan)
    return Trained(bundle, judgement, told, folder, plan)


def evaluate(
    lake: Lake, plan: Plan, made_on: date, tick: Tick | None = None, say: Say = lambda _: None
) -> tuple[list[Judgement], list[ReportSection]]:
    """Judge every split of the plan; nothing is kept."""
    scale = scale_on(made_on, shipped(), plan.what)
    sample = with_truth(gather(lake, plan, shipped(), tick=tick), lake.path, plan.horizon)
    judgements = [judge(sample, split, plan, scale, say)[1] for split in plan.split]
    return judgements, report(plan, lake.manifest, sample, judgements)


def evaluate_finished(
    lake: Lake, plan: Plan, folder: Path, tick: Tick | None = None
) -> tuple[list[Judgement], list[ReportSection]]:
    """Judge the bundle in a folder on all labelled cases of a lake, with the bundle's own features and norms."""
    bundle = load(folder, shipped())
    own = plan.model_copy(update={"features": plan.features.model_copy(update=_exactly(bundle.features))})
    sample = with_truth(gather(lake, own, shipped(), norms=bundle.norms, tick=tick), lake.path, plan.horizon)
    log_odds = bundle.calibration.log_odds(margins(bundle.booster, sample.only(bundle.features).matrix))
    judgement = judge_finished(sample, log_odds, plan, bundle.scale, Count(**bundle.card["learned"]))
    return [judgement], report(plan, lake.manifest, sample, [judgement])


def _exactly(names: Sequence[str]) -> dict[str, Any]:
    return {"families": (), "names": tuple(names), "without": ()}


def _bundle(learned: Learned, judgement: Judgement, sample: Sample, plan: Plan, lake: Lake, made_on: date) -> Bundle:
    numbers = sample.matrix[learned.learned]
    return Bundle(
        kind=plan.what,
        name=plan.registered,
        booster=learned.fitted.booster,
        features=sample.names,
        calibration=learned.fitted.calibration,
        scale=scale_on(made_on, shipped(), plan.what),
        norms=sample.norms,
        made_on=made_on,
        horizon=plan.horizon,
        events=judgement.learned.events,
        synthetic=lake.manifest.synthetic,
        seen={name: _seen(name, numbers[:, place]) for place, name in enumerate(sample.names)},
        reference_sample=reference_sample(sample, learned.learned, plan, made_on),
        card=_card(learned.fitted, judgement, sample, plan, lake),
    )


def _seen(name: str, values: Floats) -> Seen:
    known = values[~np.isnan(values)]
    if not len(known):
        return Seen(float("nan"), float("nan"))
    categories = tuple(sorted({int(v) for v in known})) if named(name).categories else ()
    return Seen(float(known.min()), float(known.max()), categories)


def _card(fitted: Fitted, judgement: Judgement, sample: Sample, plan: Plan, lake: Lake) -> dict[str, Any]:
    """Facts of the making, for who reads the bundle years later."""
    rate = plan.calibration.rate
    return {
        "not_for": "regulatory capital, provisioning, or a decision without an officer",
        "gate": plan.gate.model_dump(),
        "learned": asdict(judgement.learned),
        "judged": asdict(judgement.judged),
        "split": judgement.split,
        "rounds": fitted.rounds,
        "figures": [asdict(figure) for figure in judgement.figures],
        "funnel": sample.funnel,
        "central_tendency": None if rate is None else {"rate": rate, "source": plan.calibration.source},
        "data": {"name": lake.manifest.name, "digest": lake.manifest.digest, "facts": lake.manifest.facts},
        "notes": list(fitted.notes),
    }


def _sealed(folder: Path, bundle: Bundle, sample: Sample, learned: Learned, lake: Lake) -> Bundle:
    place = np.flatnonzero(learned.learned)
    chosen = place[choose(sample.matrix[place], margins(bundle.booster, sample.matrix[place]))]
    cases = [sample.case(int(p)) for p in chosen]
    read = READ if bundle.horizon in ("12m", "maturity") else ()
    return save(folder, bundle, cases, raw_rows(lake, [case.firm for case in cases]), shipped(), read)


def _data(lake: Lake) -> dict[str, Any]:
    """The data manifest: what the lake is, every file's hash, the share of assumed days of knowledge."""
    manifest = lake.manifest
    return {
        "name": manifest.name,
        "digest": manifest.digest,
        "synthetic": manifest.synthetic,
        "made_by": manifest.made_by,
        "share_assumed_known_on": manifest.facts.get("share_assumed_known_on"),
        "facts": manifest.facts,
        "files": {name: asdict(part) for name, part in manifest.files.items()},
    }


def _draw(folder: Path, bundle: Bundle, sample: Sample, learned: Learned, judgement: Judgement, plan: Plan) -> None:
    from training.learning.plots import plots

    place = learned.judged.place
    scored = Scored(learned.judged.log_odds, sample.label[place], sample.firm[place])
    plots(folder, bundle, sample, scored, judgement.grades, plan.seed)
