"""Whoever has the authority approves, within what the committee passed, or declines."""

from collections.abc import Sequence
from datetime import date, timedelta

import msgspec
from msgspec import json

from features.errors import fault
from service.edge.errors import AuthorityTooLow, InvalidRequest, NotInTurn
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import ApprovalEntry, OwnCondition, SignaturePlace
from service.loan_files.advised import AdvisedAnswer, advised
from service.loan_files.authority import Authority, committee_sits
from service.loan_files.record import State
from service.loan_files.repeating import check_seen
from service.loan_files.requests import Approved, Declined
from service.loan_files.steps import EnteredAct, steps_of_file
from service.loan_files.terms import check_not_expired, check_within, leaves_of_terms, own_conditions, weighed
from service.loan_files.turns import FileTurn, check_apart, check_code, check_not_asker, check_state

_SAME = ("amount", "term_months", "rate", "conditions", "waives", "expires_on")
"""What a second signature may not change."""


def approve(turn: FileTurn, told: Approved | Declined) -> EntryContent:
    """A person with the authority approves or declines. Raises `Refused`."""
    check_seen(turn, told, Kind.APPROVAL)
    check_state(turn.file, "to_approve")
    who = turn.desk.who(told.person)
    check_apart(turn.file, who, "approve")
    check_not_asker(turn, who)
    return _declined(turn, told) if isinstance(told, Declined) else _approved(turn, told, who)


def _declined(turn: FileTurn, told: Declined) -> EntryContent:
    desk = turn.desk
    least = int(desk.policy("authority.decline_level").on(desk.today))
    if desk.caller.authority < least:
        raise AuthorityTooLow("level_too_low", yours=desk.caller.authority, needs=least, stands="declined")
    check_code("/reason_code", told.reason_code, desk.policy("loan_file.reasons").on(desk.today))
    return ApprovalEntry(
        assessment=turn.about,
        seen=told.seen,
        outcome="declined",
        amount=None,
        term_months=None,
        rate=None,
        conditions=[],
        waives=[],
        stands="declined",
        better_in=[],
        counted=None,
        level=least,
        reason_code=told.reason_code,
        reason=told.reason,
        authority=desk.caller.authority,
        signature=SignaturePlace(1, 1),
        advised=[],
        policy=desk.policy.digest,
        expires_on=desk.today.isoformat(),
        to="declined",
        due_on=None,
        provisional=False,
        person=told.person,
    )


def _approved(turn: FileTurn, told: Approved, who: str) -> EntryContent:
    file, desk = turn.file, turn.desk
    answer = advised(turn.connection, file.assessment)
    check_not_expired(answer, desk.today)
    terms, authority = weighed(turn, told, answer)
    if file.cap is None and committee_sits(authority.level, answer, terms.waives):
        raise NotInTurn("committee_needed", level=authority.level.level)
    check_within(terms, file.cap, file.cap_months, "above_committee")
    check_within(terms, file.amount, file.term_months, "above_proposal")
    _check_reasons(turn, told, authority)
    _check_level(turn, authority)
    steps = steps_of_file(turn.connection, file.id)
    expires_on = _expires_on(turn, told, answer, authority)
    conditions = own_conditions(told.conditions, _set_before(steps))
    leaves = {**leaves_of_terms(told, authority), "conditions": conditions, "expires_on": expires_on.isoformat()}
    place = SignaturePlace(file.signatures + 1, authority.level.signatures)
    if file.signatures:
        _check_same([one for one in steps if one.kind == Kind.APPROVAL][-1], leaves, turn, who)
    to = _to(conditions, terms.waives, answer) if place.n == place.of else "to_approve"
    return ApprovalEntry(
        assessment=turn.about,
        seen=told.seen,
        outcome="approved",
        reason_code=told.reason_code,
        reason=told.reason,
        authority=desk.caller.authority,
        signature=place,
        advised=answer.conditions,
        policy=desk.policy.digest,
        to=to,
        person=told.person,
        **desk.due(to),  # type: ignore[arg-type]
        **leaves,  # type: ignore[arg-type]
    )


def _check_reasons(turn: FileTurn, told: Approved, authority: Authority) -> None:
    """Better than advised needs a reason, its code and an end. Raises `InvalidRequest`."""
    codes = turn.desk.policy("authority.reason_codes").on(turn.desk.today)
    check_code("/reason_code", told.reason_code, codes)
    if authority.stands == "better":
        absent = [name for name in ("reason", "reason_code", "expires_on") if getattr(told, name) is None]
        if absent:
            raise InvalidRequest(
                [
                    fault(f"/{name}", "needed_for_standing", stands="better", better_in=authority.better_in)
                    for name in absent
                ]
            )


def _check_level(turn: FileTurn, authority: Authority) -> None:
    yours = turn.desk.caller.authority
    if yours < authority.level.level:
        raise AuthorityTooLow("level_too_low", yours=yours, needs=authority.level.level, stands=authority.stands)


def _expires_on(turn: FileTurn, told: Approved, answer: AdvisedAnswer, authority: Authority) -> date:
    """The last day to draw: no later than the assessment may be relied on, and of what is better than a while."""
    today = turn.desk.today
    last = answer.expires_on
    if authority.stands == "better":
        last = min(last, today + timedelta(days=turn.desk.policy("authority.longest_override").on(today)))
    found = told.expires_on or last
    if not today <= found <= last:
        raise InvalidRequest([fault("/expires_on", "override_days", first=today, last=last)])
    return found


def _set_before(steps: Sequence[EnteredAct]) -> list[OwnCondition]:
    """The conditions that reviewer and committee set since the last submission: an approval keeps them."""
    last = max(place for place, one in enumerate(steps) if one.kind == Kind.SUBMITTED)
    since = [one for one in steps[last:] if one.kind in (Kind.REVIEWED, Kind.MINUTES)]
    kept = [one for one in since if one.content.get("outcome") in ("agreed", "agreed_with_conditions", "passed")]
    return [one for step in kept for one in msgspec.convert(step.content["conditions"], list[OwnCondition])]


def _check_same(signed: EnteredAct, leaves: dict[str, object], turn: FileTurn, who: str) -> None:
    """Raises `NotInTurn` where the one who signed before signs again, or the terms are others."""
    first = signed.content.get("person") or signed.actor
    if first == who:
        raise NotInTurn("signed_already")
    before: dict[str, object] = {name: _in_order(signed.content.get(name)) for name in _SAME} | {"rate": turn.file.rate}
    now: dict[str, object] = {name: _in_order(msgspec.to_builtins(leaves[name])) for name in _SAME}
    if before != now:
        raise NotInTurn("terms_differ", names=tuple(name for name in _SAME if before[name] != now[name]))


def _in_order(told: object) -> object:
    """Conditions, or what is set aside, whichever was told first."""
    return sorted(told, key=lambda one: json.encode(one, order="deterministic")) if isinstance(told, list) else told


def _to(conditions: Sequence[OwnCondition], waived: frozenset[str], answer: AdvisedAnswer) -> State:
    """A file without open conditions passes their step at once."""
    open_ = set(answer.conditions) - waived or any(one.due != "after" for one in conditions)
    return "to_fulfil" if open_ else "to_draw"
