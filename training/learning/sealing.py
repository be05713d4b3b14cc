"""The bundle of a model: what was learned, what the cases held, and the facts of its making, sealed in a folder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from features.arrays import Floats
from features.lake import Lake
from features.matrix import named
from features.phrase import Phrase
from features.policy import shipped
from models.score.bundle import Bundle, Seen, save
from models.score.scale import RenewalDays, scale_on
from models.score.self_test import choose
from models.shap.contributions import margins
from training.learning.fit import Learned
from training.learning.judge import Count, Judgement
from training.learning.labels import READ
from training.learning.metrics import Figure, GradeLine
from training.learning.plan import Plan
from training.learning.reference_sample import Readability, readability, reference_sample
from training.learning.sample import Sample, raw_rows

BUNDLE = "bundle"
"""The name of the folder, and of the artifact in MLflow, that holds the native files of a model version."""
TERMS, LEAST_LOANS = (11, 12, 24), 100
"""Months up to which loans are renewed alike, and the fewest that tell their own mean."""


@dataclass(frozen=True)
class TrainingRun:
    """What a bundle is made of: a plan, the data, what was learned from them, and how it was judged."""

    plan: Plan
    lake: Lake
    made_on: date
    sample: Sample
    learned: Learned
    judgement: Judgement


@dataclass(frozen=True)
class CentralTendency:
    """The rate that the sample's was shifted to, and where it was published."""

    rate: float
    source: str


@dataclass(frozen=True)
class LakeCard:
    """The lake that was learned from: its name, its digest, and what its maker says of it."""

    name: str
    digest: str
    facts: Mapping[str, object]


@dataclass(frozen=True)
class ModelCard:
    """Facts of the making, for who reads the bundle years later.

    `gate`: the least numbers of events by the plan's keys; `grades`: how often the event was said to come in each grade
    and came; `funnel`: cases by what became of them.
    """

    not_for: Sequence[str]
    gate: Mapping[str, int]
    learned: Count
    judged: Count
    split: Phrase
    rounds: int
    figures: Sequence[Figure]
    grades: Sequence[GradeLine]
    funnel: Mapping[str, int]
    central_tendency: CentralTendency | None
    data: LakeCard
    notes: Sequence[Phrase]
    reasons: Readability


def seal(run: TrainingRun, folder: Path) -> Bundle:
    """Write the bundle into the folder with a self-test of cases that it learned from; returns it with its id."""
    made = _bundle(run)
    made = replace(made, card=msgspec.to_builtins(_card(run, readability(made))))
    sample, place = run.sample, np.flatnonzero(run.learned.learned)
    chosen = place[choose(sample.matrix[place], margins(made.booster, sample.matrix[place]))]
    cases = [sample.case(int(p)) for p in chosen]
    read = READ if made.horizon in ("12m", "maturity") else ()
    return save(folder, made, cases, raw_rows(run.lake, [case.firm for case in cases]), shipped(), read)


def _bundle(run: TrainingRun) -> Bundle:
    plan, sample, learned = run.plan, run.sample, run.learned
    numbers = sample.matrix[learned.learned]
    return Bundle(
        kind=plan.what,
        name=plan.registered,
        booster=learned.fitted.booster,
        features=sample.names,
        calibration=learned.fitted.calibration,
        scale=replace(
            scale_on(run.made_on, shipped(), plan.what),
            horizon=plan.horizon,
            renewals=_renewals(sample.cases.filter(learned.learned)),
        ),
        norms=sample.norms,
        made_on=run.made_on,
        horizon=plan.horizon,
        events=run.judgement.learned.events,
        synthetic=run.lake.manifest.synthetic,
        seen={name: _seen(name, numbers[:, place]) for place, name in enumerate(sample.names)},
        reference_sample=reference_sample(sample, learned.learned, plan, run.made_on),
        card={},
    )


def _renewals(cases: pl.DataFrame) -> tuple[RenewalDays, ...]:
    """For how long renewals were followed, for loans of usual terms; those of whom few are known by the mean of all."""
    told = cases.select("term_months", "renewal_days").drop_nulls()
    months, days = (told[name].to_numpy() for name in told.columns)
    found, above = [], 0
    for most in (*TERMS, None) if len(days) else ():
        own = days[(months > above) & ((months <= most) if most else True)]
        found.append(RenewalDays(most, round(float((own if len(own) >= LEAST_LOANS else days).mean()))))
        above = most or above
    return tuple(found)


def _seen(name: str, values: Floats) -> Seen:
    known = values[~np.isnan(values)]
    if not len(known):
        return Seen(float("nan"), float("nan"))
    categories = tuple(sorted({int(v) for v in known})) if named(name).categories else ()
    return Seen(float(known.min()), float(known.max()), categories)


def _card(run: TrainingRun, reasons: Readability) -> ModelCard:
    rate, manifest = run.plan.calibration.rate, run.lake.manifest
    return ModelCard(
        not_for=("regulatory_capital", "provisioning", "decision_without_officer"),
        gate=run.plan.gate.model_dump(),
        learned=run.judgement.learned,
        judged=run.judgement.judged,
        split=run.judgement.split,
        rounds=run.learned.fitted.rounds,
        figures=run.judgement.figures,
        grades=run.judgement.grades,
        funnel=run.sample.funnel,
        central_tendency=None if rate is None else CentralTendency(rate, run.plan.calibration.source),
        data=LakeCard(manifest.name, manifest.digest, manifest.facts),
        notes=run.learned.fitted.notes,
        reasons=reasons,
    )
