"""Cuts off a body at the limit, for every route, before anybody parses it, and takes it in at a bounded pace."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.authentication import address
from service.access.roles import NOBODY
from service.application.caller import CALLER
from service.edge.errors import BodyTooLarge, Refused, TooMany
from service.edge.settings import MEBIBYTE
from service.web.problems import BodyOverLimit, refusal_of

LARGE = "large"
"""Whether the rule of the route allows what the settings do, in the scope once the rule was found."""
SMALL = MEBIBYTE
"""Bytes of a body on any other route: what a parser takes in one go while nobody else is served."""
TOGETHER = 4
"""Bodies of the largest size that one caller may send at a time to one process, all of them together."""
IN_ONE_GO = 64 * 1024
"""Bytes that the server takes in whether or not anybody reads them."""
MOST_SENDERS = 10_000
"""Of how many it is remembered when they sent what; those who rested since are forgotten."""

Sender = tuple[str, str]
"""The name of a caller who is known, else an address."""


class Pace:
    """How fast bodies are taken in: of one caller so many bytes a second, and after a rest `at_once` more."""

    def __init__(self, per_second: float, at_once: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second, self._rest, self._clock = per_second, at_once / per_second, clock
        self._until: dict[Sender, float] = {}
        """When what came of each would have come at the pace."""

    def pause(self, sender: Sender, size: int) -> float:
        """Seconds to wait after so many bytes of one who sends, over all its connections."""
        now = self._clock()
        if len(self._until) > MOST_SENDERS:
            self._until = {one: until for one, until in self._until.items() if until > now - self._rest}
        until = max(self._until.get(sender, 0.0), now - self._rest) + size / self._per_second
        self._until[sender] = until
        return max(0.0, until - now)


class BodyLimit:
    """ASGI middleware: a body that announces more is refused unread, one in pieces when it passes the limit.

    So is one of a caller who sends too much at once: what is read waits in memory. A caller who sends more than there
    may be in a second is read more slowly, and its own sending waits; what is refused is read so too, and let go.
    """

    def __init__(self, app: ASGIApp, limit: int, per_second: float) -> None:
        """`limit` in bytes, of one body; `per_second` in bytes, of all of one caller."""
        self.app, self.limit = app, limit
        self._pace = Pace(per_second, limit)
        self._held: Counter[Sender] = Counter()
        """Bytes in memory of everybody's bodies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is received of its body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = _Body(scope, receive, self.limit, self._held, self._pace)

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start" and not await body.is_over():
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        try:
            if body.announced > self.limit:
                await refusal_of(scope, _too_large(self.limit))(scope, receive, told)
            else:
                await self.app(scope, body.received, told)
        finally:
            body.gone()


class _Body:
    """What came of a body so far."""

    def __init__(self, scope: Scope, receive: Receive, limit: int, held: Counter[Sender], pace: Pace) -> None:
        self._scope, self._receive, self._limit, self._held, self._pace = scope, receive, limit, held, pace
        headers = Headers(scope=scope)
        length = headers.get("content-length", "")
        self.announced = int(length) if length.isdecimal() else 0
        self._more = (self.announced > IN_ONE_GO or "transfer-encoding" in headers) and "expect" not in headers
        """Whether more would come that nobody reads; who expects to be told to go on sends nothing before."""
        self._sender: Sender = ("", "")
        self._size = self._kept = 0
        """Bytes that came, and those that wait in memory."""

    async def received(self) -> Message:
        """The next piece of it. Raises `BodyOverLimit`: the framework lets that pass where it parses a body itself."""
        if not self._size and self.announced > self._most:
            raise BodyOverLimit(_too_large(self._most))
        message = await self._next()
        size = len(message.get("body", b""))
        self._kept += size
        self._held[self._sender] += size
        if self._size > self._most:
            raise BodyOverLimit(_too_large(self._most))
        if self._held[self._sender] > TOGETHER * self._limit:
            raise BodyOverLimit(TooMany("too_much_at_once", limit=f"{TOGETHER * self._limit / MEBIBYTE:g}"))
        return message

    async def is_over(self) -> bool:
        """Let the rest go that nobody read, before the answer: behind it the server takes it in as fast as it comes.

        False where there is more of it than there may be. What came before waits in memory no more.
        """
        if self._more:
            self.gone()
        while self._more and max(self.announced, self._size) <= self._limit:
            await self._next()
        return not self._more

    async def _next(self) -> Message:
        """The next piece, and a pause where its sender sends faster than it may."""
        message = await self._receive()
        size = len(message.get("body", b""))
        self._size += size
        self._more = self._more and bool(message.get("more_body"))
        if not self._sender[0]:
            self._sender = _sender(self._scope)
        if pause := self._pace.pause(self._sender, size):
            await asyncio.sleep(pause)
        return message

    def gone(self) -> None:
        """It waits in memory no more."""
        self._held[self._sender] -= self._kept
        self._kept = 0
        if self._held[self._sender] <= 0:
            del self._held[self._sender]

    @property
    def _most(self) -> int:
        return self._limit if self._scope.get(LARGE) else min(self._limit, SMALL)


def _sender(scope: Scope) -> Sender:
    caller = scope.get(CALLER)
    return (NOBODY.name, address(scope)) if caller in {None, NOBODY} else (caller.name, "")


def _too_large(limit: int) -> Refused:
    return BodyTooLarge("body_too_large", limit=f"{limit / MEBIBYTE:g}")
