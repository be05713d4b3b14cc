"""Minds the processes that answer: spawns them (none is forked), replaces those that die, stops all in good order.

Light to import: the models and their threads live in the workers alone. One listening socket is shared, so the kernel
hands each connection to whichever worker takes it.
"""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import FrameType

log = logging.getLogger("pledgescore")

READY = "ready"
STOP_SECONDS = 25.0
"""How long a worker may take to answer what it has before it is killed: less than an orchestrator waits."""
PAUSES = (0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds before a worker is replaced whose last replacements died before they could answer."""
HOPELESS = 3
"""Replacements that died one after another while nobody else answers: then the service ends."""

Work = Callable[[int, socket.socket, "Connection[str, str]"], None]
"""What a worker does, by its number, until it is told to stop; it sends `READY` once it answers."""


@dataclass
class _Child:
    number: int
    process: SpawnProcess
    pipe: "Connection[str, str]"
    ready: bool = False


class Supervisor:
    """So many workers on one socket."""

    def __init__(self, work: Work, count: int, listening: socket.socket, gone: Callable[[int], None]) -> None:
        """`gone` is told the process id of each worker that has ended."""
        self._work, self._count, self._listening, self._gone = work, count, listening, gone
        self._workers: dict[int, _Child] = {}
        self._due: dict[int, float] = {}
        self._failed = 0
        self._stopping = False

    def run(self) -> int:
        """Mind the workers until told to stop; the exit code.

        0 after a good stop; 1 where a worker had to be killed, or nobody answers any more; where not even the first
        could be started, its own.
        """
        for told in (signal.SIGTERM, signal.SIGINT):
            signal.signal(told, self._stop)
        self._start(1)  # alone, so that a setting that cannot work is said once
        if (failure := self._first_failed()) is not None:
            return failure
        for number in range(2, self._count + 1):
            self._start(number)
        while not self._stopping:
            self._look()
            if self._failed >= HOPELESS and not any(worker.ready for worker in self._workers.values()):
                log.error("no worker can be started: stopping")
                self._ended()
                return 1
        return self._ended()

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _start(self, number: int) -> None:
        ours, theirs = get_context("spawn").Pipe()
        process = get_context("spawn").Process(
            target=self._work, args=(number, self._listening, theirs), name=f"worker {number}"
        )
        process.start()
        theirs.close()
        self._due.pop(number, None)
        self._workers[number] = _Child(number, process, ours)

    def _first_failed(self) -> int | None:
        """The exit code of the first worker where it ended before it could answer; None where all is well."""
        first = self._workers[1]
        while not (first.ready or self._stopping):
            self._wait()
            if first.process.exitcode is not None:
                self._remove(first)
                return abs(first.process.exitcode) or 1
        return None

    def _look(self) -> None:
        """Wait for something to happen, and replace who died."""
        self._wait()
        for worker in [one for one in self._workers.values() if one.process.exitcode is not None]:
            self._remove(worker)
            self._failed = 0 if worker.ready else self._failed + 1
            pause = PAUSES[min(self._failed, len(PAUSES) - 1)]
            code = worker.process.exitcode
            log.warning("worker %d ended with %s: another one starts in %g seconds", worker.number, code, pause)
            self._due[worker.number] = time.monotonic() + pause
        for number in [number for number, due in self._due.items() if due <= time.monotonic()]:
            self._start(number)

    def _wait(self) -> None:
        """Take in who is ready; returns within a fifth of a second, or when a worker says something or ends."""
        pipes = {worker.pipe: worker for worker in self._workers.values() if not worker.ready}
        ends = [worker.process.sentinel for worker in self._workers.values()]
        for heard in wait([*pipes, *ends], timeout=0.2):
            if isinstance(heard, Connection) and heard in pipes:
                try:
                    pipes[heard].ready = heard.recv() == READY
                except EOFError:
                    continue
                self._failed = 0
                log.info("worker %d answers", pipes[heard].number)

    def _remove(self, worker: _Child) -> None:
        worker.process.join()
        worker.pipe.close()
        del self._workers[worker.number]
        if worker.process.pid is not None:
            self._gone(worker.process.pid)

    def _ended(self) -> int:
        """Stop every worker; 0 where each ended by itself."""
        self._listening.close()
        for worker in self._workers.values():
            worker.process.terminate()
        until, code = time.monotonic() + STOP_SECONDS, 0
        for worker in list(self._workers.values()):
            worker.process.join(max(0.0, until - time.monotonic()))
            if worker.process.exitcode is None:
                log.error("worker %d does not stop: killed", worker.number)
                worker.process.kill()
            self._remove(worker)
            well = (0,) if worker.ready else (0, -signal.SIGTERM)  # it may have been told before it could listen
            if worker.process.exitcode not in well:
                log.error("worker %d, told to stop, ended with %s", worker.number, worker.process.exitcode)
                code = 1
        return code


def end_with(pipe: "Connection[str, str]") -> None:
    """From now on, stop when the other end of the pipe is gone: nobody would mind this process any more."""
    threading.Thread(target=_wait_for_end, args=(pipe,), name="minding", daemon=True).start()


def _wait_for_end(pipe: "Connection[str, str]") -> None:
    try:
        pipe.recv()
    except (EOFError, OSError):
        os.kill(os.getpid(), signal.SIGTERM)
