"""Cuts off a request's body at the limit, for every route, before anybody parses it."""

from collections import Counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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


class BodyLimit:
    """ASGI middleware: a body that announces more is refused unread, one in pieces when it passes the limit.

    So is one of a caller who sends too much at once: what is read waits in memory.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit
        self._held: Counter[str] = Counter()
        """Bytes in memory of each caller's bodies."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is received of its body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _announced(scope) > self.limit:
            await refusal_of(scope, _too_large(self.limit))(scope, receive, send)
        else:
            body = _Body(scope, receive, self.limit, self._held)
            try:
                await self.app(scope, body.received, send)
            finally:
                body.gone()


class _Body:
    """What came of a body so far."""

    def __init__(self, scope: Scope, receive: Receive, limit: int, held: Counter[str]) -> None:
        self._scope, self._receive, self._limit, self._held = scope, receive, limit, held
        self._size, self._owner = 0, ""

    async def received(self) -> Message:
        """The next piece of it. Raises `BodyOverLimit`: the framework lets that pass where it parses a body itself."""
        if not self._size and _announced(self._scope) > self._most:
            raise BodyOverLimit(_too_large(self._most))
        self._owner = self._owner or getattr(self._scope.get(CALLER), "name", "")
        message = await self._receive()
        size = len(message.get("body", b""))
        self._size += size
        self._held[self._owner] += size
        if self._size > self._most:
            raise BodyOverLimit(_too_large(self._most))
        if self._owner and self._held[self._owner] > TOGETHER * self._limit:
            raise BodyOverLimit(TooMany("too_much_at_once", limit=f"{TOGETHER * self._limit / MEBIBYTE:g}"))
        return message

    def gone(self) -> None:
        """It was answered, and waits in memory no more."""
        self._held[self._owner] -= self._size
        if self._held[self._owner] <= 0:
            del self._held[self._owner]

    @property
    def _most(self) -> int:
        return self._limit if self._scope.get(LARGE) else min(self._limit, SMALL)


def _too_large(limit: int) -> Refused:
    return BodyTooLarge("body_too_large", limit=f"{limit / MEBIBYTE:g}")


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
