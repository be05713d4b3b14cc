"""The bar that a command on much work shows on standard error: how far it has come, and how long it will take."""

from collections.abc import Callable

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

from models.words.output import told


class WordsBeside(ProgressColumn):
    """Words beside the bar that follow from how far it is."""

    def __init__(self, words: Callable[[Task], str]) -> None:
        super().__init__()
        self._words = words

    def render(self, task: Task) -> Text:
        """The words of the moment."""
        return Text(self._words(task))


def progress_bar(*beside: ProgressColumn, console: Console | None = None, transient: bool = False) -> Progress:
    """What is done, the bar, `beside`, the time that has passed and the time left; `transient`: gone in the end."""
    columns = (TextColumn("{task.description}"), BarColumn(), *beside, TimeElapsedColumn())
    left = (TextColumn(told("time_left")), TimeRemainingColumn())
    return Progress(*columns, *left, console=console or Console(stderr=True), transient=transient)
