"""Both databases, made for a proof and gone after it."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from tests.service.test_crashes import durable

Opened = Callable[[Path], AbstractContextManager[str]]
"""What makes a database, in a folder where it is a file, and tells its address."""


@contextmanager
def postgresql(_: Path) -> Iterator[str]:
    """A server of its own, which keeps what it acknowledged."""
    with durable() as (_server, database):
        yield database


@contextmanager
def sqlite(folder: Path) -> Iterator[str]:
    """A file in the folder."""
    yield f"sqlite:///{folder / 'ledger.db'}"
