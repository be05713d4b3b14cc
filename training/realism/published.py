"""A published figure: what the world should show, and how it is measured."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from training.realism.world_tables import WorldTables

Origin = Literal["input", "fitted", "follows"]
"""Whether the world was given the figure, was fitted until it met it, or meets it by what else it is."""


@dataclass(frozen=True)
class PublishedFigure:
    """A published figure: what the world should show, and how it is measured.

    `code` names it in the templates `published.CODE`, `source` in `published_in.CODE`.
    """

    code: str
    target: float
    low: float
    high: float
    origin: Origin
    source: str
    measure: Callable[[WorldTables], float]

    def met(self, value: float) -> bool:
        """Whether a value lies within the tolerance."""
        return self.low <= value <= self.high
