"""Measures a world against every published figure and writes the table that docs/world.md shows."""

from dataclasses import dataclass
from pathlib import Path

from features.policy import shipped
from training.realism.figures import FIGURES, LEFT_OUT, PublishedFigure
from training.realism.world_tables import WorldTables
from training.world.economy import World, sized
from training.world.write import partitions


@dataclass(frozen=True)
class MeasuredFigure:
    """A figure and what a world shows."""

    figure: PublishedFigure
    value: float

    @property
    def met(self) -> bool:
        """Whether it lies within the tolerance."""
        return self.figure.met(self.value)

    def row(self) -> str:
        """A row of the table."""
        f = self.figure
        verdict = "met" if self.met else "**missed**"
        return (
            f"| {f.name} | {f.target:.4g} | {f.low:.4g} to {f.high:.4g} | {self.value:.4g} | {verdict} "
            f"| {f.origin} | {f.source} |"
        )


def measured(firms: int, seed: int, mechanism: str) -> list[MeasuredFigure]:
    """Every figure of a world of so many firms, made in memory a partition at a time."""
    world = sized(World(round(firms * 0.7), firms, seed, mechanism))  # type: ignore[arg-type]
    seen = WorldTables(world, partitions(world), shipped())
    return [MeasuredFigure(figure, figure.measure(seen)) for figure in FIGURES]


def checked(firms: int, seed: int, mechanism: str, write: Path | None) -> bool:
    """Print each figure beside its target, and say whether all are met; also write the page where a path is given."""
    found = measured(firms, seed, mechanism)
    for m in found:
        mark = "met   " if m.met else "MISSED"
        f = m.figure
        print(f"{mark} {f.name:<52} {m.value:>9.4g}  target {f.target:.4g} ({f.low:.4g} to {f.high:.4g})  {f.source}")
    missed = [m.figure.name for m in found if not m.met]
    print(
        f"{len(found) - len(missed)} of {len(found)} figures met by a synthetic world of {firms:,} firms, seed {seed}"
    )
    for name, why in LEFT_OUT.items():
        print(f"left out: {name}: {why}")
    if write:
        write.write_text(page(found, firms, seed, mechanism), encoding="utf-8")
    return not missed


def page(found: list[MeasuredFigure], firms: int, seed: int, mechanism: str) -> str:
    """docs/world.md: what the world is, and how near it comes to what is published."""
    rows = "\n".join(m.row() for m in found)
    out = "\n".join(f"| {name} | {why} |" for name, why in LEFT_OUT.items())
    command = f"pledgescore world check --firms {firms} --seed {seed} --mechanism {mechanism} --write docs/world.md"
    return PREFACE.format(command=command, rows=rows, out=out, met=sum(m.met for m in found), all=len(found))


PREFACE = """# The synthetic world

Made by `{command}`; do not edit.

`pledgescore world OUT` writes a made-up world as a lake: firms with books, patents, loans and lists, each fact known as
late as it would be, some corrected later. Everything in it is synthetic. The true probability of every outcome lies in
`_truth/` beside the tables, where no feature can read it; `training/world/truth.py` says exactly what it means. Two
mechanisms decide who fails: `a`, a distance to default that is absorbed at zero, and `b`, a hazard with interactions,
steps and spikes at maturity.

{met} of {all} published figures are met. The tolerance is 10% of the target, or the source's own range. *input*: the
world was given the figure, so that meeting it shows only that the rows carry it; *fitted*: a parameter was set until it
was met; *follows*: neither. Shapes behind these figures (which firms fail, how processes hang together) are assumed.

| figure | target | tolerance | world | | origin | source |
|---|---|---|---|---|---|---|
{rows}

## Not compared

| figure | why |
|---|---|
{out}
"""
