"""The policy that is shipped: every file complete, and the facts of the domain folder standing in it."""

import csv
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from features.policy import Parameter, shipped
from features.policy.parameters import SHIPPED
from tests.beside import BESIDE

DOMAIN = BESIDE / "domain"
TODAY = date(2026, 11, 20)
LATEST_REVIEW = date(2026, 11, 30)

needs_domain = pytest.mark.skipif(not DOMAIN.is_dir(), reason="the domain folder lies outside the project")


def parameters() -> list[Parameter]:
    """Every shipped parameter."""
    return [shipped()(name) for name in shipped().names()]


def on(name: str, day: date = TODAY) -> Any:
    """A shipped value on a day."""
    return shipped()(name).on(day)


def told(file: str) -> Any:
    """A JSON file of the domain folder."""
    return json.loads((DOMAIN / file).read_text(encoding="utf-8"))


def rows(file: str) -> Iterator[dict[str, str]]:
    """The rows of a CSV file of the domain folder."""
    with (DOMAIN / file).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@pytest.mark.parametrize("parameter", parameters(), ids=lambda p: p.name)
def test_every_parameter_is_complete(parameter: Parameter) -> None:
    """Each has a description, a unit, a reference, a confidence, a review that is no guess, and days in order."""
    assert len(parameter.description) > 10
    assert parameter.unit
    assert parameter.confidence in ("verified", "secondary", "assumed")
    assert parameter.reference
    assert all(r["title"] and r["document"] for r in parameter.reference)
    assert date(2026, 1, 1) <= parameter.reviewed_on <= LATEST_REVIEW
    assert list(parameter.values) == sorted(parameter.values)


def test_every_file_is_read() -> None:
    """No file lies in the folder that nobody reads."""
    assert {p.stem for p in SHIPPED.glob("*.yaml")} == {name.partition(".")[0] for name in shipped().names()}


def test_what_is_ours_is_not_called_verified() -> None:
    """A value that cites no document of anybody else is assumed."""
    for parameter in parameters():
        if all(r["document"] == "none" for r in parameter.reference):
            assert parameter.confidence != "verified", parameter.name


@needs_domain
def test_refusal_grounds() -> None:
    """The twelve grounds of refusal, which of them are waivable, and since when."""
    source, stated = told("pledge_refusal_grounds.json"), shipped()("pledge_refusal.grounds")
    assert list(stated.values) == [date.fromisoformat(source["effective"])]
    grounds = on("pledge_refusal.grounds")
    assert {g["code"]: bool(g["waivable"]) for g in source["grounds"]} == {
        code: ground["waivable"] for code, ground in grounds.items()
    }
    assert stated.confidence == "secondary"


@needs_domain
def test_annual_fees() -> None:
    """The fee of every band of years, the late charge by month, and the reductions."""
    tariff = on("annual_fees.tariff")
    source = [
        (r["type"], [int(r["year_from"]), int(r["year_to"]), int(r["fee_rmb_per_year"])])
        for r in rows("patent_annual_fees.csv")
    ]
    assert [band for kind, band in source if kind == "invention"] == tariff["invention"]
    assert [band for kind, band in source if kind == "utility_model"] == tariff["utility_model"]
    assert [band for kind, band in source if kind == "design"] == tariff["design"]
    rules = told("annual_fee_rules.json")
    assert on("annual_fees.late_share_by_month") == rules["late_fee_share_of_full_fee_by_month_late"]
    assert on("annual_fees.grace") == 6
    assert on("annual_fees.reduced_to") == [0.15, 0.3]
    assert on("annual_fees.restoration") == 1000


@needs_domain
def test_patent_terms() -> None:
    """Years of protection by kind and day of filing, and for which grants compensation can be had."""
    years = told("identifiers.json")["term_years"]
    assert on("patent_terms.invention") == years["invention"]
    assert on("patent_terms.utility_model") == years["utility_model"]
    assert on("patent_terms.design", date(2021, 5, 31)) == years["design_before"]
    assert on("patent_terms.design", date(2021, 6, 1)) == years["design_filed_from_2021-06-01"]
    assert list(shipped()("patent_terms.compensation").values) == [date(2021, 6, 1)]
    assert on("patent_terms.compensation_earned") == {"after_filing": 4, "after_request": 3, "drug_at_most": 5}


@needs_domain
def test_tech_sme() -> None:
    """Gates and points of science-and-technology SMEs."""
    source, card = told("firm_scorecards.json")["tech_sme"], on("tech_sme.scorecard")
    assert card["gates"]["staff"]["at_most"] == source["gates"]["staff_max"]
    assert card["gates"]["revenue"]["at_most"] == source["gates"]["revenue_max_rmb"]
    assert card["gates"]["assets"]["at_most"] == source["gates"]["assets_max_rmb"]
    assert card["least_points"]["total"] == source["gates"]["score_min"]
    assert card["least_points"]["staff"] > 0
    items = card["items"]
    assert items["research_staff"]["at_least"] == source["items"]["sci_staff_ratio"]
    sales, cost = items["research_expense"]["best_of"]
    assert (sales["at_least"], cost["at_least"]) == (
        source["items"]["rd_over_sales"],
        source["items"]["rd_over_cost_alt"],
    )
    assert list(items["property"]["points"].values()) == list(source["items"]["ip"].values())
    assert len(card["shortcuts"]) == len(source["shortcuts"])


@needs_domain
def test_innovative_sme() -> None:
    """Minima and points of innovative SMEs."""
    source, card = told("firm_scorecards.json")["innovative_sme"], on("innovative_sme.scorecard")
    gates = source["gates"]
    assert card["least_points"] == {
        "total": gates["total_min"],
        "innovation": gates["innovation_min"],
        "growth": gates["growth_min"],
        "specialisation": gates["specialisation_min"],
    }
    items, given = card["items"], source["items"]
    assert list(items["property"]["points"].values()) == list(given["ip"].values())
    assert items["research_expense"]["at_least"] == given["rd_ratio"]
    assert items["growth"]["at_least"] == given["main_revenue_growth"][:-1]
    assert items["debt_ratio"]["at_most"] == given["debt_ratio_max"][:-1]
    assert items["strategic_field"]["points"] == given["sei_field"]
    assert items["main_business"]["at_least"] == given["main_revenue_share"]
    assert len(card["shortcuts"]) == len(source["shortcuts"])
    assert card["shortcuts"]["equity_raised_three_years"]["at_least"] == 5_000_000


@needs_domain
def test_specialised_sme() -> None:
    """Weights and most points of specialised SMEs, and that the groups add up to them."""
    source, card = told("firm_scorecards.json")["specialised_sme"], on("specialised_sme.scorecard")
    most = [item.get("given_up_to", item.get("at_most_points")) for item in card["items"].values()]
    assert most == list(source["items"].values())
    assert list(on("specialised_sme.weights").values()) == list(source["weights"].values())
    assert [sum(most[:4]), sum(most[4:8]), most[8], sum(most[9:])] == list(source["weights"].values())
    assert card["gates"]["niche_years"]["at_least"] == 2
    assert [part["at_least"] for part in card["gates"]["research"]["all"]] == [1_000_000, 0.03]
    assert [part["at_least"] for part in card["gates"]["scale"]["any"]] == [10_000_000, 20_000_000]


@needs_domain
def test_little_giant_is_incomplete() -> None:
    """The listed gates of little giants stand, and the scorecard says that it is incomplete, as the source does."""
    source, card = told("firm_scorecards.json")["little_giant"], on("little_giant.scorecard")
    assert card["complete"] is source["complete"] is False
    limits = {name: next(v for k, v in gate.items() if k != "fact") for name, gate in card["gates"].items()}
    assert limits["niche_years"] == 3
    assert limits["main_business"] == 0.7
    assert limits["growth"] == 0.05
    assert limits["debt_ratio"] == 0.7
    assert limits["national_share"] == 0.1
    assert limits["information_systems"] == 1
    assert limits["property"] == 2


@needs_domain
def test_high_tech() -> None:
    """Gates of high-tech enterprises."""
    gates, card = told("firm_scorecards.json")["hntech"]["gates"], on("high_tech.scorecard")["gates"]
    assert card["age"]["at_least"] == gates["age_years"]
    assert card["research_staff"]["at_least"] == gates["sci_staff"]
    tiers = [[tier.get("up_to", "inf"), tier["then"]["at_least"]] for tier in card["research_expense"]["tiers"]]
    assert tiers == gates["rd_3y"]
    assert card["research_in_china"]["at_least"] == gates["rd_domestic"]
    assert card["high_tech_revenue"]["at_least"] == gates["hitech_revenue"]
    assert f">{card['innovation_score']['above']}" in gates["innovation_score"]
    assert list(on("high_tech.innovation_score").values()) == [30, 30, 20, 20]


@needs_domain
def test_star() -> None:
    """The days of the versions and their thresholds."""
    versions = told("firm_scorecards.json")["star"]["versions"]
    days = {day for name in shipped().names() if name.startswith("star.") for day in shipped()(name).values}
    assert days == {date.fromisoformat(v["effective"]) for v in versions}
    first, _, last = (v["items"] for v in versions)
    for text, day in ((first, date(2020, 3, 20)), (last, date(2024, 4, 30))):
        assert f"{on('star.rd_share', day):.0%}" in text
        assert f"{on('star.rd_amount', day) // 10_000}万" in text
        assert f">={on('star.invention_patents', day)}" in text
        assert f"{on('star.revenue_growth', day):.0%}" in text
        assert f"{on('star.revenue', day) // 100_000_000}亿" in text
    assert f"staff>={on('star.rd_staff_share'):.0%}" in last
    assert f">={on('star.alternative_inventions')} industrialisable" in last


@needs_domain
def test_high_value_definitions() -> None:
    """Both definitions of a high-value invention, the national aim and for whom it is meant."""
    source = told("firm_scorecards.json")["high_value_patent"]["versions"]
    names = {
        "SEI": "strategic_industry",
        "overseas_family": "overseas_family",
        "maintained_gt_10y": "maintained",
        "high_pledge_amount": "pledge_amount",
        "national_sci_award_or_china_patent_award": "award",
    }
    stated = [[names[n] for n in version["any_of"]] for version in source]
    assert list(shipped()("high_value.criteria").values.values()) == stated
    assert [day.year for day in shipped()("high_value.criteria").values] == [2021, 2026]
    assert on("high_value.per_100m") == 4


@needs_domain
def test_innovation_points() -> None:
    """The shape of the innovation points, which are incomplete."""
    source = told("firm_scorecards.json")["innovation_points"]
    shape = on("innovation_points.shape")
    assert shape == {"groups": source["l1"], "indicators": source["n_l2"], "stages": source["stage_weights"]}
    assert on("innovation_points.scorecard")["complete"] is source["complete"]


@needs_domain
def test_five_category_classes() -> None:
    """Days past due, expected loss, contagion, cross-default and the circumstances."""
    source = told("risk_rules.json")["five_class"]
    days = on("five_class.days_past_due")
    for name in ("substandard", "doubtful", "loss"):
        assert f">{days[name]}" == source["dpd"][name]
    assert f"at most {on('five_class.operational_delay_days')} days" in source["dpd"]["special_mention"]
    for name, share in on("five_class.expected_loss_share").items():
        assert f">={share:.0%}" in source["ecl_share"][name]
    assert f">{on('five_class.cross_default_share'):.0%}".lstrip(">") in source["cross_default"]
    assert f"{on('five_class.contagion_share'):.0%}" in source["more_rules"][3]["rule"]
    assert on("five_class.upgrade") == {"periods": 2, "months": 6}
    assert shipped()("five_class.days_past_due").confidence == "assumed"


@needs_domain
def test_tolerance_renewal_and_deferral() -> None:
    """The tolerance of bad loans, who may renew, and the vintages that were deferred."""
    source = told("risk_rules.json")
    assert f"{on('npl_tolerance.points') * 100:.1f}pp" in source["npl_tolerance"]["rule"]
    assert on("renewal.medium_due_before") in source["sme_renewal"]["rule"]
    assert on("renewal.without_limit") == ["micro", "small"]
    deferral = source["deferral_2020_2023"]
    assert on("renewal.deferral") == {"from": deferral["from"], "until": deferral["until"]}
    assert f"within {on('coordination.decision_days')} days" in source["coordination_mechanism"]["rule"]


@needs_domain
def test_size_classes_and_freshness() -> None:
    """The limits of industrial firms by size, and how old a fact may be."""
    source = told("risk_rules.json")
    for name, limits in source["sme_size"]["industry"].items():
        assert on("sme_size.industry")[name] == {"staff": limits["staff"], "revenue": limits["revenue_rmb"]}
    for name, days in source["freshness_days"].items():
        if name != "confidence":
            assert on(f"freshness_days.{name}") == days
            assert shipped()(f"freshness_days.{name}").confidence == "assumed"


@needs_domain
def test_sectors_and_regions() -> None:
    """Names of provinces, sections and divisions, and the value added of the patent-intensive classes."""
    assert on("regions.provinces") == {r["code"]: r["name"] for r in rows("gbt2260_provinces.csv")}
    codes = list(rows("gbt4754_2017.csv"))
    assert {r["code"]: [r["name"], r["divisions"]] for r in codes if r["level"] == "门类"} == on("industries.sections")
    assert {r["code"]: r["name"] for r in codes if r["level"] == "大类"} == on("industries.divisions")
    added = {r["class"]: int(r["value_added_100m"]) for r in rows("patent_intensive_2023.csv")}
    assert on("patent_intensive.value_added") == {k: v for k, v in added.items() if k != "合计"}
    assert set(on("patent_intensive.industry_codes")) == set(on("patent_intensive.value_added"))


@needs_domain
def test_strategic_prefilter_is_our_own_and_within_the_derived_superset() -> None:
    """Our coarse IPC list is marked assumed; but for newer subclasses it names only such as the derived superset."""
    known = {s for branch in told("sei_ipc_prefilter.json")["branches"] for s in branch["ipc_subclasses"]}
    newer = {
        "G06V",
        "B33Y",
        "B64U",
    }  # subclasses that the IPC gained after the table of 2021 or that it files elsewhere
    ours = {s for subclasses in on("strategic_industries.ipc_subclasses").values() for s in subclasses}
    assert ours - known <= newer
    assert shipped()("strategic_industries.ipc_subclasses").confidence == "assumed"
