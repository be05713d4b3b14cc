"""The competing risks of a loan: all that can become of it, and how likely; what becomes of it is drawn from these.

A borrower whose ability to pay ends misses a payment at once or, while interest is small, when principal falls due. The
bank may then renew what cannot be repaid, or put the payment off under the relief of 2020 to 2023, which may cure it.
Else the loan defaults: a guarantor pays early, it is restructured, or it is more than 90 days late.
"""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER, add_months, day, month_end
from training.world.economy import Mechanism
from training.world.hazard import BULLET, INSTALMENTS, State, crossings

REPAID, PREPAID, RENEWED, DEFAULTED = range(4)
DEFERRED_FROM, DEFERRED_UNTIL = day(2020, 2, 1), day(2023, 6, 30)
"""Relief measures under which payments were put off (银保监发〔2020〕6号 to 银发〔2022〕252号)."""
PREPAYMENT = 0.006
"""Monthly chance that a borrower able to pay repays early; not for bullets."""
CARRIED = np.array([0.30, 0.0, 0.20])
"""Chance that interest is still paid after ability to pay has ended, until principal falls due; by repayment."""
STRAINED_RENEWAL, SOUND_RENEWAL = 0.12, 0.33
DEFERRAL, CURED = 0.30, 0.50
EARLY_GUARANTOR, RESTRUCTURED = 0.55, 0.08
EARLY_DAYS, RESTRUCTURED_DAYS, LATE_DAYS = (35, 47, 59, 71, 83), (40, 75), 91
OFFSETS = np.array([*EARLY_DAYS, *RESTRUCTURED_DAYS, LATE_DAYS])
"""Days from the first missed payment to the event that is a default: a guarantor pays, the loan is restructured, or the
payment is more than 90 days late. Lateness counts on the 91st day, the others at the month's end that shows them."""


LATEST_SHOWN = 83 + 31
"""Days after which a missed payment is a default in every mode."""


def _default_days(missed: Ints) -> Ints:
    """Per first missed payment (n,) the day of default in each of the default modes (n, len(OFFSETS))."""
    shown = month_end(missed[:, None] + OFFSETS)
    shown[:, -1] = missed + LATE_DAYS
    return shown


@dataclass(frozen=True)
class LoanOutcomes:
    """What became of each loan."""

    outcome: Ints
    settled: Ints
    missed_on: Ints
    bad_on: Ints
    deferred_on: Ints
    default_mode: Ints
    strained: Bools


@dataclass(frozen=True)
class CompetingRisks:
    """All that can become of each loan. `reach` (n, months): ability to pay ends in month 1, 2, … of a running loan."""

    reach: Floats
    drawn: Ints
    term: Ints
    repayment: Ints
    renewable: Bools
    guaranteed: Bools
    default_modes: Floats

    @property
    def months(self) -> Ints:
        """Months 1, 2, … to the longest term."""
        return np.arange(1, self.reach.shape[1] + 1)

    def _misses(self) -> tuple[Floats, Floats]:
        """The chance that a payment is the first that cannot be made: by month before maturity, and at maturity."""
        at = _next_payment(self.months[None, :], self.repayment[:, None], self.term[:, None])
        before = at < self.term[:, None]
        carried = self.reach * CARRIED[self.repayment][:, None]
        share = self.reach - carried
        early = np.zeros((len(self.drawn), len(self.months) + 1))
        np.add.at(early, (np.nonzero(before)[0], at[before]), share[before])
        late = carried.sum(axis=1) + np.where(before, 0.0, share).sum(axis=1)
        return early[:, 1:], late

    def renewals(self) -> tuple[Floats, Floats]:
        """The chance of a renewal in good standing, and of one because principal cannot be repaid."""
        stays = np.where(self.repayment == BULLET, 1.0, (1 - PREPAYMENT) ** (self.term - 1))
        sound = (1 - self.reach.sum(axis=1)) * stays * SOUND_RENEWAL
        strained = self._misses()[1] * STRAINED_RENEWAL
        return np.where(self.renewable, sound, 0.0), np.where(self.renewable, strained, 0.0)

    def probability(self, until: Ints) -> Floats:
        """The chance of a default up to days `until`: the truth of a label with that horizon."""
        early, late = self._misses()
        late = late * np.where(self.renewable, 1 - STRAINED_RENEWAL, 1.0)
        found = np.zeros(len(self.drawn))
        for month in self.months:
            due = add_months(self.drawn, int(month))
            missed = np.where(month == self.term, late, np.where(month < self.term, early[:, month - 1], 0.0))
            found += missed * self._shows(due, until)
        return found

    def _shows(self, due: Ints, until: Ints) -> Floats:
        """The chance that a payment missed on `due` is seen as a default by `until`, deferral considered."""
        eased = np.where(_relief(due), DEFERRAL, 0.0)
        shown = self._in_time(np.arange(len(due)), due, until)
        put_off = np.flatnonzero(eased)
        later = self._in_time(put_off, add_months(due[put_off], 6), until)
        shown[put_off] += eased[put_off] * ((1 - CURED) * later - shown[put_off])
        return shown

    def _in_time(self, of: Ints, missed: Ints, until: Ints) -> Floats:
        """The chance that payments missed on days by some of the loans are defaults by `until`."""
        found = np.where(missed + LATEST_SHOWN <= until[of], 1.0, 0.0)
        open_ = np.flatnonzero((found == 0) & (missed + OFFSETS[0] <= until[of]))
        in_time = _default_days(missed[open_]) <= until[of[open_], None]
        found[open_] = (self.default_modes[of[open_]] * in_time).sum(axis=1)
        return found

    def draw(self, chance: np.random.Generator) -> LoanOutcomes:
        """One outcome per loan, from exactly these probabilities."""
        n = len(self.drawn)
        ends = (chance.random(n)[:, None] >= np.cumsum(self.reach, axis=1)).sum(axis=1) + 1
        unable = ends <= len(self.months)
        carried = chance.random(n) < CARRIED[self.repayment]
        month = np.where(
            carried, self.term, _next_payment(np.minimum(ends, len(self.months)), self.repayment, self.term)
        )
        due = add_months(self.drawn, self.term)
        at_maturity = unable & (month >= self.term)
        strained = at_maturity & self.renewable & (chance.random(n) < STRAINED_RENEWAL)
        first = add_months(self.drawn, month)
        eased = unable & ~strained & _relief(first) & (chance.random(n) < DEFERRAL)
        cured = eased & (chance.random(n) < CURED)
        missed = unable & ~strained & ~cured
        missed_on = np.where(eased, add_months(first, 6), first)
        mode = (
            (chance.random(n)[:, None] >= np.cumsum(self.default_modes, axis=1)).sum(axis=1).clip(max=len(OFFSETS) - 1)
        )
        outcome, settled = self._kept(chance, unable, due)
        outcome = np.where(strained, RENEWED, np.where(missed, DEFAULTED, np.where(cured, REPAID, outcome)))
        settled = np.where(cured, np.maximum(due, add_months(first, 6)), np.where(unable, due, settled))
        return LoanOutcomes(
            outcome=outcome,
            settled=settled,
            missed_on=np.where(missed, missed_on, NEVER),
            bad_on=np.where(missed, _default_days(missed_on)[np.arange(n), mode], NEVER),
            deferred_on=np.where(eased, first, NEVER),
            default_mode=np.where(missed, mode, -1),
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


def make_risks(mechanism: Mechanism, state: State, drawn: Ints, renewal: Bools, guaranteed: Bools) -> CompetingRisks:
    """All that can become of loans drawn on days in a state."""
    spared = np.where(renewal, 3, 0)
    reach = crossings(mechanism, state, spared)
    months = np.arange(reach.shape[1])
    runs = np.where(state.repayment[:, None] == BULLET, 1.0, (1 - PREPAYMENT) ** months)
    renewable = (state.term >= 12) & (state.repayment != INSTALMENTS) & (state.term <= 24)
    return CompetingRisks(
        reach * runs, drawn, state.term, state.repayment, renewable, guaranteed, _default_modes(guaranteed)
    )


def _default_modes(guaranteed: Bools) -> Floats:
    """Shares of the modes in which a missed payment becomes a default, in the order of OFFSETS."""
    early = np.where(guaranteed, EARLY_GUARANTOR, 0.0)[:, None] * np.full(len(EARLY_DAYS), 1 / len(EARLY_DAYS))
    eased = np.full((len(guaranteed), len(RESTRUCTURED_DAYS)), RESTRUCTURED / len(RESTRUCTURED_DAYS))
    late = 1 - early.sum(axis=1) - RESTRUCTURED
    return np.concatenate([early, eased, late[:, None]], axis=1)


def _relief(due: Ints) -> Bools:
    return (due >= DEFERRED_FROM) & (due <= DEFERRED_UNTIL)


def _next_payment(month: Ints, repayment: Ints, term: Ints) -> Ints:
    """The month of the first payment at or after a month: bullets pay interest quarterly, others monthly."""
    quarterly = (month + 2) // 3 * 3
    return np.minimum(np.where(repayment == BULLET, quarterly, month), term)
