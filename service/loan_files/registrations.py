"""Registered pledges: one number in one loan file while its loan runs, but for one up to a maximum amount with room."""

from collections.abc import Sequence

from sqlalchemy import select

from features.errors import fault
from service.assessing.loan_file_index import LOAN_FILES
from service.edge.errors import InvalidRequest, NotInTurn
from service.loan_files.record import FilePledge
from service.loan_files.requests import Release
from service.loan_files.tables import PLEDGES
from service.loan_files.turns import FileTurn

REGISTERED = "standing.pledge_registered"
"""The precondition that a pledge is registered in our name for the amount."""


def check_registrations(turn: FileTurn, told: Release) -> None:
    """Raises `InvalidRequest` or `NotInTurn` where the pledges do not secure what is released."""
    file = turn.file
    names = [one.registration for one in told.pledges]
    if len(set(names)) != len(names):
        raise InvalidRequest([fault("/pledges", "registration_twice")])
    for place, one in enumerate(told.pledges):
        if one.registered_on > turn.desk.today:
            raise InvalidRequest([fault(f"/pledges/{place}/registered_on", "ahead_of_today", today=turn.desk.today)])
        held = FilePledge(one.registration, one.registered_on.isoformat(), one.amount, one.maximum, live=True)
        _check_free(turn, held, told.amount)
    if any(one.item == REGISTERED for one in told.standing):
        secured = {one.registration: one.amount or 0 for one in file.pledges}
        secured |= {one.registration: one.amount for one in told.pledges}
        most, needed = sum(secured.values()), file.drawn + told.amount
        if most < needed:
            raise NotInTurn("pledge_too_small", secured=most, needed=needed)


def check_still_free(turn: FileTurn) -> None:
    """Raises `NotInTurn` where another file took a registration of the file since its loan had ended."""
    for one in turn.file.pledges:
        _check_free(turn, one, 0)


def _check_free(turn: FileTurn, pledge: FilePledge, more: int) -> None:
    table, files = PLEDGES.c, LOAN_FILES.c
    held = (
        select(table.maximum, table.amount, files.released)
        .join(LOAN_FILES, files.id == table.file)
        .where(table.registration == pledge.registration, table.live, table.file != turn.file.id)
    )
    others: Sequence[object] = turn.connection.execute(held).all()
    if not others:
        return
    if not pledge.maximum or not all(one.maximum for one in others):  # type: ignore[attr-defined]
        raise NotInTurn("registration_taken", registration=pledge.registration)
    used = sum(one.released for one in others) + turn.file.drawn  # type: ignore[attr-defined]
    least = min([pledge.amount or 0, *(one.amount or 0 for one in others)])  # type: ignore[attr-defined]
    if used + more > least:
        raise NotInTurn("no_room", registration=pledge.registration, room=max(least - used, 0), more=more)
