"""Who runs a command, as the machine tells it; and memory that goes back to the system."""

import gc
import getpass
import platform
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from service.edge.process import loading, who_runs

ROOT = Path(__file__).parents[3]


def test_whoever_runs_a_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without variables by the machine's list of users; behind sudo whoever called it."""
    for name in ("SUDO_USER", "LOGNAME", "USER", "LNAME", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert who_runs() == getpass.getuser() != "unknown"
    monkeypatch.setenv("SUDO_USER", "wang")
    assert who_runs() == "wang"


def test_nothing_is_collected_while_modules_are_loaded() -> None:
    """And again afterwards, also where one of them cannot be loaded."""
    seen = []
    with suppress(ImportError), loading():
        seen.append(gc.isenabled())
        raise ImportError
    assert [*seen, gc.isenabled()] == [False, True]


_LEFT = """
import time
from service.edge.process import give_memory_back
def resident():
    with open("/proc/self/statm") as told:
        return int(told.read().split()[1]) * 4096
before, held = resident(), []
for _ in range(2000):
    held.append((bytearray(100_000), bytearray(600)))
after, last = resident(), [small for _, small in held]
del held
kept = resident()
give_memory_back(0.05)
for _ in range(200):
    time.sleep(0.05)
    if resident() < before + (after - before) // 4:
        break
print(after - before, kept - before, resident() - before)
"""
"""Takes 200 MB in pieces that lie between small ones which stay, frees the pieces, and tells what is resident."""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library gives memory back in its own way")
def test_memory_goes_back_though_small_pieces_stay_beside_it() -> None:
    """Pieces below a mebibyte that lie between small ones which stay go back to the system once they are free."""
    told = subprocess.run([sys.executable, "-c", _LEFT], cwd=ROOT, capture_output=True, text=True, check=True)
    taken, kept, left = map(int, told.stdout.split())
    assert kept > taken // 2, "what is freed here would have stayed"
    assert left < taken // 4
