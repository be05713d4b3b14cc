"""Comparisons of long lists with the drawdowns: one at a time in a process, and one of each caller."""

from collections.abc import Callable
from typing import TypeVar

from starlette.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.application.state import AppState
from service.edge.errors import TooMany

T = TypeVar("T")


async def compared(state: AppState, caller: Caller, work: Callable[[], T]) -> T:
    """What the work gives, in its turn: a list of 100,000 lines takes seconds. Raises `TooMany`, and what it raises."""
    if not state.comparisons.take(caller.name):
        raise TooMany("too_many_comparisons")
    try:
        async with state.comparing:
            return await run_in_threadpool(work)
    finally:
        state.comparisons.give_back(caller.name)
