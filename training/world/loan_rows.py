"""What the bank's own books show of lending: applications, loans, what secures them, and every month until the end."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.asof import Bools, Floats, Ints
from training.world.days import NEVER, add_months, month_end, months_since_1970
from training.world.economy import World
from training.world.firms import Books, Firms
from training.world.lending import (
    BANKS,
    DECLINED,
    DEFAULTED,
    DRAWN,
    EARLY_DAYS,
    NOT_DRAWN,
    PREPAID,
    RENEWED,
    RESTRUCTURED_DAYS,
    WITHDRAWN,
    Lending,
    held_on,
    loan_numbers,
)
from training.world.hazard import INSTALMENTS
from training.world.patents import DESIGN, INVENTION, Events, Patents, Stakes, event_rows, events
from training.world.rows import Frames, Sheet, or_null, places, prefixed, some, texts

FUND = ("document", "synthetic loan file")
RECOVERY = (1.1, 7.6)
"""Beta parameters of what is recovered of a defaulted loan from the patents alone: 5 to 20% (assumed)."""


@dataclass(frozen=True)
class Book:
    """The lending of one partition with the numbers by which its rows refer to each other."""

    lending: Lending
    application: pl.Series
    loan: pl.Series

    @classmethod
    def of(cls, world: World, partition: int, lending: Lending) -> "Book":
        """Lending with its numbers."""
        return cls(lending, *loan_numbers(world, partition, lending))

    @property
    def banks(self) -> pl.Series:
        """The bank of each application."""
        return texts("synthetic-bank-", self.lending.bank + 1, 2)

    @property
    def renews(self) -> pl.Series:
        """The loan that each application renews, or null."""
        return or_null(self.loan, self.lending.renews)


def loan_frames(
    world: World, partition: int, firms: Firms, patents: Patents, stakes: Stakes, book: Book, books: Books, sheet: Sheet
) -> Frames:
    """Rows of applications, loans, collateral, guarantees, appraisals and performance, and the pledges' events."""
    chance = world.stream(partition, "loan file")
    pledge = _pledged(chance, patents, stakes, book.lending)
    frames = {
        "applications": _applications(chance, firms, book, sheet),
        "loans": _loans(chance, book, sheet),
        "guarantees": _guarantees(firms, book, sheet),
        "performance": performance(world, chance, book, sheet),
    }
    secured, pledges = _collateral(chance, patents, book, pledge, sheet)
    frames["collateral"] = secured
    frames["patent_events"] = event_rows(patents, pledges, sheet)
    frames["appraisals"] = _appraisals(chance, world, firms, patents, book, books, pledge, sheet)
    return frames


def _applications(chance: np.random.Generator, firms: Firms, book: Book, sheet: Sheet) -> pl.DataFrame:
    """A row on the day of asking, a second one when the applicant withdraws or the bank declines."""
    lent, n = book.lending, len(book.lending)
    renewal = lent.renews >= 0
    purpose = places("applications", "purpose", "working_capital", "research", "equipment", "expansion", "refinance")
    channel = places("applications", "channel", "direct", "platform", "push_list", "guarantor")
    columns = {
        "application": book.application,
        "applied_on": lent.applied,
        "bank": book.banks,
        "branch": book.banks + pl.Series(firms.region[lent.firm] // 10_000).cast(pl.String).str.replace("^", "-"),
        "amount": lent.amount,
        "term_months": lent.term,
        "purpose": np.where(renewal, purpose[4], purpose[chance.choice(4, n, p=[0.62, 0.18, 0.12, 0.08])]),
        "repayment": places("applications", "repayment", "bullet", "instalments", "interest_first")[lent.repayment],
        "channel": channel[chance.choice(4, n, p=[0.55, 0.2, 0.15, 0.1])],
        "renews": book.renews,
    }
    asked = sheet.rows("applications", lent.firm, lent.applied, FUND, columns)
    gone = np.flatnonzero((lent.decision == WITHDRAWN) | (lent.decision == DECLINED))
    later = some(columns, gone)
    later["withdrawn_on"] = np.where(lent.decision[gone] == WITHDRAWN, lent.decided[gone], NEVER)
    later["declined_on"] = np.where(lent.decision[gone] == DECLINED, lent.decided[gone], NEVER)
    return pl.concat(
        [asked, sheet.rows("applications", lent.firm[gone], lent.decided[gone], FUND, later)], how="diagonal"
    )


def _loans(chance: np.random.Generator, book: Book, sheet: Sheet) -> pl.DataFrame:
    lent = book.lending
    of = np.flatnonzero((lent.decision == DRAWN) | (lent.decision == NOT_DRAWN))
    drawn = lent.drawn[of]
    amount = np.where(lent.granted[of] == NEVER, lent.amount[of], lent.granted[of])
    columns = {
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
    return sheet.rows("loans", lent.firm[of], known, FUND, columns)


def _guarantees(firms: Firms, book: Book, sheet: Sheet) -> pl.DataFrame:
    """The controller stands behind most loans; an institution behind those marked as guaranteed."""
    lent = book.lending
    private = np.flatnonzero(firms.region[lent.firm] % 7 != 3)
    backed = np.flatnonzero(lent.guaranteed)
    row = np.r_[private, backed]
    person = prefixed("person:syn-", sheet.keys.gather(lent.firm[private]).str.slice(5))
    institution = texts("row:synthetic-guarantor-", lent.bank[backed] + 1, 2)
    kind = places("guarantees", "kind", "controller_joint", "guarantee_institution")
    columns = {
        "application": book.application.gather(row),
        "guarantor": pl.concat([person.rename("guarantor"), institution.rename("guarantor")]),
        "debtor": sheet.keys.gather(lent.firm[row]),
        "kind": np.r_[np.full(len(private), kind[0]), np.full(len(backed), kind[1])],
        "amount": lent.amount[row],
        "from_on": lent.applied[row],
        "until": add_months(lent.applied[row], lent.term[row] + 24),
    }
    return sheet.rows("guarantees", lent.firm[row], lent.applied[row], FUND, columns)


# --- what secures a loan -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Pledge:
    """Pairs of application and patent pledged for it."""

    application: Ints
    patent: Ints


def _pledged(chance: np.random.Generator, p: Patents, stakes: Stakes, lent: Lending) -> Pledge:
    """Each applicant offers some of the patents that it holds in force, the better ones first, inventions mostly."""
    question, stake = held_on(p, stakes, lent.firm, lent.applied)
    patent = stakes.patent[stake]
    usable = p.kind[patent] != DESIGN
    usable |= chance.random(len(patent)) < 0.25
    question, patent = question[usable], patent[usable]
    liking = p.quality[patent] + 2.2 * (p.kind[patent] == INVENTION) + 1.2 * chance.standard_normal(len(patent))
    order = np.lexsort([-liking, question])
    question, patent = question[order], patent[order]
    place = np.arange(len(question)) - np.searchsorted(question, question)
    wanted = 1 + chance.negative_binomial(1.6, 1.6 / (1.6 + 8.0), len(lent))
    offered = place < wanted[question]
    return Pledge(question[offered], patent[offered])


def _collateral(
    chance: np.random.Generator, p: Patents, book: Book, pledge: Pledge, sheet: Sheet
) -> tuple[pl.DataFrame, list[Events]]:
    """Rows of the patents offered, of those registered for loans, and of other security; and the register's events."""
    lent = book.lending
    kind = places("collateral", "kind", "patent", "real_estate", "equipment", "receivables")
    offered = {
        "application": book.application.gather(pledge.application),
        "kind": np.full(len(pledge.patent), kind[0]),
        "item": p.number.gather(pledge.patent),
        "pledgor": sheet.keys.gather(lent.firm[pledge.application]),
        "rank": np.ones(len(pledge.patent), dtype=np.int64),
    }
    asked = sheet.rows("collateral", lent.firm[pledge.application], lent.applied[pledge.application], FUND, offered)
    further = np.flatnonzero(chance.random(len(lent)) < 0.32)
    other = {
        "application": book.application.gather(further),
        "kind": kind[chance.integers(1, 4, len(further))],
        "item": book.application.gather(further) + "-X1",
        "pledgor": sheet.keys.gather(lent.firm[further]),
        "rank": np.ones(len(further), dtype=np.int64),
        "value": np.round(lent.amount[further] * chance.uniform(0.2, 1.2, len(further)), -6).astype(np.int64),
    }
    more = sheet.rows("collateral", lent.firm[further], lent.applied[further], FUND, other)
    registered, pledges = _registered(p, book, pledge, sheet)
    return pl.concat([asked, more, *registered], how="diagonal"), pledges


def _registered(p: Patents, book: Book, pledge: Pledge, sheet: Sheet) -> tuple[list[pl.DataFrame], list[Events]]:
    """The pledges of loans drawn, when registered and (a second row) when released."""
    lent = book.lending
    of = np.flatnonzero((lent.decision == DRAWN)[pledge.application])
    application, patent = pledge.application[of], pledge.patent[of]
    on = lent.drawn[application]
    reference = prefixed("PESYN", book.loan.gather(application).str.slice(5))
    bank = prefixed("row:", book.banks.gather(application))
    columns = {
        "loan": book.loan.gather(application),
        "kind": np.full(len(of), places("collateral", "kind", "patent")[0]),
        "item": p.number.gather(patent),
        "pledgor": sheet.keys.gather(lent.firm[application]),
        "pledgee": bank,
        "rank": np.ones(len(of), dtype=np.int64),
        "registration": reference,
        "registered_on": on,
    }
    first = sheet.rows("collateral", lent.firm[application], on + 6, ("register", "synthetic pledge register"), columns)
    kept = lent.outcome[application] != DEFAULTED
    free_on = np.where(kept, lent.settled[application] + 15, NEVER)
    free = np.flatnonzero(kept)
    later = some(columns, free)
    later["released_on"] = free_on[free]
    freed = sheet.rows(
        "collateral", lent.firm[application[free]], free_on[free] + 6, ("register", "synthetic pledge register"), later
    )
    amount = lent.granted[application] // np.maximum(np.bincount(application, minlength=len(lent)), 1)[application]
    pledged = events(
        "pledged", patent, on, on + 12, reference=reference, party=bank, until=lent.due[application], amount=amount
    )
    released = events(
        "pledge_released",
        patent[free],
        free_on[free],
        free_on[free] + 12,
        reference=reference.gather(free),
        party=bank.gather(free),
    )
    return [first, freed], [pledged, released]


def _appraisals(
    chance: np.random.Generator,
    world: World,
    firms: Firms,
    p: Patents,
    book: Book,
    books: Books,
    pledge: Pledge,
    sheet: Sheet,
) -> pl.DataFrame:
    """One figure for each pool: what the loan needs as much as what the patents are worth; sometimes far too much."""
    lent = book.lending
    number = np.bincount(pledge.application, minlength=len(lent))
    worth = np.bincount(pledge.application, weights=np.exp(0.5 * p.quality[pledge.patent]), minlength=len(lent))
    of = np.flatnonzero((number > 0) & (chance.random(len(lent)) < 0.9))
    assets = books.levels["total_assets"][lent.firm[of], world.quarters.of(lent.applied[of])]
    value = lent.amount[of] * 2.6 * (worth[of] / number[of]) ** 0.5 * np.exp(0.35 * chance.standard_normal(len(of)))
    value = np.where(chance.random(len(of)) < 0.03, np.maximum(value, assets * 0.8), np.minimum(value, assets * 0.9))
    base = lent.applied[of] - chance.integers(30, 240, len(of))
    reported = np.minimum(base + chance.integers(7, 29, len(of)), lent.applied[of])
    columns = {
        "pool": book.application.gather(of) + "-P",
        "application": book.application.gather(of),
        "base_on": base,
        "reported_on": reported,
        "purpose": "pledge",
        "value_type": "market",
        "method": places("appraisals", "method", "income", "cost", "market")[
            chance.choice(3, len(of), p=[0.85, 0.1, 0.05])
        ],
        "appraiser": texts("row:synthetic-appraiser-", chance.integers(1, 13, len(of)), 2),
        "patents": number[of],
        "value": np.round(value, -6).astype(np.int64),
    }
    return sheet.rows("appraisals", lent.firm[of], lent.applied[of], FUND, columns)


# --- every month of a loan -----------------------------------------------------------------------------------------------


def performance(world: World, chance: np.random.Generator, book: Book, sheet: Sheet) -> pl.DataFrame:
    """Monthly rows from the month of drawdown to the month in which the loan is over, or the end of the records."""
    lent, of = book.lending, np.flatnonzero(book.lending.decision == DRAWN)
    lent = lent.where(of)
    end = _Endings.of(chance, lent)
    first = months_since_1970(lent.drawn)
    last = months_since_1970(np.minimum(end.over, world.seen_until))
    loan = np.repeat(np.arange(len(of)), last - first + 1)
    month = np.arange(len(loan)) - np.searchsorted(loan, loan) + first[loan]
    at = (month + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) - 1
    late = _days_late(chance, lent, end, loan, at)
    balance = _balance(lent, end, loan, at)
    columns = {
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
    return sheet.rows("performance", lent.firm[loan], at + 5, ("document", "synthetic loan ledger"), columns)


@dataclass(frozen=True)
class _Endings:
    """When each loan is over and by whom it was settled; what comes in after a default."""

    over: Ints
    settled_by: Ints
    restructured: Bools
    paid_in: Ints

    @classmethod
    def of(cls, chance: np.random.Generator, lent: Lending) -> "_Endings":
        n = len(lent)
        by = {
            w: places("performance", "settled_by", w)[0]
            for w in ("borrower", "other_bank", "renewal", "guarantor", "insurer", "fund", "sale_at_loss", "write_off")
        }
        own = np.where(chance.random(n) < 0.08, by["other_bank"], by["borrower"])
        kept = np.where(lent.outcome == RENEWED, by["renewal"], np.where(lent.outcome == PREPAID, own, by["borrower"]))
        early = (lent.way >= 0) & (lent.way < len(EARLY_DAYS))
        restructured = (lent.way >= len(EARLY_DAYS)) & (lent.way < len(EARLY_DAYS) + len(RESTRUCTURED_DAYS))
        paid_later = ~early & lent.guaranteed & (chance.random(n) < 0.75)
        third = np.where(
            paid_later,
            chance.choice([by["guarantor"], by["insurer"], by["fund"]], n, p=[0.75, 0.1, 0.15]),
            by["write_off"],
        )
        third = np.where((third == by["write_off"]) & (chance.random(n) < 0.3), by["sale_at_loss"], third)
        wait = np.where(paid_later, chance.integers(110, 200, n), chance.integers(330, 620, n))
        bad = lent.outcome == DEFAULTED
        missed, bad_on = np.where(bad, lent.missed_on, 0), np.where(bad, lent.bad_on, 0)
        over = np.where(early, bad_on, missed + wait)
        share = np.where(early | (bad & paid_later), chance.uniform(0.7, 0.9, n), chance.beta(*RECOVERY, n))
        left = np.where(bad, _outstanding(lent, missed), 0)
        return cls(
            over=np.where(bad, over, lent.settled),
            settled_by=np.where(bad, np.where(early, by["guarantor"], third), kept),
            restructured=restructured,
            paid_in=np.round(left * share).astype(np.int64),
        )

    def recovered(self, loan: Ints, at: Ints) -> Ints:
        """What comes in comes in the last month."""
        return np.where(month_end(self.over)[loan] == at, self.paid_in[loan], 0)


def _outstanding(lent: Lending, on: Ints) -> Ints:
    """Principal still owed on days while payments are made as agreed."""
    paid = np.clip(months_since_1970(on) - months_since_1970(np.maximum(lent.drawn, 0)), 0, lent.term)
    paid = np.where(add_months(lent.drawn, paid) > on, np.maximum(paid - 1, 0), paid)
    return np.where(lent.repayment == INSTALMENTS, lent.granted - lent.granted * paid // lent.term, lent.granted)


def _balance(lent: Lending, end: _Endings, loan: Ints, at: Ints) -> Ints:
    of = lent.where(loan)
    stuck = np.where((of.missed_on != NEVER) & (at >= of.missed_on), of.missed_on - 1, at)
    return np.where(end.over[loan] <= at, 0, _outstanding(of, stuck))


def _days_late(chance: np.random.Generator, lent: Lending, end: _Endings, loan: Ints, at: Ints) -> Ints:
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


def _classes(lent: Lending, loan: Ints, at: Ints, late: Ints) -> Ints:
    """The five classes by days past due; restructured loans are substandard, and guaranteed ones end in good standing."""
    found = np.searchsorted(np.array([0, 90, 270, 360]), late, side="left")
    restructured = (lent.way[loan] >= len(EARLY_DAYS)) & (lent.way[loan] < len(EARLY_DAYS) + len(RESTRUCTURED_DAYS))
    return np.where(restructured & (at >= lent.bad_on[loan]), np.maximum(found, 2), found)


__all__ = ["BANKS", "Book", "Floats", "loan_frames", "performance"]
