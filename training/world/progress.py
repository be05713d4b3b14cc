"""Writes a world while telling on standard error how far it is, how fast it goes and how long it will take."""

from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from models.words.output import tell, told
from training.world.economy import World
from training.world.write import write_world


class _WorldSoFar(ProgressColumn):
    """How many loans and patents there are so far."""

    def render(self, task: Task) -> Text:
        """The words beside the bar."""
        return Text(told("world_so_far", loans=task.fields["loans"], patents=task.fields["patents"]))


def written(world: World, out: Path, replace: bool) -> None:
    """Write the world with a progress bar, then say in one line what was written."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        _WorldSoFar(),
        TimeElapsedColumn(),
        TextColumn(told("time_left")),
        TimeRemainingColumn(),
    )
    loans = patents = 0
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(told("making_world"), total=world.partitions, loans=0, patents=0)
        for part in write_world(world, out, replace):
            loans, patents = loans + part.loans, patents + part.patents
            progress.update(task, advance=1, loans=loans, patents=patents)
    tell("world_made", firms=world.firms, patents=patents, loans=loans, out=out)
