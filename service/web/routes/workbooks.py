"""Applicants in a spreadsheet: the template, and what one asks, assessed as if it had been sent as JSON."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from features.phrase import DEFAULT_WORDS, language_of
from service.application import downloads
from service.application.caller import Who
from service.application.state import State
from service.edge.fields import Name
from service.web.include import IncludeParam
from service.web.lists import Key, answered_list, questions_of_list
from service.web.openapi import REFUSALS, Responses, answered
from service.web.words import WordsParam
from service.workbooks.intake import questions_of_workbook
from service.workbooks.template import XLSX

_SENT = (XLSX, "application/vnd.ms-excel", "text/csv", "application/zip")
_FILE = {"schema": {"type": "string", "format": "binary"}}
BODY: dict[str, object] = {"requestBody": {"required": True, "content": dict.fromkeys(_SENT, _FILE)}}
"""What a workbook may be sent as."""
_TEMPLATE: Responses = {200: {"description": "The template", "content": {XLSX: _FILE}}}
_MANY = {200: answered("Results", "What became of each applicant, in the order of the first sheet")} | REFUSALS

router = APIRouter(prefix="/v1/workbook", tags=["assessments"])


@router.get("", summary="Download the template of the workbook", responses=_TEMPLATE)
async def template(
    state: State,
    request: Request,
    words: WordsParam = DEFAULT_WORDS,
    firm: Annotated[Name | None, Query(description="Filled with what the lake, or its last assessment, knows")] = None,
) -> Response:
    headers = {"Content-Disposition": "attachment; filename=pledgescore.xlsx"}
    made = await downloads.template(state, request, language_of(words) or "zh", firm)
    return Response(made, media_type=XLSX, headers=headers)


@router.post("", summary="Assess the applicants of a workbook", openapi_extra=BODY, responses=_MANY)
async def assess_workbook(
    state: State,
    request: Request,
    caller: Who,
    key: Key = None,
    words: WordsParam = DEFAULT_WORDS,
    include: IncludeParam = None,
) -> Response:
    """An Excel file (`.xlsx`, `.xls`), a CSV file with the first sheet alone, or a ZIP file with a CSV file a sheet.

    Where anything is wrong nothing is recorded, and each wrong cell is named at once: `专利!D7`.
    """
    state.reading.check(caller)
    sent, most = await request.body(), state.settings.applicants
    read = await state.reading.pieces(request, questions_of_workbook, sent, most)
    asked = questions_of_list(state, [one.json for one in read], key, caller, language_of(words))
    return await answered_list(state, asked, include or (), [one.at_cell for one in read])
