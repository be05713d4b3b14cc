"""Workers that load nothing and a supervisor over them, each in a process of its own.

Apart from the tests, so that such a process loads nothing of theirs either.
"""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from service.commands import supervisor
from service.commands.supervisor import READY, Supervisor, end_with

SECONDS = 60.0


def note(folder: Path, number: int) -> None:
    """Leave the process id of a worker under its number."""
    (folder / f"{number}-{os.getpid()}").touch()


def answering(folder: Path, number: int, listening: socket.socket, pipe: Connection) -> None:
    """A worker that ends well when it is told to."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    assert listening.getsockname()[1]
    note(folder, number)
    pipe.send(READY)
    end_with(pipe)
    time.sleep(SECONDS)


def stubborn(folder: Path, number: int, _listening: socket.socket, pipe: Connection) -> None:
    """A worker that does not end when it is told to."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    note(folder, number)
    pipe.send(READY)
    time.sleep(SECONDS)


def failing(folder: Path, number: int, _listening: socket.socket, _pipe: Connection) -> None:
    """A worker that cannot begin."""
    note(folder, number)
    sys.exit(7)


def first_alone(folder: Path, number: int, listening: socket.socket, pipe: Connection) -> None:
    """The first worker answers once and then dies; no other can begin."""
    if (folder / "begun").exists():
        failing(folder, number, listening, pipe)
    (folder / "begun").touch()
    note(folder, number)
    pipe.send(READY)
    time.sleep(0.5)
    os._exit(9)


def minded(work: Callable[..., None], folder: Path, count: int, stop_seconds: float) -> None:
    """A supervisor in a process of its own; it notes which processes it was told are gone."""
    supervisor.STOP_SECONDS = stop_seconds
    supervisor.PAUSES = (0.0, 0.05)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        gone = folder / "gone"
        code = Supervisor(partial(work, folder), count, listening, lambda pid: append(gone, pid)).run()
    sys.exit(code)


def append(file: Path, number: int) -> None:
    """One number more in the file."""
    with file.open("a") as out:
        out.write(f"{number}\n")
