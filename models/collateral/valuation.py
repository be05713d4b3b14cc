"""What a pool of patents is worth: a range while its holder lives, and a second, lower one after the holder has failed.

Going concern: relief from royalty. What the holder saves by owning the patents instead of licensing them, year by year
over the shorter of legal and economic life, after tax, discounted at a rate that is built up from its risks. The
assumptions are uncertain, so they are drawn five hundred times; the draws follow from firm, day and application, and
the same draws are used for every patent, so that two values differ by what is assumed and never by chance. The errors
of one pool's patents are taken to move together: the range is not narrowed by their number.

In liquidation: the same draws, cut by discount, cost and time. It can never exceed the first, and is never
added to it. Cost and market are checks beside the range, not a part of it.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from math import isnan
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from features.arrays import Floats, Places, not_known
from features.elementary import exp, log1p
from features.policy import NotYetInForce
from models.collateral.bank_assumptions import LONGEST, BankAssumption, check
from models.collateral.discounting import discounted, over
from models.collateral.terms import KINDS, Pool, Terms, kind_weights
from models.collateral.triangular import CommonRandomNumbers, Triangular
from models.records.in_force import InForce

ON_DEFAULT = "valuation.on_default"
_CHUNK = 256
"""Patents valued at a time, so that the memory needed does not grow with the pool."""


class Range(msgspec.Struct, frozen=True, gc=False):
    """P10, P50 and P90 of the draws, in fen."""

    p10: int
    p50: int
    p90: int


class LicenceCaps(msgspec.Struct, frozen=True):
    """Ceilings of a licence: a fixed fee in fen, a royalty as a share of net sales, and as a share of profit."""

    fixed_fee: int
    of_net_sales: float
    of_profit: float


LICENCE_CAPS = "valuation.licence_caps"


def royalty_ceiling(param: InForce) -> float:
    """The published ceiling of a royalty as a share of net sales; all of them on a day before one was published."""
    with suppress(NotYetInForce):
        return param(LICENCE_CAPS, LicenceCaps).of_net_sales
    return 1.0


class _ByQuality(msgspec.Struct, frozen=True):
    """Multiples of the royalty at the lowest and at the highest quality."""

    lowest: float
    highest: float


class AppliedAssumption(msgspec.Struct, frozen=True, omit_defaults=True):
    """A figure with who assumed it, and where a bank has its own from, if it told."""

    value: float
    by: Literal["policy", "bank"]
    source: str | None = None


class PatentAssumptions(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is assumed about one patent: `royalty` on sales, its `revenue_share`, and a `life` in years where given."""

    royalty: AppliedAssumption
    revenue_share: AppliedAssumption
    life: AppliedAssumption | None = None


@dataclass(frozen=True)
class Assumed:
    """What is assumed about each patent, which of it the bank gave, and where the bank has it from, if it told."""

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

    def of(self, place: int) -> PatentAssumptions:
        """The assumptions of one patent."""
        source, life = str(self.source[place]) or None, float(self.bank_life[place])

        def assumed(value: Floats, own: Floats) -> AppliedAssumption:
            if isnan(own[place]):
                return AppliedAssumption(float(value[place]), "policy")
            return AppliedAssumption(float(value[place]), "bank", source)

        return PatentAssumptions(
            assumed(self.royalty, self.bank_royalty),
            assumed(self.revenue_share, self.bank_share),
            None if isnan(life) else AppliedAssumption(life, "bank", source),
        )


def assumptions(pool: Pool, assumed: Terms, bank: Mapping[str, BankAssumption], param: InForce) -> Assumed:
    """Royalty and share of the revenue of each patent of the holder's whole portfolio.

    The revenue that rests on patents is shared by the patents in force by their weight, once: ten patents on one
    product do not earn ten royalties. Raises `BadAssumption`.
    """
    check(pool.patents, bank)
    royalty, life, share = (_of_bank(pool, bank, name) for name in ("royalty", "life", "revenue_share"))
    by_quality = param("valuation.royalty_by_quality", _ByQuality)
    ceiling = royalty_ceiling(param)
    quality = np.where(np.isnan(pool.quality), 50.0, pool.quality) / 100
    multiple = by_quality.lowest + (by_quality.highest - by_quality.lowest) * quality
    ours = np.minimum(assumed.royalty_median * multiple, ceiling)
    return Assumed(
        royalty=np.where(np.isnan(royalty), ours, royalty),
        revenue_share=np.where(np.isnan(share), assumed.revenue_share.mode * kind_weights(pool, param), share),
        bank_royalty=royalty,
        bank_life=life,
        bank_share=share,
        source=np.array([bank[patent].source if patent in bank else "" for patent in pool.patents], dtype=np.str_),
    )


def _of_bank(pool: Pool, bank: Mapping[str, BankAssumption], name: str) -> Floats:
    """The bank's own figure of each patent, NaN where it gave none."""
    found = not_known(len(pool))
    for patent, one in bank.items():
        value = getattr(one, name)
        if value is not None:
            found[pool.patents.index(patent)] = value
    return found


@dataclass(frozen=True)
class Worth:
    """The values of a pool in fen; `total_*` are sorted draws of the pool's sum, from which figures are placed.

    A patent of which it is not known whether it is in force has the value that it would have, and is in no sum.
    """

    going_concern: Range
    liquidation: Range
    patents_going_concern: tuple[Range, ...]
    patents_liquidation: tuple[Range, ...]
    total_going_concern: Floats
    total_liquidation: Floats

    def place(self, figure: int) -> float:
        """The share of draws of the going-concern value that the figure is not below."""
        return float(np.searchsorted(self.total_going_concern, figure, side="right") / len(self.total_going_concern))


class OnDefault(msgspec.Struct, frozen=True):
    """What is lost when patents of a kind are sold after a default: discount, share of cost, and months."""

    discount: Triangular
    cost: float
    months: int


class Earnings:
    """The draws of the assumptions about a pool, from which its values and the guidance on fees are made.

    `discounted`: what one fen of yearly revenue earns in whole years, one column per draw (see `discounted`). `late`:
    of the rates evenly spread, where that was worked out for a whole batch (see `delayed`).
    """

    def __init__(
        self, assumed: Terms, draws: CommonRandomNumbers, param: InForce, late: Mapping[int, Floats] | None = None
    ) -> None:
        self.assumed, self.size = assumed, len(draws.life)
        rates = assumed.rates(self.size)
        self.discounted = discounted(assumed.growth.drawn(draws.growth), rates[draws.rate])
        self.royalty_spread = param("valuation.royalty_spread", Triangular)
        self.royalty = self.royalty_spread.drawn(draws.royalty)
        mode = assumed.revenue_share.mode
        self.share = assumed.revenue_share.drawn(draws.share) / mode if mode else np.zeros(self.size)
        lives = param("valuation.economic_life", dict[str, Triangular])
        cuts = param(ON_DEFAULT, dict[str, OnDefault])
        self.life = np.stack([lives[kind].drawn(draws.life) for kind in KINDS])
        self.least_life = param("valuation.economic_life_least", float)
        after = late or delayed(rates, months_on_default(param))
        self.kept = np.stack([_kept(cuts[kind], draws, after[cuts[kind].months]) for kind in KINDS])
        self.ceiling = royalty_ceiling(param)

    def royalty_at(self, *shares: float) -> list[float]:
        """What the drawn multiple of the royalty does not exceed in such shares of the draws, between two linearly."""
        return list(self.royalty_spread.quantiles(self.size, shares))

    def values(self, pool: Pool, each: Assumed, part: Places) -> Floats:
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
        value[pool.excluded[part]] = 0.0
        return value

    def _years(self, pool: Pool, each: Assumed, part: Places) -> Floats:
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
        certain = ~pool.uncertain[part] if pool.uncertain.any() else slice(None)
        going_concern += value[certain].sum(axis=0)
        liquidation += kept[certain].sum(axis=0)
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


def months_on_default(param: InForce) -> list[int]:
    """After how many months patents are sold after a default: the different ones, in order."""
    return sorted({cut.months for cut in param(ON_DEFAULT, dict[str, OnDefault]).values()})


def delayed(rates: Floats, months: Sequence[int]) -> dict[int, Floats]:
    """What one fen that is paid so many months later is worth on the day, at each rate, in the shape of the rates."""
    years = np.array([-late / 12 for late in months]).reshape(-1, *(1 for _ in rates.shape))
    return dict(zip(months, exp(years * log1p(np.maximum(rates, 0.0))), strict=True))


def _kept(cut: OnDefault, draws: CommonRandomNumbers, late: Floats) -> Floats:
    """The share of the going-concern value that is left after discount, cost and time; between 0 and 1."""
    discount = cut.discount.drawn(draws.discount)
    return np.asarray(np.clip((1 - discount) * (1 - cut.cost) * late[draws.rate], 0.0, 1.0), dtype=np.float64)


def _places(size: int) -> list[int]:
    return [size // 10, size // 2, size - 1 - size // 10]


def range_of(ordered: Floats) -> Range:
    """The range of sorted draws."""
    return Range(*(round(value) for value in ordered[_places(len(ordered))].tolist()))


def _ranges(values: Floats) -> list[Range]:
    values.sort(axis=1)
    return [Range(*row) for row in np.rint(values[:, _places(values.shape[1])]).astype(np.int64).tolist()]
