"""Finding a firm's key by its name."""

from typing import Annotated

from fastapi import APIRouter, Query

from service.web.openapi import NOT_FOUND, answered
from service.web.state import AppState

_FOUND = {200: answered("NamedFirms", "The firms found, the best matches first")} | NOT_FOUND


def router(state: AppState) -> APIRouter:
    """GET /v1/firms."""
    routes = APIRouter(prefix="/v1/firms", tags=["firms"])

    @routes.get("", summary="Firms whose name contains a text", responses=_FOUND)
    def firms(name: Annotated[str, Query(min_length=1, max_length=200)]) -> object:
        return {"items": state.assessor.firms.named(name)}

    return routes
