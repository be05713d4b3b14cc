"""决策台账: what was advised and what was decided, the proof of it, the answer asked again, and packs to take away."""

from functools import partial
from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from models.rules.recommendation import Advice
from service.access.roles import funds_of
from service.application.downloads import table
from service.application.leaving import LeavableStream
from service.application.proofs import (
    PackAsked,
    light_of,
    pack_name,
    pack_of,
    period_for,
    readers_for,
)
from service.application.taking import decisions_taken
from service.assessing.sealed_answer import sealed_assessment
from service.decisions.decided import STANDS
from service.decisions.listing import DecisionFilter, DecisionOutcome, ListedDecisions, decisions
from service.decisions.requests import DecisionAsked
from service.desk.acts import checked, shape_of
from service.desk.formats import code
from service.desk.forms import SentForm
from service.desk.pages import DeskPage, Link, Shown
from service.desk.views import decision as view
from service.desk.views.act_form import codes_of
from service.edge.errors import InvalidRequest, NotAnswerable
from service.edge.readers import READERS, Reader
from service.loan_files.record import State
from service.proofs.decision import whole_decision
from service.proofs.pack_plans import of_assessment
from service.proofs.packs import verify_command

_ASKED = shape_of(DecisionAsked)
_AMOUNTS = ("least", "most")
_CHOICES = {
    "advice": get_args(Advice), "outcome": get_args(DecisionOutcome), "stands": STANDS, "state": get_args(State),
}  # fmt: skip
_LABELS = {
    "text": "find", "bank": "decisions.bank", "branch": "col.branch", "from": "decisions.from", "to": "decisions.to",
    "advice": "col.advice", "outcome": "decisions.outcome", "stands": "stands", "state": "col.state",
    "least": "decisions.least", "most": "decisions.most",
}  # fmt: skip
_FIELDS = tuple(_LABELS)
_AT_ONCE = 50
_HERE = "/desk/decisions"

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/decisions")
def listed(page: Shown) -> Response:
    found, refused = ListedDecisions([], None), None
    try:
        wanted = _wanted(page)
        with page.state.engine.connect() as connection:
            found = decisions(connection, page.caller, wanted, _AT_ONCE, page.state.settings.zone)
    except InvalidRequest as wrong:
        refused = wrong
    kept = page.typed(_FIELDS)
    following = {**kept, "cursor": str(found.next)}
    return page.show(
        "decisions.html.jinja", page.say("nav.decisions"), active="nav.decisions", refused=refused,
        fields=_LABELS, found=found.items, typed={name: kept.get(name, "") for name in _FIELDS},
        choices=_CHOICES, kept=urlencode(kept),
        following=None if found.next is None else Link(page.say("next_page"), f"?{urlencode(following)}"),
    )  # fmt: skip


@router.get("/decisions/file")
async def file(request: Request, page: Shown) -> Response:
    return await table(page.state, request, "decisions", page.as_file(), decisions_taken, page.caller, _wanted(page))


@router.get("/decisions/{assessment}")
def one(page: Shown, assessment: str) -> Response:
    with page.state.engine.connect() as connection:
        told = whole_decision(connection, page.caller, assessment)
        subject = of_assessment(connection, assessment)
    proves = "prove" in page.caller.may
    day = page.moment(told.decision.at)[:10]
    return page.show(
        "decision.html.jinja",
        _name(told.decision.legal_name, told.decision.firm),
        crumbs=[Link(page.say("nav.decisions"), _HERE)],
        active="nav.decisions",
        told=told,
        one=told.decision,
        terms=view.terms_of(told),
        reasons=dict(codes_of(page, "authority.reason_codes") + codes_of(page, "loan_file.reasons")),
        acts=view.acts_apart(told, page),
        moved=None if told.moved is None else view.change_lines(told.moved.then, told.moved.now, page),
        turned=[] if told.moved is None else view.turned_lines(told.moved.change, page),
        light=light_of(page.state, assessment).in_words(page.language) if proves else None,
        readers=readers_for(page.caller),
        funds=funds_of(page.state.assessor.policy, page.state.today(page.state.now()), page.caller),
        verify=verify_command(
            pack_name(subject, readers_for(page.caller)[0]), "bank.pem", "fund.public.pem", page.language
        ),
        periods=(day, day[:7]),
    )


@router.get("/decisions/{assessment}/replay")
def replay(page: Shown, assessment: str) -> Response:
    with page.state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    name, refused, told = _name(of.answer.legal_name, of.answer.case.firm), None, None
    try:
        told = page.state.replayer.replay(of).in_words(page.language)
    except NotAnswerable as wrong:
        refused = wrong
    if told is not None and page.caller.place.fund is not None:
        told = told.for_fund()
    return page.show(
        "replay.html.jinja",
        f"{page.say('replay')}{page.say('colon')}{name}",
        refused=refused,
        crumbs=[Link(page.say("nav.decisions"), _HERE), Link(name, f"{_HERE}/{assessment}")],
        active="nav.decisions",
        assessment=assessment,
        told=told,
        lines=[] if told is None else view.replay_lines(told, page),
        because="" if told is None else view.because(told, page),
        figures=[] if told is None else view.change_lines(told.then, told.now, page),
        turned=[] if told is None else view.turned_lines(told.whole, page),
    )


@router.get("/decisions/{assessment}/pack")
async def pack(page: Shown, assessment: str) -> LeavableStream:
    subject = partial(of_assessment, assessment=assessment)
    return await pack_of(page.state, page.caller, subject, PackAsked(_reader(page)))


@router.get("/ledger/pack")
async def period_pack(page: Shown) -> LeavableStream:
    reader = _reader(page)
    named = page.query.get("fund") or None if reader == "fund" else None  # the form always sends its choice of fund
    subject = period_for(page.query.get("period", ""), page.caller)
    return await pack_of(page.state, page.caller, subject, PackAsked(reader, fund=named))


def _wanted(page: DeskPage) -> DecisionFilter:
    """Which decisions are asked for, as the API reads it. Raises `InvalidRequest`."""
    typed: dict[str, object] = {**page.typed(_FIELDS)}
    form = SentForm.of(page.typed(_FIELDS))
    typed |= {name: form.fen(name) for name in _AMOUNTS if name in typed}
    return checked(_ASKED(), {**typed, "cursor": page.number("cursor", 15)}).filter


def _reader(page: DeskPage) -> Reader:
    """For whom a pack is asked; where that is not said, the first for whom the caller may."""
    asked = page.query.get("for", "")
    return next((one for one in READERS if one == asked), readers_for(page.caller)[0])


def _name(legal_name: str | None, firm: str | None) -> str:
    return str(legal_name or code(firm))
