"""The credit record of the firm and of who controls it. Bad news does not go stale, good news does."""

import numpy as np

from features.arithmetic import or_nothing
from features.arrays import Floats
from features.days import whole_months
from models.rules.column_rules import Branch, Branches, Say, fails, firm_rule, not_applicable, passes, unknown
from models.rules.common import NONE, NOT_KNOWN
from models.rules.finding import Effect
from models.rules.firm_columns import USABLE, FirmColumns, quotient
from models.rules.underwriting.steps import limits, over, unknown_by_profile
from models.words.templates import phrase

FRESH = "freshness_days.bureau_report"
NO_REPORT = phrase("finding.any.observed.no_report")
NO_BOOKS = phrase("finding.any.observed.no_books")
UNITS_SUSPECT = phrase("finding.any.observed.units_suspect")
QUERY = "bureau_report"
"""The cure of what a credit report does not tell."""


def _not_told(p: FirmColumns, value: Floats, effect: Effect) -> list[Branch]:
    """A figure that is not known: without a usable report that weighs in `bureau_report` alone."""
    return [
        unknown(np.isnan(value) & ~p.report_usable, "info", NO_REPORT, cure=QUERY),
        unknown(np.isnan(value), effect, NOT_KNOWN, cure=QUERY, proof=p.of_report),
    ]


@firm_rule(FRESH, USABLE, weighs=("refer", "before_drawdown"))
def bureau_report(p: FirmColumns, say: Say) -> Branches:
    """A credit report of late date is at hand: never queried is not the same as no record."""
    queried = p.day(p.as_of - p.report_age)
    return Branches(
        [
            unknown(p.report < 0, "refer", say.observed("never_queried"), cure=QUERY),
            unknown(~p.report_usable, "refer", say.observed("too_old", day=queried), cure=QUERY, proof=p.of_report),
            unknown(
                p.report_age > p.param(FRESH),
                "before_drawdown",
                say.observed("ageing", day=queried),
                cure=QUERY,
                proof=p.of_report,
            ),
            passes(None, say.observed("queried", day=queried), proof=p.of_report),
        ],
        required={"days": p.count(p.param(FRESH)), "usable": p.count(p.param(USABLE))},
    )


@firm_rule(USABLE, weighs=("blocks", "refer", "info"))
def bureau_non_performing(p: FirmColumns, say: Say) -> Branches:
    """No loan of the firm is non-performing at any bank: with one, a new loan is in special mention from day one."""
    number, balance = p.reported("non_performing"), p.reported("non_performing_balance")
    seen = say.observed("found", number=p.count(number), balance=p.count(balance))
    return Branches([
        fails((number >= 1) | (balance > 0), "blocks", seen, cure="settle_and_query", proof=p.of_report),
        *_not_told(p, number, "refer"),
        passes(None, NONE, proof=p.of_report),
    ])  # fmt: skip


@firm_rule(USABLE, weighs=("refer", "caution", "info"), facts=("special_mention_reason",))
def bureau_special_mention(p: FirmColumns, say: Say) -> Branches:
    """No loan is in special mention; one that a relief policy put there is a caution alone."""
    number, reason = p.reported("special_mention"), p.evidence("special_mention_reason")
    seen = say.observed("found", number=p.count(number))
    excused = (number >= 1) & reason.says("policy_renewal")
    return Branches([
        fails(excused, "caution", say.observed("policy_renewal", number=p.count(number)), proof=p.of_report),
        fails(number >= 1, "refer", seen, cure="lenders_letter", proof=p.of_report),
        *_not_told(p, number, "refer"),
        passes(None, NONE, proof=p.of_report),
    ])  # fmt: skip


@firm_rule("bureau.small_arrears", weighs=("blocks", "refer", "before_drawdown", "info"))
def bureau_arrears(p: FirmColumns, say: Say) -> Branches:
    """Nothing is overdue by the credit report, interest included; what is more than 90 days overdue blocks."""
    late, overdue, interest = p.reported("overdue_90"), p.reported("overdue"), p.reported("overdue_interest")
    amount = np.where(np.isnan(overdue) & np.isnan(interest), np.nan, or_nothing(overdue) + or_nothing(interest))
    seen, cured = say.observed("overdue", amount=p.count(amount)), "clear_arrears"
    limit = p.param("bureau.small_arrears")
    return Branches(
        [
            fails(late > 0, "blocks", say.observed("overdue_90", amount=p.count(late)), cure=cured, proof=p.of_report),
            fails(amount > limit, "refer", seen, cure=cured, proof=p.of_report),
            fails(amount > 0, "before_drawdown", seen, cure=cured, proof=p.of_report),
            *_not_told(p, overdue, "refer"),
            passes(None, NONE, proof=p.of_report),
        ],
        required={"amount": p.count(limit)},
    )


@firm_rule("bureau.worst_days", weighs=("blocks", "refer", "caution", "info"))
def bureau_worst_days(p: FirmColumns, say: Say) -> Branches:
    """The longest arrears of 24 months; a few days are nobody's fault."""
    days = p.reported("worst_days")
    seen, steps = say.observed("days", days=p.count(days)), limits(p, "bureau.worst_days", "blocks", "refer", "caution")
    return Branches(
        [
            *over(days, steps, seen, cure="lenders_letter", proof=p.of_report),
            *_not_told(p, days, "caution"),
            passes(None, seen, proof=p.of_report),
        ],
        required={"days": p.count(p.threshold("bureau.worst_days", "caution"))},
    )


@firm_rule("bureau.written_off_months", weighs=("blocks", "refer", "info"))
def bureau_written_off(p: FirmColumns, say: Say) -> Branches:
    """No debt was written off, recovered by others or advanced; an open one blocks, one closed of late is referred."""
    parts = [p.reported(name) for name in ("written_off", "recovered_by_others", "advances")]
    known = np.nansum(parts, axis=0)
    open_ = np.where(np.isnan(parts).any(axis=0) & ~(known > 0), np.nan, known)  # one not told is not zero
    closed = p.known.bureau.at("bad_closed_on", p.report)
    months, limit = whole_months(closed, p.as_of), p.param("bureau.written_off_months")
    return Branches(
        [
            fails(
                open_ > 0,
                "blocks",
                say.observed("open", amount=p.count(open_)),
                cure="settlement_proof",
                proof=p.of_report,
            ),
            fails(months < limit, "refer", say.observed("closed", day=p.day(closed)), proof=p.of_report),
            *_not_told(p, open_, "refer"),
            passes(None, NONE, proof=p.of_report),
        ],
        required={"months": p.count(limit)},
    )


@firm_rule("bureau.inquiries", weighs=("refer", "caution", "info"))
def bureau_inquiries(p: FirmColumns, say: Say) -> Branches:
    """How often lenders queried the report in six months: who asks everywhere was refused somewhere."""
    number = p.reported("inquiries")
    seen = say.observed("queries", number=p.count(number))
    return Branches(
        [
            *over(number, limits(p, "bureau.inquiries", "refer", "caution"), seen, cure="explain", proof=p.of_report),
            unknown(np.isnan(number), "info", NO_REPORT, cure=QUERY),
            passes(None, seen, proof=p.of_report),
        ],
        required={"number": p.count(p.threshold("bureau.inquiries", "caution"))},
    )


@firm_rule("bureau.debt_to_sales", weighs=("refer", "caution"))
def bank_debt_to_sales(p: FirmColumns, say: Say) -> Branches:
    """All bank debt after the loan stands in proportion to verified sales."""
    after = p.debt + p.added
    share = quotient(after, p.sales)
    seen = say.observed("ratio", debt=p.count(after), sales=p.count(p.sales), ratio=p.ratio(after, p.sales))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(share, limits(p, "bureau.debt_to_sales", "refer", "caution"), seen, cure="smaller_loan"),
            unknown(np.isnan(share), "caution", say.observed("sales_not_verified"), cure="verify_sales"),
            passes(None, seen),
        ],
        required={"share": p.decimal(p.threshold("bureau.debt_to_sales", "caution"))},
    )


@firm_rule("bureau.debt_gap", weighs=("refer", "caution", "info"))
def debt_cross_check(p: FirmColumns, say: Say) -> Branches:
    """The credit report does not show far more debt than the books."""
    balance, books = p.reported("balance"), p.books_debt
    gap = quotient(balance - books, books)
    seen = say.observed("both", balance=p.count(balance), books=p.count(books))
    return Branches(
        [
            not_applicable(p.units_suspect, UNITS_SUSPECT),
            *over(gap, limits(p, "bureau.debt_gap", "refer", "caution"), seen, cure="reconcile", proof=p.of_report),
            unknown(np.isnan(balance), "info", NO_REPORT, cure=QUERY),
            unknown(np.isnan(books), "info", NO_BOOKS, cure="statements"),
            passes(None, seen, proof=p.of_report),
        ],
        required={"share": p.decimal(p.threshold("bureau.debt_gap", "caution"))},
    )


@firm_rule("bureau.controller", FRESH, USABLE, weighs=("blocks", "refer", "before_drawdown"))
def controller_credit(p: FirmColumns, say: Say) -> Branches:
    """The credit of everybody who controls the firm, by reports that they allowed in writing before the query."""
    c = p.controllers_report
    queried = p.day(c.queried_on)
    worst, total, overdue = c.worst("worst_months"), c.worst("months_overdue"), c.total("overdue")
    bad = (c.worst("non_performing") >= 1) | (c.worst("written_off") > 0)
    often = (worst >= p.threshold("bureau.controller", "in_a_row")) | (
        total >= p.threshold("bureau.controller", "in_all")
    )
    late = say.observed("late", amount=p.count(overdue), worst=p.count(worst), total=p.count(total), day=queried)
    cured = "controller_report"
    return Branches([
        fails(bad, "blocks", say.observed("bad", day=queried), cure="settle_and_query"),
        fails((overdue > 0) | often, "refer", late, cure="clear_arrears"),
        unknown(c.missing, "refer", say.observed("never_queried"), cure=cured),
        unknown(c.not_authorised, "refer", say.observed("not_authorised", day=queried), cure=cured),
        unknown(~c.usable, "refer", say.observed("too_old", day=queried), cure=cured),
        unknown(c.not_told, "refer", say.observed("not_told", day=queried), cure=cured),
        *unknown_by_profile(
            p, c.age > p.param(FRESH), ("refer", "before_drawdown"), say.observed("ageing", day=queried), cure=cured
        ),
        passes(None, say.observed("clean", day=queried)),
    ])  # fmt: skip
