"""What lies beside a loan file: comments of those who work on it, and papers with what they hold."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from service.application.caller import Who
from service.application.state import State
from service.edge.fields import Ordinal
from service.loan_files.attachments import (
    FileAttachment,
    FileAttachments,
    NewAttachment,
    attach,
    attachment,
    attachments,
)
from service.loan_files.comments import FileComment, FileComments, NewComment, comment, comments
from service.web.openapi import CONFLICTS, NOT_FOUND, Responses, answered
from service.web.responses import json_response

_FILE = {"schema": {"type": "string", "format": "binary"}}
_BODY: dict[str, object] = {"requestBody": {"required": True, "content": {"application/octet-stream": _FILE}}}
_SAID = {201: answered("FileComment", "The comment")} | CONFLICTS
_TALK = {200: answered("FileComments", "The comments, the first first")} | NOT_FOUND
_KEPT = {201: answered("FileAttachment", "The paper as it is kept")} | CONFLICTS
_LIST = {200: answered("FileAttachments", "The papers that the caller may see")} | NOT_FOUND
_PAPER: Responses = {200: {"description": "The paper", "content": {"application/octet-stream": _FILE}}}

router = APIRouter(prefix="/v1/loan-files/{loan_file}", tags=["loan files"])


@router.get("/comments", summary="Read the comments on a loan file", responses=_TALK)
def told(state: State, loan_file: str) -> Response:
    with state.engine.connect() as connection:
        return json_response(FileComments(comments(connection, loan_file)))


@router.post("/comments", status_code=201, summary="Comment on a loan file", responses=_SAID)
def said(state: State, caller: Who, loan_file: str, given: NewComment) -> Response:
    """A comment stays as it is: nobody changes or removes it. It is no entry, and goes when the firm is erased."""
    made: FileComment = state.batcher.write(lambda: comment(state.engine, loan_file, state.desk(caller), given))
    return json_response(made, 201)


@router.get("/attachments", summary="List the papers that are kept beside a loan file", responses=_LIST)
def kept(state: State, caller: Who, loan_file: str) -> Response:
    with state.engine.connect() as connection:
        return json_response(FileAttachments(attachments(connection, loan_file, caller)))


@router.post(
    "/attachments", status_code=201, summary="Keep a paper beside a loan file", openapi_extra=_BODY, responses=_KEPT
)
async def attached(
    state: State, caller: Who, loan_file: str, request: Request, given: Annotated[NewAttachment, Query()]
) -> Response:
    """The body is the file itself; its digest is entered. PDF, PNG, JPEG, TIFF, OFD, `.docx` and `.xlsx` are kept.

    What holds macros or scripts, is of another kind than its name says, or unpacks to more than is allowed is refused.
    """
    content = await request.body()

    def keep() -> FileAttachment:
        return state.batcher.write(lambda: attach(state.engine, loan_file, state.desk(caller), given, content))

    return json_response(await run_in_threadpool(keep), 201)


@router.get("/attachments/{n}", summary="Fetch a paper that is kept beside a loan file", responses=_PAPER | NOT_FOUND)
def fetched(state: State, caller: Who, loan_file: str, n: Ordinal) -> Response:
    with state.engine.connect() as connection:
        paper = attachment(connection, loan_file, n, caller)
    return Response(paper.content, media_type="application/octet-stream", headers=paper.headers)
