"""Measures a world against every published figure and writes the table that docs/world.md shows."""

from dataclasses import dataclass
from pathlib import Path

from features.chosen_words import language
from features.phrase import DEFAULT_WORDS
from features.policy import shipped
from models.words.output import tell, told
from training.realism.figures import FIGURES, LEFT_OUT
from training.realism.published import PublishedFigure
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

    def line(self) -> str:
        """A line on the screen."""
        return told("figure_met" if self.met else "figure_missed", **self._facts())

    def row(self) -> str:
        """A row of the table."""
        return told("figure_row_met" if self.met else "figure_row_missed", **self._facts())

    def _facts(self) -> dict[str, str]:
        f = self.figure
        numbers = {"value": self.value, "target": f.target, "low": f.low, "high": f.high}
        written = {name: f"{number:.4g}" for name, number in numbers.items()}
        return written | {"figure": f.code, "origin": f.origin, "source": f.source}


def measured(firms: int, seed: int, mechanism: str) -> list[MeasuredFigure]:
    """Every figure of a world of so many firms, made in memory a partition at a time."""
    world = sized(World(round(firms * 0.7), firms, seed, mechanism))  # type: ignore[arg-type]
    seen = WorldTables(world, partitions(world), shipped())
    return [MeasuredFigure(figure, figure.measure(seen)) for figure in FIGURES]


def checked(firms: int, seed: int, mechanism: str, write: Path | None) -> bool:
    """Print each figure beside its target, and say whether all are met; also write the page where a path is given."""
    found = measured(firms, seed, mechanism)
    for m in found:
        print(m.line())
    tell("figures_counted", met=sum(m.met for m in found), count=len(found), firms=firms, seed=seed)
    for code in LEFT_OUT:
        tell("figure_left_out", figure=code, why=code)
    if write:
        write.write_text(page(found, firms, seed, mechanism), encoding="utf-8")
    return all(m.met for m in found)


def page(found: list[MeasuredFigure], firms: int, seed: int, mechanism: str) -> str:
    """docs/world.md: what the world is, and how near it comes to what is published, in the language that was chosen."""
    words = language() or "none"
    command = ["pledgescore", *(() if words == DEFAULT_WORDS else ("--words", words)), "world check"]
    command.append(f"--firms {firms} --seed {seed} --mechanism {mechanism} --write docs/world.md")
    parts = [
        told("world_page", command=" ".join(command), met=sum(m.met for m in found), count=len(found)),
        *(m.row() for m in found),
        told("world_page_left_out"),
        *(told("figure_row_left_out", figure=code, why=code) for code in LEFT_OUT),
    ]
    return "\n".join(parts) + "\n"
