"""放款台账: each drawn loan once, with its numbers, where it stands and its papers; and the same as a file."""

from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from service.application.downloads import table
from service.application.taking import loans_taken
from service.decisions.loan_list import DrawnLoans, LoanFilter, LoanState, loans
from service.decisions.requests import LoansAsked
from service.desk.acts import checked, shape_of
from service.desk.pages import DeskPage, Link, Shown
from service.edge.errors import InvalidRequest

_ASKED = shape_of(LoansAsked)
_LABELS = {
    "text": "loans.find", "bank": "decisions.bank", "branch": "col.branch", "month": "loans.month",
    "state": "loans.state",
}  # fmt: skip
_FIELDS = tuple(_LABELS)
_AT_ONCE = 50

router = APIRouter(prefix="/desk/drawn-loans", include_in_schema=False)


@router.get("")
def listed(page: Shown) -> Response:
    found, refused = DrawnLoans([], None), None
    try:
        wanted = _wanted(page)
        with page.state.engine.connect() as connection:
            found = loans(connection, page.caller, wanted, _AT_ONCE, page.state.settings.zone)
    except InvalidRequest as wrong:
        refused = wrong
    kept = page.typed(_FIELDS)
    following = {**kept, "cursor": str(found.next)}
    decisions = "audit" in page.caller.may
    return page.show(
        "drawn_loans.html.jinja", page.say("loans"), active="nav.decisions" if decisions else "nav.files",
        refused=refused,
        crumbs=[
            Link(page.say("nav.decisions"), "/desk/decisions")
            if decisions
            else Link(page.say("nav.files"), "/desk/files")
        ],
        fields=_LABELS, found=found.items, typed={name: kept.get(name, "") for name in _FIELDS},
        states=get_args(LoanState), kept=urlencode(kept),
        inside=page.caller.place.fund is None, decisions=decisions,
        following=None if found.next is None else Link(page.say("next_page"), f"?{urlencode(following)}"),
    )  # fmt: skip


@router.get("/file")
async def file(request: Request, page: Shown) -> Response:
    return await table(page.state, request, "drawn-loans", page.as_file(), loans_taken, page.caller, _wanted(page))


def _wanted(page: DeskPage) -> LoanFilter:
    """Which loans are asked for, as the API reads it. Raises `InvalidRequest`."""
    return checked(_ASKED(), {**page.typed(_FIELDS), "cursor": page.number("cursor", 15)}).filter
