"""Guarantees: what a firm guarantees for others, who guarantees it in turn, and who stands behind its loans."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Bools, Ints
from training.world.days import NEVER, add_months, day
from training.world.loan_file import FUND, Book
from training.world.partition import Partition
from training.world.people import controllers
from training.world.rows import Frames, Values, places, texts

GIVES, CIRCLE, CIRCLE_OF_DISHONEST = 0.13, 0.04, 0.30
"""Share of the firms that guarantee others' debt, and of these the share in a circle; assumed."""
SIGNED = 0.72
"""Share of the controllers who have signed on the day of the application; assumed, and most others promise to."""
LETTER = 0.80
"""Share of the institutions whose letter lies in the file by then; assumed."""


@dataclass(frozen=True)
class GuaranteesGiven:
    """Guarantees that firms gave for others: at most one each, in fen, from a day on.

    `circle`: the other guarantees the firm in turn.
    """

    firm: Ints
    amount: Ints
    since: Ints
    circle: Bools

    @classmethod
    def of(cls, partition: Partition) -> "GuaranteesGiven":
        """Those of a partition's firms."""
        chance, firms, world = partition.stream("guarantees given"), partition.firms, partition.world
        firm = np.flatnonzero(chance.random(len(firms)) < np.where(firms.dishonest, 0.4, GIVES))
        n = len(firm)
        first = np.maximum(firms.founded[firm] + 400, day(world.first_year - 2))
        since = first + (chance.random(n) * np.maximum(world.seen_until - first, 1)).astype(np.int64)
        at = (firm, world.quarters.of(since))
        equity = np.maximum(
            partition.books.levels["total_assets"][at] - partition.books.levels["total_liabilities"][at], 0
        )
        share = np.exp(np.log(0.22) + 0.7 * chance.standard_normal(n))
        circle = chance.random(n) < np.where(firms.dishonest[firm], CIRCLE_OF_DISHONEST, CIRCLE)
        return cls(firm, np.round(equity * share, -4).astype(np.int64), since, circle)

    def balance(self, firm: Ints, on: Ints) -> Ints:
        """What firms had guaranteed for others on days."""
        most = max(int(firm.max(initial=0)), int(self.firm.max(initial=0))) + 1
        amount, since = np.zeros(most, dtype=np.int64), np.full(most, np.iinfo(np.int64).max)
        amount[self.firm], since[self.firm] = self.amount, self.since
        return np.where(since[firm] <= on, amount[firm], 0)


def guarantee_frames(partition: Partition, book: Book, given: GuaranteesGiven) -> Frames:
    """Rows of guarantees for applications, for others, and of others for the firm."""
    chance = partition.stream("guarantees")
    rows = [_of_controllers(partition, chance, book), _of_institutions(partition, chance, book)]
    return {"guarantees": pl.concat([*rows, *_for_others(partition, given)], how="diagonal")}


def _of_controllers(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """The controllers of private firms stand behind most loans, most of them with their spouse."""
    lent, n = book.lending, len(book.lending)
    of = np.flatnonzero(partition.firms.private[lent.firm] & (chance.random(n) < 0.97))
    signed = chance.random(len(of)) < SIGNED
    with_spouse = places("guarantees", "kind", "controller_joint")
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "guarantor": controllers(partition.sheet.keys.gather(lent.firm[of])),
        "debtor": partition.sheet.keys.gather(lent.firm[of]),
        "kind": np.full(len(of), with_spouse[0]),
        "amount": lent.amount[of],
        "from_on": lent.applied[of],
        "until": add_months(lent.applied[of], lent.term[of] + 24),
        "signed_on": np.where(signed, lent.applied[of], NEVER),
        "spouse_signed": chance.random(len(of)) < np.where(signed, 0.93, 0.2),
    }
    return partition.sheet.rows("guarantees", lent.firm[of], lent.applied[of], FUND, columns)


def _of_institutions(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """An institution bears most of the loss of loans marked as guaranteed; its own figures are as it reports them."""
    lent = book.lending
    of = np.flatnonzero(lent.guaranteed)
    n = len(of)
    assets = np.round(np.exp(np.log(4e10) + 0.5 * chance.standard_normal(n)), -6)
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "guarantor": texts("row:synthetic-guarantor-", lent.bank[of] + 1, 2),
        "debtor": partition.sheet.keys.gather(lent.firm[of]),
        "kind": np.full(n, places("guarantees", "kind", "guarantee_institution")[0]),
        "amount": lent.amount[of],
        "from_on": lent.applied[of],
        "until": add_months(lent.applied[of], lent.term[of] + 24),
        "signed_on": np.where(chance.random(n) < LETTER, lent.applied[of], NEVER),
        "share": chance.choice([0.8, 0.7, 0.9, 1.0], n, p=[0.6, 0.15, 0.1, 0.15]),
        "net_assets": assets,
        "outstanding": np.round(assets * chance.uniform(2.0, 9.0, n), -6),
        "serves_small": chance.random(n) < 0.8,
    }
    return partition.sheet.rows("guarantees", lent.firm[of], lent.applied[of], FUND, columns)


def _for_others(partition: Partition, given: GuaranteesGiven) -> list[pl.DataFrame]:
    """What the bureau shows of a firm's guarantees: for whom, and where a circle closes, from whom."""
    sheet, said = partition.sheet, ("bureau", "synthetic enterprise credit report")
    other = texts("row:synthetic-guaranteed-", given.firm, 6) + "-" + sheet.keys.gather(given.firm).str.slice(13)
    columns: dict[str, Values] = {
        "guarantor": sheet.keys.gather(given.firm),
        "debtor": other,
        "kind": np.full(len(given.firm), places("guarantees", "kind", "company")[0]),
        "amount": given.amount,
        "from_on": given.since,
    }
    back = np.flatnonzero(given.circle)
    returned: dict[str, Values] = {
        "guarantor": other.gather(back),
        "debtor": sheet.keys.gather(given.firm[back]),
        "kind": np.full(len(back), places("guarantees", "kind", "company")[0]),
        "amount": given.amount[back],
        "from_on": given.since[back],
    }
    return [
        sheet.rows("guarantees", given.firm, given.since + 5, said, columns),
        sheet.rows("guarantees", given.firm[back], given.since[back] + 5, said, returned),
    ]
