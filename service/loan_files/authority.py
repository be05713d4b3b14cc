"""Who may approve what: how terms stand to the advice, the exposure that counts, and the least level for it.

Declining is free. Approving less than advised needs no reason, but the level of its counted amount.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

import msgspec

from features.errors import Fault, fault
from features.exact import exactly
from features.policy import Policy
from service.edge.errors import NotInTurn
from service.loan_files.advised import AdvisedAnswer

Stance = Literal["as_advised", "referred", "better", "declined"]
_ANY = -1
"""The largest amount of a level that has none."""


class AuthorityLevel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A level of approval, as policy states it: the largest counted amount in fen by stance."""

    level: int
    most: Mapping[str, int]
    signatures: int
    committee: bool

    def covers(self, stance: Stance, counted: int) -> bool:
        """Whether the level reaches so far."""
        most = self.most.get(stance, 0)
        return most == _ANY or (most > 0 and counted <= most)


@dataclass(frozen=True)
class Proposed:
    """The terms that are applied for, passed or granted. Money in fen; `waives`: rules that are set aside."""

    amount: int
    term_months: int
    waives: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Authority:
    """How terms stand to the advice, what counts, and which level is needed for them."""

    stands: Stance
    better_in: tuple[str, ...]
    counted: int
    level: AuthorityLevel


def stance(terms: Proposed, answer: AdvisedAnswer) -> tuple[Stance, tuple[str, ...]]:
    """How terms stand to the advice, and in what they are more favourable than it."""
    more = {
        "advice": answer.advice == "advise_against",
        "amount": answer.most is not None and terms.amount > answer.most,
        "term": answer.longest is not None and terms.term_months > answer.longest,
        "conditions": bool(terms.waives & set(answer.conditions)),
    }
    better = tuple(name for name, is_more in more.items() if is_more)
    if better:
        return "better", better
    return ("as_advised" if answer.advice == "recommend" else "referred"), ()


def needed(terms: Proposed, answer: AdvisedAnswer, exposure: int, policy: Policy, today: date) -> Authority:
    """The level that terms need. `exposure`: of the bank to borrower and group before the loan, without what it renews.

    Counted is the exposure after the loan, and a share of the loan where nothing but patents secures it.
    """
    stands, better_in = stance(terms, answer)
    share = exactly(policy("authority.patents_only").on(today)) if answer.patents_only else Fraction(0)
    counted = exposure + terms.amount + int(share * terms.amount)
    levels = levels_on(policy, today)
    least = 0
    if answer.related:
        least = int(policy("authority.related_level").on(today))
    if terms.waives & {one.rule for one in answer.blocking}:
        least = max(least, int(policy("authority.waiver_level").on(today)))
    found = next((one for one in levels if one.level >= least and one.covers(stands, counted)), levels[-1])
    return Authority(stands, better_in, counted, found)


def levels_on(policy: Policy, today: date) -> list[AuthorityLevel]:
    """The levels, the lowest first."""
    return msgspec.convert(policy("authority.levels").on(today), list[AuthorityLevel])


def committee_sits(
    level: AuthorityLevel, answer: AdvisedAnswer, waives: Collection[str], *, opposed: bool = False
) -> bool:
    """Whether the committee must have passed it: by its level, for a waived finding that blocks, after opposition."""
    return level.committee or opposed or any(one.rule in waives for one in answer.blocking)


def check_waivable(terms: Proposed, answer: AdvisedAnswer, policy: Policy, today: date) -> None:
    """Raises `NotInTurn` where a finding blocks that nobody may set aside, or more is lent than the law allows."""
    never = frozenset(policy("authority.never").on(today))
    standing = {code.removeprefix("standing.") for code in answer.standing} | set(answer.standing)
    hard = [one.rule for one in answer.blocking if never.intersection(one.names)]
    hard += sorted((never | standing) & terms.waives)
    if hard:
        raise NotInTurn("unwaivable", rules=tuple(dict.fromkeys(hard)))
    legal = None if answer.limit is None else answer.limit.bounds.get("exposure")
    if legal is not None and terms.amount > legal:
        raise NotInTurn("above_legal_limit", amount=terms.amount, most=max(legal, 0))


def waive_faults(given: Sequence[str], answer: AdvisedAnswer) -> list[Fault]:
    """What is wrong with the findings and conditions that are set aside: one is unknown, or one that blocks is left."""
    known = {one.rule for one in answer.blocking} | set(answer.conditions)
    found = [
        fault(f"/waives/{place}/rule", "waives_unknown", rule=rule)
        for place, rule in enumerate(given)
        if rule not in known
    ]
    left = [one.rule for one in answer.blocking if one.rule not in given]
    if left:
        found.append(fault("/waives", "blocking_left", rules=tuple(dict.fromkeys(left))))
    return found
