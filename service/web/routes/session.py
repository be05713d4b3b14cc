"""Signing in and out, and who is signed in."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from service.access import oidc
from service.access.answers import SignedIn
from service.access.authentication import check_origin, cookie_of, session_of
from service.access.requests import SignIn
from service.access.sessions import drop_cookie
from service.application.caller import Who
from service.application.sign_in import session_cookie, signed_in
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
    check_own_page(state, request)
    name = signed_in(state, request.scope, given)
    response = account_answer(state, name, 201)
    response.headers["set-cookie"] = session_cookie(state, request.scope, name)
    return response


@router.get("", summary="Read who is signed in", responses=_WHO | problems(401))
def who(state: State, caller: Who) -> Response:
    if caller.person:
        return account_answer(state, caller.name.partition(":")[2])
    place = caller.place
    return json_response(SignedIn(caller.name, False, caller.role, place.bank, place.branch, place.fund))


@router.delete("", status_code=204, summary="Sign out", responses=problems(401))
def sign_out(state: State, request: Request, response: Response) -> None:
    if identity := session_of(request.scope):
        state.sessions.end(identity)
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
    name = _provider(state).finish(given, code, cookie_of(request.scope, oidc.COOKIE), state.now())
    page = HTMLResponse(_PAGE.format(name=escape(name)))
    page.headers.append("set-cookie", f"{oidc.COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")
    page.headers.append("set-cookie", session_cookie(state, request.scope, name))
    return page


def account_answer(state: AppState, name: str, status: int = 200) -> Response:
    """Who is signed in by an account, and whether it was reset of late: its person must know."""
    account, reset = state.accounts.one(name), state.accounts.recent_reset(name, state.now())
    place = account.place
    return json_response(
        SignedIn(f"user:{name}", True, account.role, place.bank, place.branch, place.fund, reset), status
    )


def check_own_page(state: AppState, request: Request) -> None:
    """Raises `ForeignOrigin` where a browser says that another's page asks; a program says nothing of the kind."""
    if "origin" in request.headers:
        check_origin(request.scope, state.settings.origin)


def _provider(state: AppState) -> oidc.SignIns:
    if state.sign_ins is None:
        raise NotConfigured("oidc_not_configured")
    return state.sign_ins
