"""放款台账: the drawn loans, with their numbers, where they stand, and the papers that are held of each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.access.roles import Caller
from service.application.caller import Who
from service.application.downloads import download, table
from service.application.state import AppState, State
from service.application.taking import loans_taken
from service.decisions.loan_list import loans
from service.decisions.requests import LoansAsked
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.workbooks.template import XLSX

_LISTED = answered("DrawnLoans", "The latest first, as JSON or as a table", XLSX, csv=True)
_LIST: Responses = {200: _LISTED, **problems(422)}


class LoansQuery(LoansAsked):
    """Which drawn loans are listed, and as what."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    format: Literal["json", "csv", "xlsx"] = "json"
    words: WordsChoice = DEFAULT_WORDS


router = APIRouter(prefix="/v1/drawn-loans", tags=["decisions"])


@router.get("", summary="List drawn loans", responses=_LIST)
async def listed(state: State, request: Request, caller: Who, given: Annotated[LoansQuery, Query()]) -> Response:
    """Each once, with contract, registration, decision and drawdown by their entries, and the SHA-256 of its papers."""
    if given.format != "json":
        as_file = language_of(given.words) or "zh", given.format
        content = await table(state, request, as_file, loans_taken, caller, given.filter)
        return download(content, "drawn-loans", given.format)
    return await run_in_threadpool(_page, state, caller, given)


def _page(state: AppState, caller: Caller, given: LoansQuery) -> Response:
    with state.engine.connect() as connection:
        return json_response(loans(connection, caller, given.filter, given.limit, state.settings.zone))
