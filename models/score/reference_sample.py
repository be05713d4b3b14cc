"""What reasons are measured from: the training cases as a whole, or some of them that a bundle keeps, by sector.

The reference sample holds cases that the trees learned from, frozen when the bundle was made: so many of each group,
without their names. A group is a background for exact interventional values, and what is told beside an applicant's
values is what is usual among those same rows.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import msgspec
import numpy as np

from features.arrays import Floats, Ints
from features.matrix import named
from models.shap.bits import digits, number

ROWS = 64
"""Cases of one group at most: enough for a median, few enough to be compiled in a tenth of a second."""
TRAINING = "training"
"""The name of the baseline that is all training cases."""
LEAST_PEERS = "reasons.least_peers"
"""The policy that says how few cases are too few to compare with."""
Against = Literal["all", "sector", "approved", "approved_sector"]
"""Groups of the reference sample: of any sector or of the applicant's, whoever asked or who was approved."""
AGAINST: tuple[Against, ...] = get_args(Against)
SECTOR: Against = "sector"


class UsualFile(msgspec.Struct, frozen=True):
    """What is usual of a feature as it is written: numbers as 16 hex digits."""

    known: int
    value: str
    shares: dict[int, str]


@dataclass(frozen=True)
class Usual:
    """What is usual of one feature among some cases.

    `known`: of how many the value is known; `value`: the median of a number, the share of yes of a flag (NaN: none is
    known); `shares`: of a category, the share of each of its values among those known.
    """

    known: int
    value: float
    shares: Mapping[int, float]

    @classmethod
    def among(cls, name: str, values: Floats) -> "Usual":
        """What is usual among the values (n,) of a feature."""
        known = values[~np.isnan(values)]
        if not len(known):
            return cls(0, float("nan"), {})
        if named(name).categories:
            counts = Counter(known.astype(np.int64).tolist())
            return cls(len(known), float("nan"), {place: counts[place] / len(known) for place in sorted(counts)})
        return cls(len(known), float(known.mean() if named(name).unit == "flag" else np.median(known)), {})

    def to_json(self) -> dict[str, object]:
        """Plain values, numbers as 16 hex digits."""
        shares = {str(place): digits(share) for place, share in self.shares.items()}
        return {"known": self.known, "value": digits(self.value), "shares": shares}

    @classmethod
    def of(cls, told: UsualFile) -> "Usual":
        """As `to_json` wrote it."""
        return cls(told.known, number(told.value), {place: number(share) for place, share in told.shares.items()})


@dataclass(frozen=True)
class Baseline:
    """Some cases, and what is usual of each feature among them: what points are measured from.

    `name` as an answer gives it: `training`, or a group of the sample (`all`, `sector:C39`, `approved_sector:C`).
    """

    name: str
    cases: int
    usual: tuple[Usual, ...]

    @classmethod
    def among(cls, name: str, names: Sequence[str], matrix: Floats) -> "Baseline":
        """The baseline of the rows of an (n, f) matrix."""
        usual = tuple(Usual.among(one, matrix[:, place]) for place, one in enumerate(names))
        return cls(name, len(matrix), usual)

    @cached_property
    def values(self) -> Floats:
        """Of each feature the median or the share of yes; NaN where there is none."""
        return np.array([of.value for of in self.usual])

    @cached_property
    def known(self) -> Ints:
        """Of each feature, of how many cases it is known."""
        return np.array([of.known for of in self.usual], dtype=np.int64)


@dataclass(frozen=True)
class ReferenceSample:
    """Kept training cases: their (n, f) matrix, industries (`C39`; "": unknown), who was approved (NaN: unknown).

    `whole` is the baseline of all training cases; a group of fewer than `least` rows is no baseline.
    """

    names: tuple[str, ...]
    whole: Baseline
    least: int
    industry: tuple[str, ...]
    approved: Floats
    matrix: Floats

    @classmethod
    def of(cls, names: Sequence[str], cases: "Cases", order: Ints, least: int) -> "ReferenceSample":
        """The training cases taken in an order: the first of each group that is large enough are kept."""
        whole = Baseline.among(TRAINING, names, cases.matrix)
        everybody = cls(tuple(names), whole, least, *cases.only(order))
        kept = sorted({place for rows in everybody.groups.values() for place in rows})
        return cls(tuple(names), whole, least, *Cases(*everybody.rows).only(kept))

    @classmethod
    def none(cls, names: Sequence[str]) -> "ReferenceSample":
        """That of a bundle made before reference samples were kept: there is nothing to compare with."""
        unknown = (Usual(0, float("nan"), {}),) * len(names)
        return cls(tuple(names), Baseline(TRAINING, 0, unknown), 1, (), np.empty(0), np.empty((0, len(names))))

    @property
    def rows(self) -> tuple[tuple[str, ...], Floats, Floats]:
        """Industry, approval and matrix of the kept cases."""
        return self.industry, self.approved, self.matrix

    @cached_property
    def groups(self) -> dict[str, tuple[int, ...]]:
        """By name the places of each group's rows: its first ones, in the reference sample's order."""
        found: dict[str, list[int]] = {}
        for place, (industry, approved) in enumerate(zip(self.industry, self.approved.tolist(), strict=True)):
            for name in _groups(industry, approved):
                held = found.setdefault(name, [])
                if len(held) < ROWS:
                    held.append(place)
        return {name: tuple(held) for name, held in found.items() if len(held) >= self.least}

    def background(self, name: str) -> Floats:
        """The rows (n, f) of a group."""
        return self.matrix[list(self.groups[name])]

    def nearest(self, group: Against, industry: str, least: int) -> Baseline | None:
        """The group, of the industry's division where that has so many cases, else of its section; or None."""
        for name in named_groups(group, industry):
            if len(self.groups.get(name, ())) >= max(least, 1):
                return self.baseline(name)
        return None

    def baseline(self, name: str) -> Baseline:
        """The baseline of a group."""
        if name not in self._baselines:
            self._baselines[name] = Baseline.among(name, self.names, self.background(name))
        return self._baselines[name]

    @cached_property
    def _baselines(self) -> dict[str, Baseline]:
        return {}

    def to_csv(self) -> str:
        """One line per case; a number stands in the fewest digits that give its bits again, nothing where missing."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("industry", "approved", *self.names))
        for industry, approved, row in zip(self.industry, self.approved.tolist(), self.matrix.tolist(), strict=True):
            writer.writerow((industry, *("" if math.isnan(value) else repr(value) for value in (approved, *row))))
        return text.getvalue()

    @classmethod
    def from_csv(cls, text: str, whole: Baseline, least: int) -> "ReferenceSample":
        """As `to_csv` wrote it."""
        (_, _, *names), *rows = csv.reader(io.StringIO(text))
        told = [float(cell or "nan") for row in rows for cell in row[1:]]
        numbers = np.array(told, dtype=np.float64).reshape(len(rows), 1 + len(names))
        industry = tuple(row[0] for row in rows)
        return cls(tuple(names), whole, least, industry, numbers[:, 0], np.asfortranarray(numbers[:, 1:]))


@dataclass(frozen=True)
class Cases:
    """Training cases: the industry of each (its code, or ""), who was approved (1, 0, NaN: unknown), their matrix."""

    industry: Sequence[str]
    approved: Floats
    matrix: Floats

    def only(self, places: Ints | list[int]) -> tuple[tuple[str, ...], Floats, Floats]:
        """Those at some places, the industries by division."""
        return tuple(self.industry[p][:3] for p in places), self.approved[places], self.matrix[places]


def named_groups(group: Against, industry: str) -> list[str]:
    """The names of a group for an applicant of that industry, the nearest first."""
    return [f"{group}:{code}" for code in _codes(industry)] if group.endswith(SECTOR) else [group]


def _codes(industry: str) -> list[str]:
    """Division and section of an industry, as far as known."""
    return ([industry[:3]] if len(industry) >= 3 else []) + ([industry[:1]] if industry else [])


def _groups(industry: str, approved: float) -> Iterator[str]:
    """The groups that a case belongs to."""
    for group in AGAINST:
        if approved == 1.0 or not group.startswith("approved"):
            yield from named_groups(group, industry)
