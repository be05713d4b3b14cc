"""Contributions from tables are exact, over thousands of random boosters."""

from collections import Counter

import lightgbm as lgb
import numpy as np
from hypothesis import HealthCheck, given, settings

from features.arrays import Floats
from models.shap.contributions import ContributionTables
from tests.models.boosters import Made, boosters
from tests.models.test_contributions import LIMITS, UNITS, by_background, by_cover, interactions, rounding, shapley
from tests.proofs import Proof, proof

LONG = settings(max_examples=3000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
ENUMERATED = settings(LONG, max_examples=400)


class Gaps:
    """How far numbers lie from an oracle's: as a part of the row's largest, and in units of the rounding of leaves.

    A unit is half of the last place of the largest leaf of each tree, summed. Where leaves cancel, a row's largest
    contribution can be as small as that rounding, which the oracle has too: what lies within `UNITS` of it is counted
    apart, with nothing assumed of how large a contribution ought to be.
    """

    def __init__(self, most: float) -> None:
        self.most, self.rows, self.cancelled = most, 0, 0
        self.worst, self.units = 0.0, 0.0

    def add(self, found: Floats | float, told: Floats | float, largest: float, booster: lgb.Booster) -> None:
        """One row, and the largest number by which it is judged."""
        unit = max(rounding(booster) / UNITS, np.finfo(np.float64).tiny)
        apart = float(np.abs(np.asarray(found) - told).max())
        self.rows += 1
        if apart > self.most * largest:
            self.cancelled += 1
            self.units = max(self.units, apart / unit)
        elif apart:
            self.worst = max(self.worst, apart / largest)

    @property
    def holds(self) -> bool:
        """Every row within the limit, or within rounding."""
        return self.units <= UNITS

    def __str__(self) -> str:
        within = f"{self.rows - self.cancelled:,} of {self.rows:,} rows within {self.worst:.1e} (at most {self.most:g})"
        if not self.cancelled:
            return within
        rest = f"{self.cancelled:,} whose leaves cancel within {self.units:.1f} units of rounding (at most {UNITS})"
        return f"{within}, {rest}"


@proof("contributions.lightgbm", "Contributions equal LightGBM's to 1e-9 and add up to its margin to 1e-12")
def lightgbm() -> Proof:
    """Depth to 12, categories, all ways of missing values, repeated features, tiny leaves; with and without tables."""
    each_one, sums = Gaps(1e-9), Gaps(1e-12)
    seen = Counter[str]()

    @LONG
    @given(boosters(), LIMITS)
    def each(made: Made, limit: int) -> None:
        tables = ContributionTables.compile(made.booster, limit)
        margin, contributions = tables.explain(made.rows)
        told = np.asarray(made.booster.predict(made.rows, pred_contrib=True, num_threads=1))
        raw = np.asarray(made.booster.predict(made.rows, raw_score=True, num_threads=1))
        seen.update(boosters=1, leaves=len(tables.compiled.leaves))
        for row in range(len(told)):
            largest = float(np.abs(told[row, :-1]).max())
            each_one.add(contributions[row], told[row, :-1], largest, made.booster)
            sums.add(float(margin[row]), float(raw[row]), largest, made.booster)

    each()
    return Proof(
        figure=f"contributions: {each_one}; margin: {sums}",
        passed=each_one.holds and sums.holds,
        detail=f"{seen['boosters']} boosters, {seen['leaves']} leaves; every row is judged by its own largest "
        "contribution, however small. A unit of rounding is half of the last place of the largest leaf of each tree, "
        "summed: LightGBM's own numbers are no truer than that.",
    )


@proof("contributions.bits", "A row alone, in any batch, on one thread or two, gives the same bits")
def bits() -> Proof:
    """Wide registers and none as well."""
    seen = Counter[str]()

    @settings(LONG, max_examples=500)
    @given(boosters(rows=60), LIMITS)
    def each(made: Made, limit: int) -> None:
        tables = ContributionTables.compile(made.booster, limit)
        margin, contributions = tables.explain(made.rows)
        many = np.tile(made.rows, (50, 1))
        for threads in (1, 2):
            told = tables.explain(many, threads=threads)
            seen["different"] += int((told[1] != np.tile(contributions, (50, 1))).sum())
            seen["different"] += int((told[0] != np.tile(margin, 50)).sum())
        for number in range(len(made.rows)):
            one = tables.explain(made.rows[number : number + 1])
            seen["different"] += int((one[1][0] != contributions[number]).sum()) + int(one[0][0] != margin[number])
        tables.kernel.wide = False
        seen["different"] += int((tables.explain(made.rows)[1] != contributions).sum())
        seen.update(boosters=1, compared=2 * many.size + 2 * made.rows.size)

    each()
    return Proof(
        figure=f"{seen['different']} of {seen['compared']} numbers differ (none may)",
        passed=not seen["different"],
        detail=f"{seen['boosters']} boosters.",
    )


@proof(
    "contributions.enumerated", "Interactions and contributions against a background equal their enumeration to 1e-9"
)
def enumerated() -> Proof:
    """Up to 8 features, categories, all ways of missing values."""
    of_pairs, of_groups = Gaps(1e-9), Gaps(1e-9)

    @ENUMERATED
    @given(boosters(features=8, rows=2), LIMITS)
    def pairs(made: Made, limit: int) -> None:
        found = ContributionTables.compile(made.booster, limit).interactions(made.rows)
        for number, row in enumerate(made.rows):
            told = interactions(by_cover(made.booster, row), len(row))
            of_pairs.add(found[number], told, float(np.abs(told).max()), made.booster)

    @ENUMERATED
    @given(boosters(features=8, rows=12), LIMITS)
    def against(made: Made, limit: int) -> None:
        background, rows = made.rows[:10], made.rows[10:]
        found = ContributionTables.compile(made.booster, limit).against(background).explain(rows)[1]
        for number, row in enumerate(rows):
            told = shapley(by_background(made.booster, row, background), len(row))
            of_groups.add(found[number], told, float(np.abs(told).max()), made.booster)

    pairs()
    against()
    return Proof(
        figure=f"interactions: {of_pairs}; background: {of_groups}",
        passed=of_pairs.holds and of_groups.holds,
        detail=f"{ENUMERATED.max_examples} random boosters each, of 1 to 8 features.",
    )
