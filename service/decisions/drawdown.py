"""What is looked at again before money leaves: that the approval stands, fresh facts, and every condition."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
import numpy as np

from features.days import plus_months
from features.errors import Fault, fault
from features.policy import Policy
from service.decisions.requests import Drawdown
from service.edge.errors import InvalidRequest, NotDecidable
from service.ledger.kinds import Kind
from service.loan_files.advised import AdvisedAnswer, AdvisedCondition
from service.loan_files.steps import EnteredAct

_ORDER = ("advise_against", "refer", "recommend")


class Approval(msgspec.Struct, frozen=True):
    """Of a decision that approves, what a drawdown is held against; amount in fen."""

    amount: int
    term_months: int
    expires_on: date | None = None
    waived: tuple[AdvisedCondition, ...] = ()
    conditions: tuple[str, ...] = ()


class Drawn(msgspec.Struct, frozen=True):
    """How much was paid out before, fen."""

    amount: int


def check_drawdown(
    drawdown: Drawdown,
    approved: AdvisedAnswer,
    latest: AdvisedAnswer,
    acts: Sequence[EnteredAct],
    policy: Policy,
    today: date,
) -> None:
    """Raises `NotDecidable` or `InvalidRequest`, naming what stands against the drawdown.

    `approved` is the answer that was decided on, `latest` the bank's newest about the same application (often the same
    one), `acts` what was done so far.
    """
    decided = [act for act in acts if act.kind == Kind.DECISION][-1]
    approval = msgspec.convert(decided.content, Approval)
    _check_days(drawdown, approval, today)
    _check_money(drawdown, approval, acts)
    _check_fresh(latest, policy, today)
    _check_status(approved, latest)
    _check_registration(drawdown, approved)
    _check_conditions(drawdown, approval, approved, latest)


def _check_days(drawdown: Drawdown, approval: Approval, today: date) -> None:
    faults: list[Fault] = []
    if drawdown.drawn_on > today:
        faults.append(fault("/drawn_on", "ahead_of_today", today=today))
    if drawdown.due_on <= drawdown.drawn_on:
        faults.append(fault("/due_on", "due_before_drawn", drawn_on=drawdown.drawn_on))
    elif drawdown.due_on > (last := months_after(drawdown.drawn_on, approval.term_months)):
        faults.append(fault("/due_on", "due_beyond_term", last=last, months=approval.term_months))
    if faults:
        raise InvalidRequest(faults)
    if approval.expires_on is not None and approval.expires_on < today:
        raise NotDecidable("approval_ended", expires_on=approval.expires_on)


def _check_money(drawdown: Drawdown, approval: Approval, acts: Sequence[EnteredAct]) -> None:
    drawn = sum(msgspec.convert(act.content, Drawn).amount for act in acts if act.kind == Kind.DRAWDOWN)
    if drawn + drawdown.amount > approval.amount:
        raise NotDecidable(
            "too_much_drawn",
            more=drawdown.amount,
            approved=approval.amount,
            drawn=drawn,
        )


def _check_fresh(latest: AdvisedAnswer, policy: Policy, today: date) -> None:
    days = policy("authority.drawdown_check").on(today)
    if latest.as_of < today - timedelta(days=days):
        raise NotDecidable(
            "facts_stale",
            as_of=latest.as_of,
            days=days,
            last=latest.id,
        )


def _check_status(approved: AdvisedAnswer, latest: AdvisedAnswer) -> None:
    before, now = (_rank(answer) for answer in (approved, latest))
    if now < before:
        raise NotDecidable("advice_worse", last=latest.id)
    lost = sorted(_pledgeable(approved) & _dropped(latest))
    if lost:
        raise NotDecidable("no_longer_pledgeable", patents=tuple(lost), last=latest.id)


def _check_registration(drawdown: Drawdown, approved: AdvisedAnswer) -> None:
    faults: list[Fault] = []
    if approved.patents:
        absent = [name for name in ("registration", "registered_on") if getattr(drawdown, name) is None]
        faults = [fault(f"/{name}", "registration_missing") for name in absent]
    if drawdown.registered_on is not None and drawdown.registered_on > drawdown.drawn_on:
        faults.append(fault("/registered_on", "registered_after_drawn"))
    if faults:
        raise InvalidRequest(faults)


def _check_conditions(drawdown: Drawdown, approval: Approval, approved: AdvisedAnswer, latest: AdvisedAnswer) -> None:
    waived = {one.rule for one in approval.waived}
    asked = [*approved.conditions, *approval.conditions, *latest.conditions]
    met = {one.condition for one in drawdown.conditions}
    left = [condition for condition in dict.fromkeys(asked) if condition not in waived | met]
    if left or not drawdown.conditions_met:
        raise NotDecidable("conditions_open", open=tuple(left))


def months_after(day: date, months: int) -> date:
    """The day so many calendar months later."""
    return date.fromordinal(int(plus_months(np.array([day.toordinal()], dtype=np.float64), months)[0]))


def _rank(answer: AdvisedAnswer) -> int:
    return _ORDER.index(answer.advice or "refer")


def _pledgeable(answer: AdvisedAnswer) -> set[str]:
    return {one.patent for one in answer.patents if one.pledgeable is not False}


def _dropped(answer: AdvisedAnswer) -> set[str]:
    return {one.patent for one in answer.patents if one.pledgeable is False}
