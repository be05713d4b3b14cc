"""账号: who may do what and who gave it, and what waits for another administrator."""

from fastapi import APIRouter, Depends, Response

from service.access.answers import AccountProposal
from service.application.accounts import confirm_proposal, drop_proposal
from service.desk.forms import own_page
from service.desk.pages import DeskPage, Shown
from service.edge.errors import Refused

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/users")
def users(page: Shown) -> Response:
    return _listed(page)


@router.post("/users/proposals/{proposal}/confirmation", dependencies=[Depends(own_page)])
def confirm(page: Shown, proposal: str) -> Response:
    try:
        return _listed(page, confirm_proposal(page.state, page.caller, proposal))
    except Refused as refused:
        return _listed(page, refused=refused)


@router.post("/users/proposals/{proposal}/withdrawal", dependencies=[Depends(own_page)])
def drop(page: Shown, proposal: str) -> Response:
    try:
        return _listed(page, drop_proposal(page.state, page.caller, proposal))
    except Refused as refused:
        return _listed(page, refused=refused)


def _listed(page: DeskPage, settled: AccountProposal | None = None, refused: Refused | None = None) -> Response:
    """The accounts within reach; `settled`: what was just confirmed, with the part of a code that is told once."""
    state, reach, moment = page.state, page.caller.reach, page.state.now()
    waiting = [one for one in state.proposals.listed(reach, moment) if one.state == "waiting"]
    return page.show(
        "users.html.jinja", page.say("nav.users"), active="nav.users", users=state.accounts.listed(reach),
        waiting=waiting, standing=state.accounts.administrators(moment), settled=settled, refused=refused,
    )  # fmt: skip
