"""Pairs lines of a list with drawdowns, one to one: the strongest number first, then those that agree in most."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from operator import contains
from typing import TypeAlias

from service.decisions.drawn_loans import Drawn
from service.decisions.filed_lists import Filed

_NUMBERS = ("loan", "contract", "registration")
"""What names a drawdown, the strongest first; firm and day come after them."""
_Level: TypeAlias = tuple[str, ...]
_LEVELS: tuple[_Level, ...] = (("loan",), ("contract",), ("registration",), ("firm", "on"))
_AGREED: tuple[tuple[str, ...], ...] = (("on", "amount"), ("on",), ("amount",), ())
"""Of several drawdowns under one number, the one that agrees in most comes first."""
_Tells: TypeAlias = tuple[bool, ...]
"""Which numbers are told, in the order of `_NUMBERS`."""
_Values: TypeAlias = tuple[object, ...]
_Place: TypeAlias = tuple[_Values, _Tells]


@dataclass
class Pairs:
    """Which line is which drawdown."""

    of_line: dict[int, Drawn] = field(default_factory=dict)
    of_entry: dict[int, int] = field(default_factory=dict)


class DrawnIndex:
    """All drawdowns by what names them; under one name, once that is asked for, by what a line may agree in."""

    def __init__(self, drawn: Sequence[Drawn]) -> None:
        """`drawn` in the order of their entries."""
        self._drawn = [(one, tuple(one.tells(name) for name in _NUMBERS)) for one in drawn]
        self._levels: dict[_Level, Mapping[_Place, Sequence[Drawn]]] = {}

    def paired(self, lines: Sequence[tuple[int, Filed]]) -> Pairs:
        """Pairs, the strongest number first, and under one number those that agree in most first; each is used once."""
        pairs = Pairs()
        for level in _LEVELS:
            free = _Free(self._at(level))
            left = ((n, line) for n, line in lines if n not in pairs.of_line)
            looking = [(n, line, places) for n, line in left if (places := self._places(line, level))]
            for agreed in _AGREED:
                for n, line, places in looking:
                    if n not in pairs.of_line and (found := free.first(places, agreed, line, pairs)):
                        pairs.of_line[n] = found
                        pairs.of_entry[found.entry] = n
        return pairs

    def like(self, line: Filed) -> Drawn | None:
        """The drawdown that a line would be, were it not another's; None where there is none."""
        found = (self._at(level)[place][0] for level in _LEVELS for place in self._places(line, level))
        return next(found, None)

    def _at(self, level: _Level) -> Mapping[_Place, Sequence[Drawn]]:
        """The drawdowns by what names them at a level."""
        found = self._levels.get(level)
        if found is None:
            made = defaultdict(list)
            for one, tells in self._drawn:
                for values in _told(one, level):
                    made[values, tells].append(one)
            found = self._levels[level] = made
        return found

    def _places(self, line: Filed, level: _Level) -> list[_Place]:
        """Where drawdowns are that a line may be at a level: one that tells another, stronger number is another one."""
        values = tuple(getattr(line, name) for name in level)
        if None in values:
            return []
        stated, at = tuple(getattr(line, name) is not None for name in _NUMBERS), self._at(level)
        return [place for tells in _possible(level, stated) if (place := (values, tells)) in at]


class _Free:
    """The drawdowns of a level that are no line's yet."""

    def __init__(self, at: Mapping[_Place, Sequence[Drawn]]) -> None:
        self._at = at
        self._sorted: dict[tuple[_Place, tuple[str, ...]], dict[_Values, list[Drawn]]] = {}

    def first(self, places: Iterable[_Place], agreed: tuple[str, ...], line: Filed, pairs: Pairs) -> Drawn | None:
        """The first drawdown at these places that agrees with the line; those that are another's are dropped."""
        values, best = tuple(getattr(line, name) for name in agreed), None
        if None in values:
            return None
        for place in places:
            waiting = self._agreeing(place, agreed, values)
            while waiting and waiting[-1].entry in pairs.of_entry:
                waiting.pop()
            if waiting and (best is None or waiting[-1].entry < best.entry):
                best = waiting[-1]
        return best

    def _agreeing(self, place: _Place, agreed: tuple[str, ...], values: _Values) -> list[Drawn]:
        """Those of a place that agree in these values, the first last."""
        here = self._at[place]
        if len(here) == 1:
            return [here[0]] if all(map(contains, (_each(here[0], name) for name in agreed), values)) else []
        found = self._sorted.get((place, agreed))
        if found is None:
            found = self._sorted[place, agreed] = defaultdict(list)
            for one in reversed(here):
                for told in _told(one, agreed):
                    found[told].append(one)
        return found.get(values, [])


def _told(one: Drawn, names: Sequence[str]) -> Iterator[_Values]:
    """What a drawdown tells under these names, for each of its days and pledges; nothing where one is not told."""
    return product(*(_each(one, name) for name in names))


def _each(one: Drawn, name: str) -> Sequence[object]:
    if name == "registration":
        return one.registrations
    if name == "on":
        return one.days
    value: object = getattr(one, name)
    return () if value is None else (value,)


@cache
def _possible(level: _Level, stated: _Tells) -> tuple[_Tells, ...]:
    """Which numbers a drawdown at a level may tell for a line that states these: none that is stronger and stated."""
    stronger = len(_NUMBERS) if level[0] not in _NUMBERS else _NUMBERS.index(level[0])
    every = product((False, True), repeat=len(_NUMBERS))
    return tuple(
        tells for tells in every
        if not any(told and named for told, named in zip(tells[:stronger], stated[:stronger], strict=True))
    )  # fmt: skip
