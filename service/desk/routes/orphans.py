"""漏报核对: a list of filed loans or registered pledges beside the drawdowns, with how its lines were read."""

from typing import get_args

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from service.application.comparing import ComparedBy, FileShown, file_shown
from service.decisions.filed_lists import ListKind
from service.decisions.orphans import Finding
from service.desk.acts import checked, shape_of
from service.desk.forms import Sent, SentForm, own_page
from service.desk.pages import DeskPage, Link, Shown
from service.edge.errors import InvalidRequest, Refused
from service.workbooks.filings import UNIT_CHOICES, FilingsAsked

_ASKED = shape_of(FilingsAsked)
_READ, _SHOWN = 5, 500

_LABELS = {"kind": "orphans.kind", "unit": "orphans.unit", "since": "orphans.since", "until": "orphans.until"}

_LOOKED_AT: tuple[Finding, ...] = ("differs", "duplicate", "unreadable", "out_of_reach")
"""Findings that ask for a look; the others say that something is missing."""

router = APIRouter(prefix="/desk/orphans", include_in_schema=False)


@router.get("")
def form(page: Shown) -> Response:
    return _show(page, SentForm.empty())


@router.post("", dependencies=[Depends(own_page)])
async def send(request: Request, page: Shown, sent: Sent) -> Response:
    typed = {name: text for name in ("kind", "unit", "since", "until") if (text := sent.text(name))}
    by = ComparedBy(page.state.ledger, page.caller.reach, page.language)
    try:
        asked = checked(_ASKED(), typed)
        file = await run_in_threadpool(sent.content, "file")
        told = await page.state.comparing.run(
            request, file_shown, file, asked.unit, asked.comparison, by, (_READ, _SHOWN)
        )
    except InvalidRequest as wrong:
        return await run_in_threadpool(_show, page, sent, None, wrong)
    return await run_in_threadpool(_show, page, sent, told)


def _show(page: DeskPage, sent: SentForm, told: FileShown | None = None, refused: Refused | None = None) -> Response:
    return page.show(
        "orphans.html.jinja",
        page.say("orphans"),
        refused=refused,
        crumbs=[Link(page.say("nav.decisions"), "/desk/decisions")],
        active="nav.decisions",
        fields=_LABELS,
        looked_at=_LOOKED_AT,
        sent=sent,
        kinds=get_args(ListKind),
        units=UNIT_CHOICES,
        read=[] if told is None else told.read,
        found=None if told is None else told.found,
        most=_SHOWN,
    )
