"""The portfolio held on the day, worked by hand: what counts, what state it is in, and what is not known."""

from datetime import date

import numpy as np
import pytest

from tests.builders import DAY, FIRM, Row, answers, of_family, patent_numbers, said

P = patent_numbers(9)
ASKED = ("holdings", "patent_events")


def invention(number: str, **more: object) -> Row:
    """An invention filed on 2016-11-20 and granted three years later."""
    return {
        "patent": number,
        "kind": "invention",
        "filed_on": date(2016, 11, 20),
        "granted_on": date(2019, 11, 20),
    } | more


def holding(number: str, **more: object) -> Row:
    """The whole of a patent, held since 2019."""
    return {"patent": number, "holder": FIRM, "from_on": date(2019, 11, 20), "how": "original", "share": 1.0} | more


def event(number: str, what: str, day: date, **more: object) -> Row:
    """Something that happened to a patent."""
    return {"patent": number, "event": what, "happened_on": day} | more


PATENTS = [
    invention(
        P[0], ipc="H04L9/32", claims=10, first_claim_length=100, inventors=2, citations_received=6, literature_cited=4,
        family_size=3, family_offices="CN;EP;US", granted_abroad=True, in_use=True, standard_essential=True,
        fees_paid_to=date(2027, 11, 20), filed_on=date(2016, 11, 19),
    ),
    invention(
        P[1], ipc="H04L1/00", claims=5, first_claim_length=300, inventors=4, citations_received=0, literature_cited=0,
        family_size=1, family_offices="CN", granted_abroad=False, in_use=False, fees_paid_to=date(2026, 8, 20),
    ),
    {
        "patent": P[2], "kind": "utility_model", "filed_on": date(2019, 11, 20), "granted_on": date(2020, 5, 20),
        "ipc": "G01N33/50",
    },
    {"patent": P[3], "kind": "design", "filed_on": date(2022, 11, 20), "granted_on": date(2023, 5, 20)},
    {"patent": P[4], "kind": "invention", "filed_on": date(2024, 11, 20), "ipc": "A61K31/00"},
    invention(P[5], ipc="H04L5/00"),  # lapsed in 2025
    invention(P[6], ipc="H04L7/00"),  # sold in 2025
]  # fmt: skip
HOLDINGS = [
    holding(P[0]), holding(P[1], how="bought", from_on=date(2025, 5, 1)), holding(P[2], share=0.5), holding(P[3]),
    holding(P[4], from_on=date(2024, 11, 20)), holding(P[5]), holding(P[6], to_on=date(2025, 12, 1)),
]  # fmt: skip
EVENTS = [
    event(P[0], "licensed", date(2023, 1, 1)), event(P[0], "award", date(2021, 1, 1)),
    event(P[1], "licensed", date(2023, 1, 1), until=date(2024, 1, 1)),
    event(P[1], "open_licence", date(2024, 1, 1)), event(P[1], "invalidation_requested", date(2022, 1, 1)),
    event(P[1], "invalidation_rejected", date(2022, 9, 1)), event(P[0], "invalidation_requested", date(2026, 5, 1)),
    event(P[2], "dispute", date(2026, 1, 1), reference="r1"), event(P[2], "dispute", date(2026, 2, 1), reference="r2"),
    event(P[2], "dispute_closed", date(2026, 3, 1), reference="r1"),
    event(P[3], "preserved", date(2026, 1, 1)), event(P[0], "pledged", date(2025, 1, 1)),
    event(P[1], "pledged", date(2023, 1, 1)), event(P[1], "pledge_released", date(2024, 1, 1)),
    event(P[5], "lapsed", date(2025, 11, 20)),
]  # fmt: skip
BOOKS = [{"period_end": date(2025, 12, 31), "months": 12, "revenue": 10**10}]
WORKED: dict[str, float | None] = {
    "patents_held": 6.0,
    "inventions_in_force": 2.0,  # P0 and P1; P5 lapsed, P6 sold
    "utility_models_in_force": 1.0,
    "designs_in_force": 1.0,
    "inventions_pending": 1.0,
    "invention_share": 0.5,
    "inventions_to_revenue": 2.0,  # revenue is 100 million
    "mean_patent_age": round((3653 + 3652 + 2557 + 1461) / 4 / 365.25, 9),
    "mean_remaining_life": round((3652 + 3653 + 1096 + 4018) / 4 / 365.25, 9),
    "ending_share": 0.25,  # the utility model ends on 2029-11-20, exactly 36 months after the day
    "long_kept_share": 0.5,  # filed on 2016-11-19 is more than ten years ago, on 2016-11-20 exactly ten
    "fees_behind_share": 0.0,  # P1 is paid to a day in its tenth year, which counts as paid to 2026-11-20
    "mean_claims": 7.5,
    "mean_first_claim_length": 200.0,
    "mean_inventors": 3.0,
    "citations_to_expected": 1.5,  # six and none against a usual number of two
    "cited_share": 0.5,
    "mean_literature_cited": 2.0,
    "mean_family_size": 2.0,
    "mean_offices": 2.0,
    "granted_abroad_share": 0.5,
    "technology_fields": 2.0,
    "technology_concentration": round(5 / 9, 9),  # two of digital communication, one of biological analysis
    "new_field_share": 1.0,  # of the inventions filed 2022-05-20 to 2025-05-20 the one in pharmaceuticals
    "recent_inventions": 1.0,
    "filing_growth": 1.0,
    "recent_lapses": 1.0,
    "lapsed_share": round(1 / 6, 9),
    "recent_purchases": 1.0,
    "bought_share": round(1 / 6, 9),
    "recent_sales": 1.0,
    "shared_share": round(1 / 6, 9),
    "licensed": 1.0,  # the other licence ended with its last day
    "open_licences": 1.0,
    "disputed": 1.0,  # one of two disputes is still open
    "invalidation_pending": 1.0,
    "survived_invalidation": 1.0,
    "preserved": 1.0,
    "pledged_patents_held": 1.0,
    "awarded": 1.0,
    "in_use_share": 0.5,
    "standard_essential_patents": 1.0,
}


def test_every_figure_by_hand() -> None:
    """Seven patents of every kind and fate lead to the figures worked on paper."""
    rows = {"patents": PATENTS, "holdings": HOLDINGS, "patent_events": EVENTS, "statements": BOOKS}
    assert said(answers(rows), WORKED) == pytest.approx(WORKED, abs=1e-9)
    assert set(WORKED) == set(of_family("portfolio"))


def test_not_asked_is_not_none() -> None:
    """Where nobody asked who holds what, the portfolio is not known; where somebody did, it is empty."""
    nothing: dict[str, float | None] = dict.fromkeys(WORKED)
    assert said(answers({}), nothing) == nothing
    counts = [
        "patents_held", "inventions_in_force", "utility_models_in_force", "designs_in_force", "inventions_pending",
        "technology_fields", "recent_inventions", "recent_lapses", "recent_purchases", "recent_sales", "licensed",
        "open_licences", "disputed", "invalidation_pending", "survived_invalidation", "preserved",
        "pledged_patents_held", "awarded", "standard_essential_patents",
    ]  # fmt: skip
    assert said(answers({}, asked=ASKED), nothing) == nothing | dict.fromkeys(counts, 0.0)


def test_held_but_not_described_is_not_known() -> None:
    """A holding of a patent of which nothing else is known counts as held and leaves its state not known."""
    found = answers({"holdings": [holding(P[0])]}, asked=ASKED)
    assert said(found, {"patents_held": 0, "inventions_in_force": 0}) == {
        "patents_held": 1.0,
        "inventions_in_force": None,
    }


def in_force(patent: Row, *events: Row) -> float:
    """Whether one patent that the firm holds is in force."""
    return answers({"patents": [patent], "holdings": [holding(patent["patent"])], "patent_events": list(events)})[
        {"invention": "inventions_in_force", "utility_model": "utility_models_in_force", "design": "designs_in_force"}[
            patent["kind"]
        ]
    ]


@pytest.mark.parametrize(
    ("patent", "expected"),
    [
        ({"kind": "utility_model", "filed_on": date(2016, 11, 20)}, 0.0),
        ({"kind": "utility_model", "filed_on": date(2016, 11, 21)}, 1.0),
        ({"kind": "design", "filed_on": date(2021, 5, 31)}, 1.0),
        ({"kind": "design", "filed_on": date(2016, 11, 20)}, 0.0),
        ({"kind": "invention", "filed_on": date(2006, 11, 20)}, 0.0),
        ({"kind": "invention", "filed_on": date(2006, 11, 20), "term_adjustment_days": 1}, 1.0),
        ({"kind": "utility_model", "filed_on": date(2016, 11, 20), "term_adjustment_days": 400}, 0.0),
        ({"kind": "invention", "filed_on": date(2016, 5, 19), "fees_paid_to": date(2026, 5, 19)}, None),
        ({"kind": "invention", "filed_on": date(2016, 5, 20), "fees_paid_to": date(2026, 5, 20)}, 1.0),
        ({"kind": "invention", "filed_on": date(2016, 1, 1), "fees_paid_to": date(2026, 1, 2)}, 1.0),
        ({"kind": "invention", "filed_on": date(2016, 1, 1), "fees_paid_to": date(2026, 1, 1)}, None),
    ],
)
def test_term_and_fees_end_on_the_day(patent: Row, expected: float | None) -> None:
    """A right lives to the eve of the anniversary that ends its term; six months after an unpaid fee nobody can tell.

    A fee year that holds the day to which the fees are paid counts as paid. Only an invention's term is compensated.
    """
    found = in_force({"patent": P[0], "granted_on": date(2021, 8, 1)} | patent)
    assert (None if np.isnan(found) else found) == expected


def test_behind_with_fees_in_grace_and_after() -> None:
    """A fee that is due and unpaid counts as behind, in the months of grace as after them."""
    patents = [
        invention(P[0], fees_paid_to=date(2027, 11, 20)),
        invention(P[1], filed_on=date(2016, 8, 20), fees_paid_to=date(2026, 8, 20)),
        invention(P[2], filed_on=date(2016, 3, 20), fees_paid_to=date(2026, 3, 20)),
        invention(P[3]),
    ]
    found = answers({"patents": patents, "holdings": [holding(p["patent"]) for p in patents]})
    assert found["fees_behind_share"] == pytest.approx(2 / 3)


def test_a_count_is_not_known_where_a_state_is_not() -> None:
    """One invention whose fees are long overdue leaves the number in force not known, and no share of those known."""
    patents = [invention(P[0]), invention(P[1], fees_paid_to=date(2025, 11, 20))]
    found = answers({"patents": patents, "holdings": [holding(p["patent"]) for p in patents]}, asked=ASKED)
    expected = {"inventions_in_force": None, "technology_fields": None, "utility_models_in_force": 0.0}
    assert said(found, expected) == expected
    assert found["invention_share"] == 1.0


def test_restoration_undoes_a_lapse() -> None:
    """Events fold in the order of the days on which they took effect, not of the rows."""
    lapsed, restored = event(P[0], "lapsed", date(2025, 1, 1)), event(P[0], "restored", date(2025, 6, 1))
    assert in_force(invention(P[0]), lapsed) == 0.0
    assert in_force(invention(P[0]), restored, lapsed) == 1.0
    assert in_force(invention(P[0]), restored, event(P[0], "lapsed", date(2026, 1, 1)), lapsed) == 0.0


def test_lapse_is_not_seen_before_it_is_known() -> None:
    """A lapse that acts back but is announced after the day does not touch the portfolio of the day."""
    late = event(P[0], "lapsed", date(2026, 6, 3), known_on=date(2027, 2, 10))
    assert in_force(invention(P[0]), late) == 1.0


def test_partly_invalidated_stays_in_force() -> None:
    """Claims that stand keep the patent; a full invalidation ends it."""
    assert in_force(invention(P[0]), event(P[0], "invalidated_in_part", date(2026, 1, 1))) == 1.0
    assert in_force(invention(P[0]), event(P[0], "invalidated", date(2026, 1, 1))) == 0.0


def test_second_pledge_outlives_the_release_of_the_first() -> None:
    """A patent pledged twice and released once is still pledged; a release of an unknown pledge frees no later one."""
    first, second = event(P[0], "pledged", date(2024, 1, 1), reference="r1"), event(P[0], "pledged", date(2025, 1, 1))
    released = event(P[0], "pledge_released", date(2026, 1, 1), reference="r1")
    early = event(P[0], "pledge_released", date(2020, 1, 1))
    base = {"patents": [invention(P[0])], "holdings": [holding(P[0])]}
    pledged = [answers(base | {"patent_events": events})["pledged_patents_held"] for events in (
        [first, second, released], [first, released], [early, second],
    )]  # fmt: skip
    assert pledged == [1.0, 0.0, 1.0]


def test_a_patent_of_another_holder_is_not_ours() -> None:
    """Patents that lie with the firm's rows because they are pledged for it, held by the founder, are no portfolio."""
    rows = {"patents": [invention(P[0])], "holdings": [holding(P[0], holder="person:founder")]}
    assert said(answers(rows), {"patents_held": 0, "inventions_in_force": 0}) == {
        "patents_held": 0.0,
        "inventions_in_force": 0.0,
    }


def test_bought_after_the_day_is_not_held_on_the_day() -> None:
    """A purchase known later is not in the portfolio."""
    later = holding(P[0], how="bought", from_on=DAY, known_on=date(2026, 11, 21))
    found = answers({"patents": [invention(P[0])], "holdings": [later]}, asked=ASKED)
    assert found["patents_held"] == 0.0


def test_filing_growth_looks_at_what_can_be_seen() -> None:
    """Two inventions in the visible 18 months against one in the 18 before: (2 - 1) / 3; later filings do not count."""
    days = [date(2025, 5, 20), date(2023, 11, 21), date(2023, 11, 20), date(2025, 5, 21), date(2026, 1, 1)]
    patents = [{"patent": P[n], "kind": "invention", "filed_on": day} for n, day in enumerate(days)]
    holdings = [holding(P[n], from_on=day) for n, day in enumerate(days)]
    found = answers({"patents": patents, "holdings": holdings})
    assert said(found, {"filing_growth": 0, "recent_inventions": 0}) == {
        "filing_growth": round(1 / 3, 9), "recent_inventions": 3.0,
    }  # fmt: skip
