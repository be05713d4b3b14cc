"""The audit log for whoever audits: who signed in, was refused, read or took something away, and from where."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import Field

from service.access.requests import AuditAsked
from service.application.audit_log import audit_log_file, audit_page
from service.application.caller import Who
from service.application.state import State
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.web.tables import AsTable
from service.workbooks.template import XLSX

_PAGE: Responses = {200: answered("AuditLines", "A page, or a file of it", XLSX, csv=True), **problems(422)}


class AuditQuery(AsTable, AuditAsked):
    """Which rows are listed, and how."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100


router = APIRouter(prefix="/v1/audit-log", tags=["history"])


@router.get("", summary="Read who signed in, was refused, read or took away", responses=_PAGE)
async def listed(state: State, request: Request, caller: Who, given: Annotated[AuditQuery, Query()]) -> Response:
    if (as_file := given.as_file) is not None:
        return await audit_log_file(state, request, given, as_file)
    return json_response(await run_in_threadpool(audit_page, state, caller, given, given.limit))
