"""Small synthetic worlds for the tests of training, and one cut down to few loans and fewer defaults."""

from pathlib import Path

import polars as pl

from features.lake import Lake, LakeWriter, Manifest
from features.policy import shipped
from training.learning.labels import labels, observed
from training.learning.plan import Plan
from training.learning.sample import latest
from training.world.economy import Mechanism, World, sized
from training.world.write import write_world

PLANS = Path(__file__).parents[2] / "training" / "plans"


def world(folder: Path, loans: int, seed: int = 1, mechanism: Mechanism = "a") -> Lake:
    """A synthetic world of so many loans."""
    for _ in write_world(sized(World(loans=loans, seed=seed, mechanism=mechanism, partitions=4)), folder):
        pass
    return Lake(folder)


def cut(lake: Lake, plan: Plan, folder: Path, cases: int, events: int) -> Lake:
    """The lake with as many firms left as make so many labelled cases with so many events."""
    seen = observed(latest(lake, plan, lambda *_: None), plan)
    parts = [labels(lake.read(index), plan, seen, shipped()) for index in range(lake.partitions)]
    told = pl.concat(parts).filter(pl.col("label").is_not_null()).group_by("firm", maintain_order=True)
    firms = told.agg(pl.len().alias("cases"), pl.col("label").sum().alias("events")).sort("events", "cases", "firm")
    single = firms.filter(pl.col("cases") == 1)
    bad, good = single.filter(pl.col("events") == 1), single.filter(pl.col("events") == 0)
    kept = {*bad["firm"].head(events), *good["firm"].head(cases - events)}
    manifest = Manifest("cut synthetic world", "CNY", lake.partitions, True)
    with LakeWriter(folder, manifest, check=False) as writer:
        for index in range(lake.partitions):
            frames = lake.read(index)
            writer.write(
                index, {name: frame.filter(pl.col("firm").is_in(list(kept))) for name, frame in frames.items()}
            )
    return Lake(folder)
