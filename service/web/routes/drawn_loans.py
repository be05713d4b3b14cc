"""放款台账: the drawn loans, with their numbers, where they stand, and the papers that are held of each."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.application.caller import Who
from service.application.downloads import download, taken_by
from service.application.state import State
from service.decisions.loan_list import every_loan, loans
from service.decisions.requests import LoansAsked
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.workbooks.loan_export import loans_file
from service.workbooks.template import XLSX

_LISTED = answered("DrawnLoans", "The latest first, as JSON or as a table", XLSX, csv=True)
_PAGE: Responses = {200: _LISTED, **problems(422)}


class LoansQuery(LoansAsked):
    """Which drawn loans are listed, and as what."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    format: Literal["json", "csv", "xlsx"] = "json"
    words: WordsChoice = DEFAULT_WORDS


router = APIRouter(prefix="/v1/drawn-loans", tags=["decisions"])


@router.get("", summary="List drawn loans", responses=_PAGE)
def listed(state: State, caller: Who, given: Annotated[LoansQuery, Query()]) -> Response:
    """Each once, with contract, registration, decision and drawdown by their entries, and the SHA-256 of its papers."""
    zone = state.settings.zone
    with state.engine.connect() as connection:
        if given.format != "json":
            language = language_of(given.words) or "zh"
            rows = every_loan(connection, caller, given.filter, zone)
            content = loans_file(rows, taken_by(connection, state, caller, language), language, given.format)
            return download(content, "drawn-loans", given.format)
        return json_response(loans(connection, caller, given.filter, given.limit, zone))
