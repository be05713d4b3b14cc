"""Works for the tests of heavy work; their process loads this module, which loads little."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from features.errors import fault
from service.edge import heavy
from service.workbooks.reading import WorkbookRefused

AHEAD = "TESTS_LOADED_SLOWLY"
"""Names the folder where what is loaded slowly waits for its file."""


def waiting(folder: Path) -> Iterator[int]:
    """Leaves the number of its process, and waits until it may go on."""
    (folder / str(os.getpid())).touch()
    while not (folder / "go").exists():
        time.sleep(0.01)
    yield os.getpid()


def refused() -> Iterator[int]:
    """Gives a piece, then refuses as a workbook does."""
    yield 1
    raise WorkbookRefused("a.xlsx", [fault("a!A1", "cell_day")] * 3)


def takes_memory() -> int:
    """Asks for more memory than there may be."""
    return len(bytes(2 * heavy.MEMORY))


def is_ended() -> None:
    """Ends as by the system, when its time is over."""
    os.kill(os.getpid(), 9)


def begins_and_leaves(folder: Path) -> None:
    """Starts the process from which others are forked, which cannot be ready yet, and ends."""
    os.environ[AHEAD] = str(folder)
    heavy.load_ahead(["tests.service.web.loaded_slowly"])
    heavy.begin()
