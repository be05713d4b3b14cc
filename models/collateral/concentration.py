"""How far a pool rests on few of its patents, and what that takes off what they carry together.

n = (sum of the parts)² / (sum of their squares) is how many equal parts would be as concentrated. A pool of few is cut
as a whole. The line is the greatest that any lower parts would give: a patent that is worth more never lowers it.
"""

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from math import floor

import msgspec

from features.exact import exactly


class PartsStep(msgspec.Struct, frozen=True):
    """Below so many equal parts the pool is cut by the factor."""

    below: float
    factor: float


class Concentrated(msgspec.Struct, frozen=True):
    """What a pool carries after the cut for concentration, of each patent, in fen.

    `equal_parts`: n of the parts as they are, two decimals. `factor`: what the whole was cut by.
    """

    each: tuple[int, ...]
    equal_parts: float
    factor: float

    @property
    def total(self) -> int:
        """What the patents carry in all."""
        return sum(self.each)


def concentrated(parts: Sequence[int], steps: Sequence[PartsStep]) -> Concentrated:
    """The line of parts in fen; `steps` ascend, and from the last on nothing is cut."""
    whole = sum(parts)
    if whole <= 0:
        return Concentrated(tuple(0 for _ in parts), 0.0, 1.0)
    number = equal_parts(parts)
    candidates = [(_factor(number, steps), tuple(parts))]
    for step, following in zip(steps, [*steps[1:], None], strict=True):
        factor = Fraction(1) if following is None else exactly(following.factor)
        if number < exactly(step.below):
            candidates.append((factor, _levelled(parts, exactly(step.below))))
    factor, chosen = max(candidates, key=lambda one: one[0] * sum(one[1]))
    each = in_whole([factor * part for part in chosen])
    return Concentrated(each, round(float(number), 2), float(factor))


def in_whole(parts: Sequence[Fraction]) -> tuple[int, ...]:
    """The parts in whole fen, which add up to what the exact ones do, rounded down: no fen is lost on the way."""
    sums = [floor(one) for one in accumulate(parts, initial=Fraction(0))]
    return tuple(after - before for before, after in pairwise(sums))


def equal_parts(parts: Sequence[int]) -> Fraction:
    """How many equal parts would be as concentrated as these, of which one is above zero."""
    return Fraction(sum(parts) ** 2, sum(part * part for part in parts))


def _factor(number: Fraction, steps: Sequence[PartsStep]) -> Fraction:
    return next((exactly(step.factor) for step in steps if number < exactly(step.below)), Fraction(1))


def _levelled(parts: Sequence[int], least: Fraction) -> tuple[int, ...]:
    """The greatest parts, none above its own, that are as many as `least` equal ones; zeros where none are.

    Of all such parts those that cut the greatest to one level lose least; the level is found by halving.
    """
    low, high = 0, max(parts)
    while low < high:
        level = (low + high + 1) // 2
        if equal_parts([min(part, level) for part in parts]) >= least:
            low = level
        else:
            high = level - 1
    return tuple(min(part, low) for part in parts)
