"""The worked cases: what each changes of the base firm, and what is concluded. Amounts in ten thousand yuan."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from tests.models.underwriting.base_firm import CONTROLLER, DAY, FIRM, WAN, Row
from tests.models.underwriting.whole_case import FILED, PATENTS, RANGE

NEW = 99
"""A place that no table of the base firm has: the row is added."""
GONE = None
"""In the place of values: the row is taken out. With the place `ALL` the table was never asked about."""
ALL = -1
Change = tuple[str, int, Row | None]
Changes = tuple[Change, ...]
YEAR, LAST_YEAR, NINE_MONTHS_AGO, NINE_MONTHS = 2, 1, 3, 4
"""Places of the books of 2025 and 2024, and of nine months of 2025 and 2026."""
LIGHT = {"profiles.light": {"in_force": True, "most": 300 * WAN}}
VALIDATED = {"appraisal.own_range_validated": True}
CAPITAL = {"exposure.capital_net": 6000 * WAN}


@dataclass(frozen=True)
class WorkedCase:
    """What differs, and what is concluded.

    `findings`: what is neither passed nor information alone, in order; of patents with how many. `bounds`: those that
    differ from the base firm's, None where not known. `limit`: where another bound than the amount asked sets it.
    `parts`: of the patents in our own valuation.
    """

    says: str
    changes: Changes
    advice: str
    amount: float | None = None
    findings: str = ""
    bounds: Mapping[str, float | None] = field(default_factory=dict)
    limit: tuple[float | None, str | None] | None = None
    points: float = 620
    own: tuple[int, int, int] | None = RANGE
    parts: tuple[int, ...] = ()
    policy: Mapping[str, Any] = field(default_factory=dict)


def fen(amount: float) -> int:
    """Ten thousand yuan as fen."""
    return round(amount * WAN)


def wan(**values: float) -> Row:
    """Amounts in ten thousand yuan as fen."""
    return {name: fen(value) for name, value in values.items()}


def of(table: str, **values: Any) -> Changes:
    """Other values in the first row of a table."""
    return ((table, 0, values),)


def new(table: str, **values: Any) -> Changes:
    """One more row."""
    return ((table, NEW, values),)


def never_asked(*tables: str) -> Changes:
    """Tables that nobody asked about."""
    return tuple((table, ALL, GONE) for table in tables)


def bureau(**values: Any) -> Changes:
    """Another credit report; amounts in fen."""
    return of("bureau", **values)


def books(year: int = YEAR, **values: float) -> Changes:
    """Other items in a year's books."""
    return (("statements", year, wan(**values)),)


def asked(amount: float, **more: Any) -> Changes:
    """Another amount asked for, all of it for one use and with its contract."""
    return (("applications", 0, {"amount": fen(amount), **more}), ("uses", 0, {"amount": fen(amount)}))


def used(*uses: tuple[str, float]) -> Changes:
    """The uses, each with its contract."""
    (first, amount), *others = uses
    further = (
        ("uses", NEW + place, {"application": "A1", "use": use, "payee": f"row:payee-{place}", "amount": fen(more),
                               "contract": f"C{place + 2}", "document": f"C{place + 2}"})
        for place, (use, more) in enumerate(others)
    )  # fmt: skip
    return (("uses", 0, {"use": first, "amount": fen(amount)}), *further)


def flows(total: float) -> Changes:
    """Inflows of twelve months that come to so much."""
    each = fen(total) // 12
    return tuple(("account_flows", month, {"inflow": each if month else fen(total) - 11 * each}) for month in range(12))


def evidence(fact: str, answer: str, subject: str = FIRM) -> Changes:
    """A paper that was seen today."""
    return new("evidence", subject=subject, fact=fact, answer=answer, seen_on=DAY)


def event(kind: str, **values: Any) -> Changes:
    """An open record of a court or an authority."""
    return new("credit_events", happened_on=date(2026, 5, 1), event=kind, **values)


def sued(amount: float | None, **values: Any) -> Changes:
    """A lawsuit that is open."""
    told = {} if amount is None else {"amount": fen(amount)}
    return event("lawsuit", **{"side": "defendant", **told, **values})


def tied(role: str, **values: Any) -> Changes:
    """A firm tied to this one."""
    return new("related", other="row:sister", role=role, **values)


def half_years(each: float, number: int = 4) -> Changes:
    """A plan of repayment by half-years."""
    days = [date(2027, 5, 20), date(2027, 11, 20), date(2028, 5, 20), date(2028, 11, 20), date(2029, 5, 20), DAY]
    days[-1] = date(2029, 11, 20)
    plan = tuple(
        ("instalments", place, {"application": "A1", "due_on": day, "amount": fen(each)})
        for place, day in enumerate(days[:number])
    )
    return (("applications", 0, {"repayment": "instalments", "term_months": 6 * number}), *plan)


def project(kind: str, cost: float, capital: float, **more: float) -> Changes:
    """What a project costs, and what the firm itself has put in."""
    return new("projects", application="A1", project="P1", kind=kind, life_months=120,
               **wan(cost=cost, capital=capital, **more))  # fmt: skip


def institution(amount: float, share: float = 0.8) -> Changes:
    """A guarantee institution that signed."""
    return new("guarantees", application="A1", guarantor="row:institution", debtor=FIRM, kind="guarantee_institution",
               share=share, signed_on=DAY, **wan(amount=amount, net_assets=50_000, outstanding=300_000))  # fmt: skip


def bought(days: Mapping[int, date]) -> Changes:
    """Patents that were bought, each on its day."""
    return tuple(("holdings", place, {"from_on": day, "how": "bought"}) for place, day in days.items())


def pledged_to(pledgee: str, *places: int) -> Changes:
    """Patents that another takes as its own security."""
    return tuple(("collateral", place, {"pledgee": pledgee}) for place in places)


ONE_PATENT: Changes = (
    ("collateral", 2, GONE), ("collateral", 1, GONE), *of("appraisals", patents=1),
)  # fmt: skip
TWO_PATENTS: Changes = (("collateral", 2, GONE), *of("appraisals", patents=2))
FACTORY = {"application": "A1", "kind": "real_estate", "sort": "factory_office", "item": "F1", "owner_agrees": True}
MEDIUM = of("firms", staff=320)
FELL = books(LAST_YEAR, revenue=6900)
ORDER = new("orders", order="O1", buyer="row:buyer", signed_on=DAY, account=True, document="O1",
            **wan(amount=1000, received=200))  # fmt: skip


def renews(risk_class: str = "normal") -> Changes:
    """The loan asked for repays one of ours."""
    return (
        *of("applications", renews="L1"),
        *of("uses", use="renewal", repays="L1", payee=None),
        *new("loans", loan="L1", application="A0", drawn_on=date(2025, 12, 1), due_on=date(2026, 12, 1),
             amount=fen(300)),
        *new("performance", loan="L1", month_end=date(2026, 10, 31), balance=fen(300), days_past_due=0, overdue=0,
             risk_class=risk_class),
    )  # fmt: skip


FUNDED: Changes = (
    *of("firms", staff=60),
    *books(revenue=800, cost_of_sales=500, operating_profit=-620, depreciation_amortisation=100, interest_expense=10,
           profit_before_tax=-630, net_profit=-630, operating_cash_flow=-900, cash=3200, receivables=200, inventory=150,
           prepayments=50, current_assets=3600, total_assets=4600, payables=120, advances_received=30,
           short_term_debt=200, current_liabilities=500, long_term_debt=0, total_liabilities=500, equity=4100),
    *books(LAST_YEAR, revenue=500, net_profit=-400, profit_before_tax=-400, operating_cash_flow=-600),
    *of("tax_filings", sales=fen(790)), *flows(780),
    *books(NINE_MONTHS, revenue=700), *books(NINE_MONTHS_AGO, revenue=350),
    *bureau(**wan(balance=200, balance_short=200)),
    *of("applications", purpose="research"), *of("uses", use="research"),
    *project("research", 1500, 800, grants=200),
)  # fmt: skip
"""A firm that lives on its investors' money."""
LITTLE_CASH = (*FUNDED, *books(cash=1000, current_assets=1400, total_assets=2400, equity=1900))
LOSING = ("bank_debt_to_sales fail refer; cash_flow fail refer; losses fail refer; "
          "repayment_source fail {}; interest_cover fail refer")  # fmt: skip
OLD = date(2026, 10, 6)
"""45 days before the case's day."""
NO_PATENTS: Changes = (
    *(("collateral", place, GONE) for place in (2, 1, 0)),
    *(("patents", place, GONE) for place in (2, 1, 0)),
    *(("holdings", place, GONE) for place in (2, 1, 0)),
    *(("patent_events", place, GONE) for place in (2, 1, 0)),
    *(("people", place, GONE) for place in (6, 5, 4)),
    ("appraisals", 0, GONE),
)  # fmt: skip

OF_CREDIT_RECORD = {
    "O1a": WorkedCase("Nothing is changed.", (), "recommend", 300),
    "O1b": WorkedCase("More is asked than the security carries.", asked(500), "recommend", 450,
                      "within_limit fail info", limit=(450, "security")),
    "O1c": WorkedCase("The limit is less than half of what is asked.", asked(950), "refer", 450,
                      "within_limit fail refer", limit=(450, "security")),
    "O2a": WorkedCase("Two loans are non-performing, with a better score.", bureau(non_performing=2), "advise_against",
                      findings="bureau_non_performing fail blocks", points=621),
    "O2b": WorkedCase("The same by a report of 45 days.", bureau(non_performing=2, queried_on=OLD), "advise_against",
                      findings="bureau_report unknown before_drawdown; bureau_non_performing fail blocks"),
    "O2c": WorkedCase("A fresh report does not tell.", bureau(non_performing=None), "refer", 300,
                      "bureau_non_performing unknown refer"),
    "O2d": WorkedCase("An outdated report shows one.", bureau(non_performing=1, queried_on=date(2026, 7, 23)),
                      "advise_against", findings="bureau_report unknown refer; bureau_non_performing fail blocks"),
    "O3a": WorkedCase("Two loans are in special mention.", bureau(special_mention=2), "refer", 300,
                      "bureau_special_mention fail refer"),
    "O3b": WorkedCase("A relief policy put them there.",
                      (*bureau(special_mention=2), *evidence("special_mention_reason", "policy_renewal")),
                      "recommend", 300, "bureau_special_mention fail caution"),
    "O4a": WorkedCase("Half a million is overdue.", bureau(overdue=fen(50)), "refer", 300,
                      "bureau_arrears fail refer"),
    "O4b": WorkedCase("A little is overdue.", bureau(overdue=fen(0.8)), "recommend", 300,
                      "bureau_arrears fail before_drawdown"),
    "O4c": WorkedCase("A part is overdue by more than 90 days.", bureau(overdue=fen(50), overdue_90=fen(5)),
                      "advise_against", findings="bureau_arrears fail blocks"),
    "O5a": WorkedCase("Seven days of arrears are nobody's fault.", bureau(worst_days=7), "recommend", 300),
    "O5b": WorkedCase("Thirty days.", bureau(worst_days=30), "recommend", 300, "bureau_worst_days fail caution"),
    "O5c": WorkedCase("Thirty-one days.", bureau(worst_days=31), "refer", 300, "bureau_worst_days fail refer"),
    "O5d": WorkedCase("Two hundred days.", bureau(worst_days=200), "advise_against",
                      findings="bureau_worst_days fail blocks"),
    "O6a": WorkedCase("A written-off debt was settled within 60 months.", bureau(bad_closed_on=date(2022, 6, 1)),
                      "refer", 300, "bureau_written_off fail refer"),
    "O6b": WorkedCase("It was settled 60 months ago to the day.", bureau(bad_closed_on=date(2021, 11, 20)),
                      "recommend", 300),
    "O6c": WorkedCase("It is still open.", bureau(written_off=fen(60)), "advise_against",
                      findings="bureau_written_off fail blocks"),
    "O7a": WorkedCase("The firm was never queried.", (("bureau", 0, GONE),), "refer", 300,
                      "bureau_report unknown refer"),
    "O7a old": WorkedCase("Its report is 91 days old.", bureau(queried_on=date(2026, 8, 21)), "refer", 300,
                          "bureau_report unknown refer"),
    "O7b": WorkedCase("A clean report of 45 days.", bureau(queried_on=OLD), "recommend", 300,
                      "bureau_report unknown before_drawdown"),
    "O8a": WorkedCase("The controller was never queried.", (("person_bureau", 0, GONE),), "refer", 300,
                      "controller_credit unknown refer"),
    "O8b": WorkedCase("The controller was late three months in a row.", of("person_bureau", worst_months=3), "refer",
                      300, "controller_credit fail refer"),
    "O8c": WorkedCase("The controller has a non-performing loan.", of("person_bureau", non_performing=1),
                      "advise_against", findings="controller_credit fail blocks"),
    "O8d": WorkedCase("The controller owes 500 for business.", of("person_bureau", business_loans=fen(500)),
                      "recommend", 300),
    "O8e": WorkedCase("The controller did not authorise the query.", of("person_bureau", authorised_on=None), "refer",
                      300, "controller_credit unknown refer"),
    "O9a": WorkedCase("Guarantees are twice the equity.", bureau(guarantees_given=fen(8000)), "advise_against",
                      findings="guarantees_given fail blocks; repayment_source fail blocks", bounds={"debt": 0},
                      limit=(0, "debt_capacity")),
    "O9b": WorkedCase("Guarantees are as much as the equity.", bureau(guarantees_given=fen(3900)), "recommend", 300,
                      "guarantees_given fail caution", {"debt": 630}),
    "O9c": WorkedCase("Guarantees are a little more.", bureau(guarantees_given=fen(4000)), "refer", 300,
                      "guarantees_given fail refer", {"debt": 600}),
    "O10a": WorkedCase("A guaranteed debtor is in special mention.",
                       bureau(guarantees_given=fen(500), guarantees_special_mention=fen(500)), "refer", 300,
                       "guarantees_given_bad fail refer", {"debt": 1650}),
    "O10b": WorkedCase("Who is guaranteed guarantees the firm.",
                       (*bureau(guarantees_given=fen(500)),
                        *new("guarantees", guarantor=FIRM, debtor="row:x", kind="company"),
                        *new("guarantees", guarantor="row:x", debtor=FIRM, kind="company")), "refer", 300,
                       "guarantee_circle fail refer", {"debt": 1650}),
}  # fmt: skip

OF_COURTS = {
    "O11a": WorkedCase("The firm is sued for half its equity.", sued(2000), "advise_against",
                       findings="litigation fail blocks"),
    "O11b": WorkedCase("For a fifth.", sued(800), "refer", 300, "litigation fail refer"),
    "O11c": WorkedCase("For less.", sued(700), "recommend", 300, "litigation fail caution"),
    "O11d": WorkedCase("The firm itself sues.", sued(2000, side="plaintiff"), "recommend", 300),
    "O11e": WorkedCase("Nobody tells for how much.", sued(None), "refer", 300, "litigation unknown refer"),
    "O11f": WorkedCase("A bank sues over a loan.", sued(90, cause="loan"), "refer", 300, "litigation fail refer"),
    "O12a": WorkedCase("Enforcement of one per cent of equity.", event("enforcement", amount=fen(39)), "refer", 300,
                       "credit_listing fail refer"),
    "O12b": WorkedCase("Enforcement of more.", event("enforcement", amount=fen(40)), "advise_against",
                       findings="credit_listing fail blocks"),
    "O12c": WorkedCase("The controller is a dishonest debtor.", event("dishonest_debtor", about=CONTROLLER),
                       "advise_against", findings="person_listing fail blocks"),
    "O12d": WorkedCase("The firm's spending is restricted.", event("spending_restriction"), "advise_against",
                       findings="credit_listing fail blocks"),
    "O12e": WorkedCase("Courts and lists were never asked.", new("coverage", about="credit_events", complete=False),
                       "refer", 300,
                       "litigation unknown refer; credit_listing unknown refer; person_listing unknown refer"),
    "O34": WorkedCase("The firm is listed for abnormal operation.", event("abnormal_operation"), "recommend", 300,
                      "credit_listing fail before_drawdown"),
    "O39": WorkedCase("The founder, who pledges one patent, is under enforcement.",
                      (*of("collateral", pledgor="person:founder"),
                       *new("holdings", patent=PATENTS[0], holder="person:founder", from_on=FILED[0], how="original"),
                       ("holdings", 0, GONE), *event("enforcement", about="person:founder", amount=fen(10))),
                      "advise_against",
                      findings="person_listing fail blocks; third_party_pledge fail caution"),
    "O40": WorkedCase("What blocks comes before what is not known.",
                      (*bureau(non_performing=1), ("person_bureau", 0, GONE)), "advise_against",
                      findings="bureau_non_performing fail blocks; controller_credit unknown refer"),
}  # fmt: skip

OF_CONTROL = {
    "O13a": WorkedCase("The controller has not signed yet.", of("guarantees", signed_on=None), "recommend", 300,
                       "controller_guarantee unknown before_drawdown"),
    "O13b": WorkedCase("The controller refuses.",
                       (*of("guarantees", signed_on=None), *evidence("controller_guarantee", "refused", "A1")),
                       "refer", 300, "controller_guarantee fail refer"),
    "O14a": WorkedCase("A sister firm is non-performing.", tied("same_controller", non_performing=True), "refer", 300,
                       "related_non_performing fail refer"),
    "O14b": WorkedCase("Related parties owe a fifth of assets.", books(related_receivables=1300), "refer", 300,
                       "related_funds fail refer"),
    "O33": WorkedCase("Nobody tells who controls the firm.", (("people", 1, GONE), ("people", 0, GONE)), "refer", 300,
                      "controller_credit unknown refer; person_listing unknown refer; controller_known unknown refer; "
                      "controller_guarantee unknown before_drawdown"),
    "O37": WorkedCase("An associate is non-performing.", tied("associate", non_performing=True), "recommend", 300,
                      "related_non_performing fail caution"),
    "O54a": WorkedCase("The firm is tied to the bank.", of("evidence", answer="related"), "refer", 300,
                       "bank_related fail refer"),
    "O54b": WorkedCase("The beneficial owner is not told.", (("people", 1, GONE),), "recommend", 300,
                       "controller_known unknown before_drawdown"),
}  # fmt: skip

OF_BOOKS = {
    "O15a": WorkedCase("The auditor qualifies.", (("statements", YEAR, {"audit_opinion": "qualified"}),), "refer", 300,
                       "audit_opinion fail refer"),
    "O15b": WorkedCase("The auditor cannot tell.", (("statements", YEAR, {"audit_opinion": "disclaimer"}),),
                       "advise_against", findings="audit_opinion fail blocks"),
    "O15c": WorkedCase("Nobody audited; taxes and flows are known.",
                       (("statements", YEAR, {"audit_opinion": "unaudited", "audited": False}),), "recommend", 300,
                       "audit_opinion fail caution"),
    "O15d": WorkedCase("Nobody audited, and nothing bears the sales out.",
                       (("statements", YEAR, {"audit_opinion": "unaudited", "audited": False}),
                        *never_asked("tax_filings", "account_flows")), "refer", None,
                       "bank_debt_to_sales unknown caution; need_known unknown refer; audit_opinion fail caution; "
                       "sales_cross_check unknown refer; lendable unknown refer", {"need": None}, (None, None)),
    "O15e": WorkedCase("Audited, and nothing bears the sales out.", never_asked("tax_filings", "account_flows"),
                       "recommend", 300,
                       "bank_debt_to_sales unknown caution; sales_cross_check unknown before_drawdown"),
    "O16a": WorkedCase("The balance sheet does not balance.", books(equity=3830), "refer", 300,
                       "books_balance fail refer"),
    "O16b": WorkedCase("It does but for rounding.", books(equity=3895), "recommend", 300),
    "O17a": WorkedCase("Sales were typed in another unit.", books(revenue=0.6), "refer", None,
                       "units_suspect fail refer; need_known unknown refer; lendable unknown refer",
                       {"need": None, "debt": None}, (None, None)),
    "O17b": WorkedCase("The amount asked was typed in another unit.", asked(0.03), "refer", None,
                       "units_suspect fail refer; need_known unknown refer; lendable unknown refer",
                       {"need": None, "debt": None}, (None, None)),
    "O18a": WorkedCase("The tax office was told of a quarter less.", of("tax_filings", sales=fen(4500)), "refer", 300,
                       "sales_cross_check fail refer", {"need": 400}),
    "O18b": WorkedCase("Little came in on accounts.", flows(1700), "refer", 10,
                       "bank_debt_to_sales fail refer; sales_cross_check fail refer; within_limit fail refer",
                       {"need": 10}, (10, "need")),
    "O19a": WorkedCase("Sales of the year fall by 42 per cent.", books(NINE_MONTHS, revenue=2300), "refer", 300,
                       "interim_trend fail refer"),
    "O19b": WorkedCase("They fall by 22 per cent.", books(NINE_MONTHS, revenue=3100), "recommend", 300,
                       "interim_trend fail caution"),
    "O20a": WorkedCase("Operations cost cash for two years.",
                       (*books(operating_cash_flow=-100), *books(LAST_YEAR, operating_cash_flow=-20)), "refer", 300,
                       "cash_flow fail refer"),
    "O20b": WorkedCase("Losses for two years.",
                       (*books(operating_profit=20, depreciation_amortisation=170, profit_before_tax=-10,
                               net_profit=-10),
                        *books(LAST_YEAR, profit_before_tax=-30, net_profit=-30)), "refer", 160,
                       "losses fail refer; interest_cover fail refer; within_limit fail info",
                       {"need": 860, "debt": 160}, (160, "debt_capacity")),
    "O29a": WorkedCase("Earnings hardly pay the interest.",
                       books(operating_profit=60, profit_before_tax=30, net_profit=25), "recommend", 240,
                       "interest_cover fail caution; within_limit fail info", {"need": 846.7, "debt": 240},
                       (240, "debt_capacity")),
    "O30": WorkedCase("The firm is one year old.", of("firms", founded_on=date(2025, 3, 1)), "refer", 300,
                      "operating_years fail refer"),
    "O35": WorkedCase("Cautions do not add up.",
                      (("statements", YEAR, {"audit_opinion": "emphasis"}), *books(NINE_MONTHS, revenue=3100),
                       *bureau(worst_days=20)), "recommend", 300,
                      "bureau_worst_days fail caution; audit_opinion fail caution; interim_trend fail caution"),
    "O36a": WorkedCase("Much of the long debt falls due.",
                       (*asked(400), *half_years(100),
                        *books(long_term_due=500, long_term_debt=200, current_liabilities=2500, total_liabilities=2700,
                               equity=3300), *bureau(balance=fen(1200))), "refer", 400, "debt_service fail refer",
                       {"need": 1173.8, "debt": 1200}),
    "O36b": WorkedCase("Less of it falls due.",
                       (*asked(400), *half_years(100),
                        *books(long_term_due=260, long_term_debt=440, current_liabilities=2260, total_liabilities=2700,
                               equity=3300), *bureau(balance=fen(1200))), "recommend", 400,
                       "debt_service fail caution", {"need": 933.8, "debt": 1200}),
    "O38": WorkedCase("The credit report shows more debt than the books.", bureau(**wan(balance=800,
                      balance_short=600)), "recommend", 300, "debt_cross_check fail caution", {"debt": 1600}),
    "O48a": WorkedCase("A funded firm before profit lives on its cash.", FUNDED, "refer", 300, LOSING.format("refer"),
                       {"need": 500, "debt": 2100}),
    "O48b": WorkedCase("Its cash does not last a year.", LITTLE_CASH, "advise_against",
                       findings=f"{LOSING.format('blocks')}; appraised_to_assets fail caution",
                       bounds={"need": 500, "debt": 0}, limit=(0, "debt_capacity")),
    "O48c": WorkedCase("An institution bears most of the loss.", (*LITTLE_CASH, *institution(300)), "refer", 300,
                       f"{LOSING.format('refer')}; appraised_to_assets fail caution",
                       {"need": 500, "debt": 300, "security": 690}, (300, "debt_capacity")),
    "O48d": WorkedCase("It bears less than half.", (*LITTLE_CASH, *institution(300, 0.4)), "advise_against",
                       findings=f"{LOSING.format('blocks')}; appraised_to_assets fail caution",
                       bounds={"need": 500, "debt": 0, "security": 570}, limit=(0, "debt_capacity")),
    "O49a": WorkedCase("Two years, all of it repaid at the end.", of("applications", term_months=24), "recommend", 300,
                       "instalments fail before_drawdown"),
    "O49b": WorkedCase("Two years, repaid by half-years.", half_years(75), "recommend", 300),
}  # fmt: skip

OF_PURPOSE = {
    "O21a": WorkedCase("A part pays dividends.", used(("materials", 200), ("dividends", 100)), "advise_against",
                       findings="purpose_allowed fail blocks"),
    "O21b": WorkedCase("A part pays a machine.", used(("materials", 250), ("equipment", 50)), "recommend", 300),
    "O21c": WorkedCase("A larger part does.", used(("materials", 240), ("equipment", 60)), "advise_against",
                       findings="purpose_allowed fail blocks"),
    "O21d": WorkedCase("Nobody tells what the money is for.",
                       (*of("applications", purpose="other"), ("uses", 0, GONE)), "refer", None,
                       "purpose_stated unknown refer; purpose_documents unknown before_drawdown; "
                       "need_known unknown refer; lendable unknown refer", {"need": None}, (None, None)),
    "O21e": WorkedCase("Contracts were seen for a part.",
                       (*used(("materials", 230), ("wages", 70)), ("uses", 1, {"contract": None, "document": None})),
                       "recommend", 300, "purpose_documents unknown before_drawdown"),
    "O21f": WorkedCase("The sister firm is paid.",
                       (*of("uses", payee="row:sister"), *tied("same_controller", non_performing=False)), "refer", 300,
                       "payee_related fail refer"),
    "O22a": WorkedCase("A medium firm.", MEDIUM, "recommend", 300),
    "O22b": WorkedCase("A medium firm whose sales fell.", (*MEDIUM, *FELL), "refer", None,
                       "need_known unknown refer; lendable unknown refer", {"need": None}, (None, None)),
    "O22c": WorkedCase("It has orders.", (*MEDIUM, *FELL, *ORDER), "recommend", 300, "", {"need": 560}),
    "O22d": WorkedCase("It renews our performing loan.", (*MEDIUM, *FELL, *renews()), "recommend", 300, "",
                       {"need": 300, "debt": 2100}, (300, "need")),
    "O22e": WorkedCase("Our loan is in special mention.",
                       (*MEDIUM, *FELL, *renews("special_mention"), *bureau(special_mention=1)), "refer", 292,
                       "bureau_special_mention fail refer; eligible_renewal fail refer; within_limit fail info",
                       {"need": 292.6, "debt": 2100}, (292, "need")),
    "O23a": WorkedCase("Research with a budget.",
                       (*asked(400, purpose="research", product="other"), *of("uses", use="research"),
                        *half_years(100), *project("research", 800, 200, grants=100)), "recommend", 400, "",
                       {"need": 500}),
    "O23b": WorkedCase("Research without a budget.",
                       (*of("applications", purpose="research"), *of("uses", use="research")), "refer", None,
                       "need_known unknown refer; lendable unknown refer", {"need": None}, (None, None)),
    "O32a": WorkedCase("Equipment with own capital.",
                       (*asked(450, purpose="equipment", product="fixed_asset"), *of("uses", use="equipment"),
                        *half_years(75, 6), *project("equipment", 1000, 300)), "recommend", 450, "", {"need": 700},
                       (450, "security")),
    "O32b": WorkedCase("Equipment with too little of it.",
                       (*asked(450, purpose="equipment", product="fixed_asset"), *of("uses", use="equipment"),
                        *half_years(75, 6), *project("equipment", 1000, 150)), "refer", 450,
                       "project_capital fail refer", {"need": 800}, (450, "security")),
    "O50a": WorkedCase("A small firm whose sales fell.", (*asked(400), *FELL), "recommend", 400, "", {"need": 400},
                       (400, "need")),
    "O50b": WorkedCase("Asking more gives no more.", (*asked(401), *FELL), "recommend", 400,
                       "within_limit fail info", {"need": 400}, (400, "need")),
    "O55a": WorkedCase("A new customer of ordinary standing.", of("firms", customer_since=None), "recommend", 300,
                       "entrusted_payment fail before_drawdown; price fail caution", points=595),
    "O55b": WorkedCase("A new customer of good standing.", of("firms", customer_since=None), "recommend", 300),
    "O56": WorkedCase("A part repays another bank's performing loan.",
                      (*asked(500), *used(("materials", 300), ("renewal", 200)),
                       ("uses", 1, {"repays": "B1", "payee": None}),
                       *new("bureau_accounts", account="B1", queried_on=DAY, lender="row:bank", kind="short_loan",
                            balance=fen(200), risk_class="normal")), "recommend", 450, "within_limit fail info",
                      {"need": 873.8, "debt": 2000}, (450, "security")),
}  # fmt: skip

MONTH_AGO = date(2026, 10, 16)
DROPPED = "recently_bought fail drops_patent"
OF_SECURITY = {
    "O24a": WorkedCase("All patents were bought five weeks before.", bought(dict.fromkeys(range(3), MONTH_AGO)),
                       "refer", None, f"{DROPPED} ×3; appraisal_usable fail before_drawdown; lendable unknown refer",
                       {"security": 0}, (0, "security")),
    "O24b": WorkedCase("Their purchase is proved.",
                       (*bought(dict.fromkeys(range(3), MONTH_AGO)),
                        *(one for number in PATENTS for one in evidence("purchase_proved", "proved", number))),
                       "recommend", 300, "recently_bought fail caution ×3"),
    "O24c": WorkedCase("One was bought within a year.", bought({0: date(2026, 2, 1)}), "refer", 300,
                       "recently_bought fail refer"),
    "O24d": WorkedCase("One was bought six months before to the day.", bought({0: date(2026, 5, 20)}), "recommend",
                       270, f"{DROPPED}; appraisal_usable fail before_drawdown; pool_concentration fail info; "
                       "within_limit fail info", {"security": 270}, (270, "security")),
    "O25a": WorkedCase("The appraisal was made for reporting.", of("appraisals", purpose="reporting"), "recommend",
                       300, "appraisal_usable fail before_drawdown"),
    "O25b": WorkedCase("We have no value of our own either.", of("appraisals", purpose="reporting"), "refer", None,
                       "appraisal_usable fail before_drawdown; lendable unknown refer", {"security": None},
                       (None, None), own=None),
    "O25c": WorkedCase("More is confirmed than was appraised.", of("appraisals", confirmed_value=fen(2200)), "refer",
                       300, "confirmed_above fail refer", {"security": 600}),
    "O25d": WorkedCase("The appraisal is more than the firm's assets.",
                       of("appraisals", **wan(value=7000, confirmed_value=3000)), "refer", 300,
                       "appraised_to_assets fail refer; above_own_range fail caution", {"security": 900}),
    "O25e": WorkedCase("One signed the appraisal.", of("appraisals", signers=1), "recommend", 300,
                       "appraisal_usable fail before_drawdown"),
    "O25f": WorkedCase("The bank has validated our valuation.",
                       of("appraisals", **wan(value=7000, confirmed_value=3000)), "refer", 300,
                       "appraised_to_assets fail refer; above_own_range fail refer", {"security": 780},
                       policy=VALIDATED),
    "O26": WorkedCase("Three signs of a false pledge.",
                      (*(("people", place, {"employed": False}) for place in (4, 5, 6)),
                       *bought({0: date(2025, 6, 1)}), *of("appraisals", value=fen(3500))), "refer", 300,
                      "recently_bought fail caution; inventors_gone fail refer; appraised_to_assets fail caution; "
                      "fraud_flags_together fail refer", own=(900, 1600, 3600)),
    "O27a": WorkedCase("One patent alone.", ONE_PATENT, "recommend", 300, "pool_concentration fail caution",
                       {"security": 360}),
    "O27b": WorkedCase("Two patents of unlike parts.", TWO_PATENTS, "recommend", 300, "pool_concentration fail info",
                       {"security": 405}, parts=(7, 3)),
    "O27c": WorkedCase("One patent whose fees are long overdue.",
                       (*ONE_PATENT, ("patents", 0, {"fees_paid_to": date(2025, 6, 3)}), ("patent_events", 0, GONE)),
                       "refer", None, "ended_or_invalidated unknown drops_patent; fee_arrears unknown before_drawdown; "
                       "register_extract unknown before_drawdown; lendable unknown refer", {"security": None},
                       (None, None)),
    "O27d": WorkedCase("No patent at all.", NO_PATENTS, "advise_against", findings="lendable fail blocks",
                       bounds={"security": 0}, limit=(0, "security")),
    "O28a": WorkedCase("A factory stands in beside one patent.",
                       (*asked(400), *ONE_PATENT,
                        *new("collateral", **FACTORY, valued_on=DAY, **wan(confirmed_value=400, prior_secured=180))),
                       "recommend", 400, "pool_concentration fail caution", {"security": 420}),
    "O28b": WorkedCase("The factory is not valued.", (*asked(400), *ONE_PATENT, *new("collateral", **FACTORY)),
                       "recommend", 360, "pool_concentration fail caution; other_security unknown before_drawdown; "
                       "within_limit fail info", {"security": 360}, (360, "security")),
    "O28c": WorkedCase("An institution stands in beside one patent.",
                       (*asked(400), *ONE_PATENT, *institution(400)), "recommend", 400,
                       "pool_concentration fail caution", {"security": 680}),
    "O31a": WorkedCase("The bank's exposure leaves 200.",
                       (*new("exposures", other=FIRM, on=DAY, amount=fen(400)),
                        *new("exposures", other="row:sister", on=DAY, amount=fen(100))), "recommend", 200,
                       "within_limit fail info", {"exposure": 200}, (200, "exposure"), policy=CAPITAL),
    "O31b": WorkedCase("It leaves nothing.", new("exposures", other=FIRM, on=DAY, amount=fen(600)), "advise_against",
                       findings="lendable fail blocks", bounds={"exposure": 0}, limit=(0, "exposure"),
                       policy=CAPITAL),
    "O47a": WorkedCase("All patents are pledged to the institution that stands in.",
                       (*asked(400), *institution(400), *pledged_to("row:institution", 0, 1, 2)), "recommend", 320,
                       "within_limit fail info", {"security": 320}, (320, "security")),
    "O47b": WorkedCase("One of them is.",
                       (*asked(400), *institution(400), *pledged_to("row:institution", 0)), "recommend", 400,
                       "appraisal_usable fail before_drawdown; pool_concentration fail info", {"security": 590}),
}  # fmt: skip

OF_PRICE = {
    "O29b": WorkedCase("The rate leaves little.", of("applications", rate_asked=0.035), "recommend", 300,
                       "price fail caution"),
    "O29c": WorkedCase("The rate does not pay for the loss.", of("applications", rate_asked=0.03), "refer", 300,
                       "price fail refer"),
    "O46a": WorkedCase("A weak score at a high rate.", of("applications", rate_asked=0.055), "recommend", 300,
                       "price fail caution", points=575),
    "O46b": WorkedCase("One point less.", of("applications", rate_asked=0.055), "refer", 300,
                       "price fail caution; score fail refer", points=574),
    "O46c": WorkedCase("A poor score.", of("applications", rate_asked=0.055), "refer", 300,
                       "price fail refer; score fail refer", points=551),
    "O46d": WorkedCase("A score beyond the line.", of("applications", rate_asked=0.055), "advise_against",
                       findings="price fail refer; score fail blocks", points=550),
    "O46e": WorkedCase("The score passes, the price does not.", (), "refer", 300, "price fail refer", points=575),
}  # fmt: skip

OF_PROFILE = {
    "O53a": WorkedCase("A fresh report does not tell of guarantees.", bureau(guarantees_given=None), "recommend", 300,
                       "guarantees_given unknown before_drawdown", policy=LIGHT),
    "O53b": WorkedCase("More is asked than the light profile allows.", (*asked(301), *bureau(guarantees_given=None)),
                       "refer", 301, "guarantees_given unknown refer", policy=LIGHT),
    "O53c": WorkedCase("Papers are few.",
                       (("statements", NINE_MONTHS, GONE), ("statements", NINE_MONTHS_AGO, GONE),
                        *used(("materials", 160), ("wages", 140)), ("uses", 1, {"contract": None, "document": None}),
                        *of("appraisals", purpose="reporting")), "recommend", 300,
                       "interim_fresh unknown caution; appraisal_usable fail caution", policy=LIGHT),
    "O53d": WorkedCase("An adverse fact is never lighter.", bureau(non_performing=1), "advise_against",
                       findings="bureau_non_performing fail blocks", policy=LIGHT),
}  # fmt: skip

WORKED: Mapping[str, WorkedCase] = {
    **OF_CREDIT_RECORD, **OF_COURTS, **OF_CONTROL, **OF_BOOKS, **OF_PURPOSE, **OF_SECURITY, **OF_PRICE, **OF_PROFILE,
}  # fmt: skip
