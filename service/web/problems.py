"""How errors leave: each as a problem (RFC 9457), written by one handler, counted and logged."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.edge.errors import BodyTooLarge, InvalidRequest, Refused
from service.edge.metrics import Metrics

log = logging.getLogger("pledgescore")

PROBLEM = "application/problem+json"


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


class Unforeseen:
    """ASGI middleware: a defect of ours leaves as a problem too, and the log holds the reason."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; where it fails before an answer began, answer that it failed."""
        begun = False

        async def noted(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, noted)
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            detail = "Nothing was recorded. The log holds the reason."
            failed = _problem(HTTPStatus.INTERNAL_SERVER_ERROR, "unforeseen", "A defect of ours", detail, {})
            await failed(scope, receive, send)


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
