"""What is usual: statistics of a population that features and wordings compare with."""

import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
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
    """Statistics by (subject, statistic), given whole to every partition of the lake."""

    by_name: Mapping[tuple[str, str], Norm] = field(default_factory=dict)

    @classmethod
    def of(cls, norms: Iterable[Norm]) -> "Norms":
        """Norms from single statistics."""
        return cls({(n.subject, n.statistic): n for n in norms})

    @classmethod
    def from_json(cls, rows: object) -> "Norms":
        """Norms as `to_json` wrote them. Raises `msgspec.ValidationError`."""
        return cls.of(msgspec.convert(rows, list[Norm]))

    def to_json(self) -> list[dict[str, object]]:
        """A list of plain objects in order of subject and statistic."""
        return [vars(self.by_name[name]) for name in sorted(self.by_name)]

    def value(self, subject: str, statistic: str) -> float:
        """The statistic, or NaN where nobody computed it."""
        found = self.by_name.get((subject, statistic))
        return found.value if found else float("nan")

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
