"""How many loan files wait for each step, how many of them are late, and which steps a person may take."""

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection, case, func, not_, select

from service.access.roles import Caller, Permission, Reach
from service.assessing.loan_file_index import LOAN_FILES
from service.loan_files.record import State
from service.loan_files.tables import TASKS

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


def queues(connection: Connection, reach: Reach, today: date) -> Queues:
    """What waits within reach; states in which nobody acts are left out."""
    table, day = LOAN_FILES.c, today.isoformat()
    late = func.sum(case(((table.due_on < day) & not_(table.provisional), 1), else_=0))
    asked = select(table.state, func.count(), late).where(reach.of(LOAN_FILES), table.state.in_(STEPS))
    found = {state: Queue(number, over or 0) for state, number, over in connection.execute(asked.group_by(table.state))}
    tasks = TASKS.c
    over = func.sum(case(((tasks.due_on < day) & not_(tasks.provisional), 1), else_=0))
    open_ = select(func.count(), over).join(LOAN_FILES, table.id == tasks.file)
    open_ = open_.where(reach.of(LOAN_FILES), tasks.closed_seq.is_(None), tasks.what == "warning")
    number, overdue = connection.execute(open_).one()
    return Queues({state: found.get(state, Queue(0, 0)) for state in STEPS}, Queue(number, overdue or 0))


def waiting(connection: Connection, caller: Caller) -> int:
    """How many files within reach wait for what the caller may do."""
    states = steps_for(caller)
    wanted = select(func.count()).where(caller.reach.of(LOAN_FILES), LOAN_FILES.c.state.in_(states))
    return int(connection.execute(wanted).scalar_one()) if states else 0
