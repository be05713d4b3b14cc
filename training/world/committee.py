"""A committee that admits firms to lists: by what it values, with human noise, and with removals for cause or expiry.

Two lists are decided once a year. A firm that passes a list's gates of the day is put before the committee with some
chance; the committee admits by what it sees and by its mood. An entry runs a year and may be removed for cause.
"""

from dataclasses import dataclass, fields

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER, add_months, day, year_of
from training.world.firms import MEAN_SIZE
from training.world.held import held_on
from training.world.partition import Partition
from training.world.patents import INVENTION
from training.world.rows import Frames, Sheet, Values, places, some

LISTS = ("city_push_list", "park_recommended_list")
GATE_AGE_DAYS, GATE_RESEARCH_SHARE = 730, 0.02
"""Gates of the day: two years old, a patent in force, research at least 2% of revenue."""
PUT_FORWARD = 0.16
"""Share of the firms that pass the gates which are put before the committee in a year; assumed."""


@dataclass(frozen=True)
class CommitteeDecisions:
    """Decisions of one partition.

    `truth` is the chance, given the whole state, of being admitted and not removed for cause; `removed` the day of
    removal for cause, or NEVER.
    """

    firm: Ints
    which: Ints
    decided: Ints
    truth: Floats
    admitted: Bools
    removed: Ints


def make_committee_decisions(partition: Partition) -> CommitteeDecisions:
    """All decisions of all years."""
    chance, world = partition.stream("committee"), partition.world
    years = range(world.first_year, world.last_year + 1)
    held = [
        _decisions_of(partition, chance, which, day(year, 5 + 4 * which, 20))
        for year in years
        for which in range(len(LISTS))
    ]
    return CommitteeDecisions(
        **{f.name: np.concatenate([getattr(s, f.name) for s in held]) for f in fields(CommitteeDecisions)}
    )


def _decisions_of(partition: Partition, chance: np.random.Generator, which: int, on: int) -> CommitteeDecisions:
    """One list's decisions of one year."""
    merits, gates = _merits(partition, on)
    firm = np.flatnonzero(gates & (chance.random(len(gates)) < PUT_FORWARD))
    n = len(firm)
    stress = partition.firms.stress[firm, partition.world.quarters.of(np.full(n, on))]
    looks = merits[firm] - 0.50 * stress + 0.30 * partition.firms.hidden[firm]
    chosen, stays = _logistic(0.1 + 1.05 * looks - 0.5 * which), 1 - _logistic(-4.0 + 0.8 * stress)
    admitted = chance.random(n) < chosen
    removed = admitted & (chance.random(n) >= stays)
    return CommitteeDecisions(
        firm=firm,
        which=np.full(n, which),
        decided=np.full(n, on),
        truth=chosen * stays,
        admitted=admitted,
        removed=np.where(removed, on + chance.integers(60, 340, n), NEVER),
    )


def _merits(partition: Partition, on: int) -> tuple[Floats, Bools]:
    """What the committee values in each firm on a day, by patents and the last full year; and who passes the gates."""
    firms, p = partition.firms, partition.patents
    n, then = len(firms), np.full(len(firms), on)
    question, stake = held_on(partition, np.arange(n), then)
    patent = partition.stakes.patent[stake]
    held = np.bincount(question, minlength=n)
    inventions = np.bincount(question, weights=p.kind[patent] == INVENTION, minlength=n)
    cited = np.bincount(question, weights=p.citations_on(patent, then[question]), minlength=n) / np.maximum(held, 1)
    revenue, research, profit = _last_year(partition, on)
    gates = (firms.founded < on - GATE_AGE_DAYS) & (held > 0) & (research >= GATE_RESEARCH_SHARE * revenue)
    merits = (
        1.15 * (np.log1p(inventions) - 1.2)
        + 1.10 * (np.log(np.maximum(research / revenue, 0.001)) + 3.4)
        + 1.25 * (np.log1p(cited) - 0.75)
        + 5.00 * (profit / revenue - 0.055)
        + 0.30 * (firms.size - MEAN_SIZE)
    )
    return merits, gates


def _last_year(partition: Partition, on: int) -> tuple[Floats, Floats, Floats]:
    """Revenue, research expense and profit before tax of the last full calendar year."""
    quarters = partition.world.quarters
    last = (int(year_of(np.array([on]))[0]) - quarters.first_year) * 4
    names = ("revenue", "rd_expense", "profit_before_tax")
    revenue, research, profit = (partition.books.flows[name][:, last - 4 : last].sum(axis=1) for name in names)
    return revenue, research, profit


def _logistic(x: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-x)))


def committee_frames(found: CommitteeDecisions, sheet: Sheet) -> Frames:
    """Each decision as published a week later; a second row where an entry ended."""
    said = ("register", "synthetic list committee")
    ends = np.where(found.admitted, add_months(found.decided, 12) - 1, NEVER)
    columns: dict[str, Values] = {
        "list": pl.Series(list(LISTS)).gather(found.which),
        "decided_on": found.decided,
        "admitted": found.admitted,
        "until": ends,
    }
    rows = sheet.rows("whitelist_entries", found.firm, found.decided + 7, said, columns)
    of = np.flatnonzero(found.admitted)
    caused = found.removed[of] != NEVER
    later = some(columns, of)
    removed = np.where(caused, found.removed[of], ends[of] + 1)
    later["removed_on"] = removed
    reason = places("whitelist_entries", "removed_for", "expiry", "cause")
    later["removed_for"] = np.where(caused, reason[1], reason[0])
    gone = sheet.rows("whitelist_entries", found.firm[of], removed + 5, said, later)
    return {"whitelist_entries": pl.concat([rows, gone], how="diagonal")}
