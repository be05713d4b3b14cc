"""What courts and authorities have on record: listings that stand, and how many there were of late."""

from functools import partial

import numpy as np

from features.arithmetic import only, over_positive
from features.arrays import Bools, Floats
from features.asof import Known, derived
from features.books import FRESH, books
from features.lookups import asked_lately
from features.registry import feature

record_feature = partial(feature, "credit", "credit_events")
_TAX_GRADES = np.array([3.0, 2.0, np.nan, 1.0, 0.0, np.nan])  # A, B, M (a new firm: no grade), C, D, not told


@derived
def of_the_firm(known: Known) -> Bools:
    """The records that are about the firm itself, and not about a person or a firm tied to it."""
    rows = known.credit_events
    about = rows.codes("about")
    found: Bools = (about < 0) | (about == known.firm[rows.case])
    return found


@derived
def courts_asked(known: Known) -> Bools:
    """Whether courts and lists were asked lately: a tax grade alone does not tell of them."""
    rows, covered = known.credit_events, known.covered("credit_events")
    told = covered | rows.any(~rows.where("event", "tax_grade"))
    return asked_lately(known, "credit_events") & told


def _listed(known: Known, *events: str) -> Bools:
    """Records of these kinds about the firm that are not lifted on the day."""
    rows = known.credit_events
    return rows.where("event", *events) & ~(rows.lifted_on <= known.as_of[rows.case]) & of_the_firm(known)


def _of_late(known: Known, months: int, *events: str) -> Bools:
    rows = known.credit_events
    late: Bools = rows.where("event", *events) & (rows.happened_on > known.months_ago(months)[rows.case])
    return late & of_the_firm(known)


def _count(known: Known, mask: Bools) -> Floats:
    return only(known.asked("credit_events"), known.credit_events.count(mask))


def _amount_to_revenue(known: Known, mask: Bools) -> Floats:
    """Amounts over revenue; 0 where there is no such record, not known where its amount is not."""
    rows = known.credit_events
    total = np.where(rows.any(mask), rows.total(rows.amount, mask), 0.0)
    return over_positive(only(known.asked("credit_events"), total), books(known).item("revenue"))


def _sued(known: Known) -> Bools:
    """Lawsuits of 36 months in which the firm is not known to be the one who sues, or a third party."""
    return _of_late(known, 36, "lawsuit") & ~known.credit_events.where("side", "plaintiff", "third_party")


@record_feature(
    "case", "lawsuits", zh="近三年被诉案件数", en="lawsuits in three years",
    direction=1, because="one claim more against the same firm can only cost it money",
)  # fmt: skip
def lawsuits_36m(known: Known) -> Floats:
    """Lawsuits against the firm of the 36 months before the day."""
    return _count(known, _sued(known))


@record_feature(
    "share", "lawsuits", zh="近三年涉诉金额占收入", en="amount of lawsuits to revenue",
    direction=1, because="a larger claim leaves less to pay others", policies=(FRESH,),
)  # fmt: skip
def lawsuits_to_revenue(known: Known) -> Floats:
    """Amounts of the lawsuits of 36 months against the firm, as far as known, over revenue of the latest year."""
    return _amount_to_revenue(known, _sued(known))


@record_feature(
    "case", "enforcement", zh="未结的被执行案件数", en="open enforcement cases",
    direction=1, because="a court is already taking what the firm did not pay by itself",
)  # fmt: skip
def enforcements_open(known: Known) -> Floats:
    """Enforcement cases against the firm that are not lifted."""
    return _count(known, _listed(known, "enforcement"))


@record_feature(
    "share", "enforcement", zh="被执行金额占收入", en="amount under enforcement to revenue",
    direction=1, because="a larger claim under enforcement leaves less to pay others", policies=(FRESH,),
)  # fmt: skip
def enforcements_to_revenue(known: Known) -> Floats:
    """Amounts of the open enforcement cases, as far as known, over revenue of the latest year."""
    return _amount_to_revenue(known, _listed(known, "enforcement"))


@record_feature(
    "record", "listings", zh="失信被执行人记录", en="listed as dishonest debtor",
    direction=1, because="a court found that the firm could pay and would not", gate=True,
)  # fmt: skip
def dishonest_open(known: Known) -> Floats:
    """Listings as dishonest debtor or under a spending restriction that are not lifted."""
    return _count(known, _listed(known, "dishonest_debtor", "spending_restriction"))


@record_feature(
    "record", "listings", zh="在列经营异常名录", en="in the list of abnormal operations",
    direction=1, because="the register cannot find the firm, or misses its reports", gate=True,
)  # fmt: skip
def abnormal_operation_open(known: Known) -> Floats:
    """Listings for abnormal operation that are not lifted."""
    return _count(known, _listed(known, "abnormal_operation"))


@record_feature(
    "record", "listings", zh="在列严重违法失信名单", en="in the list of serious violations",
    direction=1, because="an authority shuts the firm out of much of its business", gate=True,
)  # fmt: skip
def serious_violation_open(known: Known) -> Floats:
    """Listings for serious violations that are not lifted."""
    return _count(known, _listed(known, "serious_violation"))


@record_feature("record", "listings", zh="近三年已移出的失信异常记录", en="listings lifted in three years")
def listings_lifted_36m(known: Known) -> Floats:
    """Listings that were lifted within 36 months: lifted is not the same as never listed."""
    rows = known.credit_events
    listing = rows.where(
        "event", "dishonest_debtor", "spending_restriction", "abnormal_operation", "serious_violation", "enforcement"
    )
    as_of = known.as_of[rows.case]
    return _count(known, listing & (rows.lifted_on > known.months_ago(36)[rows.case]) & (rows.lifted_on <= as_of))


@record_feature(
    "record", "tax", zh="欠税记录", en="tax arrears open",
    direction=1, because="taxes are paid before most debts, so who owes them is short of cash",
)  # fmt: skip
def tax_arrears_open(known: Known) -> Floats:
    """Announcements of tax arrears that are not lifted."""
    return _count(known, _listed(known, "tax_arrears"))


@record_feature(
    "share", "tax", zh="欠税金额占收入", en="tax arrears to revenue",
    direction=1, because="what is owed in taxes is paid before most debts", policies=(FRESH,),
)  # fmt: skip
def tax_arrears_to_revenue(known: Known) -> Floats:
    """Amounts of open tax arrears, as far as known, over revenue of the latest year."""
    return _amount_to_revenue(known, _listed(known, "tax_arrears"))


@record_feature(
    "record", "penalties", zh="近三年税务违法记录", en="tax violations in three years",
    direction=1, because="what was hidden from the tax office is owed with a fine",
)  # fmt: skip
def tax_violations_36m(known: Known) -> Floats:
    """Tax violations of the 36 months before the day."""
    return _count(known, _of_late(known, 36, "tax_violation"))


@record_feature(
    "grade", "tax", zh="最近纳税信用等级", en="latest tax-credit grade",
    direction=-1, because="who declares and pays taxes in time is graded higher",
)  # fmt: skip
def tax_grade(known: Known) -> Floats:
    """The latest tax-credit grade: 3 for A, 2 for B, 1 for C, 0 for D; M (a new firm) is no grade, so not known."""
    rows = known.credit_events
    return rows.pick(_TAX_GRADES[rows.codes("grade")], rows.last(rows.where("event", "tax_grade")))


@record_feature(
    "record", "penalties", zh="近三年行政处罚数", en="penalties in three years",
    direction=1, because="one more penalty for the same firm costs money, and may stop its work",
)  # fmt: skip
def penalties_36m(known: Known) -> Floats:
    """Administrative penalties, with those for environment and safety, of the 36 months before the day."""
    return _count(known, _of_late(known, 36, "penalty", "environment", "safety"))


@record_feature(
    "share", "penalties", zh="近三年罚款金额占收入", en="amount of penalties to revenue",
    direction=1, because="a larger fine leaves less to pay others", policies=(FRESH,),
)  # fmt: skip
def penalties_to_revenue(known: Known) -> Floats:
    """Amounts of the penalties of 36 months, as far as known, over revenue of the latest year."""
    return _amount_to_revenue(known, _of_late(known, 36, "penalty", "environment", "safety"))


@record_feature(
    "record", "penalties", zh="近三年重大违法记录", en="serious records in three years",
    direction=1, because="what an authority calls serious may end a licence or a business", gate=True,
)  # fmt: skip
def serious_records_36m(known: Known) -> Floats:
    """Records of 36 months that the authority itself calls serious or major."""
    rows = known.credit_events
    recent = rows.happened_on > known.months_ago(36)[rows.case]
    return _count(known, recent & (rows.serious == 1))


@record_feature(
    "record", "insolvency", zh="股权冻结记录", en="shares of the firm frozen",
    direction=1, because="a claim against the owners is being secured in their shares",
)  # fmt: skip
def equity_frozen_open(known: Known) -> Floats:
    """Freezings of shares in the firm that are not lifted."""
    return _count(known, _listed(known, "equity_frozen"))


@record_feature(
    "record", "insolvency", zh="破产案件记录", en="insolvency filed",
    direction=1, because="somebody told a court that the firm cannot pay its debts",
)  # fmt: skip
def insolvency_open(known: Known) -> Floats:
    """Filings for insolvency that are not lifted."""
    return _count(known, _listed(known, "insolvency"))


@record_feature(
    "record", "abnormal_filing", zh="近三年非正常专利申请", en="abnormal patent filings in three years",
    direction=1, because="filings that are none tell of subsidies sought, not of work", gate=True,
)  # fmt: skip
def abnormal_filings_36m(known: Known) -> Floats:
    """Findings of abnormal patent filing of the 36 months before the day."""
    return _count(known, _of_late(known, 36, "abnormal_filing"))
