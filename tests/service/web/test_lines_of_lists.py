"""Heavy work is done one at a time in a process of its own, and a caller has little in line."""

import asyncio
import os
from contextlib import suppress
from functools import partial
from multiprocessing import Pipe, get_context
from pathlib import Path

import pytest
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

from service.access.roles import OPEN
from service.application.caller import CALLER
from service.application.one_at_a_time import OneAtATime
from service.edge import heavy
from service.edge.errors import TooHeavy, TooMany
from service.web.app import LOADED_AHEAD
from service.workbooks.reading import WorkbookRefused
from tests.service.web.works import begins_and_leaves, is_ended, refused, takes_memory, waiting

pytestmark = pytest.mark.sqlite_alone


heavy.load_ahead(LOADED_AHEAD)


class Asked:
    """A request whose sender leaves when told to."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.request = Request({"type": "http", CALLER: OPEN}, self._receive)

    async def _receive(self) -> Message:
        await self.left.wait()
        return {"type": "http.disconnect"}


async def begun(folder: Path) -> list[int]:
    """The processes that began, once there is one."""
    while not any(folder.iterdir()):
        await asyncio.sleep(0.01)
    return [int(one.name) for one in folder.iterdir()]


def test_one_runs_one_waits_and_the_next_is_refused(tmp_path: Path) -> None:
    """A third is refused before anything of it is read; when the two are done there is room again."""

    async def asked() -> list[list[int]]:
        line = OneAtATime(2)
        under_way = [asyncio.create_task(line.pieces(Asked().request, waiting, tmp_path)) for _ in range(2)]
        assert len(await begun(tmp_path)) == 1
        with pytest.raises(TooMany):
            line.check(OPEN)
        with pytest.raises(TooMany):
            await line.pieces(Asked().request, waiting, tmp_path)
        (tmp_path / "go").touch()
        done = [await one for one in under_way]
        line.check(OPEN)
        return done

    [first], [second] = asyncio.run(asked())
    assert os.getpid() != first != second != os.getpid()


def test_work_ends_when_whoever_asked_is_gone(tmp_path: Path) -> None:
    """Its process is over at once, and there is room for the next."""

    async def left() -> int:
        line, asked = OneAtATime(1), Asked()
        under_way = asyncio.create_task(line.pieces(asked.request, waiting, tmp_path))
        [process] = await begun(tmp_path)
        asked.left.set()
        with pytest.raises(ClientDisconnect):
            await under_way
        line.check(OPEN)
        return process

    process = asyncio.run(left())
    with suppress(FileNotFoundError):  # a process that is over is looked after by the one that it was forked from
        assert Path(f"/proc/{process}/stat").read_text().split()[2] == "Z"


def test_what_is_refused_in_the_process_is_refused_here() -> None:
    """A refusal comes over with its facts and faults; too much memory and an end by the system are refusals too."""
    with pytest.raises(WorkbookRefused) as told:
        asyncio.run(heavy.in_child(refused))
    assert (told.value.facts["count"], len(told.value.faults), len(told.value.every)) == (3, 3, 3)
    for work in (takes_memory, is_ended):
        with pytest.raises(TooHeavy):
            asyncio.run(OneAtATime(1).run(Request({"type": "http", CALLER: OPEN}, asyncio.Event().wait), work))


def test_work_ends_quietly_where_who_asked_was_killed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Nobody reads what it would hand over: it leaves no traceback among the lines of the log."""
    reading, writing = Pipe(duplex=False)
    (tmp_path / "go").touch()
    process = get_context("fork").Process(target=heavy._work, args=(writing, partial(waiting, tmp_path)))
    reading.close()
    process.start()
    process.join()
    assert process.exitcode == 0
    assert not capfd.readouterr().err


def test_a_process_ends_while_what_heavy_work_needs_is_loaded(tmp_path: Path) -> None:
    """It does not wait for that, and ends well, as one that is told to stop in its first minute must."""
    process = get_context("spawn").Process(target=begins_and_leaves, args=(tmp_path,))
    process.start()
    try:
        process.join(60)
        assert process.exitcode == 0
    finally:
        (tmp_path / "go").touch()
        process.join()
