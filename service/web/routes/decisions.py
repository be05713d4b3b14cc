"""Decisions about loans: as a list, and one with all that was done about it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.application.caller import Who
from service.application.downloads import download, taken_by
from service.application.state import State
from service.decisions.listing import decisions, every_decision
from service.decisions.requests import DecisionAsked
from service.proofs.decision import whole_decision
from service.web.openapi import CONFLICTS, Responses, answered, problems
from service.web.responses import json_response
from service.workbooks.decision_export import decisions_file
from service.workbooks.template import XLSX

_LISTED = answered("ListedDecisions", "The latest first, as JSON or as a table", XLSX, csv=True)
_PAGE: Responses = {200: _LISTED, **problems(422)}
_WHOLE = {200: answered("WholeDecision", "The decision, its conditions, what was done, and what moved")} | CONFLICTS


class DecisionQuery(DecisionAsked):
    """Which decisions are listed, and as what."""

    limit: Annotated[int, Field(ge=1, le=500)] = 50
    format: Literal["json", "csv", "xlsx"] = "json"
    words: WordsChoice = DEFAULT_WORDS


router = APIRouter(prefix="/v1/decisions", tags=["decisions"])


@router.get("", summary="List decisions", responses=_PAGE)
def listed(state: State, caller: Who, given: Annotated[DecisionQuery, Query()]) -> Response:
    zone = state.settings.zone
    with state.engine.connect() as connection:
        if given.format != "json":
            rows = every_decision(connection, caller, given.filter, zone)
            language = language_of(given.words) or "zh"
            content = decisions_file(rows, taken_by(connection, state, caller, language), zone, language, given.format)
            return download(content, "decisions", given.format)
        return json_response(decisions(connection, caller, given.filter, given.limit, zone))


@router.get("/{assessment}", summary="Read what was decided on an assessment", responses=_WHOLE)
def one(state: State, assessment: str, caller: Who) -> Response:
    with state.engine.connect() as connection:
        return json_response(whole_decision(connection, caller, assessment))
