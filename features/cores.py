"""The processor cores that this process may use, and work that is shared among them."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Protocol, TypeVar

T = TypeVar("T")
A = TypeVar("A")


class Each(Protocol):
    """Does some work for each of several arguments and gives what comes of it in their order, as `map` does."""

    def __call__(self, work: Callable[[A], T], arguments: Iterable[A], /) -> Iterator[T]:
        """What comes of the work."""
        ...


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def processes(most: int) -> Iterator[ProcessPoolExecutor]:
    """A pool of a process a core, but not more than `most`; the cores are dealt among them.

    Left to itself Polars starts in every process as many threads as there are cores, which then wait for each other.
    """
    number = max(1, min(cores(), most))
    with ProcessPoolExecutor(number, get_context("spawn"), _begin, (max(1, cores() // number),)) as pool:
        yield pool


def _begin(threads: int) -> None:
    """Run before Polars is imported, which reads this once."""
    os.environ["POLARS_MAX_THREADS"] = str(threads)
