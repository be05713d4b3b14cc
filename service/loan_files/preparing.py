"""What officers do before anybody decides: two investigators submit; an application is withdrawn; a step returns it."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from sqlalchemy import Engine

from features.errors import fault
from service.access.roles import Permission
from service.edge.errors import Forbidden, InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import SentBackEntry, SubmittedEntry, WithdrawnEntry
from service.loan_files.advised import AdvisedAnswer, advised, worse_than
from service.loan_files.authority import Authority, Proposed, committee_sits
from service.loan_files.record import APPROVED, State
from service.loan_files.repeating import check_seen
from service.loan_files.requests import Return, Submission, Withdrawal
from service.loan_files.returned import left_out, with_reasons
from service.loan_files.steps import steps_of_file, submitted_on
from service.loan_files.taking_up import act_about, check_no_old_approval
from service.loan_files.terms import check_not_expired, leaves_of_terms, weighed
from service.loan_files.turns import (
    Desk,
    FileDone,
    FileTurn,
    accounts_of,
    check_apart,
    check_code,
    check_day,
    check_state,
)

BEFORE_DRAWN: tuple[State, ...] = (
    "draft", "returned", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw",
)  # fmt: skip
RETURNS: Mapping[State, Permission] = {
    "to_review": "review",
    "to_committee": "minute",
    "to_approve": "decide",
    "to_fulfil": "release",
    "to_draw": "release",
}
"""Who may return a file that waits for the step."""


def submit(engine: Engine, desk: Desk, told: Submission) -> FileDone:
    """Two investigators submit an application on its newest assessment. Raises `Refused`."""
    return act_about(engine, told.assessment, desk, Kind.SUBMITTED, lambda turn: _submission(turn, told))


def _submission(turn: FileTurn, told: Submission) -> EntryContent:
    file, desk = turn.file, turn.desk
    check_seen(turn, told, Kind.SUBMITTED)
    before = _check_open(turn, told)
    check_no_old_approval(turn.connection, file)
    answer = advised(turn.connection, told.assessment)
    check_not_expired(answer, desk.today)
    lead = desk.who(told.person)
    second = accounts_of(turn, [("/second", told.second)])[0]
    if lead == second:
        raise NotInTurn("same_person_twice")
    for one in (lead, second):
        check_apart(file, one, "investigate")
    _check_visits(desk, told.visits)
    if left := left_out(file, steps_of_file(turn.connection, file.id), told.not_brought):
        raise InvalidRequest(left)
    check_code("/reason_code", told.reason_code, desk.policy("authority.reason_codes").on(desk.today))
    terms, authority = weighed(turn, told, answer)
    to = _next(turn, terms, authority, answer, before)
    return SubmittedEntry(
        assessment=turn.of(told.assessment),
        seen=told.seen,
        turn=file.turn + 1,
        second=second,
        visits=[day.isoformat() for day in told.visits],
        note=with_reasons(told.note, told.not_brought),
        reason_code=told.reason_code,
        papers=told.papers,
        to=to,
        person=told.person,
        **desk.due(to),  # type: ignore[arg-type]
        **leaves_of_terms(told, authority),  # type: ignore[arg-type]
    )


def _check_open(turn: FileTurn, told: Submission) -> str | None:
    """The assessment that was submitted before, if any. Raises `NotInTurn` where the file may not be submitted."""
    file, desk = turn.file, turn.desk
    ended = file.expires_on is not None and file.expires_on < desk.today.isoformat()
    if file.state in APPROVED and not (ended and file.state != "drawn"):
        raise NotInTurn("approval_stands", state=file.state)
    if file.state not in APPROVED:
        check_state(file, "draft", "returned")
    if told.assessment != file.newest:
        raise NotInTurn("assessment_not_newest", last=file.newest)
    before = submitted_on(steps_of_file(turn.connection, file.id)) if file.turn else None
    if before == told.assessment:
        raise NotInTurn("assessment_not_new")
    return before


def _check_visits(desk: Desk, visits: Sequence[date]) -> None:
    """Raises `InvalidRequest` for a day ahead, and where the last visit is older than policy lets a visit be."""
    for place, day in enumerate(visits):
        check_day(f"/visits/{place}", day, desk.today)
    days = int(desk.policy("papers.visit").on(desk.today)["days"])
    if visits and max(visits) < desk.today - timedelta(days=days):
        raise InvalidRequest([fault("/visits", "visit_old", last=max(visits), days=days)])


def _next(turn: FileTurn, terms: Proposed, authority: Authority, answer: AdvisedAnswer, before: str | None) -> State:
    """The step that returned it, where nothing is worse than it was; else the reviewer reads it again."""
    file = turn.file
    if before is None or file.back_to not in ("to_committee", "to_approve"):
        return "to_review"
    more = terms.amount > (file.amount or 0) or terms.term_months > (file.term_months or 0)
    more = more or bool(terms.waives - file.waived)
    if more or worse_than(advised(turn.connection, before), answer, terms.amount):
        return "to_review"
    return "to_committee" if committee_sits(authority.level, answer, terms.waives) else file.back_to  # type: ignore[return-value]


def send_back(turn: FileTurn, told: Return) -> EntryContent:
    """The step that a file waits for returns it. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_state(file, *RETURNS)
    needs = RETURNS[file.state]
    if needs not in desk.caller.may:
        raise Forbidden("role_may_not", role=desk.caller.role, needs=needs)
    who = desk.who(told.person)
    if who in file.holders("investigate"):
        raise NotInTurn("duty_held", held="investigate", wanted="send_back")
    check_code("/reason_code", told.reason_code, desk.policy("loan_file.reasons").on(desk.today))
    return SentBackEntry(
        assessment=turn.about,
        to="to_review" if file.state in APPROVED else file.state,
        reason_code=told.reason_code,
        reason=told.reason,
        wanted=told.wanted,
        person=told.person,
        **desk.due("returned"),  # type: ignore[arg-type]
    )


def withdraw(turn: FileTurn, told: Withdrawal) -> EntryContent:
    """The applicant or the bank withdraws an application that nothing was drawn under. Raises `Refused`."""
    check_state(turn.file, *BEFORE_DRAWN)
    turn.desk.who(told.person)
    check_code("/reason_code", told.reason_code, turn.desk.policy("loan_file.reasons").on(turn.desk.today))
    return WithdrawnEntry(
        assessment=turn.about,
        by=told.by,
        reason_code=told.reason_code,
        reason=told.reason,
        person=told.person,
    )
