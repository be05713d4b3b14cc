"""Accounts of people: administrators make, change, reset and disable them; auditors read them.

What binds the bank one administrator asks for and another confirms: until then it is a proposal.
"""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from service.access.accounts import Account
from service.access.answers import AccountProposal, AccountProposals, MadeUser, Users
from service.access.requests import NewUser, UserPlace
from service.application.accounts import (
    change_account,
    confirm_proposal,
    disable_account,
    drop_proposal,
    make_account,
    reset_account,
)
from service.application.caller import Who
from service.application.state import AppState, State
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, Responses, answered, problems
from service.web.responses import json_response

_WAITS: Responses = {202: answered("AccountProposal", "It waits for another administrator")}
_MADE: Responses = {201: answered("MadeUser", "The account"), **_WAITS}
_CHANGED: Responses = {200: answered("MadeUser", "The account as it is now"), **_WAITS}
_DISABLED: Responses = {200: answered("MadeUser", "The account as it is now"), **problems(404)}
_PROPOSED: Responses = {200: answered("AccountProposals", "The latest first")}
_SETTLED: Responses = {200: answered("AccountProposal", "The proposal as it is now"), **CONFLICTS}

router = APIRouter(tags=["accounts"], route_class=JsonRoute)


@router.get("/v1/users", summary="List accounts", responses={200: answered("Users", "The accounts within reach")})
def users(state: State, caller: Who) -> Response:
    return json_response(Users(state.accounts.listed(caller.reach)))


@router.post("/v1/users", status_code=201, summary="Ask for an account", responses=_MADE | problems(403, 409, 422))
def add(state: State, caller: Who, given: Annotated[NewUser, Body()]) -> Response:
    account = Account(given.name, given.shown, given.role, given.place, given.authority, given.subject)
    return _answer(state, make_account(state, caller, account), 201)


@router.post(
    "/v1/users/{user}/role", summary="Ask for another role, place or authority", responses=_CHANGED | CONFLICTS
)
def change(state: State, caller: Who, user: str, given: Annotated[UserPlace, Body()]) -> Response:
    stands = state.accounts.one(user, caller.reach)
    account = Account(user, stands.shown, given.role, given.place, given.authority, stands.subject)
    return _answer(state, change_account(state, caller, account))


@router.post("/v1/users/{user}/reset", summary="Ask that its person signs in anew", responses=_CHANGED | CONFLICTS)
def reset(state: State, caller: Who, user: str) -> Response:
    state.accounts.one(user, caller.reach)
    return _answer(state, reset_account(state, caller, user))


@router.post("/v1/users/{user}/disable", summary="Disable an account", responses=_DISABLED)
def disable(state: State, caller: Who, user: str) -> Response:
    state.accounts.one(user, caller.reach)
    disable_account(state, caller, user)
    return json_response(MadeUser(state.accounts.shown(user)))


@router.get("/v1/account-proposals", summary="List what administrators asked for", responses=_PROPOSED)
def proposals(state: State, caller: Who) -> Response:
    return json_response(AccountProposals(state.proposals.listed(caller.reach, state.now())))


@router.post("/v1/account-proposals/{proposal}/confirmation", summary="Confirm as another person", responses=_SETTLED)
def confirm(state: State, caller: Who, proposal: str) -> Response:
    return json_response(confirm_proposal(state, caller, proposal))


@router.post("/v1/account-proposals/{proposal}/withdrawal", summary="Drop a proposal", responses=_SETTLED)
def drop(state: State, caller: Who, proposal: str) -> Response:
    return json_response(drop_proposal(state, caller, proposal))


def _answer(state: AppState, done: AccountProposal, status: int = 200) -> Response:
    if done.state == "waiting":
        return json_response(done, 202)
    return json_response(MadeUser(state.accounts.shown(done.name), done), status)
