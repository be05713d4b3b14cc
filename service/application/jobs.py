"""What people do with jobs: send a workbook, let its right rows run, stop it; the same for the API and the desk."""

from starlette.concurrency import run_in_threadpool

from service.access.roles import Caller
from service.application.state import AppState
from service.edge.errors import NotAnswerable
from service.jobs.entering import NewJob, enter_job
from service.jobs.listing import job_record
from service.jobs.queue import end, start
from service.workbooks.intake import SentList, job_of_workbook


async def send_job(state: AppState, caller: Caller, sent: SentList) -> str:
    """The id of the job that a workbook makes. One workbook is read at a time. Raises `InvalidRequest`, `TooMany`."""
    job = await state.reading.run(caller, lambda: job_of_workbook(sent, state.settings.job_rows))
    return await run_in_threadpool(_enter, state, caller, job)


def _enter(state: AppState, caller: Caller, job: NewJob) -> str:
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
