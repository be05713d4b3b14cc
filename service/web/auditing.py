"""What the audit log is told of a request, once its answer begins: who, from where, which route, and how it ended.

Never what was sent: no query but the period of a pack, no body, no name that there is nobody of.
"""

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus

from starlette.types import Message, Scope, Send

from service.access.audit_log import AuditEvent, AuditKind, AuditLog
from service.access.audited_routes import AUDITED
from service.access.authentication import address
from service.access.roles import NOBODY, Caller
from service.application.caller import CALLER, REFUSED, TRIED, TriedAccount
from service.web.query import said

ABOUT = "about"
"""Where the thing that a path names stands in a request's scope, once it is known to be within reach."""
REFUSING = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS})
"""Statuses that tell that somebody was not let do something."""
_FILES = frozenset({"csv", "xlsx", "docx", "html"})
DONE = "done"
"""The outcome of what was let through."""


def audited(scope: Scope, send: Send, route: str, log: AuditLog, now: Callable[[], datetime]) -> Send:
    """Sends the answer, and tells the log of it. `route`: by method and template; empty where there is no such path."""

    async def told(message: Message) -> None:
        if message["type"] == "http.response.start":
            event = _event(scope, route, int(message["status"]))
            if event is not None:
                log.note(event, now())
        await send(message)

    return told


def _event(scope: Scope, route: str, status: int) -> AuditEvent | None:
    tried: TriedAccount | None = scope.get(TRIED)
    refused = status >= HTTPStatus.BAD_REQUEST
    kind: AuditKind | None
    if tried is not None:
        kind = "sign_in"
    elif status in REFUSING:
        kind = "refusal"
    else:
        kind = None if refused else _let_through(scope, route)
    if kind is None:
        return None
    caller: Caller = scope.get(CALLER, NOBODY)
    if tried is not None:
        who, bank, known = tried.who, tried.bank, not refused
    else:
        known = caller is not NOBODY
        who, bank = caller.name if known else "", caller.place.bank
    outcome = str(scope.get(REFUSED, status)) if refused else DONE
    return AuditEvent(kind, who, bank, address(scope), route, scope.get(ABOUT) or _period(scope, kind), outcome, known)


def _period(scope: Scope, kind: AuditKind) -> str:
    """The month or day of a pack that was taken away: such a pack was made, so it is a period and nothing else."""
    told = said(scope, "period") if kind == "pack" else []
    return told[-1] if told else ""


def _let_through(scope: Scope, route: str) -> AuditKind | None:
    kind = AUDITED.get(route)
    return "export" if kind == "read" and _FILES & {*said(scope, "format")} else kind
