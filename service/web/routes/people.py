"""The people of one's own bank: who may be named for an act, by how each is called."""

from fastapi import APIRouter, Response

from service.access.people import PeopleListed, people_of
from service.application.caller import Who
from service.application.state import State
from service.web.json_route import JsonRoute
from service.web.openapi import Responses, answered
from service.web.responses import json_response

_PEOPLE: Responses = {200: answered("PeopleListed", "The people who can sign in, by how they are called")}

router = APIRouter(prefix="/v1/people", tags=["accounts"], route_class=JsonRoute)


@router.get("", summary="List the people of one's own bank", responses=_PEOPLE)
def bank_people(state: State, caller: Who) -> Response:
    with state.engine.connect() as connection:
        return json_response(PeopleListed(people_of(connection, caller.place.bank)))
