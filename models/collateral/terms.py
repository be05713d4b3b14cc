"""A pool of patents, the firm that holds it, and what is assumed of both before anything is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np

from features.arrays import Bools, Floats, Ints
from features.lazy import lazy
from models.collateral.triangular import Triangular
from models.records.in_force import InForce

KINDS = ("invention", "utility_model", "design")


@dataclass(frozen=True)
class Pool:
    """Patents to be valued, one entry each in every field.

    `kind` is a place in `KINDS`; `age` and `legal_life` are years since filing and to the last day in force; `used` is
    1 where the patent is worked in a product, 0 where it is not, NaN where nobody said; `quality` is 0 to 100 or NaN;
    `exclusion_reason` says why a patent carries nothing, or is empty. `uncertain`: it may carry something, but whether
    it is in force is not known; it shares in the revenue as if it were, so that no other is worth more for it.
    """

    patents: tuple[str, ...]
    kind: Ints
    age: Floats
    legal_life: Floats
    used: Floats
    quality: Floats
    exclusion_reason: tuple[str, ...]
    uncertain: Bools

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
            uncertain=self.uncertain[mask],
        )

    @lazy
    def excluded(self) -> Bools:
        """Those that carry nothing."""
        return np.array([bool(reason) for reason in self.exclusion_reason], dtype=bool)

    @lazy
    def alive(self) -> Bools:
        """Those that are known to be in force and carry something."""
        return np.asarray(~self.excluded & ~self.uncertain)

    @property
    def valuable(self) -> bool:
        """Whether a value can be told: some patent is alive, or it is known of each that it carries nothing."""
        return len(self) > 0 and bool(self.alive.any() or not self.uncertain.any())


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


class Premium(msgspec.Struct, frozen=True):
    """One part of the build-up of the discount rate; `observed` is None where the middle of the range was taken."""

    name: str
    rate: float
    observed: float | None


class Terms(msgspec.Struct, frozen=True):
    """What is assumed about the pool as a whole on a day, before the spreads are drawn.

    `royalty_median` and `royalty_range`: of the `sector`. `revenue` in fen a year; `margin`: operating profit to it.
    `revenue_share`: the part of it that rests on patents. `rate`: the discount rate, the sum of its `build_up`.
    """

    sector: str
    royalty_median: float
    royalty_range: tuple[float, float]
    revenue: int
    margin: float | None
    revenue_share: Triangular
    growth: Triangular
    rate: float
    build_up: tuple[Premium, ...]
    rate_spread: Triangular
    tax: float

    def rates(self, size: int) -> Floats:
        """The discount rates of so many draws, in order of size."""
        return self.rate + self.rate_spread.evenly(size)


def terms(holder: Holder, pool: Pool, param: InForce) -> Terms | None:
    """What is assumed about the pool, by the policy of the day; None where the revenue is not known."""
    if holder.revenue is None or holder.revenue < 0:
        return None
    sector = _sector(holder.industry, param("valuation.royalty_sector", dict[str, str]))
    profit, build_up = holder.operating_profit, _build_up(holder, pool, param)
    return Terms(
        sector=sector,
        royalty_median=param("valuation.royalty_rate", dict[str, float])[sector],
        royalty_range=param("valuation.royalty_range", dict[str, tuple[float, float]])[sector],
        revenue=holder.revenue,
        margin=profit / holder.revenue if holder.revenue and profit is not None else None,
        revenue_share=_revenue_share(holder, param),
        growth=param("valuation.growth", Triangular),
        rate=sum(part.rate for part in build_up),
        build_up=build_up,
        rate_spread=param("valuation.rate_spread", Triangular),
        tax=param("valuation.income_tax", float),
    )


def _sector(industry: str | None, sectors: Mapping[str, str]) -> str:
    codes = [industry[:length] for length in range(len(industry), 1, -1)] if industry else []
    return next((sectors[code] for code in codes if code in sectors), "all")


def _revenue_share(holder: Holder, param: InForce) -> Triangular:
    if holder.high_tech_revenue is None or not holder.revenue:
        return param("valuation.revenue_share", Triangular)
    reported = min(max(holder.high_tech_revenue / holder.revenue, 0.0), 1.0)
    around = param("valuation.high_tech_revenue_spread", Triangular)
    return Triangular(reported * around.low, reported * around.mode, reported * around.high)


def _build_up(holder: Holder, pool: Pool, param: InForce) -> tuple[Premium, ...]:
    used = pool.used[~np.isnan(pool.used)]
    observed = {
        "technology": float(used.mean()) if len(used) else None,
        "market": None,
        "funding": holder.debt_ratio,
        "management": holder.age,
    }
    ends = param("valuation.risk_premium", dict[str, tuple[float, float]])
    scales = param("valuation.risk_from", dict[str, _RiskScale])
    free = Premium("risk_free", param("valuation.risk_free", float), None)
    return (free, *(Premium(n, _premium(ends[n], scales.get(n), observed[n]), observed[n]) for n in observed))


class _RiskScale(msgspec.Struct, frozen=True):
    """At which observed figures a premium is least and largest."""

    least_at: float
    largest_at: float


def _premium(ends: Sequence[float], scale: _RiskScale | None, observed: float | None) -> float:
    share = 0.5
    if scale is not None and observed is not None:
        share = min(max((observed - scale.least_at) / (scale.largest_at - scale.least_at), 0.0), 1.0)
    return ends[0] + (ends[1] - ends[0]) * share


def kind_weights(pool: Pool, param: InForce) -> Floats:
    """Each patent's part in the revenue that rests on patents; sums to 1 over the patents that earn."""
    of_kind = param("valuation.weight_of_kind", dict[str, float])
    weight: Floats = np.array([of_kind[kind] for kind in KINDS])[pool.kind]
    weight *= np.where(np.isnan(pool.used), param("valuation.use_unknown", float), pool.used)
    weight[pool.excluded] = 0.0
    total = weight.sum()
    return weight / total if total > 0 else weight
