"""Heavy work is done in a process of its own, so that the one that answers goes on answering.

Each piece of work has its process, which ends with it: what it took of memory is back at once, and it can be ended in
the middle. It is forked from a process that has loaded what the work needs and holds nothing of ours: no connection, no
lock, no key. It gives way to everybody, and its time and memory are bounded.
"""

import asyncio
import os
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from functools import partial
from itertools import islice
from multiprocessing import get_all_start_methods, get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkServerContext, SpawnContext
from pathlib import Path
from time import monotonic
from typing import Generic, ParamSpec, TypeVar

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from features.errors import PledgeScoreError
from service.edge.errors import TooHeavy

P = ParamSpec("P")
T = TypeVar("T")

NICENESS = 10
"""How far the work gives way to whoever answers."""
CPU_SECONDS, SECONDS = 60, 300.0
"""How long it may compute, and how long it may take on a machine that does other work."""
MEMORY = 2**30
"""Bytes that it may take beside what was loaded before."""
_TOGETHER = 64
"""Pieces that are handed over together: one is read while nobody else is served."""
_OUT_OF_BOUNDS = tuple(-getattr(signal, name) for name in ("SIGKILL", "SIGXCPU") if hasattr(signal, name))
"""The exit codes of processes that the system ended because they took too much."""

_context: ForkServerContext | SpawnContext = (
    get_context("forkserver") if "forkserver" in get_all_start_methods() else get_context("spawn")
)


def load_ahead(modules: Sequence[str]) -> None:
    """Which modules the process loads from which others are forked; it starts with the first work, or `begin`."""
    _context.set_forkserver_preload(list(modules))  # nothing where each process is spawned


def begin() -> None:
    """Start that process now, so that the first work need not wait for it; nothing where each process is spawned."""
    if isinstance(_context, ForkServerContext):
        from multiprocessing.forkserver import ensure_running  # no such module where nothing can be forked

        ensure_running()


async def in_child(work: Callable[P, Iterable[T]], *arguments: P.args, **named: P.kwargs) -> list[T]:
    """The pieces that the work gives, made in a process of its own; where this is cancelled, that is ended.

    The work is a function of a module, and it, what it takes and what it gives are pickled. Raises what it raises, and
    `TooHeavy` where it takes too long or too much memory.
    """
    child = _WorkProcess(partial(work, *arguments, **named))
    waiting = asyncio.create_task(run_in_threadpool(child.pieces))
    try:
        return await asyncio.shield(waiting)
    finally:
        child.leave()
        await asyncio.gather(waiting, return_exceptions=True)


def whole(work: Callable[[], T]) -> tuple[T]:
    """What a work gives, as its one piece."""
    return (work(),)


class _WorkProcess(Generic[T]):
    """A process for one piece of work."""

    def __init__(self, work: Callable[[], Iterable[T]]) -> None:
        self._ours, self._theirs = _context.Pipe(duplex=False)
        self._left, self._leaving = _context.Pipe(duplex=False)
        self._process = _context.Process(target=_work, args=(self._theirs, work), daemon=True)

    def leave(self) -> None:
        """Nobody waits for the work any more."""
        self._leaving.close()

    def pieces(self) -> list[T]:
        """What the work gives, once. Raises `ClientDisconnect` where it was left."""
        try:
            self._process.start()
            self._theirs.close()
            return self._told(monotonic() + SECONDS)
        finally:
            if self._process.pid is not None:
                self._process.kill()
                self._process.join()
            self._process.close()
            for end in (self._ours, self._theirs, self._left):
                end.close()

    def _told(self, until: float) -> list[T]:
        found: list[T] = []
        while True:
            heard = wait([self._ours, self._left], max(0.0, until - monotonic()))
            if self._left in heard:
                raise ClientDisconnect
            if not heard:
                raise TooHeavy("too_heavy")
            try:
                told = self._ours.recv()
            except EOFError:
                raise self._ended() from None
            if told is None:
                return found
            if isinstance(told, MemoryError):
                raise TooHeavy("too_heavy") from None
            if isinstance(told, BaseException):
                raise told
            found += told

    def _ended(self) -> Exception:
        """Why it ended without a word."""
        self._process.join()
        code = self._process.exitcode
        if code in _OUT_OF_BOUNDS:
            return TooHeavy("too_heavy")
        return RuntimeError(f"the process of a heavy work ended with {code}")


def _work(to: "Connection[object, object]", work: Callable[[], Iterable[object]]) -> None:
    """What the process does: hand over the pieces, then None; or what went wrong."""
    _bind()
    with suppress(BrokenPipeError):  # whoever would read it was killed
        _hand_over(to, work)


def _hand_over(to: "Connection[object, object]", work: Callable[[], Iterable[object]]) -> None:
    """Raises `BrokenPipeError` where nobody is left to read."""
    try:
        pieces = iter(work())
        while some := list(islice(pieces, _TOGETHER)):
            to.send(some)
    except PledgeScoreError as refused:
        to.send(refused)
    except Exception as error:
        error.add_note(traceback.format_exc())  # where it happened is not handed over otherwise
        to.send(error)
    else:
        to.send(None)


def _bind() -> None:
    """Give way, and bound time and memory, where the system knows how."""
    if sys.platform == "win32":
        return
    import resource

    os.nice(NICENESS)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    held = Path("/proc/self/statm")
    if held.exists():
        most = int(held.read_text().split()[0]) * resource.getpagesize() + MEMORY
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
