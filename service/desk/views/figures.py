"""A figure before and after, as pages compare two answers: both as they are shown, and what lies between the two."""

from dataclasses import dataclass
from decimal import Decimal

from service.desk.formats import ABSENT, percent, points, wan
from service.desk.labels import DeskLabels


@dataclass(frozen=True)
class FigureLine:
    """A figure before and after; `difference`: of the two as they are shown, empty where they are shown alike."""

    name: str
    before: str
    after: str
    difference: str = ""

    @property
    def moved(self) -> bool:
        """Whether it is another."""
        return self.before != self.after


def text_line(name: str, before: str, after: str) -> FigureLine:
    """Something that is no figure: there is nothing between."""
    return FigureLine(name, before, after)


def money_line(name: str, before: int | None, after: int | None) -> FigureLine:
    """An amount in fen, shown in ten thousand yuan."""
    return _line(name, wan(before), wan(after))


def count_line(name: str, before: int | None, after: int | None) -> FigureLine:
    """A whole number."""
    return _line(name, *(ABSENT if one is None else str(one) for one in (before, after)))


def share_line(name: str, before: float, after: float, say: DeskLabels) -> FigureLine:
    """A share in per cent; what lies between is told in percentage points."""
    return _line(name, percent(before, 2), percent(after, 2), f" {say('change.percentage_points')}")


def points_line(name: str, before: float, after: float) -> FigureLine:
    """Points with one decimal."""
    return _line(name, points(before), points(after))


def _line(name: str, before: str, after: str, unit: str = "") -> FigureLine:
    if ABSENT in (before, after):
        return FigureLine(name, before, after)
    return FigureLine(name, before, after, signed(_shown(after) - _shown(before), unit))


def signed(difference: Decimal, unit: str = "") -> str:
    """A difference with its sign and unit; empty where there is none."""
    return f"{difference:+,}{unit}".replace("-", "−") if difference else ""


def _shown(text: str) -> Decimal:
    return Decimal(text.rstrip("%").replace(",", "").replace("−", "-"))
