"""How a loan ends, by two people where money was lost or the day is long past; and acts that do not count (冲正)."""

from collections.abc import Sequence
from datetime import date, timedelta

from features.errors import Fault, fault
from features.exact import exactly
from service.edge.errors import AuthorityTooLow, InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent, EntryRef
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import ClosingEntry, CorrectionEntry
from service.ledger.written_kinds import ClosureEntry
from service.loan_files.record import LoanFile
from service.loan_files.registrations import check_still_free
from service.loan_files.repeating import check_new
from service.loan_files.requests import Correction, FileClosure
from service.loan_files.steps import EnteredAct, standing, steps_of_file, who_did
from service.loan_files.turns import FileTurn, check_day, check_state

OF_MONEY = (Kind.DRAWDOWN, Kind.CLOSING, Kind.CLOSURE)
"""Acts that a correction may reverse, the last of them first."""
_YEAR = 365


def close(turn: FileTurn, told: FileClosure) -> EntryContent:
    """The loan ended; where a second person must confirm, the first puts it forward. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_new(turn, told, Kind.CLOSURE)
    check_state(file, "drawn")
    who = desk.who(told.person)
    _check_end(turn, told)
    first = put_forward(steps_of_file(turn.connection, file.id))
    leaves: dict[str, object] = {
        "closed_on": told.closed_on.isoformat(), "outcome": told.outcome, "loss": told.loss,
        "recovered": told.recovered,
    }  # fmt: skip
    late = desk.days_late(told.closed_on)
    confirms = first is not None and who_did(first) != who
    before = leaves if first is None else {name: first.content.get(name) for name in leaves}
    if confirms and before != leaves:
        raise NotInTurn("terms_differ", names=tuple(name for name in leaves if before[name] != leaves[name]))
    if not confirms and _two_needed(turn, told):
        if first is not None and before == leaves:
            raise NotInTurn("closing_put_forward")
        return ClosingEntry(assessment=turn.about, person=told.person, days_late=late, **leaves)  # type: ignore[arg-type]
    return ClosureEntry(
        assessment=turn.about,
        by=desk.caller.name.partition(":")[2] if desk.caller.signed_in else who,
        proposed=EntryRef(first.record.entry, first.record.seal) if first is not None and confirms else None,
        days_late=late,
        **leaves,  # type: ignore[arg-type]
    )


def put_forward(steps: Sequence[EnteredAct]) -> EnteredAct | None:
    """Of the steps of a file, the end of the loan that a first person put forward, and nobody confirmed or reversed."""
    last = _last(steps)
    return last if last is not None and last.kind == Kind.CLOSING else None


def correct(turn: FileTurn, told: Correction) -> EntryContent:
    """A payment, or how the loan ended, does not count: the last such act, by another person. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_new(turn, told, Kind.CORRECTION)
    who = desk.who(told.person)
    last = _last(steps_of_file(turn.connection, file.id))
    if last is None or last.record.entry != told.entry:
        raise NotInTurn("not_last_act", entry=told.entry)
    if who_did(last) == who:
        raise NotInTurn("own_act")
    paid = last.kind == Kind.DRAWDOWN
    if paid and desk.caller.authority < file.level:
        raise AuthorityTooLow("correction_level", yours=desk.caller.authority, needs=file.level)
    done = [one.n for one in file.tasks if one.raised_seq == told.entry and one.closed_seq is not None]
    if paid and done:
        raise NotInTurn("rests_on_it", tasks=tuple(done))
    if last.kind == Kind.CLOSURE:
        check_still_free(turn)
    to = "to_draw" if paid and len(file.drawdowns) == 1 else "drawn"
    return CorrectionEntry(
        assessment=turn.about,
        reverses=EntryRef(last.record.entry, last.record.seal),
        reason=told.reason,
        right=None if told.right is None else dict(told.right),
        to=to,
        person=told.person,
        **desk.due(to),  # type: ignore[arg-type]
    )


def _last(steps: Sequence[EnteredAct]) -> EnteredAct | None:
    """The last of the acts about money that count."""
    found = [one for one in standing(steps) if one.kind in OF_MONEY]
    return found[-1] if found else None


def _two_needed(turn: FileTurn, told: FileClosure) -> bool:
    days = turn.desk.policy("loan_file.closure_late").on(turn.desk.today)
    return told.loss > 0 or told.closed_on < turn.desk.today - timedelta(days=days)


def _check_end(turn: FileTurn, told: FileClosure) -> None:
    """Raises `InvalidRequest` for a day ahead or before a payment, and for more than was drawn and could be charged."""
    last = max(date.fromisoformat(one.drawn_on) for one in turn.file.drawdowns)
    check_day("/closed_on", told.closed_on, turn.desk.today, last)
    most = _most(turn.file, told.closed_on, turn)
    faults: list[Fault] = []
    for name, amount in (("loss", told.loss), ("recovered", told.recovered or 0)):
        if amount > most:
            faults.append(fault(f"/{name}", "above_drawn_and_charged", most=most))
    if faults:
        raise InvalidRequest(faults)


def _most(file: LoanFile, closed_on: date, turn: FileTurn) -> int:
    """What was drawn, and the interest on it until the loan ended at the highest rate that a lender gets, in fen."""
    rate = exactly(turn.desk.policy("loan_file.interest_ceiling").on(turn.desk.today))
    days = ((closed_on - date.fromisoformat(one.drawn_on)).days * one.amount for one in file.drawdowns)
    return file.drawn + int(rate * sum(days) / _YEAR)
