"""Applications, decisions, loans and what became of them, and the true probability of each label.

A firm has one loan at a time; the next is asked for when the last is settled, or renews it. Given the whole state at the
decision, what happens to a loan is drawn from probabilities that are written down here (`Outlook`), and from them alone:
the truth of a case is a sum over the same branches.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from features.asof import Bools, Floats, Ints
from training.world.days import NEVER, add_months, day, month_end
from training.world.economy import World
from training.world.firms import Firms, true_debt_ratio, true_margin, true_revenue
from training.world.hazard import BULLET, INSTALMENTS, INTEREST_FIRST, LONGEST, State, crossings
from training.world.patents import INVENTION, Patents, Stakes

ROUNDS = 12
"""The most loans of one firm."""
AMOUNT_MEDIAN, AMOUNT_SPREAD, AMOUNT_CEILING = 3_460_062, 1.775, 500e6
"""Lognormal fitted to a mean of 16.73m yuan and 72.5% up to 10m yuan (2023H1), cut at 500m."""
TERMS = (
    (np.array([3, 6, 9]), 0.077),
    (np.array([12, 18]), 0.383),
    (np.array([24]), 0.194),
    (np.array([36, 48, 60]), 0.346),
)
"""The published mix of terms (2009)."""
BANKS = 6
DEFERRED_FROM, DEFERRED_UNTIL = day(2020, 2, 1), day(2023, 6, 30)

DECLINED, WITHDRAWN, NOT_DRAWN, DRAWN = range(4)
REPAID, PREPAID, RENEWED, DEFAULTED = range(4)


@dataclass(frozen=True)
class Lending:
    """Applications of one partition in order of their number; what did not come to a loan has NEVER and -1.

    `missed_on`: first payment that was never made by the borrower; `bad_on`: day of the default;
    `strained`: renewed though it could not be repaid; `true_12m`, `true_maturity`: the truth of the two labels.
    """

    firm: Ints
    applied: Ints
    bank: Ints
    amount: Ints
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
    way: Ints
    stress: Floats
    true_12m: Floats
    true_maturity: Floats

    def __len__(self) -> int:
        return len(self.firm)

    @property
    def due(self) -> Ints:
        """Day of maturity; NEVER where nothing was drawn."""
        return np.where(self.drawn == NEVER, NEVER, add_months(np.where(self.drawn == NEVER, 0, self.drawn), self.term))

    def where(self, keep: Bools | Ints) -> "Lending":
        """Some of the applications."""
        return Lending(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


def make_lending(world: World, partition: int, firms: Firms, patents: Patents, stakes: Stakes) -> Lending:
    """The applications of a partition's firms, cut to its share of the world's loans."""
    chance = world.stream(partition, "lending")
    wanted = round(world.loans * len(firms) / world.firms)
    asked = chance.permutation(len(firms))[: int(wanted * 1.6) + 20]
    desk = _Desk(world, chance, firms, patents, stakes)
    found = _cut(_chained(list(desk.rounds(asked))), asked, wanted)
    order = np.argsort(found.applied, kind="stable")
    place = np.full(len(found) + 1, -1)
    place[order] = np.arange(len(found))
    ordered = found.where(order)
    ordered.renews[:] = place[ordered.renews]
    return ordered


def _chained(rounds: list[Lending]) -> Lending:
    """Rounds as one, in which `renews` is a place among all applications instead of among those of the round before."""
    joined = {f.name: np.concatenate([getattr(r, f.name) for r in rounds]) for f in fields(Lending)}
    return Lending(**joined)


def _cut(found: Lending, asked: Ints, wanted: int) -> Lending:
    """The applications of the first of the firms that together have the wanted number of loans."""
    rank = np.full(asked.max(initial=0) + 1, len(asked))
    rank[asked] = np.arange(len(asked))
    loans = np.bincount(rank[found.firm[found.decision == DRAWN]], minlength=len(asked))
    last = np.searchsorted(np.cumsum(loans), wanted)
    keep = rank[found.firm] <= last
    moved = np.r_[np.cumsum(keep) - 1, -1]
    kept = found.where(keep)
    kept.renews[:] = moved[kept.renews]
    return kept


@dataclass
class _Desk:
    """Works through round after round: who asks next, what the bank says, and what comes of it."""

    world: World
    chance: np.random.Generator
    firms: Firms
    patents: Patents
    stakes: Stakes

    def __post_init__(self) -> None:
        self.margin = true_margin(self.firms)
        self.revenue = np.log(true_revenue(self.world, self.firms) * 4)
        ratio = true_debt_ratio(self.firms)
        self.cover = np.log((0.82 + 3.2 * self.margin * 0.77).clip(0.25) / ratio) / 0.30
        self.home_bank = self.chance.integers(0, BANKS, len(self.firms))

    def rounds(self, asked: Ints) -> Iterator[Lending]:
        """One application per firm and round; the first round always comes, be it empty."""
        ready = np.maximum(self.world.start, self.firms.founded[asked] + 400)
        span = np.maximum(self.world.end - ready, 0)
        applied = ready + (span * self.chance.random(len(asked))).astype(np.int64)
        turn = _Turn(asked, applied, np.full(len(asked), -1), np.zeros(len(asked), dtype=bool), np.zeros(len(asked)))
        before = 0
        for _ in range(ROUNDS):
            last = np.where(turn.renews >= 0, self.world.seen_until, self.world.end)
            turn = turn.where(turn.applied <= last)
            done, strained = self._round(turn)
            yield done
            turn = self._next(done, strained, before)
            before += len(done)

    def _round(self, turn: "_Turn") -> tuple[Lending, Bools]:
        chance = self.chance
        held = _held(self.patents, self.stakes, turn)
        asks = (held.pledgeable > 0) | (turn.renews >= 0)
        turn, held = turn.where(asks), held.where(asks)
        n = len(turn.firm)
        decided = turn.applied + chance.integers(5, 40, n)
        decided = np.where(turn.renews >= 0, np.minimum(decided, np.maximum(turn.due, turn.applied + 1)), decided)
        at = (turn.firm, self.world.quarters.of(decided))
        term = np.where(turn.renews >= 0, 12, _terms(chance, n))
        repayment = np.where(term < 12, BULLET, chance.choice(3, n, p=[0.35, 0.25, 0.40]))
        repayment = np.where(turn.renews >= 0, np.where(repayment == INSTALMENTS, BULLET, repayment), repayment)
        amount = self._amounts(turn)
        state = State(
            cover=(self.cover[at] - 1.85) / 1.45,
            margin=(self.margin[at] - 0.053) / 0.09,
            cash=self.firms.cash[at],
            growth=self.firms.growth[at],
            stress=self.firms.stress[at],
            portfolio=held.strength,
            bought_share=held.bought_share,
            youth=2.4 - np.log(np.maximum((turn.applied - self.firms.founded[turn.firm]) / 365.25, 0.5)) / 0.9,
            burden=(np.log(amount / 100) - self.revenue[at] + 2.3) / 1.0,
            hidden=self.firms.hidden[turn.firm],
            strained=turn.strained,
            term=term,
            repayment=repayment,
        )
        decision = self._decisions(state, turn)
        drawn = np.where(decision == DRAWN, np.maximum(decided + chance.integers(0, 12, n), 0), NEVER)
        drawn = np.where((decision == DRAWN) & (turn.renews >= 0), np.maximum(turn.due, turn.applied + 1), drawn)
        bank = np.where(chance.random(n) < 0.85, self.home_bank[turn.firm], chance.integers(0, BANKS, n))
        as_if = np.where(drawn == NEVER, turn.applied + 20, drawn)
        outlook = make_outlook(self.world, state, as_if, turn.renews >= 0, chance.random(n) < 0.35)
        fate = outlook.draw(chance)
        lent = decision == DRAWN
        granted = np.where(
            lent, np.round(amount * chance.choice([1.0, 0.9, 0.8, 0.6], n, p=[0.6, 0.15, 0.15, 0.1]), -6), NEVER
        )

        def of_loans(values: Ints, nothing: int = NEVER) -> Ints:
            return np.where(lent, values, nothing)

        done = Lending(
            firm=turn.firm,
            applied=turn.applied,
            bank=np.where(turn.renews >= 0, turn.bank, bank),
            amount=amount,
            term=term,
            repayment=repayment,
            renews=turn.renews,
            guaranteed=outlook.guaranteed,
            decision=decision,
            decided=decided,
            drawn=drawn,
            granted=granted.astype(np.int64),
            outcome=of_loans(fate.outcome, -1),
            settled=of_loans(fate.settled),
            missed_on=of_loans(fate.missed_on),
            bad_on=of_loans(fate.bad_on),
            deferred_on=of_loans(fate.deferred_on),
            way=of_loans(fate.way, -1),
            stress=state.stress,
            true_12m=outlook.probability(add_months(as_if, 12)),
            true_maturity=outlook.probability(add_months(as_if, term) + 122),
        )
        return done, fate.strained

    def _amounts(self, turn: "_Turn") -> Ints:
        """Asked amounts in fen: larger for larger firms; a renewal asks for what it renews."""
        size = (self.firms.size[turn.firm] - 17.63) / 1.35
        lot = 0.80 * size + 0.60 * self.chance.standard_normal(len(size))
        fresh = np.minimum(np.exp(np.log(AMOUNT_MEDIAN) + AMOUNT_SPREAD * lot), AMOUNT_CEILING)
        unit = np.where(fresh < 1e6, 1e4, 1e5)
        rounded = np.maximum(np.round(fresh / unit) * unit, 1e5) * 100
        return np.where(turn.renews >= 0, turn.amount, rounded).astype(np.int64)

    def _decisions(self, state: State, turn: "_Turn") -> Ints:
        """The bank declines what looks weak to it; some withdraw, some never draw."""
        n = len(turn.firm)
        looks = 0.6 * state.cover + 0.3 * state.margin - 0.5 * state.stress + 0.7 * self.chance.standard_normal(n)
        luck = self.chance.random(n)
        decision = np.where(
            looks < -1.35, DECLINED, np.where(luck < 0.05, WITHDRAWN, np.where(luck < 0.09, NOT_DRAWN, DRAWN))
        )
        return np.where(turn.renews >= 0, DRAWN, decision)

    def _next(self, done: Lending, strained: Bools, before: int) -> "_Turn":
        """Who asks again: the renewals at maturity, most others some time after the last loan is over."""
        n = len(done)
        over = np.where(done.drawn == NEVER, done.decided + 200, done.due + 130)
        over = np.maximum(over, np.where(done.drawn == NEVER, 0, add_months(np.maximum(done.drawn, 0), 12)))
        later = over + (self.chance.gamma(1.2, 160, n)).astype(np.int64)
        renewed = done.outcome == RENEWED
        applied = np.where(renewed, done.due - 20, later)
        again = (done.outcome != DEFAULTED) & (renewed | (self.chance.random(n) < 0.85))
        turn = _Turn(
            done.firm,
            applied,
            np.where(renewed, before + np.arange(n), -1),
            renewed & strained,
            done.granted,
            done.due,
            done.bank,
        )
        return turn.where(again)


@dataclass(frozen=True)
class _Turn:
    """Who asks in a round, when, and what the application renews (its place, amount, maturity and bank)."""

    firm: Ints
    applied: Ints
    renews: Ints
    strained: Bools
    amount: Ints | Floats
    due: Ints | None = None
    bank: Ints | None = None

    def __post_init__(self) -> None:
        if self.due is None or self.bank is None:
            object.__setattr__(self, "due", np.zeros(len(self.firm), dtype=np.int64))
            object.__setattr__(self, "bank", np.zeros(len(self.firm), dtype=np.int64))

    def where(self, keep: Bools) -> "_Turn":
        return _Turn(**{f.name: getattr(self, f.name)[keep] for f in fields(self)})


@dataclass(frozen=True)
class _Held:
    pledgeable: Ints
    strength: Floats
    bought_share: Floats

    def where(self, keep: Bools) -> "_Held":
        return _Held(self.pledgeable[keep], self.strength[keep], self.bought_share[keep])


def _held(p: Patents, stakes: Stakes, turn: _Turn) -> _Held:
    """What each applicant holds on the day: how many patents in force, how strong, how many of them lately bought."""
    n = len(turn.firm)
    question, stake = held_on(p, stakes, turn.firm, turn.applied)
    patent, on = stakes.patent[stake], turn.applied[question]
    count = np.bincount(question, minlength=n)
    inventions = np.bincount(question, weights=p.kind[patent] == INVENTION, minlength=n)
    citations = np.bincount(question, weights=p.citations_on(patent, on), minlength=n)
    lately = stakes.bought[stake] & (stakes.since[stake] > on - 730)
    bought = np.bincount(question, weights=lately, minlength=n)
    strength = (np.log1p(inventions) - 0.75) / 0.9 * 0.75 + (
        np.log1p(citations / np.maximum(count, 1)) - 0.75
    ) / 0.4 * 0.5
    return _Held(count, strength, bought / np.maximum(count, 1))


def held_on(p: Patents, stakes: Stakes, firm: Ints, on: Ints) -> tuple[Ints, Ints]:
    """Pairs of (question, stake) of the patents in force that firms hold on days."""
    question, stake = stakes.of(firm)
    then = on[question]
    held = (stakes.since[stake] <= then) & ((stakes.until[stake] == NEVER) | (stakes.until[stake] > then))
    held &= p.in_force(stakes.patent[stake], then)
    return question[held], stake[held]


def _terms(chance: np.random.Generator, n: int) -> Ints:
    bucket = chance.choice(len(TERMS), n, p=[share for _, share in TERMS])
    found = np.zeros(n, dtype=np.int64)
    for place, (months, _) in enumerate(TERMS):
        of = bucket == place
        found[of] = chance.choice(months, int(of.sum()))
    return found


# --- what can become of a loan, and with which probability -----------------------------------------------------------

PREPAYMENT = 0.006
"""Monthly chance that a borrower able to pay repays early; not for bullets."""
CARRIED = np.array([0.30, 0.0, 0.20])
"""Chance that interest is still paid, after ability to pay has ended, until principal falls due; by way of repayment."""
STRAINED_RENEWAL, SOUND_RENEWAL = 0.12, 0.33
DEFERRAL, CURED = 0.30, 0.50
EARLY_GUARANTOR, RESTRUCTURED = 0.55, 0.08
EARLY_DAYS, RESTRUCTURED_DAYS, LATE_DAYS = (35, 47, 59, 71, 83), (40, 75), 91
OFFSETS = np.array([*EARLY_DAYS, *RESTRUCTURED_DAYS, LATE_DAYS])
"""Days from the first missed payment to the event that is a default: a guarantor pays, the loan is restructured, or the
payment is more than 90 days late. Lateness counts from the 91st day, the others from the month's end that shows them."""


def _default_days(missed: Ints) -> Ints:
    """Per first missed payment (n,) the day of default in each of the ways (n, len(OFFSETS))."""
    shown = month_end(missed[:, None] + OFFSETS)
    shown[:, -1] = missed + LATE_DAYS
    return shown


@dataclass(frozen=True)
class Fate:
    """What became of each loan."""

    outcome: Ints
    settled: Ints
    missed_on: Ints
    bad_on: Ints
    deferred_on: Ints
    way: Ints
    strained: Bools


@dataclass(frozen=True)
class Outlook:
    """All that can become of each loan. `reach[n, m]`: ability to pay ends in month m + 1 and the loan still runs then."""

    reach: Floats
    drawn: Ints
    term: Ints
    repayment: Ints
    renewable: Bools
    guaranteed: Bools
    ways: Floats

    def _misses(self) -> tuple[Floats, Floats]:
        """Per month the chance that its payment is the first missed: told apart into before maturity and at maturity."""
        months = np.arange(1, LONGEST + 1)
        at = _next_payment(months[None, :], self.repayment[:, None], self.term[:, None])
        before = at < self.term[:, None]
        carried = self.reach * CARRIED[self.repayment][:, None]
        share = self.reach - carried
        early = np.zeros((len(self.drawn), LONGEST + 1))
        np.add.at(early, (np.nonzero(before)[0], at[before]), share[before])
        late = carried.sum(axis=1) + np.where(before, 0.0, share).sum(axis=1)
        return early[:, 1:], late * np.where(self.renewable, 1 - STRAINED_RENEWAL, 1.0)

    def probability(self, until: Ints) -> Floats:
        """The chance of a default up to days `until`: the truth of a label with that horizon."""
        early, late = self._misses()
        months = np.arange(1, LONGEST + 1)
        found = np.zeros(len(self.drawn))
        for month in months[: int(self.term.max(initial=1))]:
            due = add_months(self.drawn, int(month))
            missed = np.where(month == self.term, late, np.where(month < self.term, early[:, month - 1], 0.0))
            found += missed * self._shows(due, until)
        return found

    def _shows(self, due: Ints, until: Ints) -> Floats:
        """The chance that a payment missed on `due` is seen as a default by `until`, deferral considered."""
        eased = np.where(_relief(due), DEFERRAL, 0.0)
        plain = (self.ways * (_default_days(due) <= until[:, None])).sum(axis=1)
        later = (self.ways * (_default_days(add_months(due, 6)) <= until[:, None])).sum(axis=1)
        return (1 - eased) * plain + eased * (1 - CURED) * later

    def draw(self, chance: np.random.Generator) -> Fate:
        """One fate per loan, from exactly these probabilities."""
        n = len(self.drawn)
        ends = (chance.random(n)[:, None] >= np.cumsum(self.reach, axis=1)).sum(axis=1) + 1
        unable = ends <= LONGEST
        carried = chance.random(n) < CARRIED[self.repayment]
        month = np.where(carried, self.term, _next_payment(np.minimum(ends, LONGEST), self.repayment, self.term))
        due = add_months(self.drawn, self.term)
        at_maturity = unable & (month >= self.term)
        strained = at_maturity & self.renewable & (chance.random(n) < STRAINED_RENEWAL)
        first = add_months(self.drawn, month)
        eased = unable & ~strained & _relief(first) & (chance.random(n) < DEFERRAL)
        cured = eased & (chance.random(n) < CURED)
        missed = unable & ~strained & ~cured
        missed_on = np.where(eased, add_months(first, 6), first)
        way = (chance.random(n)[:, None] >= np.cumsum(self.ways, axis=1)).sum(axis=1).clip(max=len(OFFSETS) - 1)
        outcome, settled = self._kept(chance, unable, due)
        outcome = np.where(strained, RENEWED, np.where(missed, DEFAULTED, np.where(cured, REPAID, outcome)))
        settled = np.where(cured, np.maximum(due, add_months(first, 6)), np.where(unable, due, settled))
        return Fate(
            outcome=outcome,
            settled=settled,
            missed_on=np.where(missed, missed_on, NEVER),
            bad_on=np.where(missed, _default_days(missed_on)[np.arange(n), way], NEVER),
            deferred_on=np.where(eased, first, NEVER),
            way=np.where(missed, way, -1),
            strained=strained,
        )

    def _kept(self, chance: np.random.Generator, unable: Bools, due: Ints) -> tuple[Ints, Ints]:
        """Outcome and last day of loans whose borrower stays able to pay."""
        n = len(due)
        run = np.floor(np.log(chance.random(n)) / np.log1p(-PREPAYMENT)).astype(np.int64) + 1
        prepaid = ~unable & (self.repayment != BULLET) & (run < self.term)
        renewed = ~unable & ~prepaid & self.renewable & (chance.random(n) < SOUND_RENEWAL)
        outcome = np.where(prepaid, PREPAID, np.where(renewed, RENEWED, REPAID))
        return outcome, np.where(prepaid, add_months(self.drawn, np.minimum(run, self.term)) - 3, due)


def make_outlook(world: World, state: State, drawn: Ints, renewal: Bools, guaranteed: Bools) -> Outlook:
    """All that can become of loans drawn on days in a state."""
    spared = np.where(renewal, 3, 0)
    reach = crossings(world.mechanism, state, spared)
    months = np.arange(LONGEST)
    runs = np.where(state.repayment[:, None] == BULLET, 1.0, (1 - PREPAYMENT) ** months)
    renewable = (state.term >= 12) & (state.repayment != INSTALMENTS) & (state.term <= 24)
    return Outlook(reach * runs, drawn, state.term, state.repayment, renewable, guaranteed, _ways(guaranteed))


def _ways(guaranteed: Bools) -> Floats:
    """Shares of the ways in which a missed payment becomes a default, in the order of OFFSETS."""
    early = np.where(guaranteed, EARLY_GUARANTOR, 0.0)[:, None] * np.full(len(EARLY_DAYS), 1 / len(EARLY_DAYS))
    eased = np.full((len(guaranteed), len(RESTRUCTURED_DAYS)), RESTRUCTURED / len(RESTRUCTURED_DAYS))
    late = 1 - early.sum(axis=1) - RESTRUCTURED
    return np.concatenate([early, eased, late[:, None]], axis=1)


def _relief(due: Ints) -> Bools:
    return (due >= DEFERRED_FROM) & (due <= DEFERRED_UNTIL)


def _next_payment(month: Ints, repayment: Ints, term: Ints) -> Ints:
    """The month of the first payment at or after a month: bullets pay interest every third month, others every month."""
    quarterly = (month + 2) // 3 * 3
    return np.minimum(np.where(repayment == BULLET, quarterly, month), term)


def loan_numbers(world: World, partition: int, lending: Lending) -> tuple[pl.Series, pl.Series]:
    """Numbers of applications and of loans (null where none), by place."""
    stem = pl.Series(np.arange(len(lending)) + partition * 10_000_000 + 10**11).cast(pl.String).str.slice(1)
    lent = pl.Series(lending.decision == DRAWN) | pl.Series(lending.decision == NOT_DRAWN)
    made = pl.select(a="SYN-A" + stem, l=pl.when(lent).then("SYN-L" + stem))
    return made["a"], made["l"]
