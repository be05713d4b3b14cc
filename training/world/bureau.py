"""Credit reports as they lie in a loan file: of the firm with its facilities, and of who controls it.

An orderly bank queries both within weeks of the application; some reports are older, few were never fetched. How often
each record occurs is assumed; special mention lies near the 2.3% of loans that banks reported for 2023.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER
from training.world.firms import MEAN_SIZE
from training.world.guarantees import GuaranteesGiven
from training.world.loan_file import Book
from training.world.partition import Partition
from training.world.people import controllers
from training.world.rows import Frames, Values, places, texts

FIRM_REPORT, PERSON_REPORT = ("bureau", "synthetic enterprise credit report"), ("bureau", "synthetic personal report")
MOST_ACCOUNTS = 4


def bureau_frames(partition: Partition, book: Book, given: GuaranteesGiven) -> Frames:
    """Reports of most applicants and of their controllers, and the facilities that the former list."""
    chance = partition.stream("bureau")
    report = _reported(partition, chance, book)
    return {
        "bureau": _reports(partition, chance, report, given),
        "bureau_accounts": _accounts(partition, partition.stream("facilities"), book, report),
        "person_bureau": _persons(partition, partition.stream("personal reports"), book),
    }


def _fetched(chance: np.random.Generator, n: int) -> Ints:
    """Days before the application on which a report was fetched: nearly all within weeks, some months before."""
    return np.where(chance.random(n) < 0.02, chance.integers(31, 110, n), chance.integers(0, 12, n))


@dataclass(frozen=True)
class _FirmReports:
    """The reports fetched, entry by entry: of which application, when, and what they say of loans."""

    of: Ints
    firm: Ints
    queried: Ints
    stress: Floats
    found: Bools
    debt: Floats
    short: Floats
    open_loans: Ints
    special: Ints
    bad: Ints


def _reported(partition: Partition, chance: np.random.Generator, book: Book) -> _FirmReports:
    lent, world, firms, books = book.lending, partition.world, partition.firms, partition.books
    of = np.flatnonzero(chance.random(len(lent)) < 0.99)
    firm, n, stress = lent.firm[of], len(of), lent.stress[of]
    queried = lent.applied[of] - _fetched(chance, n)
    at = (firm, world.quarters.of(queried))
    short = books.levels["short_term_debt"][at]
    debt = short + books.levels["long_term_due"][at] + books.levels["long_term_debt"][at]
    hides = firms.dishonest[firm] & (chance.random(n) < 0.15)
    factor = np.exp(0.07 * chance.standard_normal(n)) * np.where(hides, chance.uniform(1.3, 2.2, n), 1.0)
    young = (queried - firms.founded[firm]) < 900
    lenders = 1 + chance.poisson(np.clip(0.8 + 0.6 * (firms.size[firm] - MEAN_SIZE), 0.1, 8))
    rising = np.exp(np.minimum(stress, 3))
    return _FirmReports(
        of=of,
        firm=firm,
        queried=queried,
        stress=stress,
        found=~(young & (chance.random(n) < 0.25)),
        debt=np.round(debt * factor),
        short=np.round(short * factor),
        open_loans=lenders + chance.poisson(0.7, n),
        special=chance.poisson(0.02 * rising),
        bad=chance.poisson(0.003 * rising),
    )


def _reports(
    partition: Partition, chance: np.random.Generator, report: _FirmReports, given: GuaranteesGiven
) -> pl.DataFrame:
    """Stress shows in arrears, queries and classes."""
    n, stress, found = len(report.of), report.stress, report.found
    rising = np.exp(np.minimum(stress, 3))
    worst = np.clip(np.round(5 + 16 * stress + 2.5 * chance.standard_normal(n)), 0, 88).astype(np.int64)
    overdue = np.where(worst > 45, report.debt * 0.02 * chance.random(n), 0.0)
    closed = np.where(chance.random(n) < 0.006 * rising, report.queried - chance.integers(200, 3000, n), NEVER)

    def seldom(share: float, most: float) -> Floats:
        return np.where(chance.random(n) < share * rising, report.debt * most * chance.random(n), 0.0)

    told = {
        "balance": report.debt,
        "balance_short": report.short,
        "overdue": overdue,
        "overdue_interest": overdue * 0.03,
        "overdue_90": np.where(report.bad > 0, report.debt * 0.05, 0.0),
        "non_performing_balance": np.where(report.bad > 0, report.debt * 0.2, 0.0),
        "written_off": seldom(0.0005, 0.05),
        "recovered_by_others": seldom(0.001, 0.1),
        "advances": seldom(0.001, 0.1),
    }
    counted = {
        "lenders": np.minimum(report.open_loans, 1 + chance.poisson(0.8, n)),
        "open_loans": report.open_loans,
        "worst_days": np.where(report.bad > 0, np.maximum(worst, 95), worst),
        "special_mention": report.special,
        "non_performing": report.bad,
    }
    columns: dict[str, Values] = {
        "queried_on": report.queried,
        "record_found": found,
        **{name: np.where(found, np.round(values), 0) for name, values in told.items()},
        **{name: np.where(found, values, 0) for name, values in counted.items()},
        "bad_closed_on": np.where(found, closed, NEVER),
        "inquiries": chance.poisson(np.exp(1.2 + 0.55 * np.minimum(stress, 3))),
        **_guarantees(chance, given, report),
    }
    return partition.sheet.rows("bureau", report.firm, report.queried, FIRM_REPORT, columns)


def _guarantees(chance: np.random.Generator, given: GuaranteesGiven, report: _FirmReports) -> dict[str, Values]:
    """What the firm guarantees for others, and how much of that went bad, where the report tells it."""
    n, balance = len(report.of), given.balance(report.firm, report.queried)
    class_told, luck = chance.random(n) > 0.025, chance.random(n)
    watched, bad = np.where(luck < 0.04, balance, 0), np.where(luck > 0.99, balance, 0)
    return {
        "guarantees_given": balance,
        "guarantees_special_mention": np.where(class_told, watched, NEVER),
        "guarantees_non_performing": np.where(class_told, bad, NEVER),
    }


def _accounts(partition: Partition, chance: np.random.Generator, book: Book, report: _FirmReports) -> pl.DataFrame:
    """The facilities behind the balance of each report, at most so many; the worst classes stand first."""
    number = np.where(report.found & (report.debt > 0), np.minimum(report.open_loans, MOST_ACCOUNTS), 0)
    row = np.repeat(np.arange(len(number)), number)
    place = np.arange(len(row)) - np.repeat(np.cumsum(number) - number, number)
    weight = chance.random(len(row)) + 0.2
    share = weight / np.bincount(row, weights=weight, minlength=len(number))[row]
    kinds = places("bureau_accounts", "kind", "short_loan", "long_loan", "acceptance", "supply_chain", "lease")
    classes = places("bureau_accounts", "risk_class", "substandard", "special_mention", "normal")
    worse = (place >= report.bad[row]).astype(np.int64) + (place >= (report.bad + report.special)[row])
    columns: dict[str, Values] = {
        "account": book.application.gather(report.of[row]) + texts("-B", place + 1),
        "queried_on": report.queried[row],
        "lender": texts("synthetic-other-bank-", chance.integers(1, 30, len(row)), 2),
        "kind": kinds[chance.choice(5, len(row), p=[0.66, 0.16, 0.1, 0.05, 0.03])],
        "balance": np.floor(report.debt[row] * share),
        "due_on": report.queried[row] + chance.integers(15, 720, len(row)),
        "risk_class": classes[worse],
    }
    return partition.sheet.rows("bureau_accounts", report.firm[row], report.queried[row], FIRM_REPORT, columns)


def _persons(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """The controller's own report; leave was nearly always given in writing before."""
    lent = book.lending
    of = np.flatnonzero(chance.random(len(lent)) < 0.99)
    firm, n = lent.firm[of], len(of)
    rising = np.exp(0.8 * np.minimum(lent.stress[of], 3))
    queried = lent.applied[of] - _fetched(chance, n)
    asked = queried - chance.integers(0, 6, n)
    worst = np.minimum(chance.poisson(0.08 * rising), 7)
    revenue = np.exp(partition.firms.size[firm]) * 100
    borrows = chance.random(n) < 0.25

    def amount(where: Bools, most: float) -> Floats:
        return np.where(where, np.round(revenue * most * chance.random(n), -4), 0.0)

    columns: dict[str, Values] = {
        "person": controllers(partition.sheet.keys.gather(firm)),
        "queried_on": queried,
        "authorised_on": np.where(chance.random(n) < 0.01, NEVER, asked),
        "non_performing": chance.poisson(0.0015 * rising),
        "written_off": amount(chance.random(n) < 0.0005 * rising, 0.01),
        "overdue": amount(chance.random(n) < 0.006 * rising, 0.001),
        "worst_months": worst,
        "months_overdue": worst + chance.poisson(0.15 * rising),
        "business_loans": amount(borrows, 0.06),
        "guarantees_given": amount(chance.random(n) < 0.2, 0.1),
    }
    return partition.sheet.rows("person_bureau", firm, queried, PERSON_REPORT, columns)
