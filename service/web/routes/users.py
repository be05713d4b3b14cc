"""Accounts of people: administrators make, change, reset and disable them; auditors read them."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from service.access.accounts import Account
from service.access.answers import Credentials, MadeUser, Users
from service.access.requests import NewUser, UserPlace
from service.access.roles import Caller, Place
from service.edge.errors import Forbidden
from service.web.authorization import Who
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.web.state import AppState

_MADE: Responses = {201: answered("MadeUser", "The account, with what its person signs in with for the first time")}
_CHANGED: Responses = {200: answered("MadeUser", "The account as it is now")}


def router(state: AppState) -> APIRouter:
    """The routes under /v1/users."""
    routes = APIRouter(prefix="/v1/users", tags=["accounts"])

    def answer(user: str, given: Credentials | None, status: int = 200) -> Response:
        return json_response(MadeUser(state.accounts.shown(user), given), status)

    @routes.get("", summary="The accounts", responses={200: answered("Users", "The accounts within reach")})
    def users(caller: Who) -> Response:
        return json_response(Users(state.accounts.listed(caller.reach)))

    @routes.post("", status_code=201, summary="Make an account", responses=_MADE | problems(403, 409, 422))
    def add(caller: Who, given: Annotated[NewUser, Body()]) -> Response:
        account = Account(given.name, given.shown, given.role, given.place, given.authority, given.subject)
        check_within(caller, account.place)
        return answer(account.name, state.accounts.add(account, caller.id, state.now()), 201)

    @routes.post("/{user}/role", summary="Change role, place and authority", responses=_CHANGED | problems(404))
    def change(caller: Who, user: str, given: Annotated[UserPlace, Body()]) -> Response:
        stands = state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        account = Account(user, stands.shown, given.role, given.place, given.authority, stands.subject)
        check_within(caller, account.place)
        state.accounts.change(account, caller.id, state.now())
        return answer(user, None)

    @routes.post("/{user}/reset", summary="Give new first credentials", responses=_CHANGED | problems(404))
    def reset(caller: Who, user: str) -> Response:
        state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        return answer(user, state.accounts.reset(user, caller.id))

    @routes.post("/{user}/disable", summary="Let nobody sign in by it", responses=_CHANGED | problems(404))
    def disable(caller: Who, user: str) -> Response:
        state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        state.accounts.disable(user, caller.id)
        return answer(user, None)

    return routes


def check_within(caller: Caller, place: Place) -> None:
    """Raises `Forbidden` where the account would reach further than whoever makes it."""
    if not caller.reach.holds(place.bank, place.branch):
        raise Forbidden("beyond_administrator")


def _check_other(caller: Caller, user: str) -> None:
    """Raises `Forbidden` where somebody would change an own account: four eyes."""
    if caller.name == f"user:{user}":
        raise Forbidden("own_account")
