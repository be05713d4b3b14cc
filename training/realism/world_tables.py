"""The tables of a whole world, from which its figures are measured."""

from collections.abc import Iterable
from datetime import date
from functools import cached_property
from pathlib import Path

import polars as pl

from features.policy import Policy
from training.learning.labels import Observed, labels, last_facts
from training.learning.plan import read
from training.world.days import as_date
from training.world.economy import World
from training.world.write import PartitionRows

KEPT = {
    "holdings": ("patent", "how"),
    "patents": ("patent", "kind", "filed_on", "granted_on", "ipc", "granted_abroad", "in_use"),
    "patent_events": ("patent", "event", "happened_on", "until", "reference", "amount"),
    "titles": ("title", "issued_on", "valid_until"),
    "statements": (
        "period_end", "months", "revenue", "cost_of_sales", "selling_expense", "admin_expense", "rd_expense",
        "interest_expense", "profit_before_tax", "receivables", "inventory", "prepayments", "payables",
        "advances_received", "total_assets", "total_liabilities",
    ),
    "tax_filings": ("period_end", "sales"),
    "guarantees": ("guarantor", "debtor", "kind"),
    "appraisals": ("application", "base_on", "value"),
    "uses": ("application", "amount"),
    "bureau": ("queried_on",),
    "person_bureau": ("queried_on",),
    "applications": ("application", "applied_on", "amount", "term_months", "renews"),
    "loans": ("loan", "application", "drawn_on", "term_months", "amount", "renews"),
    "collateral": ("application", "kind", "item"),
    "performance": ("loan", "month_end", "days_past_due", "balance", "settled_by", "recovered"),
}  # fmt: skip
"""The columns that figures read; the others are let go, so that a world of any size can be measured."""
PLAN = Path(__file__).parents[1] / "plans" / "pledge.toml"


class WorldTables:
    """What figures are read from: the tables of a whole world, with each fact as last stated."""

    def __init__(self, world: World, parts: Iterable[PartitionRows], policy: Policy) -> None:
        """Reads the parts one by one; loans are labelled by the code, and the shipped plan, that training uses."""
        self.world, self.policy = world, policy
        plan, far = read(PLAN).model_copy(update={"horizon": "12m"}), Observed(None, as_date(world.seen_until))
        kept: dict[str, list[pl.DataFrame]] = {name: [] for name in KEPT}
        labelled, truth = [], []
        for part in parts:
            for name, columns in KEPT.items():
                kept[name].append(last_facts(part.tables, name, None).select("firm", *columns))
            labelled.append(labels(part.tables, plan, far, policy))
            truth.append(part.truth["part"])
        self.tables = {name: pl.concat(frames) for name, frames in kept.items()}
        self.cases = pl.concat(labelled).join(pl.concat(truth).drop("firm", "as_of"), on="application")

    def __getitem__(self, table: str) -> pl.DataFrame:
        return self.tables[table]

    @cached_property
    def day(self) -> date:
        """The last day on which firms apply: stocks are measured as of it."""
        return as_date(self.world.end)

    @cached_property
    def rights(self) -> pl.DataFrame:
        """Each granted patent once, held by the firm that filed it, with the day on which it ended (null: in force)."""
        own = self["holdings"].filter(pl.col("how") == "original").select("firm", "patent")
        granted = self["patents"].filter(pl.col("granted_on").is_not_null()).join(own, on=["firm", "patent"])
        happened = self["patent_events"].select("patent", "event", "happened_on").unique()
        back = happened.filter(pl.col("event") == "restored").select("patent", restored="happened_on")
        ends = happened.filter(pl.col("event").is_in(["lapsed", "expired", "abandoned", "invalidated"]))
        ends = ends.join(back, on="patent", how="left").filter(
            ~((pl.col("event") == "lapsed") & (pl.col("restored") > pl.col("happened_on"))).fill_null(False)
        )
        ended = (
            ends.sort("happened_on")
            .group_by("patent")
            .agg(ended_on=pl.col("happened_on").first(), ended_how=pl.col("event").first())
        )
        return granted.join(ended, on="patent", how="left")

    @cached_property
    def in_force(self) -> pl.DataFrame:
        """The patents in force on the day."""
        granted = self.rights.filter(pl.col("granted_on") <= self.day)
        return granted.filter(pl.col("ended_on").is_null() | (pl.col("ended_on") > self.day))

    @cached_property
    def inventions(self) -> pl.DataFrame:
        """Inventions in force, with each criterion of high value."""
        found = self.in_force.filter(pl.col("kind") == "invention")
        strategic = self.policy("strategic_industries.ipc_subclasses").on(self.day)
        subclasses = sorted({word for words in strategic.values() for word in words})
        awards = self["patent_events"].filter(pl.col("event") == "award")["patent"].unique()
        return found.with_columns(
            strategic=pl.col("ipc").str.head(4).is_in(subclasses),
            kept_ten_years=pl.col("filed_on").dt.offset_by("10y") < self.day,
            abroad=pl.col("granted_abroad"),
            award=pl.col("patent").is_in(awards.implode()),
        ).with_columns(high_value=pl.any_horizontal("strategic", "kept_ten_years", "abroad", "award"))

    @cached_property
    def books(self) -> pl.DataFrame:
        """Yearly statements of the last full year."""
        return self["statements"].filter(
            (pl.col("months") == 12) & (pl.col("period_end") == date(self.day.year, 12, 31))
        )

    @cached_property
    def verdicts(self) -> pl.DataFrame:
        """Decided invalidation requests with the kind of right, each once."""
        names = ["invalidated", "invalidated_in_part", "invalidation_rejected"]
        events = self["patent_events"].filter(pl.col("event").is_in(names)).unique(["patent", "event"])
        return events.join(self["patents"].unique("patent").select("patent", "kind"), on="patent")

    @cached_property
    def lent(self) -> pl.DataFrame:
        """Loans that were drawn."""
        return self["loans"].filter(pl.col("drawn_on").is_not_null())

    @cached_property
    def old_models(self) -> pl.DataFrame:
        """Utility models whose ten years are over."""
        models = self.rights.filter(pl.col("kind") == "utility_model")
        return models.filter(pl.col("filed_on").dt.offset_by("10y") <= self.day)
