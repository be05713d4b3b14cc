"""What is due while a loan runs: checks, reappraisal, fee days of the pledged patents; and warnings."""

from collections.abc import Iterator
from datetime import date

import msgspec

from features.errors import fault
from features.standing import latest
from models.records.working_days import DueDay, Period
from service.assessing.leaves import rows_of
from service.assessing.sealed_answer import sealed_assessment
from service.edge.errors import InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.loan_file_kinds import DueItem, MonitoredEntry, WarningEntry
from service.loan_files.record import FileTask
from service.loan_files.requests import CheckDone, ClosedWarning, PaidOut, RaisedWarning
from service.loan_files.turns import FileTurn, accounts_of, check_day, check_state

FIRST, REGULAR, REAPPRAISAL, FEE_DAY, CONDITION = "first_check", "regular_check", "reappraisal", "fee_day", "condition"
_AGAIN = {REGULAR: REGULAR, REAPPRAISAL: REAPPRAISAL}
"""What is due anew when it was done, and by which period."""


def due_items(turn: FileTurn, told: PaidOut) -> list[DueItem]:
    """What a payment makes due: a check of how the money is used; with the first payment all that is watched."""
    drawn_on = told.drawn_on
    found = [_item(FIRST, _after(turn, FIRST, drawn_on))]
    if not turn.file.drawdowns:
        found += [_item(what, _after(turn, what, drawn_on)) for what in (REGULAR, REAPPRAISAL)]
        found += _fee_days(turn, drawn_on, told.due_on)
        first = _after(turn, FIRST, drawn_on)
        found += [_item(CONDITION, first, one.rule or one.text) for one in turn.file.conditions if one.due == "after"]
    return found


def check_done(turn: FileTurn, n: int, told: CheckDone) -> EntryContent:
    """Something that was due was done; what comes back regularly is due anew. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_state(file, "drawn")
    task = _open_task(turn, n)
    if task.what == "warning":
        raise NotInTurn("task_is_warning", n=n)
    desk.who(told.person)
    last = max(date.fromisoformat(one.drawn_on) for one in file.drawdowns)
    check_day("/happened_on", told.happened_on, desk.today, last)
    again = _AGAIN.get(task.what)
    return MonitoredEntry(
        assessment=turn.about,
        n=n,
        what=task.what,
        happened_on=told.happened_on.isoformat(),
        found=told.found,
        document=told.document,
        days_late=desk.days_late(told.happened_on),
        following=None if again is None else _item(again, _after(turn, again, told.happened_on), task.subject),
        person=told.person,
    )


def warn(turn: FileTurn, told: RaisedWarning) -> EntryContent:
    """A warning, with a day and an owner. Raises `Refused`."""
    check_state(turn.file, "drawn")
    turn.desk.who(told.person, personal=False)
    if told.due_on < turn.desk.today:
        raise InvalidRequest([fault("/due_on", "before_today", today=turn.desk.today)])
    owner = accounts_of(turn, [("/owner", told.owner)])[0]
    task = FileTask(turn.file.next_task, "warning", told.code, told.due_on.isoformat(), False, owner, 0, told.level)
    return _warning(turn, task, told)


def close_warning(turn: FileTurn, n: int, told: ClosedWarning) -> EntryContent:
    """A warning is settled by its owner, or by whoever watches besides. Raises `Refused`."""
    task = _open_task(turn, n)
    if task.what != "warning":
        raise NotInTurn("task_is_no_warning", n=n)
    turn.desk.who(told.person)
    return _warning(turn, task, told)


def _warning(turn: FileTurn, task: FileTask, told: RaisedWarning | ClosedWarning) -> EntryContent:
    raised = isinstance(told, RaisedWarning)
    return WarningEntry(
        assessment=turn.about,
        n=task.n,
        state="raised" if raised else "closed",
        code=task.subject or "",
        facts={},
        level=task.level or "",
        due_on=task.due_on if raised else None,
        owner=task.owner,
        note=told.note,
        person=told.person,
    )


def _open_task(turn: FileTurn, n: int) -> FileTask:
    found = next((one for one in turn.file.tasks if one.n == n), None)
    if found is None:
        raise NotInTurn("no_such_task", n=n)
    if found.closed_seq is not None:
        raise NotInTurn("task_done", n=n)
    return found


def _after(turn: FileTurn, what: str, since: date) -> DueDay:
    periods = msgspec.convert(turn.desk.policy("loan_file.watch").on(turn.desk.today), dict[str, Period])
    return turn.desk.calendar.due(since, periods[what])


def _item(what: str, due: DueDay, subject: str | None = None) -> DueItem:
    return DueItem(what, due.day.isoformat(), due.provisional, subject)


def _fee_days(turn: FileTurn, since: date, until: date) -> Iterator[DueItem]:
    """The last day of the fee year that was paid of each pledged patent, where it lies before the loan is due."""
    rows = rows_of(sealed_assessment(turn.connection, turn.file.newest).body)
    own = (row for row in latest("collateral", rows.get("collateral", [])) if row.get("kind") == "patent")
    pledged = {row.get("item") for row in own if row.get("application") in (None, turn.file.application)}
    for row in latest("patents", rows.get("patents", [])):
        paid_to = row.get("fees_paid_to")
        if row["patent"] in pledged and isinstance(paid_to, date) and paid_to <= until:
            day = turn.desk.calendar.on(max(paid_to, since))
            yield _item(FEE_DAY, day, str(row["patent"]))
