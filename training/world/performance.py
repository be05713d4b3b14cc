"""Every month of a loan as the bank's ledger shows it, from drawdown until it is settled or the records end."""

from dataclasses import dataclass

import numpy as np

from features.arrays import Bools, Ints
from training.world.competing_risks import DEFAULTED, EARLY_DAYS, PREPAID, RENEWED, RESTRUCTURED_DAYS
from training.world.days import NEVER, add_months, month_end, months_since_1970
from training.world.hazard import INSTALMENTS
from training.world.lending import DRAWN, SyntheticLending
from training.world.loan_file import Book
from training.world.partition import Partition
from training.world.rows import Frames, Values, places

RECOVERY = (1.1, 7.6)
"""Beta parameters of what is recovered of a defaulted loan from the patents alone: 5 to 20% (assumed)."""


def performance_frames(partition: Partition, book: Book) -> Frames:
    """Monthly rows from the month of drawdown to the month in which the loan is over, or the end of the records."""
    chance = partition.stream("performance")
    lent, of = book.lending, np.flatnonzero(book.lending.decision == DRAWN)
    lent = lent.where(of)
    end = _Endings.of(chance, lent)
    first = months_since_1970(lent.drawn)
    last = months_since_1970(np.minimum(end.over, partition.world.seen_until))
    loan = np.repeat(np.arange(len(of)), last - first + 1)
    month = np.arange(len(loan)) - np.searchsorted(loan, loan) + first[loan]
    at = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    late = _days_late(chance, lent, end, loan, at)
    balance = _balance(lent, end, loan, at)
    columns: dict[str, Values] = {
        "loan": book.loan.gather(of[loan]),
        "month_end": at,
        "days_past_due": late,
        "balance": balance,
        "overdue": np.where(late > 60, balance, np.where(late > 0, balance // 20, 0)),
        "risk_class": _classes(lent, loan, at, late),
        "deferred": (lent.deferred_on[loan] != NEVER)
        & (at >= lent.deferred_on[loan])
        & (at < lent.deferred_on[loan] + 183),
        "restructured": end.restructured[loan] & (at >= lent.bad_on[loan]),
        "settled_by": np.where(month_end(end.over)[loan] == at, end.settled_by[loan], -1),
        "recovered": end.recovered(loan, at),
    }
    said = ("document", "synthetic loan ledger")
    return {"performance": partition.sheet.rows("performance", lent.firm[loan], at + 5, said, columns)}


@dataclass(frozen=True)
class _Endings:
    """When each loan is over and by whom it was settled; what comes in after a default."""

    over: Ints
    settled_by: Ints
    restructured: Bools
    paid_in: Ints

    @classmethod
    def of(cls, chance: np.random.Generator, lent: SyntheticLending) -> "_Endings":
        n = len(lent)
        bad, early = lent.outcome == DEFAULTED, (lent.default_mode >= 0) & (lent.default_mode < len(EARLY_DAYS))
        restructured = (lent.default_mode >= len(EARLY_DAYS)) & (
            lent.default_mode < len(EARLY_DAYS) + len(RESTRUCTURED_DAYS)
        )
        backed = ~early & lent.guaranteed & (chance.random(n) < 0.75)
        wait = np.where(backed, chance.integers(110, 200, n), chance.integers(330, 620, n))
        missed = np.where(bad, lent.missed_on, 0)
        share = np.where(early | backed, chance.uniform(0.7, 0.9, n), chance.beta(*RECOVERY, n))
        left = np.where(bad, _outstanding(lent, missed), 0)
        return cls(
            over=np.where(bad, np.where(early, lent.bad_on, missed + wait), lent.settled),
            settled_by=np.where(bad, _third_parties(chance, early, backed), _kept(chance, lent)),
            restructured=restructured,
            paid_in=np.round(left * share).astype(np.int64),
        )

    def recovered(self, loan: Ints, at: Ints) -> Ints:
        """What comes in comes in the last month."""
        return np.where(month_end(self.over)[loan] == at, self.paid_in[loan], 0)


def _kept(chance: np.random.Generator, lent: SyntheticLending) -> Ints:
    """Who repaid a loan that did not default: the borrower, by a renewal, or another bank."""
    borrower, other, renewal = places("performance", "settled_by", "borrower", "other_bank", "renewal")
    early = np.where(chance.random(len(lent)) < 0.3, other, borrower)
    return np.select([lent.outcome == RENEWED, lent.outcome == PREPAID], [renewal, early], borrower)


def _third_parties(chance: np.random.Generator, early: Bools, backed: Bools) -> Ints:
    """Who settled a loan that defaulted: who stood behind it, or the bank bore the loss."""
    payers = places("performance", "settled_by", "guarantor", "insurer", "fund")
    losses = places("performance", "settled_by", "sale_at_loss", "write_off")
    payer = np.where(early, payers[0], payers[chance.choice(3, len(early), p=[0.75, 0.1, 0.15])])
    return np.where(early | backed, payer, losses[chance.choice(2, len(early), p=[0.3, 0.7])])


def _outstanding(lent: SyntheticLending, on: Ints) -> Ints:
    """Principal still owed on days while payments are made as agreed."""
    paid = np.clip(months_since_1970(on) - months_since_1970(np.maximum(lent.drawn, 0)), 0, lent.term)
    paid = np.where(add_months(lent.drawn, paid) > on, np.maximum(paid - 1, 0), paid)
    return np.where(lent.repayment == INSTALMENTS, lent.granted - lent.granted * paid // lent.term, lent.granted)


def _balance(lent: SyntheticLending, end: _Endings, loan: Ints, at: Ints) -> Ints:
    of = lent.where(loan)
    stuck = np.where((of.missed_on != NEVER) & (at >= of.missed_on), of.missed_on - 1, at)
    return np.where(end.over[loan] <= at, 0, _outstanding(of, stuck))


def _days_late(chance: np.random.Generator, lent: SyntheticLending, end: _Endings, loan: Ints, at: Ints) -> Ints:
    """Days past due at month-ends: the default's own, and short ones of the stressed that are made good again."""
    missed = lent.missed_on[loan]
    failed = (missed != NEVER) & (at > missed)
    over = end.over[loan] <= at
    restructured = end.restructured[loan] & (at >= lent.bad_on[loan])
    own = np.where(failed & ~over, at - np.where(failed, missed, at), 0)
    own = np.where(restructured, np.minimum(own, 89), own)
    slips = chance.random(len(loan)) < np.minimum(0.016 * np.exp(1.05 * lent.stress[loan]), 0.5)
    slip = np.minimum(1 + chance.geometric(0.07, len(loan)), 29)
    running = ~failed & ~over & (at > lent.drawn[loan] + 31)
    return np.where(running & slips, slip, own)


def _classes(lent: SyntheticLending, loan: Ints, at: Ints, late: Ints) -> Ints:
    """The five classes by days past due; restructured loans are at least substandard."""
    found = np.searchsorted(np.array([0, 90, 270, 360]), late, side="left")
    restructured = (lent.default_mode[loan] >= len(EARLY_DAYS)) & (
        lent.default_mode[loan] < len(EARLY_DAYS) + len(RESTRUCTURED_DAYS)
    )
    return np.where(restructured & (at >= lent.bad_on[loan]), np.maximum(found, 2), found)
