"""Signing in and out, and who is signed in."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.access import oidc
from service.access.accounts import Attempt
from service.access.answers import SignedIn
from service.access.authentication import RENEWED, check_origin, cookie_of, session_of
from service.access.requests import SignIn
from service.access.roles import Place
from service.access.sessions import drop_cookie, set_cookie
from service.application.caller import Who
from service.application.state import AppState, State
from service.edge.errors import NotConfigured
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response

_IN: Responses = {201: answered("SignedIn", "Who is signed in; the session's id is in the cookie")}
_WHO: Responses = {200: answered("SignedIn", "Who is signed in")}
_PAGE = """<!doctype html><html lang="zh"><meta charset="utf-8"><title>PledgeScore</title>
<body style="font-family: sans-serif; margin: 4em"><h1>已登录 · Signed in</h1><p>{name}</p>
<p><a href="/docs">继续 · Go on</a></p></body></html>"""

router = APIRouter(prefix="/v1/session", tags=["session"], route_class=JsonRoute)


@router.post("", status_code=201, summary="Sign in by a local account", responses=_IN | problems(401, 403, 422))
def sign_in(state: State, request: Request, given: Annotated[SignIn, Body()]) -> Response:
    if "origin" in request.headers:
        check_origin(request.scope, state.settings.origin)
    moment = state.now()
    attempt = Attempt(given.name, given.password, given.code, given.new_password)
    name = state.accounts.signed_in(attempt, moment)
    account = state.accounts.one(name)
    response = _signed_in(f"user:{name}", account.role, account.place, person=True, status=201)
    response.headers["set-cookie"] = set_cookie(state.sessions.begin(name, moment, session_of(request.scope)))
    return response


@router.get("", summary="Read who is signed in", responses=_WHO | problems(401))
def who(caller: Who) -> Response:
    return _signed_in(caller.name, caller.role, caller.place, person=caller.person)


@router.delete("", status_code=204, summary="Sign out", responses=problems(401))
def sign_out(state: State, request: Request, response: Response) -> None:
    if identity := session_of(request.scope):
        state.sessions.end(identity)
        request.scope[RENEWED] = None
    response.headers["set-cookie"] = drop_cookie()


@router.get(
    "/oidc",
    status_code=303,
    response_class=RedirectResponse,
    summary="Sign in by the OpenID Connect provider",
    responses=problems(404, 503),
)
def begin(state: State) -> Response:
    begun = _provider(state).begin(state.now())
    return RedirectResponse(begun.location, 303, {"set-cookie": begun.cookie})


@router.get(
    "/oidc/callback",
    response_class=HTMLResponse,
    summary="Return from the provider",
    responses=problems(401, 404, 422, 503),
)
def finish(
    state: State,
    request: Request,
    given: Annotated[str, Query(alias="state", max_length=500)],
    code: Annotated[str, Query(max_length=4000)],
) -> Response:
    moment = state.now()
    name = _provider(state).finish(given, code, cookie_of(request.scope, oidc.COOKIE), moment)
    page = HTMLResponse(_PAGE.format(name=escape(name)))
    page.headers.append("set-cookie", f"{oidc.COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
    page.headers.append("set-cookie", set_cookie(state.sessions.begin(name, moment, session_of(request.scope))))
    return page


def _signed_in(name: str, role: str, place: Place, *, person: bool, status: int = 200) -> Response:
    return json_response(SignedIn(name, person, role, place.bank, place.branch, place.fund), status)


def _provider(state: AppState) -> oidc.SignIns:
    if state.sign_ins is None:
        raise NotConfigured("oidc_not_configured")
    return state.sign_ins
