"""新建测算 by a workbook that was filled in."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from features.lake import NamedFirm
from features.phrase import Phrase
from models.words.templates import SHIPPED
from service.application import downloads
from service.assessing.records import Recorded
from service.desk.forms import Sent, SentForm, own_page
from service.desk.intake.drafting import FORM, name_of, opened
from service.desk.pages import DeskPage, Shown
from service.desk.refusals import by_place
from service.edge.errors import Refused
from service.ledger.redaction import Part
from service.workbooks.grids import BadWorkbook
from service.workbooks.intake import few_questions
from service.workbooks.marking import marked
from service.workbooks.reading import WorkbookRefused
from service.workbooks.template import XLSX

MOST_MARKED = 2**20
"""Bytes of a marked workbook that a page carries."""
AT_ONCE = 20
"""Questions of one workbook that a page answers while somebody waits."""

router = APIRouter(prefix="/desk/new", include_in_schema=False)


@dataclass(frozen=True)
class AskedRow:
    """A question of a workbook: its answer, or why there is none."""

    firm: str
    answer: Part | None = None
    why: Sequence[str] = ()


@dataclass(frozen=True)
class Asking:
    """What the page shows: the form as it was sent, what is wrong, what was found, what was answered."""

    sent: SentForm = field(default_factory=SentForm.empty)
    wrong: str = ""
    faults: Sequence[tuple[str, str]] = ()
    firms: Sequence[NamedFirm] = ()
    rows: Sequence[AskedRow] = ()
    marked: str = ""
    status: int = 200


@router.get("/template.xlsx")
async def template(request: Request, page: Shown) -> Response:
    firm = page.query.get("firm", "").strip()[:200]
    content = await downloads.template(page.state, request, page.language, firm or None)
    name = 'attachment; filename="pledgescore.xlsx"'
    return Response(content, media_type=XLSX, headers={"Content-Disposition": name})


@router.post("/workbook", dependencies=[Depends(own_page)])
async def of_workbook(request: Request, page: Shown, sent: Sent) -> Response:
    content, reading = await run_in_threadpool(sent.content, "workbook"), page.state.reading
    try:
        bodies = await reading.pieces(request, few_questions, content, AT_ONCE)
    except BadWorkbook as bad:
        facts = {**bad.phrase.facts, "file": sent.file_name("workbook")}
        wrong = SHIPPED.say(Phrase(bad.phrase.code, facts), page.language)
        back = b""
        if isinstance(bad, WorkbookRefused):
            back = await reading.run(request, marked, content, bad.every, page.language)
        link = b64encode(back).decode() if len(back) <= MOST_MARKED else ""
        asking = Asking(sent, wrong, by_place(page, bad.faults), marked=link, status=422)
        return await run_in_threadpool(show_new, page, asking)
    rows = [await _row(page, body, f"{sent.text('once')}/{place}") for place, body in enumerate(bodies)]
    if len(rows) == 1 and rows[0].answer is not None:
        return RedirectResponse(f"/desk/assessments/{rows[0].answer['id']}", 303)
    return await run_in_threadpool(show_new, page, Asking(sent, rows=rows))


async def _row(page: DeskPage, body: bytes, once: str) -> AskedRow:
    firm = str(orjson.loads(body).get("firm", ""))
    try:
        recorded = await _ask(page, body, once)
    except Refused as refused:
        why = [refused.sentence(page.language), *(f"{where} {what}" for where, what in by_place(page, refused.faults))]
        return AskedRow(firm, why=why)
    return AskedRow(firm, orjson.loads(recorded.body))


async def _ask(page: DeskPage, body: bytes, once: str) -> Recorded:
    """The answer, recorded; sent twice from one page it is the same. Raises `Refused`."""
    state = page.state
    return await state.batcher.ask(state.question(body, once or None, page.caller, page.language))


def show_new(page: DeskPage, asking: Asking) -> Response:
    """The page on which a new assessment begins."""
    drafts = [(one, name_of(opened(one))) for one in page.drafts().all() if one.form.startswith(FORM)]
    return page.show(
        "new.html.jinja", page.say("nav.new"), status=asking.status, active="nav.new", asking=asking,
        once=secrets.token_hex(16), today=page.state.today(page.state.now()).isoformat(), most=AT_ONCE,
        lake=bool(page.state.settings.lakes), drafts=drafts, firms=asking.firms,
    )  # fmt: skip
