"""The laws over the whole chain on a few made-up cases: from rows to advice and limit."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from features.tables import TABLES
from tests.models.underwriting import bad_news, chain_laws
from tests.models.underwriting.chain_laws import LAWS

EXAMPLES: Mapping[str, int] = {
    "more_security": 8,
    "more_bad_news": 3,
    "asking_more": 20,
    "hiding": 2,
    "worse_conduct": 4,
}


@pytest.mark.parametrize("law", LAWS)
def test_the_law_holds(law: str) -> None:
    """More security, bad news, asking more, hiding: none gives what it must not."""

    @settings(max_examples=EXAMPLES[law], deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 10**6))
    def holds(seed: int) -> None:
        assert list(LAWS[law](seed)) == []

    holds()


def test_every_column_of_conduct_is_adverse_or_says_why_not() -> None:
    """No column of the tables of a firm's conduct is forgotten among the bad news."""
    general = {"firm", "known_on", "source_kind", "source", "withdrawn", "as_written"}
    for table, adverse in bad_news.ADVERSE.items():
        told = {*adverse, *bad_news.NO_NEWS.get(table, {})}
        assert set(TABLES[table].columns) - general == told, table
    choices = TABLES["patent_events"].columns["event"].choices
    assert set(bad_news.GOOD_PATENT_EVENTS) <= set(choices)
    assert {name.split(".")[0] for name in chain_laws.NOTHING_ASKED} <= set(TABLES)
