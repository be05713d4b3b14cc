"""The firm's own facts, worked by hand; size classes as the worked cases of the decree have them."""

from datetime import date

import numpy as np
import pytest

from features.firm import SECTIONS
from tests.builders import DAY, Row, answers, of_family, said

FIRM_ROW: Row = {
    "industry": "C3921", "founded_on": date(2016, 11, 20), "staff": 320, "rd_staff": 80, "registered_capital": 1000,
    "paid_in_capital": 250, "listed": False, "status": "in_business",
}  # fmt: skip
BOOKS = [{"period_end": date(2025, 12, 31), "months": 12, "revenue": 20_000_000_00, "total_assets": 1}]
TITLES = [
    {"title": "high_tech", "issued_on": date(2023, 11, 20), "valid_until": date(2026, 11, 20)},
    {"title": "little_giant", "issued_on": date(2023, 7, 14), "valid_until": date(2026, 7, 14)},
    {
        "title": "tech_sme",
        "issued_on": date(2026, 1, 1),
        "valid_until": date(2026, 12, 31),
        "revoked_on": date(2026, 10, 1),
    },
    {"title": "ip_advantage", "issued_on": date(2024, 1, 1)},
]
PEOPLE = [
    {"person": "person:a", "role": "controller", "share": 0.6},
    {"person": "person:b", "role": "controller", "share": 0.9, "until": date(2020, 1, 1)},
    {"person": "person:c", "role": "shareholder", "share": 0.3},
]
RELATED = [
    {"other": "row:1", "role": "parent", "non_performing": True},
    {"other": "row:1", "role": "associate"},
    {"other": "row:2", "role": "subsidiary", "non_performing": False},
    {"other": "row:3", "role": "subsidiary", "until": date(2024, 1, 1)},
]
WORKED: dict[str, float | None] = {
    "firm_age": round(3652 / 365.25, 9),
    "staff": 320.0,
    "research_staff_share": 0.25,
    "registered_capital": 1000.0,
    "paid_in_share": 0.25,
    "listed": 0.0,
    "not_in_business": 0.0,
    "sector": float(SECTIONS.index("C")),
    "size_class": 2.0,
    "high_tech_held": 1.0,  # the last day of validity is the day
    "specialised_held": 0.0,
    "tech_sme_held": 0.0,
    "ip_title_held": 1.0,  # its row tells no last day: three years by the usual months
    "titles_revoked": 1.0,
    "controller_share": 0.6,
    "related_firms": 2.0,
    "related_non_performing": 1.0,
}


def test_every_figure_by_hand() -> None:
    """A firm with titles, people and related firms leads to the figures worked on paper."""
    rows = {"firms": [FIRM_ROW], "statements": BOOKS, "titles": TITLES, "people": PEOPLE, "related": RELATED}
    assert said(answers(rows), WORKED) == pytest.approx(WORKED)
    assert set(WORKED) == set(of_family("firm"))


def test_not_known() -> None:
    """Of a firm of which nothing is known, nothing is known."""
    nothing = dict.fromkeys(WORKED)
    assert said(answers({}), nothing) == nothing


def test_asked_and_none() -> None:
    """Where the sources were asked and had nothing, there is no title and no related firm."""
    none: dict[str, float | None] = dict.fromkeys(
        ("high_tech_held", "specialised_held", "tech_sme_held", "ip_title_held", "titles_revoked", "related_firms",
         "related_non_performing"), 0.0,
    )  # fmt: skip
    assert said(answers({}, asked=("titles", "related")), none) == none


@pytest.mark.parametrize(
    ("industry", "staff", "revenue_in_millions", "expected"),
    [
        ("C39", 320, 19.0, 1),
        ("C39", 299, 500.0, 1),
        ("C39", 19, 100.0, 0),
        ("C39", 300, 20.0, 2),
        ("C39", 1000, 400.0, 3),
        ("C39", 1000, 399.99, 2),
        ("C39", 20, 2.99, 0),
        ("C39", None, 2.99, 0),  # micro whatever the staff
        ("C39", None, 500.0, None),
        ("C39", 19, None, 0),
        ("I65", 100, 10.0, 2),
        ("M73", 100, None, 2),
        ("F51", 5, 10.0, 1),
        ("J66", 100, 10.0, None),
    ],
)
def test_size_class(industry: str, staff: int | None, revenue_in_millions: float | None, expected: int | None) -> None:
    """A firm meets every limit of its class; it is micro as soon as it misses one of small."""
    fen = None if revenue_in_millions is None else round(revenue_in_millions * 1e8)
    books = [BOOKS[0] | {"revenue": fen}]
    found = answers({"firms": [{"industry": industry, "staff": staff}], "statements": books})
    assert said(found, {"size_class": expected}) == {"size_class": expected}


def test_revoked_firm() -> None:
    """Any state but in business counts against the firm."""
    assert answers({"firms": [FIRM_ROW | {"status": "revoked"}]})["not_in_business"] == 1.0


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ({"title": "high_tech", "issued_on": date(2025, 1, 1)}, 1.0),
        ({"title": "high_tech", "issued_on": date(2020, 1, 1)}, 0.0),
        ({"title": "high_tech", "issued_on": date(2023, 11, 21)}, 1.0),
        ({"title": "high_tech", "issued_on": date(2023, 11, 20)}, 0.0),
        ({"title": "high_tech", "issued_on": date(2020, 1, 1), "valid_until": DAY}, 1.0),
        ({"title": "high_tech", "issued_on": date(2025, 1, 1), "revoked_on": DAY}, 0.0),
    ],
)
def test_a_certificate_without_a_last_day_is_held_for_the_usual_months(title: Row, expected: float) -> None:
    """Its own last day counts, else the usual three years to the eve of the anniversary; revoked is not held."""
    assert answers({"titles": [title]})["high_tech_held"] == expected


def test_the_latest_certificate_of_a_kind_decides() -> None:
    """A new certificate that was revoked is not made good by an older one; another kind can still be held."""
    older = {"title": "specialised_sme", "issued_on": date(2024, 1, 1), "valid_until": date(2027, 1, 1)}
    revoked = {"title": "specialised_sme", "issued_on": date(2026, 1, 1), "revoked_on": date(2026, 6, 1)}
    other = {"title": "little_giant", "issued_on": date(2025, 7, 1)}
    assert answers({"titles": [older, revoked]})["specialised_held"] == 0.0
    assert answers({"titles": [older, revoked, other]})["specialised_held"] == 1.0


def test_a_kind_without_usual_months_is_not_known_without_its_last_day() -> None:
    """Policy states no months for every kind: then only the certificate itself can tell."""
    found = answers({"titles": [{"title": "ip_management", "issued_on": date(2026, 1, 1)}]})
    assert np.isnan(found["ip_title_held"])
