"""Long lists, of which a process reads or compares one at a time, and each caller has few in line."""

from asyncio import Semaphore
from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.application.leaving import Turns
from service.edge.errors import TooMany

T = TypeVar("T")


class OneAtATime:
    """A line for work that takes seconds, and memory: `of_one` caller so much of it may wait or run."""

    def __init__(self, of_one: int) -> None:
        self._of_one, self._turns, self._turn = of_one, Turns(of_one), Semaphore(1)

    def check(self, caller: Caller) -> None:
        """Before anything is read of what was sent. Raises `TooMany` where it would be refused."""
        if self._turns.is_full(caller.name):
            raise TooMany("too_many_lists", most=self._of_one)

    async def run(self, caller: Caller, work: Callable[[], T]) -> T:
        """What the work gives, in its turn. Raises `TooMany`, and what it raises."""
        if not self._turns.take(caller.name):
            raise TooMany("too_many_lists", most=self._of_one)
        try:
            async with self._turn:
                return await run_in_threadpool(work)
        finally:
            self._turns.give_back(caller.name)
