"""Writes a world while telling on standard error how far it is, how fast it goes and how long it will take."""

from pathlib import Path

from rich.progress import Task

from features.cores import Each
from models.words.output import tell, told
from models.words.progress import WordsBeside, progress_bar
from training.world.economy import World
from training.world.write import write_world


def _so_far(task: Task) -> str:
    """How many loans and patents there are so far."""
    return told("world_so_far", loans=task.fields["loans"], patents=task.fields["patents"])


def written(world: World, out: Path, replace: bool, each: Each = map) -> None:
    """Write the world with a progress bar, then say in one line what was written."""
    loans = patents = 0
    with progress_bar(WordsBeside(_so_far)) as progress:
        task = progress.add_task(told("making_world"), total=world.partitions, loans=0, patents=0)
        for part in write_world(world, out, replace, each):
            loans, patents = loans + part.loans, patents + part.patents
            progress.update(task, advance=1, loans=loans, patents=patents)
    tell("world_made", firms=world.firms, patents=patents, loans=loans, out=out)
