"""Small worlds that the tests of the world share: made once."""

from functools import cache

import polars as pl
import pytest

from features.policy import shipped
from training.learning.labels import Observed, labels
from training.learning.plan import read
from training.realism.world_tables import PLAN
from training.world.days import as_date
from training.world.economy import Mechanism, World
from training.world.write import PartitionRows, partitions

SMALL = World(loans=1600, firms=2200, seed=7, partitions=2)


@pytest.fixture(scope="session")
def parts() -> list[PartitionRows]:
    """Both partitions of a small world."""
    return list(partitions(SMALL))


HORIZONS = ("12m", "maturity")


@cache
def _judged(mechanism: Mechanism) -> dict[str, pl.DataFrame]:
    world = World(loans=6000, firms=8000, seed=11, mechanism=mechanism, partitions=2)
    found: dict[str, list[pl.DataFrame]] = {horizon: [] for horizon in HORIZONS}
    for part in partitions(world):
        truth = part.truth["part"].drop("firm", "as_of")
        for horizon in HORIZONS:
            plan = read(PLAN).model_copy(update={"horizon": horizon})
            cases = labels(part.tables, plan, Observed(None, as_date(world.seen_until)), shipped())
            found[horizon].append(cases.join(truth, on="application").filter(pl.col("label").is_not_null()))
    return {horizon: pl.concat(cases) for horizon, cases in found.items()}


def judged(mechanism: Mechanism, horizon: str) -> pl.DataFrame:
    """Labelled loans of a world of 8,000 firms, each with its truth."""
    return _judged(mechanism)[horizon]
