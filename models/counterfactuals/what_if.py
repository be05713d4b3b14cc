"""What would change the advice on one case: the next line above its score, and what the rules demand besides.

Every change that is offered was assessed as a whole: the model on the changed features, rules and limit on the rows as
they would stand.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property

import msgspec
import numpy as np
from msgspec.structs import replace

from features.arrays import Floats
from features.asof import Case, Known, as_known
from features.encoded import Tables
from features.matrix import matrix
from features.policy import Policy
from models.collateral.bank_assumptions import BankAssumptions
from models.counterfactuals.enacting import READ, enacted
from models.counterfactuals.forest import Forest
from models.counterfactuals.levers import DeclaredLever, features_of
from models.counterfactuals.search import MOST, NO_WAY, Offer, ProposedChange, SearchQuestion, State, search
from models.lending import Lending, lending
from models.need.debt import further_debt, with_equity
from models.records.in_force import InForce
from models.rules.finding import Finding
from models.rules.recommendation import Advice, Scored, recommend, score_lines
from models.score.bundle import Bundle
from models.score.scale import probability
from models.score.self_test import RawRows
from models.shap.contributions import margins

SCORE = "score"
_TENTH = 0.05
"""A score is compared as it is shown, to a tenth of a point: so much below a line still reaches it."""
_HALVINGS = 40


class AdviceChange(msgspec.Struct, frozen=True):
    """The present advice, and the least that an offer leads to once cures are done and open findings answered."""

    now: Advice
    then: Advice


class WhatIf(msgspec.Struct, frozen=True):
    """What would take the score over its next line: the smallest sets of at most so many changes, or none.

    `line` and `log_odds`: of the counted event; `line_points`: the same line as a score. `cures`: findings that block
    and must be cured besides; `incurable`: those that nothing cures; `open`: those not known, which weigh on the advice
    whatever is changed. `longest_term`: in months, which no offer exceeds; None where no patent is offered.
    """

    state: State
    line: float
    line_points: float
    log_odds: float
    sets_tried: int
    at_most: int
    offers: tuple[Offer, ...]
    cures: tuple[Finding, ...]
    incurable: tuple[Finding, ...]
    open: tuple[Finding, ...]
    advice: AdviceChange
    longest_term: int | None


def what_would_change(
    case: Case, rows: RawRows, bundle: Bundle, forest: Forest, policy: Policy, bank: BankAssumptions
) -> WhatIf:
    """What would take one case over the next line above its score, by the policy of its day.

    `rows`: the raw rows of its firm. `forest` is of the bundle's booster. `bank`: what the bank assumes of its own. A
    finding that fails and blocks must be cured, by its lever or by itself; no longer term is offered than is lent.
    """
    return _Asked(case, rows, bundle, policy, bank).answer(forest)


class _Asked:
    """One case and the steps to its answer."""

    def __init__(self, case: Case, rows: RawRows, bundle: Bundle, policy: Policy, bank: BankAssumptions) -> None:
        self.case, self.rows, self.bundle, self.policy, self.bank = case, rows, bundle, policy, bank
        self.param = InForce(policy, case.as_of)
        self.known = self._known(rows)
        self.row = np.ascontiguousarray(matrix(self.known, bundle.features)[0])
        self.present = self.assessed(self.known, self.row)
        self._lines = score_lines(Scored(self.present.judged.applicant, self._points(self.row), bundle.scale))
        self.line = next_line(self._points(self.row), self._lines)

    def _known(self, rows: RawRows) -> Known:
        return as_known(Tables.from_rows(rows), [self.case], self.bundle.norms, self.policy)

    def _log_odds(self, rows: Floats) -> Floats:
        return self.bundle.calibration.log_odds(margins(self.bundle.booster, rows))

    def _points(self, row: Floats) -> float:
        return float(self.bundle.scale.points(self._log_odds(row[None]))[0])

    def assessed(self, known: Known, row: Floats) -> Lending:
        """What is concluded of the loan: the model on `row`, rules and limit on what is known."""
        pd = float(probability(self._log_odds(row[None]))[0])
        return lending(known, 0, self._points(row), self.bank, pd, self.bundle.scale)

    @cached_property
    def _blocking(self) -> list[Finding]:
        """What fails and blocks beside the score; where no patent is left, what drops the one that is cured soonest."""
        judged = self.present.judged
        found = [f for f in judged.open if f.outcome == "fail" and f.effect == "blocks" and f.rule != SCORE]
        drops = {p: [f for f in of if f.outcome == "fail" and f.effect == "drops_patent"] for p, of in self._patents}
        if drops and all(drops.values()):
            soonest = min(drops.values(), key=lambda of: (any(f.cure is None for f in of), len(of)))
            found += soonest
        return found

    @property
    def _patents(self) -> list[tuple[str, tuple[Finding, ...]]]:
        return [(patent, found.open) for patent, found in self.present.judged.patents.items()]

    @cached_property
    def _lever(self) -> dict[tuple[str, str], str]:
        """The lever that a finding which blocks or refers demands, by the finding's rule and subject."""
        pulls = self.param("changes.pulls", dict[str, str])
        weighing = [f for f in self.present.judged.open if f.outcome == "fail" and f.effect == "refer"]
        found = [*self._blocking, *weighing]
        names = {(f.rule, f.subject): (f"{f.rule}.{f.facts.get('binding')}", f.rule) for f in found}
        return {key: pulls[name] for key, of in names.items() for name in of if name in pulls}

    @cached_property
    def _open(self) -> tuple[Finding, ...]:
        """What a person weighs beside the score: what is not known, and what failed and is referred."""
        every = self.present.judged.open
        return tuple(
            f for f in every
            if f.rule != SCORE and (f.rule, f.subject) not in self._lever
            and (f.effect == "refer" or (f.outcome == "unknown" and f.effect in ("blocks", "drops_patent")))
        )  # fmt: skip

    def answer(self, forest: Forest) -> WhatIf:
        """The search, and what it leaves to be done."""
        others = [f for f in self._blocking if (f.rule, f.subject) not in self._lever]
        incurable = tuple(f for f in others if f.cure is None)
        cures = tuple(f for f in others if f.cure is not None)
        declared = _declared(self.param, self._longest_term)
        names = features_of(declared)
        now = dict(zip(names, matrix(self.known, names)[0].tolist(), strict=True))
        question = SearchQuestion(
            line=float(self.bundle.scale.log_odds(np.array([self.line - _TENTH]))[0]),
            below=self.bundle.scale.per_log_odds < 0,
            calibration=self.bundle.calibration,
            declared=declared,
            effort=self.param("changes.effort", dict[str, int]),
            required=frozenset(self._lever.values()),
            cures=NO_WAY if incurable else len(cures),
            cuts=self._cuts(now),
        )
        aside = {(f.rule, f.subject, f.outcome) for f in (*cures, *self._open)}
        failed: set[tuple[tuple[str, float], ...]] = set()

        def verify(row: Floats, changes: Sequence[ProposedChange]) -> bool:
            key = _read_by_rules(changes)
            if key in failed:  # another score, the same facts for the rules
                return False
            after = self.assessed(self._known(enacted(self.rows, self.case, changes)), row)
            holds = self._advice(after, aside) in self._then
            if not holds and any(f.rule == SCORE and f.outcome == "pass" for f in after.judged.findings):
                failed.add(key)
            return holds

        found = search(forest, self.bundle.features, self.row, now, question, self._log_odds, verify)
        advice = self.present.judged.recommendation.advice
        return WhatIf(
            state=found.state,
            line=found.line,
            line_points=self.line,
            log_odds=found.log_odds,
            sets_tried=found.sets,
            at_most=MOST,
            offers=found.offers,
            cures=cures,
            incurable=incurable,
            open=self._open,
            advice=AdviceChange(advice, self._then[0]),
            longest_term=self._longest_term,
        )

    @property
    def _then(self) -> tuple[Advice, ...]:
        """What the advice must come to, the least first: over the upper line it recommends, over the lower it refers.

        Where no patent is offered a person decides in any case.
        """
        lower = min(self._lines)
        return ("refer", "recommend") if self.line == lower or not self._patents else ("recommend",)

    def _advice(self, after: Lending, aside: Collection[tuple[str, str, str]]) -> Advice:
        """The advice once the cures are done and the open findings answered."""
        judged = after.judged
        left = [f for f in judged.open if (f.rule, f.subject, f.outcome) not in aside]
        return recommend(judged.applicant, left, list(judged.patents), judged.within).advice

    @property
    def _longest_term(self) -> int | None:
        security = self.present.security
        return security.term.months if security and self.present.judged.patents else None

    def _cuts(self, now: Mapping[str, float]) -> dict[str, Floats]:
        """Where rules answer otherwise along a lever: amounts that the limit covers, the debt that capacity bears."""
        security = self.present.security
        found: dict[str, Floats] = {}
        if security is None or security.limit.amount is None:
            return found
        bounds = [bound for name, bound in security.limit.bounds.items() if name != "asked"]
        if bounds:
            least = self.param("recommendation.least_part_of_asked", float)
            step = self.param("pledge.amount_step", int)
            most = min(bounds) // step * step
            found["asked_amount"] = np.array(sorted({most, *([most / least] if least else [])}))
        if "new_equity" in self._lever.values() and (ratio := self._bearable(now["debt_ratio"])) is not None:
            found["debt_ratio"] = np.array([ratio])
        return found

    def _bearable(self, ratio: float) -> float | None:
        """The debt ratio, after new equity, from which on some further debt can be carried; None where none helps."""
        a, security = self.present.judged.applicant, self.present.security
        inputs = security.figures.debt_inputs if security else None
        if np.isnan(ratio) or inputs is None or not inputs.total_assets:
            return None
        none, some = 0.0, ratio
        for _ in range(_HALVINGS):
            middle = (none + some) / 2
            repaid = with_equity(inputs, round(middle * inputs.total_assets))
            enough = bool(further_debt(repaid, a.param).amount)
            none, some = (none, middle) if enough else (middle, some)
        return ratio - some


def _read_by_rules(changes: Sequence[ProposedChange]) -> tuple[tuple[str, float], ...]:
    return tuple((name, moved.to) for change in changes for name, moved in change.moved.items() if name in READ)


def next_line(points: float, lines: Iterable[float]) -> float:
    """The lowest of the lines that the score, as shown, has not reached; the highest where it has all."""
    ascending = sorted(lines)
    return next((line for line in ascending if round(points, 1) < line), ascending[-1])


def _declared(param: InForce, longest_term: int | None) -> Mapping[str, DeclaredLever]:
    declared = param("changes.levers", dict[str, DeclaredLever])
    if longest_term is None:
        return declared
    return {
        name: replace(of, most=min(of.most, longest_term)) if of.anchor == "asked_term" else of
        for name, of in declared.items()
    }
