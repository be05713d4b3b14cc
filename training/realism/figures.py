"""Every published figure that the world is compared with: target, tolerance, source, and how it is read off the tables.

The tolerance is 10% of the target, or the source's own range where it gives one. A figure that the world was given as
an input says so: it is measured all the same, from the rows, and shows only that nothing was lost on the way.
"""

from collections.abc import Callable

import polars as pl

from training.realism import measures
from training.realism.loan_files import LOAN_FILE_FIGURES
from training.realism.published import Origin, PublishedFigure
from training.realism.world_tables import WorldTables


def _near(
    code: str, target: float, origin: Origin, source: str, measure: Callable[[WorldTables], float]
) -> PublishedFigure:
    """A figure with the tolerance of 10%."""
    return PublishedFigure(code, target, 0.9 * target, 1.1 * target, origin, source, measure)


FIGURES = (
    _near(
        "loan_asked_median",
        3.460062,
        "input",
        "h1_2023_lognormal",
        lambda s: measures.number(measures.amounts(s).median()),
    ),
    _near(
        "loan_asked_mean",
        16.73,
        "follows",
        "h1_2023",
        lambda s: measures.number(measures.amounts(s).mean()),
    ),
    _near("loans_up_to_10m", 0.725, "follows", "h1_2023", measures.amount_up_to(10)),
    PublishedFigure(
        "loans_up_to_20m",
        0.838,
        0.80,
        0.90,
        "follows",
        "quality_2024",
        measures.amount_up_to(20),
    ),
    _near("terms_below_12", 0.065, "input", "sipo_2009", measures.terms(0, 12)),
    _near("terms_12_to_23", 0.470, "input", "sipo_2009", measures.terms(12, 24)),
    _near("terms_24_to_35", 0.167, "input", "sipo_2009", measures.terms(24, 36)),
    _near("terms_from_36", 0.298, "input", "sipo_2009", measures.terms(36, 601)),
    _near("patents_per_pledge", 4.0, "fitted", "sipo_2009", measures.patents_per_pledge),
    _near(
        "pledged_inventions",
        0.60,
        "fitted",
        "shift_of_2009",
        measures.pledged_share("invention"),
    ),
    _near(
        "pledged_models",
        0.38,
        "fitted",
        "shift_of_2009",
        measures.pledged_share("utility_model"),
    ),
    _near(
        "inventions_per_holder",
        6.4,
        "fitted",
        "holders_2022",
        measures.inventions_per_holder,
    ),
    _near(
        "inventions_per_little_giant",
        22.3,
        "fitted",
        "giants_2024",
        measures.inventions_per_little_giant,
    ),
    _near("high_value_share", 0.431, "follows", "high_value", measures.of_inventions("high_value")),
    _near(
        "strategic_share",
        0.288,
        "fitted",
        "high_value_strategic",
        measures.of_inventions("strategic"),
    ),
    _near(
        "kept_ten_years",
        0.158,
        "fitted",
        "high_value",
        measures.of_inventions("kept_ten_years"),
    ),
    _near(
        "right_abroad",
        0.028,
        "fitted",
        "high_value",
        measures.of_inventions("abroad"),
    ),
    _near(
        "strategic_of_high_value",
        0.669,
        "follows",
        "high_value_of_them",
        measures.of_high_value("strategic"),
    ),
    _near(
        "in_use",
        0.54,
        "fitted",
        "use_2026",
        measures.of_inventions("in_use"),
    ),
    _near(
        "licensed",
        0.063,
        "fitted",
        "auto_2022",
        measures.with_event("licensed"),
    ),
    _near(
        "transferred",
        0.044,
        "fitted",
        "auto_2022",
        measures.with_event("transferred"),
    ),
    _near(
        "met_infringement",
        0.108,
        "fitted",
        "survey_2020",
        measures.met_infringement,
    ),
    _near(
        "invalidation_requests",
        0.0005,
        "input",
        "invalid_2020_own",
        measures.invalidation_hazard,
    ),
    _near(
        "inventions_wholly_invalid",
        0.253,
        "input",
        "invalid_2020",
        measures.verdict("invention", "invalidated"),
    ),
    _near(
        "inventions_partly_invalid",
        0.149,
        "input",
        "invalid_2020",
        measures.verdict("invention", "invalidated_in_part"),
    ),
    _near(
        "models_wholly_invalid",
        0.392,
        "input",
        "invalid_2020",
        measures.verdict("utility_model", "invalidated"),
    ),
    _near(
        "models_partly_invalid",
        0.182,
        "input",
        "invalid_2020",
        measures.verdict("utility_model", "invalidated_in_part"),
    ),
    _near("invalidation_months", 5.9, "input", "invalid_2020", measures.invalidation_months),
    PublishedFigure(
        "licence_years",
        3.0,
        3.0,
        3.6,
        "input",
        "licences_2024",
        measures.licence_years,
    ),
    PublishedFigure(
        "models_lived_ten_years",
        0.30,
        0.18,
        0.455,
        "fitted",
        "models_2014",
        measures.old_model("expired"),
    ),
    PublishedFigure(
        "models_lapsed",
        0.40,
        0.264,
        0.554,
        "fitted",
        "models_2014",
        measures.old_model("lapsed"),
    ),
    _near("profit_margin", 0.0529, "fitted", "nbs_2024", measures.books("profit_before_tax", "revenue")),
    _near(
        "loss_makers",
        0.28,
        "fitted",
        "nbs_2024",
        lambda s: measures.share(s.books, pl.col("profit_before_tax") < 0),
    ),
    _near("cost_per_100", 85.39, "follows", "nbs_2024", measures.books("cost_of_sales", "revenue", 100)),
    _near("expenses_per_100", 8.42, "fitted", "nbs_2024", measures.fees),
    _near("debt_ratio", 0.576, "fitted", "nbs_2024", measures.books("total_liabilities", "total_assets")),
    _near("asset_turnover", 0.773, "fitted", "nbs_2024", measures.books("revenue", "total_assets")),
    _near("receivable_days", 66.7, "fitted", "nbs_2024", measures.books("receivables", "revenue", 365)),
    *LOAN_FILE_FIGURES,
    PublishedFigure(
        "defaults_12m",
        0.015,
        0.0105,
        0.0255,
        "fitted",
        "korea_2024",
        measures.default_rate,
    ),
    PublishedFigure(
        "recovered",
        0.125,
        0.05,
        0.20,
        "input",
        "recovery",
        measures.recovered,
    ),
)

LEFT_OUT = (
    "national_amounts",
    "city_schemes",
    "designs_challenged",
    "pledged_designs",
    "bank_npl",
    "foreign_guarantees",
    "licence_fees",
    "giants_pledging",
    "national_counts",
    "value_added",
    "default_by_industry",
    "patent_lives",
)
"""Published figures that are not compared; the templates `left_out.CODE` and `left_out_why.CODE` name them."""
