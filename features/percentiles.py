"""What is observed of each patent, and its deciles by technology field and year or age: the basis of patent quality.

Values are whole numbers or flags, so a population is a count per value: exact, small, and added over the partitions of
a lake in any order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

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
    further = known.tables.words("further_ipc").map(lambda text: len([s for s in text.split(";") if s.strip()]), 0)
    symbols = 1.0 + np.array(further, dtype=np.float64)[rows.codes("further_ipc")]
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
        self._counts: dict[tuple[str, str], dict[float, int]] = {}

    def add(self, found: Statistics, keep: Bools) -> None:
        """Count the patents marked; of several rows of one patent the caller keeps one."""
        cells = np.stack((found.field, found.year, found.age), axis=1)[keep]
        for name in (*NUMBERS, *FLAGS):
            self._add(name, cells, found.values[name][keep])
        self._add("patents", cells, np.ones(len(cells)))

    def _add(self, name: str, cells: Ints, values: Floats) -> None:
        """`cells` (n, 3): field, filing year and age of each patent."""
        told = np.column_stack((cells, values))[~np.isnan(values)]
        found, counts = np.unique(told, axis=0, return_counts=True)
        for (field, year, age, value), count in zip(found.tolist(), counts.tolist(), strict=True):
            for subject in populations(name, int(field), int(year), int(age)):
                seen = self._counts.setdefault((subject, name), {})
                seen[value] = seen.get(value, 0) + count

    def norms(self, known_on: str, least: int = 1) -> Iterator[Norm]:
        """Deciles of numbers (`claims_p10` … `claims_p90`), shares of flags, how many were counted, growth of fields.

        `known_on` is an ISO day; filings of its year and the year before are not yet all published and show no growth.
        Populations of fewer than `least` patents are left out.
        """
        yield from self._growth(known_on)
        for (subject, name), seen in sorted(self._counts.items()):
            n = sum(seen.values())
            if n < least:
                continue
            if name in NUMBERS:
                for decile, value in zip(DECILES, deciles(seen.items()), strict=True):
                    yield Norm(subject, f"{name}_p{decile}", value, n, known_on)
            else:
                yield Norm(subject, name, float(n) if name == "patents" else seen.get(1.0, 0) / n, n, known_on)

    def _growth(self, known_on: str) -> Iterator[Norm]:
        last = int(known_on[:4]) - _DARK_YEARS
        grown = {}
        for field in range(NO_FIELD + 1, 36):
            late, early = (self._filed(field, last - back) for back in (0, _TREND_YEARS))
            if early:
                grown[field] = late / early
        for field, growth in grown.items():
            others = list(grown.values())
            middle = sum(other < growth for other in others) + 0.5 * others.count(growth)
            yield Norm(f"field:{field}", GROWTH, 100 * middle / len(others), self._total(field), known_on)

    def _filed(self, field: int, year: int) -> int:
        """Patents of a field filed in the three years that end with `year`."""
        counts = (self._counts.get((f"field:{field}|year:{year - i}", "patents"), {}) for i in range(_TREND_YEARS))
        return sum(seen.get(1.0, 0) for seen in counts)

    def _total(self, field: int) -> int:
        return self._counts[f"field:{field}", "patents"][1.0]


def deciles(seen: Iterable[tuple[float, int]]) -> list[float]:
    """The nine deciles of a population given as value and count: the smallest value that so many do not exceed."""
    values, counts = zip(*sorted(seen), strict=True)
    upto = np.cumsum(counts)
    # Whole-number arithmetic: a share of n is not a float64 exactly, and a decile may fall on a count.
    return [values[int(np.searchsorted(10 * upto, d // 10 * upto[-1]))] for d in DECILES]
