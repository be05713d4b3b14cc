"""Money leaves after another look: the drawdown desk releases, the payment is recorded."""

from datetime import timedelta

from sqlalchemy import select

from features.errors import Fault, fault
from models.records.calendar import add_months
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import DrawdownCheckEntry, PledgeRegistered, StandingItem
from service.ledger.written_kinds import ConditionProof, DrawdownEntry
from service.loan_files.advised import AdvisedAnswer, advised, worse_to_release
from service.loan_files.fulfilling import before_drawdown
from service.loan_files.record import LoanFile
from service.loan_files.registrations import check_registrations
from service.loan_files.repeating import check_new, check_seen
from service.loan_files.requests import PaidOut, Release
from service.loan_files.steps import steps_of_file
from service.loan_files.tables import DRAWDOWNS
from service.loan_files.turns import FileTurn, check_apart, check_day, check_state
from service.loan_files.watching import due_items


def release(turn: FileTurn, told: Release) -> EntryContent:
    """The drawdown desk lets an amount be paid out, or returns the file because of new facts. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_seen(turn, told, Kind.DRAWDOWN_CHECK)
    check_state(file, "to_draw", "drawn")
    who = desk.who(told.person)
    check_apart(file, who, "release")
    if file.expires_on is not None and file.expires_on < desk.today.isoformat():
        raise NotInTurn("approval_ended", expires_on=file.expires_on)
    now, before = advised(turn.connection, file.newest), advised(turn.connection, file.assessment)
    _check_fresh(turn, now)
    worse = worse_to_release(before, now, file.amount or 0)
    if worse and file.state == "drawn":
        raise NotInTurn("release_stopped", rules=tuple(worse), last=now.id)
    to = "returned" if worse else file.state
    if not worse:
        _check_conditions(file, now)
        _check_amount(file, told)
        _check_standing(turn, told, now)
        check_registrations(turn, told)
    due = desk.due(to) if worse else {"due_on": file.due_on, "provisional": file.provisional}
    return DrawdownCheckEntry(
        assessment=turn.of(now.id),
        seen=told.seen,
        as_of=now.as_of.isoformat(),
        outcome="returned" if worse else "released",
        open=worse,
        amount=0 if worse else told.amount,
        contract=told.contract,
        standing=[StandingItem(one.item, one.done_on.isoformat(), one.document) for one in told.standing],
        pledges=[
            PledgeRegistered(one.registration, one.registered_on.isoformat(), one.amount, one.maximum)
            for one in told.pledges
        ],
        to=to,
        person=told.person,
        **due,
    )


def pay_out(turn: FileTurn, told: PaidOut) -> EntryContent:
    """Money was paid out of what the desk released. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_new(turn, told, Kind.DRAWDOWN)
    check_state(file, "to_draw", "drawn")
    who = desk.who(told.person, personal=False)
    _check_payment(turn, told)
    taken = select(DRAWDOWNS.c.file).where(DRAWDOWNS.c.loan == told.loan)
    if turn.connection.execute(taken.limit(1)).first() is not None:
        raise NotInTurn("loan_taken", loan=told.loan)
    pledge = file.pledges[0] if file.pledges else None
    return DrawdownEntry(
        assessment=turn.about,
        drawn_on=told.drawn_on.isoformat(),
        amount=told.amount,
        due_on=told.due_on.isoformat(),
        by=desk.caller.name.partition(":")[2] if desk.caller.signed_in else who,
        loan=told.loan,
        registration=pledge.registration if pledge else None,
        registered_on=pledge.registered_on if pledge else None,
        conditions_met=True,
        conditions=[
            ConditionProof(one.rule or one.text, one.done_on or "", one.proof or "") for one in before_drawdown(file)
        ],
        due=due_items(turn, told),
        days_late=desk.days_late(told.drawn_on),
    )


def _check_fresh(turn: FileTurn, now: AdvisedAnswer) -> None:
    days = turn.desk.policy("authority.drawdown_check").on(turn.desk.today)
    if now.as_of < turn.desk.today - timedelta(days=days):
        raise NotInTurn("facts_stale", as_of=now.as_of, days=days, last=now.id)


def _check_conditions(file: LoanFile, now: AdvisedAnswer) -> None:
    met = {one.rule for one in file.conditions if one.state == "confirmed"} | file.waived
    new = [rule for rule in now.conditions if rule not in met]
    left = [one.rule or one.text for one in before_drawdown(file) if one.state != "confirmed"]
    if new or left:
        raise NotInTurn("conditions_left", rules=tuple(dict.fromkeys((*left, *new))))


def _check_amount(file: LoanFile, told: Release) -> None:
    approved = file.amount or 0
    if file.drawn + told.amount > approved:
        raise NotInTurn("too_much_drawn", more=told.amount, approved=approved, drawn=file.drawn)


def _check_standing(turn: FileTurn, told: Release, now: AdvisedAnswer) -> None:
    done = {one.item for one in told.standing}
    left = tuple(code for code in now.standing if code not in done)
    faults = [fault("/standing", "standing_missing", items=left)] if left else []
    faults += [
        fault(f"/standing/{place}/done_on", "ahead_of_today", today=turn.desk.today)
        for place, one in enumerate(told.standing)
        if one.done_on > turn.desk.today
    ]
    if faults:
        raise InvalidRequest(faults)


def _check_payment(turn: FileTurn, told: PaidOut) -> None:
    file, desk = turn.file, turn.desk
    checks = [one for one in steps_of_file(turn.connection, file.id) if one.kind == Kind.DRAWDOWN_CHECK]
    left = file.released - file.drawn
    if told.amount > left:
        raise NotInTurn("above_released", more=told.amount, left=max(left, 0))
    released_on = desk.day_of(checks[-1].record.at)
    days = desk.policy("authority.drawdown_check").on(desk.today)
    if told.drawn_on > released_on + timedelta(days=days):
        raise NotInTurn("release_old", released_on=released_on, days=days)
    check_day("/drawn_on", told.drawn_on, desk.today, released_on)
    faults: list[Fault] = []
    last = add_months(told.drawn_on, file.term_months or 0)
    if told.due_on <= told.drawn_on:
        faults.append(fault("/due_on", "due_before_drawn", drawn_on=told.drawn_on))
    elif told.due_on > last:
        faults.append(fault("/due_on", "due_beyond_term", last=last, months=file.term_months))
    if faults:
        raise InvalidRequest(faults)
