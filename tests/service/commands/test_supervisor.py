"""The supervisor of workers: who dies is replaced, all stop together, and the exit code says how it went.

The workers here load nothing, so that many can be started in a test.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing import Process, get_context
from pathlib import Path

import pytest

from service.commands import supervisor
from tests.service.commands.minded import SECONDS, answering, failing, first_alone, minded, stubborn


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Starts a supervisor over so many workers; whatever is left of it afterwards is ended."""
    started: list[Process] = []

    def begin(work: Callable[..., None], count: int, stop_seconds: float = 20.0) -> Process:
        process = get_context("spawn").Process(target=minded, args=(work, tmp_path, count, stop_seconds))
        process.start()
        started.append(process)  # type: ignore[arg-type]
        return process  # type: ignore[return-value]

    yield begin
    for process in started:
        process.kill()
        process.join()
    for pid in workers(tmp_path).values():
        for one in pid:
            end(one)


def end(pid: int) -> None:
    """Kill a process of ours that may be gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def workers(folder: Path) -> dict[int, list[int]]:
    """The process ids that each worker's number had so far."""
    found: dict[int, list[int]] = {}
    for name in sorted(folder.glob("*-*"), key=lambda file: file.stat().st_mtime_ns):
        number, pid = name.name.split("-")
        found.setdefault(int(number), []).append(int(pid))
    return found


def wait_for(true: Callable[[], bool]) -> None:
    """Wait until it is true. Raises `AssertionError` where it never is."""
    until = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def test_all_workers_begin_and_end_together(start: Callable[..., Process], tmp_path: Path) -> None:
    """Told to stop, each worker ends by itself and the exit code is 0."""
    process = start(answering, 3)
    wait_for(lambda: sorted(workers(tmp_path)) == [1, 2, 3])
    process.terminate()
    process.join(SECONDS)
    assert process.exitcode == 0
    assert sorted(int(pid) for pid in (tmp_path / "gone").read_text().split()) == sorted(
        pid for pids in workers(tmp_path).values() for pid in pids
    )


def test_a_worker_that_dies_is_replaced_under_its_number(start: Callable[..., Process], tmp_path: Path) -> None:
    """The others go on; what was told of the dead one is its process id."""
    process = start(answering, 2)
    wait_for(lambda: sorted(workers(tmp_path)) == [1, 2])
    dead, other = workers(tmp_path)[1][0], workers(tmp_path)[2]
    os.kill(dead, signal.SIGKILL)
    wait_for(lambda: len(workers(tmp_path)[1]) == 2)
    assert workers(tmp_path)[2] == other
    assert (tmp_path / "gone").read_text().split() == [str(dead)]
    process.terminate()
    process.join(SECONDS)
    assert process.exitcode == 0


def test_a_worker_that_does_not_end_is_killed_and_told(start: Callable[..., Process], tmp_path: Path) -> None:
    """After the time that it is given; the exit code is 1."""
    process = start(stubborn, 1, 0.5)
    wait_for(lambda: 1 in workers(tmp_path))
    time.sleep(0.5)
    process.terminate()
    process.join(SECONDS)
    assert process.exitcode == 1


def test_a_first_worker_that_cannot_begin_ends_it_at_once(start: Callable[..., Process], tmp_path: Path) -> None:
    """Its exit code is told, and no other is started: the same would happen to it."""
    process = start(failing, 3)
    process.join(SECONDS)
    assert process.exitcode == 7
    assert sorted(workers(tmp_path)) == [1]


def test_a_service_that_nobody_can_begin_again_ends(start: Callable[..., Process], tmp_path: Path) -> None:
    """Where the last worker dies and its replacements cannot begin, whoever started the service is to know."""
    process = start(first_alone, 1)
    process.join(SECONDS)
    assert process.exitcode == 1
    assert len(workers(tmp_path)[1]) == 1 + supervisor.HOPELESS


def test_workers_end_with_their_supervisor(start: Callable[..., Process], tmp_path: Path) -> None:
    """A supervisor that is killed leaves nobody behind who goes on to answer."""
    process = start(answering, 2)
    wait_for(lambda: sorted(workers(tmp_path)) == [1, 2])
    process.kill()
    process.join(SECONDS)
    wait_for(lambda: not any(running(pid) for pids in workers(tmp_path).values() for pid in pids))


def running(pid: int) -> bool:
    """Whether the process does anything still."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
