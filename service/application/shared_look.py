"""One look at something for all who ask while it is waited for: as fresh as their own would be, at the cost of one."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import Generic, TypeVar

from starlette.concurrency import run_in_threadpool

T = TypeVar("T")


class SharedLook(Generic[T]):
    """Looks in a thread, once in so many seconds at most; whoever asks is told by a look that began after asking."""

    def __init__(self, look: Callable[[], T], seconds: float) -> None:
        self._look, self._seconds = look, seconds
        self._began = float("-inf")
        self._next: asyncio.Task[T] | None = None
        self._last: asyncio.Task[T] | None = None

    async def __call__(self) -> T:
        """What the next look finds. Raises what it raises."""
        if self._next is None:
            self._last = self._next = asyncio.create_task(self._following(self._last))
        return await asyncio.shield(self._next)  # whoever leaves takes it from nobody else

    async def _following(self, before: asyncio.Task[T] | None) -> T:
        if before is not None and not before.done():
            await asyncio.wait([before])
        await asyncio.sleep(max(0.0, self._began + self._seconds - monotonic()))
        self._began, self._next = monotonic(), None
        return await run_in_threadpool(self._look)
