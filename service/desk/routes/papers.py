"""Beside a loan file: comments of those who work on it, and the papers that are kept."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse

from service.desk.acts import checked, shape_of
from service.desk.forms import Sent, own_page
from service.desk.pages import DeskPage, Shown
from service.desk.routes.files import file_of, show_file
from service.edge.errors import InvalidRequest, NotInTurn
from service.edge.fields import Ordinal
from service.loan_files.attachments import attachment
from service.loan_files.comments import NewComment, comment

_COMMENT = shape_of(NewComment)

router = APIRouter(prefix="/desk/files/{loan_file}", include_in_schema=False)


@router.post("/comments", dependencies=[Depends(own_page)])
def said(page: Shown, sent: Sent, loan_file: str) -> Response:
    try:
        _say(page, sent.optional("text"), sent.optional("person"), loan_file)
    except (InvalidRequest, NotInTurn) as refused:
        return show_file(page, file_of(page, loan_file), refused=refused, text=sent.raw("text"))
    return RedirectResponse(f"/desk/files/{loan_file}#comments", 303)


@router.get("/attachments/{n}")
def paper(page: Shown, loan_file: str, n: Ordinal) -> Response:
    with page.state.engine.connect() as connection:
        kept = attachment(connection, loan_file, n, page.caller)
    return Response(kept.content, media_type="application/octet-stream", headers=kept.headers)


def _say(page: DeskPage, text: str | None, person: str | None, file: str) -> None:
    given = checked(_COMMENT(), {"text": text, "person": person})
    state = page.state
    state.batcher.write(lambda: comment(state.engine, file, state.desk(page.caller), given))
