"""Long work for one caller: it ends when the caller leaves, and one caller has little of it at a time."""

from asyncio import Semaphore
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Mapping
from inspect import GEN_CLOSED, getgeneratorstate
from threading import Lock
from time import monotonic
from typing import ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from service.edge.errors import TooMany

P = ParamSpec("P")
T = TypeVar("T")

STEP_SECONDS = 0.02
"""After how long a step ends with the piece at hand."""


class Turns:
    """How much long work of a kind each caller has under way in this process."""

    def __init__(self, most: int, refusal: str) -> None:
        """`most` of one caller; `refusal` is the code of what one too many is told."""
        self._most, self._refusal = most, refusal
        self._under_way, self._lock = Counter[str](), Lock()

    def check(self, caller: str) -> None:
        """Before anything is read. Raises `TooMany` where the caller has as many as there may be."""
        if self._under_way.get(caller, 0) >= self._most:
            raise TooMany(self._refusal, most=self._most)

    def take(self, caller: str) -> None:
        """Begin one more. Raises `TooMany` as `check` does."""
        with self._lock:
            self.check(caller)
            self._under_way[caller] += 1

    def give_back(self, caller: str) -> None:
        """One is over."""
        with self._lock:
            self._under_way[caller] -= 1
            if not self._under_way[caller]:
                del self._under_way[caller]


class StepByStep:
    """Long work of a kind in this process: of all that is under way one step at a time, on a thread beside the loop.

    However many ask, whoever answers shares the interpreter with one thread of it.
    """

    def __init__(self) -> None:
        self._turn = Semaphore(1)

    async def step(self, work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
        """What a step gives, done when those that asked before are done. Raises what it raises."""
        async with self._turn:
            return await run_in_threadpool(work, *arguments, **named)

    async def pieces(self, work: Generator[bytes]) -> AsyncIterator[bytes]:
        """What the work gives, a step at a time: what is small is done in a few, whatever large work stands beside."""
        while made := await self.step(_in_a_step, work):
            yield b"".join(made)


def _in_a_step(work: Generator[bytes]) -> list[bytes]:
    """The next pieces of the work, until a step's time has passed; none where all are made."""
    made, end = [], monotonic() + STEP_SECONDS
    for piece in work:
        made.append(piece)
        if monotonic() >= end:
            break
    return made


class LeavableStream(StreamingResponse):
    """An answer that is made as it leaves. Where whoever asked is gone the work is closed after the piece at hand."""

    def __init__(
        self,
        work: Generator[bytes],
        steps: StepByStep,
        media_type: str,
        headers: Mapping[str, str],
        over: Callable[[bool], None],
    ) -> None:
        """`over` is called once on the loop, however it ends, and is told whether all was made."""
        super().__init__(steps.pieces(work), media_type=media_type, headers=headers)
        self._work, self._over = work, over

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Make and send it, or leave off."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            whole = getgeneratorstate(self._work) == GEN_CLOSED
            await run_in_threadpool(self._work.close)
            self._over(whole)
