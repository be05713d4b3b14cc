"""How each published figure is measured in the tables of a world; a figure of a kind is made by what it is about."""

from collections.abc import Callable

import polars as pl

from training.realism.world_tables import WorldTables
from training.world.days import as_date


def number(value: object) -> float:
    """A measured value as a float; NaN where there is nothing to measure."""
    return float(value) if isinstance(value, int | float) else float("nan")


def share(rows: pl.DataFrame, part: pl.Expr) -> float:
    """The share of the rows for which `part` holds."""
    return number(rows.select(part.mean()).item())


def amounts(seen: WorldTables) -> pl.Series:
    """Amounts registered with pledges, in million yuan; renewals register what they renew and are left out."""
    pledged = seen["patent_events"].filter(pl.col("event") == "pledged").unique(["patent", "reference"])
    each = pledged.group_by("reference").agg(pl.col("amount").sum())
    fresh = seen.lent.filter(pl.col("renews").is_null())
    return each.join(fresh.select(reference="PESYN" + pl.col("loan").str.slice(5)), on="reference")["amount"] / 1e8


def amount_up_to(most: float) -> Callable[[WorldTables], float]:
    """Share of the pledges that register at most so many million yuan."""
    return lambda seen: number((amounts(seen) <= most).mean())


def terms(least: int, below: int) -> Callable[[WorldTables], float]:
    """Share of the loans with a term of `least` months or more and less than `below`."""
    return lambda seen: share(seen.lent, pl.col("term_months").is_between(least, below - 1))


def pledged(seen: WorldTables) -> pl.DataFrame:
    """Patents pledged for applications, with their kind."""
    offered = seen["collateral"].filter((pl.col("kind") == "patent") & pl.col("application").is_not_null())
    kinds = seen["patents"].select("patent", right="kind").unique("patent")
    return offered.join(kinds, left_on="item", right_on="patent")


def patents_per_pledge(seen: WorldTables) -> float:
    """Mean number of patents offered in an application that offers any."""
    offered = pledged(seen)
    return offered.height / offered["application"].n_unique()


def pledged_share(kind: str) -> Callable[[WorldTables], float]:
    """Share of a kind of right among the pledged patents."""
    return lambda seen: share(pledged(seen), pl.col("right") == kind)


def inventions_per_holder(seen: WorldTables) -> float:
    """Mean number of inventions in force of a firm that holds any."""
    return seen.inventions.height / seen.inventions["firm"].n_unique()


def inventions_per_little_giant(seen: WorldTables) -> float:
    """Mean number of inventions in force of a firm that holds the title of little giant."""
    held = (pl.col("issued_on") <= seen.day) & (pl.col("valid_until") >= seen.day)
    giants = seen["titles"].filter((pl.col("title") == "little_giant") & held)["firm"].unique()
    return seen.inventions.filter(pl.col("firm").is_in(giants.implode())).height / giants.len()


def of_inventions(part: str) -> Callable[[WorldTables], float]:
    """Share of the inventions in force that meet a criterion of high value."""
    return lambda seen: share(seen.inventions, pl.col(part))


def of_high_value(part: str) -> Callable[[WorldTables], float]:
    """Share of the high-value inventions that meet one of its criteria."""
    return lambda seen: share(seen.inventions.filter("high_value"), pl.col(part))


def with_event(event: str) -> Callable[[WorldTables], float]:
    """Share of the patents in force to which an event happened by the day."""

    def measure(seen: WorldTables) -> float:
        had = seen["patent_events"].filter((pl.col("event") == event) & (pl.col("happened_on") <= seen.day))
        return share(seen.in_force, pl.col("patent").is_in(had["patent"].unique().implode()))

    return measure


def met_infringement(seen: WorldTables) -> float:
    """Share of the holders of patents in force that were in a dispute by the day."""
    had = seen["patent_events"].filter((pl.col("event") == "dispute") & (pl.col("happened_on") <= seen.day))
    return share(seen.in_force.unique("firm"), pl.col("firm").is_in(had["firm"].unique().implode()))


def invalidation_hazard(seen: WorldTables) -> float:
    """Invalidation requests per patent and year in force."""
    asked = seen["patent_events"].filter(pl.col("event") == "invalidation_requested").unique("patent").height
    until = pl.col("ended_on").clip(upper_bound=as_date(seen.world.seen_until))
    until = until.fill_null(as_date(seen.world.seen_until))
    years = seen.rights.select(((until - pl.col("granted_on")).dt.total_days()).clip(0).sum()).item() / 365.25
    return asked / number(years)


def verdict(kind: str, event: str) -> Callable[[WorldTables], float]:
    """Share of a verdict among the decided invalidation requests against a kind of right."""
    return lambda seen: share(seen.verdicts.filter(pl.col("kind") == kind), pl.col("event") == event)


def invalidation_months(seen: WorldTables) -> float:
    """Mean months from a request for invalidation to its decision, where the patent lived on in part at least."""
    asked = seen["patent_events"].filter(pl.col("event") == "invalidation_requested").unique("patent")
    decided = seen["patent_events"].filter(pl.col("event").is_in(["invalidated_in_part", "invalidation_rejected"]))
    both = decided.unique("patent").join(asked.select("patent", asked="happened_on"), on="patent")
    return number(both.select((pl.col("happened_on") - pl.col("asked")).dt.total_days().mean()).item()) / 30.4375


def licence_years(seen: WorldTables) -> float:
    """Mean term of a licence, in years."""
    given = seen["patent_events"].filter(pl.col("event") == "licensed")
    return number(given.select((pl.col("until") - pl.col("happened_on")).dt.total_days().mean()).item()) / 365.25


def old_model(how: str) -> Callable[[WorldTables], float]:
    """Share of the utility models older than ten years that ended so."""
    return lambda seen: share(seen.old_models, (pl.col("ended_how") == how).fill_null(False))


def books(part: str, whole: str, times: float = 1.0) -> Callable[[WorldTables], float]:
    """One item of the books over another, summed over all firms, times a factor."""
    return lambda seen: times * number(seen.books[part].sum()) / number(seen.books[whole].sum())


def fees(seen: WorldTables) -> float:
    """Expenses per 100 of revenue, summed over all firms."""
    items = ("selling_expense", "admin_expense", "rd_expense", "interest_expense")
    return 100 * sum(number(seen.books[item].sum()) for item in items) / number(seen.books["revenue"].sum())


def default_rate(seen: WorldTables) -> float:
    """Share of the labelled loans that defaulted."""
    return number(seen.cases["label"].mean())


def recovered(seen: WorldTables) -> float:
    """Mean share of what was owed at the default that the patents alone brought in."""
    own = seen["performance"].filter(pl.col("settled_by").is_in(["sale_at_loss", "write_off"]))
    owed = (
        seen["performance"]
        .group_by("firm", "loan")
        .agg(owed=pl.col("balance").filter(pl.col("days_past_due") > 90).first())
    )
    both = own.join(owed, on=["firm", "loan"]).filter(pl.col("owed") > 0)
    return number(both.select((pl.col("recovered") / pl.col("owed")).mean()).item())
