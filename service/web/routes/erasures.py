"""Erasing what is held about a firm: one person asks, another confirms."""

from collections.abc import Sequence

from fastapi import APIRouter

from service.access.account_names import account_names
from service.access.roles import Caller
from service.application.caller import Who
from service.application.state import AppState, State
from service.decisions.erasure import ErasureRecord, Person, ask, confirm, listed
from service.decisions.requests import ErasureRequest
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, Responses, answered

_ASKED = {201: answered("Erasure", "The request")} | CONFLICTS
_DONE = {200: answered("Erasure", "What was erased, and the entry that tells of it")} | CONFLICTS
_ALL: Responses = {200: answered("Erasures", "The requests within reach, the latest first")}

router = APIRouter(prefix="/v1/erasures", tags=["erasures"], route_class=JsonRoute)


def _person(state: AppState, caller: Caller) -> Person:
    moment = state.now()
    return Person(caller.id, caller.reach, moment, state.today(moment), caller)


def _shown(state: AppState, requests: Sequence[ErasureRecord]) -> list[dict[str, object]]:
    with state.engine.connect() as connection:
        names = account_names(connection, (who for one in requests for who in (one.asked_by, one.confirmed_by) if who))
    return [
        one.model_dump(exclude={"bank", "branch"})
        | {"asked_by": names.get(one.asked_by, one.asked_by)}
        | {"confirmed_by": one.confirmed_by and names.get(one.confirmed_by, one.confirmed_by)}
        for one in requests
    ]


@router.post("", status_code=201, responses=_ASKED, summary="Ask to erase what is held about a firm")
def wanted(state: State, caller: Who, told: ErasureRequest) -> object:
    who = _person(state, caller)
    done = state.batcher.write(lambda: ask(state.engine, told.firm, told.reason, who, state.assessor.policy))
    return _shown(state, [done])[0]


@router.post("/{erasure}/confirmation", responses=_DONE, summary="Confirm an erasure as another person")
def confirmed(state: State, caller: Who, erasure: str) -> object:
    who = _person(state, caller)
    done = state.batcher.write(lambda: confirm(state.engine, erasure, who, state.assessor.policy))
    return _shown(state, [done])[0]


@router.get("", responses=_ALL, summary="List erasures")
def all_of_them(state: State, caller: Who) -> object:
    with state.engine.connect() as connection:
        found = listed(connection, caller.reach)
    return {"items": _shown(state, found)}
