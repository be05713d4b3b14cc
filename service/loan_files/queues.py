"""How many loan files wait for each step, how many of them are late, and which of them a person may move on."""

from collections.abc import Mapping
from datetime import date
from typing import get_args

import msgspec
from sqlalchemy import ColumnElement, Connection, case, false, func, not_, or_, select

from service.access.roles import Caller, Permission, Reach
from service.assessing.loan_file_index import LOAN_FILES
from service.loan_files.record import Duty, State
from service.loan_files.tables import CONDITIONS, DUTIES, TASKS, VOTES

STEPS: Mapping[State, tuple[Permission, ...]] = {
    "draft": ("submit",),
    "returned": ("submit",),
    "to_review": ("review",),
    "to_committee": ("vote", "minute"),
    "to_approve": ("decide",),
    "to_fulfil": ("submit", "confirm"),
    "to_draw": ("release", "draw"),
}
"""By what a file waits for, what one must be allowed to do to move it on."""


class Queue(msgspec.Struct, frozen=True):
    """So many files, or warnings; of them so many are late. By a provisional day nobody is."""

    number: int
    late: int


class Queues(msgspec.Struct, frozen=True):
    """The files within reach by what they wait for, and the warnings that are open."""

    files: Mapping[State, Queue]
    warnings: Queue


def steps_for(caller: Caller) -> list[State]:
    """The states that the caller may move a file on from."""
    return [state for state, needs in STEPS.items() if caller.may.intersection(needs)]


def own_files(caller: Caller) -> ColumnElement[bool]:
    """The files that the caller may move on now: by the step, by the authority, and by no duty held in the file.

    Where nobody signs in nobody is known, so steps alone count.
    """
    files, may = LOAN_FILES.c, caller.may
    if not caller.signed_in:
        return files.state.in_(steps_for(caller))
    told: list[tuple[Permission, State, ColumnElement[bool]]] = [
        ("submit", "draft", _apart(caller, "investigate")),
        ("submit", "returned", _apart(caller, "investigate")),
        ("review", "to_review", _apart(caller, "review")),
        ("vote", "to_committee", _apart(caller, "vote") & ~_voted(caller)),
        ("minute", "to_committee", ~_holds(caller, "investigate")),
        ("decide", "to_approve", _apart(caller, "approve") & ~_signed(caller) & (files.level <= caller.authority)),
        ("submit", "to_fulfil", _condition(CONDITIONS.c.state == "open")),
        ("confirm", "to_fulfil", _condition(CONDITIONS.c.state == "done", CONDITIONS.c.done_by != caller.id)),
        ("release", "to_draw", _apart(caller, "release") & (files.released <= files.drawn)),
        ("draw", "to_draw", files.released > files.drawn),
    ]
    return or_(false(), *((files.state == state) & when for needs, state, when in told if needs in may))


def _holds(caller: Caller, *duties: Duty) -> ColumnElement[bool]:
    table = DUTIES.c
    found = select(table.file).where(table.file == LOAN_FILES.c.id, table.account == caller.id, table.duty.in_(duties))
    return found.exists()


def _apart(caller: Caller, duty: Duty) -> ColumnElement[bool]:
    """Whether the caller holds no other duty in the file."""
    return ~_holds(caller, *(one for one in get_args(Duty) if one != duty))


def _voted(caller: Caller) -> ColumnElement[bool]:
    table, files = VOTES.c, LOAN_FILES.c
    own = (table.file == files.id, table.round == files.round, table.member == caller.id)
    return select(table.file).where(*own).exists()


def _signed(caller: Caller) -> ColumnElement[bool]:
    """Whether the caller's signature is one of those that stand."""
    return (LOAN_FILES.c.signatures > 0) & _holds(caller, "approve")


def _condition(*which: ColumnElement[bool]) -> ColumnElement[bool]:
    table = CONDITIONS.c
    return select(table.file).where(table.file == LOAN_FILES.c.id, table.due != "after", *which).exists()


def own_queue(connection: Connection, caller: Caller, today: date) -> Queue:
    """How many files within reach the caller may move on now, and how many of them are late."""
    wanted = select(func.count(), _late(today)).where(caller.reach.of(LOAN_FILES), own_files(caller))
    number, late = connection.execute(wanted).one()
    return Queue(number, late or 0)


def _late(today: date) -> ColumnElement[int]:
    table = LOAN_FILES.c
    return func.sum(case(((table.due_on < today.isoformat()) & not_(table.provisional), 1), else_=0))


def queues(connection: Connection, reach: Reach, today: date) -> Queues:
    """What waits within reach; states in which nobody acts are left out."""
    table, day = LOAN_FILES.c, today.isoformat()
    asked = select(table.state, func.count(), _late(today)).where(reach.of(LOAN_FILES), table.state.in_(STEPS))
    found = {state: Queue(number, over or 0) for state, number, over in connection.execute(asked.group_by(table.state))}
    tasks = TASKS.c
    over = func.sum(case(((tasks.due_on < day) & not_(tasks.provisional), 1), else_=0))
    open_ = select(func.count(), over).join(LOAN_FILES, table.id == tasks.file)
    open_ = open_.where(reach.of(LOAN_FILES), tasks.closed_seq.is_(None), tasks.what == "warning")
    number, overdue = connection.execute(open_).one()
    return Queues({state: found.get(state, Queue(0, 0)) for state in STEPS}, Queue(number, overdue or 0))


def waiting(connection: Connection, caller: Caller) -> int:
    """How many files within reach wait for the caller."""
    wanted = select(func.count()).where(caller.reach.of(LOAN_FILES), own_files(caller))
    return int(connection.execute(wanted).scalar_one())
