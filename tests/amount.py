"""How much of a law or a table of cases each run of the tests tries: a part of it here, all of it in `make prove`.

The proof `suite.whole` runs what is marked here with `PLEDGESCORE_TESTS=whole` in the environment: each law with all
its examples, each case on both databases.
"""

import os
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import settings

VARIABLE = "PLEDGESCORE_TESTS"
WHOLE = os.environ.get(VARIABLE) == "whole"
SHARE, LEAST = 6, 10
"""A sixth of the examples, but no fewer than these: what breaks a law breaks it within days of runs."""


def part(cases: int) -> int:
    """How many of so many cases made by chance are tried: all, or a part in each run; the test is marked `whole`."""
    return cases if WHOLE else max(min(cases, LEAST), cases // SHARE)


def law(examples: int, **more: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Decorate a law that Hypothesis tries: with so many examples in all, and with a part of them in each run."""

    def decorate(test: Callable[..., None]) -> Callable[..., None]:
        marked: Callable[..., None] = pytest.mark.whole(
            settings(max_examples=part(examples), deadline=None, **more)(test)
        )
        return marked

    return decorate


def one_database(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests without those that `sqlite_alone` marks on PostgreSQL: where no statement of their own is tried."""
    return [item for item in items if WHOLE or not _repeats(item)]


def _repeats(item: pytest.Item) -> bool:
    if item.get_closest_marker("sqlite_alone") is None:
        return False
    told = getattr(item, "callspec", None)  # a test without parameters has none
    parameters = {} if told is None else told.params
    return "postgresql" in [value for value in parameters.values() if isinstance(value, str)]
