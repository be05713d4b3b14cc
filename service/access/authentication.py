"""Who stands behind a request: a machine by its key, a person by a session's cookie, or nobody that we know."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.types import Scope

from service.access.accounts import Accounts
from service.access.api_keys import ApiKeys
from service.access.rate_limits import RateLimiter
from service.access.roles import NOBODY, OPEN, Caller
from service.access.sessions import COOKIE, Sessions
from service.edge.errors import ForeignOrigin, NotSignedIn

RENEWED = "renewed"
"""Where a session's new id waits in the scope for the answer to carry it."""
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_BEARER = b"bearer "


class Authenticator(Protocol):
    """Tells who stands behind a request, and limits how often each client asks."""

    async def authenticate(self, scope: Scope) -> Caller:
        """Who stands behind the request. Raises `Refused`."""


class OpenAuthenticator:
    """Everybody may do everything: a demonstration on its own machine."""

    async def authenticate(self, scope: Scope) -> Caller:  # noqa: ARG002
        """Nobody in particular."""
        return OPEN


@dataclass(frozen=True)
class SignInAuthenticator:
    """Knows machines by their keys and people by their sessions.

    `callers`, `strangers`: limits for those who are known and for addresses of those who are not. `origin`: the address
    under which browsers see us, empty where it is the request's own host.
    """

    accounts: Accounts
    keys: ApiKeys
    sessions: Sessions
    callers: RateLimiter
    strangers: RateLimiter
    origin: str
    now: Callable[[], datetime]

    async def authenticate(self, scope: Scope) -> Caller:
        """Who stands behind the request. Raises `NotSignedIn`, `ForeignOrigin` or `TooMany`."""
        shown = _header(scope, b"authorization")
        if shown[: len(_BEARER)].lower() == _BEARER:
            return await self._machine(scope, shown[len(_BEARER) :].decode("latin-1").strip())
        if identity := session_of(scope):
            return await self._person(scope, identity)
        await self.strangers.take(address(scope))
        return NOBODY

    async def _machine(self, scope: Scope, secret: str) -> Caller:
        moment = self.now()
        caller = self.keys.remembered(secret, moment)
        if caller is None:
            made = self.keys.is_made(secret)
            if made is None:
                made = await run_in_threadpool(self.keys.ask_made, secret)
            if not made:  # whoever has a key waits for no stranger at the same address
                await self.strangers.take(address(scope))
            caller = await run_in_threadpool(self.keys.found, secret, moment)
        if caller is None:
            raise NotSignedIn("key_not_accepted")
        await self.callers.take(caller.name)
        return caller

    async def _person(self, scope: Scope, identity: str) -> Caller:
        moment = self.now()
        session = await run_in_threadpool(self.sessions.find, identity, moment)
        caller = None if session is None else self.accounts.caller(session.user, moment)
        if session is None or caller is None:
            await self.strangers.take(address(scope))
            return NOBODY
        if scope["method"] not in _SAFE:
            check_origin(scope, self.origin)
        await self.callers.take(caller.name)
        scope[RENEWED] = session.renewed
        return caller


def check_origin(scope: Scope, own: str) -> None:
    """Raises `ForeignOrigin` unless the browser says that one of our own pages asks.

    A browser tells `Sec-Fetch-Site` and `Origin` itself; no page can make it say otherwise. Whoever shows a session and
    tells neither is no browser, and has a key to use.
    """
    site = _header(scope, b"sec-fetch-site")
    origin = _header(scope, b"origin").decode("latin-1")
    if origin:
        host = _header(scope, b"host").decode("latin-1")
        ours = origin == own if own else urlsplit(origin).netloc == host
        if ours and site in (b"", b"same-origin"):
            return
    elif site == b"same-origin":
        return
    raise ForeignOrigin("foreign_origin")


def session_of(scope: Scope) -> str | None:
    """The id of a session that the request shows."""
    return cookie_of(scope, COOKIE)


def cookie_of(scope: Scope, name: str) -> str | None:
    """The value of a cookie that the request shows."""
    text = _header(scope, b"cookie").decode("latin-1")
    if name not in text:
        return None
    try:
        found = SimpleCookie(text).get(name)
    except CookieError:
        return None
    return found.value if found else None


def address(scope: Scope) -> str:
    """The address that the request came from."""
    return str((scope.get("client") or ("unknown",))[0])


def _header(scope: Scope, name: bytes) -> bytes:
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return b""
