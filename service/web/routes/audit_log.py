"""The audit log for whoever audits: who signed in, was refused, read or took something away, and from where."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import Field

from features.phrase import DEFAULT_WORDS, WordsChoice, language_of
from service.access.requests import AuditAsked
from service.application.audit_log import audit_lines, audit_log_file
from service.application.caller import Who
from service.application.downloads import download
from service.application.state import State
from service.web.openapi import Responses, answered, problems
from service.web.responses import json_response
from service.workbooks.template import XLSX

_PAGE: Responses = {200: answered("AuditLines", "A page, or a file of it", XLSX, csv=True), **problems(422)}


class AuditQuery(AuditAsked):
    """Which rows are listed, and how."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100
    format: Literal["json", "csv", "xlsx"] = "json"
    words: WordsChoice = DEFAULT_WORDS


router = APIRouter(prefix="/v1/audit-log", tags=["history"])


@router.get("", summary="Read who signed in, was refused, read or took away", responses=_PAGE)
def listed(state: State, caller: Who, given: Annotated[AuditQuery, Query()]) -> Response:
    if given.format == "json":
        return json_response(audit_lines(state, caller, given, given.limit))
    language = language_of(given.words) or "zh"
    return download(audit_log_file(state, caller, given, language, given.format), "audit-log", given.format)
