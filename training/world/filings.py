"""What firms file: the business register's rows and their statements, published late, some corrected later."""

import numpy as np
import polars as pl

from features.arrays import Bools, Floats, Ints
from training.world.days import NEVER, day
from training.world.economy import INDUSTRIES, World
from training.world.firms import MEAN_SIZE, SyntheticFirms
from training.world.partition import Partition
from training.world.rows import Frames, Values, places, some, texts

Shown = dict[str, Floats | Ints | Bools | str]
"""The items of sets of books by name."""


def firm_frames(partition: Partition) -> Frames:
    """The register's row about each firm, and a second one where a fact changed in the span."""
    chance, world, firms, sheet = partition.stream("register"), partition.world, partition.firms, partition.sheet
    n, everyone = len(firms), np.arange(len(firms))
    known = np.maximum(firms.founded + 20, day(world.first_year - 4))
    staff = np.maximum(3, np.exp(firms.size - 13.53 + 0.35 * chance.standard_normal(n))).astype(np.int64)
    research = np.minimum(staff, staff * np.clip(0.13 + 0.07 * firms.innovation, 0.0, 0.9)).astype(np.int64)
    capital = np.exp(firms.size - 1.6 + 0.6 * chance.standard_normal(n))
    registered = (np.round(capital / 1e5) + 1).astype(np.int64) * 10_000_000
    first: dict[str, Values] = {
        "legal_name": texts("合成启明", firm_numbers(firms), 9) + "科技有限公司",
        "industry": pl.Series([i.code for i in INDUSTRIES]).gather(firms.industry),
        "region": pl.Series(firms.region).cast(pl.String),
        "founded_on": firms.founded,
        "staff": staff,
        "rd_staff": research,
        "registered_capital": registered,
        "paid_in_capital": (registered * np.clip(chance.beta(4, 1.5, n), 0.05, 1.0)).astype(np.int64),
        "listed": chance.random(n) < 0.004,
        "ownership": firms.ownership,
        "customer_since": np.where(chance.random(n) < 0.7, known, NEVER),
        "status": "in_business",
    }
    rows = sheet.rows("firms", everyone, known, ("register", "synthetic business register"), first)
    return {"firms": pl.concat([rows, _grown(world, chance, firms, rows, known)])}


def _grown(
    world: World, chance: np.random.Generator, firms: SyntheticFirms, rows: pl.DataFrame, known: Ints
) -> pl.DataFrame:
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


def firm_numbers(firms: SyntheticFirms) -> Ints:
    """A number for the made-up names of each firm and of its people, from its credit code; at most nine digits."""
    return np.array([int(key[13:21], 36) % 10**9 for key in firms.keys], dtype=np.int64)


def statement_frames(partition: Partition, last: Ints) -> Frames:
    """Yearly and some interim statements, each published late; one yearly set in 25 is corrected later.

    `last`: the day after which a firm publishes nothing more (it has failed), or NEVER.
    """
    chance, firms = partition.stream("statements"), partition.firms
    parts = []
    for quarter, end in enumerate(partition.world.quarters.ends()):
        months = (quarter % 4 + 1) * 3
        if quarter >= 3 and months in (6, 9, 12):
            some = 0.985 if months == 12 else 0.85
            at = np.flatnonzero(_published(chance, firms, last, int(end), some))
            parts += _statements(partition, chance, at, quarter, months)
    return {"statements": pl.concat(parts)}


def _published(chance: np.random.Generator, firms: SyntheticFirms, last: Ints, end: int, some: float) -> Bools:
    alive = (firms.founded < end - 270) & ((last == NEVER) | (last > end))
    found: Bools = alive & (chance.random(len(firms)) < some)
    return found


def _statements(
    partition: Partition, chance: np.random.Generator, at: Ints, quarter: int, months: int
) -> list[pl.DataFrame]:
    """The sets of books whose last quarter it is, of firms at places, and the corrections that follow."""
    books, sheet, end = partition.books, partition.sheet, int(partition.world.quarters.ends()[quarter])
    span = slice(quarter + 1 - months // 3, quarter + 1)
    items = {name: values[at, span].sum(axis=1) for name, values in books.flows.items()}
    items |= {name: values[at, quarter] for name, values in books.levels.items()}
    wait = (40, 91) if months == 12 else (25, 60)
    known = end + chance.integers(*wait, len(at))
    audited = (chance.random(len(at)) < _audited_share(partition.firms.size[at])) & (months == 12)
    opinion = _opinions(chance, partition.firms, at, quarter, audited)
    first = _inflated(_shown(items, months, end, opinion), books.overstated[at])
    restated = (chance.random(len(at)) < 0.04) & (months == 12)
    rosy = _rosier(first, np.where(restated, chance.uniform(0.05, 0.35, len(at)), 0.0))
    said = ("document", "synthetic statements")
    rows = sheet.rows("statements", at, known, said, rosy)
    again = np.flatnonzero(restated)
    return [rows, sheet.rows("statements", at[again], known[again] + 200, said, some(first, again))]


def _audited_share(size: Floats) -> Floats:
    """The larger a firm, the likelier it has an auditor; assumed."""
    return np.clip(0.6 + 0.25 * (size - MEAN_SIZE), 0.15, 0.98)


def _opinions(chance: np.random.Generator, firms: SyntheticFirms, at: Ints, quarter: int, audited: Bools) -> Ints:
    """The auditor's opinion on each set of books, as a place among the choices: doubts come with stress; assumed."""
    doubt = 0.5 * firms.stress[at, quarter] + 0.6 * firms.dishonest[at] + chance.standard_normal(len(at))
    grade = np.searchsorted(np.array([2.1, 2.9, 3.9, 4.1]), doubt)
    told = places("statements", "audit_opinion", "unqualified", "emphasis", "qualified", "disclaimer", "adverse")
    found: Ints = np.where(audited, told[grade], places("statements", "audit_opinion", "unaudited")[0])
    return found


def _shown(items: dict[str, Floats], months: int, end: int, opinion: Ints) -> Shown:
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
        "audited": opinion == places("statements", "audit_opinion", "unqualified")[0],
        "audit_opinion": opinion,
    }


def _inflated(items: Shown, share: Floats) -> Shown:
    """Books in which sales were stated too high by a share, with a tenth of that as profit and receivables."""
    sales = np.round(np.asarray(items["revenue"]) * share)
    gain = np.round(0.1 * sales)
    more = dict.fromkeys((*_OF_ASSETS, *_OF_PROFIT), gain)
    more |= {"revenue": sales, "main_revenue": sales, "cost_of_sales": sales - gain}
    return {name: items[name] + more[name] if name in more else items[name] for name in items}  # type: ignore[operator]


_OF_ASSETS = ("receivables", "current_assets", "total_assets", "equity", "retained_earnings")
_OF_PROFIT = ("operating_profit", "profit_before_tax", "net_profit")


def _rosier(items: Shown, share: Floats) -> Shown:
    """Books in which receivables, and with them profit and equity, were stated too high by a share; they balance."""
    more = np.round(np.asarray(items["receivables"]) * share)
    raised = ("revenue", *_OF_ASSETS, *_OF_PROFIT)
    return {name: items[name] + more if name in raised else items[name] for name in items}  # type: ignore[operator]
