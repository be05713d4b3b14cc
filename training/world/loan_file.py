"""The bank's papers about lending: applications and contracts, and their numbers."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.days import NEVER
from training.world.lending import DECLINED, DRAWN, NOT_DRAWN, WITHDRAWN, SyntheticLending
from training.world.partition import Partition
from training.world.rows import Frames, Values, or_null, places, some, texts

PURPOSES = ("working_capital", "research", "equipment", "expansion", "refinance")
PURPOSE_SHARES = (0.62, 0.18, 0.12, 0.08, 0.0)
"""Of loans that renew none; assumed."""
FUND = ("document", "synthetic loan file")


@dataclass(frozen=True)
class Book:
    """The lending of one partition with the numbers by which its rows refer to each other."""

    lending: SyntheticLending
    application: pl.Series
    loan: pl.Series
    purpose: Ints

    @classmethod
    def of(cls, partition: Partition, lending: SyntheticLending) -> "Book":
        """The lending with its numbers, and the purposes as places in `PURPOSES`."""
        chance = partition.stream("purposes")
        purpose = chance.choice(len(PURPOSES), len(lending), p=PURPOSE_SHARES)
        purpose = np.where(lending.renews >= 0, PURPOSES.index("refinance"), purpose)
        return cls(lending, *_numbers(partition.index, lending), purpose)

    @property
    def banks(self) -> pl.Series:
        """The bank of each application."""
        return texts("synthetic-bank-", self.lending.bank + 1, 2)

    @property
    def renews(self) -> pl.Series:
        """The loan that each application renews, or null."""
        return or_null(self.loan, self.lending.renews)


def _numbers(partition: int, lending: SyntheticLending) -> tuple[pl.Series, pl.Series]:
    """Numbers of applications and of loans (null where none), by place."""
    stem = pl.Series(np.arange(len(lending)) + partition * 10_000_000 + 10**11).cast(pl.String).str.slice(1)
    lent = pl.Series(lending.decision == DRAWN) | pl.Series(lending.decision == NOT_DRAWN)
    made = pl.select(a="SYN-A" + stem, l=pl.when(lent).then("SYN-L" + stem))
    return made["a"], made["l"]


def loan_frames(partition: Partition, book: Book) -> Frames:
    """Rows of applications and loans."""
    chance = partition.stream("loan file")
    return {
        "applications": _applications(partition, chance, book),
        "loans": _loans(partition, chance, book),
    }


def _applications(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """A row on the day of asking, a second one when the applicant withdraws or the bank declines."""
    lent, n = book.lending, len(book.lending)
    product = places("applications", "product", "working_capital", "fixed_asset")
    invests = np.isin(book.purpose, [PURPOSES.index("equipment"), PURPOSES.index("expansion")])
    rate = 0.043 + 0.004 * np.clip(lent.stress, -2, 3) + 0.003 * chance.standard_normal(n)
    channel = places("applications", "channel", "direct", "platform", "push_list", "guarantor")
    columns: dict[str, Values] = {
        "application": book.application,
        "applied_on": lent.applied,
        "bank": book.banks,
        "branch": book.banks
        + pl.Series(partition.firms.region[lent.firm] // 10_000).cast(pl.String).str.replace("^", "-"),
        "amount": lent.amount,
        "term_months": lent.term,
        "purpose": places("applications", "purpose", *PURPOSES)[book.purpose],
        "product": product[invests.astype(np.int64)],
        "rate_asked": np.round(np.where(chance.random(n) < 0.97, rate, np.nan), 4),
        "other_funds": np.where(chance.random(n) < 0.5, 0, NEVER),
        "repayment": places("applications", "repayment", "bullet", "instalments", "interest_first")[lent.repayment],
        "channel": channel[chance.choice(4, n, p=[0.55, 0.2, 0.15, 0.1])],
        "renews": book.renews,
    }
    asked = partition.sheet.rows("applications", lent.firm, lent.applied, FUND, columns)
    gone = np.flatnonzero((lent.decision == WITHDRAWN) | (lent.decision == DECLINED))
    later = some(columns, gone)
    later["withdrawn_on"] = np.where(lent.decision[gone] == WITHDRAWN, lent.decided[gone], NEVER)
    later["declined_on"] = np.where(lent.decision[gone] == DECLINED, lent.decided[gone], NEVER)
    return pl.concat(
        [asked, partition.sheet.rows("applications", lent.firm[gone], lent.decided[gone], FUND, later)], how="diagonal"
    )


def _loans(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    lent = book.lending
    of = np.flatnonzero((lent.decision == DRAWN) | (lent.decision == NOT_DRAWN))
    drawn = lent.drawn[of]
    amount = np.where(lent.granted[of] == NEVER, lent.amount[of], lent.granted[of])
    columns: dict[str, Values] = {
        "loan": book.loan.gather(of),
        "application": book.application.gather(of),
        "bank": book.banks.gather(of),
        "contract": book.loan.gather(of) + "-C",
        "granted_on": lent.decided[of],
        "drawn_on": drawn,
        "due_on": lent.due[of],
        "amount": amount,
        "ip_amount": np.round(amount * chance.choice([1.0, 0.7, 0.5], len(of), p=[0.5, 0.3, 0.2]), -4).astype(np.int64),
        "rate": np.round(0.043 + 0.004 * np.clip(lent.stress[of], -2, 3) + 0.003 * chance.standard_normal(len(of)), 4),
        "term_months": lent.term[of],
        "repayment": places("loans", "repayment", "bullet", "instalments", "interest_first")[lent.repayment[of]],
        "renews": book.renews.gather(of),
    }
    known = np.where(drawn == NEVER, lent.decided[of], drawn) + 1
    return partition.sheet.rows("loans", lent.firm[of], known, FUND, columns)
