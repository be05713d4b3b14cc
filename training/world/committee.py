"""A committee that admits firms to lists: by what it values, with human noise, and with removals for cause or expiry.

Two lists are decided once a year. A firm that passes a list's gates of the day is put before the committee with some
chance; the committee admits by what it sees and by its mood. An entry runs a year and may be removed for cause.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.asof import Floats, Ints
from training.world.days import NEVER, add_months, day
from training.world.economy import World
from training.world.firms import Books, Firms
from training.world.lending import held_on
from training.world.patents import INVENTION, Patents, Stakes
from training.world.rows import Frames, Sheet, places, some

LISTS = ("city_push_list", "park_recommended_list")
GATE_AGE_DAYS, GATE_RESEARCH_SHARE = 730, 0.02
"""Gates of the day: two years old, a patent in force, research at least 2% of revenue."""


@dataclass(frozen=True)
class Sittings:
    """Decisions of one partition. `chance_admitted`, `chance_kept`: the truth given the whole state."""

    firm: Ints
    which: Ints
    decided: Ints
    chance_admitted: Floats
    chance_kept: Floats
    admitted: Ints
    removed: Ints
    for_cause: Ints

    @property
    def truth(self) -> Floats:
        """The true probability of being admitted and not removed for cause."""
        return self.chance_admitted * self.chance_kept


def _logistic(x: Floats) -> Floats:
    return 1 / (1 + np.exp(-x))


def make_sittings(world: World, partition: int, firms: Firms, books: Books, p: Patents, stakes: Stakes) -> Sittings:
    """All decisions of all years."""
    chance = world.stream(partition, "committee")
    parts = []
    for year in range(world.first_year, world.last_year + 1):
        for which in range(len(LISTS)):
            parts.append(_sitting(world, chance, firms, books, p, stakes, which, day(year, 5 + 4 * which, 20)))
    return Sittings(*(np.concatenate(values) for values in zip(*parts, strict=True)))


def _sitting(
    world: World,
    chance: np.random.Generator,
    firms: Firms,
    books: Books,
    p: Patents,
    stakes: Stakes,
    which: int,
    on: int,
) -> tuple[Ints, Ints, Ints, Floats, Floats, Ints, Ints, Ints]:
    everyone, then = np.arange(len(firms)), np.full(len(firms), on)
    question, stake = held_on(p, stakes, everyone, then)
    patent = stakes.patent[stake]
    inventions = np.bincount(question, weights=p.kind[patent] == INVENTION, minlength=len(firms))
    cited = np.bincount(question, weights=p.citations_on(patent, then[question]), minlength=len(firms))
    held = np.bincount(question, minlength=len(firms))
    last = (year_quarter(world, on) // 4) * 4 - 1
    span = slice(last - 3, last + 1)
    revenue = books.flows["revenue"][:, span].sum(axis=1)
    research = books.flows["rd_expense"][:, span].sum(axis=1) / revenue
    margin = books.flows["profit_before_tax"][:, span].sum(axis=1) / revenue
    gates = (firms.founded < on - GATE_AGE_DAYS) & (held > 0) & (research >= GATE_RESEARCH_SHARE)
    firm = np.flatnonzero(gates & (chance.random(len(firms)) < 0.16))
    n = len(firm)
    quarter = world.quarters.of(np.full(n, on))
    looks = (
        1.15 * (np.log1p(inventions[firm]) - 1.2)
        + 0.55 * (np.log(research[firm]) + 3.4) / 0.5
        + 0.50 * (np.log1p(cited[firm] / held[firm]) - 0.75) / 0.4
        + 0.45 * (margin[firm] - 0.055) / 0.09
        - 0.50 * firms.stress[firm, quarter]
        + 0.30 * (firms.size[firm] - 17.4)
        + 0.30 * firms.hidden[firm]
    )
    chance_admitted = _logistic(0.1 + 1.05 * looks - 0.5 * which)
    chance_kept = 1 - _logistic(-4.0 + 0.8 * firms.stress[firm, quarter])
    admitted = chance.random(n) < chance_admitted
    caused = admitted & (chance.random(n) >= chance_kept)
    removed = np.where(caused, on + chance.integers(60, 340, n), NEVER)
    return firm, np.full(n, which), np.full(n, on), chance_admitted, chance_kept, admitted, removed, caused


def year_quarter(world: World, on: int) -> int:
    """How many quarters of the span had ended before January of the day's year."""
    return int(np.datetime64(on, "D").astype("datetime64[Y]").astype(int) + 1970 - world.quarters.first_year) * 4


def committee_frames(found: Sittings, sheet: Sheet) -> Frames:
    """Each decision as published a week later; a second row where an entry ended."""
    said = ("register", "synthetic list committee")
    ends = np.where(found.admitted.astype(bool), add_months(found.decided, 12) - 1, NEVER)
    columns = {
        "list": pl.Series(list(LISTS)).gather(found.which),
        "decided_on": found.decided,
        "admitted": found.admitted.astype(bool),
        "until": ends,
    }
    rows = sheet.rows("whitelist_entries", found.firm, found.decided + 7, said, columns)
    of = np.flatnonzero(found.admitted)
    caused = found.for_cause[of].astype(bool)
    later = some(columns, of)
    later["removed_on"] = np.where(caused, found.removed[of], ends[of] + 1)
    reason = places("whitelist_entries", "removed_for", "expiry", "cause")
    later["removed_for"] = np.where(caused, reason[1], reason[0])
    gone = sheet.rows("whitelist_entries", found.firm[of], later["removed_on"] + 5, said, later)
    return {"whitelist_entries": pl.concat([rows, gone], how="diagonal")}
