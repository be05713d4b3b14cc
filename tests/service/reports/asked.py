"""The base firm of the worked cases, asked about over HTTP: clean, to be reviewed, and advised against."""

from datetime import date
from typing import Any

from tests.models.underwriting.whole_case import PATENTS, WAN, changed
from tests.service.loan_case import question_of

TITLE = "一种<b>高精度</b>压力传感器"
NAMED = ("people", 0, {"full_name": "张卫国"})
VISITED = (
    "visits",
    0,
    {"visited_on": date(2026, 11, 12), "place": "厂区", "visited_by": "王芳", "second": "刘洋", "findings": "生产正常"},
)
TITLED = ("patents", 0, {"title": TITLE})
CASES: dict[str, tuple[tuple[str, int, dict[str, Any]], ...]] = {
    "clean": (NAMED, VISITED, TITLED),
    "review": (NAMED, ("bureau", 0, {"special_mention": 1, "overdue": 2 * WAN}), ("uses", 0, {"document": None})),
    "against": (("bureau", 0, {"non_performing": 2, "non_performing_balance": 50 * WAN}),),
}
__all__ = ["CASES", "PATENTS", "TITLE", "question"]


def question(name: str) -> dict[str, Any]:
    """The question of a case as JSON."""
    return question_of(changed(*CASES[name]), case=name, bank="bank-1", branch="b1")
