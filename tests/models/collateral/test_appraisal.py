"""The checks beside the range: cost, licences seen, the appraiser's figure, guidance on fees."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from features.policy import shipped
from models.collateral.appraisal import Guidance, cost, guidance, market, placed
from models.collateral.bank_assumptions import BankAssumption
from models.collateral.terms import Holder, Pool, Terms, terms
from models.collateral.triangular import CommonRandomNumbers
from models.collateral.valuation import Assumed, Earnings, assumptions, royalty_ceiling, worth
from models.records.in_force import InForce

FIRM = Holder(industry="C3921", revenue=5_000_000_000, operating_profit=1_000_000_000, debt_ratio=0.5, age=8.0)
POOL = Pool(
    patents=("CN0", "CN1"),
    kind=np.array([0, 1]),
    age=np.array([2.5, 2.5]),
    legal_life=np.array([17.5, 7.5]),
    used=np.array([1.0, np.nan]),
    quality=np.array([60.0, np.nan]),
    exclusion_reason=("", ""),
    uncertain=np.zeros(2, dtype=bool),
)


def said() -> InForce:
    """The shipped policy on a day."""
    return InForce(shipped(), date(2026, 11, 20))


def given(holder: Holder = FIRM, own: dict[str, BankAssumption] | None = None) -> tuple[Terms, Assumed, Earnings]:
    """Terms, assumptions and draws of the pool."""
    assumed = terms(holder, POOL, said())
    assert assumed is not None
    return (
        assumed,
        assumptions(POOL, assumed, own or {}, said()),
        Earnings(assumed, CommonRandomNumbers.of("c"), said()),
    )


def test_a_figure_inside_the_range_has_its_place_and_no_flag() -> None:
    """The middle of the range lies at about one half; figures beyond P10 and P90 are flagged."""
    _, each, earned = given()
    found = worth(POOL, each, earned)
    middle = placed(found.going_concern.p50, found)
    assert middle.flag is None
    assert middle.place == pytest.approx(0.5, abs=0.01)
    assert placed(found.going_concern.p10 - 1, found).flag == "below_range"
    assert placed(found.going_concern.p90 + 1, found).flag == "above_range"
    assert placed(0, found).place == 0.0
    assert placed(10**15, found).place == 1.0


def test_cost_counts_research_drafting_and_fees_worn_by_the_term_that_passed() -> None:
    """Two patents of five years bear that time's research by weight, and each its papers, worn by age over term."""
    found = cost(POOL, np.ones(2), replace(FIRM, rd_expense=10_000_000), said())
    research = 5 * 10_000_000
    invention, model = 17.5 / 20.0, 7.5 / 10.0
    development = research * (1.0 * invention + 0.4 * model) / 1.4
    papers = invention * (1_500_000 + 3 * 90_000) + model * (500_000 + 3 * 60_000)
    assert found.development == round(development)
    assert found.total == round(development + papers)


def test_cost_without_research_expense_says_so() -> None:
    """Unknown research expense leaves drafting and fees, and development unknown rather than none."""
    found = cost(POOL, np.ones(2), FIRM, said())
    assert found.development is None
    assert found.total > 0
    assert cost(replace(POOL, exclusion_reason=("lapsed", "lapsed")), np.ones(2), FIRM, said()).total == 0


def test_the_market_check_flags_what_is_far_from_licences_seen() -> None:
    """A royalty outside the sector, one above the ceiling, and a yearly fee far above recorded contracts are told."""
    assumed, each, _ = given(own={"CN0": BankAssumption(royalty=0.30, revenue_share=0.9)})
    found = market(POOL, assumed, each, said())
    assert set(found.flags) == {"above_licences_seen", "royalty_outside_sector", "own_royalty_above_cap"}
    assert found.licences_yearly_fee == round(166_000_000 * 15603 / 36794 / 3.0)
    assumed, each, _ = given(replace(FIRM, revenue=1_000_000))
    assert market(POOL, assumed, each, said()).flags == ("below_licences_seen",)


def fee_guidance(holder: Holder, own: dict[str, BankAssumption] | None = None) -> Guidance:
    """The guidance for a holder."""
    _, each, earned = given(holder, own)
    found = guidance(POOL, each, earned, said())
    assert found is not None
    return found


def test_guidance_keeps_the_published_ceilings() -> None:
    """Royalty at most 20% of sales and 40% of profit, fee at most 20 million RMB; the ceiling that cut is named."""
    free = fee_guidance(FIRM)
    assert free.royalty.bound_by is free.fixed_fee.bound_by is None
    assert free.royalty.low < free.royalty.middle < free.royalty.high < 0.08
    poor = fee_guidance(replace(FIRM, operating_profit=50_000_000))
    assert poor.royalty.bound_by == "of_profit"
    assert poor.royalty.ceiling == poor.royalty.high == pytest.approx(0.4 * 0.01)
    dear = fee_guidance(
        replace(FIRM, operating_profit=None), {"CN0": BankAssumption(royalty=0.19), "CN1": BankAssumption(royalty=0.19)}
    )
    assert dear.royalty.bound_by == "of_net_sales"
    assert dear.royalty.high == 0.20
    vast = fee_guidance(replace(FIRM, revenue=10**13, operating_profit=10**12))
    assert vast.fixed_fee.bound_by == "fixed_fee"
    assert vast.fixed_fee.p90 == 2_000_000_000


def test_no_living_patent_no_guidance() -> None:
    """Where nothing is in force there is nothing to license."""
    assumed, _, earned = given()
    dead = replace(POOL, exclusion_reason=("lapsed", "frozen"))
    assert guidance(dead, assumptions(dead, assumed, {}, said()), earned, said()) is None


def test_before_a_ceiling_was_published_a_royalty_has_none() -> None:
    """A day before the ceilings of open licences loses them alone: value and limit stand, guidance is not told."""
    eve, day = (InForce(shipped(), one) for one in (date(2022, 9, 30), date(2022, 10, 1)))
    assert (royalty_ceiling(eve), royalty_ceiling(day)) == (1.0, 0.2)
