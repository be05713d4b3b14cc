"""The one place that every request passes: who asks, may they, whose is it. What no rule allows does not come through.

The guard finds a request's rule itself, before any routing: what it does not know is not there, so a route that was
forgotten is closed, not open.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Protocol

from fastapi import Depends, Request
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.authentication import RENEWED
from service.access.roles import OPEN, Caller
from service.access.route_rules import ANYBODY, RULES, SIGNED_IN, Rule, Table
from service.access.sessions import set_cookie
from service.edge.errors import Forbidden, NotSignedIn, Refused, answer_refusal, answer_status
from service.edge.metrics import Metrics

CALLER = "caller"
"""Where the guard leaves whoever asks in a request's scope."""


class Door(Protocol):
    """Tells who asks, and lets nobody ask too often."""

    async def who(self, scope: Scope) -> Caller:
        """Who stands behind the request. Raises `Refused`."""


class OpenDoor:
    """Everybody may do everything: a demonstration on its own machine."""

    async def who(self, scope: Scope) -> Caller:  # noqa: ARG002
        """Nobody in particular."""
        return OPEN


_TABLE = Table(RULES)

Within = Callable[[Rule, str, Caller], Awaitable[None]]
"""Raises `Refused` where what a path names does not lie within the caller's reach."""


def _renewing(scope: Scope, send: Send) -> Send:
    """Gives the browser its session's new id, unless the route ended the session."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and scope.get(RENEWED):
            MutableHeaders(scope=message).append("set-cookie", set_cookie(scope[RENEWED]))
        await send(message)

    return told


def caller_of(request: Request) -> Caller:
    """Whoever the guard let in."""
    found: Caller = request.scope[CALLER]
    return found


Who = Annotated[Caller, Depends(caller_of)]
"""What a route takes to know who asks."""


@dataclass(frozen=True)
class Guard:
    """ASGI middleware around the whole application."""

    app: ASGIApp
    door: Door
    within: Within
    metrics: Metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the request through, or answer why not."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        else:
            await self._request(scope, receive, send)

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        by_method, named = _TABLE.found(scope["path"])
        rule = by_method.get(method)
        if rule is None:
            status = HTTPStatus.METHOD_NOT_ALLOWED if by_method else HTTPStatus.NOT_FOUND
            headers = {"Allow": ", ".join(sorted(by_method))} if by_method else {}
            await answer_status(scope, status, headers, self.metrics)(scope, receive, send)
            return
        try:
            scope[CALLER] = await self._admitted(scope, rule, named)
        except Refused as refused:
            await answer_refusal(scope, refused, self.metrics)(scope, receive, send)
            return
        await self.app(scope, receive, _renewing(scope, send) if scope.get(RENEWED) else send)

    async def _admitted(self, scope: Scope, rule: Rule, named: dict[str, str]) -> Caller:
        caller = await self.door.who(scope)
        scope[CALLER] = caller  # a refusal's line in the log names it
        if rule.needs == ANYBODY or caller is OPEN:
            return caller
        if not caller.signed_in:
            raise NotSignedIn("sign in, or send an API key as Authorization: Bearer")
        if rule.needs != SIGNED_IN and rule.needs not in caller.may:
            raise Forbidden(f"the role {caller.role} may not {rule.needs}", needs=rule.needs)
        if rule.inside and caller.place.fund is not None:
            raise Forbidden("it tells what only the bank may see: a pack for the fund holds what is for you")
        if rule.about is not None:
            await self.within(rule, named[rule.about], caller)
        return caller
