"""白名单: what each list asks, lists that were pushed with why and why not, feedback on their firms, and one firm."""

from collections.abc import Callable
from typing import get_args

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import TypeAdapter
from starlette.concurrency import run_in_threadpool

from features.identifiers import IdentifierError, firm_key
from service.application.downloads import table
from service.application.firm_lists import push_list, tell_feedback
from service.application.taking import push_taken
from service.desk.acts import checked
from service.desk.forms import Sent, SentForm, own_page
from service.desk.pages import DeskPage, Link, Shown
from service.desk.views.firm_lists import list_names
from service.edge.errors import Refused
from service.firm_lists.acts import push_record
from service.firm_lists.listing import firm_lists, firms_of_push, lists_shown, pushes_listed
from service.firm_lists.requests import FeedbackRequest, PushOutcome, PushReason, PushRequest
from service.firm_lists.standing import GateLine
from service.firm_lists.tables import PushRecord
from service.jobs.listing import jobs_listed
from service.workbooks.push_export import gate_text

_OUTCOMES, _REASONS = get_args(PushOutcome), get_args(PushReason)
_AT_ONCE = 50
_OF_PUSH = {
    "job": "lists.screening", "list": "lists.name", "edition": "lists.edition", "came": "lists.came",
    "branch": "lists.to", "received_on": "lists.received",
}  # fmt: skip
_OF_FEEDBACK = {
    "assessment": "col.firm", "outcome": "lists.told", "reason_code": "lists.reason_code", "reason": "lists.reason",
    "reported_on": "lists.reported", "person": "person",
}  # fmt: skip
"""Labels of the fields of each form."""

router = APIRouter(prefix="/desk/lists", include_in_schema=False)


@router.get("")
def lists(page: Shown) -> Response:
    return _lists(page, SentForm.empty())


@router.post("", dependencies=[Depends(own_page)])
def make(page: Shown, sent: Sent) -> Response:
    told = {name: sent.optional(name) for name in ("list", "edition", "job", "came", "branch", "received_on")}
    try:
        push = push_list(page.state, page.caller, checked(TypeAdapter(PushRequest), told))
    except Refused as refused:
        return _lists(page, sent, refused)
    return RedirectResponse(f"/desk/lists/{push}", 303)


@router.get("/firm")
def firm(page: Shown) -> Response:
    written = page.query.get("firm", "").strip()[:200]
    try:
        key = firm_key(written)
    except IdentifierError:
        key = written
    with page.state.engine.connect() as connection:
        today = page.state.today(page.state.now())
        found = firm_lists(connection, key, page.caller.reach, page.language, today)
    crumbs = [Link(page.say("nav.lists"), "/desk/lists")]
    return page.show(
        "firm_lists.html.jinja", found.legal_name or found.firm, crumbs=crumbs, active="nav.lists", found=found,
        gate=_gate(page), names=list_names(page),
    )  # fmt: skip


@router.get("/{push}")
def one(page: Shown, push: str) -> Response:
    return _push(page, push)


@router.get("/{push}/file")
async def file(request: Request, page: Shown, push: str) -> Response:
    entry = (await run_in_threadpool(_record, page, push)).seq
    return await table(page.state, request, f"push-{entry}", page.as_file(), push_taken, push)


def _record(page: DeskPage, push: str) -> PushRecord:
    with page.state.engine.connect() as connection:
        return push_record(connection, push)


@router.post("/{push}/feedback", dependencies=[Depends(own_page)])
def feedback(page: Shown, push: str, sent: Sent) -> Response:
    names = ("assessment", "outcome", "reason_code", "reason", "reported_on", "person")
    told = {name: sent.optional(name) for name in names}
    try:
        tell_feedback(page.state, page.caller, push, checked(TypeAdapter(FeedbackRequest), told))
    except Refused as refused:
        return _push(page, push, refused, sent)
    return RedirectResponse(f"/desk/lists/{push}?told=1", 303)


def _lists(page: DeskPage, sent: SentForm, refused: Refused | None = None) -> Response:
    today = page.state.today(page.state.now())
    with page.state.engine.connect() as connection:
        found = lists_shown(connection, page.state.assessor.policy, page.caller.reach, today)
        pushes = pushes_listed(connection, page.caller.reach, today, 200)
        jobs = jobs_listed(connection, page.caller.reach, 200) if "assess" in page.caller.may else []
    return page.show(
        "firm_list.html.jinja", page.say("nav.lists"), active="nav.lists", names=list_names(page),
        lists=found.items, pushes=pushes, sent=sent,
        screenings=[one for one in jobs if one.kind == "whitelist" and one.state == "done"],
        today=today.isoformat(), refused=refused, fields=_OF_PUSH,
    )  # fmt: skip


def _push(page: DeskPage, push: str, refused: Refused | None = None, sent: SentForm | None = None) -> Response:
    start, today = page.number("cursor", 8) or 0, page.state.today(page.state.now())
    with page.state.engine.connect() as connection:
        found = firms_of_push(connection, push, page.language, today, start, _AT_ONCE)
    return page.show(
        "push.html.jinja", found.push.edition, names=list_names(page),
        crumbs=[Link(page.say("nav.lists"), "/desk/lists")], active="nav.lists",
        found=found, gate=_gate(page), outcomes=_OUTCOMES, reasons=_REASONS, today=today.isoformat(),
        sent=sent or SentForm.empty(), told=page.query.get("told") == "1",
        refused=refused, fields=_OF_FEEDBACK,
    )  # fmt: skip


def _gate(page: DeskPage) -> Callable[[GateLine], str]:
    """What says a gate in the page's language, with what was seen and what is asked."""
    return lambda line: gate_text(line, page.language)
