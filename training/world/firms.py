"""Firms: who they are, how their business really goes quarter by quarter, and the books that they show of it.

Five standardised processes drive a firm: profit, leverage, cash, growth and stress. Each is partly the firm's own for
good and partly wanders. Books follow from the first four and are published late; stress shows in behaviour.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl

from features.asof import Bools, Floats, Ints
from training.world.codes import firm_keys
from training.world.days import NEVER, day
from training.world.economy import INDUSTRIES, REGIONS, World, shares
from training.world.rows import Frames, Sheet, some, texts

PERSISTENCE = 0.93
"""What a quarter leaves of the wandering part; assumed."""


@dataclass(frozen=True)
class Firms:
    """Firms of one partition, one entry each; processes have one row per firm and one column per quarter."""

    keys: pl.Series
    industry: Ints
    region: Ints
    founded: Ints
    size: Floats
    innovation: Floats
    profit: Floats
    leverage: Floats
    cash: Floats
    growth: Floats
    stress: Floats
    hidden: Floats

    def __len__(self) -> int:
        return len(self.keys)


def all_keys(world: World) -> tuple[pl.Series, Ints]:
    """Every firm's key and the region where it was first registered."""
    chance = np.random.default_rng([world.seed, 2**31])
    codes = np.array(list(REGIONS))
    regions = codes[chance.choice(len(codes), world.firms, p=shares(list(REGIONS.values())))]
    return firm_keys(regions, first=world.seed * 10_000_000 % 800_000_000), regions


def make_firms(world: World, partition: int, keys: pl.Series, regions: Ints) -> Firms:
    """The firms of a partition with the whole path of their business."""
    chance = world.stream(partition, "firms")
    n = len(keys)
    wander = _Wander(chance, n, len(world.quarters))
    innovation = chance.standard_normal(n)
    quality = 0.25 * innovation + 0.968 * chance.standard_normal(n)
    profit = wander.path(0.55 * quality, 0.835)
    leverage = wander.path(0.70 * chance.standard_normal(n) - 0.25 * quality, 0.67) - 0.12 * profit
    cash = wander.path(0.65 * chance.standard_normal(n), 0.76)
    growth = wander.path(0.30 * quality, 0.95)
    own = wander.path(0.60 * chance.standard_normal(n), 0.80)
    stress = (0.75 * own - 0.35 * profit + 0.30 * leverage - 0.25 * cash) / 0.95
    moved = chance.random(n) < 0.06
    seats = np.where(moved, chance.permutation(regions), regions)
    return Firms(
        keys=keys,
        industry=chance.choice(len(INDUSTRIES), n, p=shares([i.share for i in INDUSTRIES])),
        region=seats,
        founded=_founding_days(world, chance, n),
        size=np.log(38e6) + 1.35 * chance.standard_normal(n),
        innovation=innovation,
        profit=profit,
        leverage=leverage,
        cash=cash,
        growth=growth,
        stress=stress,
        hidden=chance.standard_normal(n),
    )


@dataclass(frozen=True)
class _Wander:
    chance: np.random.Generator
    firms: int
    quarters: int

    def path(self, own: Floats, spread: float) -> Floats:
        """A stationary process around each firm's own level, with so much spread."""
        shocks = self.chance.standard_normal((self.firms, self.quarters)) * np.sqrt(1 - PERSISTENCE**2)
        state = self.chance.standard_normal(self.firms)
        path = np.empty((self.firms, self.quarters))
        for quarter in range(self.quarters):
            state = PERSISTENCE * state + shocks[:, quarter]
            path[:, quarter] = own + spread * state
        return path


def _founding_days(world: World, chance: np.random.Generator, n: int) -> Ints:
    age = chance.gamma(2.2, 5.0, n)
    late = day(world.last_year - 1) - (age * 365.25).astype(np.int64)
    return np.maximum(late + chance.integers(0, 365, n), day(1985))


def firm_frames(world: World, partition: int, firms: Firms, sheet: Sheet) -> Frames:
    """The register's row about each firm, and a second one where a fact changed in the span."""
    chance = world.stream(partition, "register")
    n, everyone = len(firms), np.arange(len(firms))
    known = np.maximum(firms.founded + 20, day(world.first_year - 4))
    staff = np.maximum(3, np.exp(firms.size - np.log(0.75e6) + 0.35 * chance.standard_normal(n))).astype(np.int64)
    research = np.minimum(staff, staff * np.clip(0.13 + 0.07 * firms.innovation, 0.0, 0.9)).astype(np.int64)
    capital = np.exp(firms.size - 1.6 + 0.6 * chance.standard_normal(n))
    registered = (np.round(capital / 1e5) + 1).astype(np.int64) * 10_000_000
    first = {
        "legal_name": texts("合成启明", sheet_numbers(firms), 9) + "科技有限公司",
        "industry": pl.Series([i.code for i in INDUSTRIES]).gather(firms.industry),
        "region": pl.Series(firms.region).cast(pl.String),
        "founded_on": firms.founded,
        "staff": staff,
        "rd_staff": research,
        "registered_capital": registered,
        "paid_in_capital": (registered * np.clip(chance.beta(4, 1.5, n), 0.05, 1.0)).astype(np.int64),
        "listed": chance.random(n) < 0.004,
        "status": "in_business",
    }
    rows = sheet.rows("firms", everyone, known, ("register", "synthetic business register"), first)
    return {"firms": pl.concat([rows, _grown(world, chance, firms, rows, known)])}


def _grown(world: World, chance: np.random.Generator, firms: Firms, rows: pl.DataFrame, known: Ints) -> pl.DataFrame:
    """A later row of two firms in three, with the staff as it has become."""
    told = chance.random(len(firms)) < 0.66
    later = known + chance.integers(400, 3000, len(firms))
    told &= later <= world.seen_until
    quarter = np.minimum(world.quarters.of(later), len(world.quarters) - 1)
    factor = np.exp(0.10 * firms.growth[np.arange(len(firms)), quarter] + 0.15)
    return rows.with_columns(
        pl.Series("known_on", later.astype(np.int32)).cast(pl.Date),
        staff=(pl.col("staff") * factor).cast(pl.Int64) + 1,
        rd_staff=(pl.col("rd_staff") * factor).cast(pl.Int64),
    ).filter(told)


def sheet_numbers(firms: Firms) -> Ints:
    """A number for each firm's made-up name, from its credit code."""
    return np.array([int(key[13:21], 36) % 10**9 for key in firms.keys], dtype=np.int64)


# --- the books ---------------------------------------------------------------------------------------------------------

DEBT_RATIO, ASSET_TURNOVER = 0.576, 0.773
RECEIVABLE_DAYS, INVENTORY_DAYS = 66.7, 20.0
MARGIN_SPREAD = 0.079
"""With a mean margin of 5.29% it makes 28% of firms lose money: both published for 2024."""


@dataclass(frozen=True)
class Books:
    """Each firm's true quarterly books: flows of the quarter and levels at its end, in fen (float64 whole numbers)."""

    flows: dict[str, Floats]
    levels: dict[str, Floats]


def true_margin(firms: Firms) -> Floats:
    """Profit before tax as a share of revenue."""
    usual = np.array([i.margin for i in INDUSTRIES])[firms.industry]
    return np.clip(usual[:, None] - 0.010 + MARGIN_SPREAD * (firms.profit / 0.98), -0.6, 0.5)


def true_debt_ratio(firms: Firms) -> Floats:
    """Liabilities as a share of assets."""
    return 1 / (1 + np.exp(-(0.335 + 0.72 * firms.leverage)))


def true_revenue(world: World, firms: Firms) -> Floats:
    """Revenue of the quarter, in yuan."""
    ends = world.quarters.ends()
    age = np.maximum((ends[None, :] - firms.founded[:, None]) / 365.25, 0.0)
    trend = 0.06 * (np.arange(len(ends)) - len(ends) / 2) / 4
    drift = np.cumsum(0.018 * firms.growth, axis=1)
    drift -= drift.mean(axis=1, keepdims=True)
    return np.exp(firms.size[:, None] + trend + drift - 1.3 * np.exp(-age / 1.6)) / 4


def make_books(world: World, partition: int, firms: Firms) -> Books:
    """Books that balance: assets are liabilities and equity, and cash flow explains the change of cash."""
    chance = world.stream(partition, "books")
    levels = _levels(world, chance, firms)
    return Books(_flows(world, chance, firms, levels), levels)


def _lot(chance: np.random.Generator, firms: Firms, spread: float) -> Floats:
    """A factor with mean one that stays with each firm."""
    return np.exp(spread * chance.standard_normal((len(firms), 1)) - spread**2 / 2)


def _levels(world: World, chance: np.random.Generator, firms: Firms) -> dict[str, Floats]:
    revenue = true_revenue(world, firms) * 100
    assets = revenue * 4 / ASSET_TURNOVER * _lot(chance, firms, 0.30)
    cash = assets * np.minimum(np.exp(np.log(0.115) + 0.55 * firms.cash), 0.45)
    receivables = np.minimum(revenue * 4 * RECEIVABLE_DAYS / 365 * _lot(chance, firms, 0.40), 0.40 * assets)
    inventory = np.minimum(revenue * 4 * 0.854 * INVENTORY_DAYS / 365 * _lot(chance, firms, 0.45), 0.10 * assets)
    intangible = 0.04 * assets * np.minimum(_lot(chance, firms, 0.5), 1.2)
    other_current = 0.22 * (assets - cash - receivables - inventory - intangible)
    fixed = 0.8 * (assets - cash - receivables - inventory - intangible - other_current)
    liabilities = assets * true_debt_ratio(firms)
    debt = liabilities * np.minimum(0.48 * _lot(chance, firms, 0.35), 0.9)
    short = debt * np.minimum(0.72 * _lot(chance, firms, 0.2), 1.0)
    current = short + (liabilities - debt) * 0.93
    return _whole(
        cash=cash,
        receivables=receivables,
        inventory=inventory,
        current_assets=cash + receivables + inventory + other_current,
        fixed_assets=fixed,
        intangible_assets=intangible,
        total_assets=assets,
        payables=(liabilities - debt) * 0.55,
        short_term_debt=short,
        long_term_debt=debt - short,
        current_liabilities=current,
        total_liabilities=liabilities,
    )


def _whole(**items: Floats) -> dict[str, Floats]:
    return {name: np.round(values) for name, values in items.items()}


def _flows(world: World, chance: np.random.Generator, firms: Firms, levels: dict[str, Floats]) -> dict[str, Floats]:
    revenue = np.round(true_revenue(world, firms) * 100)
    debt = levels["short_term_debt"] + levels["long_term_debt"]
    before_tax = revenue * true_margin(firms)
    interest = debt * 0.048 / 4
    research = revenue * np.exp(-3.55 + 0.42 * firms.innovation)[:, None] * _lot(chance, firms, 0.3)
    selling, admin = revenue * 0.0145 * _lot(chance, firms, 0.5), revenue * 0.020 * _lot(chance, firms, 0.4)
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
    """Operating flow from profit and working capital, investing flow from the long-lived assets; the rest is financing."""
    working = levels["current_assets"] - levels["cash"] - levels["payables"]
    lasting = levels["total_assets"] - levels["current_assets"]
    wear = flows["depreciation_amortisation"]
    return {
        "operating_cash_flow": flows["net_profit"] + wear - _change(working),
        "investing_cash_flow": -_change(lasting) - wear,
    }


def _change(level: Floats) -> Floats:
    return np.diff(level, axis=1, prepend=level[:, :1])


def statement_frames(world: World, partition: int, firms: Firms, books: Books, last: Ints, sheet: Sheet) -> Frames:
    """Yearly and some interim statements, each published late; one yearly set in 25 is corrected later.

    `last`: the day after which a firm publishes nothing more (it has failed), or NEVER.
    """
    chance = world.stream(partition, "statements")
    parts = []
    for quarter, end in enumerate(world.quarters.ends()):
        months = (quarter % 4 + 1) * 3
        if quarter >= 3 and months in (6, 9, 12):
            some = 0.96 if months == 12 else 0.22
            at = np.flatnonzero(_published(chance, firms, last, int(end), some))
            parts += _statements(chance, books, at, quarter, months, int(end), sheet)
    return {"statements": pl.concat(parts)}


def _published(chance: np.random.Generator, firms: Firms, last: Ints, end: int, some: float) -> Bools:
    alive = (firms.founded < end - 270) & ((last == NEVER) | (last > end))
    return alive & (chance.random(len(firms)) < some)


def _statements(
    chance: np.random.Generator, books: Books, at: Ints, quarter: int, months: int, end: int, sheet: Sheet
) -> list[pl.DataFrame]:
    span = slice(quarter + 1 - months // 3, quarter + 1)
    items = {name: values[at, span].sum(axis=1) for name, values in books.flows.items()}
    items |= {name: values[at, quarter] for name, values in books.levels.items()}
    wait = (45, 150) if months == 12 else (25, 60)
    known = end + chance.integers(*wait, len(at))
    audited = (chance.random(len(at)) < 0.6) & (months == 12)
    first = _shown(items, months, end, audited)
    restated = (chance.random(len(at)) < 0.04) & (months == 12)
    rosy = _rosier(first, np.where(restated, chance.uniform(0.05, 0.35, len(at)), 0.0))
    said = ("document", "synthetic statements")
    rows = sheet.rows("statements", at, known, said, rosy)
    again = np.flatnonzero(restated)
    return [rows, sheet.rows("statements", at[again], known[again] + 200, said, some(first, again))]


def _shown(items: dict[str, Floats], months: int, end: int, audited: Bools) -> dict[str, Floats | Ints | Bools | str]:
    equity = items["total_assets"] - items["total_liabilities"]
    capital = np.round(0.35 * items["total_assets"])
    n = len(equity)
    return {
        **items,
        "equity": equity,
        "retained_earnings": equity - capital,
        "period_end": np.full(n, end),
        "months": np.full(n, months),
        "scope": "parent",
        "basis": "statutory",
        "audited": audited,
    }


def _rosier(items: dict[str, Floats | Ints | Bools | str], share: Floats) -> dict[str, Floats | Ints | Bools | str]:
    """Books in which receivables, and with them profit and equity, were stated too high by a share; they balance too."""
    more = np.round(np.asarray(items["receivables"]) * share)
    raised = ("receivables", "current_assets", "total_assets", "equity", "retained_earnings", "revenue")
    profits = ("operating_profit", "profit_before_tax", "net_profit")
    return {name: items[name] + more if name in (*raised, *profits) else items[name] for name in items}  # type: ignore[operator]
