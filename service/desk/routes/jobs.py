"""批量测算: a list sent as a workbook, what is wrong with it, how far it is, and what came out."""

import secrets
from typing import get_args
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse
from starlette.concurrency import run_in_threadpool

from models.rules.recommendation import Advice
from models.score.kind import KindName
from models.words.faults import place_said
from service.application.downloads import table
from service.application.jobs import cancel_job, send_job, start_job
from service.application.taking import job_taken
from service.desk.forms import Sent, own_page
from service.desk.pages import DeskPage, Link, Shown
from service.desk.refusals import by_place
from service.edge.errors import Refused
from service.jobs.listing import COUNTED, JobShown, RowFilter, RowState, job_rows, job_shown, jobs_listed
from service.workbooks.intake import SentList

_ADVICE = get_args(Advice)
_AT_ONCE, _JOBS, _FAULTS = 50, 50, 1_000
_LIVE = ("queued", "running")

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/batch")
def batch(page: Shown) -> Response:
    return _batch(page)


@router.post("/batch", dependencies=[Depends(own_page)])
async def send(request: Request, page: Shown, sent: Sent) -> Response:
    name, content = sent.file_name("workbook"), await run_in_threadpool(sent.content, "workbook")
    try:
        kind: KindName = "whitelist" if sent.text("kind") == "whitelist" else "pledge"
        given = SentList(content, name, kind, page.language, sent.text("once") or None)
        job = await send_job(page.state, request, given)
    except Refused as refused:
        return await run_in_threadpool(_batch, page, refused)
    return RedirectResponse(f"/desk/jobs/{job}", 303)


@router.get("/jobs/{job}")
def one(page: Shown, job: str) -> Response:
    return _job(page, job)


@router.get("/jobs/{job}/file")
async def file(request: Request, page: Shown, job: str) -> Response:
    name = (await run_in_threadpool(_read, page, job)).name
    return await table(page.state, request, f"job-{job[:8]}", page.as_file(), job_taken, job, name, _wanted(page))


def _read(page: DeskPage, job: str) -> JobShown:
    with page.state.engine.connect() as connection:
        return job_shown(connection, job)


@router.post("/jobs/{job}/start", dependencies=[Depends(own_page)])
def start(page: Shown, job: str) -> Response:
    try:
        start_job(page.state, page.caller, job)
    except Refused as refused:
        return _job(page, job, refused)
    return RedirectResponse(f"/desk/jobs/{job}", 303)


@router.post("/jobs/{job}/cancellation", dependencies=[Depends(own_page)])
def cancel(page: Shown, job: str) -> Response:
    try:
        cancel_job(page.state, job)
    except Refused as refused:
        return _job(page, job, refused)
    return RedirectResponse(f"/desk/jobs/{job}", 303)


def _batch(page: DeskPage, refused: Refused | None = None) -> Response:
    with page.state.engine.connect() as connection:
        jobs = jobs_listed(connection, page.caller.reach, _JOBS)
    return page.show(
        "batch.html.jinja", page.say("nav.batch"), active="nav.batch", refused=refused,
        faults=by_place(page, refused.faults if refused else ()),
        jobs=jobs, live=_LIVE, once=secrets.token_hex(16), most=page.state.settings.job_rows,
        lake=bool(page.state.settings.lakes),
    )  # fmt: skip


def _job(page: DeskPage, job: str, refused: Refused | None = None) -> Response:
    wanted = _wanted(page)
    with page.state.engine.connect() as connection:
        told = job_shown(connection, job)
        today = page.state.today(page.state.now())
        rows = job_rows(connection, job, wanted, _AT_ONCE + 1, today)
        wrong = job_rows(connection, job, RowFilter("wrong"), _FAULTS, today) if told.state == "checked" else []
    kept = {name: page.query[name] for name in ("state", "advice", "grade") if page.query.get(name)}
    following = Link(page.say("next_page"), f"?{urlencode({**kept, 'after': rows[_AT_ONCE - 1].n})}") if len(
        rows) > _AT_ONCE else None  # fmt: skip
    return page.show(
        "job.html.jinja", told.name or page.say("nav.batch"), crumbs=[Link(page.say("nav.batch"), "/desk/batch")],
        active="nav.batch", refused=refused, job=told,
        standing=page.say.name("job_state", told.state), over=told.state not in ("checked", *_LIVE),
        live=told.state in _LIVE, answered=told.counts["done"] + told.counts["refused"],
        asked=told.rows - told.counts["wrong"], rows=rows[:_AT_ONCE],
        cells=[one for row in wrong for one in by_place(page, row.faults)],
        counted=COUNTED, states=COUNTED, chosen=wanted.state or "", advices=_ADVICE, advice=wanted.advice or "",
        following=following, kept=urlencode(kept), told=lambda faults: by_place(page, faults),
        place=lambda place: place_said(place, page.language),
    )  # fmt: skip


def _wanted(page: DeskPage) -> RowFilter:
    query = page.query
    state: RowState | None = next((one for one in COUNTED if one == query.get("state")), None)
    advice = next((one for one in _ADVICE if one == query.get("advice")), None)
    return RowFilter(state, advice, None, page.number("after", 8) or 0)
