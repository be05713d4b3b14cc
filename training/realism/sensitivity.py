"""How much hangs on each assumed threshold: 25% less or more of one, and how many advices change.

Features and values of patents stay as they are: only what rules, need, debt and limit say is worked out anew. Rules
over columns are asked for a whole batch at once; a case is judged again as a whole only where one of them answers
otherwise.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from features.asof import Known
from features.policy import Policy
from features.policy.parameters import PolicyValue
from models.collateral.bank_assumptions import BankAssumptions
from models.collateral.security import Unpledged, secure
from models.lending import Lending, weighed
from models.records.applicant import Facts
from models.rules import applicant, assess_rules, figures_of, verdicts_of
from models.rules.recommendation import Scored, doubted, dropped, score
from models.rules.registry import RULES, CaseRule
from training.realism.judgement import JudgedBatch, advised

TIMES = (0.75, 1.25)
Step = Literal["figures", "security", "findings"]
_STEPS: Mapping[str, Step] = {
    **dict.fromkeys(("debt", "exposure", "other_security", "purpose", "working_capital"), "figures"),
    **dict.fromkeys(("pledge", "pledge_terms"), "security"),
    **dict.fromkeys(("appraisal", "pricing", "recommendation", "red_flags"), "findings"),
    "pledge.debt_to_earnings": "figures",
}
"""Where a policy file, or a parameter of it, is first read after the rules: what went before stays as it was."""
LEFT_OUT = ("pledge.pd_bands", "pledge.recoverable_bands", "pledge.amount_step")
"""How things are shown or rounded: no threshold."""
_FILES = (
    *_STEPS, "books", "bureau", "credit_exclusions", "freshness_days", "guarantees", "litigation", "profiles",
    "related", "repayment", "sales",
)  # fmt: skip
"""Policy files that underwriting reads."""
_MOST_SHARE = 0.99
"""A share stays below the whole: a debt ratio of 1 would be none."""
Keys = tuple[str | int, ...]


@dataclass(frozen=True)
class Threshold:
    """One number of an assumed parameter: where it stands in the value, and what it is today."""

    parameter: str
    keys: Keys
    value: float

    @property
    def name(self) -> str:
        """Parameter and place, as a reader finds it in the files."""
        return ".".join([self.parameter, *map(str, self.keys)])


@dataclass(frozen=True)
class MovedThreshold:
    """A threshold moved: by what it was multiplied, and how many advices and amounts changed."""

    threshold: Threshold
    times: float
    advices: int
    amounts: int


def thresholds(policy: Policy) -> list[Threshold]:
    """The numbers of all assumed parameters that underwriting reads."""
    found = []
    for name in policy.names():
        parameter = policy(name)
        if parameter.confidence == "assumed" and name.split(".")[0] in _FILES and name not in LEFT_OUT:
            last = list(parameter.values.values())[-1]
            found += [Threshold(name, keys, number) for keys, number in _numbers(last) if number]
    return found


def _numbers(value: PolicyValue, keys: Keys = ()) -> Iterator[tuple[Keys, float]]:
    if isinstance(value, Mapping):
        for key, part in value.items():
            yield from _numbers(part, (*keys, key))
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _numbers(part, (*keys, place))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield keys, value


def moved(policy: Policy, threshold: Threshold, times: float) -> Policy:
    """The policy with one number multiplied on every day; whole numbers stay whole, shares below 1."""
    stated = policy(threshold.parameter)
    values = {day: _times(value, threshold.keys, times) for day, value in stated.values.items()}
    return Policy({**policy.parameters, threshold.parameter: replace(stated, values=values)}, policy.overrides)


def _times(value: PolicyValue, keys: Keys, times: float) -> PolicyValue:
    if not keys:
        if isinstance(value, int):
            return round(value * times)
        return min(value * times, _MOST_SHARE) if value < 1 else value * times
    if isinstance(value, list):
        return [_times(part, keys[1:], times) if place == keys[0] else part for place, part in enumerate(value)]
    if not isinstance(value, Mapping) or keys[0] not in value:
        return value  # an earlier day stated it in another shape
    return {key: _times(part, keys[1:], times) if key == keys[0] else part for key, part in value.items()}


def sensitivity(batches: Sequence[JudgedBatch], policy: Policy) -> Iterator[MovedThreshold]:
    """Each threshold moved down and up, in the order of the files."""
    for threshold in thresholds(policy):
        for times in TIMES:
            other = moved(policy, threshold, times)
            changes = [_changes(batch, other, threshold.parameter) for batch in batches]
            yield MovedThreshold(threshold, times, sum(one for one, _ in changes), sum(one for _, one in changes))


def _changes(batch: JudgedBatch, policy: Policy, parameter: str) -> tuple[int, int]:
    """How many advices, and how many amounts, of a batch change under another policy."""
    known = _reread(batch.known, policy)
    whole = parameter in _OF_CASE_RULES
    again = range(len(known)) if whole else _answered_otherwise(batch.known, known)
    step = _STEPS.get(parameter) or _STEPS.get(parameter.split(".", maxsplit=1)[0])
    advices = amounts = 0
    for i in range(len(known)):
        before = batch.lent[i]
        if i in again or (step and before.security is None):
            rules = assess_rules(known, i, batch.points[i], scale=batch.scale)
            found = weighed(known, i, rules, None, batch.pd[i], before.security)
        elif step:
            found = _from(step, batch, known, i)
        else:
            continue
        advices += advised(found) != advised(before)
        amounts += _amount(found) != _amount(before)
    return advices, amounts


def _from(step: Step, batch: JudgedBatch, known: Known, i: int) -> Lending:
    """A case judged again from one step on; as it was where that step comes to the same."""
    before, a = batch.lent[i], applicant(known, i)
    secured = before.security
    if secured is None:
        return before
    rules, figures = replace(batch.rules[i], applicant=a), secured.figures
    if step == "figures":
        figures = figures_of(known, i)
        if figures == secured.figures:
            return before
    if step != "findings":
        out = Unpledged(dropped(rules.open), doubted(rules.open))
        secured = secure(a, out, BankAssumptions(), figures, batch.pd[i], secured)
    elif rules.pd is not None:
        own = score.of(a, Scored(a, batch.points[i], batch.scale), a.firm)
        rules = replace(rules, findings=tuple(own if f.rule == own.rule else f for f in rules.findings))
    return Lending(rules.weighing(figures, secured), secured)


def _reread(known: Known, policy: Policy) -> Known:
    """The same rows and features under another policy; what rules concluded is left behind."""
    derived = {name: value for name, value in known._derived.items() if name is not Facts}
    return replace(known, policy=policy, _derived=derived)


def _answered_otherwise(before: Known, after: Known) -> set[int]:
    """The cases of which some rule over columns answers otherwise, of the firm or of what it has."""
    found: set[int] = set()
    for own, other in zip(verdicts_of(before), verdicts_of(after), strict=True):
        otherwise = (own.outcome != other.outcome) | (own.effect != other.effect)
        found.update(own.columns.case[otherwise.any(axis=0)].tolist())
    return found


def _amount(lent: Lending) -> int | None:
    return lent.recommendation.amount if lent.recommendation else None


_AFTER_RULES = ("models.rules.lendable", "models.rules.pledge_value", "models.rules.fraud_flags")
"""Modules whose rules need the limit: they are asked again with it."""
_OF_CASE_RULES = frozenset(
    name for rule in RULES.values() if isinstance(rule, CaseRule) and rule.check.__module__ not in _AFTER_RULES
    for name in rule.policies if name not in score.policies
)  # fmt: skip
"""Parameters that rules about one case read before the limit is weighed; the score's are asked again with it."""
