"""What would change an assessment."""

from typing import Any

from fastapi import APIRouter

from service.assessing.what_ifs import WhatIfs, count, sealed
from service.web.authorization import Who
from service.web.openapi import CONFLICTS, answered
from service.web.state import AppState

_CHANGES = {200: answered("Changes", "The changes, or that there are none")} | CONFLICTS


def router(state: AppState) -> APIRouter:
    """GET /v1/assessments/{id}/changes."""
    routes = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"])
    what_ifs = WhatIfs(state.assessor)

    @routes.get("/changes", summary="What would change it: computed anew, and counted", responses=_CHANGES)
    def changes(caller: Who, assessment: str) -> Any:
        with state.engine.connect() as connection:
            of = sealed(connection, assessment)
        told = what_ifs.told(of)
        counted = state.batcher.write(lambda: count(state.engine, of, told, caller.id))
        state.metrics.what_ifs.labels(told["state"]).inc()
        return told | {"counted": counted}

    return routes
