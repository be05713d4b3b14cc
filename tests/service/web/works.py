"""Works for the tests of heavy work; their process loads this module, which loads little."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from features.errors import fault
from service.edge import heavy
from service.workbooks.reading import WorkbookRefused


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
