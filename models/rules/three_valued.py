"""Answers that may be unknown, joined: true, false, or None for *not known*."""

from collections.abc import Iterable


def every(answers: Iterable[bool | None]) -> bool | None:
    """False if one is false, else unknown if one is unknown."""
    known: bool | None = True
    for answer in answers:
        if answer is False:
            return False
        known = None if answer is None else known
    return known


def some(answers: Iterable[bool | None]) -> bool | None:
    """True if one is true, else unknown if one is unknown."""
    known: bool | None = False
    for answer in answers:
        if answer is True:
            return True
        known = None if answer is None else known
    return known
