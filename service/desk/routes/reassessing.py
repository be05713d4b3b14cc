"""重新测算 from a loan file: a new assessment with firm, application and what the last one rested on filled in."""

from fastapi import APIRouter, Depends, Response
from fastapi.responses import RedirectResponse
from msgspec.structs import replace

from service.access.drafts import new_id
from service.desk.forms import own_page
from service.desk.intake.drafting import FORM, begun, opened, stored
from service.desk.pages import Shown
from service.loan_files.tables import read_file
from service.workbooks.prefilled import known_since

router = APIRouter(prefix="/desk/files/{loan_file}", include_in_schema=False)


@router.post("/reassessment", dependencies=[Depends(own_page)])
def reassess(page: Shown, loan_file: str) -> Response:
    state, drafts = page.state, page.drafts()
    for held in drafts.all():
        if held.form.startswith(FORM) and opened(held).file == loan_file:
            return RedirectResponse(f"/desk/new/{held.id}", 303)
    today = state.today(state.now())
    with state.engine.connect() as connection:
        file = read_file(connection, loan_file)
        brought, whole = known_since(connection, state.assessor.firms, file.newest, file.firm, page.caller, today)
    head = {"firm": file.firm, "application": file.application or ""}
    typed = replace(begun(head, brought), file=loan_file, whole=whole)
    return RedirectResponse(f"/desk/new/{drafts.save(stored(new_id(), typed)).id}", 303)
