"""Accounts of people: administrators make, change, reset and disable them; auditors read them."""

from typing import Annotated, Any

from fastapi import APIRouter, Body

from service.access.accounts import Account, Credentials
from service.access.requests import NewUser, UserPlace
from service.access.roles import Caller, Place
from service.edge.errors import Forbidden
from service.web.authorization import Who
from service.web.openapi import Responses, answered, problems
from service.web.state import AppState

_MADE: Responses = {201: answered("MadeUser", "The account, with what its person signs in with for the first time")}
_CHANGED: Responses = {200: answered("MadeUser", "The account as it is now")}


def router(state: AppState) -> APIRouter:
    """The routes under /v1/users."""
    routes = APIRouter(prefix="/v1/users", tags=["accounts"])

    @routes.get("", summary="The accounts", responses={200: answered("Users", "The accounts within reach")})
    def users(caller: Who) -> Any:
        return {"items": state.accounts.listed(caller.reach)}

    @routes.post("", status_code=201, summary="Make an account", responses=_MADE | problems(403, 409, 422))
    def add(caller: Who, given: Annotated[NewUser, Body()]) -> Any:
        account = Account(given.name, given.shown, given.role, given.place, given.authority, given.subject)
        check_within(caller, account.place)
        return _told(account, state.accounts.add(account, caller.name, state.now()))

    @routes.post("/{user}/role", summary="Change role, place and authority", responses=_CHANGED | problems(404))
    def change(caller: Who, user: str, given: Annotated[UserPlace, Body()]) -> Any:
        stands = state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        account = Account(user, stands.shown, given.role, given.place, given.authority, stands.subject)
        check_within(caller, account.place)
        state.accounts.change(account, caller.name, state.now())
        return _told(account, None)

    @routes.post("/{user}/reset", summary="Give new first credentials", responses=_CHANGED | problems(404))
    def reset(caller: Who, user: str) -> Any:
        stands = state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        return _told(stands, state.accounts.reset(user, caller.name, state.now()))

    @routes.post("/{user}/disable", summary="Let nobody sign in by it", responses=_CHANGED | problems(404))
    def disable(caller: Who, user: str) -> Any:
        stands = state.accounts.one(user, caller.reach)
        _check_other(caller, user)
        state.accounts.disable(user, caller.name, state.now())
        return _told(stands, None)

    return routes


def check_within(caller: Caller, place: Place) -> None:
    """Raises `Forbidden` where the account would reach further than whoever makes it."""
    if not caller.reach.holds(place.bank, place.branch):
        raise Forbidden("an account or key may not reach beyond its administrator")


def _check_other(caller: Caller, user: str) -> None:
    """Raises `Forbidden` where somebody would change an own account: four eyes."""
    if caller.name == f"user:{user}":
        raise Forbidden("nobody changes an own account")


def _told(account: Account, given: Credentials | None) -> dict[str, Any]:
    return {"account": account.told(), "credentials": None if given is None else vars(given)}
