"""Shows whoever waits for a command on many entries how far it has come, how quickly, and how long it will take."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from features.chosen_words import language
from models.words.output import told
from service.ledger.opened import Seen, unseen


class _Rate(ProgressColumn):
    """Entries a second."""

    def render(self, task: Task) -> Text:
        """Empty until the first were read."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else told("entries_a_second", count=round(speed)))


@contextmanager
def progress_of(what: str, console: Console | None = None) -> Iterator[Seen]:
    """A bar on standard error, gone in the end; `what` is done is said by `print.WHAT`. None where codes are wanted."""
    if language() is None:
        yield unseen
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeElapsedColumn())
    left = (TextColumn(told("time_left")), TimeRemainingColumn())
    with Progress(*columns, *left, console=console or Console(stderr=True), transient=True) as progress:
        task = progress.add_task(told(what), total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
