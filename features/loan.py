"""The loan that is asked for, and what is offered to secure it: never what was granted in the end, nor a rate."""

from functools import partial

import numpy as np

from features.arithmetic import only, over_positive
from features.arrays import Bools, Floats, Ints
from features.asof import Known, derived
from features.books import FRESH, books
from features.days import plus_months
from features.patent_pledges import pledges
from features.patent_state import EXTRACT_FRESH, STATE, patent_state
from features.patent_terms import COMPENSATION, TERMS
from features.patents import held_in_force, inventions
from features.registry import feature
from features.tables import TABLES

asked_feature = partial(feature, "loan", "applications")
collateral_feature = partial(feature, "loan", "collateral", security=True)
guarantee_feature = partial(feature, "loan", "guarantees", security=True)
_REPAYMENTS = TABLES["applications"].columns["repayment"].choices
_PURPOSES = TABLES["applications"].columns["purpose"].choices


@derived
def _asked(known: Known) -> Ints:
    return known.applications.find(np.arange(len(known)), known.application, "application")


def _item(known: Known, name: str) -> Floats:
    return known.applications.at(name, _asked(known))


@derived
def _applied_on(known: Known) -> Floats:
    """The day of the application, or the day of the question where it is not known."""
    found = _item(known, "applied_on")
    return np.where(np.isnan(found), known.as_of, found)


@derived
def secures(known: Known) -> Bools:
    """The rows of `collateral` that secure the application."""
    rows = known.collateral
    return rows.of_case("application", known.application)


@derived
def offered(known: Known) -> Bools:
    """The rows of `patents` that are offered as collateral of the application."""
    rows = known.collateral
    place = known.patents.find(rows.case, rows.codes("item"), "patent")
    found = np.zeros(len(known.patents), dtype=bool)
    found[place[secures(known) & rows.where("kind", "patent") & (place >= 0)]] = True
    return found


def applied_on(known: Known) -> Floats:
    """The day of the application, or the day of the question where it is not known."""
    return _applied_on(known)


@derived
def registered_for_it(known: Known) -> Bools:
    """Whether a pledge was registered in our name for the application itself, on its day or after.

    One entry per pledge of `features.patent_pledges`. Our record of the registration says for which application it is;
    without one the patent is offered for this application and secures nothing else of ours.
    """
    stand, rows = pledges(known), known.collateral
    since_then = stand.since >= _applied_on(known)[known.patents.case[stand.patent]]
    place = known.patents.find(rows.case, rows.codes("item"), "patent")
    beside = np.zeros(len(known.patents), dtype=bool)
    beside[place[(place >= 0) & ~secures(known)]] = True
    alone = offered(known) & ~beside
    recorded = stand.collateral >= 0
    of_record = secures(known)[stand.collateral] if len(rows) else np.zeros(len(recorded), dtype=bool)
    found: Bools = stand.ours & since_then & np.where(recorded, of_record, alone[stand.patent])
    return found


@derived
def room_under_maximum(known: Known) -> Floats:
    """Whether the amount asked fits under a maximum-amount pledge that runs on the day: 1, 0, NaN for not known.

    One entry per pledge of `features.patent_pledges`; 0 where it is none. Other loans under the same registration count
    with their last known balance; the loan that is renewed does not.
    """
    stand, rows = pledges(known), known.collateral
    case, row = known.patents.case[stand.patent], stand.collateral
    ceiling, until = rows.pick(rows.maximum_amount, row), rows.pick(rows.maximum_until, row)
    running = (until >= known.as_of[case]) & ~np.isnan(ceiling)
    if not running.any():
        return np.zeros(len(row))
    need = _lent_beside(known)[row] + _item(known, "amount")[case]
    return np.where(running, np.where(np.isnan(need), np.nan, need <= ceiling), 0.0)


def _lent_beside(known: Known) -> Floats:
    """Per row of `collateral` the balance of the other loans under its registration; NaN where one is not known."""
    rows, loan = known.collateral, known.collateral.codes("loan")
    under = np.stack([rows.case, rows.codes("registration")])
    registration = np.unique(under, axis=1, return_inverse=True)[1].reshape(-1)
    other = (loan >= 0) & (loan != _item(known, "renews")[rows.case])
    each = np.unique(np.stack([registration, rows.case, loan])[:, other], axis=1)  # a loan with two items counts once
    place = known.performance.find_last(each[1], each[2], "loan")
    balance = known.performance.pick(known.performance.balance, place)
    sums = np.bincount(each[0], weights=balance, minlength=len(rows)).astype(np.float64)
    return sums[registration]


@asked_feature("minor unit", "amount", zh="申请金额", en="amount asked")
def asked_amount(known: Known) -> Floats:
    """Amount asked."""
    return _item(known, "amount")


@asked_feature("share", "amount", zh="申请金额占营业收入", en="amount asked to revenue", policies=(FRESH,))
def amount_to_revenue(known: Known) -> Floats:
    """Amount asked over revenue of the latest year."""
    return over_positive(_item(known, "amount"), books(known).item("revenue"))


@asked_feature("share", "amount", zh="申请金额占总资产", en="amount asked to assets", policies=(FRESH,))
def amount_to_assets(known: Known) -> Floats:
    """Amount asked over total assets of the latest year."""
    return over_positive(_item(known, "amount"), books(known).item("total_assets"))


@asked_feature("ratio", "amount", zh="申请金额与净资产之比", en="amount asked to equity", policies=(FRESH,))
def amount_to_equity(known: Known) -> Floats:
    """Amount asked over equity of the latest year, where that is above zero."""
    return over_positive(_item(known, "amount"), books(known).item("equity"))


@asked_feature(
    "ratio",
    "amount",
    zh="申请金额与年经营活动现金流量净额之比",
    en="amount asked to operating cash flow",
    policies=(FRESH,),
)
def amount_to_cash_flow(known: Known) -> Floats:
    """Amount asked over the cash flow from operations of the latest year, where that is above zero."""
    return over_positive(_item(known, "amount"), books(known).item("operating_cash_flow"))


@asked_feature("month", "loan_terms", zh="申请期限", en="term asked")
def asked_term(known: Known) -> Floats:
    """Term asked."""
    return _item(known, "term_months")


@asked_feature("way", "loan_terms", zh="还款方式", en="way of repayment", categories=_REPAYMENTS)
def repayment(known: Known) -> Floats:
    """The way of repayment asked for."""
    return _item(known, "repayment")


@asked_feature("purpose", "loan_terms", zh="贷款用途", en="purpose of the loan", categories=_PURPOSES)
def purpose(known: Known) -> Floats:
    """The purpose of the loan asked for."""
    return _item(known, "purpose")


@asked_feature("flag", "loan_terms", zh="续贷申请", en="renews a loan")
def is_renewal(known: Known) -> Floats:
    """Whether the application renews a loan."""
    place = _asked(known)
    return only(place >= 0, ~np.isnan(_item(known, "renews")))


@derived
def _heard_of(known: Known) -> Bools:
    """Whether rows of the firm's own tell of the application: another firm's may carry the same number."""
    return (_asked(known) >= 0) | known.collateral.any(secures(known)) | known.guarantees.any(_guarantees(known))


def _collateral_told(known: Known, counts: Floats) -> Floats:
    return only(known.asked("collateral") & _heard_of(known), counts)


@collateral_feature("patent", "pledge", zh="拟质押专利数", en="patents offered")
def offered_patents(known: Known) -> Floats:
    """Patents offered as collateral of the application."""
    rows = known.collateral
    return _collateral_told(known, rows.distinct(rows.codes("item"), secures(known) & rows.where("kind", "patent")))


@collateral_feature("share", "pledge", zh="拟质押专利中发明占比", en="share of inventions among the patents offered")
def offered_invention_share(known: Known) -> Floats:
    """Inventions over all patents offered that are described."""
    return known.patents.share(inventions(known), offered(known))


@collateral_feature(
    "share", "pledge", zh="拟质押专利有效占比", en="share of the patents offered in force", policies=STATE
)
def offered_in_force_share(known: Known) -> Floats:
    """Patents offered that the firm holds and that are in force, over all offered of which that is known."""
    return known.patents.share_known(held_in_force(known), offered(known))


@collateral_feature(
    "year",
    "remaining_life",
    zh="到期日拟质押专利最短剩余保护期",
    en="least life left at maturity",
    policies=(*TERMS, COMPENSATION),
)
def least_life_at_maturity(known: Known) -> Floats:
    """The least time from the maturity asked for to the end of the legal term among the patents offered, in years."""
    rows = known.patents
    left = patent_state(known).last_day + 1 - plus_months(known.as_of, _item(known, "term_months"))[rows.case]
    return rows.smallest(left, offered(known)) / 365.25


@collateral_feature(
    "share",
    "encumbrance",
    zh="拟质押专利中已有质押登记占比",
    en="share of the patents offered already pledged",
    policies=(EXTRACT_FRESH,),
)
def offered_pledged_share(known: Known) -> Floats:
    """Patents offered on which a pledge stands, over all offered of which it is known; of a renewal it is our own.

    A pledge that was registered for the application itself does not count: on the first day it did not stand yet.
    """
    stand = pledges(known)
    fresh = registered_for_it(known)
    told = np.where(stand.on(fresh) & ~stand.on(~fresh), 0.0, stand.told)
    return only(known.asked("patent_events"), known.patents.share_known(told, offered(known)))


@collateral_feature("item", "other_security", zh="其他押品数量", en="other security offered")
def other_security(known: Known) -> Floats:
    """Items of collateral of the application that are no intellectual property."""
    rows = known.collateral
    tangible = rows.where("kind", "real_estate", "equipment", "receivables", "equity", "deposit", "other")
    return _collateral_told(known, rows.count(secures(known) & tangible))


@derived
def _guarantees(known: Known) -> Bools:
    """Guarantees for the application given for the firm itself."""
    rows = known.guarantees
    own = (rows.codes("debtor") < 0) | rows.of_case("debtor", known.firm)
    return own & rows.of_case("application", known.application)


def _guaranteed_by(known: Known, *kinds: str) -> Floats:
    rows = known.guarantees
    told = known.asked("guarantees") & _heard_of(known)
    return only(told, rows.any(_guarantees(known) & rows.where("kind", *kinds)))


@guarantee_feature("person", "guarantee", zh="保证人数", en="guarantors")
def guarantors(known: Known) -> Floats:
    """Who guarantees the application."""
    rows = known.guarantees
    told = known.asked("guarantees") & _heard_of(known)
    return only(told, rows.distinct(rows.codes("guarantor"), _guarantees(known)))


@guarantee_feature("flag", "guarantee", zh="实际控制人连带保证", en="joint guarantee of the controller")
def controller_guarantees(known: Known) -> Floats:
    """Whether the controller guarantees jointly."""
    return _guaranteed_by(known, "controller_joint")


@guarantee_feature("flag", "guarantee", zh="担保机构或保险增信", en="guarantee institution or insurer")
def institution_guarantees(known: Known) -> Floats:
    """Whether a guarantee institution or an insurer stands behind the loan asked for."""
    return _guaranteed_by(known, "guarantee_institution", "insurer")
