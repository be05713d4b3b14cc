"""From the columns of a case to what the methods of need and debt read, and to what stands beside the patents."""

from dataclasses import fields, replace
from datetime import date
from fractions import Fraction
from math import isnan

import numpy as np

from features.arrays import Floats
from features.exact import exactly
from features.firm import size_class
from models.collateral.loan_figures import GuaranteeFault, GuaranteeItem, LoanFigures, OtherItem
from models.need.debt import DebtInputs, further_debt
from models.need.inputs import (
    SIZES as NEED_SIZES,
)
from models.need.inputs import (
    Group,
    NeedInputs,
    OpenOrder,
    ProjectFunds,
    RepaidLoan,
    SeasonItems,
    YearItems,
)
from models.need.need import financing_need
from models.need.policy import NeedPolicy
from models.need.result import FinancingNeed
from models.records.applicant import Applicant
from models.records.columns import Record
from models.rules.column_rules import AllVerdicts
from models.rules.finding import EFFECTS, OUTCOMES
from models.rules.firm_columns import FirmColumns

_GROUP_OF_PURPOSE: dict[str, Group | None] = {
    "working_capital": "working_capital",
    "refinance": "working_capital",
    "research": "research",
    "equipment": "investment",
    "expansion": "investment",
}
_GROUP_OF_USE: dict[str, Group] = {
    "materials": "working_capital",
    "wages": "working_capital",
    "operating_costs": "working_capital",
    "tax": "working_capital",
    "renewal": "working_capital",
    "research": "research",
    "equipment": "investment",
    "fixed_assets": "investment",
}
_ITEMS = tuple(one.name for one in fields(YearItems))
_BELIEVED = ("unqualified", "emphasis")
_MONTHS, _YEAR, _SLACK = 12, 365.25, 45
"""Of yearly books; days of a year; days by which a year-end may differ from the anniversary."""

STANDING_IN = ("guarantee_institution", "insurer")
"""Kinds of guarantees that carry an amount: that of a controller or of a company carries none."""


def loan_figures(p: FirmColumns, verdicts: AllVerdicts[FirmColumns], i: int) -> LoanFigures:
    """What bounds the loan of case i beside its patents."""
    a, param = p.a(i), p.a(i).param
    doubt = bool(p.units_suspect[i])
    guarantees = _guarantees(a)
    need = FinancingNeed(None, None, ()) if doubt else financing_need(_need(p, verdicts, i), NeedPolicy.of(param))
    debt = _debt(p, guarantees, i, doubt)
    return LoanFigures(
        need=need,
        debt=further_debt(debt, param),
        debt_inputs=debt,
        other=_other_items(a),
        guarantees=guarantees,
        exposure=_exposure(p, i),
        short_loans=_fen(p.short_loans, i),
        turns_over=bool(p.purpose_is("working_capital", "refinance")[i]),
        in_doubt=doubt,
        light=bool(p.light[i]),
    )


def _fen(column: Floats, i: int) -> int | None:
    """An amount of case i in whole fen."""
    return None if isnan(column[i]) else round(column[i])


def _share(column: Floats, i: int) -> Fraction | None:
    return None if isnan(column[i]) else exactly(float(column[i]))


# --- need ------------------------------------------------------------------------------------------------------------


def _need(p: FirmColumns, verdicts: AllVerdicts[FirmColumns], i: int) -> NeedInputs:
    a = p.a(i)
    asked = next((row for row in a.rows("applications") if row.application == a.application), None)
    purpose = asked.purpose if asked is not None else None
    size, loans = size_class(p.known)[i], _fen(p.controllers_report.total("business_loans"), i)
    credit = _fen(p.debt, i)
    return NeedInputs(
        as_of=a.as_of,
        purpose=_GROUP_OF_PURPOSE.get(purpose, "other") if purpose is not None else None,
        size=None if isnan(size) else NEED_SIZES[int(size)],
        books=_year(p, i, 0),
        before=_year(p, i, 1),
        believed=_believed(p, verdicts, i),
        forecast_growth=_share(p.asked_for("forecast_growth"), i),
        other_funds=_fen(p.asked_for("other_funds"), i) or 0,
        sales=_fen(p.sales, i),
        short_loans=_fen(p.short_loans, i),
        credit=None if credit is None else credit + (loans or 0),
        controller_loans=loans,
        repaid=repaid_loans(a),
        renewal_allowed=a.yes("eligible_renewal", a.loan.renews) if a.loan.renews else None,
        orders=_orders(a),
        projects=_projects(a),
        season=_season(a),
        group_books=_group_year(a, 0),
        group_before=_group_year(a, 1),
        uses=_uses(a, p, i),
    )


def _year(p: FirmColumns, i: int, years_ago: int) -> YearItems | None:
    if isnan(p.item("revenue", years_ago)[i]) and years_ago:
        return None
    if not p.has_books[i]:
        return None
    return YearItems(**{name: _fen(p.item(name, years_ago), i) for name in _ITEMS})


def _group_year(a: Applicant, years_ago: int) -> YearItems | None:
    """The consolidated books of the latest year, or of the one before it; None where there are none."""
    rows = [row for row in a.rows("statements") if row.scope == "group" and row.months == _MONTHS]
    last = max((row.period_end for row in rows), default=None)
    if last is None or not a.fresh(last, "statements_annual"):
        return None
    row = next((one for one in rows if abs((last - one.period_end).days - _YEAR * years_ago) <= _SLACK), None)
    return None if row is None else YearItems(**{name: getattr(row, name) for name in _ITEMS})


def _believed(p: FirmColumns, verdicts: AllVerdicts[FirmColumns], i: int) -> bool:
    """Whether the books may be relied on: their sales are borne out, or where nothing tells of them, audited."""
    row = [one.rule.code for one in verdicts.of].index("sales_cross_check")
    outcome, effect = OUTCOMES[verdicts.outcome[row, i]], EFFECTS[verdicts.effect[row, i]]
    if outcome == "unknown":
        return bool(p.has_opinion(*_BELIEVED)[i])
    return not (outcome == "fail" and effect in ("blocks", "refer"))


def repaid_loans(a: Applicant) -> tuple[RepaidLoan, ...]:
    """The bank loans that the loan asked for repays: by its uses, else the one that the application renews."""
    uses = [row for row in a.rows("uses") if row.application == a.application and row.use == "renewal"]
    if not uses and a.loan.renews is not None:
        return (_repaid_loan(a, a.loan.renews, None),)
    return tuple(_repaid_loan(a, row.repays, row.amount) for row in uses)


def _repaid_loan(a: Applicant, loan: str | None, amount: int | None) -> RepaidLoan:
    months = [row for row in a.rows("performance") if row.loan == loan]
    if any(row.loan == loan for row in a.rows("loans")) or months:
        last = months[-1] if months else None
        balance = amount if amount is not None else (last.balance if last is not None else None)
        performing = None if last is None or last.risk_class is None else _performs(last)
        return RepaidLoan(True, balance, performing)
    account = next((row for row in reversed(a.rows("bureau_accounts")) if row.account == loan), None)
    if account is None:
        return RepaidLoan(False, amount, None)
    performing = None if account.risk_class is None else account.risk_class == "normal"
    return RepaidLoan(False, amount if amount is not None else account.balance, performing)


def _performs(month: Record) -> bool:
    """Whether a loan of ours is normal, and nothing of it is late."""
    return month.risk_class == "normal" and not month.days_past_due and not month.overdue


def _orders(a: Applicant) -> tuple[OpenOrder, ...]:
    tied = {row.other for row in a.rows("related")} | {row.person for row in a.rows("people")}
    return tuple(
        OpenOrder(
            row.amount,
            row.received or 0,
            row.financed or 0,
            buyer_related=row.buyer in tied,
            proved=row.signed_on is not None and row.document is not None and bool(row.account),
        )
        for row in a.rows("orders")
    )


def _projects(a: Applicant) -> tuple[ProjectFunds, ...]:
    return tuple(
        ProjectFunds(
            "research" if row.kind == "research" else "investment",
            row.cost,
            row.capital,
            row.grants or 0,
            row.other or 0,
            outlived=(row.life_months is not None and (a.loan.term_months or 0) > row.life_months),
        )
        for row in a.rows("projects")
        if row.application in (None, a.application)
    )


def _season(a: Applicant) -> SeasonItems | None:
    rows = [row for row in a.rows("seasons") if row.application == a.application]
    if not rows:
        return None
    last = rows[-1]
    items = {one.name: getattr(last, one.name) for one in fields(SeasonItems) if one.name != "growth"}
    return SeasonItems(**items, growth=None if last.growth is None else exactly(float(last.growth)))


def _uses(a: Applicant, p: FirmColumns, i: int) -> dict[Group, int]:
    """What is asked for by group. Under a working-capital loan fixed assets count with working capital.

    Too much of them is a use that is not allowed, not another need.
    """
    found: dict[Group, int] = {}
    for row in a.rows("uses"):
        if row.application == a.application and row.use in _GROUP_OF_USE:
            group = _GROUP_OF_USE[row.use]
            found[group] = found.get(group, 0) + (row.amount or 0)
    if p.product_is("working_capital")[i] and "investment" in found:
        found["working_capital"] = found.get("working_capital", 0) + found.pop("investment")
    return found


# --- debt ------------------------------------------------------------------------------------------------------------


def _debt(p: FirmColumns, guarantees: tuple[GuaranteeItem, ...], i: int, doubt: bool) -> DebtInputs:
    signed = [one for one in guarantees if one.reason is None]
    share = min((exactly(one.share) for one in signed if one.share is not None), default=Fraction(0))
    borne = DebtInputs(guaranteed=sum(one.amount or 0 for one in signed), guaranteed_share=share)
    if doubt:
        return borne
    short, due = p.item("short_term_debt")[i], p.item("long_term_due")[i]
    within = None if isnan(short) else round(short + np.nan_to_num(due))
    return replace(
        borne,
        operating_profit=_fen(p.item("operating_profit"), i),
        depreciation_amortisation=_fen(p.item("depreciation_amortisation"), i),
        debt=_fen(p.debt, i),
        total_assets=_fen(p.item("total_assets"), i),
        total_liabilities=_fen(p.liabilities, i),
        cash=_fen(p.item("cash"), i),
        restricted_cash=_fen(p.item("restricted_cash"), i),
        operating_cash_flow=_fen(p.item("operating_cash_flow"), i),
        due_within_a_year=within,
        guarantees_given=_fen(p.reported("guarantees_given"), i),
        renewed=sum(one.balance or 0 for one in repaid_loans(p.a(i))),
    )


def _exposure(p: FirmColumns, i: int) -> int | None:
    """What the bank may still lend to firm and group; None where it states no net capital."""
    a = p.a(i)
    capital = a.param("exposure.capital_net", int)
    if not capital:
        return None
    latest = lent_by_firm(a)
    firm, group = latest.get(a.firm, 0), sum(latest.values())
    renewed = sum(one.balance or 0 for one in repaid_loans(a) if one.ours)
    to_firm = exactly(a.param("exposure.to_firm", float)) * capital - firm
    to_group = exactly(a.param("exposure.to_group", float)) * capital - group
    return int(min(to_firm, to_group)) + renewed


def lent_by_firm(a: Applicant) -> dict[str, int]:
    """What the bank has lent to the firm and to each other of its group, in fen, on the latest day told of each."""
    return {row.other: row.amount or 0 for row in a.rows("exposures")}  # the latest day of each stands last


# --- other security --------------------------------------------------------------------------------------------------


def _other_items(a: Applicant) -> tuple[OtherItem, ...]:
    """The items that secure the application and are no patents."""
    rows = [row for row in a.rows("collateral") if row.application == a.application and row.kind != "patent"]
    return tuple(_other_item(a, row) for row in rows if a.application is not None)


def _other_item(a: Applicant, row: object) -> OtherItem:
    item, sort = getattr(row, "item", None), _sort(row)
    ceilings = a.param("other_security.ceilings", dict[str, float])
    value = getattr(row, "confirmed_value", None)
    valued_on: date | None = getattr(row, "valued_on", None)
    ceiling = ceilings.get(sort)
    if value is None or valued_on is None:
        return OtherItem(item, sort, 0, reason="not_valued")
    if (a.as_of - valued_on).days > a.param("other_security.value_days", int):
        return OtherItem(item, sort, 0, value, reason="value_too_old")
    if not getattr(row, "owner_agrees", None):
        return OtherItem(item, sort, 0, value, reason="owner_not_agreed")
    if ceiling is None:
        return OtherItem(item, sort, 0, value, reason="no_ceiling")
    prior = getattr(row, "prior_secured", None) or 0
    carries = max(int(exactly(ceiling) * value) - prior, 0)
    return OtherItem(item, sort, carries, value, ceiling, prior)


def _sort(row: object) -> str:
    """The sort of an item by which its ceiling is found: its own, else its kind."""
    own = getattr(row, "sort", None)
    return str(own if own not in (None, "other") else getattr(row, "kind", "other"))


def _guarantees(a: Applicant) -> tuple[GuaranteeItem, ...]:
    """The guarantees of institutions and insurers for the application."""
    rows = [row for row in a.rows("guarantees") if row.application == a.application and row.kind in STANDING_IN]
    return tuple(_guarantee(a, row) for row in rows if a.application is not None)


def _guarantee(a: Applicant, row: Record) -> GuaranteeItem:
    fault = _fault_of_guarantee(a, row)
    carries = 0 if fault is not None else int(exactly(row.share) * row.amount)
    return GuaranteeItem(row.guarantor, carries, row.amount, row.share, fault)


def _fault_of_guarantee(a: Applicant, row: Record) -> GuaranteeFault | None:
    """Why a guarantee carries nothing: first what is not told, then what the guarantor may not bear."""
    if row.signed_on is None or row.amount is None:
        return "not_signed"
    if row.share is None:
        return "share_not_known"
    if row.kind == "insurer":
        return None
    assets, outstanding = row.net_assets, row.outstanding
    if assets is None or outstanding is None:
        return "figures_not_known"
    times = a.param("other_security.institution", dict[str, float])
    if outstanding > times["times_small" if row.serves_small else "times"] * assets:
        return "too_much_outstanding"
    return "too_large_for_it" if row.amount > times["one"] * assets else None
