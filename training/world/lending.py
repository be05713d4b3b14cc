"""Applications, decisions, loans and what became of them, and the true probability of each label.

A firm has one loan at a time; the next is asked for when the last is settled, or renews it. Given the whole state at
the decision, what happens to a loan is drawn from the probabilities of its `CompetingRisks` and from them alone: the
truth of a case is a sum over the same branches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace

import numpy as np

from features.arrays import Bools, Floats, Ints
from training.world.acceptance import fits, sized, taken
from training.world.competing_risks import DEFAULTED, RENEWED, CompetingRisks, make_risks
from training.world.days import NEVER, add_months
from training.world.firms import SIZE_SPREAD, true_debt_ratio, true_margin, true_revenue
from training.world.hazard import BULLET, INSTALMENTS, INTEREST_FIRST, State
from training.world.held import HeldPortfolio, portfolio_on
from training.world.partition import Partition

ROUNDS = 12
"""The most loans of one firm."""
AMOUNT_MEDIAN, AMOUNT_SPREAD, AMOUNT_CEILING = 3_460_062, 1.775, 500e6
"""Lognormal fitted to a mean of 16.73m yuan and 72.5% up to 10m yuan (2023H1), cut at 500m: what pledges register."""
PRODUCT_MOST, ASKS_BEYOND = 10e6, 0.15
"""What is registered is a ceiling and not the loan: most ask for no more than the product of small firms and their
sales allow, and the others, assumed to be so many, for all of it."""
TERMS = (
    (np.array([3, 6, 9]), 0.077),
    (np.array([12, 18]), 0.383),
    (np.array([24]), 0.194),
    (np.array([36, 48, 60]), 0.346),
)
"""The published mix of terms (2009)."""
APPLICANT_SIZE = 17.63
"""Mean log revenue (yuan) of firms that apply: larger than the mean firm, because they hold patents."""
TRIES = 4
"""Days on which a firm thinks of asking, of which it takes one on which a bank would hear it."""
BACK_AFTER = 365
"""Days after which a firm asks again that was turned away; assumed."""
OLD_ENOUGH = 730
"""Days in business of who asks for a first loan."""
BANKS = 6
REPAYMENT_SHARES = (0.35, 0.25, 0.40)
"""Shares of bullets, instalments and interest first; a renewal that would be in instalments is a bullet."""
RENEWED_AS_BULLET = 0.60
CARRIED_OVER = ("portfolio", "bought_share", "youth", "burden")
"""What the bank does not look at anew when it renews."""
FUTURES = 8
WATCHED_DAYS = 122
"""Days after maturity on which a default still counts (policy default_definition.observation_after_maturity)."""
RENEWED_FOR = 12
"""Months of a renewal; the label follows a loan through the first (policy default_definition.renewals_followed)."""
BACKED = 0.35
"""Share of loans behind which an institution stands; assumed."""

DECLINED, WITHDRAWN, NOT_DRAWN, DRAWN = range(4)


@dataclass(frozen=True)
class SyntheticLending:
    """Applications of one partition in order of their number; what did not come to a loan has NEVER and -1.

    `missed_on`: first payment that was never made by the borrower; `bad_on`: day of the default;
    `strained`: renewed though it could not be repaid; `true_12m`, `true_maturity`: the truth of the two labels.
    """

    firm: Ints
    applied: Ints
    bank: Ints
    amount: Ints
    registered: Ints
    term: Ints
    repayment: Ints
    renews: Ints
    guaranteed: Bools
    decision: Ints
    decided: Ints
    drawn: Ints
    granted: Ints
    outcome: Ints
    settled: Ints
    missed_on: Ints
    bad_on: Ints
    deferred_on: Ints
    default_mode: Ints
    stress: Floats
    true_12m: Floats
    true_maturity: Floats

    def __len__(self) -> int:
        return len(self.firm)

    @property
    def due(self) -> Ints:
        """Day of maturity; NEVER where nothing was drawn."""
        return np.where(self.drawn == NEVER, NEVER, add_months(np.where(self.drawn == NEVER, 0, self.drawn), self.term))

    def where(self, keep: Bools | Ints) -> "SyntheticLending":
        """Some of the applications."""
        return SyntheticLending(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_lending(partition: Partition) -> SyntheticLending:
    """The applications of a partition's firms, cut to its share of the world's loans."""
    chance, n = partition.stream("lending"), len(partition.firms)
    wanted = round(partition.world.loans * n / partition.world.firms)
    asked = chance.permutation(n)[: int(wanted * 1.6) + 20]
    rounds = list(_Desk(partition, chance).rounds(asked))
    joined = {f.name: np.concatenate([getattr(r, f.name) for r in rounds]) for f in fields(SyntheticLending)}
    found = _cut(SyntheticLending(**joined), asked, wanted)
    return _in_order(found, np.argsort(found.applied, kind="stable"))


def _in_order(found: SyntheticLending, order: Ints) -> SyntheticLending:
    """The applications at places, with `renews` told by their new places."""
    place = np.full(len(found) + 1, -1)
    place[order] = np.arange(len(order))
    ordered = found.where(order)
    return replace(ordered, renews=place[ordered.renews])


def _cut(found: SyntheticLending, asked: Ints, wanted: int) -> SyntheticLending:
    """The applications of the first of the firms that together have the wanted number of loans."""
    rank = np.full(asked.max(initial=0) + 1, len(asked))
    rank[asked] = np.arange(len(asked))
    loans = np.bincount(rank[found.firm[found.decision == DRAWN]], minlength=len(asked))
    last = np.searchsorted(np.cumsum(loans), wanted)
    return _in_order(found, np.flatnonzero(rank[found.firm] <= last))


@dataclass(frozen=True)
class _Turn:
    """Who asks in a round and when; a renewal names the place, amount, maturity and bank of the loan that it renews."""

    firm: Ints
    applied: Ints
    renews: Ints
    strained: Bools
    amount: Ints
    due: Ints
    bank: Ints
    carried: Floats

    @classmethod
    def first(cls, firm: Ints, applied: Ints) -> "_Turn":
        """Firms that ask for the first time."""
        nothing = np.zeros(len(firm), dtype=np.int64)
        return cls(
            firm, applied, nothing - 1, nothing > 0, nothing, nothing, nothing, np.zeros((len(firm), len(CARRIED_OVER)))
        )

    def where(self, keep: Bools) -> "_Turn":
        return _Turn(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})

    def and_later(self, away: "_Turn") -> "_Turn":
        """These, and those who were turned away, who come back in a year."""
        away = replace(away, applied=away.applied + BACK_AFTER)
        return _Turn(**{f.name: np.concatenate([getattr(self, f.name), getattr(away, f.name)]) for f in fields(self)})

    @property
    def renewal(self) -> Bools:
        return self.renews >= 0


@dataclass(frozen=True)
class _Request:
    """What is asked for, and the day on which the bank decides."""

    amount: Ints
    registered: Ints
    term: Ints
    repayment: Ints
    decided: Ints


class _Desk:
    """Works through round after round: who asks next, what the bank says, and what comes of it."""

    def __init__(self, partition: Partition, chance: np.random.Generator) -> None:
        self.partition, self.world, self.firms, self.chance = partition, partition.world, partition.firms, chance
        self.revenue = np.log(true_revenue(self.world, self.firms) * 4)
        self.home_bank = chance.integers(0, BANKS, len(self.firms))
        self.luck = chance.random(len(self.firms))

    def rounds(self, asked: Ints) -> Iterator[SyntheticLending]:
        """One application per firm and round; the first round always comes, be it empty."""
        ready = np.maximum(self.world.start, self.firms.founded[asked] + OLD_ENOUGH)
        span = np.maximum(self.world.end - ready, 0)
        usual = self._good_days(asked, ready, span)
        soon = np.maximum(self._lately_bought()[asked] + self.chance.integers(15, 160, len(asked)), ready)
        turn, before = _Turn.first(asked, np.where(self._lately_bought()[asked] == NEVER, usual, soon)), 0
        for _ in range(ROUNDS):
            turn = turn.where(turn.applied <= np.where(turn.renewal, self.world.seen_until, self.world.end))
            held = portfolio_on(self.partition, turn.firm, turn.applied)
            heard = taken(self.partition, turn.firm, turn.applied, self.luck[turn.firm])
            asks = (held.pledgeable > 0) & heard | turn.renewal
            done, strained, carried = self._round(turn.where(asks), held.where(asks))
            yield done
            turn = self._next(done, strained, carried, before).and_later(turn.where(~asks))
            before += len(done)

    def _good_days(self, firm: Ints, ready: Ints, span: Ints) -> Ints:
        """When firms first ask: on the first of some days on which a bank would hear them, or else on any."""
        days = ready + (span * self.chance.random((TRIES, len(firm)))).astype(np.int64)
        first = np.argmax(np.array([fits(self.partition, firm, day) for day in days]), axis=0)
        found: Ints = days[first, np.arange(len(firm))]
        return found

    def _lately_bought(self) -> Ints:
        """The day on which each dishonest firm bought a patent, soon after which it asks for a loan on it; or NEVER."""
        stakes, found = self.partition.stakes, np.full(len(self.firms), NEVER)
        firm = np.repeat(np.arange(len(self.firms)), np.diff(stakes.start))
        own = stakes.bought & self.firms.dishonest[firm]
        own &= (stakes.since > self.world.start) & (stakes.since < self.world.end - 200)
        found[firm[own]] = stakes.since[own]
        return found

    def _round(self, turn: _Turn, held: HeldPortfolio) -> tuple[SyntheticLending, Bools, Floats]:
        """What comes of the applications of a round; whose renewal is strained; what a renewal carries over."""
        request = self._request(turn)
        state = self._state(turn, request, held)
        decision = self._decisions(state, turn)
        drawn = self._drawn(turn, request, decision)
        as_if = np.where(drawn == NEVER, turn.applied + 20, drawn)
        backed = self.chance.random(len(as_if)) < BACKED
        risks = make_risks(self.world.mechanism, state, as_if, turn.renewal, backed)
        outcomes = risks.draw(self.chance)
        lent = decision == DRAWN
        cuts = self.chance.choice([1.0, 0.9, 0.8, 0.6], len(lent), p=[0.6, 0.15, 0.15, 0.1])
        bank = np.where(self._strays(len(lent)), self.chance.integers(0, BANKS, len(lent)), self.home_bank[turn.firm])
        done = SyntheticLending(
            firm=turn.firm,
            applied=turn.applied,
            bank=np.where(turn.renewal, turn.bank, bank),
            amount=request.amount,
            registered=request.registered,
            term=request.term,
            repayment=request.repayment,
            renews=turn.renews,
            guaranteed=backed,
            decision=decision,
            decided=request.decided,
            drawn=drawn,
            granted=np.where(lent, np.round(request.amount * cuts, -6), NEVER).astype(np.int64),
            outcome=np.where(lent, outcomes.outcome, -1),
            settled=np.where(lent, outcomes.settled, NEVER),
            missed_on=np.where(lent, outcomes.missed_on, NEVER),
            bad_on=np.where(lent, outcomes.bad_on, NEVER),
            deferred_on=np.where(lent, outcomes.deferred_on, NEVER),
            default_mode=np.where(lent, outcomes.default_mode, -1),
            stress=state.stress,
            true_12m=risks.probability(add_months(as_if, 12)),
            true_maturity=risks.probability(add_months(as_if, request.term) + WATCHED_DAYS)
            + self._after(turn, request, state, risks),
        )
        return done, outcomes.strained, np.stack([getattr(state, name) for name in CARRIED_OVER], axis=1)

    def _strays(self, n: int) -> Bools:
        """Who asks another bank than its own."""
        return np.asarray(self.chance.random(n) < 0.15)

    def _request(self, turn: _Turn) -> _Request:
        n, renewal = len(turn.firm), turn.renewal
        term = np.where(renewal, RENEWED_FOR, _terms(self.chance, n))
        repayment = np.where(term < 12, BULLET, self.chance.choice(3, n, p=REPAYMENT_SHARES))
        repayment = np.where(renewal & (repayment == INSTALMENTS), BULLET, repayment)
        decided = np.where(renewal, turn.due - 6, turn.applied + self.chance.integers(3, 16, n))
        return _Request(*self._amounts(turn), term, repayment, decided)

    def _amounts(self, turn: _Turn) -> tuple[Ints, Ints]:
        """Amounts asked and registered, in fen: larger for larger firms; a renewal asks for what it renews."""
        size = (self.firms.size[turn.firm] - APPLICANT_SIZE) / SIZE_SPREAD
        lot = 0.965 * size + 0.31 * self.chance.standard_normal(len(size))
        fresh = np.minimum(AMOUNT_MEDIAN * np.exp(AMOUNT_SPREAD * lot), AMOUNT_CEILING)
        unit = np.where(fresh < 1e6, 1e4, 1e5)
        rounded = np.maximum(np.round(fresh / unit) * unit, 1e5) * 100
        registered = np.where(turn.renewal, turn.amount, rounded).astype(np.int64)
        beyond = turn.renewal | (self.chance.random(len(size)) < ASKS_BEYOND)
        sought = sized(self.partition, turn.firm, turn.applied, registered, PRODUCT_MOST * 100)
        return np.where(beyond, registered, sought), registered

    def _state(self, turn: _Turn, request: _Request, held: HeldPortfolio) -> State:
        """The state at the decision; a renewal looks at business and behaviour anew, the rest is carried over."""
        quarter = self.world.quarters.of(request.decided)
        age = np.maximum((turn.applied - self.firms.founded[turn.firm]) / 365.25, 0.5)
        burden = np.log(request.amount / 100) - self.revenue[turn.firm, quarter] + 2.3
        fresh = np.stack([held.strength, held.bought_share, 2.4 - np.log(age) / 0.9, burden], axis=1)
        further = np.where(turn.renewal[:, None], turn.carried, fresh)
        business = self._business(turn.firm, self.firms.paths[:, turn.firm, quarter])
        return State(
            **business,
            **dict(zip(CARRIED_OVER, further.T, strict=True)),
            hidden=self.firms.hidden[turn.firm],
            strained=turn.strained,
            term=request.term,
            repayment=request.repayment,
        )

    def _business(self, firm: Ints, processes: Floats) -> dict[str, Floats]:
        """The part of the state that follows from the processes (5, n) of firms."""
        margin = true_margin(self.firms.industry[firm], processes[0])
        worth = np.maximum(0.82 + 2.46 * margin, 0.25)
        return {
            "cover": (np.log(worth / true_debt_ratio(processes[1])) / 0.30 - 1.85) / 1.45,
            "margin": (margin - 0.053) / 0.09,
            "cash": processes[2],
            "growth": processes[3],
            "stress": processes[4],
        }

    def _after(self, turn: _Turn, request: _Request, state: State, risks: CompetingRisks) -> Floats:
        """The chance of a default after the loan was renewed, given the state at its decision.

        The mean over FUTURES draws of the firm's business at the renewal, in pairs of opposite shocks; exact else.
        """
        quarters = self.world.quarters
        of = np.repeat(np.flatnonzero(risks.renewable), FUTURES)
        firm, since, due = turn.firm[of], request.decided[of], add_months(risks.drawn, risks.term)[of]
        half = self.chance.standard_normal((5, len(of) // 2))
        shocks = np.stack([half, -half], axis=2).reshape(5, len(of))
        now = self.firms.paths[:, firm, quarters.of(since)]
        then = self.firms.later(firm, now, quarters.of(due - 6) - quarters.of(since), shocks)
        until = add_months(due, RENEWED_FOR) + WATCHED_DAYS
        lost = np.zeros(len(of))
        for chances, strained in zip(risks.renewals(), (False, True), strict=True):
            lost += chances[of] * self._renewed(firm, then, state, of, due, strained).probability(until)
        return np.bincount(of, weights=lost, minlength=len(turn.firm)) / FUTURES

    def _renewed(self, firm: Ints, now: Floats, state: State, of: Ints, due: Ints, strained: bool) -> CompetingRisks:
        """The competing risks of renewals on days, with the processes at `now` the rest as the first loans had it."""
        n = len(of)
        renewed = State(
            **self._business(firm, now),
            **{name: getattr(state, name)[of] for name in CARRIED_OVER},
            hidden=state.hidden[of],
            strained=np.full(n, strained),
            term=np.full(n, RENEWED_FOR),
            repayment=np.where(self.chance.random(n) < RENEWED_AS_BULLET, BULLET, INTEREST_FIRST),
        )
        return make_risks(self.world.mechanism, renewed, due, np.ones(n, dtype=bool), np.zeros(n, dtype=bool))

    def _decisions(self, state: State, turn: _Turn) -> Ints:
        """The bank declines what looks weak to it; some withdraw, some never draw; renewals are not looked at."""
        n = len(turn.firm)
        looks = 0.6 * state.cover + 0.3 * state.margin - 0.5 * state.stress + 0.7 * self.chance.standard_normal(n)
        luck = self.chance.random(n)
        fresh = np.select([looks < -1.35, luck < 0.05, luck < 0.09], [DECLINED, WITHDRAWN, NOT_DRAWN], DRAWN)
        return np.where(turn.renewal, DRAWN, fresh)

    def _drawn(self, turn: _Turn, request: _Request, decision: Ints) -> Ints:
        """Day of drawdown: some days after the decision, or the day on which the renewed loan falls due."""
        fresh = request.decided + self.chance.integers(0, 12, len(decision))
        day_of = np.where(turn.renewal, turn.due, fresh)
        return np.where(decision == DRAWN, day_of, NEVER)

    def _next(self, done: SyntheticLending, strained: Bools, carried: Floats, before: int) -> _Turn:
        """Who asks again: the renewals at maturity, most others some time after the last loan is over.

        Not before its window of labels is over: a case's label is then that of its own loan.
        """
        n, drew = len(done), done.drawn != NEVER
        year_on = add_months(np.where(drew, done.drawn, 0), 12)
        over = np.where(drew, np.maximum(done.due + 130, year_on), done.decided + 120)
        renewed = done.outcome == RENEWED
        applied = np.where(renewed, done.due - 20, over + self.chance.gamma(1.2, 60, n).astype(np.int64))
        again = (done.outcome != DEFAULTED) & (renewed | (self.chance.random(n) < 0.95))
        renews = np.where(renewed, before + np.arange(n), -1)
        turn = _Turn(done.firm, applied, renews, renewed & strained, done.granted, done.due, done.bank, carried)
        return turn.where(again)


def _terms(chance: np.random.Generator, n: int) -> Ints:
    bucket = chance.choice(len(TERMS), n, p=[share for _, share in TERMS])
    found = np.zeros(n, dtype=np.int64)
    for place, (months, _) in enumerate(TERMS):
        of = bucket == place
        found[of] = chance.choice(months, int(of.sum()))
    return found
