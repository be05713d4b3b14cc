"""Every published figure that the world is compared with: target, tolerance, source, and how it is read off the tables.

The tolerance is 10% of the target, or the source's own range where it gives one. A figure that the world was given as
an input says so: it is measured all the same, from the rows, and shows only that nothing was lost on the way.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import polars as pl

from features.policy import Policy
from training.learning.labels import Observed, labels, last_facts
from training.learning.plan import read
from training.world.days import as_date
from training.world.economy import World
from training.world.write import Partition

Origin = Literal["input", "fitted", "follows"]
"""Whether the world was given the figure, was fitted until it met it, or meets it by what else it is."""


KEPT = {
    "holdings": ("patent", "how"),
    "patents": ("patent", "kind", "filed_on", "granted_on", "ipc", "granted_abroad", "in_use"),
    "patent_events": ("patent", "event", "happened_on", "until"),
    "titles": ("title", "issued_on", "valid_until"),
    "statements": (
        "period_end", "months", "revenue", "cost_of_sales", "selling_expense", "admin_expense", "rd_expense",
        "interest_expense", "profit_before_tax", "receivables", "inventory", "total_assets", "total_liabilities",
    ),
    "applications": ("application", "amount", "term_months", "renews"),
    "loans": ("loan", "application", "drawn_on", "term_months", "amount"),
    "collateral": ("application", "kind", "item"),
    "performance": ("loan", "month_end", "days_past_due", "balance", "settled_by", "recovered"),
}  # fmt: skip
"""The columns that figures read; the others are let go, so that a world of any size can be measured."""
PLAN = Path(__file__).parents[1] / "plans" / "pledge.toml"


class Seen:
    """What figures are read from: the tables of a whole world, with each fact as last stated."""

    def __init__(self, world: World, parts: Iterable[Partition], policy: Policy) -> None:
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


@dataclass(frozen=True)
class Figure:
    """A published figure: what it is, what the world should show, and how it is measured."""

    name: str
    target: float
    low: float
    high: float
    origin: Origin
    source: str
    measure: Callable[[Seen], float]

    def met(self, value: float) -> bool:
        """Whether a value lies within the tolerance."""
        return self.low <= value <= self.high


# --- how each is measured -------------------------------------------------------------------------------------------


def _number(value: Any) -> float:
    return float(value) if value is not None else float("nan")


def _share(rows: pl.DataFrame, part: pl.Expr) -> float:
    return _number(rows.select(part.mean()).item())


def _amounts(seen: Seen) -> pl.Series:
    """Amounts asked for, in million yuan; renewals ask for what they renew and are left out."""
    return seen["applications"].filter(pl.col("renews").is_null())["amount"] / 1e8


def _amount_up_to(most: float) -> Callable[[Seen], float]:
    return lambda seen: _number((_amounts(seen) <= most).mean())


def _terms(least: int, below: int) -> Callable[[Seen], float]:
    return lambda seen: _share(seen.lent, pl.col("term_months").is_between(least, below - 1))


def _pledged(seen: Seen) -> pl.DataFrame:
    """Patents pledged for applications, with their kind."""
    offered = seen["collateral"].filter((pl.col("kind") == "patent") & pl.col("application").is_not_null())
    kinds = seen["patents"].select("patent", right="kind").unique("patent")
    return offered.join(kinds, left_on="item", right_on="patent")


def _patents_per_pledge(seen: Seen) -> float:
    offered = _pledged(seen)
    return offered.height / offered["application"].n_unique()


def _pledged_share(kind: str) -> Callable[[Seen], float]:
    return lambda seen: _share(_pledged(seen), pl.col("right") == kind)


def _inventions_per_holder(seen: Seen) -> float:
    return seen.inventions.height / seen.inventions["firm"].n_unique()


def _inventions_per_little_giant(seen: Seen) -> float:
    held = (pl.col("issued_on") <= seen.day) & (pl.col("valid_until") >= seen.day)
    giants = seen["titles"].filter((pl.col("title") == "little_giant") & held)["firm"].unique()
    return seen.inventions.filter(pl.col("firm").is_in(giants.implode())).height / giants.len()


def _of_inventions(part: str) -> Callable[[Seen], float]:
    return lambda seen: _share(seen.inventions, pl.col(part))


def _of_high_value(part: str) -> Callable[[Seen], float]:
    return lambda seen: _share(seen.inventions.filter("high_value"), pl.col(part))


def _with_event(event: str) -> Callable[[Seen], float]:
    def measure(seen: Seen) -> float:
        had = seen["patent_events"].filter((pl.col("event") == event) & (pl.col("happened_on") <= seen.day))
        return _share(seen.in_force, pl.col("patent").is_in(had["patent"].unique().implode()))

    return measure


def _met_infringement(seen: Seen) -> float:
    had = seen["patent_events"].filter((pl.col("event") == "dispute") & (pl.col("happened_on") <= seen.day))
    return _share(seen.in_force.unique("firm"), pl.col("firm").is_in(had["firm"].unique().implode()))


def _invalidation_hazard(seen: Seen) -> float:
    asked = seen["patent_events"].filter(pl.col("event") == "invalidation_requested").unique("patent").height
    until = pl.col("ended_on").clip(upper_bound=as_date(seen.world.seen_until))
    until = until.fill_null(as_date(seen.world.seen_until))
    years = seen.rights.select(((until - pl.col("granted_on")).dt.total_days()).clip(0).sum()).item() / 365.25
    return asked / _number(years)


def _verdict(kind: str, event: str) -> Callable[[Seen], float]:
    return lambda seen: _share(seen.verdicts.filter(pl.col("kind") == kind), pl.col("event") == event)


def _invalidation_months(seen: Seen) -> float:
    asked = seen["patent_events"].filter(pl.col("event") == "invalidation_requested").unique("patent")
    decided = seen["patent_events"].filter(pl.col("event").is_in(["invalidated_in_part", "invalidation_rejected"]))
    both = decided.unique("patent").join(asked.select("patent", asked="happened_on"), on="patent")
    return _number(both.select((pl.col("happened_on") - pl.col("asked")).dt.total_days().mean()).item()) / 30.4375


def _licence_years(seen: Seen) -> float:
    given = seen["patent_events"].filter(pl.col("event") == "licensed")
    return _number(given.select((pl.col("until") - pl.col("happened_on")).dt.total_days().mean()).item()) / 365.25


def _old_model(how: str) -> Callable[[Seen], float]:
    return lambda seen: _share(seen.old_models, (pl.col("ended_how") == how).fill_null(False))


def _books(part: str, whole: str, times: float = 1.0) -> Callable[[Seen], float]:
    return lambda seen: times * _number(seen.books[part].sum()) / _number(seen.books[whole].sum())


def _fees(seen: Seen) -> float:
    items = ("selling_expense", "admin_expense", "rd_expense", "interest_expense")
    return 100 * sum(_number(seen.books[item].sum()) for item in items) / _number(seen.books["revenue"].sum())


def _default_rate(seen: Seen) -> float:
    return _number(seen.cases["label"].mean())


def _recovered(seen: Seen) -> float:
    own = seen["performance"].filter(pl.col("settled_by").is_in(["sale_at_loss", "write_off"]))
    owed = (
        seen["performance"]
        .group_by("firm", "loan")
        .agg(owed=pl.col("balance").filter(pl.col("days_past_due") > 90).first())
    )
    both = own.join(owed, on=["firm", "loan"]).filter(pl.col("owed") > 0)
    return _number(both.select((pl.col("recovered") / pl.col("owed")).mean()).item())


# --- the figures ----------------------------------------------------------------------------------------------------


def _near(name: str, target: float, origin: Origin, source: str, measure: Callable[[Seen], float]) -> Figure:
    """A figure with the tolerance of 10%."""
    return Figure(name, target, 0.9 * target, 1.1 * target, origin, source, measure)


_2023H1 = "证券日报 2023-07-18 (1.6万 pledges, 2,676.6亿; 72.5% up to 10m)"
_2009 = "SIPO 专利统计简报 2010-06 (2009)"
_HIGH_VALUE = "中新网, 证券日报 2026-01-23; 国新办 2025-07-17"
_INVALID = "CNIPA 2020 via mondaq 1069630"
_NBS = "NBS, industrial firms above scale, 2024"
_MODELS = "40 utility models published 2014 (EPO OPS); range: 95% interval for n = 40"

FIGURES = (
    _near(
        "loan asked for, median (million yuan)",
        3.460062,
        "input",
        _2023H1 + ", lognormal through both",
        lambda s: _number(_amounts(s).median()),
    ),
    _near("loan asked for, mean (million yuan)", 16.73, "follows", _2023H1, lambda s: _number(_amounts(s).mean())),
    _near("share of loans up to 10m yuan", 0.725, "follows", _2023H1, _amount_up_to(10)),
    Figure(
        "share of loans up to 20m yuan",
        0.838,
        0.80,
        0.90,
        "follows",
        "中国质量报 2024-09-12 (over 80%)",
        _amount_up_to(20),
    ),
    _near("share of loans under 12 months", 0.065, "input", _2009, _terms(0, 12)),
    _near("share of loans of 12 to 23 months", 0.470, "input", _2009, _terms(12, 24)),
    _near("share of loans of 24 to 35 months", 0.167, "input", _2009, _terms(24, 36)),
    _near("share of loans of 36 months and more", 0.298, "input", _2009, _terms(36, 601)),
    _near("patents per pledge, mean", 4.0, "fitted", _2009, _patents_per_pledge),
    _near(
        "share of inventions among pledged patents",
        0.60,
        "fitted",
        "assumed shift of the 2009 mix",
        _pledged_share("invention"),
    ),
    _near(
        "share of utility models among pledged patents",
        0.38,
        "fitted",
        "assumed shift of the 2009 mix",
        _pledged_share("utility_model"),
    ),
    _near(
        "inventions in force per firm that has any",
        6.4,
        "fitted",
        "证券日报 2022-01-13 (190.8万 in 29.8万 firms)",
        _inventions_per_holder,
    ),
    _near(
        "inventions in force per little giant",
        22.3,
        "fitted",
        "CNIPA/MIIT 2024-11 (32.74万 in 1.46万 firms)",
        _inventions_per_little_giant,
    ),
    _near("high-value share of inventions in force", 0.431, "follows", _HIGH_VALUE, _of_inventions("high_value")),
    _near(
        "strategic-industry share of inventions in force",
        0.288,
        "fitted",
        _HIGH_VALUE + "; by a coarse IPC list of ours, assumed",
        _of_inventions("strategic"),
    ),
    _near(
        "share of inventions in force kept over ten years",
        0.158,
        "fitted",
        _HIGH_VALUE,
        _of_inventions("kept_ten_years"),
    ),
    _near("share of inventions in force with a right abroad", 0.028, "fitted", _HIGH_VALUE, _of_inventions("abroad")),
    _near(
        "strategic-industry share of high-value inventions",
        0.669,
        "follows",
        _HIGH_VALUE + " (153.4万 of 229.2万)",
        _of_high_value("strategic"),
    ),
    _near(
        "inventions put to use, share",
        0.54,
        "fitted",
        "证券日报 2026-01-23 (enterprises, 2025)",
        _of_inventions("in_use"),
    ),
    _near("patents in force ever licensed, share", 0.063, "fitted", "汽车文摘 2022-8 (2020)", _with_event("licensed")),
    _near(
        "patents in force ever transferred, share",
        0.044,
        "fitted",
        "汽车文摘 2022-8 (2020)",
        _with_event("transferred"),
    ),
    _near("holders that met infringement, share", 0.108, "fitted", "CNIPA survey 2020 (12425.cn)", _met_infringement),
    _near(
        "invalidation requests per patent and year",
        0.0005,
        "input",
        _INVALID + "; denominator own knowledge",
        _invalidation_hazard,
    ),
    _near(
        "inventions challenged: wholly invalid, share", 0.253, "input", _INVALID, _verdict("invention", "invalidated")
    ),
    _near(
        "inventions challenged: partly invalid, share",
        0.149,
        "input",
        _INVALID,
        _verdict("invention", "invalidated_in_part"),
    ),
    _near(
        "utility models challenged: wholly invalid, share",
        0.392,
        "input",
        _INVALID,
        _verdict("utility_model", "invalidated"),
    ),
    _near(
        "utility models challenged: partly invalid, share",
        0.182,
        "input",
        _INVALID,
        _verdict("utility_model", "invalidated_in_part"),
    ),
    _near("months from request to decision", 5.9, "input", _INVALID, _invalidation_months),
    Figure(
        "years of a licence, mean",
        3.0,
        3.0,
        3.6,
        "input",
        "国知办函运字〔2024〕1070号 (2022: 3.6, 2023: 3.0)",
        _licence_years,
    ),
    Figure("utility models that lived ten years, share", 0.30, 0.18, 0.455, "fitted", _MODELS, _old_model("expired")),
    Figure("utility models that lapsed for fees, share", 0.40, 0.264, 0.554, "fitted", _MODELS, _old_model("lapsed")),
    _near("profit before tax over revenue", 0.0529, "fitted", _NBS, _books("profit_before_tax", "revenue")),
    _near(
        "share of firms that lose money",
        0.28,
        "fitted",
        _NBS,
        lambda s: _share(s.books, pl.col("profit_before_tax") < 0),
    ),
    _near("cost of sales per 100 of revenue", 85.39, "follows", _NBS, _books("cost_of_sales", "revenue", 100)),
    _near("expenses per 100 of revenue", 8.42, "fitted", _NBS, _fees),
    _near("liabilities over assets", 0.576, "fitted", _NBS, _books("total_liabilities", "total_assets")),
    _near("revenue over assets", 0.773, "fitted", _NBS, _books("revenue", "total_assets")),
    _near("receivables, days of revenue", 66.7, "fitted", _NBS, _books("receivables", "revenue", 365)),
    _near("inventory, days of cost of sales", 20.0, "fitted", _NBS, _books("inventory", "cost_of_sales", 365)),
    Figure(
        "defaults within 12 months of drawdown",
        0.015,
        0.0105,
        0.0255,
        "fitted",
        "Korean IP-collateral loans 2020-2024H1: 1.05 to 2.55% (newsis 2024-11-05); 代偿率 1.84% (2024)",
        _default_rate,
    ),
    Figure(
        "recovered of what was owed, patents alone",
        0.125,
        0.05,
        0.20,
        "input",
        "assumed 5 to 20%; KOTEC 4.98%, KODIT 2.7% (2025)",
        _recovered,
    ),
)

LEFT_OUT = {
    "amounts pledged or lent in the nation and by province": "totals of a nation; the world has no scale",
    "loan means of single cities and schemes (Qingdao, Chongqing, Chengdu)": "other products than the one fitted to",
    "designs challenged: wholly (46.0%) or partly (1.1%) invalid": "some thirty cases in the world that is measured",
    "share of designs among pledged patents (2%)": "what the other two shares leave",
    "non-performing ratios of commercial banks": "of whole books; none of pledge loans is published",
    "Korean guarantee funds' claims (4.76%) and the SBA's cumulative default (17.4%)": "other borrowers, other terms",
    "licence fees": "no licence fees are made",
    "little giants that used a pledge (37.1%)": "the loans of a world are asked for, not a rate of its firms",
    "numbers of holders and patents in the nation": "totals of a nation",
    "value added of patent-intensive industries": "the world has no national accounts",
    "default by industry": "not published for small Chinese firms",
    "length of life of patents by kind": "not published but for 40 utility models, which are compared",
}
"""Published figures that are not compared, with why."""
