"""What was filed elsewhere beside what was paid out here, one to one and both ways."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from features.phrase import DEFAULT_WORDS, Language, WordsChoice, language_of
from service.access.roles import Reach
from service.application.caller import Who
from service.application.state import AppState, State
from service.decisions.filed_lists import Comparison, FiledLine, read_filings
from service.decisions.orphans import compare
from service.web.openapi import FILED, REFUSALS, answered
from service.web.responses import json_response
from service.web.routes.workbooks import BODY
from service.web.words import WordsParam
from service.workbooks.filings import FilingsAsked, filed_lines

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
    sent = await request.body()

    def answer() -> Response:
        lines, asked = read_filings(sent)
        return _compared(state, lines, asked, caller.reach, language_of(words))

    return await state.comparing.run(caller, answer)


@router.post("/file", responses=_FOUND, openapi_extra=BODY, summary="Compare them from a sheet or a CSV file")
async def orphans_of_file(
    state: State, caller: Who, request: Request, given: Annotated[FilingsQuery, Query()]
) -> Response:
    """Excel (`.xlsx`, `.xls`) or CSV (UTF-8, GB 18030), headings in Chinese or English; lines are those of the file."""
    state.comparing.check(caller)
    sent = await request.body()

    def answer() -> Response:
        lines = filed_lines(sent, given.unit)
        return _compared(state, lines, given.comparison, caller.reach, language_of(given.words))

    return await state.comparing.run(caller, answer)


def _compared(
    state: AppState, lines: list[FiledLine], asked: Comparison, reach: Reach, language: Language | None
) -> Response:
    with state.engine.connect() as connection:
        return json_response(compare(connection, lines, asked, reach).in_words(language))
