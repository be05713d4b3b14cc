"""What is usual: statistics of a population that features and wordings compare with.

A statistic may be counted on several days: who asks about a day is told the last count that was known by then, so that
a case of the past sees nothing of its future.
"""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TypeVar, TypeVarTuple, Unpack, cast

import msgspec

T = TypeVar("T")
About = TypeVarTuple("About")


@dataclass(frozen=True)
class Norm:
    """One statistic of a subject: `value` over `n` observations, known on a day (ISO)."""

    subject: str
    statistic: str
    value: float
    n: int
    known_on: str


@dataclass(frozen=True)
class Norms:
    """Statistics given whole to every partition of the lake.

    `by_name`: the last count by (subject, statistic). `earlier`: the counts before it, in order of their days.
    """

    by_name: Mapping[tuple[str, str], Norm] = field(default_factory=dict)
    earlier: tuple[Norm, ...] = ()

    @classmethod
    def of(cls, norms: Iterable[Norm]) -> "Norms":
        """Norms from single statistics, counted on any days."""
        told = sorted(norms, key=lambda n: n.known_on)
        last = {(n.subject, n.statistic): n for n in told}
        return cls(last, tuple(n for n in told if last[n.subject, n.statistic] is not n))

    @classmethod
    def from_json(cls, rows: object) -> "Norms":
        """Norms as `to_json` wrote them. Raises `msgspec.ValidationError`."""
        return cls.of(msgspec.convert(rows, list[Norm]))

    def to_json(self) -> list[dict[str, object]]:
        """A list of plain objects in order of subject, statistic and day."""
        every = [*self.by_name.values(), *self.earlier]
        return [vars(n) for n in sorted(every, key=lambda n: (n.subject, n.statistic, n.known_on))]

    def value(self, subject: str, statistic: str) -> float:
        """The statistic as last counted, or NaN where nobody computed it."""
        found = self.by_name.get((subject, statistic))
        return found.value if found else float("nan")

    def counts(self, statistic: str) -> dict[date, dict[str, float]]:
        """Every count of a statistic: by its day, in order, the value of each subject."""
        found: dict[date, dict[str, float]] = {}
        for n in (*self.earlier, *self.by_name.values()):
            if n.statistic == statistic:
                found.setdefault(date.fromisoformat(n.known_on), {})[n.subject] = n.value
        return dict(sorted(found.items()))

    def once(self, make: Callable[["Norms", Unpack[About]], T], *about: *About) -> T:
        """`make(self, *about)`, computed once for all that is compared with these norms."""
        if (make, *about) not in self._derived:
            self._derived[make, *about] = make(self, *about)
        return cast(T, self._derived[make, *about])

    @cached_property
    def _derived(self) -> dict[tuple[Hashable, ...], object]:
        return {}

    @property
    def digest(self) -> str:
        """SHA-256 of the norms in their canonical text."""
        text = json.dumps(self.to_json(), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


NO_NORMS = Norms()
