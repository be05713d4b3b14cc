"""The worked cases of underwriting as a whole: findings in order, advice, amount and bounds, from rows."""

from collections import Counter
from collections.abc import Iterator

import pytest

from models.rules.finding import Finding
from tests.models.underwriting.whole_case import WAN, Advised, advised, changed
from tests.models.underwriting.worked import WORKED, WorkedCase

BASE = {"need": 673.8, "debt": 1800, "security": 450, "exposure": None}
"""The bounds of the base firm."""
WEIGHING = {"advise_against": ("fail blocks",), "refer": ("fail refer", "unknown refer"), "recommend": ()}
"""What an advice follows from."""


def answer(case: WorkedCase) -> Advised:
    """What is advised on a worked case."""
    return advised(changed(*case.changes), case.points, case.own, case.parts, case.policy)


def expected(case: WorkedCase) -> list[str]:
    """The findings that a case lists."""
    return [one for one in case.findings.split("; ") if one]


def told(found: Advised) -> Iterator[str]:
    """The findings as a case lists them: those of patents with how many, where the first stands."""
    listed = [one for one in found.every if one.effect != "info" or one.rule in ("pool_concentration", "within_limit")]
    number = Counter(map(_words, listed))
    for words in dict.fromkeys(map(_words, listed)):
        yield words if number[words] == 1 else f"{words} ×{number[words]}"


def _words(one: Finding) -> str:
    return f"{one.rule} {one.outcome} {one.effect}"


def in_wan(amount: int | None) -> float | None:
    """Fen in ten thousand yuan, floored to two decimals."""
    return None if amount is None else (amount * 100 // WAN) / 100


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_case_ends_as_it_says(name: str):
    """A worked case ends with the findings, reasons, advice and amount that it names, in their order."""
    case = WORKED[name]
    found = answer(case)
    assert list(told(found)) == expected(case)
    assert (found.advice, found.amount) == (case.advice, case.amount)
    reasons = [one.split(" ")[0] for one in expected(case) if one.endswith(WEIGHING[case.advice])]
    assert list(dict.fromkeys(found.because)) == (reasons if WEIGHING[case.advice] else [])


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_case_has_the_bounds_that_it_says(name: str):
    """Need, debt, security and exposure are those of the base firm but where a case differs; what sets the limit."""
    case = WORKED[name]
    security = answer(case).lent.security
    assert security is not None
    limit, figures = security.limit, security.figures
    assert limit.lines is not None
    bounds = {
        "need": in_wan(figures.need.amount),
        "debt": in_wan(figures.debt.amount),
        "security": in_wan(limit.lines.total),
        "exposure": in_wan(figures.exposure),
    }
    assert bounds == {**BASE, **case.bounds}
    assert limit.binding == "asked" if case.limit is None else (in_wan(limit.amount), limit.binding) == case.limit
