"""What secures a loan: the patents offered and registered, other security, and the appraiser's figure for the pool."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.competing_risks import DEFAULTED
from training.world.lending import DRAWN, SyntheticLending, held_on
from training.world.loan_file import FUND, Book
from training.world.partition import Partition
from training.world.patent_register import RegisterEvents, event_rows, events
from training.world.patents import DESIGN, INVENTION
from training.world.rows import Frames, Values, places, prefixed, some, texts

REGISTER = ("register", "synthetic pledge register")


def security_frames(partition: Partition, book: Book) -> Frames:
    """Rows of collateral and appraisals, and the pledges' events."""
    chance = partition.stream("security")
    pledge = _pledged(partition, chance, book.lending)
    offered = [_offered(partition, book, pledge), _further(partition, chance, book)]
    registered, pledges = _registered(partition, book, pledge)
    return {
        "collateral": pl.concat([*offered, *registered], how="diagonal"),
        "patent_events": event_rows(partition.patents, pledges, partition.sheet),
        "appraisals": _appraisals(partition, chance, book, pledge),
    }


@dataclass(frozen=True)
class PledgedPatents:
    """Pairs of application and patent pledged for it."""

    application: Ints
    patent: Ints


def _pledged(partition: Partition, chance: np.random.Generator, lent: SyntheticLending) -> PledgedPatents:
    """Each applicant offers some of the patents that it holds in force, the better ones first, inventions mostly."""
    p = partition.patents
    question, stake = held_on(partition, lent.firm, lent.applied)
    patent = partition.stakes.patent[stake]
    usable = p.kind[patent] != DESIGN
    usable |= chance.random(len(patent)) < 0.25
    question, patent = question[usable], patent[usable]
    liking = p.quality[patent] + 2.2 * (p.kind[patent] == INVENTION) + 1.2 * chance.standard_normal(len(patent))
    order = np.lexsort([-liking, question])
    question, patent = question[order], patent[order]
    place = np.arange(len(question)) - np.searchsorted(question, question)
    wanted = 1 + chance.negative_binomial(1.6, 1.6 / (1.6 + 8.0), len(lent))
    offered = place < wanted[question]
    return PledgedPatents(question[offered], patent[offered])


def _offered(partition: Partition, book: Book, pledge: PledgedPatents) -> pl.DataFrame:
    """The patents named in the applications."""
    firm, n = book.lending.firm[pledge.application], len(pledge.patent)
    columns: dict[str, Values] = {
        "application": book.application.gather(pledge.application),
        "kind": "patent",
        "item": partition.patents.number.gather(pledge.patent),
        "pledgor": partition.sheet.keys.gather(firm),
        "rank": np.ones(n, dtype=np.int64),
    }
    return partition.sheet.rows("collateral", firm, book.lending.applied[pledge.application], FUND, columns)


def _further(partition: Partition, chance: np.random.Generator, book: Book) -> pl.DataFrame:
    """Other security, offered with a third of the applications."""
    lent = book.lending
    of = np.flatnonzero(chance.random(len(lent)) < 0.32)
    kinds = places("collateral", "kind", "real_estate", "equipment", "receivables")
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "kind": kinds[chance.integers(0, 3, len(of))],
        "item": book.application.gather(of) + "-X1",
        "pledgor": partition.sheet.keys.gather(lent.firm[of]),
        "rank": np.ones(len(of), dtype=np.int64),
        "value": np.round(lent.amount[of] * chance.uniform(0.2, 1.2, len(of)), -6).astype(np.int64),
    }
    return partition.sheet.rows("collateral", lent.firm[of], lent.applied[of], FUND, columns)


def _registered(
    partition: Partition, book: Book, pledge: PledgedPatents
) -> tuple[list[pl.DataFrame], list[RegisterEvents]]:
    """The pledges of loans drawn, when registered and (a second row) when released."""
    lent = book.lending
    of = np.flatnonzero((lent.decision == DRAWN)[pledge.application])
    application, patent = pledge.application[of], pledge.patent[of]
    firm, on, n = lent.firm[application], lent.drawn[application], len(of)
    reference = prefixed("PESYN", book.loan.gather(application).str.slice(5))
    bank = prefixed("row:", book.banks.gather(application))
    columns: dict[str, Values] = {
        "loan": book.loan.gather(application),
        "kind": "patent",
        "item": partition.patents.number.gather(patent),
        "pledgor": partition.sheet.keys.gather(firm),
        "pledgee": bank,
        "rank": np.ones(n, dtype=np.int64),
        "registration": reference,
        "registered_on": on,
    }
    free = np.flatnonzero(lent.outcome[application] != DEFAULTED)
    free_on = lent.settled[application[free]] + 15
    rows = [
        partition.sheet.rows("collateral", firm, on + 6, REGISTER, columns),
        partition.sheet.rows(
            "collateral", firm[free], free_on + 6, REGISTER, some(columns, free) | {"released_on": free_on}
        ),
    ]
    amount = lent.granted[application] // np.bincount(application, minlength=len(lent))[application]
    told: dict[str, Ints | pl.Series] = {
        "reference": reference,
        "party": bank,
        "until": lent.due[application],
        "amount": amount,
    }
    back: dict[str, Ints | pl.Series] = {"reference": reference.gather(free), "party": bank.gather(free)}
    return rows, [
        events("pledged", patent, on, on + 12, **told),
        events("pledge_released", patent[free], free_on, free_on + 12, **back),
    ]


def _appraisals(partition: Partition, chance: np.random.Generator, book: Book, pledge: PledgedPatents) -> pl.DataFrame:
    """One figure for each pool: what the loan needs as much as what the patents are worth; sometimes far too much."""
    lent, world, p = book.lending, partition.world, partition.patents
    number = np.bincount(pledge.application, minlength=len(lent))
    worth = np.bincount(pledge.application, weights=np.exp(0.5 * p.quality[pledge.patent]), minlength=len(lent))
    of = np.flatnonzero((number > 0) & (chance.random(len(lent)) < 0.9))
    assets = partition.books.levels["total_assets"][lent.firm[of], world.quarters.of(lent.applied[of])]
    value = lent.amount[of] * 2.6 * (worth[of] / number[of]) ** 0.5 * np.exp(0.35 * chance.standard_normal(len(of)))
    value = np.where(chance.random(len(of)) < 0.03, np.maximum(value, assets * 0.8), np.minimum(value, assets * 0.9))
    base = lent.applied[of] - chance.integers(30, 240, len(of))
    reported = np.minimum(base + chance.integers(7, 29, len(of)), lent.applied[of])
    columns: dict[str, Values] = {
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
    return partition.sheet.rows("appraisals", lent.firm[of], lent.applied[of], FUND, columns)
