"""What lies in the loan files of a world: whole but for gaps, in the vocabulary's codes, with truth behind the lies."""

from collections.abc import Mapping

import polars as pl
import pytest

from features.vocabulary.evidence import OWN, answer_fault, fact_fault
from training.world.write import PartitionRows


@pytest.fixture(scope="module")
def tables(parts: list[PartitionRows]) -> Mapping[str, pl.DataFrame]:
    """All rows of a small world by table."""
    return {name: pl.concat([part.tables[name] for part in parts]) for name in parts[0].tables}


@pytest.fixture(scope="module")
def asked(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Its applications, each as first made."""
    return tables["applications"].unique("application", keep="first", maintain_order=True)


@pytest.fixture(scope="module")
def truth(parts: list[PartitionRows]) -> pl.DataFrame:
    """The true probability of default of each application."""
    return pl.concat([part.truth["part"] for part in parts]).select("firm", "application", pd="true_pd_maturity")


def test_uses_add_up_to_what_is_asked(tables: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> None:
    """For nearly all applications; the others are told as incomplete, never as more than was asked."""
    told = tables["uses"].group_by("application").agg(told=pl.col("amount").sum())
    both = asked.join(told, on="application")
    assert both.height == asked.height
    assert both.select((pl.col("told") <= pl.col("amount")).all()).item()
    assert 0.95 < both.select((pl.col("told") == pl.col("amount")).mean()).item() < 1


def test_a_renewal_repays_the_loan_that_it_renews(tables: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> None:
    """Its use names that loan, and no other use names any."""
    renewals = asked.filter(pl.col("renews").is_not_null()).select("application", "renews")
    repaid = tables["uses"].filter(pl.col("use") == "renewal").select("application", "repays")
    both = renewals.join(repaid, on="application")
    assert both.height == renewals.height > 0
    assert (both["renews"] == both["repays"]).all()
    assert (
        tables["uses"].filter(pl.col("use") != "renewal")["repays"].null_count() == tables["uses"].height - both.height
    )


def test_instalments_repay_the_loan(tables: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> None:
    """A plan adds up, is made for loans of more than a year alone, and most of these have one."""
    plan = (
        tables["instalments"].group_by("application").agg(planned=pl.col("amount").sum(), last=pl.col("due_on").max())
    )
    both = asked.join(plan, on="application")
    assert (both["planned"] == both["amount"]).all()
    assert (both["term_months"] > 12).all()
    long = asked.filter((pl.col("term_months") > 12) & (pl.col("repayment") != "instalments"))
    assert 0.7 < both.height / long.height < 0.9


def test_reports_are_about_who_controls_the_firm(tables: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> None:
    """Nearly all controllers were queried, with leave given before, within months of the application."""
    controls = tables["people"].filter(pl.col("role") == "controller").select("firm", "person")
    reports = tables["person_bureau"]
    assert reports.join(controls, on=["firm", "person"]).height == reports.height
    assert reports.filter(pl.col("authorised_on") > pl.col("queried_on")).height == 0
    assert 0.95 < reports.join(asked, on="firm")["application"].n_unique() / asked.height < 1


def test_facilities_lie_within_the_balance(tables: Mapping[str, pl.DataFrame]) -> None:
    """The facilities of a report add up to its balance but for fen."""
    parts_of = tables["bureau_accounts"].group_by("firm", "queried_on").agg(parts=pl.col("balance").sum())
    both = tables["bureau"].join(parts_of, on=["firm", "queried_on"])
    assert both.height > 100
    assert both.select((pl.col("balance") - pl.col("parts")).is_between(-5, 5).mean()).item() > 0.98


def test_evidence_speaks_in_codes(tables: Mapping[str, pl.DataFrame]) -> None:
    """Every fact and answer is one of the vocabulary's; facts of the bank's own begin with own_."""
    for fact, answer in tables["evidence"].select("fact", "answer").unique().iter_rows():
        assert fact_fault(fact) is None
        assert fact.startswith(OWN) or answer_fault(fact, answer) is None
    assert {"controller_guarantee", "bank_related"} <= set(tables["evidence"]["fact"])


def test_an_order_is_paid_in_the_end(tables: Mapping[str, pl.DataFrame]) -> None:
    """A second row tells of the payment, so that an order of years ago does not stand open."""
    orders = tables["orders"].group_by("order").agg(pl.len(), left=(pl.col("amount") - pl.col("received")).min())
    assert orders.filter(pl.col("len") == 2).height > 0.9 * orders.height
    assert (orders.filter(pl.col("len") == 2)["left"] == 0).all()


@pytest.mark.parametrize(
    ("table", "column"),
    [
        ("guarantees", "signed_on"), ("orders", "document"), ("uses", "document"), ("appraisals", "confirmed_value"),
        ("collateral", "confirmed_value"), ("applications", "rate_asked"), ("firms", "customer_since"),
    ],
)  # fmt: skip
def test_files_have_gaps(tables: Mapping[str, pl.DataFrame], table: str, column: str) -> None:
    """Something is missing in some files: a world in which all is known would teach nobody to ask."""
    assert 0 < tables[table][column].null_count() < tables[table].height


def gaps(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Per firm the greatest share by which its yearly sales exceed what it declared in the year's four filings."""
    year = pl.col("period_end").dt.year()
    filed = tables["tax_filings"].unique(["firm", "period_end"], keep="last")
    filed = filed.group_by("firm", year=year).agg(pl.col("sales").sum(), quarters=pl.len())
    shown = tables["statements"].filter(pl.col("months") == 12).unique(["firm", "period_end"], keep="last")
    both = filed.filter(pl.col("quarters") == 4).join(shown.select("firm", "revenue", year=year), on=["firm", "year"])
    return both.group_by("firm").agg(gap=(1 - pl.col("sales") / pl.col("revenue")).max())


def test_who_overstates_sales_defaults_more(tables: Mapping[str, pl.DataFrame], truth: pl.DataFrame) -> None:
    """Filings are near the books of most; some show far more than they declared, and their true risk is higher."""
    found = truth.join(gaps(tables), on="firm")
    lies = pl.col("gap") > 0.12
    assert 0.02 < found.select(lies.mean()).item() < 0.12
    assert found.filter(~lies)["gap"].quantile(0.9) < 0.1  # type: ignore[operator]
    assert found.filter(lies)["pd"].mean() > 1.15 * found.filter(~lies)["pd"].mean()  # type: ignore[operator]


def test_circles_of_guarantees_close(tables: Mapping[str, pl.DataFrame]) -> None:
    """Some firms guarantee another that guarantees them, and the credit report counts what they gave."""
    given = tables["guarantees"].filter(pl.col("kind") == "company").select("firm", "guarantor", "debtor")
    back = given.select("firm", guarantor="debtor", debtor="guarantor")
    assert given.join(back, on=["firm", "guarantor", "debtor"])["firm"].n_unique() >= 5
    assert (tables["bureau"]["guarantees_given"] > 0).any()


def test_some_appraisals_exceed_all_assets(tables: Mapping[str, pl.DataFrame]) -> None:
    """Few, and the bank confirmed no more than was appraised."""
    found = tables["appraisals"].filter(pl.col("confirmed_value").is_not_null())
    assert (found["confirmed_value"] <= found["value"]).all()


def test_the_dishonest_ask_soon_after_they_bought(tables: Mapping[str, pl.DataFrame], asked: pl.DataFrame) -> None:
    """Some applications offer a patent that was bought within half a year before."""
    bought = tables["holdings"].filter(pl.col("how") == "bought").select("firm", "from_on", item="patent")
    offered = tables["collateral"].filter(pl.col("kind") == "patent").select("firm", "item", "application")
    both = offered.drop_nulls("application").join(bought, on=["firm", "item"]).join(asked, on="application")
    age = (pl.col("applied_on") - pl.col("from_on")).dt.total_days()
    assert both.filter(age.is_between(0, 183)).height >= 3
