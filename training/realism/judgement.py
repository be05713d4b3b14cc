"""What the judgement says of many applications of a made-up world, what sets the limits, and what became of them.

Applications are judged as they stood on the day before their contract, by the rules and the policy of today.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import get_args

import numpy as np
import polars as pl
from scipy import stats

from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.lake import Lake
from features.matrix import matrix
from features.policy import Policy
from models.lending import Lending, weighed
from models.rules import Judged, assess_rules, forget
from models.rules.recommendation import Advice
from models.score.bundle import Bundle
from models.score.scale import Scale
from models.score.self_test import work
from training.learning.labels import labels, observed
from training.learning.plan import Plan
from training.learning.sample import latest
from training.world.truth import FOLDER, read_truth

YEARS, TOGETHER = 3, 250
ADVICES = get_args(Advice)
Tick = Callable[[int], None]


@dataclass(frozen=True)
class JudgedBatch:
    """Cases judged together, with what is needed to judge them again under other thresholds.

    `rules`: what the rules said before the limit was weighed; `lent`: all of it. `label`: 1 where the borrower
    defaulted, 0 where not, NaN where that cannot be said; `truth`: the world's own probability, NaN where unknown.
    """

    known: Known
    scale: Scale
    points: Sequence[float]
    pd: Sequence[float]
    rules: Sequence[Judged]
    lent: Sequence[Lending]
    label: Floats
    truth: Floats

    @property
    def advice(self) -> list[str]:
        """The advice on each case."""
        return [advised(lent) for lent in self.lent]

    @property
    def binding(self) -> list[str]:
        """What sets each limit; `unknown` where none is told."""
        return [lent.security.limit.binding or "unknown" if lent.security else "unknown" for lent in self.lent]


def advised(lent: Lending) -> str:
    """The advice of an application."""
    said = lent.recommendation
    assert said is not None, "every case here names its application"
    return said.advice


def reasons(lent: Lending) -> tuple[str, ...]:
    """The rules that the advice follows from, each once, in the order in which they are shown."""
    said = lent.recommendation
    return tuple(dict.fromkeys(one.rule for one in said.because)) if said is not None else ()


def applications(lake: Lake, plan: Plan, policy: Policy) -> pl.DataFrame:
    """The applications of the last years of a lake, with label and truth, in the order of their days.

    The label is that of twelve months from drawdown: to their maturity the latest loans are not seen.
    """
    plan = plan.model_copy(update={"horizon": "12m"})
    seen = observed(latest(lake, plan, lambda *_: None), plan)
    parts = []
    for index in range(lake.partitions):
        frames = lake.read(index)
        found = labels(frames, plan, seen, policy).filter(pl.col("application").is_not_null())
        asked = frames["applications"].select("application", "applied_on", "renews")
        parts.append(found.join(asked, on="application").with_columns(part=pl.lit(index)))
    told = pl.concat(parts).unique("application", keep="first")
    newest = told.filter(pl.col("renews").is_null())["applied_on"].max()  # after it come renewals alone
    last = newest.year if isinstance(newest, date) else date.max.year
    told = told.filter(pl.col("applied_on").dt.year().is_between(last - YEARS + 1, last))
    if (lake.path / FOLDER).is_dir():
        truth = read_truth(lake.path).select("application", truth="true_pd_12m")
        told = told.join(truth, on="application", how="left")
    else:
        told = told.with_columns(truth=pl.lit(None, pl.Float64))
    return told.sort("applied_on", "application")


def drawn(told: pl.DataFrame, number: int, seed: int) -> pl.DataFrame:
    """So many of the applications, by chance."""
    chosen = np.random.default_rng(seed).permutation(told.height)[:number]
    found: pl.DataFrame = told[np.sort(chosen).tolist()]
    return found


def judged(lake: Lake, told: pl.DataFrame, bundle: Bundle, policy: Policy, tick: Tick) -> Iterator[JudgedBatch]:
    """The applications judged, a partition of the lake after another."""
    for (index,), rows in told.group_by("part", maintain_order=True):
        frames = lake.read(int(str(index)))
        firms = rows["firm"].unique()
        tables = Tables.from_frames(
            {name: f.filter(pl.col("firm").is_in(firms.implode())) for name, f in frames.items()}
        )
        for start in range(0, rows.height, TOGETHER):
            part = rows[start : start + TOGETHER]
            yield _batch(tables, part, bundle, policy)
            tick(part.height)


def _batch(tables: Tables, rows: pl.DataFrame, bundle: Bundle, policy: Policy) -> JudgedBatch:
    columns = ("application", "firm", "as_of", "application", "bank", "branch")
    cases = [Case(*(row[name] for name in columns)) for row in rows.iter_rows(named=True)]
    known = as_known(tables, cases, bundle.norms, policy)
    worked = work(bundle.trees, matrix(known, bundle.features))
    points, pd = worked.points.tolist(), worked.probability.tolist()
    rules = [assess_rules(known, i, points[i], scale=bundle.scale) for i in range(len(known))]
    lent = [weighed(known, i, rules[i], None, pd[i]) for i in range(len(known))]
    label, truth = (rows[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in ("label", "truth"))
    return JudgedBatch(known, bundle.scale, points, pd, rules, lent, label, truth)


@dataclass(frozen=True)
class AdviceLine:
    """One advice: its share of the cases, and of those whose end is seen the observed defaults with a 95% interval."""

    advice: str
    cases: int
    share: float
    seen: int
    defaults: int
    rate: float
    low: float
    high: float
    truth: float


@dataclass(frozen=True)
class ReferringRule:
    """A rule that asks for a person: in how many cases it is named, and in how many it is the only one."""

    rule: str
    named: int
    alone: int


@dataclass
class JudgedOutcomes:
    """Advice, its rules, label and truth of cases, gathered batch by batch; nothing else of them is kept."""

    advice: list[str]
    reasons: list[tuple[str, ...]]
    binding: list[str]
    label: list[float]
    truth: list[float]

    @classmethod
    def none(cls) -> "JudgedOutcomes":
        """Nothing yet."""
        return cls([], [], [], [], [])

    def add(self, batch: JudgedBatch) -> None:
        """Add the cases of a batch."""
        self.advice += batch.advice
        self.reasons += [reasons(lent) for lent in batch.lent]
        self.binding += batch.binding
        self.label += batch.label.tolist()
        self.truth += batch.truth.tolist()

    def lines(self) -> list[AdviceLine]:
        """A line for each advice."""
        return [self._line(advice) for advice in ADVICES]

    def _line(self, advice: str) -> AdviceLine:
        mine = np.array([one == advice for one in self.advice], dtype=bool)
        label, truth = np.array(self.label)[mine], np.array(self.truth)[mine]
        seen = label[~np.isnan(label)]
        bad = int(seen.sum())
        found = stats.binomtest(bad, len(seen)).proportion_ci(0.95, "wilson") if len(seen) else None
        return AdviceLine(
            advice,
            int(mine.sum()),
            float(mine.mean()) if len(mine) else float("nan"),
            len(seen),
            bad,
            bad / len(seen) if len(seen) else float("nan"),
            found.low if found else float("nan"),
            found.high if found else float("nan"),
            float(np.nanmean(truth)) if (~np.isnan(truth)).any() else float("nan"),
        )

    def referring(self) -> list[ReferringRule]:
        """The rules that ask for a person, those on which most cases hang alone first."""
        asked = [told for advice, told in zip(self.advice, self.reasons, strict=True) if advice == "refer"]
        named = Counter(rule for told in asked for rule in told)
        alone = Counter(told[0] for told in asked if len(told) == 1)
        return sorted(
            (ReferringRule(rule, named[rule], alone[rule]) for rule in named),
            key=lambda r: (-r.alone, -r.named, r.rule),
        )

    def shares_of_bounds(self) -> dict[str, float]:
        """Which bound sets the limit, as shares of the cases with a limit; `unknown` as a share of all."""
        told = [one for one in self.binding if one != "unknown"]
        shares = {name: told.count(name) / len(told) for name in sorted(set(told), key=lambda n: -told.count(n))}
        return shares | {"unknown": self.binding.count("unknown") / max(len(self.binding), 1)}


def let_go(batch: JudgedBatch) -> None:
    """Forget what a batch holds that is not asked again."""
    forget(batch.known)


@dataclass(frozen=True)
class CommitteeLine:
    """A made-up committee that knows so much of the truth, and declines as many as the product advises against."""

    informed: float
    agrees: float
    accepted_truth: float


def committees(found: JudgedOutcomes, seed: int, informed: Sequence[float] = (0.5, 1.0, 2.0)) -> list[CommitteeLine]:
    """Committees that see the true log-odds through noise: as large as their spread where `informed` is 1.

    A test of the judgement and no evidence for it: the committee is as made up as the world. `agrees`: of the same
    number declined, the share that the product advises against too. `accepted_truth`: the mean true probability of
    default of those it accepts.
    """
    truth = np.array(found.truth)
    known = ~np.isnan(truth)
    against = np.array([advice == "advise_against" for advice in found.advice])[known]
    odds = np.log(truth[known] / (1 - truth[known]))
    noise = np.random.default_rng(seed).standard_normal(len(odds)) * odds.std()
    lines = []
    for much in informed:
        declined = np.zeros(len(odds), dtype=bool)
        declined[np.argsort(-(odds + noise / much), kind="stable")[: int(against.sum())]] = True
        both = float((declined & against).sum() / max(declined.sum(), 1))
        lines.append(CommitteeLine(much, both, float(truth[known][~declined].mean())))
    return lines


def mean_truth(found: JudgedOutcomes) -> float:
    """The mean true probability of default of all cases."""
    truth = np.array(found.truth)
    return float(np.nanmean(truth)) if (~np.isnan(truth)).any() else float("nan")


def accepted_truth(found: JudgedOutcomes) -> float:
    """The mean true probability of default of those that the product does not advise against."""
    truth = np.array(found.truth)
    kept = np.array([advice != "advise_against" for advice in found.advice]) & ~np.isnan(truth)
    return float(truth[kept].mean()) if kept.any() else float("nan")


def bundle_at(folder: Path) -> Path:
    """The folder of the bundle itself, where the folder of its training is told."""
    return folder / "bundle" if (folder / "bundle" / "bundle.json").is_file() else folder
