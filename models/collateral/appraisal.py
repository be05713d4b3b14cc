"""What stands beside a pool's value to check it: cost, licences seen, the appraiser's figure; and guidance on fees."""

from functools import lru_cache
from typing import Literal

import msgspec
import numpy as np

from features.arrays import Floats
from models.collateral.discounting import over
from models.collateral.terms import KINDS, Holder, Pool, Terms
from models.collateral.valuation import LICENCE_CAPS, Assumed, Earnings, LicenceCaps, Worth, range_of
from models.records.in_force import InForce

LICENCES_SEEN = "valuation.licences_seen"
"""What recorded licences looked like: the market check alone reads it."""


class Cost(msgspec.Struct, frozen=True):
    """What it would cost to make the pool's patents again, worn by the part of their term that has passed, in fen.

    `development` is told apart: without known research expense it is None and the total holds drafting and fees alone.
    """

    total: int
    development: int | None


def cost(portfolio: Pool, pledged: Floats, holder: Holder, param: InForce) -> Cost:
    """The cost approach for the patents that `pledged` (1 or 0 per patent of the portfolio) marks."""
    of_kind = param("valuation.weight_of_kind", dict[str, float])
    weight = np.array([of_kind[kind] for kind in KINDS])[portfolio.kind]
    alive = portfolio.alive * pledged
    left = np.clip(portfolio.legal_life, 0, None)
    worn = alive * left / np.maximum(portfolio.age + left, 1e-9)
    drafting = param("valuation.drafting_cost", dict[str, int])
    tariff = param("annual_fees.tariff", dict[str, tuple[tuple[int, int, int], ...]])
    spent = np.array([drafting[kind] for kind in KINDS], dtype=np.float64)[portfolio.kind]
    for k, kind in enumerate(KINDS):
        own = portfolio.kind == k
        spent[own] += _fees_paid(tariff[kind], portfolio.age[own])
    papers = float((worn * spent).sum())  # no matrix product: its last bits depend on the processor
    window = param("valuation.research_window", float)
    made = weight[portfolio.age < window].sum()
    if holder.rd_expense is None or made <= 0:
        return Cost(round(papers), None)
    development = (worn * weight).sum() * holder.rd_expense * window / made
    return Cost(round(papers + development), round(development))


def _fees_paid(bands: tuple[tuple[int, int, int], ...], age: Floats) -> Floats:
    """Annual fees in fen of the years begun, per patent, by a tariff in yuan of (first year, last year, fee)."""
    years = np.minimum(np.floor(np.maximum(age, 0.0)) + 1, bands[-1][1]).astype(np.int64)
    paid: Floats = _fees_by_year(bands)[years]
    return paid


@lru_cache(100)
def _fees_by_year(bands: tuple[tuple[int, int, int], ...]) -> Floats:
    """Annual fees in fen of all years up to each year."""
    fees = [100 * fee for first, last, fee in bands for _ in range(first, last + 1)]
    return np.cumsum([0.0] * bands[0][0] + fees)


class Market(msgspec.Struct, frozen=True):
    """The pool's yearly fee per patent beside that of recorded licences, in fen, and what is striking about it."""

    yearly_fee: int
    licences_yearly_fee: int
    flags: tuple[str, ...]


class _LicencesSeen(msgspec.Struct, frozen=True):
    """Recorded licence contracts: how many, of how many patents, their mean fixed fee in fen and its years."""

    contracts: int
    patents: int
    fixed_fee_mean: int
    fixed_fee_years: float
    royalty_years: float


def market(pool: Pool, assumed: Terms, each: Assumed, param: InForce) -> Market:
    """The first year's royalty of the pool's living patents against the mean fee of recorded licence contracts."""
    alive = pool.alive
    first_year = assumed.revenue * float((each.royalty * each.revenue_share)[alive].sum())
    ours = first_year / max(int(alive.sum()), 1)
    seen = param(LICENCES_SEEN, _LicencesSeen)
    theirs = seen.fixed_fee_mean * seen.contracts / seen.patents / seen.fixed_fee_years
    far, caps = param("valuation.market_far", float), param(LICENCE_CAPS, LicenceCaps)
    low, high = assumed.royalty_range
    flags = {
        "above_licences_seen": ours > far * theirs,
        "below_licences_seen": ours * far < theirs,
        "royalty_outside_sector": bool(((each.royalty < low) | (each.royalty > high))[alive].any()),
        "own_royalty_above_cap": bool((each.bank_royalty[alive] > caps.of_net_sales).any()),
    }
    return Market(round(ours), round(theirs), tuple(name for name, raised in flags.items() if raised))


class Placed(msgspec.Struct, frozen=True):
    """A figure in fen given for the pool, placed in our range: `place` is the share of draws that it is not below.

    `flag` is None where it lies inside.
    """

    figure: int
    place: float
    flag: Literal["below_range", "above_range"] | None


def placed(figure: int, found: Worth) -> Placed:
    """The appraiser's one figure for the pool in the range of going-concern values, flagged where it lies outside."""
    low, high = found.going_concern.p10, found.going_concern.p90
    flag: Literal["below_range", "above_range"] | None = None
    if not low <= figure <= high:
        flag = "below_range" if figure < low else "above_range"
    return Placed(figure, found.place(figure), flag)


class RoyaltyRange(msgspec.Struct, frozen=True):
    """A royalty on net sales, P10, P50 and P90, each under the `ceiling`; `bound_by` names what cut the range."""

    low: float
    middle: float
    high: float
    ceiling: float
    bound_by: Literal["of_profit", "of_net_sales"] | None


class FixedFee(msgspec.Struct, frozen=True):
    """A fixed fee in fen for so many `years`, each point under the `ceiling`, which `bound_by` names where it cut."""

    p10: int
    p50: int
    p90: int
    years: float
    ceiling: int
    bound_by: Literal["fixed_fee"] | None


class Guidance(msgspec.Struct, frozen=True):
    """What a licence of the pool might cost."""

    royalty: RoyaltyRange
    fixed_fee: FixedFee


def guidance(pool: Pool, each: Assumed, earned: Earnings, param: InForce) -> Guidance | None:
    """Guidance on royalty and on the fixed fee of a licence of the living patents; None where none lives.

    The licensee is taken to sell as much as the holder; where he sells half, the fee is half.
    """
    alive = pool.alive
    share = float(each.revenue_share[alive].sum())
    if share <= 0:
        return None
    caps, assumed = param(LICENCE_CAPS, LicenceCaps), earned.assumed
    of_profit = caps.of_profit * assumed.margin if assumed.margin is not None and assumed.margin > 0 else np.inf
    ceiling = min(caps.of_net_sales, of_profit)
    royalty = float((each.royalty * each.revenue_share)[alive].sum()) / share
    band = [royalty * value for value in earned.royalty_at(0.1, 0.5, 0.9)]
    bound: Literal["of_profit", "of_net_sales"] = "of_profit" if of_profit < caps.of_net_sales else "of_net_sales"
    years = min(param("valuation.fixed_fee_years", float), float(pool.legal_life[alive].max()))
    fees = range_of(np.sort(_fee(royalty * share, years, earned)))
    most = caps.fixed_fee
    return Guidance(
        RoyaltyRange(
            min(band[0], ceiling), min(band[1], ceiling), min(band[2], ceiling), ceiling,
            bound if band[2] > ceiling else None,
        ),
        FixedFee(
            min(fees.p10, most), min(fees.p50, most), min(fees.p90, most), years, most,
            "fixed_fee" if fees.p90 > most else None,
        ),
    )  # fmt: skip


def _fee(royalty_share: float, years: float, earned: Earnings) -> Floats:
    life = np.full((1, earned.size), years)
    fees: Floats = over(earned.discounted, life)[0] * earned.royalty * earned.share
    return fees * (royalty_share * earned.assumed.revenue)
