"""Decisions about loans: as a list, and one with all that was done about it."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.application.caller import Who
from service.application.downloads import table
from service.application.state import AppState, State
from service.application.taking import decisions_taken
from service.decisions.listing import decisions
from service.decisions.requests import DecisionAsked
from service.proofs.decision import whole_decision
from service.web.openapi import CONFLICTS, Responses, answered, problems
from service.web.responses import json_response
from service.web.tables import AsTable
from service.workbooks.template import XLSX

_LISTED = answered("ListedDecisions", "The latest first, as JSON or as a table", XLSX, csv=True)
_LIST: Responses = {200: _LISTED, **problems(422)}
_WHOLE = {200: answered("WholeDecision", "The decision, its conditions, what was done, and what moved")} | CONFLICTS


class DecisionQuery(AsTable, DecisionAsked):
    """Which decisions are listed, and as what."""


router = APIRouter(prefix="/v1/decisions", tags=["decisions"])


@router.get("", summary="List decisions", responses=_LIST)
async def listed(state: State, request: Request, caller: Who, given: Annotated[DecisionQuery, Query()]) -> Response:
    if (as_file := given.as_file) is not None:
        return await table(state, request, "decisions", as_file, decisions_taken, caller, given.filter)
    return await run_in_threadpool(_page, state, caller, given)


def _page(state: AppState, caller: Caller, given: DecisionQuery) -> Response:
    with state.engine.connect() as connection:
        return json_response(decisions(connection, caller, given.filter, given.limit, state.settings.zone))


@router.get("/{assessment}", summary="Read what was decided on an assessment", responses=_WHOLE)
def one(state: State, assessment: str, caller: Who) -> Response:
    with state.engine.connect() as connection:
        return json_response(whole_decision(connection, caller, assessment))
