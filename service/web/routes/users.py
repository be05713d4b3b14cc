"""Accounts of people: administrators make, change, reset and disable them; auditors read them."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from service.access.accounts import Account
from service.access.answers import Credentials, MadeUser, Users
from service.access.requests import NewUser, UserPlace
from service.access.roles import Caller, Place
from service.application.caller import Who
from service.application.state import AppState, State
from service.edge.errors import Forbidden
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response

_MADE: Responses = {201: answered("MadeUser", "The account, with what its person signs in with for the first time")}
_CHANGED: Responses = {200: answered("MadeUser", "The account as it is now")}

router = APIRouter(prefix="/v1/users", tags=["accounts"], route_class=JsonRoute)


def _answer(state: AppState, user: str, given: Credentials | None, status: int = 200) -> Response:
    return json_response(MadeUser(state.accounts.shown(user), given), status)


@router.get("", summary="List accounts", responses={200: answered("Users", "The accounts within reach")})
def users(state: State, caller: Who) -> Response:
    return json_response(Users(state.accounts.listed(caller.reach)))


@router.post("", status_code=201, summary="Make an account", responses=_MADE | problems(403, 409, 422))
def add(state: State, caller: Who, given: Annotated[NewUser, Body()]) -> Response:
    account = Account(given.name, given.shown, given.role, given.place, given.authority, given.subject)
    check_within(caller, account.place)
    return _answer(state, account.name, state.accounts.add(account, caller.id, state.now()), 201)


@router.post("/{user}/role", summary="Change role, place and authority", responses=_CHANGED | problems(404))
def change(state: State, caller: Who, user: str, given: Annotated[UserPlace, Body()]) -> Response:
    stands = state.accounts.one(user, caller.reach)
    _check_other(caller, user)
    account = Account(user, stands.shown, given.role, given.place, given.authority, stands.subject)
    check_within(caller, account.place)
    state.accounts.change(account, caller.id, state.now())
    return _answer(state, user, None)


@router.post("/{user}/reset", summary="Give new first credentials", responses=_CHANGED | problems(404))
def reset(state: State, caller: Who, user: str) -> Response:
    state.accounts.one(user, caller.reach)
    _check_other(caller, user)
    return _answer(state, user, state.accounts.reset(user, caller.id))


@router.post("/{user}/disable", summary="Disable an account", responses=_CHANGED | problems(404))
def disable(state: State, caller: Who, user: str) -> Response:
    state.accounts.one(user, caller.reach)
    _check_other(caller, user)
    state.accounts.disable(user, caller.id)
    return _answer(state, user, None)


def check_within(caller: Caller, place: Place) -> None:
    """Raises `Forbidden` where the account would reach further than whoever makes it."""
    if not caller.reach.holds(place.bank, place.branch):
        raise Forbidden("beyond_administrator")


def _check_other(caller: Caller, user: str) -> None:
    """Raises `Forbidden` where somebody would change an own account: four eyes."""
    if caller.name == f"user:{user}":
        raise Forbidden("own_account")
