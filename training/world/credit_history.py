"""What authorities and others keep of a firm: court and tax records, titles, related firms, and further measures."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Ints
from training.world.competing_risks import DEFAULTED
from training.world.days import NEVER, add_months, day, year_of
from training.world.economy import World
from training.world.firms import MEAN_SIZE, SIZE_SPREAD, SyntheticBooks, SyntheticFirms
from training.world.lending import SyntheticLending
from training.world.partition import Partition
from training.world.rows import Frames, Sheet, Values, places, some, texts

ASKED = (
    "firms",
    "titles",
    "people",
    "related",
    "guarantees",
    "patents",
    "holdings",
    "patent_events",
    "credit_events",
    "loans",
    "performance",
    "whitelist_entries",
)
"""Tables about which the sources were asked for every firm: nothing found there means none."""


def credit_history_frames(partition: Partition, lent: SyntheticLending) -> Frames:
    """Rows of all these tables; each from its own stream: what a firm is does not hang on its loans."""
    world, firms, books, sheet = partition.world, partition.firms, partition.books, partition.sheet
    records = [
        *_records(world, partition.stream("records"), firms, sheet),
        _tax_grades(world, partition.stream("tax grades"), firms, sheet),
        _failures(partition.stream("failures"), lent, sheet),
    ]
    return {
        "credit_events": pl.concat(records, how="diagonal"),
        "titles": _titles(world, partition.stream("titles"), firms, sheet),
        "related": _related(world, partition.stream("related"), firms, sheet),
        "measures": _measures(world, partition.stream("measures"), firms, books, sheet),
        "coverage": _coverage(world, firms, sheet),
    }


_RECORDS = (
    ("lawsuit", 0.060, 0.55, 0.5),
    ("enforcement", 0.012, 1.00, 0.6),
    ("dishonest_debtor", 0.002, 1.30, 0.4),
    ("spending_restriction", 0.003, 1.20, 0.4),
    ("abnormal_operation", 0.006, 0.70, 0.8),
    ("tax_arrears", 0.008, 1.00, 0.8),
    ("penalty", 0.020, 0.30, 0.3),
    ("environment", 0.006, 0.10, 0.3),
    ("equity_frozen", 0.003, 1.00, 0.5),
    ("abnormal_filing", 0.002, 0.20, 0.3),
)
"""Kind of record, how many a year for the mean firm, how much more for a stressed one, share lifted; assumed."""


def _records(world: World, chance: np.random.Generator, firms: SyntheticFirms, sheet: Sheet) -> list[pl.DataFrame]:
    ends = world.quarters.ends()
    alive = firms.founded[:, None] < ends[None, :] - 180
    parts = []
    for name, yearly, slope, lifted in _RECORDS:
        number = chance.poisson(yearly / 4 * np.exp(slope * np.clip(firms.stress, -3, 3) - slope**2 / 2) * alive)
        firm, quarter = np.repeat(np.nonzero(number), number[number > 0], axis=1)
        happened = ends[quarter] - chance.integers(0, 85, len(firm))
        known = happened + 5 + chance.integers(0, 60, len(firm))
        off = np.where(chance.random(len(firm)) < lifted, known + chance.integers(60, 500, len(firm)), NEVER)
        columns: dict[str, Values] = {
            "happened_on": happened,
            "event": np.full(len(firm), places("credit_events", "event", name)[0]),
            "reference": texts(f"SYN-{name}-", np.arange(len(firm)) + 1, 6),
            "amount": np.round(np.exp(11 + chance.standard_normal(len(firm)))) * 100,
        }
        said = ("register", "synthetic credit publicity system")
        parts.append(sheet.rows("credit_events", firm, known, said, columns))
        gone = np.flatnonzero(off != NEVER)
        later = some(columns, gone)
        parts.append(sheet.rows("credit_events", firm[gone], off[gone] + 10, said, later | {"lifted_on": off[gone]}))
    return parts


def _tax_grades(world: World, chance: np.random.Generator, firms: SyntheticFirms, sheet: Sheet) -> pl.DataFrame:
    """The tax authority's grade of the year before, every April; M for a firm in its first years."""
    years = np.arange(world.first_year - 2, world.last_year + world.watched_years + 1)
    firm = np.repeat(np.arange(len(firms)), len(years))
    on = np.tile(np.array([day(int(year), 4, 25) for year in years]), len(firms))
    look = firms.stress[firm, world.quarters.of(on)] + 0.5 * chance.standard_normal(len(firm))
    grade = np.array([0, 1, 3, 4])[np.searchsorted(np.array([-0.4, 1.2, 2.4]), look)]
    age = (on - firms.founded[firm]) / 365.25
    grade = np.where(age < 3, np.where(grade >= 3, grade, 2), grade)
    keep = age > 0.5
    columns: dict[str, Values] = {
        "happened_on": on[keep],
        "event": np.full(int(keep.sum()), places("credit_events", "event", "tax_grade")[0]),
        "reference": texts("SYN-TAX-", year_of(on[keep])),
        "grade": grade[keep],
    }
    return sheet.rows("credit_events", firm[keep], on[keep] + 3, ("register", "synthetic tax authority"), columns)


def _failures(chance: np.random.Generator, lent: SyntheticLending, sheet: Sheet) -> pl.DataFrame:
    """A quarter of the firms that failed are filed for insolvency, long after the default."""
    of = np.flatnonzero((lent.outcome == DEFAULTED) & (chance.random(len(lent)) < 0.25))
    on = lent.missed_on[of] + chance.integers(240, 700, len(of))
    columns: dict[str, Values] = {
        "happened_on": on,
        "event": np.full(len(of), places("credit_events", "event", "insolvency")[0]),
        "reference": texts("SYN-INS-", of, 7),
    }
    return sheet.rows("credit_events", lent.firm[of], on + 20, ("register", "synthetic court notices"), columns)


@dataclass(frozen=True)
class _Title:
    """A title, how common it is, the weight of innovation, its validity and share renewed; assumed."""

    name: str
    level: str
    share: float
    weight: float
    months: int
    renewed: float


_TITLES = (
    _Title("high_tech", "national", 0.42, 1.1, 36, 0.80),
    _Title("tech_sme", "national", 0.50, 0.7, 12, 0.82),
    _Title("innovative_sme", "provincial", 0.28, 0.8, 36, 0.80),
    _Title("specialised_sme", "provincial", 0.10, 1.3, 36, 0.85),
    _Title("little_giant", "national", 0.048, 1.5, 36, 0.90),
    _Title("ip_advantage", "national", 0.015, 1.4, 36, 0.85),
)


def _titles(world: World, chance: np.random.Generator, firms: SyntheticFirms, sheet: Sheet) -> pl.DataFrame:
    parts = []
    for title in _TITLES:
        draw = title.weight * firms.innovation + 0.35 * (firms.size - MEAN_SIZE) + chance.standard_normal(len(firms))
        spread = np.sqrt(1 + title.weight**2 + (0.35 * SIZE_SPREAD) ** 2)
        first = np.maximum(day(world.first_year - 3), firms.founded + 500)
        firm = np.flatnonzero((draw > spread * _upper(title.share)) & (first < world.seen_until))
        issued = first[firm] + (chance.random(len(firm)) ** 0.8 * (world.seen_until - first[firm])).astype(np.int64)
        while len(firm):
            known = issued + chance.integers(5, 45, len(firm))
            parts.append(_issued(title, firm, issued, known, sheet))
            over = add_months(issued, title.months)
            again = (chance.random(len(firm)) < title.renewed) & (over < world.seen_until)
            firm, issued = firm[again], over[again] + 20
    return pl.concat(parts)


def _upper(share: float) -> float:
    """The point that a standard normal exceeds with a chance of `share`."""
    grid = np.linspace(-4, 4, 8001)
    density = np.exp(-grid * grid / 2)
    return float(grid[np.searchsorted(np.cumsum(density) / density.sum(), 1 - share)])


def _issued(title: _Title, firm: Ints, issued: Ints, known: Ints, sheet: Sheet) -> pl.DataFrame:
    columns: dict[str, Values] = {
        "title": title.name,
        "level": title.level,
        "issued_on": issued,
        "valid_until": add_months(issued, title.months) - 1,
        "certificate": texts(f"SYN-{title.name}-", issued, 6),
    }
    return sheet.rows("titles", firm, known, ("register", "synthetic list of titles"), columns)


def _related(world: World, chance: np.random.Generator, firms: SyntheticFirms, sheet: Sheet) -> pl.DataFrame:
    """Related firms, most outside the world; a stressed group has claims gone bad more often."""
    n = len(firms)
    firm = np.repeat(np.arange(n), chance.poisson(0.5, n))
    since = firms.founded[firm] + 100
    known = np.maximum(since + 30, day(world.first_year - 4))
    bad = chance.random(len(firm)) < 0.01 * np.exp(np.minimum(firms.stress[firm, world.quarters.of(known)], 3))
    role = places("related", "role", "parent", "subsidiary", "same_controller", "associate")
    columns: dict[str, Values] = {
        "other": texts("row:synthetic-related-", np.arange(len(firm)), 6) + "-" + sheet.keys.gather(firm).str.slice(13),
        "role": role[chance.choice(4, len(firm), p=[0.1, 0.4, 0.35, 0.15])],
        "share": np.round(chance.uniform(0.1, 1.0, len(firm)), 3),
        "since": since,
        "non_performing": bad,
    }
    return sheet.rows("related", firm, known, ("register", "synthetic business register"), columns)


def _measures(
    world: World, chance: np.random.Generator, firms: SyntheticFirms, books: SyntheticBooks, sheet: Sheet
) -> pl.DataFrame:
    """Tax paid and sales invoiced, yearly, of the firms that let the bank ask: a second sight of revenue."""
    parts = []
    willing = chance.random(len(firms)) < 0.6
    ends = world.quarters.ends()
    for quarter in range(3, len(ends), 4):
        firm = np.flatnonzero(willing & (firms.founded < ends[quarter] - 365))
        revenue = books.flows["revenue"][firm, quarter - 3 : quarter + 1].sum(axis=1) / 100
        profit = books.flows["profit_before_tax"][firm, quarter - 3 : quarter + 1].sum(axis=1) / 100
        for name, value in (
            ("invoiced_sales", revenue * np.exp(0.05 * chance.standard_normal(len(firm)))),
            ("tax_paid", 0.035 * revenue + 0.15 * np.maximum(profit, 0)),
        ):
            columns: dict[str, Values] = {
                "measure": name,
                "measured_on": np.full(len(firm), ends[quarter]),
                "value": np.round(value),
            }
            known = np.full(len(firm), ends[quarter] + 30)
            parts.append(sheet.rows("measures", firm, known, ("document", "synthetic tax platform"), columns))
    return pl.concat(parts)


def _coverage(world: World, firms: SyntheticFirms, sheet: Sheet) -> pl.DataFrame:
    """That the registers were asked; one firm in a hundred was never looked up in the court records."""
    firm = np.tile(np.arange(len(firms)), len(ASKED))
    about = np.repeat(np.arange(len(ASKED)), len(firms))
    unasked = (about == ASKED.index("credit_events")) & (firms.founded[firm] % 100 == 3)
    firm, about = firm[~unasked], about[~unasked]
    known = np.maximum(firms.founded[firm] + 30, day(world.first_year - 4))
    told = pl.Series(list(ASKED)).gather(about)
    columns: dict[str, pl.Series | bool] = {"about": told, "complete": True}  # fed ever since: no one day of asking
    return sheet.rows("coverage", firm, known, ("register", "synthetic registers"), columns)
