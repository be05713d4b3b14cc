"""What a pledge carries, the limit with its binding bound, the term, and what comes back."""

from dataclasses import replace
from datetime import date
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from features.policy import Policy, PolicyError, shipped
from models.collateral.pledge import (
    BOUNDS,
    Appraisal,
    Basis,
    LoanToValue,
    basis,
    carried,
    limit,
    loan_to_value,
    longest_term,
    parts,
    recoverable,
    together,
)
from models.collateral.terms import Pool
from models.collateral.valuation import Range, Worth
from models.records.in_force import InForce


def said() -> InForce:
    """The shipped policy on a day."""
    return InForce(shipped(), date(2026, 11, 20))


def pool(kinds: list[int], lives: list[float], nothing: tuple[str, ...] = ()) -> Pool:
    """Patents of these kinds with so many years left."""
    n = len(kinds)
    return Pool(
        tuple(f"CN{i}" for i in range(n)), np.array(kinds), np.full(n, 2.0), np.array(lives), np.full(n, np.nan),
        np.full(n, np.nan), nothing or ("",) * n, np.zeros(n, dtype=bool),
    )  # fmt: skip


def test_the_ladder_lends_more_on_inventions_than_on_models_and_designs() -> None:
    """With a third of the basis each and full life they carry 30, 20 and 10 per cent of it."""
    found = carried(pool([0, 1, 2], [15, 9, 9]), 300, [Fraction(1, 3)] * 3, {}, {}, said())
    assert [one.carries for one in found] == [30, 20, 10]


def test_a_patent_near_its_end_carries_in_proportion() -> None:
    """An invention with 4 of the 8 years asked for carries half; with 8 or more the whole."""
    found = carried(pool([0, 0, 0], [4, 8, 16]), 3_000_000, [Fraction(1, 3)] * 3, {}, {}, said())
    assert [one.for_life for one in found] == [0.5, 1.0, 1.0]
    assert found[0].carries == pytest.approx(found[1].carries / 2, abs=1)
    assert found[1].carries == found[2].carries


def test_encumbrances_multiply_and_another_pledgee_takes_all() -> None:
    """Dispute and co-ownership together leave 0.5 × 0.7; a pledge to another leaves nothing."""
    burdens = {"CN0": ["dispute", "co_owned"], "CN1": ["pledged_to_another"]}
    found = carried(pool([0, 0, 0, 0], [15] * 4), 4_000_000, [Fraction(1, 4)] * 4, burdens, {}, said())
    assert found[0].for_encumbrance == pytest.approx(0.35)
    assert found[0].carries == 105_000
    assert found[1].carries == 0
    assert found[2].carries == found[3].carries == 300_000


def test_a_pool_that_rests_on_one_patent_is_cut_and_says_by_how_much() -> None:
    """Of a pool in which one patent would carry all, 80% counts, and the cut is told."""
    found = carried(pool([0, 0], [15, 15]), 1_000_000, [Fraction(1), Fraction(0)], {}, {}, said())
    assert found[0].carries == 240_000
    assert found[0].cut_for_concentration == 60_000


def test_a_patent_that_is_worth_nothing_carries_nothing_and_says_why() -> None:
    """The reason stands beside the zero."""
    found = carried(pool([0, 0], [15, 15], ("", "lapsed")), 1_000_000, [Fraction(1, 2)] * 2, {}, {}, said())
    assert (found[1].carries, found[1].exclusion_reason) == (0, "lapsed")
    assert found[0].exclusion_reason is None


def worth_of(going: list[int]) -> Worth:
    """A worth with these middles; a tenth of each is realisable."""
    ranges = tuple(Range(v // 2, v, 2 * v) for v in going)
    kept = tuple(Range(v // 20, v // 10, v // 5) for v in going)
    total, rest = sum(going), sum(going) // 10
    return Worth(
        Range(total // 2, total, 2 * total), Range(rest // 2, rest, 2 * rest), ranges, kept, np.zeros(1), np.zeros(1)
    )


def test_one_figure_for_a_pool_is_never_split_in_equal_parts() -> None:
    """The pool's figure is parted by our own values, without them by weight, and a dead patent gets none."""
    patents = pool([0, 1], [15, 9])
    assert parts(patents, worth_of([300, 100]), np.array([1.0, 1.0])) == [0.75, 0.25]
    assert [float(one) for one in parts(patents, None, np.array([1.0, 0.4]))] == pytest.approx([1 / 1.4, 0.4 / 1.4])
    assert parts(pool([0, 1], [15, 9], ("", "lapsed")), None, np.array([1.0, 0.4])) == [1, 0]


OWN = Range(60, 100, 180)


@pytest.mark.parametrize(
    ("own", "appraisal", "validated", "amount", "by"),
    [
        (OWN, Appraisal(150, None), False, 100, "internal"),
        (OWN, Appraisal(90, None), False, 90, "appraiser"),
        (OWN, Appraisal(150, 140), False, 140, "bank"),
        (OWN, Appraisal(150, 140, ("more_patents",)), False, 100, "internal"),
        (OWN, Appraisal(90, None, ("stale",)), False, 90, "appraiser"),
        (OWN, Appraisal(150, 170), False, 150, "appraiser"),
        (OWN, Appraisal(400, 300), False, 300, "bank"),
        (OWN, Appraisal(400, 300), True, 180, "internal_high"),
        (None, Appraisal(150, 140), False, 140, "bank"),
        (None, Appraisal(150, 140, ("signers",)), False, None, None),
        (None, None, False, None, None),
    ],
)
def test_the_basis_is_the_least_figure_that_may_be_relied_on(
    own: Range | None, appraisal: Appraisal | None, validated: bool, amount: int | None, by: str | None
) -> None:
    """The least of confirmed and appraised; our own middle value joins where the appraisal cannot lift it."""
    found = basis(own, appraisal, validated)
    assert (found.amount, found.by) == (amount, by)


def test_loan_to_value_has_three_forms() -> None:
    """On the appraiser's figure, on the confirmed value, and of the part that the contract puts on the patents."""
    found = loan_to_value(300, 100, Basis(500, "internal", 1000, None, 500, None))
    assert (found.on_appraiser, found.on_confirmed, found.of_ip_part) == (0.3, 0.6, 0.2)
    unknown = loan_to_value(300, None, Basis(None, None, None, None, None, None))
    assert unknown == LoanToValue(None, None, None)


amounts = st.dictionaries(st.sampled_from(BOUNDS), st.one_of(st.none(), st.integers(0, 10**12)))


STEP = 1_000_000


@given(amounts)
def test_the_limit_is_the_least_bound_and_names_it_and_the_next(bounds: dict[str, int | None]) -> None:
    """The least bound, each in whole steps but what was asked; null where one that applies is not known."""
    found = limit(bounds, (), STEP)
    known = {name: bound for name, bound in bounds.items() if bound is not None}
    assert found.unknown == tuple(name for name in BOUNDS if name not in known)
    least = min(known.values(), default=None)
    if found.unknown:
        assert (found.amount, found.binding, found.known_least) == (None, None, least)
    else:
        lent = {name: bound if name == "asked" else bound // STEP * STEP for name, bound in known.items()}
        assert found.amount == lent[found.binding] == min(lent.values())
        assert [lent[found.binding], lent[found.next]] == sorted(lent.values())[:2]


@example(dict.fromkeys(BOUNDS, 450_700_000) | {"asked": 450_500_000}, 1_000_000)
@given(st.fixed_dictionaries({name: st.integers(0, 10**12) for name in BOUNDS}), st.integers(0, 10**12))
def test_asking_more_never_lowers_the_limit(bounds: dict[str, int], more: int) -> None:
    """Whatever the other bounds are, a larger amount asked gives no smaller limit."""
    before = limit(bounds, (), STEP).amount or 0
    assert (limit(bounds | {"asked": bounds["asked"] + more}, (), STEP).amount or 0) >= before


def test_a_bound_that_does_not_apply_is_not_unknown() -> None:
    """Without a scheme its cap is aside; a need that could not be computed makes the limit unknown."""
    found = limit({"asked": 5, "product_cap": 9}, ["scheme_cap", "exposure"], STEP)
    assert found.unknown == ("need", "debt_capacity", "security")
    assert (found.amount, found.known_least) == (None, 5)
    assert found.bounds == {"product_cap": 9, "asked": 5}


def test_the_longest_term_is_what_the_first_patent_to_end_allows() -> None:
    """A patent with 40 months left and a buffer of 12 allows 28; without one the product's 36 months hold."""
    found = longest_term({"CN0": 40, "CN1": 200}, said())
    assert (found.months, found.binding, found.patent) == (28, "patent_life", "CN0")
    assert longest_term({"CN1": 200}, said()).binding == "product_term"
    assert longest_term({}, said()).months == 36
    assert longest_term({"CN0": 5}, said()).months == 0


def test_the_recoverable_share_is_a_range_of_the_exposure() -> None:
    """Realisable over exposure, never over 1, with its source; nothing lent, no share."""
    found = recoverable(worth_of([1000]), 400)
    assert found is not None
    assert (found.p10, found.p50, found.p90) == (0.125, 0.25, 0.5)
    assert shipped()(found.policy).confidence == "assumed"
    over = recoverable(worth_of([1000]), 10)
    assert over is not None
    assert over.p10 == over.p90 == 1.0
    assert recoverable(worth_of([1000]), 0) is None


def test_pd_and_recoverable_share_are_read_in_a_table_that_is_shown() -> None:
    """The ends of bands belong to the band; the word stands in the row and column that are told."""
    assert together(0.01, 0.30, said()).word == "good"
    found = together(0.05, 0.05, said())
    assert found.word == said()("pledge.read_together", list[list[str]])[found.row][found.column] == "weak"


def test_the_shipped_table_never_rewards_more_risk_or_less_recovery() -> None:
    """Along a row with more recovery the word never worsens, down a column with more risk it never improves."""
    rank = {"weak": 0, "watch": 1, "acceptable": 2, "good": 3}
    table = [[rank[word] for word in row] for row in said()("pledge.read_together", list[list[str]])]
    assert all(a <= b for row in table for a, b in pairwise(row))
    assert all(a >= b for column in zip(*table, strict=True) for a, b in pairwise(column))


def test_a_table_of_another_shape_is_refused() -> None:
    """Bands and table must fit together."""
    values = {"pledge.pd_bands": [0.01], "pledge.recoverable_bands": [0.1], "pledge.read_together": [["good"]]}
    stated = {name: replace(shipped()(name), values={date(2000, 1, 1): value}) for name, value in values.items()}
    odd = Policy(dict(shipped().parameters) | stated)
    with pytest.raises(PolicyError, match="one row per band"):
        together(0.1, 0.1, InForce(odd, date(2026, 11, 20)))
