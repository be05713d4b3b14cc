"""Keys of machines: administrators make and withdraw them; auditors read them."""

from typing import Annotated

from fastapi import APIRouter, Body, Response

from service.access.answers import Keys, MadeKey
from service.access.api_keys import ApiKey
from service.access.requests import NewApiKey
from service.web.authorization import Who
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.web.routes.users import check_within
from service.web.state import AppState

_KEYS: Responses = {200: answered("Keys", "The keys within reach")}
_MADE: Responses = {201: answered("MadeKey", "The key, told this once")}


def router(state: AppState) -> APIRouter:
    """The routes under /v1/api-keys."""
    routes = APIRouter(prefix="/v1/api-keys", tags=["accounts"])

    @routes.get("", summary="The keys", responses=_KEYS)
    def keys(caller: Who) -> Response:
        return json_response(Keys(state.keys.listed(caller.reach)))

    @routes.post("", status_code=201, summary="Make a key", responses=_MADE | problems(403, 409, 422))
    def add_key(caller: Who, given: Annotated[NewApiKey, Body()]) -> Response:
        key = ApiKey(given.name, given.role, given.expires_at, given.place, frozenset(given.scopes))
        check_within(caller, key.place)
        return json_response(MadeKey(key.name, state.keys.add(key, caller.id, state.now())), 201)

    @routes.delete("/{key}", status_code=204, summary="Withdraw a key", responses=problems(404))
    def withdraw(caller: Who, key: str) -> None:
        state.keys.check_within(key, caller.reach)
        state.keys.withdraw(key, caller.id)

    return routes
