"""The value of a pool: closed forms, directions, ranges, and what carries nothing."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.policy import shipped
from models.collateral.bank_assumptions import BadAssumption, BankAssumption
from models.collateral.discounting import discounted, over
from models.collateral.terms import Holder, Pool, Terms, terms
from models.collateral.triangular import CommonRandomNumbers, Triangular
from models.collateral.valuation import AppliedAssumption, Earnings, Range, Worth, assumptions, worth
from models.records.in_force import InForce
from tests.amount import law

DAY = date(2026, 11, 20)
FIRM = Holder(industry="C3921", revenue=5_000_000_000, operating_profit=400_000_000, debt_ratio=0.5, age=8.0)
DRAWS = CommonRandomNumbers.of("case-1")


def said() -> InForce:
    """The shipped policy on the day."""
    return InForce(shipped(), DAY)


def pool(lives: list[float], quality: float = 60.0, exclusion_reason: tuple[str, ...] = ()) -> Pool:
    """Young inventions with so many years of term left."""
    n = len(lives)
    return Pool(
        patents=tuple(f"CN{i}" for i in range(n)),
        kind=np.zeros(n, dtype=np.int64),
        age=np.full(n, 2.0),
        legal_life=np.array(lives),
        used=np.full(n, np.nan),
        quality=np.full(n, quality),
        exclusion_reason=exclusion_reason or ("",) * n,
        uncertain=np.zeros(n, dtype=bool),
    )


def valued(patents: Pool, holder: Holder = FIRM, own: dict[str, BankAssumption] | None = None) -> Worth:
    """Both values of a pool."""
    assumed = terms(holder, patents, said())
    assert assumed is not None
    each = assumptions(patents, assumed, own or {}, said())
    return worth(patents, each, Earnings(assumed, DRAWS, said()))


@given(st.floats(0.0, 0.4), st.integers(0, 26))
def test_a_flat_stream_is_worth_its_annuity(rate: float, years: int) -> None:
    """One fen a year over n whole years at rate r is worth (1 - (1 + r)^-n) / r, to 1e-9."""
    table = discounted(np.zeros(1), np.array([rate]))
    found = over(table, np.full((1, 1), float(years)))[0, 0]
    closed = years if rate < 1e-6 else -np.expm1(-years * np.log1p(rate)) / rate
    assert found == pytest.approx(closed, rel=1e-9, abs=1e-9 if rate >= 1e-6 else 1e-3)


def test_the_whole_value_of_a_flat_stream_has_a_closed_form() -> None:
    """Without spreads, revenue × share × royalty × (1 - tax) × annuity, to 1e-9 of it."""
    point = Triangular(1.0, 1.0, 1.0)
    patents, rate, life = pool([7.0]), 0.16, 7
    assumed = Terms(
        "all",
        0.043,
        (0.0, 1.0),
        10**13,
        None,
        Triangular(0.3, 0.3, 0.3),
        Triangular(0, 0, 0),
        0.0,
        (),
        Triangular(rate, rate, rate),
        0.25,
    )
    own = {"CN0": BankAssumption(royalty=0.05, life=float(life), revenue_share=0.2)}
    earned = Earnings(assumed, DRAWS, said())
    found = worth(patents, assumptions(patents, assumed, own, said()), earned).going_concern
    closed = 1e13 * 0.2 * 0.05 * 0.75 * (1 - (1 + rate) ** -life) / rate
    assert point.drawn(DRAWS.rate).tolist() == [1.0] * len(DRAWS.rate)
    assert found.p10 == found.p50 == found.p90
    assert found.p50 == pytest.approx(closed, rel=1e-9)


def test_a_growing_stream_is_worth_its_growing_annuity() -> None:
    """With growth g the sum is q (1 - q^n) / (1 - q) for q = (1 + g) / (1 + r); a year begun counts pro rata."""
    growth, rate = 0.05, 0.15
    q = (1 + growth) / (1 + rate)
    table = discounted(np.array([growth]), np.array([rate]))
    assert over(table, np.full((1, 1), 8.0))[0, 0] == pytest.approx(q * (1 - q**8) / (1 - q), rel=1e-12)
    assert over(table, np.full((1, 1), 8.25))[0, 0] == pytest.approx(q * (1 - q**8) / (1 - q) + q**9 / 4, rel=1e-12)


rises = st.tuples(st.floats(0.0, 1.0), st.floats(0.0, 1.0)).map(sorted)


def not_less(low: Worth, high: Worth) -> bool:
    """Whether no figure of either value falls."""
    pairs = [(low.going_concern, high.going_concern), (low.liquidation, high.liquidation)]
    return all(getattr(a, p) <= getattr(b, p) for a, b in pairs for p in ("p10", "p50", "p90"))


@law(40)
@given(rises, st.floats(0.5, 18.0))
def test_value_never_falls_with_the_royalty(royalties: list[float], life: float) -> None:
    """A higher royalty never lowers a figure of either value."""
    low, high = (valued(pool([life, 9.0]), own={"CN0": BankAssumption(royalty=r)}) for r in royalties)
    assert not_less(low, high)


@law(40)
@given(rises)
def test_value_never_falls_with_life(lives: list[float]) -> None:
    """A longer life, legal or the bank's own, never lowers a figure of either value."""
    low, high = (valued(pool([20 * life, 9.0])) for life in lives)
    assert not_less(low, high)
    low, high = (valued(pool([18.0, 9.0]), own={"CN0": BankAssumption(life=20 * life)}) for life in lives)
    assert not_less(low, high)


@law(40)
@given(st.tuples(st.integers(0, 10**13), st.integers(0, 10**13)).map(sorted))
def test_value_never_falls_with_revenue(revenues: list[int]) -> None:
    """More revenue never lowers a figure of either value."""
    low, high = (valued(pool([12.0, 9.0]), replace(FIRM, revenue=revenue)) for revenue in revenues)
    assert not_less(low, high)


kinds = st.lists(
    st.tuples(st.integers(0, 2), st.floats(0, 20), st.floats(0, 20), st.sampled_from([np.nan, 0.0, 1.0])),
    min_size=1, max_size=12,
)  # fmt: skip


@law(60)
@given(kinds, st.integers(0, 10**12), st.text(max_size=8))
def test_figures_are_in_order_and_the_second_value_is_the_lower(
    rows: list[tuple[int, float, float, float]], revenue: int, case: str
) -> None:
    """P10 ≤ P50 ≤ P90, and what it brings in liquidation never exceeds the going concern, for pool and patent."""
    kind, age, life, used = zip(*rows, strict=True)
    patents = replace(pool(list(life)), kind=np.array(kind), age=np.array(age), used=np.array(used))
    assumed = terms(replace(FIRM, revenue=revenue), patents, said())
    assert assumed is not None
    found = worth(
        patents, assumptions(patents, assumed, {}, said()), Earnings(assumed, CommonRandomNumbers.of(case), said())
    )
    going_concern = [found.going_concern, *found.patents_going_concern]
    liquidation = [found.liquidation, *found.patents_liquidation]
    for first, second in zip(going_concern, liquidation, strict=True):
        assert 0 <= first.p10 <= first.p50 <= first.p90
        assert 0 <= second.p10 <= second.p50 <= second.p90
        assert all(getattr(second, p) <= getattr(first, p) for p in ("p10", "p50", "p90"))


@pytest.mark.parametrize("reason", ["lapsed", "frozen", "out_of_term"])
def test_a_patent_with_a_reason_carries_nothing(reason: str) -> None:
    """A patent lapsed, frozen or outside its term is worth 0, and the revenue is shared by the others."""
    found = valued(pool([12.0, 12.0], exclusion_reason=("", reason)))
    assert found.patents_going_concern[1] == found.patents_liquidation[1] == Range(0, 0, 0)
    assert found.patents_going_concern[0] == valued(pool([12.0])).patents_going_concern[0]


def test_ten_patents_on_one_product_do_not_earn_ten_royalties() -> None:
    """The revenue that rests on patents is counted once: ten like patents are together worth what one is."""
    one, ten = valued(pool([12.0])).going_concern, valued(pool([12.0] * 10)).going_concern
    assert ten.p50 == pytest.approx(one.p50, rel=1e-6)


def test_the_same_case_gives_the_same_value() -> None:
    """The draws follow from the case's id alone; another case draws anew but lands near."""
    assert CommonRandomNumbers.of("a").rate.tolist() == CommonRandomNumbers.of("a").rate.tolist()
    patents = pool([12.0])
    assumed = terms(FIRM, patents, said())
    assert assumed is not None
    each = assumptions(patents, assumed, {}, said())
    middles = [
        worth(patents, each, Earnings(assumed, CommonRandomNumbers.of(str(i)), said())).going_concern.p50
        for i in range(20)
    ]
    assert len(set(middles)) > 1
    assert max(middles) / min(middles) < 1.15


def test_the_value_agrees_with_many_independent_draws() -> None:
    """The figures of 500 stratified draws lie within 6% of those of 200,000 plain draws of the same assumptions."""
    patents = pool([12.0, 5.0])
    assumed = terms(FIRM, patents, said())
    assert assumed is not None
    each = assumptions(patents, assumed, {}, said())
    found = worth(patents, each, Earnings(assumed, DRAWS, said())).going_concern
    chance, n = np.random.default_rng(7), 200_000

    def triangular(of: Triangular) -> np.ndarray:  # type: ignore[type-arg]
        return chance.triangular(of.low, of.mode, of.high, n)

    rate = assumed.rate + triangular(assumed.rate_spread)
    growth, share = triangular(assumed.growth), triangular(assumed.revenue_share) / assumed.revenue_share.mode
    around = triangular(said()("valuation.royalty_spread", Triangular))
    economic = np.maximum(triangular(said()("valuation.economic_life", dict[str, Triangular])["invention"]) - 2.0, 1.0)
    total = np.zeros(n)
    for i in range(2):
        life = np.minimum(economic, patents.legal_life[i])
        q = (1 + growth) / (1 + rate)
        whole = np.floor(life)
        annuity = q * (1 - q**whole) / (1 - q) + (life - whole) * q ** (whole + 1)
        royalty = np.minimum(each.royalty[i] * around, 0.2)
        total += assumed.revenue * 0.75 * each.revenue_share[i] * share * royalty * annuity
    exact = np.quantile(total, [0.1, 0.5, 0.9])
    assert [found.p10, found.p50, found.p90] == pytest.approx(exact.tolist(), rel=0.06)


def test_the_banks_own_assumptions_replace_ours_and_are_shown_as_its_own() -> None:
    """A royalty given for a patent is used as a point and told with by: bank; the others stay by: policy."""
    patents = pool([12.0, 12.0])
    assumed = terms(FIRM, patents, said())
    assert assumed is not None
    each = assumptions(patents, assumed, {"CN1": BankAssumption(royalty=0.08, life=4.0)}, said())
    assert each.of(1).royalty == AppliedAssumption(0.08, "bank", None)
    assert each.of(1).life == AppliedAssumption(4.0, "bank", None)
    assert each.of(0).royalty.by == "policy"
    assert each.of(0).life is None


@pytest.mark.parametrize(
    ("own", "words"),
    [
        ({"CN9": BankAssumption(royalty=0.1)}, "CN9"),
        ({"CN0": BankAssumption(royalty=1.2)}, "royalty of CN0"),
        ({"CN0": BankAssumption(life=-1.0)}, "life of CN0"),
        ({"CN0": BankAssumption(revenue_share=0.7), "CN1": BankAssumption(revenue_share=0.7)}, "more than 1"),
    ],
)
def test_an_assumption_that_cannot_be_used_is_refused(own: dict[str, BankAssumption], words: str) -> None:
    """Outside its bounds, about another patent, or shares over 1: refused with what is wrong."""
    with pytest.raises(BadAssumption, match=words):
        valued(pool([12.0, 12.0]), own=own)


def test_without_revenue_there_is_no_value() -> None:
    """No revenue known: no terms, so no value is made up."""
    assert terms(replace(FIRM, revenue=None), pool([12.0]), said()) is None


def test_the_discount_rate_is_the_sum_of_its_parts() -> None:
    """Each premium lies in its range; an indebted young firm pays more than an old one without debt."""
    risky = terms(replace(FIRM, debt_ratio=0.9, age=1.0), pool([12.0]), said())
    safe = terms(replace(FIRM, debt_ratio=0.1, age=30.0), pool([12.0]), said())
    assert risky is not None
    assert safe is not None
    assert risky.rate == pytest.approx(0.02 + 0.04 + 0.04 + 0.05 + 0.05)
    assert safe.rate == pytest.approx(0.02 + 0.04 + 0.04 + 0.01 + 0.01)
    assert {part.name for part in safe.build_up} == {"risk_free", "technology", "market", "funding", "management"}


@pytest.mark.parametrize(
    ("industry", "sector"), [("C3921", "telecom"), ("C39", "electronics"), ("A01", "all"), (None, "all")]
)
def test_the_sector_follows_the_longest_code(industry: str | None, sector: str) -> None:
    """C392 is telecom though C39 is electronics; what stands in no row takes all industries."""
    found = terms(replace(FIRM, industry=industry), pool([12.0]), said())
    assert found is not None
    assert found.sector == sector


def test_ten_thousand_patents_are_valued() -> None:
    """A pool of 10,000 patents is valued in one call, with a range for each."""
    found = valued(pool([12.0] * 10_000))
    assert len(found.patents_going_concern) == 10_000
    assert found.going_concern.p50 > 0
