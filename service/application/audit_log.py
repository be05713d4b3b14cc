"""The audit log as a page or as a file; the same for the API and the desk."""

from functools import partial

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from service.access.audit_log import AuditLines
from service.access.requests import AuditAsked
from service.access.roles import Caller
from service.application.caller import caller_of
from service.application.downloads import AsFile, table
from service.application.state import AppState
from service.application.taking import about_within, audit_log_taken


def audit_page(state: AppState, caller: Caller, asked: AuditAsked, limit: int) -> AuditLines:
    """A page of the rows within the caller's reach."""
    return state.audit_log.listed(asked.filter(state.settings.zone), caller.reach, limit, about_within(caller.reach))


async def audit_log_file(state: AppState, request: Request, asked: AuditAsked, as_file: AsFile) -> Response:
    """The rows within the caller's reach as a file, the latest first, with what was noted so far."""
    reach, wanted = caller_of(request).reach, asked.filter(state.settings.zone)
    await run_in_threadpool(partial(state.audit_log.flush, everything=True))
    return await table(state, request, "audit-log", as_file, audit_log_taken, reach, wanted)
