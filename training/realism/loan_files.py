"""Figures of books and loan files for which nothing is published: what is assumed of them, and what the world shows.

The NBS's 20.0 days of inventory count finished goods alone; with materials and work in progress a manufacturer holds
two to three times that. The other targets are the product's own assumptions, told as such.
"""

from collections.abc import Callable

import polars as pl

from training.realism.measures import books, number, share
from training.realism.published import PublishedFigure
from training.realism.world_tables import WorldTables


def cash_cycle(seen: WorldTables) -> float:
    """Days from paying suppliers to being paid: stock and prepayments less payables, and receivables less advances."""
    stock = sum(sign * books(item, "cost_of_sales", 365)(seen) for item, sign in _OF_COST)
    return stock + books("receivables", "revenue", 365)(seen) - books("advances_received", "revenue", 365)(seen)


_OF_COST = (("inventory", 1), ("prepayments", 1), ("payables", -1))


def sales_gap(seen: WorldTables) -> float:
    """Share of years with all filings of firms whose books show sales over a tenth higher than what was declared."""
    year = pl.col("period_end").dt.year()
    filed = seen["tax_filings"].group_by("firm", year=year).agg(pl.col("sales").sum(), filed=pl.len())
    shown = seen["statements"].filter(pl.col("months") == 12).select("firm", "revenue", year=year)
    both = filed.filter(pl.col("filed") == 4).join(shown, on=["firm", "year"])
    return share(both, pl.col("sales") < 0.9 * pl.col("revenue"))


def in_circle(seen: WorldTables) -> float:
    """Share of the firms that guarantee another's debt while that other guarantees theirs."""
    given = seen["guarantees"].filter(pl.col("kind") == "company").select("firm", "guarantor", "debtor").unique()
    back = given.select("firm", guarantor="debtor", debtor="guarantor")
    return given.join(back, on=["firm", "guarantor", "debtor"])["firm"].n_unique() / seen.world.firms


def appraised_to_assets(seen: WorldTables) -> float:
    """Median of what the patents were appraised at over the total assets of the latest yearly books before."""
    latest = seen["statements"].filter(pl.col("months") == 12).select("firm", "period_end", "total_assets")
    asked = seen["appraisals"].sort("base_on")
    both = asked.join_asof(
        latest.sort("period_end"), left_on="base_on", right_on="period_end", by="firm", check_sortedness=False
    )
    return number((both["value"] / both["total_assets"]).median())


def whole_files(seen: WorldTables) -> float:
    """Share of the applications with both credit reports, all uses, and a year of tax filings or account flows."""
    asked = seen["applications"].select("application", "firm", "amount", "applied_on").unique("application")
    told = seen["uses"].group_by("application").agg(told=pl.col("amount").sum())
    found = asked.join(told, on="application", how="left").with_columns(whole=pl.col("told") >= pl.col("amount"))
    for table in ("bureau", "person_bureau"):
        rows = seen[table].select("firm", "queried_on", there=pl.lit(True)).sort("queried_on")
        found = found.sort("applied_on").join_asof(
            rows,
            left_on="applied_on",
            right_on="queried_on",
            by="firm",
            tolerance="90d",
            suffix=f"_{table}",
            check_sortedness=False,
        )
    there = pl.col("there").fill_null(False) & pl.col("there_person_bureau").fill_null(False)
    return share(found, there & pl.col("whole").fill_null(False))


def _assumed(
    code: str, target: float, low: float, high: float, source: str, measure: Callable[[WorldTables], float]
) -> PublishedFigure:
    return PublishedFigure(code, target, low, high, "input", source, measure)


LOAN_FILE_FIGURES = (
    _assumed("inventory_days", 55, 50, 60, "all_inventory", books("inventory", "cost_of_sales", 365)),
    _assumed("prepayment_days", 12, 10.8, 13.2, "assumed", books("prepayments", "cost_of_sales", 365)),
    _assumed("payable_days", 60, 54, 66, "assumed", books("payables", "cost_of_sales", 365)),
    _assumed("advance_days", 9, 8.1, 9.9, "assumed", books("advances_received", "revenue", 365)),
    _assumed("cash_cycle", 65, 55, 75, "assumed", cash_cycle),
    _assumed("interest_per_100", 1.0, 0.8, 1.2, "assumed", books("interest_expense", "revenue", 100)),
    _assumed("sales_gap", 0.06, 0.03, 0.09, "assumed", sales_gap),
    _assumed("in_circle", 0.012, 0.004, 0.020, "assumed", in_circle),
    _assumed("appraised_to_assets", 0.28, 0.18, 0.38, "assumed", appraised_to_assets),
    _assumed("whole_files", 0.95, 0.90, 1.0, "assumed", whole_files),
)
