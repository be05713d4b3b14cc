"""What was done about an assessment."""

from dataclasses import replace

from fastapi import APIRouter

from service.application.caller import Who
from service.application.state import State
from service.assessing.records import answer_of
from service.loan_files.steps import leaves_for, steps_of
from service.loan_files.tables import open_votes
from service.web.openapi import NOT_FOUND, answered

_ALL = {200: answered("Acts", "What was done")} | NOT_FOUND

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["loan files"])


@router.get("/acts", summary="List what was done about an assessment", responses=_ALL)
def acts(state: State, caller: Who, assessment: str) -> object:
    audiences = ("public", "fund", "bank") if caller.place.fund is None else ("public", "fund")
    with state.engine.connect() as connection:
        answer_of(connection, assessment)
        hidden: set[object] = set(connection.execute(open_votes()).scalars())
        found = [act for act in steps_of(connection, assessment) if act.record.entry not in hidden]
        return {"items": [replace(act, content=leaves_for(act, audiences)).to_dict() for act in found]}
