"""Loan files (卷宗): what people do from an application to a settled loan."""

from collections.abc import Callable
from typing import Annotated, TypeVar

from fastapi import APIRouter, Body, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from features.phrase import DEFAULT_WORDS, WordsChoice
from models.rules.recommendation import Advice
from service.access.roles import Caller
from service.application.caller import Who
from service.application.state import AppState, State
from service.assessing.assessment_index import check_places
from service.edge.fields import Day, Firm, Name, Ordinal
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.loan_files import requests as told_in
from service.loan_files.approving import approve
from service.loan_files.authority import Proposed
from service.loan_files.closing import close, correct
from service.loan_files.committee import minute, vote
from service.loan_files.drawing import pay_out, release
from service.loan_files.fulfilling import confirm, fulfil
from service.loan_files.handing_over import hand_over, lay_beside
from service.loan_files.holding import lift_hold, place_hold
from service.loan_files.listing import FileFilter, Order, due_items, found_by, listed, shown
from service.loan_files.preparing import send_back, submit, withdraw
from service.loan_files.previewing import preview
from service.loan_files.queues import queues
from service.loan_files.reviewing import review
from service.loan_files.taking_up import act_about
from service.loan_files.turns import FileTurn, act_in_file
from service.loan_files.watching import check_done, close_warning, warn
from service.web.json_route import JsonRoute
from service.web.openapi import CONFLICTS, NOT_FOUND, Responses, answered, problems
from service.web.responses import json_response
from service.web.shapes.loan_files import State as FileState

T = TypeVar("T")
_DONE = {201: answered("FileAct", "What was recorded, and where the file stands")} | CONFLICTS
_MANY = {201: answered("FileActs", "What was recorded")} | CONFLICTS
_PAGE: Responses = {200: answered("ListedFiles", "The files"), **problems(422)}
_WHOLE = {200: answered("WholeFile", "The file")} | NOT_FOUND
_DUE: Responses = {200: answered("DueItems", "What is due"), **problems(422)}
_QUEUES: Responses = {200: answered("Queues", "By what they wait for, and how many are late")}
_WOULD = {200: answered("AuthorityPreview", "How they stand to the advice, and who may sign")} | NOT_FOUND
_Limit = Annotated[int, Query(ge=1, le=500)]

files = APIRouter(prefix="/v1/loan-files", tags=["loan files"], route_class=JsonRoute)
router = APIRouter(tags=["loan files"], route_class=JsonRoute)


class FileQuery(BaseModel):
    """Which loan files are listed."""

    model_config = ConfigDict(extra="forbid")

    state: list[FileState] = Field(default_factory=list, description="What the file waits for")
    mine: bool = Field(default=False, description="Only those that the caller leads")
    firm: Firm | None = None
    due_before: Day | None = Field(default=None, description="Due on that day or before")
    cursor: Ordinal | None = None
    advice: Advice | None = Field(default=None, description="As advised")
    branch: Name | None = None
    order: Order = Field(default="latest", description="The last moved first, or the earliest due")
    text: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="In the firm's name or code, or any number of the loan; no other filter then"
    )
    limit: Annotated[int, Field(ge=1, le=500)] = 50
    words: WordsChoice = DEFAULT_WORDS

    def filter(self, caller: str) -> FileFilter:
        """The same for the list; `caller`: the account that asks."""
        lead = caller if self.mine else None
        return FileFilter(
            self.state, lead, self.firm, self.due_before, self.cursor, self.advice, self.branch, self.order
        )


def _act(
    state: AppState, caller: Caller, file: str, told: T, act: Kind, work: Callable[[FileTurn, T], EntryContent]
) -> object:
    desk = state.desk(caller)
    done = state.batcher.write(lambda: act_in_file(state.engine, file, desk, act, lambda turn: work(turn, told)))
    return done.to_dict()


def _act_about(
    state: AppState, caller: Caller, assessment: str, told: T, act: Kind, work: Callable[[FileTurn, T], EntryContent]
) -> object:
    desk = state.desk(caller)
    done = state.batcher.write(lambda: act_about(state.engine, assessment, desk, act, lambda turn: work(turn, told)))
    return done.to_dict()


def _nth(work: Callable[[FileTurn, int, T], EntryContent], n: int) -> Callable[[FileTurn, T], EntryContent]:
    return lambda turn, told: work(turn, n, told)


@files.get("", summary="List loan files", responses=_PAGE)
def list_files(
    state: State,
    caller: Who,
    given: Annotated[FileQuery, Query()],
) -> object:
    today = state.today(state.now())
    with state.engine.connect() as connection:
        check_places(connection, caller.reach, None, given.branch)
        if given.text is not None:
            return found_by(connection, caller.reach, given.text, given.limit, today)
        return listed(connection, caller.reach, given.filter(caller.id), given.limit, today)


@router.get("/v1/queues", summary="Count what waits for each step", responses=_QUEUES)
def what_waits(state: State, caller: Who) -> Response:
    with state.engine.connect() as connection:
        return json_response(queues(connection, caller.reach, state.today(state.now())))


@files.post("", status_code=201, responses=_DONE, summary="Submit an application, as two investigators")
def submitted(state: State, caller: Who, told: Annotated[told_in.Submission, Body()]) -> object:
    desk = state.desk(caller)
    return state.batcher.write(lambda: submit(state.engine, desk, told)).to_dict()


@files.get("/{loan_file}", summary="Read a loan file", responses=_WHOLE)
def whole(state: State, loan_file: str) -> object:
    with state.engine.connect() as connection:
        return shown(connection, loan_file, state.assessor.policy, state.today(state.now()))


@files.get("/{loan_file}/authority", summary="Tell which authority terms would need", responses=_WOULD)
def would_need(
    state: State,
    caller: Who,
    loan_file: str,
    amount: Annotated[int, Query(ge=1, le=2**53 - 1, description="Minor unit")],
    term_months: Annotated[int, Query(ge=1, le=600)],
    waives: Annotated[list[str] | None, Query(description="Rules that would be set aside")] = None,
) -> Response:
    terms = Proposed(amount, term_months, frozenset(waives or ()))
    with state.engine.connect() as connection:
        return json_response(preview(connection, loan_file, state.desk(caller), terms))


@files.post("/{loan_file}/review", status_code=201, responses=_DONE, summary="Record the reviewer's opinion")
def reviewed(state: State, caller: Who, loan_file: str, told: told_in.Review) -> object:
    return _act(state, caller, loan_file, told, Kind.REVIEWED, review)


@files.post("/{loan_file}/return", status_code=201, responses=_DONE, summary="Return the file to the officers")
def returned(state: State, caller: Who, loan_file: str, told: told_in.Return) -> object:
    return _act(state, caller, loan_file, told, Kind.SENT_BACK, send_back)


@files.post("/{loan_file}/votes", status_code=201, responses=_DONE, summary="Vote in the committee")
def voted(state: State, caller: Who, loan_file: str, told: told_in.Vote) -> object:
    return _act(state, caller, loan_file, told, Kind.VOTE, vote)


@files.post("/{loan_file}/minutes", status_code=201, responses=_DONE, summary="Close the vote by its minutes")
def minuted(state: State, caller: Who, loan_file: str, told: told_in.Minutes) -> object:
    return _act(state, caller, loan_file, told, Kind.MINUTES, minute)


@files.post("/{loan_file}/approval", status_code=201, responses=_DONE, summary="Approve or decline")
def approved(state: State, caller: Who, loan_file: str, told: Annotated[told_in.Approval, Body()]) -> object:
    return _act(state, caller, loan_file, told, Kind.APPROVAL, approve)


@files.post("/{loan_file}/withdrawal", status_code=201, responses=_DONE, summary="Withdraw the application")
def withdrawn(state: State, caller: Who, loan_file: str, told: told_in.Withdrawal) -> object:
    return _act(state, caller, loan_file, told, Kind.WITHDRAWN, withdraw)


@files.post("/{loan_file}/conditions/{n}/done", status_code=201, responses=_DONE, summary="Report a condition done")
def condition_done(state: State, caller: Who, loan_file: str, n: Ordinal, told: told_in.ConditionDone) -> object:
    return _act(state, caller, loan_file, told, Kind.CONDITION_MET, _nth(fulfil, n))


@files.post(
    "/{loan_file}/conditions/{n}/confirmation",
    status_code=201,
    responses=_DONE,
    summary="Confirm as another person that a condition is done",
)
def condition_confirmed(state: State, caller: Who, loan_file: str, n: Ordinal, told: told_in.ConditionCheck) -> object:
    return _act(state, caller, loan_file, told, Kind.CONDITION_MET, _nth(confirm, n))


@files.post("/{loan_file}/release", status_code=201, responses=_DONE, summary="Look again, and let money be paid out")
def released(state: State, caller: Who, loan_file: str, told: told_in.Release) -> object:
    return _act(state, caller, loan_file, told, Kind.DRAWDOWN_CHECK, release)


@files.post("/{loan_file}/drawdowns", status_code=201, responses=_DONE, summary="Record that money was paid out")
def paid_out(state: State, caller: Who, loan_file: str, told: told_in.PaidOut) -> object:
    return _act(state, caller, loan_file, told, Kind.DRAWDOWN, pay_out)


@files.post("/{loan_file}/closure", status_code=201, responses=_DONE, summary="Record how the loan ended")
def closed(state: State, caller: Who, loan_file: str, told: told_in.FileClosure) -> object:
    return _act(state, caller, loan_file, told, Kind.CLOSURE, close)


@files.post("/{loan_file}/corrections", status_code=201, responses=_DONE, summary="Reverse a payment or a closure")
def corrected(state: State, caller: Who, loan_file: str, told: told_in.Correction) -> object:
    return _act(state, caller, loan_file, told, Kind.CORRECTION, correct)


@router.post(
    "/v1/assessments/{assessment}/closure",
    status_code=201,
    responses=_DONE,
    summary="Record how a loan ended that was drawn before there were loan files",
)
def closed_old(state: State, caller: Who, assessment: str, told: told_in.FileClosure) -> object:
    return _act_about(state, caller, assessment, told, Kind.CLOSURE, close)


@router.post(
    "/v1/assessments/{assessment}/withdrawal",
    status_code=201,
    responses=_DONE,
    summary="Withdraw an application that was approved before there were loan files",
)
def withdrawn_old(state: State, caller: Who, assessment: str, told: told_in.Withdrawal) -> object:
    return _act_about(state, caller, assessment, told, Kind.WITHDRAWN, withdraw)


@files.post("/{loan_file}/documents", status_code=201, responses=_DONE, summary="Lay a paper beside, by its digest")
def laid_beside(state: State, caller: Who, loan_file: str, told: told_in.Paper) -> object:
    return _act(state, caller, loan_file, told, Kind.DOCUMENT, lay_beside)


@files.post("/{loan_file}/tasks/{n}/done", status_code=201, responses=_DONE, summary="Report that what was due is done")
def task_done(state: State, caller: Who, loan_file: str, n: Ordinal, told: told_in.CheckDone) -> object:
    return _act(state, caller, loan_file, told, Kind.MONITORED, _nth(check_done, n))


@files.post("/{loan_file}/warnings", status_code=201, responses=_DONE, summary="Raise a warning with day and owner")
def warned(state: State, caller: Who, loan_file: str, told: told_in.RaisedWarning) -> object:
    return _act(state, caller, loan_file, told, Kind.WARNING, warn)


@files.post("/{loan_file}/warnings/{n}/closing", status_code=201, responses=_DONE, summary="Settle a warning")
def warning_closed(state: State, caller: Who, loan_file: str, n: Ordinal, told: told_in.ClosedWarning) -> object:
    return _act(state, caller, loan_file, told, Kind.WARNING, _nth(close_warning, n))


@files.post("/{loan_file}/holds", status_code=201, responses=_DONE, summary="Have the content kept, as a fund")
def held(state: State, caller: Who, loan_file: str, told: told_in.PlacedHold) -> object:
    return _act(state, caller, loan_file, told, Kind.HOLD, place_hold)


@files.post("/{loan_file}/holds/{entry}/lifting", status_code=201, responses=_DONE, summary="Lift the fund's own hold")
def hold_lifted(state: State, caller: Who, loan_file: str, entry: Ordinal, told: told_in.LiftedHold) -> object:
    return _act(state, caller, loan_file, told, Kind.HOLD, _nth(lift_hold, entry))


@router.post("/v1/hand-overs", status_code=201, responses=_MANY, summary="Hand open files over to another officer")
def handed_over(state: State, caller: Who, told: told_in.HandOver) -> object:
    desk = state.desk(caller)
    done = state.batcher.write(lambda: hand_over(state.engine, desk, told))
    return {"items": [one.to_dict() for one in done]}


@router.get("/v1/due-items", summary="List what is due after loans were paid out", responses=_DUE)
def due(
    state: State,
    caller: Who,
    until: Annotated[Day | None, Query(description="Due on that day or before; today where none is given")] = None,
    mine: Annotated[bool, Query(description="Only what the caller must do")] = False,
    limit: _Limit = 100,
) -> object:
    last = until or state.today(state.now())
    with state.engine.connect() as connection:
        return due_items(connection, caller.reach, last, caller.id if mine else None, limit)


router.include_router(files)
