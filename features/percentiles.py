"""What is observed of each patent, and its deciles by technology field and year or age: the basis of patent quality.

Values are whole numbers or flags, so a population is a count per value: exact, small, and added over the partitions of
a lake in any order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints, Places
from features.asof import Known
from features.days import year_of
from features.norms import Norm
from features.patent_events import patent_events
from features.patent_state import ENDED, STATUS_NOT_KNOWN, patent_state
from features.technology import age_in_years, aged, family_offices, technology_field
from features.wipo import NO_FIELD

NUMBERS = (
    "claims", "independent_claims", "first_claim_length", "citations_made", "citations_received", "ipc_symbols",
    "family_size", "family_offices", "remaining_life",
)  # fmt: skip
_COUNTED = (*NUMBERS[:5], "family_size")
FLAGS = ("examined", "upheld", "in_use", "standard_essential", "licensed", "award")
OF_FIELD = ("remaining_life",)
"""Statistics that the filing year fixes: they are compared within the field over all years."""
OF_AGE = ("citations_received", "family_size", "family_offices")
"""Statistics that go on growing: compared by age, since a filing year's own outgrows what was counted of it once."""
DECILES = (10, 20, 30, 40, 50, 60, 70, 80, 90)


GROWTH = "growth_rank"
"""Rank (0 to 100) of a technology field among all by growth of filings over the years that can be seen."""
_DAYS_OF_YEAR = 365.25
_DARK_YEARS = 2
_TREND_YEARS = 3


def subjects(field: int, year: int) -> tuple[str, ...]:
    """The populations that a patent is compared with, the narrowest first."""
    return (f"field:{field}|year:{year}", f"field:{field}", f"year:{year}", "patents:all")


def populations(statistic: str, field: int, year: int, age: int) -> tuple[str, ...]:
    """The populations in which a statistic of a patent is ranked, the narrowest first.

    `age`: whole years since filing, -1 where that day is not known; then what is compared by age has none.
    """
    if statistic in OF_AGE:
        return (aged(field, age), aged(None, age)) if age >= 0 else ()
    every = subjects(field, year)
    return every[1:] if statistic in OF_FIELD else every


@dataclass(frozen=True)
class Statistics:
    """What was observed of n patents: one array of n values per statistic (NaN is not known), field, filing year, age.

    `age` is in whole years, -1 where it is not known.
    """

    patents: tuple[str, ...]
    field: Ints
    year: Ints
    age: Ints
    values: Mapping[str, Floats]

    def part(self, rows: Places) -> "Statistics":
        """Those of some rows."""
        values = {name: column[rows] for name, column in self.values.items()}
        return Statistics(self.patents[rows], self.field[rows], self.year[rows], self.age[rows], values)


def statistics(known: Known) -> Statistics:
    """The statistics of every known patent row, in the order of the rows."""
    rows, state = known.patents, patent_state(known)
    words = known.tables.words("patent").words
    further = known.tables.words("further_ipc").mapped(_listed, 0.0)
    symbols = 1.0 + further[rows.codes("further_ipc")]
    left = np.floor((state.last_day + 1 - known.as_of[rows.case]) / _DAYS_OF_YEAR)
    left = np.where(state.status == STATUS_NOT_KNOWN, np.nan, np.maximum(left, 0.0))
    numbers = {name: rows.numbers(name) for name in _COUNTED}
    return Statistics(
        patents=tuple(words[code] for code in rows.codes("patent").tolist()),
        field=technology_field(known),
        year=np.nan_to_num(year_of(rows.filed_on)).astype(np.int64),
        age=age_in_years(known),
        values=numbers
        | {
            "ipc_symbols": np.where(rows.codes("ipc") >= 0, symbols, np.nan),
            "family_offices": family_offices(known),
            "remaining_life": np.where(state.status == ENDED, 0.0, left),
            "examined": (state.granted & rows.where("kind", "invention")).astype(np.float64),
            "in_use": rows.in_use,
            "standard_essential": rows.standard_essential,
        }
        | _from_events(known),
    )


def _listed(symbols: str) -> float:
    return float(sum(1 for symbol in symbols.split(";") if symbol.strip()))


def _from_events(known: Known) -> dict[str, Floats]:
    """Flags that events show; not known where nobody asked for the events."""
    events = patent_events(known)
    asked = known.asked("patent_events")[known.patents.case]
    flags = {"upheld": events.has(events.where("invalidation_rejected")), "award": events.has(events.where("award"))}
    told = {name: np.where(asked, flag.astype(np.float64), np.nan) for name, flag in flags.items()}
    licensed = patent_state(known).licences.told
    return told | {"licensed": np.where(events.has(events.where("open_licence")), 1.0, licensed)}


class Population:
    """How often each value of each statistic was seen, by field and filing year, or by field and age."""

    def __init__(self) -> None:
        self._seen: dict[str, pl.DataFrame] = {}

    def add(self, found: Statistics, keep: Bools) -> None:
        """Count the patents marked; of several rows of one patent the caller keeps one."""
        for name in (*NUMBERS, *FLAGS):
            self._add(name, found, found.values[name], keep)
        self._add("patents", found, np.ones(len(keep)), keep)

    def _add(self, name: str, found: Statistics, values: Floats, keep: Bools) -> None:
        told = keep & ~np.isnan(values)
        period = found.age if name in OF_AGE else found.year
        cells = pl.DataFrame({"field": found.field[told], "period": period[told], "value": values[told]})
        self._take(name, cells.with_columns(count=pl.lit(1, pl.Int64)))

    def _take(self, name: str, cells: pl.DataFrame) -> None:
        whole = pl.concat([self._seen[name], cells]) if name in self._seen else cells
        self._seen[name] = whole.group_by("field", "period", "value").agg(pl.col("count").sum())

    def merge(self, other: "Population") -> None:
        """Add what another counted."""
        for name, cells in other._seen.items():
            self._take(name, cells)

    def _counts(self) -> dict[tuple[str, str], dict[float, int]]:
        """By population and statistic, how often each value was seen."""
        counts: dict[tuple[str, str], dict[float, int]] = {}
        for name, cells in self._seen.items():
            for field, period, value, count in cells.iter_rows():
                for subject in populations(name, field, period, period):
                    seen = counts.setdefault((subject, name), {})
                    seen[value] = seen.get(value, 0) + count
        return counts

    def norms(self, known_on: str, least: int = 1) -> Iterator[Norm]:
        """Deciles of numbers (`claims_p10` … `claims_p90`), shares of flags, how many were counted, growth of fields.

        `known_on` is an ISO day; filings of its year and the year before are not yet all published and show no growth.
        Populations of fewer than `least` patents are left out.
        """
        counts = self._counts()
        yield from _growth(counts, known_on)
        for (subject, name), seen in sorted(counts.items()):
            n = sum(seen.values())
            if n < least:
                continue
            if name in NUMBERS:
                for decile, value in zip(DECILES, deciles(seen.items()), strict=True):
                    yield Norm(subject, f"{name}_p{decile}", value, n, known_on)
            else:
                yield Norm(subject, name, float(n) if name == "patents" else seen.get(1.0, 0) / n, n, known_on)


Counts = Mapping[tuple[str, str], Mapping[float, int]]
"""By population and statistic, how often each value was seen."""


def _growth(counts: Counts, known_on: str) -> Iterator[Norm]:
    last = int(known_on[:4]) - _DARK_YEARS
    grown = {}
    for field in range(NO_FIELD + 1, 36):
        late, early = (_filed(counts, field, last - back) for back in (0, _TREND_YEARS))
        if early:
            grown[field] = late / early
    for field, growth in grown.items():
        others = list(grown.values())
        middle = sum(other < growth for other in others) + 0.5 * others.count(growth)
        whole = counts[f"field:{field}", "patents"][1.0]
        yield Norm(f"field:{field}", GROWTH, 100 * middle / len(others), whole, known_on)


def _filed(counts: Counts, field: int, year: int) -> int:
    """Patents of a field filed in the three years that end with `year`."""
    seen = (counts.get((f"field:{field}|year:{year - i}", "patents"), {}) for i in range(_TREND_YEARS))
    return sum(one.get(1.0, 0) for one in seen)


def deciles(seen: Iterable[tuple[float, int]]) -> list[float]:
    """The nine deciles of a population given as value and count: the smallest value that so many do not exceed."""
    values, counts = zip(*sorted(seen), strict=True)
    upto = np.cumsum(counts)
    # Whole-number arithmetic: a share of n is not a float64 exactly, and a decile may fall on a count.
    return [values[int(np.searchsorted(10 * upto, d // 10 * upto[-1]))] for d in DECILES]
