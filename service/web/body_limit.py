"""Cuts off a request's body at the limit, for every route, before anybody parses it."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.edge.errors import BodyTooLarge
from service.edge.settings import MEBIBYTE
from service.web.problems import BodyOverLimit, refusal_of


class BodyLimit:
    """ASGI middleware: a body that announces more is refused unread, one in pieces when it passes the limit."""

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, counting what is received of its body."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
        elif _announced(scope) > self.limit:
            await refusal_of(scope, self._refused)(scope, receive, send)
        else:
            await self.app(scope, self._counting(receive), send)

    @property
    def _refused(self) -> BodyTooLarge:
        return BodyTooLarge("body_too_large", limit=f"{self.limit / MEBIBYTE:g}")

    def _counting(self, receive: Receive) -> Receive:
        size = 0

        async def counted() -> Message:
            nonlocal size
            message = await receive()
            size += len(message.get("body", b""))
            if size > self.limit:
                # The framework lets this one pass where it parses a body itself; its handler makes a problem of it.
                raise BodyOverLimit(self._refused)
            return message

        return counted


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0
