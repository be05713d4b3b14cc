"""Recording what the bank then did about an assessment."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Body

from service.access.roles import Caller
from service.assessing.records import answer_of
from service.decisions.acts import Step, dossier_of, enter
from service.decisions.requests import Closure, Decision, Drawdown
from service.loan_files.steps import leaves_for, steps_of
from service.loan_files.tables import open_votes
from service.web.authorization import Who
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, NOT_FOUND, answered, examples
from service.web.state import AppState, State

_DONE = {201: answered("Act", "What was recorded")} | CONFLICTS
_Decision = Annotated[Decision, Body(openapi_examples=examples("decision"))]
_Drawdown = Annotated[Drawdown, Body(openapi_examples=examples("drawdown"))]
_Closure = Annotated[Closure, Body(openapi_examples=examples("closure"))]
_DOSSIER = {200: answered("DossierOut", "What a decision rests on")} | NOT_FOUND
_ALL = {200: answered("Acts", "What was done")} | NOT_FOUND

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["decisions"], route_class=JsonRoute)


def _entered(
    state: AppState, caller: Caller, assessment: str, content: Decision | Drawdown | Closure
) -> dict[str, object]:
    moment = state.now()
    step = Step(assessment, content, moment, state.today(moment), caller, state.assessor.policy)
    return state.batcher.write(lambda: enter(state.engine, step)).to_dict()


@router.get("/dossier", summary="Read what a decision rests on", responses=_DOSSIER)
def dossier(state: State, assessment: str) -> object:
    with state.engine.connect() as connection:
        return dossier_of(connection, assessment).to_dict()


@router.post("/decision", status_code=201, responses=_DONE, summary="Record the bank's decision")
def decide(state: State, caller: Who, assessment: str, decision: _Decision) -> object:
    return _entered(state, caller, assessment, decision)


@router.post("/drawdown", status_code=201, responses=_DONE, summary="Record the drawdown")
def draw(state: State, caller: Who, assessment: str, drawdown: _Drawdown) -> object:
    return _entered(state, caller, assessment, drawdown)


@router.post("/closure", status_code=201, responses=_DONE, summary="Record how the loan ended")
def close(state: State, caller: Who, assessment: str, closure: _Closure) -> object:
    return _entered(state, caller, assessment, closure)


@router.get("/acts", summary="List what was done about an assessment", responses=_ALL)
def acts(state: State, caller: Who, assessment: str) -> object:
    audiences = ("public", "fund", "bank") if caller.place.fund is None else ("public", "fund")
    with state.engine.connect() as connection:
        answer_of(connection, assessment)
        hidden: set[object] = set(connection.execute(open_votes()).scalars())
        found = [act for act in steps_of(connection, assessment) if act.record.entry not in hidden]
        return {"items": [replace(act, content=leaves_for(act, audiences)).to_dict() for act in found]}
