"""What was filed elsewhere and has no entry here."""

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict
from starlette.concurrency import run_in_threadpool

from service.application.caller import Who
from service.application.state import State
from service.decisions.orphans import Files, compare, read_csv
from service.web.openapi import REFUSALS, answered

_FOUND = {200: answered("Orphans", "What has no entry, and what differs from its entry")} | REFUSALS
_CSV = {"requestBody": {"content": {"text/csv": {"schema": {"type": "string"}}}}}


class Filings(BaseModel):
    """Loans filed with the fund, or pledges registered."""

    model_config = ConfigDict(extra="forbid")

    filed: Files


router = APIRouter(prefix="/v1/orphans", tags=["ledger"])


@router.post("", responses=_FOUND, summary="Compare filed loans or registered pledges with the entries")
def orphans(state: State, caller: Who, given: Filings) -> object:
    with state.engine.connect() as connection:
        return compare(connection, given.filed, caller.reach)


@router.post("/csv", responses=_FOUND, openapi_extra=_CSV, summary="Compare them from a CSV file")
async def orphans_of_file(state: State, caller: Who, request: Request) -> object:
    filed = read_csv(await request.body())

    def compared() -> dict[str, object]:
        with state.engine.connect() as connection:
            return compare(connection, filed, caller.reach)

    return await run_in_threadpool(compared)
