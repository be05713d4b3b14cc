"""How errors leave: each as a problem (RFC 9457), written by one handler, counted and logged."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal, get_args, get_origin

import msgspec
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic_core import ErrorDetails
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from features.errors import Fault, fault
from features.phrase import Fact, Language
from models.words.faults import fault_of
from service.application.caller import REFUSED
from service.desk.refusals import is_desk, refusal
from service.edge.errors import Defect, InvalidRequest, NoRoute, Refused
from service.edge.faults import ProblemFault, problem_faults
from service.edge.metrics import Metrics
from service.web.words import language_asked

log = logging.getLogger("pledgescore")

PROBLEM = "application/problem+json"


class Problem(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Why a request was refused (RFC 9457). `title` and `detail` are absent with `words=none`.

    `code` says what `type` does not yet; `facts` are what its sentence names; `errors` names each place that is wrong.
    """

    type: str
    status: int
    code: str
    facts: Mapping[str, Fact]
    title: str | None = None
    detail: str | None = None
    errors: tuple[ProblemFault, ...] = ()


class BodyOverLimit(HTTPException):
    """A body that passes the limit while the framework reads it, which lets only its own errors pass."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.status)
        self.refused = refused


class OtherStatus(Refused):
    """What the framework refuses by a status of its own."""

    def __init__(self, error: HTTPException) -> None:
        super().__init__("http_status", status=error.status_code)
        self.status = HTTPStatus(error.status_code)  # type: ignore[misc]
        self.headers = dict(error.headers or {})


def to_problem(refused: Refused, language: Language | None) -> Problem:
    """The refusal as a body holds it, with sentences in the language."""
    return Problem(
        f"urn:pledgescore:problem:{refused.problem}",
        int(refused.status),
        refused.code,
        refused.phrase.facts,
        language and refused.title(language),
        language and refused.sentence(language),
        problem_faults(refused.faults, language),
    )


def problem(refused: Refused, language: Language | None) -> Response:
    """The refusal as an answer."""
    body = msgspec.json.encode(to_problem(refused, language))
    return Response(body, int(refused.status), dict(refused.headers), PROBLEM)


def _fault(scope: Scope, error: ErrorDetails) -> Fault:
    """What is wrong; where a parameter of the query is left out that takes certain words alone, which these are."""
    found = fault_of(error)
    if error["type"] == "missing":
        for parameter in scope["route"].dependant.query_params:
            words = parameter.field_info.annotation
            if error["loc"] == ("query", parameter.alias) and get_origin(words) is Literal:
                return fault(found.pointer, "literal_error", expected=get_args(words))
    return found


def handle_errors(app: FastAPI, metrics: Metrics) -> None:
    """Let every error of the application leave as a problem, and be counted and logged."""

    @app.exception_handler(Refused)
    async def refused(request: Request, error: Refused) -> Response:
        return answer_refusal(request.scope, error, metrics)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Response:
        return answer_refusal(
            request.scope, InvalidRequest([_fault(request.scope, one) for one in error.errors()]), metrics
        )

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        if isinstance(error, BodyOverLimit):
            return answer_refusal(request.scope, error.refused, metrics)
        missing = error.status_code == HTTPStatus.NOT_FOUND
        return answer_refusal(request.scope, NoRoute("not_found") if missing else OtherStatus(error), metrics)


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
        except ClientDisconnect:
            log.info("whoever asked %s %r left before the body was whole", scope["method"], scope["path"])
        except Exception as error:
            if scope["type"] != "http" or begun:
                raise
            log.error("%s %s failed", scope["method"], scope["path"], exc_info=error)
            await refusal_of(scope, Defect("defect"))(scope, receive, send)


def answer_refusal(scope: Scope, refused: Refused, metrics: Metrics) -> Response:
    """The refusal of a request as an answer, counted and logged: no word of what was sent or found."""
    metrics.refusals.labels(refused.problem).inc()
    scope[REFUSED] = refused.code
    who = getattr(scope.get("caller"), "name", "nobody")
    address = (scope.get("client") or ("unknown",))[0]
    # repr: what a client chose must not begin a line of its own
    seen = (refused.status, refused.problem, scope["method"], scope["path"], who, address)
    log.warning("refused %d %s: %s %r, %s from %s", *seen)
    return refusal_of(scope, refused)


def refusal_of(scope: Scope, refused: Refused) -> Response:
    """The refusal as it leaves: a page where a page of the desk was asked for, else a problem."""
    if is_desk(scope):
        return refusal(scope, scope["app"].state.pledgescore, refused)
    return problem(refused, language_asked(scope))
