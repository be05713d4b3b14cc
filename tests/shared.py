"""Folders that are made once in a run and shared by all its workers, because making them takes seconds."""

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

import pytest


def made_once(temporary: pytest.TempPathFactory, name: str, make: Callable[[Path], object]) -> Path:
    """The folder of that name, made by whichever worker asks first; the others wait until it is finished.

    Nobody may change what lies in it.
    """
    root = temporary.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        root = root.parent  # each worker has a folder of its own there
    shared = root / "shared"
    shared.mkdir(exist_ok=True)
    folder, finished = shared / name, shared / f"{name}.finished"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # goes with the file, also when a worker is killed
        if not finished.exists():
            make(folder)
            finished.touch()
    return folder
