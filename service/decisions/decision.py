"""A person's decision against the advice: how it stands to it, what that needs, and that it is made on what was seen.

Worse than advised is free with a reason. Better than advised needs a reason's code and text, an end, and a person of
higher authority. Nobody decides on what they asked for themselves.
"""

import hmac
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from features.errors import Fault, fault
from features.policy import Policy
from service.access.roles import Caller
from service.decisions.dossier import Dossier
from service.decisions.requests import Decision
from service.edge.errors import AuthorityTooLow, InvalidRequest, NotDecidable, OwnQuestion, SeenChanged
from service.loan_files.advised import AdvisedAnswer

Stands = Literal["as_advised", "worse", "referred", "better", "withdrawn"]


@dataclass(frozen=True)
class Standing:
    """How a decision stands to the advice, and in what it is more favourable than it."""

    word: Stands
    better_in: tuple[str, ...] = ()


def standing(decision: Decision, answer: AdvisedAnswer) -> Standing:
    """How the decision stands to the advice of the answer."""
    advice = answer.advice
    if decision.outcome == "withdraw":
        return Standing("withdrawn")
    if decision.outcome != "approve":
        return Standing("worse" if advice == "recommend" else "referred" if advice is None else "as_advised")
    limit, term = answer.most, answer.longest
    more = {
        "advice": advice == "advise_against",
        "amount": limit is not None and (decision.amount or 0) > limit,
        "term": term is not None and (decision.term_months or 0) > term,
        "conditions": bool(decision.waived),
    }
    better = tuple(name for name, is_more in more.items() if is_more)
    if better:
        return Standing("better", better)
    return Standing("as_advised" if advice == "recommend" else "referred")


def check_decision(decision: Decision, dossier: Dossier, caller: Caller, policy: Policy, today: date) -> Standing:
    """How the decision stands to the advice. Raises `Refused` where it may not be made like this, or by this person."""
    found = standing(decision, dossier.answer)
    _check_person(decision, dossier, caller)
    _check_seen(decision, dossier, caller)
    faults = _absent(decision, found) + _strange(decision, dossier.answer, found, policy, today)
    if faults:
        raise InvalidRequest(faults)
    least = policy("authority.decision").on(today).get(found.word, 0)
    if caller.authority < least:
        raise AuthorityTooLow(
            "authority_too_low",
            yours=caller.authority,
            stands=found.word,
            better_in=tuple(found.better_in),
            needs=least,
        )
    return found


def _check_person(decision: Decision, dossier: Dossier, caller: Caller) -> None:
    if not caller.signed_in:
        if decision.decider is None:
            raise InvalidRequest([fault("/decider", "decider_missing")])
        return
    if not caller.person:
        raise NotDecidable("person_decides")
    if decision.decider not in (None, caller.name.removeprefix("user:")):
        raise InvalidRequest([fault("/decider", "decider_given")])
    if dossier.asked_by in (caller.id, caller.name):  # entries of form 1 tell the name
        raise OwnQuestion("own_question")


def _check_seen(decision: Decision, dossier: Dossier, caller: Caller) -> None:
    if decision.seen is None:
        if caller.signed_in:
            raise InvalidRequest([fault("/seen", "seen_missing")])
    elif not hmac.compare_digest(decision.seen, dossier.digest):
        raise SeenChanged("seen_changed")


def _absent(decision: Decision, found: Standing) -> list[Fault]:
    """What the decision lacks, as faults."""
    needed: list[str] = []
    if decision.outcome == "approve":
        needed += ["amount", "term_months"]
    if found.word == "worse":
        needed += ["reason"]
    if found.word == "better":
        needed += ["reason", "reason_code", "expires_on"]
    absent = [name for name in needed if getattr(decision, name) is None]
    return [
        fault(f"/{name}", "needed_to_approve")
        if name in ("amount", "term_months")
        else fault(f"/{name}", "needed_for_standing", stands=found.word, better_in=tuple(found.better_in))
        for name in absent
    ]


def _strange(decision: Decision, answer: AdvisedAnswer, found: Standing, policy: Policy, today: date) -> list[Fault]:
    """What the decision says that cannot be, as faults."""
    faults: list[Fault] = []
    codes = policy("authority.reason_codes").on(today)
    if decision.reason_code is not None and decision.reason_code not in codes:
        faults.append(fault("/reason_code", "reason_code_unknown", codes=tuple(codes)))
    unknown = [one.rule for one in decision.waived if one.rule not in answer.conditions]
    if unknown:
        faults.append(fault("/waived", "waived_unknown", rules=tuple(unknown)))
    last = today + timedelta(days=policy("authority.longest_override").on(today))
    if found.word == "better" and decision.expires_on is not None and not today <= decision.expires_on <= last:
        faults.append(fault("/expires_on", "override_days", first=today, last=last))
    return faults
