"""What the service refuses and how it says so: errors that carry their status and facts, written by one handler."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import Scope

from features.errors import PledgeScoreError
from service.edge.metrics import Metrics

log = logging.getLogger("pledgescore")

PROBLEM = "application/problem+json"
MOST_FAULTS = 100
"""Faults listed in one problem: enough to correct a file by, not enough to fill a disk."""


class Refused(PledgeScoreError):
    """A request that is answered by a problem (RFC 9457): `status`, a stable `code`, a title, and its own facts.

    Refused
    ├── NotJson 400 · InvalidRequest 422 · BodyTooLarge 413
    ├── NotSignedIn 401 · Forbidden, PasswordExpired, ForeignOrigin,
    │   AuthorityTooLow 403 · TooMany 429
    ├── UnknownFirm, NoSuchAssessment, NoLake, NoSuchParameter, NotInForce,
    │   NoSuchUser, NoSuchKey, NoSuchErasure, NotConfigured 404
    ├── KeyReused, NotDecidable, NotAnswerable, Taken, OwnQuestion, SeenChanged, OnHold 409 · Erased 410
    ├── NoModel, Busy, DatabaseAway, ProviderAway 503
    └── DiskFull 507
    """

    status: ClassVar[HTTPStatus] = HTTPStatus.BAD_REQUEST
    code: ClassVar[str] = "refused"
    title: ClassVar[str] = "The request was refused"
    headers: ClassVar[Mapping[str, str]] = {}

    def __init__(self, detail: str, **facts: Any) -> None:
        super().__init__(detail)
        self.detail, self.facts = detail, facts


class NotJson(Refused):
    """The body cannot be read as JSON."""

    code, title = "not-json", "The body is not JSON"


class InvalidRequest(Refused):
    """The body is JSON, but not what is asked for; `errors` lists pointers and messages."""

    status, code, title = (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "invalid-request",
        "The request breaks the rules of its schema",
    )

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        errors = [{"pointer": pointer, "message": message} for pointer, message in faults[:MOST_FAULTS]]
        super().__init__(f"{len(faults)} values are not allowed: see errors", errors=errors)

    def __str__(self) -> str:
        """The faults too: a command line shows nothing else."""
        told = [f"{fault['pointer'].strip('/') or 'the body'}: {fault['message']}" for fault in self.facts["errors"]]
        return "\n  ".join([self.title, *told])


class BodyTooLarge(Refused):
    """The body is over the limit."""

    status, code, title = HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "body-too-large", "The body is over the limit"
    headers: ClassVar[Mapping[str, str]] = {"Connection": "close"}


class NotSignedIn(Refused):
    """Nobody is signed in, or what was shown to sign in is not accepted; never says which part of it."""

    status, code, title = HTTPStatus.UNAUTHORIZED, "not-signed-in", "Nobody is signed in"
    headers: ClassVar[Mapping[str, str]] = {"WWW-Authenticate": "Bearer"}


class Forbidden(Refused):
    """Whoever asks may not do that."""

    status, code, title = HTTPStatus.FORBIDDEN, "forbidden", "The role does not allow this"


class PasswordExpired(Refused):
    """The password was good for one sign-in, in which another one takes its place."""

    status, code, title = HTTPStatus.FORBIDDEN, "password-expired", "A new password is needed"


class ForeignOrigin(Refused):
    """A browser's session would be used by a page that is not ours."""

    status, code, title = HTTPStatus.FORBIDDEN, "foreign-origin", "The request does not come from our own pages"


class TooMany(Refused):
    """One client asks more often than is allowed."""

    status, code, title = HTTPStatus.TOO_MANY_REQUESTS, "too-many", "Too many requests from one client"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class UnknownFirm(Refused):
    """Nobody knows a firm by that key."""

    status, code, title = HTTPStatus.NOT_FOUND, "unknown-firm", "No such firm"


class NoLake(Refused):
    """There is nowhere to look a firm up."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-lake", "No lake to look firms up in"


class NoSuchAssessment(Refused):
    """No assessment has that id."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-assessment", "No such assessment"


class NotConfigured(Refused):
    """What is asked for was not set up here."""

    status, code, title = HTTPStatus.NOT_FOUND, "not-configured", "This is not set up here"


class NoSuchUser(Refused):
    """No account has that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-user", "No such account"


class NoSuchErasure(Refused):
    """Nobody asked for that erasure."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-erasure", "No such request to erase"


class NoSuchKey(Refused):
    """No key has that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-key", "No such key"


class Taken(Refused):
    """The name is in use."""

    status, code, title = HTTPStatus.CONFLICT, "taken", "The name is in use"


class NoSuchParameter(Refused):
    """No policy file states a parameter of that name."""

    status, code, title = HTTPStatus.NOT_FOUND, "no-such-parameter", "No such parameter"


class NotInForce(Refused):
    """The parameter has no value on that day yet; `before` says what that means for a rule."""

    status, code, title = HTTPStatus.NOT_FOUND, "not-in-force", "The parameter has no value on that day"


class KeyReused(Refused):
    """An Idempotency-Key came with another body before."""

    status, code, title = HTTPStatus.CONFLICT, "key-reused", "The Idempotency-Key was used for another request"


class NotDecidable(Refused):
    """What the bank says it did cannot follow from how the assessment stands."""

    status, code, title = HTTPStatus.CONFLICT, "not-decidable", "The assessment does not allow this step"


class OwnQuestion(Refused):
    """Whoever asked for an assessment does not decide on it."""

    status, code, title = HTTPStatus.CONFLICT, "own-question", "Nobody decides on what they asked for"


class SeenChanged(Refused):
    """A decision rests on something that is no longer as it was seen."""

    status, code, title = HTTPStatus.CONFLICT, "seen-changed", "What was seen has changed"


class AuthorityTooLow(Refused):
    """The decision is a matter of higher authority."""

    status, code, title = HTTPStatus.FORBIDDEN, "authority-too-low", "The decision needs higher authority"


class NotAnswerable(Refused):
    """What is asked about an assessment cannot be told of it."""

    status, code, title = HTTPStatus.CONFLICT, "not-answerable", "The assessment does not allow this question"


class NoModel(Refused):
    """No model of that kind is in service."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "no-model", "No model of this kind is in service"


class Busy(Refused):
    """More requests wait than are allowed to."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "busy", "Too many requests are waiting"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class ProviderAway(Refused):
    """The provider that people sign in by does not answer, or not as it should."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "provider-away", "The sign-in provider does not answer"


class Erased(Refused):
    """What an entry held was erased; that it was there, when and by whom stays provable."""

    status, code, title = HTTPStatus.GONE, "erased", "The content was erased"


class OnHold(Refused):
    """A key may not be destroyed yet; `holds` names why, and until when where that is known."""

    status, code, title = HTTPStatus.CONFLICT, "on-hold", "The content must be kept"


class DatabaseAway(Refused):
    """The database does not answer, so nothing can be recorded, and no answer leaves."""

    status, code, title = HTTPStatus.SERVICE_UNAVAILABLE, "database-away", "The database does not answer"
    headers: ClassVar[Mapping[str, str]] = {"Retry-After": "1"}


class DiskFull(Refused):
    """There is no room for another entry."""

    status, code, title = HTTPStatus.INSUFFICIENT_STORAGE, "disk-full", "There is no room to record it"


def problem(refused: Refused) -> Response:
    """The refusal as an answer."""
    return _problem(refused.status, refused.code, refused.title, refused.detail, refused.headers, **refused.facts)


def as_problem(refused: Refused) -> dict[str, Any]:
    """The refusal as the object that a problem body holds, for one applicant in a list."""
    return _body(refused.status, refused.code, refused.title, refused.detail, **refused.facts)


def handle_errors(app: FastAPI, metrics: Metrics) -> None:
    """Let every error of the application leave as a problem, and be counted and logged."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return answer_refusal(request.scope, error, metrics)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        # What was sent is not sent back: it may be NaN, or somebody else's.
        faults = [(_pointer(fault["loc"]), str(fault["msg"])) for fault in error.errors()]
        return answer_refusal(request.scope, InvalidRequest(faults), metrics)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if error.status_code == BodyTooLarge.status:
            return answer_refusal(request.scope, BodyTooLarge(error.detail), metrics)
        return answer_status(request.scope, HTTPStatus(error.status_code), error.headers or {}, metrics)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        return _problem(status, "unforeseen", "A defect of ours", "Nothing was recorded. The log holds the reason.", {})


def answer_refusal(scope: Scope, refused: Refused, metrics: Metrics) -> Response:
    """The refusal of a request as an answer, counted and logged."""
    _note(scope, refused.status, refused.code, metrics)
    return problem(refused)


def answer_status(scope: Scope, status: HTTPStatus, headers: Mapping[str, str], metrics: Metrics) -> Response:
    """What no rule or route takes, as a problem, counted and logged."""
    code = status.phrase.lower().replace(" ", "-")
    _note(scope, status, code, metrics)
    return _problem(status, code, status.phrase, status.description or status.phrase, headers)


def _note(scope: Scope, status: HTTPStatus, code: str, metrics: Metrics) -> None:
    """Who was refused what; no word of what was sent or found."""
    metrics.refusals.labels(code).inc()
    who = getattr(scope.get("caller"), "name", "nobody")
    address = (scope.get("client") or ("unknown",))[0]
    # repr: what a client chose must not begin a line of its own
    log.warning("refused %d %s: %s %r, %s from %s", status, code, scope["method"], scope["path"], who, address)


def _pointer(place: Sequence[int | str]) -> str:
    return "".join(f"/{part}" for part in place)


def _body(status: HTTPStatus, code: str, title: str, detail: str, **facts: Any) -> dict[str, Any]:
    return {
        "type": f"urn:pledgescore:problem:{code}",
        "title": title,
        "status": int(status),
        "detail": detail,
        **facts,
    }


def _problem(
    status: HTTPStatus, code: str, title: str, detail: str, headers: Mapping[str, str], **facts: Any
) -> Response:
    body = orjson.dumps(_body(status, code, title, detail, **facts))
    return Response(body, status_code=int(status), media_type=PROBLEM, headers=dict(headers))
