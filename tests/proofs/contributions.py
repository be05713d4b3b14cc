"""Contributions from tables are exact, over thousands of random boosters."""

from collections import Counter

import numpy as np
from hypothesis import HealthCheck, given, settings

from features.asof import Floats
from models.contributions import ContributionTables
from tests.models.boosters import Made, boosters
from tests.models.test_contributions import LIMITS, by_background, by_cover, interactions, shapley
from tests.proofs import Proof, proof

LONG = settings(max_examples=3000, deadline=None, database=None, suppress_health_check=list(HealthCheck))
ENUMERATED = settings(LONG, max_examples=400)


LEAST = 1e-4
"""A row whose largest number is smaller, because leaves of about one cancel, is judged as if it were this large."""
LEAST_MARGIN = 1e-2
"""Likewise for what the margin is judged by: the row's largest contribution or base."""


def gap(found: Floats, told: Floats) -> float:
    """The largest difference as a part of the largest number told."""
    return float(np.abs(found - told).max()) / max(float(np.abs(told).max()), LEAST)


@proof("contributions.lightgbm", "Contributions equal LightGBM's to 1e-9 and add up to its margin to 1e-12")
def lightgbm() -> Proof:
    """Depth to 12, categories, all ways of missing values, repeated features, tiny leaves; with and without tables."""
    worst = {"gap": 0.0, "sum": 0.0}
    seen = Counter[str]()

    @LONG
    @given(boosters(), LIMITS)
    def each(made: Made, limit: int) -> None:
        tables = ContributionTables.compile(made.booster, limit)
        margin, contributions = tables.explain(made.rows)
        told = np.asarray(made.booster.predict(made.rows, pred_contrib=True, num_threads=1))
        raw = np.asarray(made.booster.predict(made.rows, raw_score=True, num_threads=1))
        seen.update(boosters=1, rows=len(made.rows), leaves=len(tables.compiled.leaves))
        for row in range(len(told)):
            worst["gap"] = max(worst["gap"], gap(contributions[row], told[row, :-1]))
            most = max(float(np.abs(told[row]).max()), LEAST_MARGIN)
            worst["sum"] = max(worst["sum"], float(abs(margin[row] - raw[row])) / most)

    each()
    return Proof(
        figure=f"{worst['gap']:.1e} of the row's largest (at most 1e-9), margin {worst['sum']:.1e} (at most 1e-12)",
        passed=worst["gap"] <= 1e-9 and worst["sum"] <= 1e-12,
        detail=f"{seen['boosters']} boosters, {seen['rows']} rows, {seen['leaves']} leaves. A row whose largest "
        f"contribution is below {LEAST:g} is judged as if it were that, a margin as if it were {LEAST_MARGIN:g}: "
        "what is left is rounding.",
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
    worst = {"pairs": 0.0, "against": 0.0}

    @ENUMERATED
    @given(boosters(features=6, rows=2), LIMITS)
    def pairs(made: Made, limit: int) -> None:
        found = ContributionTables.compile(made.booster, limit).interactions(made.rows)
        for number, row in enumerate(made.rows):
            told = interactions(by_cover(made.booster, row), len(row))
            worst["pairs"] = max(worst["pairs"], gap(found[number], told))

    @ENUMERATED
    @given(boosters(features=8, rows=12), LIMITS)
    def against(made: Made, limit: int) -> None:
        background, rows = made.rows[:10], made.rows[10:]
        found = ContributionTables.compile(made.booster, limit).against(background).explain(rows)[1]
        for number, row in enumerate(rows):
            told = shapley(by_background(made.booster, row, background), len(row))
            worst["against"] = max(worst["against"], gap(found[number], told))

    pairs()
    against()
    return Proof(
        figure=f"interactions {worst['pairs']:.1e}, background {worst['against']:.1e} of the largest (at most 1e-9)",
        passed=max(worst.values()) <= 1e-9,
        detail="400 random boosters each.",
    )
