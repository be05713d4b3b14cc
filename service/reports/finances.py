"""Of the whole report the parts on books and credit: years beside each other, ratios, credit reports, courts."""

from collections.abc import Iterator

from features.tables import TABLES
from service.reports.document import Block, GridBlock, LinesBlock
from service.reports.findings import findings_of
from service.reports.histories import latest_of, left_out, since
from service.reports.material import Material
from service.reports.one_page import period, ratio, years

_BUREAU = tuple(name for name in TABLES["bureau"].columns if name not in (
    "firm", "known_on", "source_kind", "source", "withdrawn", "as_written"))  # fmt: skip
_BOOKS = (
    "revenue", "cost_of_sales", "rd_expense", "selling_expense", "admin_expense", "interest_expense",
    "operating_profit", "profit_before_tax", "net_profit", "depreciation_amortisation", "cash", "restricted_cash",
    "receivables", "prepayments", "other_receivables", "related_receivables", "inventory", "current_assets",
    "fixed_assets",
    "intangible_assets", "total_assets", "payables", "notes_payable", "advances_received", "short_term_debt",
    "long_term_due", "current_liabilities", "long_term_debt", "total_liabilities", "equity", "operating_cash_flow",
    "investing_cash_flow",
)  # fmt: skip
_PERSON_BUREAU = (
    "person", "authorised_on", "queried_on", "non_performing", "written_off", "overdue", "worst_months",
    "months_overdue", "business_loans",
)  # fmt: skip
_MONTHS_SHOWN = 13
"""Months of tax filings and account flows that are printed: a year, and the month that is not told yet."""
_RATIOS = (
    ("debt_ratio", "total_liabilities", "total_assets"),
    ("current_ratio", "current_assets", "current_liabilities"),
    ("net_margin", "net_profit", "revenue"),
    ("cash_to_sales", "operating_cash_flow", "revenue"),
    ("interest_cover", "operating_profit", "interest_expense"),
)


def books_blocks(of: Material) -> Iterator[Block]:
    """Books beside each other, their ratios, tax filings, account flows, and what was checked in them."""
    found = years(of)
    if not found:
        yield LinesBlock((of.say("no_books"),))
        return
    heading = (of.say("in_money"), *(period(of, row) for row in found))
    columns = TABLES["statements"].columns
    rows = [
        (
            columns[name].zh if of.language == "zh" else columns[name].meaning,
            *(of.money(row.get(name)) for row in found),
        )
        for name in _BOOKS
        if any(row.get(name) is not None for row in found)
    ]
    opinion = tuple(of.written(columns["audit_opinion"], row.get("audit_opinion")) for row in found)
    rows.insert(0, (columns["audit_opinion"].zh if of.language == "zh" else "Opinion of the auditor", *opinion))
    source = of.source("statements", found[-1], "period_end")
    yield GridBlock(heading, tuple(rows), "", source, tuple(range(1, len(heading))))
    unsaid = [name for name in _BOOKS if all(row.get(name) is None for row in found)]
    if unsaid:
        names = (columns[name].zh if of.language == "zh" else columns[name].meaning for name in unsaid)
        yield LinesBlock((of.say("not_in_books", names=of.joined(names)),))
    rates = tuple(
        (of.say(code), *(_rate(of, code, ratio(row.get(part), row.get(whole))) for row in found))
        for code, part, whole in _RATIOS
    )
    yield GridBlock((of.say("ratios"), *heading[1:]), rates, "", of.say("calculated"), tuple(range(1, len(heading))))
    for table, day, shown in (
        ("tax_filings", "period_end", ("period_end", "months", "sales")),
        ("account_flows", "month_end", ("month_end", "inflow", "related_inflow")),
    ):
        recent = since(of, table, day, _MONTHS_SHOWN)
        yield of.grid(table, recent or of.current(table), shown)
        yield from left_out(of, "rows_older", len(of.current(table)) - len(recent) if recent else 0)
    yield findings_of(
        of, ("sales_cross_check", "books_balance", "revenue_trend", "interim_trend", "cash_flow", "losses")
    )


def _rate(of: Material, code: str, value: float | None) -> str:
    if value is None:
        return of.absent
    return of.say("times", times=f"{value:.2f}") if code in ("interest_cover", "current_ratio") else of.share(value)


def credit_blocks(of: Material) -> Iterator[Block]:
    """The newest credit reports of firm and persons, what it guarantees for others, and its records in court."""
    report = of.newest("bureau", "queried_on")
    yield of.fields("bureau", report, _BUREAU, "queried_on")
    accounts = of.current("bureau_accounts")
    of_report = [row for row in accounts if report is None or row["queried_on"] == report["queried_on"]]
    yield of.grid("bureau_accounts", of_report, ("lender", "kind", "balance", "due_on", "risk_class"))
    yield from left_out(of, "rows_older", len(accounts) - len(of_report))
    people = latest_of(of, "person_bureau", ("person",), "queried_on")
    yield of.grid("person_bureau", people, _PERSON_BUREAU)
    yield from left_out(of, "rows_older", len(of.current("person_bureau")) - len(people))
    own = of.answer["case"]["firm"]
    given = [row for row in of.current("guarantees") if row.get("debtor") not in (None, own)]
    yield of.grid(
        "guarantees", given, ("debtor", "kind", "amount", "from_on", "until"), of.say("guarantees_for_others")
    )
    events = of.current("credit_events")
    graded = {row["event"]: row for row in sorted(events, key=lambda row: str(row["happened_on"]))}.get("tax_grade")
    yield of.grid("credit_events", [row for row in events if row["event"] != "tax_grade" or row == graded], (
        "happened_on", "event", "about", "side", "cause", "amount", "grade", "lifted_on", "reference"))  # fmt: skip
