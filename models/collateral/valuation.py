"""What a pool of patents is worth: a range while its holder lives, and a second, lower one after the holder has failed.

Going concern: relief from royalty. What the holder saves by owning the patents instead of licensing them, year by year
over the shorter of legal and economic life, after tax, discounted at a rate that is built up from its risks. The
assumptions are uncertain, so they are drawn five hundred times; the draws follow from firm, day and application, and
the same draws are used for every patent, so that two values differ by what is assumed and never by chance. The errors
of one pool's patents are taken to move together: the range is not narrowed by their number.

In liquidation: the same draws, cut by discount, cost and time. It can never exceed the first, and is never
added to it. Cost and market are checks beside the range, not a part of it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from features.arrays import Floats, Ints
from features.elementary import exp, log1p
from features.policy import Policy
from models.collateral.bank_assumptions import LONGEST, BankAssumption, check
from models.collateral.triangular import CommonRandomNumbers, Triangular

InForce = Callable[[str], Any]
"""The policy in force on the day of the case: the value by the parameter's name."""

KINDS = ("invention", "utility_model", "design")
_CHUNK = 256
"""Patents valued at a time, so that the memory needed does not grow with the pool."""


def in_force(policy: Policy, day: date) -> InForce:
    """The values of the day."""
    return lambda name: policy(name).on(day)


@dataclass(frozen=True)
class Pool:
    """Patents to be valued, one entry each in every field.

    `kind` is a place in `KINDS`; `age` and `legal_life` are years since filing and to the last day in force; `used` is
    1 where the patent is worked in a product, 0 where it is not, NaN where nobody param; `quality` is 0 to 100 or NaN;
    `exclusion_reason` says why a patent carries nothing, or is empty.
    """

    patents: tuple[str, ...]
    kind: Ints
    age: Floats
    legal_life: Floats
    used: Floats
    quality: Floats
    exclusion_reason: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.patents)

    def only(self, keep: Sequence[bool]) -> "Pool":
        """The patents kept."""
        mask = np.asarray(keep, dtype=bool)
        return Pool(
            patents=tuple(p for p, k in zip(self.patents, keep, strict=True) if k),
            kind=self.kind[mask],
            age=self.age[mask],
            legal_life=self.legal_life[mask],
            used=self.used[mask],
            quality=self.quality[mask],
            exclusion_reason=tuple(n for n, k in zip(self.exclusion_reason, keep, strict=True) if k),
        )


@dataclass(frozen=True)
class Holder:
    """What is known of the firm whose revenue rests on the patents; None is not known. Money in fen a year."""

    industry: str | None = None
    revenue: int | None = None
    high_tech_revenue: int | None = None
    operating_profit: int | None = None
    rd_expense: int | None = None
    debt_ratio: float | None = None
    age: float | None = None


@dataclass(frozen=True)
class Range:
    """Fen that one draw in ten, in two and in ten-less-one does not exceed."""

    p10: int
    p50: int
    p90: int

    def told(self) -> dict[str, int]:
        """Plain JSON values."""
        return {"p10": self.p10, "p50": self.p50, "p90": self.p90}


NOTHING = Range(0, 0, 0)


@dataclass(frozen=True)
class Premium:
    """One part of the build-up of the discount rate; `observed` is None where the middle of the range was taken."""

    name: str
    rate: float
    observed: float | None


@dataclass(frozen=True)
class Terms:
    """What is assumed about the pool as a whole on a day, before the spreads are drawn."""

    sector: str
    royalty_median: float
    royalty_seen: tuple[float, float]
    revenue: int
    margin: float | None
    share: Triangular
    growth: Triangular
    build_up: tuple[Premium, ...]
    rate_spread: Triangular
    tax: float

    @property
    def rate(self) -> float:
        """The discount rate: the sum of the build-up."""
        return sum(part.rate for part in self.build_up)


def terms(holder: Holder, pool: Pool, param: InForce) -> Terms | None:
    """What is assumed about the pool, by the policy of the day; None where the revenue is not known."""
    if holder.revenue is None or holder.revenue < 0:
        return None
    sector = _sector(holder.industry, param("valuation.royalty_sector"))
    return Terms(
        sector=sector,
        royalty_median=param("valuation.royalty_rate")[sector],
        royalty_seen=tuple(param("valuation.royalty_range")[sector]),
        revenue=holder.revenue,
        margin=holder.operating_profit / holder.revenue
        if holder.revenue and holder.operating_profit is not None
        else None,
        share=_revenue_share(holder, param),
        growth=Triangular(**param("valuation.growth")),
        build_up=_build_up(holder, pool, param),
        rate_spread=Triangular(**param("valuation.rate_spread")),
        tax=param("valuation.income_tax"),
    )


def _sector(industry: str | None, sectors: Mapping[str, str]) -> str:
    codes = [industry[:length] for length in range(len(industry), 1, -1)] if industry else []
    return next((sectors[code] for code in codes if code in sectors), "all")


def _revenue_share(holder: Holder, param: InForce) -> Triangular:
    if holder.high_tech_revenue is None or not holder.revenue:
        return Triangular(**param("valuation.revenue_share"))
    reported = min(max(holder.high_tech_revenue / holder.revenue, 0.0), 1.0)
    around = param("valuation.high_tech_revenue_spread")
    return Triangular(*(reported * around[end] for end in ("low", "mode", "high")))


def _build_up(holder: Holder, pool: Pool, param: InForce) -> tuple[Premium, ...]:
    used = pool.used[~np.isnan(pool.used)]
    observed = {
        "technology": float(used.mean()) if len(used) else None,
        "market": None,
        "funding": holder.debt_ratio,
        "management": holder.age,
    }
    ends, scales = param("valuation.risk_premium"), param("valuation.risk_from")
    free = Premium("risk_free", param("valuation.risk_free"), None)
    return (free, *(Premium(n, _premium(ends[n], scales.get(n), observed[n]), observed[n]) for n in observed))


def _premium(ends: Sequence[float], scale: Mapping[str, float] | None, observed: float | None) -> float:
    share = 0.5
    if scale is not None and observed is not None:
        least_at, largest_at = scale["least_at"], scale["largest_at"]
        share = min(max((observed - least_at) / (largest_at - least_at), 0.0), 1.0)
    return ends[0] + (ends[1] - ends[0]) * share


@dataclass(frozen=True)
class Assumed:
    """What is assumed about each patent, which of it the bank param, and where the bank has it from, if it told."""

    royalty: Floats
    revenue_share: Floats
    bank_royalty: Floats
    bank_life: Floats
    bank_share: Floats
    source: npt.NDArray[np.str_]

    def only(self, keep: Sequence[bool]) -> "Assumed":
        """The assumptions about the patents kept."""
        mask = np.asarray(keep, dtype=bool)
        return Assumed(*(getattr(self, f.name)[mask] for f in fields(self)))

    def told(self, place: int) -> dict[str, dict[str, Any]]:
        """The assumptions of one patent, each with who made it, and the bank's with their source or None."""
        parts = {
            "royalty": (self.royalty, self.bank_royalty),
            "life": (self.bank_life, self.bank_life),
            "revenue_share": (self.revenue_share, self.bank_share),
        }
        param = {name: (float(value[place]), not np.isnan(own[place])) for name, (value, own) in parts.items()}
        bank = {"by": "bank", "source": str(self.source[place]) or None}
        return {
            name: {"value": value} | (bank if own else {"by": "policy"})
            for name, (value, own) in param.items()
            if not np.isnan(value)
        }


def assumptions(pool: Pool, assumed: Terms, bank: Mapping[str, BankAssumption], param: InForce) -> Assumed:
    """Royalty and share of the revenue of each patent of the holder's whole portfolio.

    The revenue that rests on patents is shared by the patents in force by their weight, once: ten patents on one
    product do not earn ten royalties. Raises `BadAssumption`.
    """
    check(pool.patents, bank)
    royalty, life, share = (_of_bank(pool, bank, name) for name in ("royalty", "life", "revenue_share"))
    by_quality, ceiling = param("valuation.royalty_by_quality"), param("valuation.licence_caps")["of_net_sales"]
    quality = np.where(np.isnan(pool.quality), 50.0, pool.quality) / 100
    multiple = by_quality["lowest"] + (by_quality["highest"] - by_quality["lowest"]) * quality
    ours = np.minimum(assumed.royalty_median * multiple, ceiling)
    return Assumed(
        royalty=np.where(np.isnan(royalty), ours, royalty),
        revenue_share=np.where(np.isnan(share), assumed.share.mode * kind_weights(pool, param), share),
        bank_royalty=royalty,
        bank_life=life,
        bank_share=share,
        source=np.array([bank[patent].source if patent in bank else "" for patent in pool.patents], dtype=np.str_),
    )


def _of_bank(pool: Pool, bank: Mapping[str, BankAssumption], name: str) -> Floats:
    """The bank's own figure of each patent, NaN where it gave none."""
    found = np.full(len(pool), np.nan)
    for patent, one in bank.items():
        value = getattr(one, name)
        if value is not None:
            found[pool.patents.index(patent)] = value
    return found


def kind_weights(pool: Pool, param: InForce) -> Floats:
    """Each patent's part in the revenue that rests on patents; sums to 1 over the patents that earn."""
    of_kind = param("valuation.weight_of_kind")
    weight: Floats = np.array([of_kind[kind] for kind in KINDS])[pool.kind]
    weight *= np.where(np.isnan(pool.used), param("valuation.use_unknown"), pool.used)
    weight[[bool(reason) for reason in pool.exclusion_reason]] = 0.0
    total = weight.sum()
    return weight / total if total > 0 else weight


@dataclass(frozen=True)
class Worth:
    """The values of a pool in fen; `total_*` are sorted draws of the pool's sum, from which figures are placed."""

    going_concern: Range
    liquidation: Range
    patents_going_concern: tuple[Range, ...]
    patents_liquidation: tuple[Range, ...]
    total_going_concern: Floats
    total_liquidation: Floats

    def place(self, figure: int) -> float:
        """The share of draws of the going-concern value that the figure is not below."""
        return float(np.searchsorted(self.total_going_concern, figure, side="right") / len(self.total_going_concern))


class Earnings:
    """The draws of the assumptions about a pool, from which its values and the guidance on fees are made.

    `discounted`: what one fen of yearly revenue earns in whole years, one column per draw (see `discounted`).
    """

    def __init__(self, assumed: Terms, draws: CommonRandomNumbers, param: InForce) -> None:
        self.assumed, self.size = assumed, len(draws.life)
        rate = assumed.rate + assumed.rate_spread.drawn(draws.rate)
        self.discounted = discounted(assumed.growth.drawn(draws.growth), rate)
        self.royalty_spread = Triangular(**param("valuation.royalty_spread"))
        self.royalty = self.royalty_spread.drawn(draws.royalty)
        mode = assumed.share.mode
        self.share = assumed.share.drawn(draws.share) / mode if mode else np.zeros(self.size)
        lives, cuts = param("valuation.economic_life"), param("valuation.on_default")
        self.life = np.stack([Triangular(**lives[kind]).drawn(draws.life) for kind in KINDS])
        self.least_life = param("valuation.economic_life_least")
        self.kept = np.stack([_kept(cuts[kind], draws.discount, rate) for kind in KINDS])
        self.ceiling = param("valuation.licence_caps")["of_net_sales"]

    def royalty_at(self, *shares: float) -> list[float]:
        """What the drawn multiple of the royalty does not exceed in such shares of the draws, between two linearly."""
        return list(self.royalty_spread.quantiles(self.size, shares))

    def values(self, pool: Pool, each: Assumed, part: slice) -> Floats:
        """Fen by patent and draw."""
        bank_royalty, bank_share = ~np.isnan(each.bank_royalty[part, None]), ~np.isnan(each.bank_share[part, None])
        royalty = np.minimum(each.royalty[part, None] * self.royalty, self.ceiling)
        share = each.revenue_share[part, None] * self.share
        if bank_royalty.any():
            royalty = np.where(bank_royalty, each.royalty[part, None], royalty)
        if bank_share.any():
            share = np.where(bank_share, each.revenue_share[part, None], share)
        value: Floats = royalty * share
        value *= self.assumed.revenue * (1 - self.assumed.tax)
        value *= self._years(pool, each, part)
        value[[bool(reason) for reason in pool.exclusion_reason[part]]] = 0.0
        return value

    def _years(self, pool: Pool, each: Assumed, part: slice) -> Floats:
        """What one fen a year earns over each patent's life, by patent and draw."""
        life: Floats = self.life[pool.kind[part]]
        life -= pool.age[part, None]
        np.maximum(life, self.least_life, out=life)
        own = each.bank_life[part, None]
        if not np.isnan(own).all():
            life = np.where(np.isnan(own), life, own)
        np.clip(life, 0.0, np.clip(pool.legal_life[part, None], 0.0, LONGEST), out=life)
        return over(self.discounted, life)


def worth(pool: Pool, each: Assumed, earned: Earnings) -> Worth:
    """Both values of the pool and of each patent in it, from the same draws."""
    going_concern, liquidation = np.zeros(earned.size), np.zeros(earned.size)
    ranges: list[list[Range]] = [[], []]
    for start in range(0, len(pool), _CHUNK):
        part = slice(start, start + _CHUNK)
        value = earned.values(pool, each, part)
        kept = value * earned.kept[pool.kind[part]]
        going_concern += value.sum(axis=0)
        liquidation += kept.sum(axis=0)
        for found, one in zip(ranges, (value, kept), strict=True):
            found.extend(_ranges(one))
    going_concern.sort()
    liquidation.sort()
    return Worth(
        range_of(going_concern),
        range_of(liquidation),
        tuple(ranges[0]),
        tuple(ranges[1]),
        going_concern,
        liquidation,
    )


def discounted(growth: Floats, rate: Floats) -> Floats:
    """What one fen of yearly revenue earns in whole years 0 … LONGEST, one column per draw: Σ ((1+g)/(1+r))^t."""
    step = (1 + growth) / (1 + rate)
    power = np.ones_like(step)
    table = np.zeros((LONGEST + 2, len(step)))
    for year in range(1, len(table)):  # years as rows: five times as fast as sums along each draw, to the same bits
        power *= step
        np.add(table[year - 1], power, out=table[year])
    return table


def over(table: Floats, life: Floats) -> Floats:
    """The discounted revenue over lives (patent by draw) of 0 … LONGEST years; a year begun counts pro rata."""
    whole, draws = life.astype(np.int64), table.shape[1]
    place = whole * draws + np.arange(draws)
    flat = table.reshape(-1)
    earned = flat[place]
    step = flat[place + draws]
    step -= earned
    step *= life - whole
    total: Floats = earned + step
    return total


def _kept(cut: Mapping[str, Any], places: Ints, rate: Floats) -> Floats:
    """The share of the going-concern value that is left after discount, cost and time; between 0 and 1."""
    discount = Triangular(**cut["discount"]).drawn(places)
    late = exp(log1p(np.maximum(rate, 0.0)) * (-cut["months"] / 12))
    return np.asarray(np.clip((1 - discount) * (1 - cut["cost"]) * late, 0.0, 1.0), dtype=np.float64)


def _places(size: int) -> list[int]:
    return [size // 10, size // 2, size - 1 - size // 10]


def range_of(ordered: Floats) -> Range:
    """The range of sorted draws."""
    return Range(*(round(value) for value in ordered[_places(len(ordered))].tolist()))


def _ranges(values: Floats) -> list[Range]:
    values.sort(axis=1)
    return [Range(*row) for row in np.rint(values[:, _places(values.shape[1])]).astype(np.int64).tolist()]
