"""漏报核对: a list of filed loans or registered pledges beside the drawdowns, with how its lines were read."""

from dataclasses import dataclass, field
from typing import get_args

from fastapi import APIRouter, Depends, Response

from service.decisions.filed_lists import FiledLine, ListKind
from service.decisions.orphans import OrphansFound, compare
from service.desk.acts import checked, shape_of
from service.desk.forms import Sent, SentForm, own_page
from service.desk.pages import DeskPage, Link, Shown
from service.edge.errors import InvalidRequest, Refused
from service.workbooks.filings import UNIT_CHOICES, FilingsAsked, filed_lines

_ASKED = shape_of(FilingsAsked)
_READ, _SHOWN = 5, 500

_LABELS = {"kind": "orphans.kind", "unit": "orphans.unit", "since": "orphans.since", "until": "orphans.until"}

router = APIRouter(prefix="/desk/orphans", include_in_schema=False)


@dataclass(frozen=True)
class _Compared:
    """What the page shows: how the first lines were read, and what the comparison found."""

    lines: list[FiledLine] = field(default_factory=list)
    found: OrphansFound | None = None


@router.get("")
def form(page: Shown) -> Response:
    return _show(page, SentForm.empty(), _Compared())


@router.post("", dependencies=[Depends(own_page)])
async def send(page: Shown, sent: Sent) -> Response:
    return await page.state.comparing.run(page.caller, lambda: _answer(page, sent))


def _answer(page: DeskPage, sent: SentForm) -> Response:
    typed = {name: text for name in ("kind", "unit", "since", "until") if (text := sent.text(name))}
    try:
        asked = checked(_ASKED(), typed)
        lines = filed_lines(sent.content("file"), asked.unit)
    except InvalidRequest as wrong:
        return _show(page, sent, _Compared(), wrong)
    with page.state.engine.connect() as connection:
        found = compare(connection, lines, asked.comparison, page.caller.reach).in_words(page.language)
    return _show(page, sent, _Compared(lines, found))


def _show(page: DeskPage, sent: SentForm, told: _Compared, refused: Refused | None = None) -> Response:
    return page.show(
        "orphans.html.jinja",
        page.say("orphans"),
        refused=refused,
        crumbs=[Link(page.say("nav.decisions"), "/desk/decisions")],
        active="nav.decisions",
        fields=_LABELS,
        sent=sent,
        kinds=get_args(ListKind),
        units=UNIT_CHOICES,
        read=[one for one in told.lines if one.filed is not None][:_READ],
        found=told.found,
        items=[] if told.found is None else told.found.items[:_SHOWN],
        most=_SHOWN,
    )
