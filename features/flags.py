"""Red flags that officers look for in a pledge: patents bought or made for it, far from the trade, not held."""

import numpy as np

from features.arithmetic import only, over_positive
from features.arrays import Bools, Floats, Ints, not_known
from features.asof import Known, derived
from features.books import FRESH as FRESH_BOOKS
from features.books import books
from features.days import plus_months
from features.firm import industry
from features.loan import applied_on, offered, secures
from features.patent_holders import patent_holders
from features.patent_state import STATE
from features.patents import held_in_force
from features.registry import feature
from features.technology import FIELDS, technology_field
from features.wipo import fields

BOUGHT = "red_flags.bought_within"
FILED = "red_flags.filed_within"
NEAR = "technology_industry.near_fields"
FRESH_APPRAISAL = "freshness_days.appraisal_from_base_date"


@feature(
    "flag", "holdings", "share", "made_for_loan", policies=(BOUGHT,),
    zh="申请前两年内受让的拟质押专利占比", en="share of the patents offered that were bought shortly before",
    security=True,
)  # fmt: skip
def bought_before_application(known: Known) -> Floats:
    """Patents offered that the firm bought within 24 months before the application, over all offered and described."""
    since = plus_months(applied_on(known), -known.policy(BOUGHT).along(applied_on(known)))
    return only(known.asked("holdings"), known.patents.share(patent_holders(known).bought_since(since), offered(known)))


@feature(
    "flag", "patents", "share", "made_for_loan", policies=(FILED,),
    zh="申请前一年内新申请的拟质押专利占比", en="share of the patents offered that were filed shortly before",
    security=True,
)  # fmt: skip
def filed_before_application(known: Known) -> Floats:
    """Patents offered that were filed within 12 months before the application, over all offered and described."""
    since = plus_months(applied_on(known), -known.policy(FILED).along(applied_on(known)))
    rows = known.patents
    return rows.share(rows.filed_on >= since[rows.case], offered(known))


@derived
def distance_of_patents(known: Known) -> Floats:
    """Of each patent from the firm's industry: 0 at home in it, 0.5 in a field of the same sector, 1 far."""
    rows = known.patents
    trade, field = industry(known)[rows.case], technology_field(known)
    found = not_known(len(rows))
    for near, on_day in known.policy(NEAR).periods(known.as_of):
        found = np.where(on_day[rows.case], _distances(known, near)[trade, field], found)
    return found


def _distances(known: Known, near: dict[str, list[int]]) -> Floats:
    """The distance of each technology field (column) from each industry (row); NaN for no field and no industry."""

    def of_industry(code: str) -> list[float]:
        prefixes = [code[:length] for length in range(len(code), 0, -1)]
        at_home = next((near[p] for p in prefixes if p in near), None)
        if at_home is None:
            return not_judged
        sectors = {fields()[number].sector for number in at_home}
        steps = (0.0 if n in at_home else 0.5 if f.sector in sectors else 1.0 for n, f in fields().items())
        return [np.nan, *steps]

    not_judged = [np.nan] * FIELDS
    return np.array(known.tables.words("industry").map(of_industry, not_judged))


@feature(
    "flag", "patents", "distance", "technology_distance", policies=(NEAR,),
    zh="拟质押专利与主营业务的技术偏离度（0 一致，1 无关）", en="distance of the patents offered from the trade",
    security=True,
)  # fmt: skip
def offered_distance(known: Known) -> Floats:
    """Mean distance of the patents offered from the firm's industry, by a coarse table of ours (assumed): 0 to 1."""
    return known.patents.mean(distance_of_patents(known), offered(known))


@feature(
    "flag", "patents", "distance", "technology_distance", policies=(NEAR, *STATE),
    zh="专利组合与主营业务的技术偏离度（0 一致，1 无关）", en="distance of the portfolio from the trade",
)  # fmt: skip
def portfolio_distance(known: Known) -> Floats:
    """Mean distance of the patents in force from the firm's industry, by a coarse table of ours (assumed): 0 to 1."""
    return known.patents.mean(distance_of_patents(known), held_in_force(known) == 1)


@feature(
    "flag", "appraisals", "share", "appraisal", policies=(FRESH_APPRAISAL, FRESH_BOOKS),
    zh="专利评估值占总资产", en="appraised value to assets",
    security=True,
)  # fmt: skip
def appraised_to_assets(known: Known) -> Floats:
    """Appraised value of the pools made for the application and still fresh, over total assets of the latest year."""
    rows = known.appraisals
    oldest = known.as_of - known.policy(FRESH_APPRAISAL).along(known.as_of)
    mine = rows.of_case("application", known.application)
    value = rows.total(rows.value, mine & (rows.base_on >= oldest[rows.case]))
    return over_positive(value, books(known).item("total_assets"))


def _patent_items(known: Known) -> Bools:
    return secures(known) & known.collateral.where("kind", "patent")


@feature(
    "flag", "collateral", "share", "pledge_title",
    zh="第三方出质的专利占比", en="share of the patents offered that somebody else pledges",
    security=True,
)  # fmt: skip
def third_party_share(known: Known) -> Floats:
    """Patents offered whose pledgor is told and is not the borrower, over those whose pledgor is told."""
    rows = known.collateral
    told = _patent_items(known) & (rows.codes("pledgor") >= 0)
    return rows.share(rows.codes("pledgor") != known.firm[rows.case], told)


@feature(
    "flag", "collateral", "share", "pledge_title",
    zh="出质人未登记为权利人的专利占比", en="share of the patents offered that the pledgor does not hold",
    security=True,
)  # fmt: skip
def not_held_share(known: Known) -> Floats:
    """Patents offered of which the pledgor (the borrower where none is told) is no holder on the day, over all offered.

    Not known for a patent of which no holding is known.
    """
    rows, holdings = known.collateral, known.holdings
    told, items = rows.codes("pledgor"), rows.codes("item")
    pledgor = np.where(told >= 0, told, known.firm[rows.case])
    now = ~(holdings.to_on <= known.as_of[holdings.case])
    firms, patents = len(known.tables.words("firm")) + 1, len(known.tables.words("patent")) + 1
    item, held = rows.case * patents + items, holdings.case * patents + holdings.codes("patent")
    holds = _among(item * firms + pledgor, (held * firms + holdings.codes("holder"))[now])
    return rows.share(~holds, _patent_items(known) & (items >= 0) & _among(item, held))


@feature(
    "flag", "people", "share", "inventors_gone",
    zh="已不在职的发明人占比", en="share of the inventors no longer on the payroll",
)  # fmt: skip
def inventors_gone_share(known: Known) -> Floats:
    """Inventors who are not on the firm's payroll, over those for whom it is known."""
    rows = known.people
    return rows.share(rows.employed == 0, rows.where("role", "inventor") & ~np.isnan(rows.employed))


def _among(sought: Ints, ascending: Ints) -> Bools:
    """Which of the numbers stand in a list that ascends, as rows of `holdings` do by case, patent and holder."""
    if not len(ascending):
        return np.zeros(len(sought), dtype=bool)
    found: Bools = ascending[np.minimum(np.searchsorted(ascending, sought), len(ascending) - 1)] == sought
    return found
