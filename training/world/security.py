"""What secures a loan: the patents offered and registered, other security, and the appraiser's figure for the pool."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Bools, Ints
from training.world.competing_risks import DEFAULTED
from training.world.days import NEVER, add_months, day
from training.world.held import held_on
from training.world.lending import DRAWN, SyntheticLending
from training.world.loan_file import FUND, Book
from training.world.partition import Partition
from training.world.patent_register import RegisterEvents, event_rows, events
from training.world.patents import DESIGN, INVENTION, TERM_YEARS, SyntheticPatents
from training.world.rows import Frames, Values, places, prefixed, some, texts

LIFE_LEFT = 12
"""Months that a patent lasts beyond the loan."""
UNWORKED, WANTED = 0.01, 28.0
"""Chance that a patent is offered besides others though not worked, and how many are wanted beyond one; assumed."""
EXTRACTS = 0.85
"""Share of the patents offered of which an extract lies in the file on the day; assumed."""
LENT_OF_APPRAISAL = np.array([0.25, 0.15, 0.10])
"""What is lent on an appraisal, by kind of patent: inventions and utility models as a bank published (BoComm Beijing,
2006, read in a secondary text), designs assumed. Who orders an appraisal for a loan has it reach the loan by these."""
REGISTER = ("register", "synthetic pledge register")


def security_frames(partition: Partition, book: Book, pledge: "PledgedPatents") -> Frames:
    """Rows of collateral and appraisals, and the pledges' and register extracts' events."""
    chance = partition.stream("security")
    offered = [_offered(partition, book, pledge), _further(partition, chance, book)]
    registered, pledges = _registered(partition, book, pledge)
    return {
        "collateral": pl.concat([*offered, *registered], how="diagonal"),
        "patent_events": event_rows(
            partition.patents, [*pledges, *_extracts(partition, book, pledge)], partition.sheet
        ),
        "appraisals": _appraisals(partition, chance, book, pledge),
    }


@dataclass(frozen=True)
class PledgedPatents:
    """Pairs of application and patent pledged for it."""

    application: Ints
    patent: Ints


def pledged_patents(partition: Partition, lent: SyntheticLending) -> PledgedPatents:
    """Each applicant offers some of the patents that it holds in force: worked ones first, and inventions mostly."""
    p, chance = partition.patents, partition.stream("pledges")
    question, stake = held_on(partition, lent.firm, lent.applied)
    patent = partition.stakes.patent[stake]
    usable = p.kind[patent] != DESIGN
    usable |= chance.random(len(patent)) < 0.25
    usable &= _outlives(p, patent, lent.applied[question], lent.term[question]) | (chance.random(len(patent)) < 0.05)
    question, patent = question[usable], patent[usable]
    worked = p.in_use[patent]
    liking = p.quality[patent] + 2.2 * (p.kind[patent] == INVENTION) + 4.0 * worked
    order = np.lexsort([-liking - 1.2 * chance.standard_normal(len(patent)), question])
    question, patent, worked = question[order], patent[order], worked[order]
    place = np.arange(len(question)) - np.searchsorted(question, question)
    wanted = 1 + chance.negative_binomial(1.6, 1.6 / (1.6 + WANTED), len(lent))
    offered = (place < wanted[question]) & (worked | (place == 0) | (chance.random(len(place)) < UNWORKED))
    return PledgedPatents(question[offered], patent[offered])


def _outlives(p: SyntheticPatents, patent: Ints, applied: Ints, months: Ints) -> Bools:
    """Which patents last, if the fees are paid, for some months beyond the loan: an officer takes hardly any other."""
    term = TERM_YEARS[p.kind[patent]] + 5 * ((p.kind[patent] == DESIGN) & (p.filed[patent] >= day(2021, 6, 1)))
    return np.asarray(add_months(p.filed[patent], 12 * term) > add_months(applied, months + LIFE_LEFT))


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
    buildings = places("collateral", "sort", "residential", "factory_office")
    n, kind = len(of), chance.integers(0, 3, len(of))
    value = np.round(lent.amount[of] * chance.uniform(0.2, 1.2, n), -6).astype(np.int64)
    confirmed = chance.random(n) < 0.85
    columns: dict[str, Values] = {
        "application": book.application.gather(of),
        "kind": kinds[kind],
        "sort": np.where(kind == 0, buildings[chance.integers(0, 2, n)], -1),
        "item": book.application.gather(of) + "-X1",
        "pledgor": partition.sheet.keys.gather(lent.firm[of]),
        "rank": np.ones(len(of), dtype=np.int64),
        "value": value,
        "confirmed_value": np.where(confirmed, np.round(0.9 * value), NEVER).astype(np.int64),
        "valued_on": np.where(confirmed, lent.applied[of] - chance.integers(5, 300, n), NEVER),
        "prior_secured": np.where(chance.random(n) < 0.2, value // 5, 0),
        "owner_agrees": chance.random(n) < 0.92,
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
    amount = lent.registered[application] // np.bincount(application, minlength=len(lent))[application]
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


def _extracts(partition: Partition, book: Book, pledge: PledgedPatents) -> list[RegisterEvents]:
    """A register extract of most patents offered, drawn in the weeks before: all of them were in force."""
    chance, lent = partition.stream("extracts"), book.lending
    of = np.flatnonzero(chance.random(len(pledge.patent)) < EXTRACTS)
    on = lent.applied[pledge.application[of]] - chance.integers(0, 21, len(of))
    status = np.full(len(of), places("patent_events", "extract_status", "in_force")[0])
    return [events("register_extract", pledge.patent[of], on, on, extract_status=status)]


def _appraisals(partition: Partition, chance: np.random.Generator, book: Book, pledge: PledgedPatents) -> pl.DataFrame:
    """One figure for each pool: what the loan needs as much as what the patents are worth; sometimes far too much."""
    lent, world, p = book.lending, partition.world, partition.patents
    number = np.bincount(pledge.application, minlength=len(lent))
    worth = np.bincount(pledge.application, weights=np.exp(0.5 * p.quality[pledge.patent]), minlength=len(lent))
    of = np.flatnonzero((number > 0) & (chance.random(len(lent)) < 0.95))
    assets = partition.books.levels["total_assets"][lent.firm[of], world.quarters.of(lent.applied[of])]
    lends = np.bincount(pledge.application, weights=LENT_OF_APPRAISAL[p.kind[pledge.patent]], minlength=len(lent))
    reaches = lent.amount[of] * number[of] / lends[of]
    value = reaches * (worth[of] / number[of]) ** 0.5 * np.exp(0.35 * chance.standard_normal(len(of)))
    lies = chance.random(len(of)) < np.where(partition.firms.dishonest[lent.firm[of]], 0.40, 0.015)
    value = np.where(lies, assets * chance.uniform(0.7, 1.8, len(of)), np.minimum(value, assets * 0.45))
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
        "confirmed_value": np.where(
            chance.random(len(of)) < 0.96, np.round(value * chance.uniform(0.75, 1.0, len(of)), -6), NEVER
        ).astype(np.int64),
        "appraiser_filed": chance.random(len(of)) < 0.97,
        "signers": np.where(chance.random(len(of)) < 0.98, 2, 1),
        "appointed_by": places("appraisals", "appointed_by", "bank", "firm", "both")[
            chance.choice(3, len(of), p=[0.5, 0.35, 0.15])
        ],
        "report_number": book.application.gather(of) + "-R",
    }
    return partition.sheet.rows("appraisals", lent.firm[of], lent.applied[of], FUND, columns)
