"""Whitelists: what each asks, lists that were pushed with why and why not, and what was told back."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from features.phrase import DEFAULT_WORDS, Language, language_of
from service.application.caller import Who
from service.application.downloads import table
from service.application.firm_lists import push_list, tell_feedback
from service.application.state import AppState, State
from service.application.taking import push_taken
from service.edge.fields import LARGEST_ORDINAL, Firm
from service.firm_lists.listing import PushedFirms, PushesListed, firm_lists, firms_of_push, lists_shown, pushes_listed
from service.firm_lists.requests import FeedbackRequest, PushRequest
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, NOT_FOUND, Responses, answered
from service.web.responses import json_response
from service.web.words import WordsParam
from service.workbooks.template import XLSX

_LISTS: Responses = {200: answered("ListsShown", "The lists of policy on this day")}
_PUSHES: Responses = {200: answered("PushesListed", "The latest first")}
_ONE = {200: answered("PushedFirms", "The list with its firms, as JSON or as a table", XLSX, csv=True)} | NOT_FOUND
_DONE = {201: answered("PushedFirms", "The list as it stands now")} | CONFLICTS
_FIRM = {200: answered("FirmLists", "By its newest screening")} | NOT_FOUND
_Limit = Annotated[int, Query(ge=1, le=500)]

router = APIRouter(prefix="/v1", tags=["firms"], route_class=JsonRoute)


@router.get("/lists", summary="List whitelists and what each asks", responses=_LISTS)
def list_lists(state: State, caller: Who) -> Response:
    with state.engine.connect() as connection:
        return json_response(lists_shown(connection, state.assessor.policy, caller.reach, state.today(state.now())))


@router.get("/lists/firm", summary="Read on which lists a firm stands, and what is missing", responses=_FIRM)
def one_firm(state: State, caller: Who, firm: Annotated[Firm, Query()], words: WordsParam = DEFAULT_WORDS) -> Response:
    with state.engine.connect() as connection:
        today = state.today(state.now())
        return json_response(firm_lists(connection, firm, caller.reach, language_of(words) or "zh", today))


@router.get("/pushes", summary="List lists that were pushed", responses=_PUSHES)
def list_pushes(state: State, caller: Who, limit: _Limit = 50) -> Response:
    with state.engine.connect() as connection:
        return json_response(PushesListed(pushes_listed(connection, caller.reach, state.today(state.now()), limit)))


@router.post("/pushes", status_code=201, summary="Push a list from a screening", responses=_DONE)
def make(state: State, caller: Who, told: PushRequest, words: WordsParam = DEFAULT_WORDS) -> Response:
    """Of a screening (a job of kind `whitelist`) the firms that the list admits, or all of a list that was received."""
    push = push_list(state, caller, told)
    with state.engine.connect() as connection:
        today = state.today(state.now())
        found = firms_of_push(connection, push, language_of(words) or "zh", today, limit=100)
    return json_response(found, 201)


@router.get("/pushes/{push}", summary="Read a list with why and why not", responses=_ONE)
async def one(
    state: State,
    request: Request,
    push: str,
    cursor: Annotated[int, Query(ge=0, le=LARGEST_ORDINAL)] = 0,
    form: Annotated[Literal["json", "csv", "xlsx"], Query(alias="format")] = "json",
    words: WordsParam = DEFAULT_WORDS,
) -> Response:
    language = language_of(words) or "zh"
    found = await run_in_threadpool(_firms, state, push, language, cursor, 100 if form == "json" else 0)
    if form == "json":
        return json_response(found)
    return await table(state, request, f"push-{found.push.entry}", (language, form), push_taken, push, cursor)


def _firms(state: AppState, push: str, language: Language, cursor: int, limit: int) -> PushedFirms:
    with state.engine.connect() as connection:
        return firms_of_push(connection, push, language, state.today(state.now()), cursor, limit)


@router.post("/pushes/{push}/feedback", status_code=201, summary="Tell what became of a firm", responses=_DONE)
def feedback(
    state: State, push: str, caller: Who, told: FeedbackRequest, words: WordsParam = DEFAULT_WORDS
) -> Response:
    tell_feedback(state, caller, push, told)
    with state.engine.connect() as connection:
        today = state.today(state.now())
        return json_response(firms_of_push(connection, push, language_of(words) or "zh", today, limit=100), 201)
