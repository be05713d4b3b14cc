"""What is looked at again before money leaves: that the approval stands, fresh facts, and every condition."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np

from features.days import plus_months
from features.errors import Fault, fault
from features.policy import Policy
from service.decisions.decision import advised
from service.decisions.requests import Drawdown
from service.edge.errors import InvalidRequest, NotDecidable

_ORDER = ("advise_against", "refer", "recommend")


def check_drawdown(
    drawdown: Drawdown,
    approved: Mapping[str, Any],
    latest: Mapping[str, Any],
    acts: Sequence[Mapping[str, Any]],
    policy: Policy,
    today: date,
) -> None:
    """Raises `NotDecidable` or `InvalidRequest`, naming what stands against the drawdown.

    `approved` is the answer that was decided on, `latest` the bank's newest about the same application (often the same
    one), `acts` what was done so far.
    """
    decision = [act for act in acts if act["kind"] == "decision"][-1]
    _check_days(drawdown, decision, today)
    _check_money(drawdown, decision, acts)
    _check_fresh(latest, policy, today)
    _check_status(approved, latest)
    _check_registration(drawdown, approved)
    _check_conditions(drawdown, decision, approved, latest)


def _check_days(drawdown: Drawdown, decision: Mapping[str, Any], today: date) -> None:
    faults: list[Fault] = []
    if drawdown.drawn_on > today:
        faults.append(fault("/drawn_on", "ahead_of_today", today=today))
    if drawdown.due_on <= drawdown.drawn_on:
        faults.append(fault("/due_on", "due_before_drawn", drawn_on=drawdown.drawn_on))
    elif drawdown.due_on > (last := months_after(drawdown.drawn_on, decision["term_months"])):
        faults.append(fault("/due_on", "due_beyond_term", last=last, months=decision["term_months"]))
    if faults:
        raise InvalidRequest(faults)
    ends = decision.get("expires_on")
    if ends is not None and ends < today.isoformat():
        raise NotDecidable("approval_ended", expires_on=ends)


def _check_money(drawdown: Drawdown, decision: Mapping[str, Any], acts: Sequence[Mapping[str, Any]]) -> None:
    drawn = sum(act["amount"] for act in acts if act["kind"] == "drawdown")
    if drawn + drawdown.amount > decision["amount"]:
        raise NotDecidable(
            "too_much_drawn",
            more=drawdown.amount,
            approved=decision["amount"],
            drawn=drawn,
        )


def _check_fresh(latest: Mapping[str, Any], policy: Policy, today: date) -> None:
    days = policy("authority.drawdown_check").on(today)
    if date.fromisoformat(latest["as_of"]) < today - timedelta(days=days):
        raise NotDecidable(
            "facts_stale",
            as_of=latest["as_of"],
            days=days,
            last=latest["id"],
        )


def _check_status(approved: Mapping[str, Any], latest: Mapping[str, Any]) -> None:
    before, now = (_rank(answer) for answer in (approved, latest))
    if now < before:
        raise NotDecidable("advice_worse", last=latest["id"])
    lost = sorted(_pledgeable(approved) & _dropped(latest))
    if lost:
        raise NotDecidable("no_longer_pledgeable", patents=tuple(lost), last=latest["id"])


def _check_registration(drawdown: Drawdown, approved: Mapping[str, Any]) -> None:
    faults: list[Fault] = []
    if approved.get("patents"):
        absent = [name for name in ("registration", "registered_on") if getattr(drawdown, name) is None]
        faults = [fault(f"/{name}", "registration_missing") for name in absent]
    if drawdown.registered_on is not None and drawdown.registered_on > drawdown.drawn_on:
        faults.append(fault("/registered_on", "registered_after_drawn"))
    if faults:
        raise InvalidRequest(faults)


def _check_conditions(
    drawdown: Drawdown, decision: Mapping[str, Any], approved: Mapping[str, Any], latest: Mapping[str, Any]
) -> None:
    waived = {one["rule"] for one in decision.get("waived", ())}
    asked = [*advised(approved), *decision.get("conditions", ()), *advised(latest)]
    met = {one.condition for one in drawdown.conditions}
    left = [condition for condition in dict.fromkeys(asked) if condition not in waived | met]
    if left or not drawdown.conditions_met:
        raise NotDecidable("conditions_open", open=tuple(left))


def months_after(day: date, months: int) -> date:
    """The day so many calendar months later."""
    return date.fromordinal(int(plus_months(np.array([day.toordinal()], dtype=np.float64), months)[0]))


def _rank(answer: Mapping[str, Any]) -> int:
    told = answer.get("recommendation")
    return _ORDER.index(told["advice"]) if told else _ORDER.index("refer")


def _pledgeable(answer: Mapping[str, Any]) -> set[str]:
    return {one["patent"] for one in answer.get("patents", ()) if one["pledgeable"] is not False}


def _dropped(answer: Mapping[str, Any]) -> set[str]:
    return {one["patent"] for one in answer.get("patents", ()) if one["pledgeable"] is False}
