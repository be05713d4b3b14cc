"""Shows whoever waits for a command on many entries how far it has come, how quickly, and how long it will take."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import MofNCompleteColumn, Task

from features.chosen_words import language
from models.words.output import told
from models.words.progress import WordsBeside, progress_bar
from service.ledger.opened import Seen, unseen


def _rate(task: Task) -> str:
    """Entries a second; empty until the first were read."""
    speed = task.finished_speed or task.speed
    return "" if speed is None else told("entries_a_second", count=round(speed))


@contextmanager
def progress_of(what: str, console: Console | None = None) -> Iterator[Seen]:
    """A bar on standard error, gone in the end; `what` is done is said by `print.WHAT`. None where codes are wanted."""
    if language() is None:
        yield unseen
        return
    with progress_bar(MofNCompleteColumn(), WordsBeside(_rate), console=console, transient=True) as progress:
        task = progress.add_task(told(what), total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)
