"""Whether features stay where they are while the calendar runs on: the same cases, asked as if years earlier and later.

Every day of the rows, and the day of the question, is moved by whole years. What a case shows then differs by nothing
but what a feature reads off the calendar: dated policy and dated norms. A feature that moves rots: a model that learned
it in one year reads something else in another.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec
import numpy as np
import polars as pl

from features.arrays import Floats
from features.asof import Case, as_known
from features.encoded import Tables
from features.matrix import matrix
from features.norms import NO_NORMS, Norm, Norms
from features.policy import Policy
from features.population import CitationCount

MOST_OF_SPREAD, MOST_UNKNOWN = 0.20, 0.03
"""The bound: how far a median may move, in interquartile ranges of the middle year, and the share of cases unknown."""

LEAST_PATENTS = 5
"""Patents of a field and age that a count needs here: the firms are few, and the same in each year."""
MOVED_BY_LAW = {"mean_remaining_life": "designs filed from 1 June 2021 on live 15 years in place of 10"}
"""Features that move because the law did, and why."""


@dataclass(frozen=True)
class FeatureMove:
    """A feature's median and share unknown by year, and its interquartile range in the middle year."""

    name: str
    medians: Mapping[int, float]
    unknown: Mapping[int, float]
    spread: float

    @property
    def of_spread(self) -> float:
        """How far the median moves between any two years, in interquartile ranges; 0 where it does not move."""
        told = [median for median in self.medians.values() if not np.isnan(median)]
        moved = max(told) - min(told) if told else 0.0
        return moved / self.spread if moved and self.spread else float(np.inf if moved else 0.0)

    @property
    def of_unknown(self) -> float:
        """How far the share unknown moves between any two years."""
        return max(self.unknown.values()) - min(self.unknown.values())

    @property
    def stays(self) -> bool:
        """Whether both keep within the bound."""
        return self.of_spread <= MOST_OF_SPREAD and self.of_unknown <= MOST_UNKNOWN


def moves(
    frames: Mapping[str, pl.DataFrame], around: date, years: Sequence[int], names: Sequence[str], policy: Policy
) -> list[FeatureMove]:
    """How features of a year's first applications move when everything is moved to other years.

    `frames` are all rows of some firms; asked are their applications of the twelve months before `around`.
    """
    day, before = pl.col("applied_on"), around.replace(year=around.year - 1)
    asked = frames["applications"].filter(day.is_between(before, around) & pl.col("renews").is_null())
    asked = asked.unique("application", keep="first", maintain_order=True)
    held = {name: frame.filter(pl.col("firm").is_in(asked["firm"].implode())) for name, frame in frames.items()}
    shifted = {year: Tables.from_frames(_moved(held, year - around.year)) for year in years}
    firms = asked["firm"].unique().sort().to_list()
    counts = [_counted(shifted[year], firms, around.replace(year=year - 1), policy) for year in years]
    norms = Norms.of(norm for counted in counts for norm in counted)
    found = {}
    for year in years:
        cases = list(_moved_cases(asked, year - around.year))
        found[year] = matrix(as_known(shifted[year], cases, norms, policy), names)
    return [
        move_of(name, {year: numbers[:, place] for year, numbers in found.items()}) for place, name in enumerate(names)
    ]


def _counted(tables: Tables, firms: Sequence[str], day: date, policy: Policy) -> Iterator[Norm]:
    """Citations of all patents as they stand a year before the cases' last day: each year has its own count."""
    count = CitationCount()
    count.add(as_known(tables, [Case(firm, firm, day) for firm in firms], NO_NORMS, policy))
    return count.norms(day.isoformat(), LEAST_PATENTS)


def move_of(name: str, values: Mapping[int, Floats]) -> FeatureMove:
    """How a feature moved, from its values by year (NaN is not known)."""
    told = {year: column[~np.isnan(column)] for year, column in values.items()}
    middle = told[sorted(told)[len(told) // 2]]
    low, high = np.percentile(middle, [25, 75]) if len(middle) else (np.nan, np.nan)
    return FeatureMove(
        name,
        {year: float(np.median(column)) if len(column) else float("nan") for year, column in told.items()},
        {year: float(np.isnan(column).mean()) for year, column in values.items()},
        float(high - low),
    )


def _moved(frames: Mapping[str, pl.DataFrame], years: int) -> dict[str, pl.DataFrame]:
    day = pl.col(pl.Date).dt.offset_by(f"{12 * years}mo")
    return {name: frame.with_columns(day) for name, frame in frames.items()}


def _moved_cases(asked: pl.DataFrame, years: int) -> Iterator[Case]:
    told = {"case": pl.col("application"), "as_of": pl.col("applied_on").dt.offset_by(f"{12 * years}mo")}
    for row in asked.select("firm", "application", "bank", **told).iter_rows(named=True):
        yield msgspec.convert(row, Case)
