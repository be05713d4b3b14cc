"""Bodies are taken in at a pace for each who sends, and what is refused unread is let go at that pace too."""

import asyncio
import json
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import Message, Receive, Scope, Send

from service.access.roles import OPEN
from service.application.caller import CALLER
from service.web.body_limit import IN_ONE_GO, LARGE, TOGETHER, BodyLimit, Pace
from service.web.problems import BodyOverLimit

pytestmark = pytest.mark.sqlite_alone
LIMIT, PER_SECOND = 2**20, 2.0**30
PIECE = IN_ONE_GO


@given(
    st.lists(st.tuples(st.floats(0, 5), st.integers(0, 300)), max_size=40),
    st.floats(10, 1000),
    st.floats(0, 2000),
)
def test_nobody_sends_faster_than_the_pace(sent: list[tuple[float, int]], per_second: float, at_once: float) -> None:
    """Whatever the gaps and sizes: after each pause no more came than the rate allows and what a rest saved up."""
    now = 100.0
    pace = Pace(per_second, at_once, lambda: now)
    came = list(accumulate(size for _, size in sent))
    began = now + (sent[0][0] if sent else 0)
    for (gap, size), so_far in zip(sent, came, strict=True):
        now += gap
        now += pace.pause(("a", ""), size)
        assert so_far <= at_once + per_second * (now - began) + 1e-6
        assert pace.pause(("b", ""), 0) == 0


def test_who_rested_sends_one_body_without_waiting() -> None:
    """The first bytes up to the limit cost nothing; the next wait as long as they would have taken at the pace."""
    pace = Pace(100, 1_000, lambda: 50.0)
    assert pace.pause(("a", ""), 1_000) == 0
    assert pace.pause(("a", ""), 200) == pytest.approx(2)
    assert pace.pause(("b", ""), 1_000) == 0


class Asked:
    """A request with a body in pieces, of which it is told how many were taken, and how it was answered."""

    def __init__(self, pieces: int, *headers: tuple[bytes, bytes], announced: int | None = None) -> None:
        self.left = pieces
        length = PIECE * pieces if announced is None else announced
        self.scope: Scope = {
            "type": "http", "method": "POST", "path": "/", "query_string": b"", LARGE: True, CALLER: OPEN,
            "headers": [(b"content-length", b"%d" % length), *headers],
        }  # fmt: skip
        self.told: list[Message] = []
        self.left_when_told = -1

    async def receive(self) -> Message:
        """The next piece; nothing more comes behind the last."""
        assert self.left > 0
        self.left -= 1
        return {"type": "http.request", "body": bytes(PIECE), "more_body": self.left > 0}

    async def send(self, message: Message) -> None:
        """Part of the answer."""
        if not self.told:
            self.left_when_told = self.left
        self.told.append(message)

    @property
    def status(self) -> int:
        """Of the answer."""
        return int(self.told[0]["status"])

    @property
    def closed(self) -> bool:
        """Whether the connection ends with the answer."""
        return (b"connection", b"close") in self.told[0]["headers"]


async def unread(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuses without a look at the body."""
    await PlainTextResponse("too many", 429)(scope, receive, send)


async def read(scope: Scope, receive: Receive, send: Send) -> None:
    """Tells the size, or refuses as the framework does."""
    try:
        answer = PlainTextResponse(str(len(await Request(scope, receive).body())))
    except BodyOverLimit as over:
        answer = PlainTextResponse("refused", over.status_code)
    await answer(scope, receive, send)


def test_what_is_refused_unread_is_let_go_before_the_answer() -> None:
    """Its sender is told when all was taken in, at the pace, and may use the connection again."""
    asked = Asked(8)
    asyncio.run(BodyLimit(unread, LIMIT, PER_SECOND)(asked.scope, asked.receive, asked.send))
    assert (asked.status, asked.left_when_told, asked.closed) == (429, 0, False)


@pytest.mark.parametrize(
    ("asked", "status", "closed"),
    [
        (Asked(8, announced=LIMIT + 1), 413, True),
        (Asked(2 * LIMIT // PIECE, (b"transfer-encoding", b"chunked"), announced=0), 429, True),
        (Asked(8, (b"expect", b"100-continue")), 429, False),
        (Asked(1), 429, False),
    ],
)
def test_what_need_not_be_taken_in_is_not(asked: Asked, status: int, closed: bool) -> None:
    """More than there may be ends with its connection; who waits to be told, or sent little, is answered at once."""
    before = asked.left
    asyncio.run(BodyLimit(unread, LIMIT, PER_SECOND)(asked.scope, asked.receive, asked.send))
    assert (asked.status, asked.closed) == (status, closed)
    assert before - asked.left <= LIMIT // PIECE + 1


def test_of_too_many_bodies_at_once_those_that_there_may_be_are_read() -> None:
    """Six of the largest size, piece by piece beside each other: what one that is refused held is free for the rest."""
    app, together = BodyLimit(read, LIMIT, PER_SECOND), [Asked(LIMIT // PIECE) for _ in range(TOGETHER + 2)]

    async def sent(one: Asked) -> None:
        async def receive() -> Message:
            await asyncio.sleep(0)  # the others go on
            return await one.receive()

        await app(one.scope, receive, one.send)

    async def all_sent() -> None:
        await asyncio.gather(*map(sent, together))

    asyncio.run(all_sent())
    assert [one.status for one in together].count(200) >= TOGETHER - 1
    assert 429 in [one.status for one in together]


def test_all_connections_of_one_caller_share_its_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two bodies of the largest size at once the second waits as long as it may take; another caller does not."""
    pauses: list[float] = []

    async def slept(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr("service.web.body_limit.asyncio.sleep", slept)
    app = BodyLimit(read, LIMIT, 4.0 * LIMIT)
    app._pace = Pace(4.0 * LIMIT, LIMIT, lambda: 50.0)

    def asked(who: str) -> float:
        pauses.clear()
        one = Asked(LIMIT // PIECE)
        one.scope[CALLER] = replace(OPEN, name=who)
        asyncio.run(app(one.scope, one.receive, one.send))
        assert json.loads(one.told[1]["body"]) == LIMIT
        return max(pauses, default=0.0)

    assert asked("lms") == 0
    assert asked("lms") == pytest.approx(0.25)
    assert asked("desk") == 0
