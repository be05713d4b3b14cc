"""Long lists are worked on one at a time, and a caller has few in line: the next is told to come again."""

import asyncio
from threading import Event

import pytest

from service.access.roles import OPEN
from service.application.one_at_a_time import OneAtATime
from service.edge.errors import TooMany

pytestmark = pytest.mark.sqlite_alone


def test_one_runs_one_waits_and_the_next_is_refused() -> None:
    """A third is refused before anything of it is read; when the two are done there is room again."""
    line, may, at_once, most = OneAtATime(2), Event(), list[int](), list[int]()

    def work() -> int:
        at_once.append(1)
        most.append(len(at_once))
        may.wait(20)
        at_once.pop()
        return 1

    async def asked() -> list[int]:
        under_way = [asyncio.create_task(line.run(OPEN, work)) for _ in range(2)]
        while not at_once:
            await asyncio.sleep(0.01)
        with pytest.raises(TooMany):
            line.check(OPEN)
        with pytest.raises(TooMany):
            await line.run(OPEN, work)
        may.set()
        return [await one for one in under_way]

    assert asyncio.run(asked()) == [1, 1]
    assert most == [1, 1]
    line.check(OPEN)
