"""Lists of applicants that are answered in the background: sent as a workbook, watched, and taken away."""

from typing import Annotated

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from features.phrase import DEFAULT_WORDS, Language, WordsChoice, language_of
from models.rules.recommendation import Advice
from models.score.kind import KindName
from service.application.caller import Who
from service.application.downloads import table
from service.application.jobs import cancel_job, send_job, start_job
from service.application.state import AppState, State
from service.application.taking import job_taken
from service.edge.fields import LARGEST_ORDINAL
from service.jobs.listing import (
    JobRowShown,
    JobRowsListed,
    JobShown,
    JobsListed,
    RowFilter,
    RowState,
    job_rows,
    job_shown,
    jobs_listed,
)
from service.web.lists import Key
from service.web.openapi import CONFLICTS, NOT_FOUND, REFUSALS, Responses, answered
from service.web.responses import json_response
from service.web.routes.workbooks import BODY
from service.web.tables import AsTable
from service.web.words import WordsParam
from service.workbooks.intake import SentList
from service.workbooks.template import XLSX

_SENT = {201: answered("JobShown", "The job; it waits to be started where rows are wrong")} | REFUSALS
_ONE = {200: answered("JobShown", "How far the job is")} | NOT_FOUND
_DONE = {200: answered("JobShown", "The job as it stands now")} | CONFLICTS
_LIST: Responses = {200: answered("JobsListed", "The latest first")}
_ROWS = {200: answered("JobRowsListed", "Rows of the job", XLSX, csv=True)} | NOT_FOUND
_Limit = Annotated[int, Query(ge=1, le=500)]


class JobQuery(BaseModel):
    """What a job is called, and what it asks."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=200)] = ""
    kind: Annotated[KindName, Field(description="`whitelist`: a screening for lists of firms")] = "pledge"
    words: WordsChoice = DEFAULT_WORDS


class JobRowsAsked(BaseModel):
    """Which rows are listed."""

    model_config = ConfigDict(extra="forbid")

    state: RowState | None = None
    advice: Advice | None = None
    grade: Annotated[str, Field(max_length=10)] | None = None
    after: Annotated[int, Field(ge=0, le=LARGEST_ORDINAL, description="`next` of the page before")] = 0

    @property
    def filter(self) -> RowFilter:
        """The same for the list."""
        return RowFilter(self.state, self.advice, self.grade, self.after)


class JobRowsQuery(AsTable, JobRowsAsked):
    """The same, and as what."""

    limit: Annotated[int, Field(ge=1, le=500)] = 100


router = APIRouter(prefix="/v1/jobs", tags=["assessments"])


@router.post("", status_code=201, summary="Send a workbook as a job", openapi_extra=BODY, responses=_SENT)
async def send(
    state: State, request: Request, caller: Who, given: Annotated[JobQuery, Query()], key: Key = None
) -> Response:
    """Every cell that is wrong is told before anything runs: the rows of `state=wrong` name them.

    Where a row is wrong the job waits until it is started, and then asks the right ones alone.
    """
    state.reading.check(caller)
    sent, language = await request.body(), language_of(given.words)
    job = await send_job(state, request, SentList(sent, given.name, given.kind, language, key))
    return await run_in_threadpool(_shown, state, job, language, 201)


@router.get("", summary="List jobs", responses=_LIST)
def list_jobs(state: State, caller: Who, words: WordsParam = DEFAULT_WORDS, limit: _Limit = 50) -> Response:
    with state.engine.connect() as connection:
        found = jobs_listed(connection, caller.reach, limit)
    return json_response(JobsListed([_worded(one, language_of(words)) for one in found]))


@router.get("/{job}", summary="Read how far a job is", responses=_ONE)
def one(state: State, job: str, words: WordsParam = DEFAULT_WORDS) -> Response:
    return _shown(state, job, language_of(words))


@router.get("/{job}/rows", summary="List the rows of a job", responses=_ROWS)
async def rows(state: State, request: Request, job: str, given: Annotated[JobRowsQuery, Query()]) -> Response:
    if (as_file := given.as_file) is not None:
        name = (await run_in_threadpool(_job, state, job)).name
        return await table(state, request, f"job-{job[:8]}", as_file, job_taken, job, name, given.filter)
    return await run_in_threadpool(_rows, state, job, given)


def _job(state: AppState, job: str) -> JobShown:
    with state.engine.connect() as connection:
        return job_shown(connection, job)


def _rows(state: AppState, job: str, given: JobRowsQuery) -> Response:
    language = language_of(given.words)
    with state.engine.connect() as connection:
        job_shown(connection, job)
        page = job_rows(connection, job, given.filter, given.limit + 1, state.today(state.now()))
    following = page[given.limit - 1].n if len(page) > given.limit else None
    return json_response(JobRowsListed([_row_worded(one, language) for one in page[: given.limit]], following))


@router.post("/{job}/start", summary="Ask the right rows of a checked job", responses=_DONE)
def start(state: State, job: str, caller: Who, words: WordsParam = DEFAULT_WORDS) -> Response:
    start_job(state, caller, job)
    return _shown(state, job, language_of(words))


@router.post("/{job}/cancellation", summary="Ask no more rows of a job", responses=_DONE)
def cancel(state: State, job: str, words: WordsParam = DEFAULT_WORDS) -> Response:
    """Rows that were answered stay answered."""
    cancel_job(state, job)
    return _shown(state, job, language_of(words))


def _shown(state: State, job: str, language: Language | None, status: int = 200) -> Response:
    return json_response(_worded(_job(state, job), language), status)


def _worded(job: JobShown, language: Language | None) -> JobShown:
    return msgspec.structs.replace(job, trouble=tuple(one.in_words(language) for one in job.trouble))


def _row_worded(row: JobRowShown, language: Language | None) -> JobRowShown:
    return msgspec.structs.replace(row, faults=tuple(one.in_words(language) for one in row.faults))
