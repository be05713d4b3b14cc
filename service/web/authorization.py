"""The one place that every request passes: who asks, may they, whose is it. What no rule allows does not come through.

A request's rule is found here, before any routing: what it does not know is not there, so a route that was forgotten is
closed, not open.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.access.audit_log import AuditLog
from service.access.authentication import RENEWED, Authenticator
from service.access.authorization import check_allowed, is_open
from service.access.roles import NOBODY, Caller
from service.access.route_rules import RULES, RouteRule, RouteTable
from service.access.sessions import COOKIE, set_cookie
from service.application.caller import CALLER
from service.edge.errors import NoRoute, Refused, WrongMethod
from service.edge.metrics import Metrics
from service.web.auditing import ABOUT, audited
from service.web.body_limit import LARGE
from service.web.include import check_include
from service.web.problems import answer_refusal
from service.web.query import check_address
from service.web.words import check_words

_TABLE = RouteTable(RULES)

ScopeCheck = Callable[[RouteRule, str, Caller], Awaitable[None]]
"""Raises `Refused` where what a path names does not lie within the caller's reach."""


@dataclass(frozen=True)
class AuthorizationMiddleware:
    """ASGI middleware around the whole application.

    `check_room` raises `Refused` where a caller has as many packs under way as one may.
    """

    app: ASGIApp
    authenticator: Authenticator
    check_scope: ScopeCheck
    check_room: Callable[[Caller], None]
    metrics: Metrics
    audit_log: AuditLog
    now: Callable[[], datetime]

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
        by_method, named = _TABLE.find(scope["path"])
        route = f"{method} {_TABLE.template(by_method)}" if method in by_method else ""
        send = audited(scope, send, route, self.audit_log, self.now)
        try:
            check_address(scope)
            check_words(scope)
            check_include(scope)
            if (rule := by_method.get(method)) is None:
                raise WrongMethod(list(by_method)) if by_method else NoRoute("not_found")
            scope[LARGE] = rule.large
            await self._admit(scope, rule, named)
        except Refused as refused:
            await answer_refusal(scope, refused, self.metrics)(scope, receive, send)
            return
        await self.app(scope, receive, _renewing(scope, send) if scope.get(RENEWED) else send)

    async def _admit(self, scope: Scope, rule: RouteRule, named: dict[str, str]) -> None:
        """Leave in the scope who asks. Raises `Refused`."""
        caller = NOBODY if rule.probe else await self.authenticator.authenticate(scope)
        scope[CALLER] = caller  # a refusal's line in the log names it
        check_allowed(rule, caller)
        if rule.pack:
            self.check_room(caller)
        if rule.about is not None and not is_open(rule, caller):
            await self.check_scope(rule, named[rule.about], caller)
            scope[ABOUT] = named[rule.about]


def _renewing(scope: Scope, send: Send) -> Send:
    """Gives the browser its session's new id, unless the route ended the session, or began another in its place."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start" and scope.get(RENEWED):
            headers = MutableHeaders(scope=message)
            if not any(one.startswith(f"{COOKIE}=") for one in headers.getlist("set-cookie")):
                headers.append("set-cookie", set_cookie(scope[RENEWED]))
        await send(message)

    return told
