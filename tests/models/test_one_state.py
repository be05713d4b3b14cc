"""One state: features, rules and values say the same of any patent and firm, and each mend of the state is needed."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.matrix import matrix
from features.policy import shipped
from models.lending import Lending, LoanPatent, lending
from models.rules import Finding, screen
from models.rules.facts import facts_of
from tests.amount import law
from tests.one_state.law import disagreements, known
from tests.one_state.making import TODAY, Example, example
from tests.one_state.mutants import MUTANTS, Mutant
from tests.one_state.register import Row

FIRM, NUMBER = "row:1", "CN201510000001.5"
BASE = {"firm": FIRM, "source_kind": "register", "known_on": date(2026, 6, 1)}
ASKED = ("patents", "holdings", "patent_events", "collateral", "titles")


@law(30)
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=4, unique=True))
def test_features_rules_and_values_say_the_same(seeds: list[int]) -> None:
    """Of one patent alone as among others: what a person reads in its rows (20,000: `make prove ONLY=state`)."""
    assert disagreements([example(seed, firm=f"row:{place}") for place, seed in enumerate(seeds)]) == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.mend)
def test_no_mend_can_be_undone(mutant: Mutant) -> None:
    """Undo one mend, and the law breaks within a thousand generated patents and firms."""
    assert mutant.killed_after() is not None


def firm(patent: Row, events: Sequence[Row] = (), titles: Sequence[Row] = (), **year: Any) -> Example:
    """A manufacturer above scale that asks for a loan of a year against one patent, all registers asked."""
    told = {"kind": "invention", "office": "CN", "filed_on": date(2015, 3, 10), "granted_on": date(2017, 9, 1)}
    books = {"revenue": 5_000_000_000, "total_assets": 3_000_000_000, "total_liabilities": 1_200_000_000} | year
    rows = {
        "firms": [{"industry": "C3921", "founded_on": date(2010, 1, 1)}],
        "statements": [
            {"period_end": date(2025, 12, 31), "months": 12, "scope": "parent", "basis": "statutory"} | books
        ],
        "patents": [told | {"patent": NUMBER} | patent],
        "holdings": [{"patent": NUMBER, "holder": FIRM, "from_on": date(2016, 3, 10), "share": 1.0}],
        "patent_events": [{"patent": NUMBER} | event for event in events],
        "applications": [
            {"application": "A1", "applied_on": date(2026, 6, 1), "amount": 300_000_000, "term_months": 12}
        ],
        "collateral": [{"application": "A1", "kind": "patent", "item": NUMBER, "pledgor": FIRM}],
        "titles": list(titles),
        "coverage": [{"about": table} for table in ASKED],
    }
    return Example(FIRM, {table: [BASE | row for row in of] for table, of in rows.items()}, TODAY)


class Said:
    """What the whole answer says of a firm."""

    def __init__(self, one: Example) -> None:
        assert disagreements([one]) == []
        self.known = known([one])
        self.lending: Lending = lending(self.known, 0, 650.0, pd=0.02)

    def feature(self, name: str) -> float:
        """One feature."""
        return float(matrix(self.known, [name])[0, 0])

    def rule(self, name: str, subject: str = NUMBER) -> Finding:
        """The finding of a rule, in full."""
        (found,) = (f for f in self.lending.judged.every if f.rule == name and f.subject == subject)
        return found

    def outcomes(self, *rules: str) -> list[str]:
        """What the rules say of the patent."""
        return [self.rule(name).outcome for name in rules]

    @property
    def patent(self) -> LoanPatent:
        """The patent's row of the answer."""
        (row,) = self.lending.patents
        return row

    @property
    def density(self) -> tuple[object, object]:
        """High-value inventions counted, and how many more there may be."""
        told = self.rule("high_value_density", FIRM).facts
        return told["count"], told["not_known"]


def counted_as_in_force(said: Said) -> None:
    """In force, pledgeable, of value, and one of the firm's high-value inventions."""
    assert said.feature("inventions_in_force") == said.feature("offered_in_force_share") == 1
    assert said.outcomes("ended_or_invalidated", "fee_arrears", "high_value") == ["pass", "pass", "pass"]
    assert said.density == (1, 0)
    assert said.patent.pledgeable is True
    assert said.patent.exclusion_reason is None
    assert said.patent.value is not None
    assert said.patent.value.p10 > 0


def test_fees_paid_to_a_day_within_a_fee_year() -> None:
    """The fee year that holds the day counts as paid, to 2027-03-10, and is told as odd: in force, counted."""
    said = Said(firm({"fees_paid_to": date(2026, 5, 1)}))
    counted_as_in_force(said)
    fees = said.rule("fee_arrears")
    assert fees.observed is not None
    assert fees.observed.code == "finding.fee_arrears.observed.paid_odd"
    assert fees.facts == {"day": "2026-05-01", "until": "2027-03-10"}


def test_a_register_extract_outranks_an_earlier_lapse() -> None:
    """A lapse in the gazette, then a fresh extract that says in force: in force, counted."""
    lapse = {"event": "lapsed", "happened_on": date(2026, 3, 11), "known_on": date(2026, 9, 1)}
    extract = {"event": "register_extract", "happened_on": date(2026, 11, 10), "known_on": date(2026, 11, 10)}
    fees = {"fees_paid_to": date(2027, 3, 10)}
    assert Said(firm(fees, [lapse])).patent.exclusion_reason == "lapsed"
    counted_as_in_force(Said(firm(fees, [lapse, extract | {"detail": "in_force; unencumbered"}])))


def test_after_the_months_of_grace_nothing_is_known() -> None:
    """Fees paid to 2025-03-10: feature, high value and value are not known; the density has one not known."""
    said = Said(firm({"fees_paid_to": date(2025, 3, 10)}))
    assert said.feature("inventions_in_force") != said.feature("inventions_in_force")  # NaN
    assert said.outcomes("ended_or_invalidated", "fee_arrears", "high_value") == ["unknown"] * 3
    assert said.density == (0, 1)
    assert said.patent.pledgeable is None
    assert (said.patent.value, said.patent.value_on_default) == (None, None)
    assert said.patent.exclusion_reason == "status_not_known"
    assert said.lending.value is None


def test_a_utility_model_has_no_compensation() -> None:
    """Filed 2016-03-10 with 400 days told: ended on 2026-03-09; the days are told as what the law does not grant."""
    model = {"kind": "utility_model", "filed_on": date(2016, 3, 10), "term_adjustment_days": 400}
    said = Said(firm(model | {"fees_paid_to": date(2027, 3, 10)}))
    assert said.feature("utility_models_in_force") == said.feature("offered_in_force_share") == 0
    assert said.outcomes("ended_or_invalidated", "debt_outlives_patent") == ["fail", "fail"]
    assert said.rule("ended_or_invalidated").facts == {"day": "2026-03-09"}
    outlives = said.rule("debt_outlives_patent")
    assert outlives.observed is not None
    assert outlives.observed.code == "finding.debt_outlives_patent.observed.matures_without_compensation"
    assert said.patent.last_day == date(2026, 3, 9)
    assert said.patent.exclusion_reason == "out_of_term"
    assert said.patent.value is not None
    assert said.patent.value.p90 == 0


def test_liabilities_are_assets_less_equity_where_they_are_not_told() -> None:
    """Assets and equity alone: the debt ratio is 0.563 in the feature, for the rules, and in the discount rate."""
    books = {"total_assets": 1_000_000_000, "equity": 437_000_000, "total_liabilities": None}
    said = Said(firm({"fees_paid_to": date(2027, 3, 10)}, **books))
    assert said.feature("debt_ratio") == 0.563
    assert facts_of(said.lending.judged.applicant)["debt_ratio"] == Fraction(563, 1000)
    assert said.lending.value is not None
    (funding,) = (part for part in said.lending.value.terms.build_up if part.name == "funding")
    assert funding.observed == 0.563


@pytest.mark.parametrize(("issued", "held"), [(date(2025, 1, 1), True), (date(2020, 1, 1), False)])
def test_a_certificate_without_a_last_day_is_valid_for_its_usual_months(issued: date, held: bool) -> None:
    """Held, or not held any more, for the feature, the title, the fact of scorecards and a list's gate alike."""
    said = Said(firm({"fees_paid_to": date(2027, 3, 10)}, titles=[{"title": "high_tech", "issued_on": issued}]))
    applicant = said.lending.judged.applicant
    assert said.feature("high_tech_held") == held
    assert said.rule("title_held", "high_tech").outcome == ("pass" if held else "fail")
    assert facts_of(applicant)["valid_high_tech_certificate"] is held
    (gate,) = (f for f in screen(applicant, "push").findings if f.rule == "list_titles")
    assert "high_tech" in shipped()("list_push.gates").on(TODAY)["titles_any"]
    assert gate.outcome == ("pass" if held else "fail")
