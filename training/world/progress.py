"""Writes a world while telling on standard error how far it is, how fast it goes and how long it will take."""

from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from models.words.output import tell
from training.world.economy import World
from training.world.write import write_world


def written(world: World, out: Path, replace: bool) -> None:
    """Write the world with a progress bar, then say in one line what was written."""
    told = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[loans]:,} loans, {task.fields[patents]:,} patents"),
        TimeElapsedColumn(),
        TextColumn("left:"),
        TimeRemainingColumn(),
    )
    loans = patents = 0
    with Progress(*columns, console=told) as progress:
        task = progress.add_task("synthetic world", total=world.partitions, loans=0, patents=0)
        for part in write_world(world, out, replace):
            loans, patents = loans + part.loans, patents + part.patents
            progress.update(task, advance=1, loans=loans, patents=patents)
    tell("world_made", firms=world.firms, patents=patents, loans=loans, out=out)
