"""How the firm paid so far: its earlier loans with the bank that asks, and the latest report of the credit bureau.

*With us* means loans of the bank that the case names, or all known loans where it names none. The loan that answers the
case's own application is never looked at.
"""

from functools import partial

import numpy as np

from features.arithmetic import only, over_positive
from features.arrays import Bools, Floats, Ints
from features.asof import Known, derived
from features.books import FRESH as FRESH_BOOKS
from features.books import books
from features.registry import feature
from features.tables import TABLES

SETTLED_BY = "default_definition.settled_by"
FRESH = "freshness_days.bureau_report"

_MORE_DEBT_LATE = "who is late elsewhere is likely to be late here"
performance_feature = partial(feature, "behaviour", "performance")
bureau_feature = partial(feature, "behaviour", "bureau", policies=(FRESH,))


@derived
def _our_loans(known: Known) -> Bools:
    rows = known.loans
    any_bank = np.array([c.bank is None for c in known.cases], dtype=bool)
    ours = any_bank[rows.case] | rows.of_case("bank", known.bank)
    earlier: Bools = ours & ~rows.of_case("application", known.application)
    return earlier


@derived
def _our_months(known: Known) -> Bools:
    """Rows of `performance` that belong to an earlier loan with us; without its loan a row's bank is not known."""
    rows = known.performance
    place = known.loans.find(rows.case, rows.codes("loan"), "loan")
    if not len(known.loans):
        return np.zeros(len(rows), dtype=bool)
    ours: Bools = (place >= 0) & _our_loans(known)[place]
    return ours


def _since(known: Known, months: int) -> Bools:
    rows = known.performance
    return _our_months(known) & (rows.month_end > known.months_ago(months)[rows.case])


def _count(known: Known, mask: Bools) -> Floats:
    """A count of months: 0 where the history is known and has none, and not known where loans were not asked for."""
    rows = known.performance
    return only(
        known.asked("loans") & (known.asked("performance") | ~known.loans.any(_our_loans(known))), rows.count(mask)
    )


@feature("behaviour", "loans", "loan", "history", zh="在本行的历史贷款笔数", en="earlier loans with us")
def earlier_loans(known: Known) -> Floats:
    """Earlier loans with the bank that asks."""
    return only(known.asked("loans"), known.loans.count(_our_loans(known)))


@feature("behaviour", "loans", "loan", "history", zh="历史续贷次数", en="earlier renewals with us")
def earlier_renewals(known: Known) -> Floats:
    """Earlier loans with us that renewed another."""
    return only(known.asked("loans"), known.loans.count(_our_loans(known) & (known.loans.codes("renews") >= 0)))


@performance_feature("month", "history", zh="在本行的还款记录月数", en="months of repayment history with us")
def months_on_book(known: Known) -> Floats:
    """Months of earlier loans with us for which performance is known."""
    return _count(known, _our_months(known))


@performance_feature(
    "day", "late_payment", zh="近12个月最长逾期天数", en="worst days past due in 12 months",
    direction=1, because="payments missed so recently are the plainest sign of strain",
)  # fmt: skip
def worst_days_12m(known: Known) -> Floats:
    """The most days past due of earlier loans with us in the 12 months before the day."""
    rows = known.performance
    return rows.largest(rows.days_past_due, _since(known, 12))


@performance_feature(
    "day", "late_payment", zh="近24个月最长逾期天数", en="worst days past due in 24 months",
    direction=1, because="the longer a payment was missed, the nearer the borrower was to default",
)  # fmt: skip
def worst_days_24m(known: Known) -> Floats:
    """The most days past due of earlier loans with us in the 24 months before the day."""
    rows = known.performance
    return rows.largest(rows.days_past_due, _since(known, 24))


@performance_feature(
    "share", "late_payment", zh="近24个月逾期月份占比", en="share of months late in 24 months",
    direction=1, because="being late as a habit is worse than being late once",
)  # fmt: skip
def late_share(known: Known) -> Floats:
    """Share of the months of the last 24 in which an earlier loan with us was past due, where that is known."""
    rows = known.performance
    return rows.share(rows.days_past_due > 0, _since(known, 24) & ~np.isnan(rows.days_past_due))


@performance_feature("class", "late_payment", zh="近24个月最差五级分类", en="worst five-category class in 24 months",
    direction=1, because="the class is the bank's own finding that repayment is in doubt",
)  # fmt: skip
def worst_class(known: Known) -> Floats:
    """The worst five-category class of earlier loans with us in 24 months: 0 normal to 4 loss."""
    rows = known.performance
    classes = rows.codes("risk_class")
    return rows.largest(classes.astype(np.float64), _since(known, 24) & (classes >= 0))


@performance_feature(
    "loan", "settled_by_others", zh="被代偿贷款笔数", en="earlier loans that others settled",
    direction=1, because="a guarantor, insurer or fund paid what the borrower did not", policies=(SETTLED_BY,),
)  # fmt: skip
def settled_by_others(known: Known) -> Floats:
    """Earlier loans with us that somebody settled whose payment counts as the borrower's default."""
    rows = known.performance
    choices = TABLES["performance"].columns["settled_by"].choices
    by_others = np.zeros(len(rows), dtype=bool)
    for settlers, on_day in known.policy(SETTLED_BY).periods(known.as_of):
        by_others |= on_day[rows.case] & np.isin(rows.codes("settled_by"), [choices.index(s) for s in settlers])
    asked = known.asked("loans") & (known.asked("performance") | ~known.loans.any(_our_loans(known)))
    return only(asked, rows.distinct(rows.codes("loan"), _our_months(known) & by_others))


@performance_feature("loan", "history", zh="借款人自行结清贷款笔数", en="earlier loans that the borrower repaid")
def repaid_loans(known: Known) -> Floats:
    """Earlier loans with us that the borrower settled himself."""
    rows = known.performance
    asked = known.asked("loans") & (known.asked("performance") | ~known.loans.any(_our_loans(known)))
    return only(asked, rows.distinct(rows.codes("loan"), _our_months(known) & rows.where("settled_by", "borrower")))


@performance_feature("month", "relief", zh="近24个月延期还款月数", en="months of deferral in 24 months")
def deferred_months(known: Known) -> Floats:
    """Months of the last 24 in which payment of an earlier loan with us was deferred under a relief measure."""
    return _count(known, _since(known, 24) & (known.performance.deferred == 1))


@performance_feature(
    "month", "relief", zh="近24个月重组月数", en="months restructured in 24 months",
    direction=1, because="terms were eased because the borrower could not keep them",
)  # fmt: skip
def restructured_months(known: Known) -> Floats:
    """Months of the last 24 in which an earlier loan with us was restructured because of financial difficulty."""
    return _count(known, _since(known, 24) & (known.performance.restructured == 1))


@derived
def _report(known: Known) -> Ints:
    """The latest credit report within its freshness."""
    rows = known.bureau
    oldest = known.as_of - known.policy(FRESH).along(known.as_of)
    return rows.last(rows.queried_on >= oldest[rows.case])


def _reported(known: Known, name: str) -> Floats:
    """A figure of the report; 0 where the bureau holds no record of loans, not known where it was not queried."""
    figure = known.bureau.at(name, _report(known))
    none = known.bureau.at("record_found", _report(known)) == 0
    return np.where(none & np.isnan(figure), 0.0, figure)


def _share_of_balance(known: Known, name: str) -> Floats:
    """A figure of the report over the balance of all loans; 0 where the figure is 0, not known without the balance.

    Were it 0 without a balance, the first overdue yuan would make it unknown, and what is unknown may look better.
    """
    figure, balance = _reported(known, name), _reported(known, "balance")
    return np.where((figure == 0) & ~np.isnan(balance), 0.0, over_positive(figure, balance))


@bureau_feature("flag", "bureau_debt", zh="征信报告有信贷记录", en="bureau holds a record of loans")
def bureau_record(known: Known) -> Floats:
    """Whether the bureau holds a record of bank loans; not known where no fresh report was queried."""
    return known.bureau.at("record_found", _report(known))


@bureau_feature("bank", "bureau_debt", zh="未结清贷款的银行数", en="banks with an open loan")
def bureau_lenders(known: Known) -> Floats:
    """Banks with an open loan by the latest credit report."""
    return _reported(known, "lenders")


@bureau_feature("loan", "bureau_debt", zh="未结清贷款笔数", en="open loans at all banks")
def bureau_open_loans(known: Known) -> Floats:
    """Open loans by the latest credit report."""
    return _reported(known, "open_loans")


@feature(
    "behaviour", "bureau", "share", "bureau_debt", policies=(FRESH, FRESH_BOOKS),
    zh="全部银行贷款余额占总资产", en="loans at all banks to assets",
)  # fmt: skip
def bureau_balance_to_assets(known: Known) -> Floats:
    """Balance of all loans by the latest credit report, over total assets of the latest year."""
    return over_positive(_reported(known, "balance"), books(known).item("total_assets"))


@bureau_feature(
    "share", "bureau_overdue", zh="征信逾期金额占贷款余额", en="overdue share of the loans at all banks",
    direction=1, because=_MORE_DEBT_LATE,
)  # fmt: skip
def bureau_overdue_share(known: Known) -> Floats:
    """Overdue amount over the balance of all loans by the latest credit report; 0 where nothing is overdue."""
    return _share_of_balance(known, "overdue")


@bureau_feature(
    "share", "bureau_overdue", zh="逾期90天以上债务占比", en="share of the debt over 90 days late",
    direction=1, because=_MORE_DEBT_LATE,
)  # fmt: skip
def bureau_overdue_90_share(known: Known) -> Floats:
    """Debt more than 90 days overdue over the balance of all loans by the latest report; 0 where there is none."""
    return _share_of_balance(known, "overdue_90")


@bureau_feature(
    "day", "bureau_overdue", zh="征信近24个月最长逾期天数", en="worst days past due at any bank",
    direction=1, because=_MORE_DEBT_LATE,
)  # fmt: skip
def bureau_worst_days(known: Known) -> Floats:
    """Worst days past due in 24 months at any bank by the latest credit report."""
    return _reported(known, "worst_days")


@bureau_feature(
    "loan", "bureau_overdue", zh="征信关注类贷款笔数", en="loans in special mention at any bank",
    direction=1, because="another bank already sees signs that repayment may suffer",
)  # fmt: skip
def bureau_special_mention(known: Known) -> Floats:
    """Loans in special mention by the latest credit report."""
    return _reported(known, "special_mention")


@bureau_feature(
    "loan", "bureau_overdue", zh="征信不良贷款笔数", en="non-performing loans at any bank",
    direction=1, because="a claim at another bank is already impaired",
)  # fmt: skip
def bureau_non_performing(known: Known) -> Floats:
    """Loans non-performing by the latest credit report."""
    return _reported(known, "non_performing")


@bureau_feature(
    "query", "bureau_queries", zh="近六个月贷款审批查询次数", en="queries by lenders in six months",
    direction=1, because="who asks many lenders in a row was refused by some, or needs more than one will lend",
)  # fmt: skip
def bureau_inquiries(known: Known) -> Floats:
    """Queries by lenders in six months by the latest credit report."""
    return _reported(known, "inquiries")


@feature(
    "behaviour", "bureau", "share", "guarantees_given", policies=(FRESH, FRESH_BOOKS),
    zh="对外担保余额占总资产", en="guarantees given for others to assets",
    direction=1, because="what others do not pay falls on the same assets",
)  # fmt: skip
def guarantees_given_to_assets(known: Known) -> Floats:
    """Balance of guarantees given for others by the latest report, over total assets of the latest year."""
    return over_positive(_reported(known, "guarantees_given"), books(known).item("total_assets"))
