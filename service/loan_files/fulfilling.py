"""Conditions of an approval: done with a proof, the advised ones by running their rule again, confirmed by another.

What was supplied may show more than was hoped: where anything blocks, is newly to be weighed, or lowers the limit below
what was approved, the file goes back to the officers instead.
"""

from typing import Literal

from service.edge.errors import NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.loan_file_kinds import ConditionMetEntry
from service.loan_files.advised import AdvisedAnswer, advised, worse_than
from service.loan_files.record import FileCondition, LoanFile, State
from service.loan_files.requests import ConditionCheck, ConditionDone
from service.loan_files.turns import FileTurn, assessment_in_file, check_day, check_state


def fulfil(turn: FileTurn, n: int, told: ConditionDone) -> EntryContent:
    """A condition is done, or the file goes back because of what its proof shows. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_state(file, "to_fulfil")
    one = condition_of(file, n)
    if one.state != "open":
        raise NotInTurn("condition_done", n=n)
    desk.who(told.person)
    check_day("/happened_on", told.happened_on, desk.today)
    worse = _run_again(turn, one, told) if one.rule is not None else []
    outcome: Literal["returned", "done"] = "returned" if worse else "done"
    to: State = "returned" if worse else "to_fulfil"
    return ConditionMetEntry(
        assessment=turn.about,
        condition=one.rule or one.text,
        n=n,
        outcome=outcome,
        happened_on=told.happened_on.isoformat(),
        document=told.document,
        proof=told.proof,
        rerun=None if one.rule is None else turn.of(file.newest),
        worse=worse,
        days_late=desk.days_late(told.happened_on),
        to=to,
        person=told.person,
        **(desk.due("returned") if worse else {"due_on": file.due_on, "provisional": file.provisional}),
    )


def confirm(turn: FileTurn, n: int, told: ConditionCheck) -> EntryContent:
    """A second person confirms that a condition is done; after the last one money may be released. Raises `Refused`."""
    file, desk = turn.file, turn.desk
    check_state(file, "to_fulfil")
    one = condition_of(file, n)
    if one.state != "done":
        raise NotInTurn("condition_not_done", n=n)
    if desk.who(told.person) == one.done_by:
        raise NotInTurn("same_person_twice")
    others = [other for other in before_drawdown(file) if other.n != n and other.state != "confirmed"]
    to: State = "to_fulfil" if others else "to_draw"
    due = {"due_on": file.due_on, "provisional": file.provisional} if others else desk.due(to)
    return ConditionMetEntry(
        assessment=turn.about,
        condition=one.rule or one.text,
        n=n,
        outcome="confirmed",
        happened_on=one.done_on or desk.today.isoformat(),
        document=one.document,
        proof=told.proof,
        rerun=None if one.rerun is None else turn.of(one.rerun),
        worse=[],
        days_late=0,
        to=to,
        person=told.person,
        **due,
    )


def condition_of(file: LoanFile, n: int) -> FileCondition:
    """The condition of that number. Raises `NotInTurn`."""
    found = next((one for one in file.conditions if one.n == n), None)
    if found is None:
        raise NotInTurn("no_such_condition", n=n)
    return found


def before_drawdown(file: LoanFile) -> list[FileCondition]:
    """The conditions that must be met before money leaves."""
    return [one for one in file.conditions if one.due != "after"]


def _run_again(turn: FileTurn, one: FileCondition, told: ConditionDone) -> list[str]:
    """What the newest assessment finds worse than what was approved. Raises `NotInTurn` where the rule fails again."""
    file = turn.file
    if told.assessment is None:
        raise NotInTurn("rerun_missing", rule=one.rule)
    assessment_in_file(turn, told.assessment)
    if told.assessment != file.newest:
        raise NotInTurn("assessment_not_newest", last=file.newest)
    if told.assessment == file.assessment:
        raise NotInTurn("assessment_not_new")
    now = advised(turn.connection, told.assessment)
    worse = worse_than(advised(turn.connection, file.assessment), now, file.amount or 0)
    if not worse and one.rule in _open_rules(now):
        raise NotInTurn("condition_fails_again", rule=one.rule, last=told.assessment)
    return worse


def _open_rules(now: AdvisedAnswer) -> set[str]:
    """The rules that still ask for something before drawdown, or more."""
    weighs = ("blocks", "refer", "before_drawdown")
    return {one.rule for one in now.weighing if one.effect in weighs} | set(now.conditions)
