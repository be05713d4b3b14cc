"""Every published figure that the world is compared with: target, tolerance, source, and how it is read off the tables.

The tolerance is 10% of the target, or the source's own range where it gives one. A figure that the world was given as
an input says so: it is measured all the same, from the rows, and shows only that nothing was lost on the way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from training.realism import measures
from training.realism.world_tables import WorldTables

Origin = Literal["input", "fitted", "follows"]
"""Whether the world was given the figure, was fitted until it met it, or meets it by what else it is."""


@dataclass(frozen=True)
class PublishedFigure:
    """A published figure: what it is, what the world should show, and how it is measured."""

    name: str
    target: float
    low: float
    high: float
    origin: Origin
    source: str
    measure: Callable[[WorldTables], float]

    def met(self, value: float) -> bool:
        """Whether a value lies within the tolerance."""
        return self.low <= value <= self.high


def _near(
    name: str, target: float, origin: Origin, source: str, measure: Callable[[WorldTables], float]
) -> PublishedFigure:
    """A figure with the tolerance of 10%."""
    return PublishedFigure(name, target, 0.9 * target, 1.1 * target, origin, source, measure)


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
        lambda s: measures.number(measures.amounts(s).median()),
    ),
    _near(
        "loan asked for, mean (million yuan)",
        16.73,
        "follows",
        _2023H1,
        lambda s: measures.number(measures.amounts(s).mean()),
    ),
    _near("share of loans up to 10m yuan", 0.725, "follows", _2023H1, measures.amount_up_to(10)),
    PublishedFigure(
        "share of loans up to 20m yuan",
        0.838,
        0.80,
        0.90,
        "follows",
        "中国质量报 2024-09-12 (over 80%)",
        measures.amount_up_to(20),
    ),
    _near("share of loans under 12 months", 0.065, "input", _2009, measures.terms(0, 12)),
    _near("share of loans of 12 to 23 months", 0.470, "input", _2009, measures.terms(12, 24)),
    _near("share of loans of 24 to 35 months", 0.167, "input", _2009, measures.terms(24, 36)),
    _near("share of loans of 36 months and more", 0.298, "input", _2009, measures.terms(36, 601)),
    _near("patents per pledge, mean", 4.0, "fitted", _2009, measures.patents_per_pledge),
    _near(
        "share of inventions among pledged patents",
        0.60,
        "fitted",
        "assumed shift of the 2009 mix",
        measures.pledged_share("invention"),
    ),
    _near(
        "share of utility models among pledged patents",
        0.38,
        "fitted",
        "assumed shift of the 2009 mix",
        measures.pledged_share("utility_model"),
    ),
    _near(
        "inventions in force per firm that has any",
        6.4,
        "fitted",
        "证券日报 2022-01-13 (190.8万 in 29.8万 firms)",
        measures.inventions_per_holder,
    ),
    _near(
        "inventions in force per little giant",
        22.3,
        "fitted",
        "CNIPA/MIIT 2024-11 (32.74万 in 1.46万 firms)",
        measures.inventions_per_little_giant,
    ),
    _near(
        "high-value share of inventions in force", 0.431, "follows", _HIGH_VALUE, measures.of_inventions("high_value")
    ),
    _near(
        "strategic-industry share of inventions in force",
        0.288,
        "fitted",
        _HIGH_VALUE + "; by a coarse IPC list of ours, assumed",
        measures.of_inventions("strategic"),
    ),
    _near(
        "share of inventions in force kept over ten years",
        0.158,
        "fitted",
        _HIGH_VALUE,
        measures.of_inventions("kept_ten_years"),
    ),
    _near(
        "share of inventions in force with a right abroad",
        0.028,
        "fitted",
        _HIGH_VALUE,
        measures.of_inventions("abroad"),
    ),
    _near(
        "strategic-industry share of high-value inventions",
        0.669,
        "follows",
        _HIGH_VALUE + " (153.4万 of 229.2万)",
        measures.of_high_value("strategic"),
    ),
    _near(
        "inventions put to use, share",
        0.54,
        "fitted",
        "证券日报 2026-01-23 (enterprises, 2025)",
        measures.of_inventions("in_use"),
    ),
    _near(
        "patents in force ever licensed, share",
        0.063,
        "fitted",
        "汽车文摘 2022-8 (2020)",
        measures.with_event("licensed"),
    ),
    _near(
        "patents in force ever transferred, share",
        0.044,
        "fitted",
        "汽车文摘 2022-8 (2020)",
        measures.with_event("transferred"),
    ),
    _near(
        "holders that met infringement, share",
        0.108,
        "fitted",
        "CNIPA survey 2020 (12425.cn)",
        measures.met_infringement,
    ),
    _near(
        "invalidation requests per patent and year",
        0.0005,
        "input",
        _INVALID + "; denominator own knowledge",
        measures.invalidation_hazard,
    ),
    _near(
        "inventions challenged: wholly invalid, share",
        0.253,
        "input",
        _INVALID,
        measures.verdict("invention", "invalidated"),
    ),
    _near(
        "inventions challenged: partly invalid, share",
        0.149,
        "input",
        _INVALID,
        measures.verdict("invention", "invalidated_in_part"),
    ),
    _near(
        "utility models challenged: wholly invalid, share",
        0.392,
        "input",
        _INVALID,
        measures.verdict("utility_model", "invalidated"),
    ),
    _near(
        "utility models challenged: partly invalid, share",
        0.182,
        "input",
        _INVALID,
        measures.verdict("utility_model", "invalidated_in_part"),
    ),
    _near("months from request to decision", 5.9, "input", _INVALID, measures.invalidation_months),
    PublishedFigure(
        "years of a licence, mean",
        3.0,
        3.0,
        3.6,
        "input",
        "国知办函运字〔2024〕1070号 (2022: 3.6, 2023: 3.0)",
        measures.licence_years,
    ),
    PublishedFigure(
        "utility models that lived ten years, share",
        0.30,
        0.18,
        0.455,
        "fitted",
        _MODELS,
        measures.old_model("expired"),
    ),
    PublishedFigure(
        "utility models that lapsed for fees, share",
        0.40,
        0.264,
        0.554,
        "fitted",
        _MODELS,
        measures.old_model("lapsed"),
    ),
    _near("profit before tax over revenue", 0.0529, "fitted", _NBS, measures.books("profit_before_tax", "revenue")),
    _near(
        "share of firms that lose money",
        0.28,
        "fitted",
        _NBS,
        lambda s: measures.share(s.books, pl.col("profit_before_tax") < 0),
    ),
    _near("cost of sales per 100 of revenue", 85.39, "follows", _NBS, measures.books("cost_of_sales", "revenue", 100)),
    _near("expenses per 100 of revenue", 8.42, "fitted", _NBS, measures.fees),
    _near("liabilities over assets", 0.576, "fitted", _NBS, measures.books("total_liabilities", "total_assets")),
    _near("revenue over assets", 0.773, "fitted", _NBS, measures.books("revenue", "total_assets")),
    _near("receivables, days of revenue", 66.7, "fitted", _NBS, measures.books("receivables", "revenue", 365)),
    _near("inventory, days of cost of sales", 20.0, "fitted", _NBS, measures.books("inventory", "cost_of_sales", 365)),
    PublishedFigure(
        "defaults within 12 months of drawdown",
        0.015,
        0.0105,
        0.0255,
        "fitted",
        "Korean IP-collateral loans 2020-2024H1: 1.05 to 2.55% (newsis 2024-11-05); 代偿率 1.84% (2024)",
        measures.default_rate,
    ),
    PublishedFigure(
        "recovered of what was owed, patents alone",
        0.125,
        0.05,
        0.20,
        "input",
        "assumed 5 to 20%; KOTEC 4.98%, KODIT 2.7% (2025)",
        measures.recovered,
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
