"""Invitations: with the code that administrators were told, a person sets password and authenticator."""

from typing import Annotated

from fastapi import APIRouter, Body, Request, Response

from service.access.requests import InvitationOpened, InvitationTaken
from service.application.sign_in import opened as secret_for
from service.application.sign_in import session_cookie, took_up
from service.application.state import State
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.web.routes.session import account_answer, check_own_page

_SECRET: Responses = {200: answered("AuthenticatorSecret", "For the authenticator app; kept nowhere yet")}
_IN: Responses = {201: answered("SignedIn", "Who is signed in; the session's id is in the cookie")}

router = APIRouter(prefix="/v1/invitations", tags=["session"], route_class=JsonRoute)


@router.post("/opening", summary="Open an invitation by its code", responses=_SECRET | problems(401, 403, 422))
def opened(state: State, request: Request, given: Annotated[InvitationOpened, Body()]) -> Response:
    check_own_page(state, request)
    return json_response(secret_for(state, request.scope, given))


@router.post("", status_code=201, summary="Set password and authenticator", responses=_IN | problems(401, 403, 422))
def taken(state: State, request: Request, given: Annotated[InvitationTaken, Body()]) -> Response:
    check_own_page(state, request)
    name = took_up(state, request.scope, given)
    response = account_answer(state, name, 201)
    response.headers["set-cookie"] = session_cookie(state, request.scope, name)
    return response
