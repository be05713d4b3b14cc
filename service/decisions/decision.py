"""A person's decision against the advice: how it stands to it, what that needs, and that it is made on what was seen.

Worse than advised is free with a reason. Better than advised needs a reason's code and text, an end, and a person of
higher authority. Nobody decides on what they asked for themselves.
"""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Literal

from features.errors import Fault, fault
from features.policy import Policy
from service.access.roles import Caller
from service.decisions.requests import Decision
from service.edge.errors import AuthorityTooLow, InvalidRequest, NotDecidable, OwnQuestion, SeenChanged
from service.ledger.canonical import canonical

Stands = Literal["as_advised", "worse", "referred", "better", "withdrawn"]


@dataclass(frozen=True)
class Standing:
    """How a decision stands to the advice, and in what it is more favourable than it."""

    word: Stands
    better_in: tuple[str, ...] = ()


@dataclass(frozen=True)
class Dossier:
    """What whoever decides has before them: the answer, what was done since, what was asked about the firm later."""

    seal: str
    answer: Mapping[str, Any]
    acts: Sequence[Mapping[str, Any]]
    later: Sequence[Mapping[str, Any]]
    asked_by: str

    @property
    def digest(self) -> str:
        """SHA-256 over the seals of all of it: another act or assessment makes another digest."""
        seals = [self.seal, [act["record"]["seal"] for act in self.acts], [one["seal"] for one in self.later]]
        return sha256(canonical(seals)).hexdigest()

    def told(self) -> dict[str, Any]:
        """All of it as plain values, with the digest that a decision names as `seen`."""
        return {
            "assessment": self.answer["id"],
            "seal": self.seal,
            "asked_by": self.asked_by,
            "advice": _advice(self.answer),
            "limit": _limit(self.answer),
            "term_months": _term(self.answer),
            "conditions": advised(self.answer),
            "expires_on": self.answer["expires_on"],
            "acts": list(self.acts),
            "later": list(self.later),
            "digest": self.digest,
        }


def advised(answer: Mapping[str, Any]) -> list[str]:
    """The rules whose conditions the advice sets before drawdown, each once."""
    told = answer.get("recommendation") or {"conditions": []}
    return list(dict.fromkeys(condition["rule"] for condition in told["conditions"]))


def standing(decision: Decision, answer: Mapping[str, Any]) -> Standing:
    """How the decision stands to the advice of the answer."""
    advice = _advice(answer)
    if decision.outcome == "withdraw":
        return Standing("withdrawn")
    if decision.outcome != "approve":
        return Standing("worse" if advice == "recommend" else "referred" if advice is None else "as_advised")
    limit, term = _limit(answer), _term(answer)
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


def _strange(
    decision: Decision, answer: Mapping[str, Any], found: Standing, policy: Policy, today: date
) -> list[Fault]:
    """What the decision says that cannot be, as faults."""
    faults: list[Fault] = []
    codes = policy("authority.reason_codes").on(today)
    if decision.reason_code is not None and decision.reason_code not in codes:
        faults.append(fault("/reason_code", "reason_code_unknown", codes=tuple(codes)))
    unknown = [one.rule for one in decision.waived if one.rule not in advised(answer)]
    if unknown:
        faults.append(fault("/waived", "waived_unknown", rules=tuple(unknown)))
    last = today + timedelta(days=policy("authority.longest_override").on(today))
    if found.word == "better" and decision.expires_on is not None and not today <= decision.expires_on <= last:
        faults.append(fault("/expires_on", "override_days", first=today, last=last))
    return faults


def _advice(answer: Mapping[str, Any]) -> str | None:
    told = answer.get("recommendation")
    return None if told is None else told["advice"]


def _limit(answer: Mapping[str, Any]) -> int | None:
    told = answer.get("limit")
    return None if told is None else told["amount"]


def _term(answer: Mapping[str, Any]) -> int | None:
    told = answer.get("term")
    return None if told is None else told["months"]
