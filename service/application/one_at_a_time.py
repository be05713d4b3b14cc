"""Heavy work, of which a process has one of a kind done at a time, and each caller has little in line."""

import asyncio
from asyncio import Semaphore
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import ParamSpec, TypeVar

from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive

from service.access.roles import Caller
from service.application.caller import caller_of
from service.application.leaving import Turns
from service.edge.heavy import in_child, whole

P = ParamSpec("P")
T = TypeVar("T")


class OneAtATime:
    """A line for work that takes seconds, and memory: `of_one` caller so much of it may wait or run."""

    def __init__(self, of_one: int) -> None:
        self._turns, self._turn = Turns(of_one, "too_many_lists"), Semaphore(1)

    def check(self, caller: Caller) -> None:
        """Before anything is read of what was sent. Raises `TooMany` where it would be refused."""
        self._turns.check(caller.name)

    async def run(self, request: Request, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What the work gives; as `pieces`."""
        [made] = await self.pieces(request, whole, partial(work, *arguments, **named))
        return made

    async def pieces(
        self, request: Request, work: Callable[P, Iterable[T]], *arguments: P.args, **named: P.kwargs
    ) -> list[T]:
        """The pieces that the work gives, made in its turn in a process of its own, as `in_child` does.

        Raises `TooMany`, and what that raises. Where whoever asked is gone the work is ended.
        """
        caller = caller_of(request)
        self._turns.take(caller.name)
        try:
            return await _unless_gone(request.receive, self._in_turn(work, *arguments, **named))
        finally:
            self._turns.give_back(caller.name)

    async def _in_turn(self, work: Callable[P, Iterable[T]], *arguments: P.args, **named: P.kwargs) -> list[T]:
        async with self._turn:
            return await in_child(work, *arguments, **named)


async def _unless_gone(receive: Receive, work: Coroutine[None, None, T]) -> T:
    """What the work gives. Raises `ClientDisconnect` where whoever asked is gone before."""
    doing, gone = asyncio.create_task(work), asyncio.create_task(_gone(receive))
    try:
        await asyncio.wait([doing, gone], return_when=asyncio.FIRST_COMPLETED)
        if not doing.done():
            raise ClientDisconnect
        return doing.result()
    finally:
        doing.cancel()
        gone.cancel()
        await asyncio.gather(doing, gone, return_exceptions=True)


async def _gone(receive: Receive) -> None:
    """Returns when whoever asked is gone; the body was read before."""
    while (await receive())["type"] != "http.disconnect":
        pass
