"""放款台账: the drawn loans, with their numbers, where they stand, and the papers that are held of each."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.application.caller import Who
from service.application.downloads import table
from service.application.state import AppState, State
from service.application.taking import loans_taken
from service.decisions.loan_list import loans
from service.decisions.requests import LoansAsked
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.web.tables import AsTable
from service.workbooks.template import XLSX

_LISTED = answered("DrawnLoans", "The latest first, as JSON or as a table", XLSX, csv=True)
_LIST: Responses = {200: _LISTED, **problems(422)}


class LoansQuery(AsTable, LoansAsked):
    """Which drawn loans are listed, and as what."""


router = APIRouter(prefix="/v1/drawn-loans", tags=["decisions"])


@router.get("", summary="List drawn loans", responses=_LIST)
async def listed(state: State, request: Request, caller: Who, given: Annotated[LoansQuery, Query()]) -> Response:
    """Each once, with contract, registration, decision and drawdown by their entries, and the SHA-256 of its papers."""
    if (as_file := given.as_file) is not None:
        return await table(state, request, "drawn-loans", as_file, loans_taken, caller, given.filter)
    return await run_in_threadpool(_page, state, caller, given)


def _page(state: AppState, caller: Caller, given: LoansQuery) -> Response:
    with state.engine.connect() as connection:
        return json_response(loans(connection, caller, given.filter, given.limit, state.settings.zone))
