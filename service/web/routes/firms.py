"""Finding a firm's key by its name."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.application.caller import Who
from service.application.state import State
from service.web.openapi import NOT_FOUND, answered

_FOUND = {200: answered("NamedFirms", "The firms found, the best matches first")} | NOT_FOUND

router = APIRouter(prefix="/v1/firms", tags=["firms"])


@router.get("", summary="Search firms by name", responses=_FOUND)
def firms(state: State, caller: Who, name: Annotated[str, Query(min_length=1, max_length=200)]) -> object:
    return {"items": state.assessor.firms.named(name, caller.place)}
