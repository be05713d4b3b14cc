"""Trials: what an assessment would come to on other facts, and which were made."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Response

from features.phrase import DEFAULT_WORDS, language_of
from models.words.templates import SHIPPED
from service.application.caller import Who
from service.application.state import State
from service.application.trials import try_out
from service.assessing.trial_records import trials_of
from service.assessing.trial_rows import TrialRequest
from service.edge.fields import Ordinal
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, NOT_FOUND, answered
from service.web.responses import json_response
from service.web.words import WordsParam

_TRIED = {201: answered("TrialAnswer", "The trial, entered and counted; it is no assessment")} | CONFLICTS
_LISTED = {200: answered("TrialsListed", "The latest first, with how many there were")} | NOT_FOUND
_Limit = Annotated[int, Query(ge=1, le=100)]
_Cursor = Annotated[Ordinal | None, Query(description="`next` of the page before")]

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"], route_class=JsonRoute)


@router.post("/trials", status_code=201, summary="Try it on other facts; each trial is counted", responses=_TRIED)
def make(
    state: State, assessment: str, caller: Who, asked: TrialRequest, words: WordsParam = DEFAULT_WORDS
) -> Response:
    """Rows are told as to `POST /v1/assessments`; the model and the policy are those that answered."""
    told, language = try_out(state, caller, assessment, asked), language_of(words)
    if language is not None:
        told = msgspec.structs.replace(told, says=SHIPPED.name("trial.says", language))
    return json_response(told, 201)


@router.get("/trials", summary="List the trials of the firm at the bank", responses=_LISTED)
def listed(state: State, assessment: str, limit: _Limit = 20, cursor: _Cursor = None) -> Response:
    with state.engine.connect() as connection:
        return json_response(trials_of(connection, assessment, limit, cursor))
