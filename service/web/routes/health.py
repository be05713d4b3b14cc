"""Whether the process lives, whether it can answer, and what it counts."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select

from service.edge.errors import Refused
from service.ledger.tables import HEAD
from service.web.state import Office

NEVER = float("inf")
"""The age of what was never signed: any alarm on an age goes off."""


def router(office: Office) -> APIRouter:
    """GET /healthz, /readyz and /metrics."""
    routes = APIRouter(tags=["health"])

    @routes.get("/healthz", summary="The process lives")
    async def healthz() -> Any:
        return {"alive": True}

    @routes.get("/readyz", summary="It can answer", responses={503: {"description": "It cannot: the body says why"}})
    def readyz() -> Response:
        models = {kind: one.bundle.id for kind, one in office.shelf.held.items()}
        database = _database(office)
        ready = bool(models) and database == "answers"
        told = {
            "ready": ready,
            "models": models,
            "registry": office.shelf.trouble or "answers",
            "database": database,
            "ledger": _signed(office) if database == "answers" else None,
            "waiting": office.intake.waiting,
        }
        return JSONResponse(told, status_code=200 if ready else 503)

    @routes.get("/metrics", summary="Figures for Prometheus", response_class=PlainTextResponse)
    def metrics() -> Response:
        office.metrics.waiting.set(office.intake.waiting)
        for what, age in (_signed(office) if _database(office) == "answers" else {}).items():
            office.metrics.signed.labels(what.removesuffix("_age_seconds")).set(NEVER if age is None else age)
        return Response(generate_latest(office.metrics.registry), media_type=CONTENT_TYPE_LATEST)

    return routes


def _signed(office: Office) -> dict[str, int | None]:
    """How many seconds ago the ledger was signed last, and countersigned by the fund; null: never."""
    with office.engine.connect() as connection:
        told = office.notary.standing(connection)
    return {f"{what}_age_seconds": told[what] and told[what]["age_seconds"] for what in ("checkpoint", "receipt")}


def _database(office: Office) -> str:
    try:
        with office.engine.connect() as connection:
            connection.execute(select(HEAD.c.size))
    except Refused as error:
        return f"away: {error.code}"
    return "answers"
