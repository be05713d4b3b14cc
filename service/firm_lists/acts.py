"""A list is pushed from a screening; what became of a firm on it is told back. Both are entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
import orjson
from sqlalchemy import Connection, Engine, insert, select

from features.errors import fault
from features.policy import Policy
from models.records.calendar import add_months
from models.rules import lists
from service.access.roles import Caller
from service.assessing.assessment_index import check_places, row_of
from service.assessing.loan_files import file_of_act
from service.edge.database import in_turn
from service.edge.errors import InvalidRequest, NoSuchPush, NotAnswerable
from service.firm_lists.requests import FeedbackRequest, PushRequest
from service.firm_lists.standing import about_list, sealed_standing, titled_list
from service.firm_lists.tables import PUSH_FEEDBACK, PUSHES, PushRecord, feedback_row_of, push_id, push_row_of
from service.jobs.listing import job_record
from service.jobs.tables import JOB_ROWS
from service.ledger.append import Draft, append
from service.ledger.entry_contents import AssessmentRef, EntryRef
from service.ledger.written_kinds import FeedbackEntry, PushEntry

_GRANTED = frozenset({"granted", "contacted", "applied"})
"""Outcomes that need no reason."""


@dataclass(frozen=True)
class Listing:
    """Who acts on lists, on which day, under which policy."""

    caller: Caller
    today: date
    policy: Policy


@dataclass(frozen=True)
class _Screened:
    """A firm of a screening, whether it may stand on the list, and the last day on which that is relied upon."""

    ref: AssessmentRef
    passes: bool
    expires_on: str


def push(engine: Engine, by: Listing, told: PushRequest) -> str:
    """Enter that a list is pushed; its id. Raises `Refused`."""
    if told.list not in lists(by.policy):
        raise InvalidRequest([fault("/list", "no_list", name=told.list, lists=tuple(lists(by.policy)))])
    day = told.received_on or by.today
    if day > by.today:
        raise InvalidRequest([fault("/received_on", "ahead_of_today", today=by.today)])
    about = about_list(by.policy, told.list, day)
    if about is None:
        raise NotAnswerable("list_not_in_force", list=titled_list(by.policy, told.list), day=day)
    branch = told.branch or by.caller.place.branch
    with engine.connect() as connection:
        check_places(connection, by.caller.reach, None, told.branch)
        job = job_record(connection, told.job)
        if job.kind != "whitelist" or job.state != "done":
            raise NotAnswerable("job_no_screening")
        found = list(_screened(connection, told))
    on = [one.ref for one in found if one.passes or told.came == "received"]
    if not on:
        raise NotAnswerable("list_empty", list=titled_list(by.policy, told.list), count=len(found))
    if told.came == "screened":
        _check_fresh([one.expires_on for one in found if one.passes], day)
    content = PushEntry(
        of=told.list,
        edition=told.edition,
        received_on=day.isoformat(),
        firms=len(on),
        digest=job.digest,
        came=told.came,
        bank=by.caller.place.bank,
        branch=branch,
        expires_on=(add_months(day, about.valid_months) - timedelta(days=1)).isoformat(),
        policy=by.policy.digest,
        assessments=on,
        left=[one.ref for one in found if one.ref not in on],
    )

    def write(connection: Connection) -> str:
        entry = append(connection, [Draft.of(content, by.caller.id, bank=by.caller.place.bank)])[0]
        connection.execute(insert(PUSHES), push_row_of(content, entry, by.caller.id))
        return push_id(entry.seal)

    return in_turn(engine, write)


def feed_back(engine: Engine, by: Listing, pushed: str, told: FeedbackRequest) -> int:
    """Enter what became of a firm; the number of the entry. Raises `Refused`."""
    day = told.reported_on or by.today
    faults = []
    if told.outcome not in _GRANTED and told.reason_code is None:
        faults.append(fault("/reason_code", "reason_needed"))
    if not by.caller.person and told.person is None:
        faults.append(fault("/person", "person_missing"))
    if by.caller.person and told.person is not None:
        faults.append(fault("/person", "person_given"))

    def write(connection: Connection) -> int:
        record = push_record(connection, pushed)
        if told.assessment not in ids_of(record.assessments):
            faults.append(fault("/assessment", "not_on_list"))
        if not str(record.received_on) <= day.isoformat() <= by.today.isoformat():
            faults.append(fault("/reported_on", "override_days", first=str(record.received_on), last=by.today))
        if faults:
            raise InvalidRequest(faults)
        row = row_of(connection, told.assessment)
        file, taken_up = file_of_act(connection, row)
        content = FeedbackEntry(
            push=EntryRef(record.seq, record.seal),
            outcome=told.outcome,
            reason_code=told.reason_code,
            reason=told.reason,
            reported_on=day.isoformat(),
            assessment=AssessmentRef(row.id, row.seal),
            person=told.person,
        )
        draft = Draft.of(content, by.caller.id, firm=row.firm, bank=row.bank, file=file, taken_up=taken_up)
        entry = append(connection, [draft])[0]
        connection.execute(insert(PUSH_FEEDBACK), feedback_row_of(content, entry, by.caller.id))
        return entry.seq

    return in_turn(engine, write)


def push_record(connection: Connection, pushed: str) -> PushRecord:
    """A list that was pushed. Raises `NoSuchPush`."""
    found = connection.execute(select(PUSHES).where(PUSHES.c.id == pushed)).mappings().one_or_none()
    if found is None:
        raise NoSuchPush("no_such_push", push=pushed)
    return PushRecord(**found)


def ids_of(kept: str | None) -> Sequence[str]:
    """Ids as a row keeps them."""
    return msgspec.convert(orjson.loads(kept or "[]"), list[str])


def _screened(connection: Connection, told: PushRequest) -> list[_Screened]:
    """The firms that a job answered about, in the order of the file."""
    row = JOB_ROWS.c
    query = select(row.assessment).where(row.job == told.job, row.state == "done").order_by(row.n)
    found = []
    for identity in connection.execute(query).scalars().all():
        index = row_of(connection, str(identity))
        if index.firm is None:
            continue  # erased meanwhile
        one = sealed_standing(connection, index.id).on(told.list)
        passes = one is not None and one.outcome == "pass"
        found.append(_Screened(AssessmentRef(index.id, index.seal), passes, index.expires_on))
    return found


def _check_fresh(expire: Sequence[str], day: date) -> None:
    """Raises `NotAnswerable` where what puts a firm on the list of that day had expired by then."""
    if over := [one for one in expire if one < day.isoformat()]:
        raise NotAnswerable("screening_expired", count=len(over), first=date.fromisoformat(min(over)))
