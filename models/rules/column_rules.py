"""Rules over columns: each is one function, whose first branch that holds decides of a patent, or of a case.

A rule gives an outcome, an effect and the facts for every place of a batch at once. A finding is made of them only for
what is open, or asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.lazy import lazy
from features.phrase import Phrase
from models.rules.batch_columns import BatchColumns, FactColumn
from models.rules.cures import cure
from models.rules.finding import EFFECTS, OUTCOMES, Cure, Effect, Finding, Outcome, Proof
from models.rules.firm_columns import FirmColumns
from models.rules.item_columns import ItemColumns
from models.rules.patent_columns import PatentColumns
from models.rules.registry import About, Rule, enter, meaning
from models.words.templates import phrase

SeenColumn = Callable[[int], Phrase]
"""What was seen of the patent or case at a place."""
Seen = Phrase | SeenColumn
Cured = str | Callable[[int], Cure] | None
Proven = Callable[[int], Proof] | None


class Branch(NamedTuple):
    """One answer of a rule, and the places that it is for; None: all that no branch before it holds of.

    `effect`: one for all, or by place in `EFFECTS` what policy gives each.
    """

    where: Bools | None
    outcome: Outcome
    effect: Effect | Ints
    seen: Seen
    cure: Cured = None
    proof: Proven = None


def passes(where: Bools | None, seen: Seen, *, proof: Proven = None) -> Branch:
    """The requirement is met."""
    return Branch(where, "pass", "info", seen, proof=proof)


def fails(
    where: Bools | None, effect: Effect | Ints, seen: Seen, *, cure: Cured = None, proof: Proven = None
) -> Branch:
    """The requirement is not met."""
    return Branch(where, "fail", effect, seen, cure, proof)


def unknown(where: Bools | None, effect: Effect, seen: Seen, *, cure: Cured = None, proof: Proven = None) -> Branch:
    """The fact was not asked, is not known, or is too old."""
    return Branch(where, "unknown", effect, seen, cure, proof)


def not_applicable(where: Bools | None, seen: Seen, *, proof: Proven = None) -> Branch:
    """The rule does not concern this place."""
    return Branch(where, "not_applicable", "info", seen, proof=proof)


@dataclass(frozen=True)
class Branches:
    """The branches of a rule, the last for all places that are left; `required`: facts of what it asks.

    `asked`: what it asks, where that is not worded alike for all places.
    """

    branches: Sequence[Branch]
    required: Mapping[str, FactColumn] = field(default_factory=dict)
    asked: SeenColumn | None = None


class Say:
    """Makes what one rule says of a place from the columns of its facts."""

    def __init__(self, rule: str) -> None:
        self._rule = rule

    def observed(self, case: str, /, **facts: FactColumn) -> SeenColumn:
        """What was seen: the template `finding.RULE.observed.CASE`."""
        return said(f"finding.{self._rule}.observed.{case}", **facts)

    def required(self, case: str = "", /, **facts: FactColumn) -> SeenColumn:
        """What is asked: the template `finding.RULE.required`, or `….required.CASE` of it."""
        return said(f"finding.{self._rule}.required{case and '.'}{case}", **facts)


def said(code: str, /, **facts: FactColumn) -> SeenColumn:
    """What a template says of the patent or case at a place."""
    return lambda place: phrase(code, **{name: of(place) for name, of in facts.items()})


C = TypeVar("C", bound=BatchColumns)
Items = TypeVar("Items", bound=ItemColumns)
Decide = Callable[[C, Say], Branches]


@dataclass(frozen=True)
class ColumnRule(Rule, Generic[C]):
    """A rule about patents or cases; `decide` answers for all places of a batch."""

    decide: Decide[C]

    def of(self, p: C) -> "Verdicts":
        """The rule's answers for all places of a batch."""
        decision = self.decide(p, Say(self.code))
        for branch in decision.branches:
            if branch.outcome in _OPEN and isinstance(branch.effect, str) and branch.effect not in self.weighs:
                raise ValueError(f"rule {self.code} does not declare the effect {branch.effect}")
        found = Verdicts(self, p, decision)
        p.outcomes[self.code] = found.outcome
        return found

    def outcome(self, p: C) -> Ints:
        """The outcomes alone, for a rule that rests on others: as answered before, if they were."""
        if self.code not in p.outcomes:
            self.of(p)
        return p.outcomes[self.code]


PatentRule = ColumnRule[PatentColumns]
FirmRule = ColumnRule[FirmColumns]


def patent_rule(
    *policies: str, weighs: tuple[Effect, ...] = ("info",), facts: tuple[str, ...] = ()
) -> Callable[[Decide[PatentColumns]], PatentRule]:
    """Enter the decorated function into the catalogue under its own name; findings cite the first of the policies."""

    def entered(decide: Decide[PatentColumns]) -> PatentRule:
        return enter(ColumnRule(decide.__name__, "patent", policies, weighs, facts, meaning(decide), decide))

    return entered


def item_rule(
    about: About, *policies: str, weighs: tuple[Effect, ...] = ("info",)
) -> Callable[[Decide[Items]], ColumnRule[Items]]:
    """The same of a rule about things that each case has one of by name."""

    def entered(decide: Decide[Items]) -> ColumnRule[Items]:
        return enter(ColumnRule(decide.__name__, about, policies, weighs, (), meaning(decide), decide))

    return entered


def firm_rule(
    *policies: str, weighs: tuple[Effect, ...] = ("info",), facts: tuple[str, ...] = ()
) -> Callable[[Decide[FirmColumns]], FirmRule]:
    """The same of a rule about the firm of each case."""

    def entered(decide: Decide[FirmColumns]) -> FirmRule:
        return enter(ColumnRule(decide.__name__, "firm", policies, weighs, facts, meaning(decide), decide))

    return entered


class Verdicts:
    """The answers of one rule: columns with one entry per place of the batch. `policy`: what its findings cite.

    On a day before the rule's policy it answers what the policy file says of that.
    """

    def __init__(self, rule: Rule, p: BatchColumns, decision: Branches) -> None:
        self.rule, self._p, self._decision = rule, p, decision
        self.policy = rule.policies[0] if rule.policies else None
        self._early = p.early(self.policy) if self.policy else None
        self._before: Outcome = "unknown"
        if self.policy and p.known.policy(self.policy).before == "not_applicable":
            self._before = "not_applicable"

    @lazy
    def _branch(self) -> Ints:
        """The number of the branch that decides of each place."""
        branches = self._decision.branches
        found = np.full(len(self._p), len(branches) - 1, dtype=np.int64)
        for place in range(len(branches) - 2, -1, -1):
            found[branches[place].where] = place
        return found

    def _unless_early(self, found: Ints, before: int) -> Ints:
        """What each place's branch has; before the rule's policy what that says."""
        return found if self._early is None else np.where(self._early, before, found)

    @lazy
    def outcome(self) -> Ints:
        """Places in `OUTCOMES`."""
        own = np.array([_OUTCOME[branch.outcome] for branch in self._decision.branches])
        return self._unless_early(own[self._branch], _OUTCOME[self._before])

    @lazy
    def effect(self) -> Ints:
        """Places in `EFFECTS`; `info` where nothing is open."""
        effects = [branch.effect for branch in self._decision.branches]
        found = np.array([_EFFECT[one] if isinstance(one, str) else 0 for one in effects])[self._branch]
        for number, one in enumerate(effects):
            if not isinstance(one, str):
                found = np.where(self._branch == number, one, found)
        return self._unless_early(found, _EFFECT[self._effect_before])

    @property
    def _effect_before(self) -> Effect:
        return self.rule.lightest if self._before == "unknown" else "info"

    def finding(self, place: int) -> Finding:
        """The answer about one place in full."""
        p, code, policy = self._p, self.rule.code, self.policy
        a = p.a(place)
        if self._early is not None and self._early[place]:
            seen = phrase("finding.any.observed.no_provision_yet", day=a.as_of)
            asked = phrase("finding.any.required.once_in_force") if self._before == "unknown" else None
            return Finding(code, p.subject(place), self._before, self._effect_before, seen, asked, policy)
        branch, required = self._decision.branches[self._branch[place]], self._decision.required
        asked_of = self._decision.asked or said(f"finding.{code}.required", **required)
        return Finding(
            rule=code,
            subject=p.subject(place),
            outcome=branch.outcome,
            effect=EFFECTS[self.effect[place]],
            observed=branch.seen if isinstance(branch.seen, Phrase) else branch.seen(place),
            required=asked_of(place),
            policy=policy,
            since=a.since[policy],
            proof=branch.proof(place) if branch.proof else None,
            cure=cure(a, branch.cure) if isinstance(branch.cure, str) else branch.cure(place) if branch.cure else None,
        )


class AllVerdicts(Generic[C]):
    """The answers of several rules about the places of a batch: (rules, places) in the order of the rules."""

    def __init__(self, rules: Sequence[ColumnRule[C]], p: C) -> None:
        self.columns, self.of = p, [rule.of(p) for rule in rules]
        self.outcome = np.stack([verdicts.outcome for verdicts in self.of])
        self.effect = np.stack([verdicts.effect for verdicts in self.of])
        self._is_open = (self.outcome == _FAIL) | (self.outcome == _UNKNOWN)

    def open(self, place: int) -> tuple[Finding, ...]:
        """What failed or is not known of one place, in the order of the rules."""
        return tuple([self.of[rule].finding(place) for rule in self._is_open[:, place].nonzero()[0].tolist()])

    def every(self, place: int) -> tuple[Finding, ...]:
        """All findings about one place, in the order of the rules."""
        return tuple(verdicts.finding(place) for verdicts in self.of)

    def told(self, place: int) -> list[Finding]:
        """All findings about one place as an answer tells them, in the order of the rules: in full what weighs."""
        subject, since = self.columns.subject(place), self.columns.a(place).since
        return [
            of.finding(place)
            if outcome in (_FAIL, _UNKNOWN)
            else Finding(of.rule.code, subject, OUTCOMES[outcome], since=since[of.policy])
            for of, outcome in zip(self.of, self.outcome[:, place].tolist(), strict=True)
        ]

    def codes(self, place: int, outcome: Outcome) -> tuple[str, ...]:
        """The rules with an outcome."""
        found = (self.outcome[:, place] == OUTCOMES.index(outcome)).nonzero()[0]
        return tuple([self.of[rule].rule.code for rule in found.tolist()])

    @lazy
    def pledgeable(self) -> Floats:
        """Whether each patent may carry the loan: 0 where a rule drops it, NaN where one might, else 1."""
        drops = self._is_open & (self.effect == EFFECTS.index("drops_patent"))
        dropped = (drops & (self.outcome == _FAIL)).any(axis=0)
        return np.where(dropped, 0.0, np.where(drops.any(axis=0), np.nan, 1.0))


_OPEN: tuple[Outcome, ...] = ("fail", "unknown")
_OUTCOME: dict[str, int] = {outcome: place for place, outcome in enumerate(OUTCOMES)}
_EFFECT: dict[str, int] = {effect: place for place, effect in enumerate(EFFECTS)}
_FAIL, _UNKNOWN = _OUTCOME["fail"], _OUTCOME["unknown"]
