"""Keys of machines: administrators make and withdraw them; auditors read them."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from service.access.answers import Keys, MadeKey
from service.access.api_keys import ApiKey
from service.access.requests import NewApiKey
from service.application.accounts import make_key
from service.application.caller import Who
from service.application.state import State
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response

_KEYS: Responses = {200: answered("Keys", "The keys within reach")}
_MADE: Responses = {
    201: answered("MadeKey", "The key, told this once"),
    202: answered("MadeKey", "The same; it opens nothing until another administrator confirms it"),
}

router = APIRouter(prefix="/v1/api-keys", tags=["accounts"], route_class=JsonRoute)


@router.get("", summary="List API keys", responses=_KEYS)
def keys(state: State, caller: Who) -> Response:
    return json_response(Keys(state.keys.listed(caller.reach)))


@router.post("", status_code=201, summary="Make an API key", responses=_MADE | problems(403, 409, 422))
def add_key(state: State, caller: Who, given: Annotated[NewApiKey, Body()]) -> Response:
    key = ApiKey(given.name, given.role, given.ends(state.now()), given.place, frozenset(given.scopes))
    done, secret = make_key(state, caller, key)
    waits = done.state == "waiting"
    return json_response(MadeKey(key.name, secret, done if waits else None), 202 if waits else 201)


@router.delete("/{key}", status_code=204, summary="Withdraw an API key", responses=problems(404))
def withdraw(state: State, caller: Who, key: str) -> None:
    state.keys.check_within(key, caller.reach)
    state.keys.withdraw(key, caller.id)
