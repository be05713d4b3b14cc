"""From a lake to what a model learns from: labelled cases and their feature matrix, a partition at a time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import msgspec
import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from features.asof import Case, as_known
from features.encoded import Tables
from features.errors import PledgeScoreError
from features.firm import industry_codes
from features.lake import Lake
from features.matrix import matrix
from features.norms import NO_NORMS, Norms
from features.policy import Policy
from models.score.self_test import RawRows
from training.learning.labels import Observed, funnel, labels, latest_month, observed
from training.learning.plan import GivenSplit, Plan
from training.world.truth import FOLDER, read_truth

Tick = Callable[[str, int, int], None]
"""Told of progress: what is done, how many of how many."""


class NothingToLearn(PledgeScoreError):
    """The data hold no case of one of the two outcomes."""


@dataclass(frozen=True)
class Sample:
    """The labelled cases (columns of `labels.LABELLED`, and `industry`), their (n, f) matrix by `names`.

    `funnel` counts all cases and those left out; `observed` says how far the data show; `horizons` holds the labels of
    loans by each horizon, for a report that shows what the chosen one does not see; `given` the measures by which the
    data themselves say which case is for what; `truth` the true probabilities that a synthetic world tells (NaN: none).
    """

    cases: pl.DataFrame
    matrix: Floats
    names: tuple[str, ...]
    norms: Norms
    funnel: dict[str, int]
    observed: Observed
    horizons: dict[str, pl.DataFrame] = field(default_factory=dict)
    given: dict[str, Floats] = field(default_factory=dict)
    truth: Floats | None = None

    def __len__(self) -> int:
        return self.cases.height

    @property
    def label(self) -> Floats:
        """1 where the counted event came, 0 where not."""
        return self.cases["label"].cast(pl.Float64).to_numpy()

    @property
    def firm(self) -> Ints:
        """The number of each case's firm."""
        return _codes(self.cases["firm"])

    @property
    def day(self) -> Ints:
        """The ordinal of each case's day."""
        return self.cases["as_of"].to_physical().cast(pl.Int64).to_numpy() + date(1970, 1, 1).toordinal()

    def case(self, place: int) -> Case:
        """One of the cases as features ask about it."""
        row = self.cases.row(place, named=True)
        return _case(row)

    def only(self, names: Iterable[str]) -> "Sample":
        """The same cases with some of the features."""
        kept = tuple(names)
        return replace(self, names=kept, matrix=self.matrix[:, [self.names.index(name) for name in kept]])

    def where(self, mask: Bools) -> "Sample":
        """Some of the cases."""
        given = {name: values[mask] for name, values in self.given.items()}
        truth = None if self.truth is None else self.truth[mask]
        return replace(
            self, cases=self.cases.filter(pl.Series(mask)), matrix=self.matrix[mask], given=given, truth=truth
        )


def _codes(words: pl.Series) -> Ints:
    return words.rank("dense").cast(pl.Int64).to_numpy() - 1


def _case(row: Mapping[str, object]) -> Case:
    return msgspec.convert(row, Case)


def gather(lake: Lake, plan: Plan, policy: Policy, norms: Norms | None = None, tick: Tick | None = None) -> Sample:
    """All labelled cases of a lake with their features; `norms` in place of the lake's own where a bundle brings some.

    Raises `NothingToLearn` where fewer than two outcomes occur, `PlanError` where the plan does not fit the data.
    """
    told = tick or (lambda *_: None)
    seen = observed(latest(lake, plan, told), plan)
    names = plan.inputs(_measures(lake))
    given = [split.measure for split in plan.split if isinstance(split, GivenSplit)]
    usual = norms or lake.norms or NO_NORMS
    cases: list[pl.DataFrame] = []
    numbers: list[Floats] = []
    codes: list[str] = []
    horizons: dict[str, list[pl.DataFrame]] = {}
    for index in range(lake.partitions):
        told("features", index, lake.partitions)
        frames = lake.read(index)
        found = labels(frames, plan, seen, policy)
        if plan.labels.source == "performance":
            for horizon in ("12m", "maturity"):
                own = horizon == plan.horizon
                other = found if own else labels(frames, plan.model_copy(update={"horizon": horizon}), seen, policy)
                horizons.setdefault(horizon, []).append(other)
        tables = Tables.from_frames(frames)
        found = _gated(found, tables, plan, usual, policy)
        asked = [_case(row) for row in found.filter(pl.col("label").is_not_null()).iter_rows(named=True)]
        cases.append(found)
        known = as_known(tables, asked, usual, policy)
        codes += industry_codes(known)
        numbers.append(matrix(known, [*names, *(f"measure:{m}" for m in given)]))
        known.forget()  # it refers to itself: the next partitions would lie beside it until the collector came by
    told("features", lake.partitions, lake.partitions)
    everything = pl.concat(cases)
    labelled = everything.filter(pl.col("label").is_not_null()).with_columns(industry=pl.Series(codes, dtype=pl.String))
    if labelled["label"].n_unique() < 2:
        raise NothingToLearn("nothing_to_learn", lake=lake.path, found=_pairs(funnel(everything)))
    told_of = {horizon: pl.concat(parts) for horizon, parts in horizons.items()}
    whole = np.concatenate(numbers)
    parts = {measure: whole[:, len(names) + place] for place, measure in enumerate(given)}
    truth = _truth(labelled, lake.path, plan.horizon)
    return Sample(labelled, whole[:, : len(names)], names, usual, funnel(everything), seen, told_of, parts, truth)


def _truth(labelled: pl.DataFrame, lake: Path, horizon: str) -> Floats | None:
    """The true probability of each case (n,) that a synthetic world keeps beside its tables, if it keeps any."""
    if horizon not in ("12m", "maturity", "admission") or not (lake / FOLDER).is_dir():
        return None
    column = "true_admission" if horizon == "admission" else f"true_pd_{horizon}"
    if horizon == "admission":
        day = pl.col("decided_on").dt.to_string("%Y-%m-%d")
        case = pl.format("{}:{}:{}", "list", "firm", day)
        told = read_truth(lake, "whitelist").select(case.alias("case"), column)
    else:
        told = read_truth(lake).select("application", column)
    joined = labelled.join(told, on=told.columns[0], how="left", maintain_order="left")
    return joined[column].fill_null(np.nan).to_numpy()


def latest(lake: Lake, plan: Plan, told: Tick) -> date | None:
    """The last day that the labels' source shows, over all partitions."""
    days = []
    for index in range(lake.partitions):
        told("observed", index, lake.partitions)
        days.append(latest_month(lake.read(index, ["performance", "whitelist_entries"]), plan))
    return max((day for day in days if day), default=None)


def _measures(lake: Lake) -> tuple[str, ...]:
    found: set[str] = set()
    for index in range(lake.partitions):
        frame = lake.read(index, ["measures"]).get("measures")
        found |= set(frame["measure"].unique()) if frame is not None else set()
    return tuple(sorted(found, key=_natural))


def _natural(name: str) -> tuple[str, int]:
    """attr2 before attr10."""
    stem = name.rstrip("0123456789")
    return stem, int(name[len(stem) :] or 0)


def _gated(found: pl.DataFrame, tables: Tables, plan: Plan, norms: Norms, policy: Policy) -> pl.DataFrame:
    """The cases with those marked that did not pass the gates of their day."""
    gates = plan.labels.gates
    if not gates:
        return found
    known = as_known(tables, [_case(row) for row in found.iter_rows(named=True)], norms, policy)
    numbers = matrix(known, [gate.feature for gate in gates])
    known.forget()
    passed = np.ones(found.height, dtype=bool)
    for place, gate in enumerate(gates):
        passed &= (numbers[:, place] >= gate.least) & (numbers[:, place] <= gate.most)
    failed = pl.col("label").is_not_null() & ~pl.Series(passed)
    return found.with_columns(
        status=pl.when(failed).then(pl.lit("gate_not_passed")).otherwise("status"),
        label=pl.when(failed).then(None).otherwise("label"),
    )


def _pairs(counts: dict[str, int]) -> tuple[str | int, ...]:
    return tuple(part for pair in counts.items() for part in pair)


def raw_rows(lake: Lake, firms: Iterable[str]) -> RawRows:
    """All raw rows of some firms, without their empty values."""
    rows: RawRows = {}
    for firm in sorted(set(firms)):
        for table, frame in lake.read_firm(firm).items():
            known = [{k: v for k, v in row.items() if v is not None} for row in frame.iter_rows(named=True)]
            rows.setdefault(table, []).extend(known)
    return rows
