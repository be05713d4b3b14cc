"""What was live at any instant, and what validators found of models."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body, Query
from sqlalchemy import Connection

from service.access.account_names import account_names
from service.application.caller import Who
from service.application.state import State
from service.assessing.model_validity import validations_within
from service.assessing.validations import Validation, enter_validation
from service.edge.fields import Moment
from service.ledger.change_log import ChangeInForce, in_force
from service.ledger.kinds import Kind
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered, problems

_KINDS = (Kind.MODEL, Kind.ALIAS, Kind.POLICY, Kind.SCHEME, Kind.KEY, Kind.USER)
_THEN: Responses = {200: answered("History", "What was live then"), **problems(422)}
_ALL: Responses = {200: answered("Validations", "What validators found, the last of each model and bank within reach")}
_DONE: Responses = {201: answered("Validations", "What was recorded"), **problems(422)}
_At = Annotated[Moment | None, Query(description="A moment with its zone; now where none is given")]

router = APIRouter(prefix="/v1", tags=["history"], route_class=JsonRoute)


@router.get("/history", summary="Read what was in force at a moment", responses=_THEN)
def history(state: State, caller: Who, at: _At = None) -> object:
    moment = state.now() if at is None else at
    with state.engine.connect() as connection:
        told = [*in_force(connection, at, _KINDS), *validations_within(connection, caller.reach, at)]
        found = _named(connection, sorted(told, key=lambda one: one.record.entry))
    bound = caller.reach.banks
    seen = [one for one in found if one.kind != Kind.USER or _within(one, bound)]
    return {"at": moment.isoformat(), "items": seen}


@router.get("/validations", summary="List validations of models", responses=_ALL)
def validations(state: State, caller: Who) -> object:
    with state.engine.connect() as connection:
        return {"items": _named(connection, validations_within(connection, caller.reach))}


@router.post("/validations", status_code=201, summary="Sign or refuse a model", responses=_DONE)
def validate(state: State, caller: Who, given: Annotated[Validation, Body()]) -> object:
    moment = state.now()
    return {"items": enter_validation(state.engine, state.model_store, given, caller, state.today(moment))}


def _named(connection: Connection, changes: Sequence[ChangeInForce]) -> list[ChangeInForce]:
    """The changes with the accounts' names in the place of their ids."""
    names = account_names(connection, {one.by for one in changes})
    return [replace(one, by=names.get(one.by, one.by)) for one in changes]


def _within(change: ChangeInForce, banks: frozenset[str] | None) -> bool:
    """Whether an account or key belongs to the banks that are read."""
    return banks is None or change.content.get("bank") in banks
