"""Synthetic firms: who they are, how their business really goes quarter by quarter, and the books that they show of it.

Five standardised processes drive a firm: profit, leverage, cash, growth and stress. Each is partly the firm's own for
good and partly wanders. Books follow from the first four and are published late; stress shows in behaviour.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.codes import firm_keys
from training.world.days import day
from training.world.economy import INDUSTRIES, REGIONS, World, shares

PERSISTENCE = 0.98
"""What a quarter leaves of the wandering part; assumed."""
OWN = np.array([0.0, 0.70, 0.65, 0.0, 0.60])
QUALITY = np.array([0.55, -0.25, 0.0, 0.30, 0.0])
SPREAD = np.array([0.835, 0.67, 0.76, 0.95, 0.80])
"""Of the drives of profit, leverage, cash, growth and stress: what is each firm's own, what comes of its quality, and
how far they wander; assumed."""
TOGETHER = np.array(
    [
        [1.0, 0.0, 0.0, 0.0, 0.0],
        [-0.12, 1.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 1.0, 0.0],
        [-0.406, 0.316, -0.263, 0.0, 0.79],
    ]
)
"""How the processes follow from the drives: profit pays debt down; loss, debt and thin cash make stress; assumed."""
WANDERING = TOGETHER @ np.diag(SPREAD)


MEAN_SIZE, SIZE_SPREAD = 17.45, 1.35
"""Log of yearly revenue in yuan; assumed."""


OWNED = (0.88, 0.05, 0.02, 0.04, 0.01)
"""Shares of the firms by who owns them, in the order of `firms.ownership`: private, state, …; assumed."""
DISHONEST_ABOVE = 1.65
"""A point that about one firm in sixteen exceeds; assumed."""


@dataclass(frozen=True)
class SyntheticFirms:
    """Firms of one partition, one entry each.

    `paths` (5, n, quarters) are the processes in the order of `OWN`, `levels` (5, n) what each firm's wander around.
    `dishonest`: prone to deceive a lender; more often those under stress, and those whose hidden part is weak.
    `ownership`: a place among the choices of that column.
    """

    keys: pl.Series
    industry: Ints
    region: Ints
    founded: Ints
    size: Floats
    innovation: Floats
    hidden: Floats
    levels: Floats
    paths: Floats
    dishonest: Bools
    ownership: Ints

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def private(self) -> Bools:
        """Which are owned by private persons."""
        return np.asarray(self.ownership == 0)

    @property
    def profit(self) -> Floats:
        """How profitable, by quarter."""
        found: Floats = self.paths[0]
        return found

    @property
    def leverage(self) -> Floats:
        """How indebted, by quarter."""
        found: Floats = self.paths[1]
        return found

    @property
    def cash(self) -> Floats:
        """How liquid, by quarter."""
        found: Floats = self.paths[2]
        return found

    @property
    def growth(self) -> Floats:
        """How fast it grows, by quarter."""
        found: Floats = self.paths[3]
        return found

    @property
    def stress(self) -> Floats:
        """How hard it finds it to pay in time, by quarter."""
        found: Floats = self.paths[4]
        return found

    def later(self, firm: Ints, now: Floats, quarters: Ints, shocks: Floats) -> Floats:
        """The processes (5, n) of firms some quarters after they stood at `now`, by standard normal shocks (5, n)."""
        kept = PERSISTENCE**quarters
        level = self.levels[:, firm]
        found: Floats = level + kept * (now - level) + np.sqrt(1 - kept**2) * (WANDERING @ shocks)
        return found


def all_keys(world: World) -> tuple[pl.Series, Ints]:
    """Every firm's key and the region where it was first registered."""
    chance = np.random.default_rng([world.seed, 2**31])
    codes = np.array(list(REGIONS))
    regions = codes[chance.choice(len(codes), world.firms, p=shares(list(REGIONS.values())))]
    return firm_keys(regions, first=world.seed * 10_000_000 % 800_000_000), regions


def make_firms(world: World, partition: int, keys: pl.Series, regions: Ints) -> SyntheticFirms:
    """The firms of a partition with the whole path of their business."""
    chance = world.stream(partition, "firms")
    n = len(keys)
    innovation, hidden = chance.standard_normal(n), chance.standard_normal(n)
    quality = 0.25 * innovation + 0.968 * chance.standard_normal(n)
    levels = TOGETHER @ (np.diag(OWN) @ chance.standard_normal((5, n)) + np.outer(QUALITY, quality))
    moved = chance.random(n) < 0.06
    seats = np.where(moved, chance.permutation(regions), regions)
    return SyntheticFirms(
        keys=keys,
        industry=chance.choice(len(INDUSTRIES), n, p=shares([i.share for i in INDUSTRIES])),
        region=seats,
        founded=_founding_days(world, chance, n),
        size=MEAN_SIZE + SIZE_SPREAD * chance.standard_normal(n),
        innovation=innovation,
        hidden=hidden,
        levels=levels,
        paths=levels[:, :, None] + _wandering(chance, n, len(world.quarters)),
        dishonest=_dishonest(world.stream(partition, "conduct"), levels[4], hidden),
        ownership=world.stream(partition, "owners").choice(len(OWNED), n, p=OWNED),
    )


def _dishonest(chance: np.random.Generator, stress: Floats, hidden: Floats) -> Bools:
    """Who would deceive a lender: a state of the firm, so defaults are likelier among them, and not caused by it."""
    draw = 0.6 * stress - 0.6 * hidden + 0.6 * chance.standard_normal(len(stress))
    return np.asarray(draw > DISHONEST_ABOVE)


def _wandering(chance: np.random.Generator, firms: int, quarters: int) -> Floats:
    """What the processes (5, firms, quarters) have besides their levels: stationary from the first quarter on."""
    path = np.empty((5, firms, quarters))
    state = chance.standard_normal((5, firms))
    for quarter in range(quarters):
        state = PERSISTENCE * state + np.sqrt(1 - PERSISTENCE**2) * chance.standard_normal((5, firms))
        path[:, :, quarter] = WANDERING @ state
    return path


def _founding_days(world: World, chance: np.random.Generator, n: int) -> Ints:
    age = chance.gamma(2.2, 5.0, n)
    late = day(world.last_year - 1) - (age * 365.25).astype(np.int64)
    found: Ints = np.maximum(late + chance.integers(0, 365, n), day(1985))
    return found


# --- the books ------------------------------------------------------------------------------------------------------

DEBT_RATIO, ASSET_TURNOVER, RECEIVABLE_DAYS = 0.576, 0.773, 66.7
"""Published for industrial firms above scale (NBS, 2024)."""
INVENTORY_DAYS, PREPAYMENT_DAYS, ADVANCE_DAYS = 55.0, 12.0, 9.0
"""Days of cost (of sales for advances); assumed. Inventory is all of it: the NBS's 20.0 days count finished goods
alone, and with materials and work in progress a manufacturer holds two to three times that."""
BORROWED = 0.29
"""Interest-bearing part of the liabilities; assumed, so that interest is near 1 per 100 of revenue, as is usual."""
PAYABLES, NOTES = 0.265, 0.14
"""Trade payables among liabilities without interest (two months of cost), and notes where there are any; assumed."""
MARGIN_SPREAD = 0.079
"""With a mean margin of 5.29% it makes 28% of firms lose money: both published for 2024."""


@dataclass(frozen=True)
class SyntheticBooks:
    """Each firm's true quarterly books: flows of the quarter and levels at its end, in fen (float64 whole numbers).

    `overstated`: the share by which the sales that a firm shows exceed the true ones.
    """

    flows: dict[str, Floats]
    levels: dict[str, Floats]
    overstated: Floats


def true_margin(industry: Ints, profit: Floats) -> Floats:
    """Profit before tax as a share of revenue, of firms (first axis) in industries."""
    usual = np.array([i.margin for i in INDUSTRIES])[industry] - 0.010
    return np.clip(usual.reshape(-1, *[1] * (profit.ndim - 1)) + MARGIN_SPREAD * (profit / 0.98), -0.6, 0.5)


def true_debt_ratio(leverage: Floats) -> Floats:
    """Liabilities as a share of assets."""
    return np.asarray(1 / (1 + np.exp(-(0.335 + 0.72 * leverage))))


def true_revenue(world: World, firms: SyntheticFirms) -> Floats:
    """Revenue of the quarter, in yuan."""
    ends = world.quarters.ends()
    age = np.maximum((ends[None, :] - firms.founded[:, None]) / 365.25, 0.0)
    trend = 0.06 * (np.arange(len(ends)) - len(ends) / 2) / 4
    drift = np.cumsum(0.018 * firms.growth, axis=1)
    drift -= drift.mean(axis=1, keepdims=True)
    return np.exp(firms.size[:, None] + trend + drift - 1.3 * np.exp(-age / 1.6)) / 4


def make_books(world: World, partition: int, firms: SyntheticFirms) -> SyntheticBooks:
    """Quarterly books that balance: assets are liabilities and equity, and cash flow explains the change of cash."""
    chance = world.stream(partition, "books")
    levels = _levels(world, chance, firms)
    return SyntheticBooks(
        _flows(world, chance, firms, levels), levels, _overstated(world.stream(partition, "lies"), firms)
    )


def _overstated(chance: np.random.Generator, firms: SyntheticFirms) -> Floats:
    """Most of the dishonest show far more sales than they have, and a few others somewhat more; assumed."""
    n = len(firms)
    lies = chance.random(n) < np.where(firms.dishonest, 0.6, 0.025)
    return np.where(lies, np.where(firms.dishonest, chance.uniform(0.12, 0.7, n), chance.uniform(0.11, 0.22, n)), 0.0)


def _lot(chance: np.random.Generator, firms: SyntheticFirms, spread: float) -> Floats:
    """A factor with mean one that stays with each firm."""
    return np.exp(spread * chance.standard_normal((len(firms), 1)) - spread**2 / 2)


def _levels(world: World, chance: np.random.Generator, firms: SyntheticFirms) -> dict[str, Floats]:
    revenue = true_revenue(world, firms) * 400
    cost, assets = 0.854 * revenue / 365, revenue / ASSET_TURNOVER * _lot(chance, firms, 0.30)
    cash = assets * np.minimum(np.exp(np.log(0.115) + 0.55 * firms.cash), 0.45)
    receivables = np.minimum(revenue * RECEIVABLE_DAYS / 365 * _lot(chance, firms, 0.40), 0.40 * assets)
    inventory = np.minimum(1.02 * INVENTORY_DAYS * cost * _lot(chance, firms, 0.45), 0.26 * assets)
    prepayments = np.minimum(1.04 * PREPAYMENT_DAYS * cost * _lot(chance, firms, 0.70), 0.08 * assets)
    intangible = 0.04 * assets * np.minimum(_lot(chance, firms, 0.5), 1.2)
    held = [cash, receivables, inventory, prepayments, intangible]
    fits = np.minimum(0.92 * assets / np.sum(held, axis=0), 1.0)
    cash, receivables, inventory, prepayments, intangible = (item * fits for item in held)
    rest = assets - fits * np.sum(held, axis=0)
    other_current, related = 0.22 * rest, 0.22 * rest * _held_by_related(chance, firms)
    liabilities = assets * true_debt_ratio(firms.leverage)
    return _whole(
        cash=cash,
        receivables=receivables,
        inventory=inventory,
        prepayments=prepayments,
        other_receivables=np.maximum(0.35 * other_current, related),
        related_receivables=related,
        current_assets=cash + receivables + inventory + prepayments + other_current,
        fixed_assets=0.8 * (rest - other_current),
        intangible_assets=intangible,
        total_assets=assets,
        **_owed(chance, firms, liabilities, revenue, cash),
    )


def _owed(
    chance: np.random.Generator, firms: SyntheticFirms, liabilities: Floats, revenue: Floats, cash: Floats
) -> dict[str, Floats]:
    """The liabilities by kind, and the part of the cash that stands as a deposit for notes."""
    debt = liabilities * np.minimum(BORROWED * _lot(chance, firms, 0.35), 0.8)
    free = liabilities - debt
    short = debt * np.minimum(0.72 * _lot(chance, firms, 0.2), 1.0)
    issues = chance.random((len(firms), 1)) < 0.35
    notes = np.where(issues, NOTES * free * np.minimum(_lot(chance, firms, 0.4), 1.6), 0.0)
    return {
        "payables": PAYABLES * free * np.minimum(_lot(chance, firms, 0.25), 1.5),
        "notes_payable": notes,
        "restricted_cash": np.minimum(0.4 * notes, 0.6 * cash),
        "advances_received": np.minimum(revenue * ADVANCE_DAYS / 365 * _lot(chance, firms, 0.6), 0.12 * free),
        "short_term_debt": short,
        "long_term_due": 0.3 * (debt - short),
        "long_term_debt": 0.7 * (debt - short),
        "current_liabilities": short + 0.3 * (debt - short) + 0.93 * free,
        "total_liabilities": liabilities,
    }


def _held_by_related(chance: np.random.Generator, firms: SyntheticFirms) -> Floats:
    """Of other current assets, what related parties owe: little at most firms, most of it at one in fourteen."""
    usual = chance.random((len(firms), 1)) * 0.12
    return np.where(chance.random((len(firms), 1)) < 0.07, chance.uniform(0.4, 0.95, (len(firms), 1)), usual)


def _whole(**items: Floats) -> dict[str, Floats]:
    return {name: np.round(values) for name, values in items.items()}


def _flows(
    world: World, chance: np.random.Generator, firms: SyntheticFirms, levels: dict[str, Floats]
) -> dict[str, Floats]:
    revenue = np.round(true_revenue(world, firms) * 100)
    debt = levels["short_term_debt"] + levels["long_term_due"] + levels["long_term_debt"]
    before_tax = revenue * true_margin(firms.industry, firms.profit)
    interest = debt * 0.048 / 4
    research = revenue * np.exp(-3.55 + 0.42 * firms.innovation)[:, None] * _lot(chance, firms, 0.3)
    selling, admin = revenue * 0.0190 * _lot(chance, firms, 0.5), revenue * 0.020 * _lot(chance, firms, 0.4)
    surcharges = 0.009 * revenue
    tax = 0.15 * np.maximum(before_tax, 0)
    wear = levels["fixed_assets"] * 0.02
    flows = _whole(
        main_revenue=revenue * 0.96,
        domestic_high_tech_revenue=revenue * np.clip(0.62 + 0.14 * firms.innovation, 0, 0.95)[:, None],
        rd_expense=research,
        selling_expense=selling,
        admin_expense=admin,
        interest_expense=interest,
        profit_before_tax=before_tax,
        net_profit=before_tax - tax,
        depreciation_amortisation=wear,
    )
    flows["revenue"] = revenue
    flows["operating_profit"] = flows["profit_before_tax"] + flows["interest_expense"]
    costs = flows["selling_expense"] + flows["admin_expense"] + flows["rd_expense"] + np.round(surcharges)
    flows["cost_of_sales"] = revenue - flows["operating_profit"] - costs
    return flows | _cash_flows(flows, levels)


def _cash_flows(flows: dict[str, Floats], levels: dict[str, Floats]) -> dict[str, Floats]:
    """Operating flow from profit and working capital, investing flow from lasting assets; the rest is financing."""
    owed = levels["current_liabilities"] - levels["short_term_debt"] - levels["long_term_due"]
    working = levels["current_assets"] - levels["cash"] - owed
    lasting = levels["total_assets"] - levels["current_assets"]
    wear = flows["depreciation_amortisation"]
    return {
        "operating_cash_flow": flows["net_profit"] + wear - _change(working),
        "investing_cash_flow": -_change(lasting) - wear,
    }


def _change(level: Floats) -> Floats:
    return np.diff(level, axis=1, prepend=level[:, :1])
