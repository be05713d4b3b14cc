"""What was filed elsewhere beside what was paid out here, one to one and both ways."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.application.caller import Who
from service.application.comparing import ComparedBy, file_compared, list_compared
from service.application.state import State
from service.web.openapi import FILED, REFUSALS, answered
from service.web.responses import JSON
from service.web.routes.workbooks import BODY
from service.web.words import WordsParam
from service.workbooks.filings import FilingsAsked

_FOUND = {
    200: answered("OrphansFound", "Lines without a drawdown, drawdowns without a line, and what differs")
} | REFUSALS


class FilingsQuery(FilingsAsked):
    """What the file is, and the language of the answer."""

    words: WordsChoice = DEFAULT_WORDS


router = APIRouter(prefix="/v1/orphans", tags=["ledger"])


@router.post(
    "", responses=_FOUND, openapi_extra=FILED, summary="Compare filed loans or registered pledges with the drawdowns"
)
async def orphans(state: State, caller: Who, request: Request, words: WordsParam = DEFAULT_WORDS) -> Response:
    """Each line needs the number of the loan, of the contract or of the registration, or firm and day."""
    state.comparing.check(caller)
    by = ComparedBy(state.ledger, caller.reach, language_of(words))
    found = await state.comparing.run(request, list_compared, await request.body(), by)
    return Response(found, media_type=JSON)


@router.post("/file", responses=_FOUND, openapi_extra=BODY, summary="Compare them from a sheet or a CSV file")
async def orphans_of_file(
    state: State, caller: Who, request: Request, given: Annotated[FilingsQuery, Query()]
) -> Response:
    """Excel (`.xlsx`, `.xls`) or CSV (UTF-8, GB 18030), headings in Chinese or English; lines are those of the file."""
    state.comparing.check(caller)
    by = ComparedBy(state.ledger, caller.reach, language_of(given.words))
    sent = await request.body()
    found = await state.comparing.run(request, file_compared, sent, given.unit, given.comparison, by)
    return Response(found, media_type=JSON)
