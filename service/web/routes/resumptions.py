"""Letting the ledger go on after its clock was found wrong: one administrator asks, another confirms."""

from typing import Annotated

from fastapi import APIRouter, Body, Response
from pydantic import BaseModel

from service.application.caller import Who
from service.application.state import State
from service.edge.fields import STRICT, Sentence
from service.ledger.resumption import ask_to_resume, confirm_resumption
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, answered
from service.web.responses import json_response

_ASKED = {201: answered("Resumption", "The request")} | CONFLICTS
_DONE = {200: answered("Resumption", "The request, and the entry that tells of it")} | CONFLICTS


class ResumptionRequest(BaseModel):
    """Why the clock is right as it is now."""

    model_config = STRICT

    reason: Sentence


router = APIRouter(prefix="/v1/ledger/resumptions", tags=["ledger"], route_class=JsonRoute)


@router.post("", status_code=201, responses=_ASKED, summary="Ask to go on after the clock stopped the ledger")
def wanted(state: State, caller: Who, given: Annotated[ResumptionRequest, Body()]) -> Response:
    return json_response(ask_to_resume(state.engine, given.reason, caller.id), 201)


@router.post("/{resumption}/confirmation", responses=_DONE, summary="Confirm as another person, so that it goes on")
def confirmed(state: State, caller: Who, resumption: str) -> Response:
    return json_response(confirm_resumption(state.engine, resumption, caller.id))
