"""Figures of decisions against the advice."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query

from service.application.caller import Who
from service.application.state import State
from service.decisions.overrides import overrides
from service.edge.fields import Day
from service.web.openapi import Responses, answered, problems

_FIGURES: Responses = {200: answered("Overrides", "The figures"), **problems(422)}
_From = Annotated[Day | None, Query(alias="from", description="First day; a year ago where none is given")]
_To = Annotated[Day | None, Query(alias="to", description="Last day; today where none is given")]

router = APIRouter(prefix="/v1/overrides", tags=["decisions"])


@router.get("", summary="Count decisions by how they stand to the advice", responses=_FIGURES)
def figures(state: State, caller: Who, since: _From = None, until: _To = None) -> object:
    last = until or state.today(state.now())
    first = since or (last - timedelta(days=365) if last.toordinal() > 365 else date.min)
    with state.engine.connect() as connection:
        return overrides(connection, caller.reach, first.isoformat(), last.isoformat())
