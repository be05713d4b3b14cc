"""What people do with jobs: send a workbook, let its right rows run, stop it; the same for the API and the desk."""

from hashlib import sha256

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from service.access.roles import Caller
from service.application.caller import caller_of
from service.application.state import AppState
from service.edge.errors import NotAnswerable
from service.jobs.entering import NewJob, NewRow, enter_job
from service.jobs.listing import job_record
from service.jobs.queue import end, start
from service.workbooks.intake import SentList, job_rows_of_workbook


async def send_job(state: AppState, request: Request, sent: SentList) -> str:
    """The id of the job that a workbook makes. One workbook is read at a time. Raises `InvalidRequest`, `TooMany`."""
    most = state.settings.job_rows
    rows = await state.reading.pieces(request, job_rows_of_workbook, sent.content, sent.kind, most)
    return await run_in_threadpool(_enter, state, caller_of(request), sent, rows)


def _enter(state: AppState, caller: Caller, sent: SentList, rows: list[NewRow]) -> str:
    job = NewJob(sent.kind, sent.name, sha256(sent.content).hexdigest(), rows, sent.language, sent.key)
    return enter_job(state.engine, caller, job, state.settings.jobs, state.now())


def start_job(state: AppState, caller: Caller, job: str) -> None:
    """Let the right rows of a job run. Raises `NoSuchJob`; `NotAnswerable` where it does not wait for that.

    Whoever sent it starts it, since its entries name the sender.
    """
    with state.engine.connect() as connection:
        record = job_record(connection, job)
    if record.owner != caller.id:
        raise NotAnswerable("job_of_another")
    if not start(state.engine, job):
        raise NotAnswerable("job_not_checked")


def cancel_job(state: AppState, job: str) -> None:
    """Ask no more rows of a job. Raises `NotAnswerable` where it is over."""
    if not end(state.engine, job, "cancelled", state.now()):
        raise NotAnswerable("job_over")
