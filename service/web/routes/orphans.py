"""What was filed elsewhere and has no entry here."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from service.decisions.orphans import Files, compare, read_csv
from service.web.authorization import Who
from service.web.openapi import REFUSALS, answered
from service.web.state import AppState

_FOUND = {200: answered("Orphans", "What has no entry, and what differs from its entry")} | REFUSALS
_CSV = {"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class Filings(BaseModel):
    """Loans filed with the fund, or pledges registered."""

    model_config = ConfigDict(extra="forbid")

    filed: Files


def router(state: AppState) -> APIRouter:
    """POST /v1/orphans, and the same from a CSV file."""
    routes = APIRouter(prefix="/v1/orphans", tags=["ledger"])

    @routes.post("", responses=_FOUND, summary="Compare loans filed or pledges registered with the entries")
    def orphans(caller: Who, given: Filings) -> object:
        with state.engine.connect() as connection:
            return compare(connection, given.filed, caller.reach)

    @routes.post("/csv", responses=_FOUND, openapi_extra=_CSV, summary="The same from a CSV file")
    async def orphans_of_file(caller: Who, request: Request) -> object:
        filed = read_csv(await request.body())

        def compared() -> dict[str, object]:
            with state.engine.connect() as connection:
                return compare(connection, filed, caller.reach)

        return await run_in_threadpool(compared)

    return routes
