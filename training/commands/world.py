"""`pledgescore world OUT` makes a synthetic world; `pledgescore world check` measures one against published figures.

Light to import: what a command needs is imported when it runs.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.core import TyperGroup

if TYPE_CHECKING:
    from typer._click.core import Context  # Typer gives its own copy of click no public name


class MakeUnlessNamed(TyperGroup):
    """A group whose first word may also be the folder to write to."""

    def parse_args(self, ctx: "Context", args: list[str]) -> list[str]:
        """Put the command `make` before a word that is no command."""
        if args and not args[0].startswith("-") and args[0] not in self.commands:
            args = ["make", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(cls=MakeUnlessNamed, no_args_is_help=True)


@app.callback()
def world() -> None:
    """Make a synthetic world, or compare one with published figures.

    `world OUT` makes one, with the true probability of every outcome; `world check` compares one.
    """


@app.command()
def make(  # noqa: PLR0913, PLR0917 -- an option is an argument
    out: Annotated[Path, typer.Argument(help="Folder to write; it becomes a lake, with the truth in _truth/.")],
    loans: Annotated[int, typer.Option(help="Loans drawn.", min=1)] = 3000,
    firms: Annotated[int, typer.Option(help="Firms; 0: as many as the loans need.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Another seed is another world.", min=0)] = 1,
    mechanism: Annotated[str, typer.Option(help="How borrowers fail: a (distance to default) or b (hazard).")] = "a",
    partitions: Annotated[int, typer.Option(help="Parts of the lake; 0: one per 4,000 firms.", min=0)] = 0,
    first_year: Annotated[int, typer.Option("--from", help="First year of applications.", min=2010, max=2100)] = 2015,
    last_year: Annotated[
        int,
        typer.Option("--until", help="Last year of applications; records run 18 months longer.", min=2010, max=2100),
    ] = 2024,
    patents: Annotated[float, typer.Option(help="Patents per firm, against the published mean (1).", min=0.1)] = 1.0,
    replace: Annotated[bool, typer.Option(help="Remove the lake that lies there.")] = False,
) -> None:
    """Write a synthetic world as a lake.

    It holds firms, patents, loans and lists, with the true probability of every outcome.
    """
    from training.world.economy import World, sized
    from training.world.progress import written

    world = World(loans, firms, seed, mechanism, partitions, first_year, last_year, patents)  # type: ignore[arg-type]
    written(sized(world), out, replace)


@app.command()
def check(
    firms: Annotated[int, typer.Option(help="Firms of the world that is measured.", min=1000)] = 30_000,
    seed: Annotated[int, typer.Option(help="Another seed is another world.", min=0)] = 1,
    mechanism: Annotated[str, typer.Option(help="How borrowers fail: a or b.")] = "a",
    write: Annotated[Path | None, typer.Option(help="Also write the table to this file (docs/world.md).")] = None,
) -> None:
    """Compare a world with published figures.

    Each is shown with target, tolerance and source. Exit code 1 if one is missed.
    """
    from training.realism.check import checked

    if not checked(firms, seed, mechanism, write):
        raise typer.Exit(1)
