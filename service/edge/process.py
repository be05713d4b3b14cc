"""Which of a service's processes this one is, how many connections it may hold, and how it gives memory back."""

import ctypes
import gc
import getpass
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread


@dataclass(frozen=True)
class Worker:
    """The `number` of a process, from 1, of so many that one command started."""

    number: int = 1
    of: int = 1


ALONE = Worker()
OWN_FILES = 256
"""Files and connections to the database that a process may hold beside its callers' connections."""
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
"""Parameters of glibc's `mallopt`."""
_LARGE, _ARENAS = 2**20, 2
TRIM_SECONDS = 2.0
"""How often free memory is given back. It costs 3 ms where much is free, else nothing to speak of."""


@contextmanager
def loading() -> Iterator[None]:
    """Collect nothing while modules are loaded: what they make stays, and looking at it takes a tenth of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def give_memory_back(every: float = TRIM_SECONDS) -> None:
    """Let a mebibyte or more go back to the system once it is free, and now and then what is smaller.

    Left to itself glibc raises that size to the largest piece that was freed, so that bodies of 32 MiB would stay with
    it; each thread has an arena; and what is free in one goes back from its end alone, which one small piece holds.
    """
    if sys.platform != "linux" or not hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
        return
    libc.mallopt(_MMAP_THRESHOLD, _LARGE)
    libc.mallopt(_ARENA_MAX, _ARENAS)

    def trim() -> None:
        while True:
            time.sleep(every)
            libc.malloc_trim(0)

    Thread(target=trim, name="memory", daemon=True).start()


def connections_allowed(wanted: int) -> int:
    """How many of the connections that are wanted the system lets this process hold, asked for as many as it may."""
    if sys.platform == "win32":
        return wanted
    import resource

    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if now < wanted + OWN_FILES:
        now = min(most, wanted + OWN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (now, most))
    return max(1, min(wanted, now - OWN_FILES))


def who_runs() -> str:
    """Whoever runs a command, as the machine names them: behind sudo who called it; else the user's number."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):
        return f"uid {os.getuid()}"
