"""The worked cases are those of the page that they were taken from, where that page is at hand."""

import re

import pytest

from tests.beside import BESIDE
from tests.models.underwriting.test_advice import expected
from tests.models.underwriting.worked import WORKED, WorkedCase

PAGE = BESIDE / "domain" / "underwriting-cases.md"
_BOUND = re.compile(r"(need|debt|security|exposure) (unknown|[\d.,]*\d)")
_LIMIT = re.compile(r"limit (null|[\d.,]*\d)(?: by (\w+))?")
_NAMES = {"debt": "debt_capacity"}
OTHERWISE = {"O27c"}
"""Its findings are told in words there."""


def rows() -> dict[str, list[str]]:
    """The cells of each row by its number."""
    if not PAGE.exists():
        return {}
    lines = [line for line in PAGE.read_text("utf-8").splitlines() if re.match(r"\| O\d+[a-z]? ", line)]
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
    return {own[0]: own for own in cells if len(own) == len(("#", "differs", "findings", "advice", "amount", "bounds"))}


def number(text: str) -> float | None:
    """An amount of the page; None where there is none."""
    return None if text in ("–", "unknown", "null") else float(text.replace(",", ""))


@pytest.mark.skipif(not PAGE.exists(), reason="the page of the worked cases is not at hand")
def test_no_case_of_the_page_is_left_out():
    """Each row of the calculator stands among the worked cases."""
    assert rows().keys() <= WORKED.keys()


@pytest.mark.parametrize("name", WORKED)
def test_a_case_says_what_the_page_says(name: str):
    """Findings, advice, amount, bounds and what sets the limit are as printed."""
    page = rows()
    if name.split(" ", maxsplit=1)[0] not in page:
        pytest.skip("the page of the worked cases is not at hand")
    _compare(WORKED[name], name, page[name.split(" ", maxsplit=1)[0]])


def _compare(case: WorkedCase, name: str, cells: list[str]) -> None:
    _, _, findings, advice, amount, bounds = cells
    if name not in OTHERWISE:
        printed = [] if findings == "none" else findings.replace("`", "").split("; ")
        assert expected(case) == printed
    assert (case.advice, case.amount) == (advice.split(" ")[0], number(amount))
    parts = bounds.split("; ")
    assert case.bounds == {bound: number(told) for part in parts[:1] for bound, told in _told(part)}
    limit = next((found for part in parts if (found := _LIMIT.fullmatch(part))), None)
    if limit is None:
        assert case.limit is None or case.amount is None
    else:
        binding = limit[2] and _NAMES.get(limit[2], limit[2])
        assert case.limit == (number(limit[1]), binding)


def _told(part: str) -> list[tuple[str, str]]:
    """The bounds that the first part of a cell names; none where it is something else."""
    found = [_BOUND.fullmatch(one) for one in part.split(", ")]
    return [(one[1], one[2]) for one in found if one] if all(found) else []
