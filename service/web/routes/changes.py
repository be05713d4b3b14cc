"""What would change an assessment."""

from typing import Any

from fastapi import APIRouter

from service.assessing.what_ifs import WhatIfs, count, sealed
from service.web.authorization import Who
from service.web.openapi import CONFLICTS, answered
from service.web.state import Office

_CHANGES = {200: answered("Changes", "The changes, or that there are none")} | CONFLICTS


def router(office: Office) -> APIRouter:
    """GET /v1/assessments/{id}/changes."""
    routes = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"])
    what_ifs = WhatIfs(office.desk)

    @routes.get("/changes", summary="What would change it: computed anew, and counted", responses=_CHANGES)
    def changes(caller: Who, assessment: str) -> Any:
        with office.engine.connect() as connection:
            of = sealed(connection, assessment)
        told = what_ifs.told(of)
        moment = office.now()
        counted = office.intake.write(lambda: count(office.engine, of, told, moment, caller.name))
        office.metrics.what_ifs.labels(told["state"]).inc()
        return told | {"counted": counted}

    return routes
