"""Percentiles within field and year, the tree and its weights, and who carries the portfolio."""

from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.norms import NO_NORMS, Norm, Norms
from features.percentiles import DECILES, FLAGS, GROWTH, NUMBERS, Population, Statistics
from features.policy import Policy, PolicyError, load, shipped
from features.policy.parameters import SHIPPED
from models.collateral.quality import SCENARIOS, QualityTree, carriers, quality, rank, rank_of_flag
from models.records.in_force import InForce

HERE = "field:13|year:2015"


def said(policy: Policy | None = None) -> InForce:
    """A policy on a day, the shipped one by default."""
    return InForce(policy or shipped(), date(2026, 11, 20))


def observed(**values: float) -> Statistics:
    """One patent of which these statistics are known."""
    nothing = {name: np.full(1, np.nan) for name in (*NUMBERS, *FLAGS)}
    return Statistics(
        ("CN0",),
        np.array([13]),
        np.array([2015]),
        np.array([11]),
        nothing | {n: np.array([v]) for n, v in values.items()},
    )


def norms(n: int = 100, subject: str = HERE) -> Norms:
    """Deciles 10 … 90 of every number, one in ten of every flag."""
    numbers = [Norm(subject, f"{name}_p{d}", float(d), n, "2026-01-01") for name in NUMBERS for d in DECILES]
    flags = [Norm(subject, name, 0.1, n, "2026-01-01") for name in (*FLAGS, "patents")]
    return Norms.of([*numbers, *flags, Norm("field:13", GROWTH, 80.0, n, "2026-01-01")])


@given(
    st.lists(st.floats(-5, 105), min_size=2, max_size=20).map(sorted),
    st.lists(st.integers(0, 9), min_size=9, max_size=9),
)
def test_a_larger_value_never_ranks_lower(values: list[float], deciles: list[int]) -> None:
    """Ranks rise with the value, whatever deciles are tied, and stay between 0 and 100."""
    ranks = rank(np.array(values), np.array(sorted(deciles), dtype=np.float64))
    assert all(a <= b + 1e-9 for a, b in pairwise(ranks))
    assert ((ranks >= 0) & (ranks <= 100)).all()


def test_ranks_are_linear_between_deciles_and_tied_values_take_the_middle() -> None:
    """Half way between P10 and P20 is 15; a value that P10 to P30 share is 20; outside 5 and 95; unknown unknown."""
    even = np.array(DECILES, dtype=np.float64)
    assert rank(np.array([15.0, 50.0, 1.0, 99.0]), even).tolist() == [15.0, 50.0, 5.0, 95.0]
    tied = np.array([0, 0, 0, 1, 2, 3, 4, 5, 6], dtype=np.float64)
    assert rank(np.array([0.0, 0.5]), tied).tolist() == [20.0, 35.0]
    assert np.isnan(rank(np.array([np.nan]), even)[0])
    assert rank_of_flag(np.array([1.0, 0.0]), 0.1).tolist() == [95.0, 45.0]


def test_the_quality_is_the_weighted_mean_of_what_was_observed() -> None:
    """Claims at the 80th percentile and an award: two indicators, their weights alone; the rest is told as unseen."""
    low = load_with({"quality.least_weight": 0.0})
    found = quality(observed(claims=80.0, award=1.0), norms(), low)
    growth = said()("quality.weights_finance", dict[str, float])["field_trend"]
    weights = [said()("quality.weights_finance", dict[str, float])[name] for name in ("scope", "operation")] + [growth]
    expected = np.average([80.0, 95.0, 80.0], weights=weights)
    assert found.score[0] == pytest.approx(expected)
    assert found.observed[0] == pytest.approx(sum(weights))
    assert found.left_out().keys() >= {"stability", "detectability", "remaining_life"}
    assert sum(found.left_out().values()) == pytest.approx(1 - sum(weights))


def load_with(values: dict[str, float]) -> InForce:
    """The shipped policy with some values replaced."""
    stated = {name: replace(shipped()(name), values={date(2000, 1, 1): value}) for name, value in values.items()}
    return said(Policy(dict(shipped().parameters) | stated))


def test_too_little_observed_gives_no_quality() -> None:
    """Below the least weight the quality is unknown, never the mean of the little that is known."""
    found = quality(observed(claims=80.0), norms(), said())
    assert np.isnan(found.score[0])
    assert found.of_each()[0].score is None
    assert found.of_each()[0].observed_weight == pytest.approx(0.16)


def test_downward_statistics_count_downwards() -> None:
    """A short first claim covers more: at the 20th percentile of length it stands at 80."""
    found = quality(observed(first_claim_length=20.0), norms(), load_with({"quality.least_weight": 0.0}))
    scope = found.tree.indicators.index("scope")
    assert found.indicators[0, scope] == pytest.approx(80.0)


def test_a_small_population_gives_way_to_a_larger() -> None:
    """With fewer than 30 patents of field and year the field alone is taken; with none there is no percentile."""
    few, field = norms(29), norms(500, "field:13")
    both = Norms({**few.by_name, **field.by_name})
    assert quality(observed(claims=80.0), few, said()).compared_to == ("",)
    assert quality(observed(claims=80.0), both, said()).compared_to == ("field:13",)
    assert quality(observed(claims=80.0), norms(30), said()).compared_to == (HERE,)
    assert np.isnan(quality(observed(claims=80.0), NO_NORMS, said()).indicators).all()


def test_life_left_is_compared_within_the_field_over_all_years() -> None:
    """Patents of one filing year have one life, so the year says nothing; the field does."""
    found = quality(observed(remaining_life=80.0), norms(), said())
    life = found.tree.indicators.index("remaining_life")
    assert np.isnan(found.indicators[0, life])
    over_years = quality(observed(remaining_life=80.0), norms(100, "field:13"), said())
    assert over_years.indicators[0, life] == pytest.approx(80.0)


def grown(year: int, day: int, each: int = 40) -> Statistics:
    """Patents of a filing year as seen in a later year: each is cited once or twice a year, and a family grows."""
    age = day - year
    nothing = {name: np.full(each, np.nan) for name in (*NUMBERS, *FLAGS)}
    told = {
        "citations_received": age * (1.0 + np.arange(each) % 2),
        "family_size": 1.0 + age // 2 + np.arange(each) % 3,
        "claims": 5.0 + np.arange(each) % 7,
    }
    patents = tuple(f"CN{year}-{i}" for i in range(each))
    return Statistics(patents, *(np.full(each, one) for one in (13, year, age)), nothing | told)


def test_what_goes_on_growing_ranks_as_it_did_while_the_years_pass() -> None:
    """Norms are counted once, and patents go on being cited: beside those of their age they stay where they are."""
    counted = Population()
    for year in range(2005, 2021):
        counted.add(grown(year, 2020), np.ones(40, dtype=bool))
    usual = Norms.of(counted.norms("2020-12-31", least=30))
    low = load_with({"quality.least_weight": 0.0})
    then, later = (quality(grown(day - 5, day), usual, low) for day in (2020, 2028))
    assert then.ranked == later.ranked
    place = [then.ranked.index(name) for name in ("citations_received", "family_size")]
    assert not np.isnan(then.percentiles[:, place]).any()
    assert (then.percentiles[:, place] == later.percentiles[:, place]).all()


def test_what_is_compared_by_age_needs_a_day_of_filing() -> None:
    """A patent of unknown age has no percentile of citations: beside all ages it would tell its age, not its worth."""
    one = replace(observed(citations_received=80.0, claims=80.0), age=np.array([-1]))
    of_age = Norms.of([*norms().by_name.values(), *norms(100, "age:11").by_name.values()])
    ranked = quality(one, of_age, said()).ranked.index("citations_received")
    assert np.isnan(quality(one, of_age, said()).percentiles[0, ranked])
    assert quality(observed(citations_received=80.0), of_age, said()).percentiles[0, ranked] == 80.0


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_every_scenario_weighs_exactly_the_fourteen_indicators(scenario: str) -> None:
    """Fourteen indicators in three dimensions, each with a weight, together 1; each names statistics that exist."""
    tree = QualityTree.of(said(), scenario)
    assert set(tree.indicators) == set(said()(f"quality.weights_{scenario}", dict[str, float]))
    assert len(tree.indicators) == 14
    assert tuple(dict.fromkeys(tree.dimension)) == ("legal", "technical", "economic")
    assert tree.weight.sum() == pytest.approx(1.0)
    names = {sign[1:] for signs in tree.statistics for sign in signs}
    assert names <= {*NUMBERS, *FLAGS, "field_growth"}


def test_the_default_weights_of_a_lender() -> None:
    """Legal 0.35, technical 0.25, economic 0.40."""
    tree = QualityTree.of(said(), "finance")
    sums = {
        d: float(sum(w for w, of in zip(tree.weight, tree.dimension, strict=True) if of == d)) for d in tree.dimension
    }
    assert sums == pytest.approx({"legal": 0.35, "technical": 0.25, "economic": 0.40})


def test_weights_that_do_not_sum_are_refused_at_load(tmp_path: Path) -> None:
    """A bank's own weights that sum to 0.9 are refused with file, line and what to do."""
    text = (SHIPPED / "quality.yaml").read_text(encoding="utf-8")
    (tmp_path / "quality.yaml").write_text(text.replace("operation: 0.08", "operation: 0.18"), encoding="utf-8")
    with pytest.raises(PolicyError, match=r"quality\.yaml:\d+: weights_finance .* sums to 1\.1"):
        load(SHIPPED, tmp_path)


def test_the_carriers_are_told_in_order_with_their_running_share() -> None:
    """Weight times quality, the largest first, sums to 1; what weighs nothing carries nothing."""
    nothing = {name: np.full(3, np.nan) for name in (*NUMBERS, *FLAGS)}
    three = Statistics(("CN0", "CN1", "CN2"), np.full(3, 13), np.full(3, 2015), np.full(3, 11), nothing)
    found = carriers(quality(three, norms(), said()), np.array([1.0, 3.0, 0.0]))
    assert [one.patent for one in found] == ["CN1", "CN0"]
    assert [one.share for one in found] == [0.75, 0.25]
    assert found[-1].running == 1.0
