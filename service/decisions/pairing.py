"""Pairs lines of a list with drawdowns, one to one: the strongest number first, then those that agree in most."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import TypeAlias

from service.decisions.drawn_loans import Drawn
from service.decisions.filed_lists import Filed

_NUMBERS = ("loan", "contract", "registration")
"""What names a drawdown, the strongest first; firm and day come after them."""
_LEVELS: tuple[tuple[str, ...], ...] = (("loan",), ("contract",), ("registration",), ("firm", "on"))
_AGREED: tuple[tuple[str, ...], ...] = (("on", "amount"), ("on",), ("amount",), ())
"""Of several drawdowns under one number, the one that agrees in most comes first."""
_Place: TypeAlias = tuple[tuple[object, ...], tuple[bool, ...]]


@dataclass
class Pairs:
    """Which line is which drawdown."""

    of_line: dict[int, Drawn] = field(default_factory=dict)
    of_entry: dict[int, int] = field(default_factory=dict)


def _places(one: Drawn, names: Sequence[str]) -> Iterator[_Place]:
    """Where a drawdown is looked for by these facts: for each day and pledge, with which numbers it tells."""
    tells = tuple(one.tells(name) for name in _NUMBERS)
    told: dict[str, Sequence[object]] = {name: (getattr(one, name),) for name in ("loan", "contract", "firm", "amount")}
    told |= {"registration": one.registrations, "on": one.days}
    for values in product(*(told[name] for name in names)):
        if None not in values:
            yield values, tells


def _sought(line: Filed, level: Sequence[str], names: Sequence[str]) -> Iterator[_Place]:
    """Where a line looks at a level by these facts: a drawdown that tells another, stronger number is another one."""
    values = tuple(getattr(line, name) for name in names)
    if None in values:
        return
    stronger = _NUMBERS[: _NUMBERS.index(level[0])] if level[0] in _NUMBERS else _NUMBERS
    for tells in product((False, True), repeat=len(_NUMBERS)):
        told = dict(zip(_NUMBERS, tells, strict=True))
        if not any(told[name] and getattr(line, name) is not None for name in stronger):
            yield values, tells


def paired(lines: Sequence[tuple[int, Filed]], drawn: Sequence[Drawn]) -> Pairs:
    """Pairs, the strongest number first, and under one number those that agree in most first; each is used once."""
    pairs = Pairs()
    for level in _LEVELS:
        for agreed in _AGREED:
            names = tuple(dict.fromkeys((*level, *agreed)))
            free: dict[_Place, list[Drawn]] = defaultdict(list)
            for one in reversed(drawn):
                if one.entry not in pairs.of_entry:
                    for place in _places(one, names):
                        free[place].append(one)
            for n, line in lines:
                if n not in pairs.of_line and (found := _first(free, _sought(line, level, names), pairs)):
                    pairs.of_line[n] = found
                    pairs.of_entry[found.entry] = n
    return pairs


def _first(free: Mapping[_Place, list[Drawn]], places: Iterable[_Place], pairs: Pairs) -> Drawn | None:
    """The first drawdown at these places that is no line's yet; those that are are dropped on the way."""
    best: Drawn | None = None
    for place in places:
        waiting = free.get(place, [])
        while waiting and waiting[-1].entry in pairs.of_entry:
            waiting.pop()
        if waiting and (best is None or waiting[-1].entry < best.entry):
            best = waiting[-1]
    return best


class KnownDrawdowns:
    """All drawdowns by what names them, whether or not a line is one already."""

    def __init__(self, drawn: Sequence[Drawn]) -> None:
        self._at: dict[tuple[tuple[str, ...], _Place], Drawn] = {}
        for one in drawn:
            for level in _LEVELS:
                for place in _places(one, level):
                    self._at.setdefault((level, place), one)

    def like(self, line: Filed) -> Drawn | None:
        """The drawdown that a line would be, were it not another's; None where there is none."""
        found = (self._at.get((level, place)) for level in _LEVELS for place in _sought(line, level, level))
        return next((one for one in found if one is not None), None)
