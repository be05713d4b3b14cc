"""Uncertain assumptions as triangular distributions, drawn with common random numbers.

The same question has the same draws, whatever is valued, so that two values differ by what is assumed and never by
chance.
"""

import hashlib
from dataclasses import dataclass, fields
from functools import lru_cache

import msgspec
import numpy as np

from features.arrays import Floats, Ints

DRAWS = 500
"""Draws of each uncertain assumption."""


class Triangular(msgspec.Struct, frozen=True):
    """A triangular distribution from `low` over `mode` to `high`."""

    low: float
    mode: float
    high: float

    def at(self, u: Floats) -> Floats:
        """The value that a share `u` of draws does not exceed."""
        width = self.high - self.low
        if width == 0:
            return np.full_like(u, self.mode)
        left = self.mode - self.low
        rising = self.low + np.sqrt(u * width * left)
        falling = self.high - np.sqrt((1 - u) * width * (self.high - self.mode))
        return np.where(u * width < left, rising, falling)

    def evenly(self, many: int) -> Floats:
        """The values at the middles of so many equal shares, in order of size; read-only."""
        return _evenly(self, many)

    def drawn(self, places: Ints) -> Floats:
        """The value in each draw, by the places of `CommonRandomNumbers`."""
        return self.evenly(len(places))[places]

    def quantiles(self, size: int, shares: tuple[float, ...]) -> tuple[float, ...]:
        """The values that such shares of `size` draws do not exceed, interpolated linearly."""
        return _quantiles(self, size, shares)


@lru_cache(1024)
def _evenly(of: Triangular, many: int) -> Floats:
    """The values at the middles of so many equal shares: every question's draws are these, in an order of its own."""
    values = of.at((np.arange(many) + 0.5) / many)
    values.flags.writeable = False
    return values


@lru_cache(1024)
def _quantiles(of: Triangular, size: int, shares: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(np.quantile(_evenly(of, size), shares).tolist())


@dataclass(frozen=True)
class CommonRandomNumbers:
    """Per uncertain assumption, which of the evenly spread values each draw takes: a permutation of their places."""

    royalty: Ints
    share: Ints
    growth: Ints
    rate: Ints
    life: Ints
    discount: Ints

    @classmethod
    def of(cls, question: str, size: int = DRAWS) -> "CommonRandomNumbers":
        """The draws of a question: the same text gives the same draws, whatever is valued."""
        seed = int.from_bytes(hashlib.sha256(question.encode()).digest()[:8], "big")
        chance = np.random.Generator(np.random.PCG64(seed))
        return cls(*(chance.permutation(size) for _ in fields(cls)))
