"""The portfolio held on the day: how many rights in force, of what kind, age, breadth, field and fate.

None and not known differ: a count is 0 only where a source was asked about holdings, and features of the patents
themselves are not known where none of the patents held is described.
"""

from functools import partial
from itertools import pairwise

import numpy as np

from features.arithmetic import only, over_positive
from features.arrays import Bools, Floats
from features.asof import Known, derived
from features.books import FRESH, books
from features.patent_holders import patent_holders
from features.patent_state import ENDED, PENDING, STATE, STATUS_NOT_KNOWN, patent_state
from features.registry import feature
from features.technology import by_field, family_offices, usual_citations

DARK = "publication.invention"
_DAYS_OF_YEAR = 365.25
_MINOR_PER_100_MILLION = 1e10

held_feature = partial(feature, "portfolio", "patents", policies=STATE)


@derived
def portfolio_told(known: Known) -> Bools:
    """Whether the portfolio is known: asked for, and described where there is any."""
    holders = patent_holders(known)
    nothing_held = ~known.holdings.any(holders.own & holders.on_the_day)
    return known.asked("holdings") & (nothing_held | known.patents.any(holders.held))


def count_told(known: Known, mask: Bools) -> Floats:
    """How many patents are marked; not known where the portfolio is not."""
    return only(portfolio_told(known), known.patents.count(mask))


def count_known(known: Known, flags: Floats) -> Floats:
    """How many flags are 1; not known where one of them is not."""
    return only(~known.patents.any(np.isnan(flags)), count_told(known, flags == 1))


def events_told(known: Known, counts: Floats) -> Floats:
    """Counts of what happened to patents; not known where nobody asked the register, or the portfolio is not known."""
    return only(portfolio_told(known) & known.asked("patent_events"), counts)


@derived
def held_in_force(known: Known) -> Floats:
    """Per patent row, whether it is held by the firm and in force: 1, 0, or NaN where its state is not known."""
    return np.where(patent_holders(known).held, patent_state(known).in_force, 0.0)


def _share_in_force(known: Known, part: Bools) -> Floats:
    return known.patents.share(part, held_in_force(known) == 1)


def _mean_in_force(known: Known, values: Floats) -> Floats:
    return known.patents.mean(values, held_in_force(known) == 1)


def _of_kind(known: Known, kind: str) -> Floats:
    return count_known(known, np.where(known.patents.where("kind", kind), held_in_force(known), 0.0))


def inventions(known: Known) -> Bools:
    """The rows of `patents` that are inventions, applied for or granted."""
    return known.patents.where("kind", "invention")


@feature("portfolio", "holdings", "patent", "portfolio_size", zh="持有专利及申请数", en="patents and applications held")
def patents_held(known: Known) -> Floats:
    """Different patents and applications that the firm holds on the day."""
    rows, holders = known.holdings, patent_holders(known)
    return only(known.asked("holdings"), rows.distinct(rows.codes("patent"), holders.own & holders.on_the_day))


@held_feature("patent", "portfolio_size", zh="有效发明专利数", en="inventions in force")
@derived
def inventions_in_force(known: Known) -> Floats:
    """Inventions held and in force."""
    return _of_kind(known, "invention")


@held_feature("patent", "portfolio_size", zh="有效实用新型数", en="utility models in force")
def utility_models_in_force(known: Known) -> Floats:
    """Utility models held and in force."""
    return _of_kind(known, "utility_model")


@held_feature("patent", "portfolio_size", zh="有效外观设计数", en="designs in force")
def designs_in_force(known: Known) -> Floats:
    """Designs held and in force."""
    return _of_kind(known, "design")


@held_feature("application", "portfolio_size", zh="在审发明申请数", en="pending inventions")
def inventions_pending(known: Known) -> Floats:
    """Applications for inventions held that are neither granted nor ended, as far as they are published."""
    state = patent_state(known)
    pending = np.where(state.status == PENDING, 1.0, 0.0)
    pending[(state.status == STATUS_NOT_KNOWN) & ~state.granted] = np.nan
    return count_known(known, np.where(patent_holders(known).held & inventions(known), pending, 0.0))


@held_feature("share", "portfolio_size", zh="有效专利中发明占比", en="share of inventions among patents in force")
def invention_share(known: Known) -> Floats:
    """Inventions over all patents held and in force."""
    return _share_in_force(known, inventions(known))


@feature(
    "portfolio", "patents", "patent per 100 million", "portfolio_size",
    zh="每亿元收入有效发明数", en="inventions in force per 100 million of revenue", policies=(*STATE, FRESH),
)  # fmt: skip
def inventions_to_revenue(known: Known) -> Floats:
    """Inventions in force per 100 million of revenue of the latest year, in the currency's major unit."""
    return _MINOR_PER_100_MILLION * over_positive(inventions_in_force(known), books(known).item("revenue"))


@held_feature("year", "remaining_life", zh="有效专利平均年龄", en="mean age of the patents in force")
def mean_patent_age(known: Known) -> Floats:
    """Mean time since filing of the patents in force, in years of 365.25 days."""
    rows = known.patents
    return _mean_in_force(known, known.as_of[rows.case] - rows.filed_on) / _DAYS_OF_YEAR


@held_feature("year", "remaining_life", zh="有效专利平均剩余保护期", en="mean remaining life of the patents in force")
def mean_remaining_life(known: Known) -> Floats:
    """Mean time to the end of the legal term (by calendar) of the patents in force, in years of 365.25 days."""
    rows = known.patents
    return _mean_in_force(known, patent_state(known).last_day + 1 - known.as_of[rows.case]) / _DAYS_OF_YEAR


@held_feature(
    "share", "remaining_life", zh="三年内到期专利占比", en="share of patents in force that end within three years"
)
def ending_share(known: Known) -> Floats:
    """Share of the patents in force whose term ends within 36 calendar months."""
    rows = known.patents
    return _share_in_force(known, patent_state(known).last_day < known.months_ago(-36)[rows.case])


@held_feature(
    "share", "maintenance", zh="维持超过十年的发明占比", en="share of inventions in force kept beyond ten years"
)
def long_kept_share(known: Known) -> Floats:
    """Share of the inventions in force that were filed more than 120 calendar months ago."""
    rows = known.patents
    return rows.share(rows.filed_on < known.months_ago(120)[rows.case], (held_in_force(known) == 1) & inventions(known))


@held_feature("share", "maintenance", zh="年费欠缴专利占比", en="share of the patents held that are behind with fees")
def fees_behind_share(known: Known) -> Floats:
    """Patents held, granted and not ended of which a fee is due and not paid, over all those."""
    state = patent_state(known)
    alive = patent_holders(known).held & state.granted & (state.status != ENDED)
    return known.patents.share(state.behind, alive & ~np.isnan(known.patents.fees_paid_to))


@held_feature("claim", "breadth", zh="平均权利要求数", en="mean number of claims")
def mean_claims(known: Known) -> Floats:
    """Mean number of claims of the patents in force."""
    return _mean_in_force(known, known.patents.claims)


@held_feature("character", "breadth", zh="首项权利要求平均长度", en="mean length of the first claim")
def mean_first_claim_length(known: Known) -> Floats:
    """Mean length of the first claim of the patents in force: a shorter claim covers more."""
    return _mean_in_force(known, known.patents.first_claim_length)


@held_feature("person", "breadth", zh="平均发明人数", en="mean number of inventors")
def mean_inventors(known: Known) -> Floats:
    """Mean number of named inventors of the patents in force."""
    return _mean_in_force(known, known.patents.inventors)


@held_feature("ratio", "citations", zh="被引次数与同领域同龄专利之比", en="citations against field and age")
def citations_to_expected(known: Known) -> Floats:
    """Citations received by the patents in force over the usual number of their fields and ages, as counted before."""
    received, usual = known.patents.citations_received, usual_citations(known)
    both = (held_in_force(known) == 1) & ~np.isnan(received) & ~np.isnan(usual)
    return over_positive(known.patents.mean(received, both), known.patents.mean(usual, both))


@held_feature("share", "citations", zh="曾被引用专利占比", en="share of patents in force that were cited")
def cited_share(known: Known) -> Floats:
    """Share of the patents in force with at least one citation received, among those for which it is known."""
    received = known.patents.citations_received
    return known.patents.share(received > 0, (held_in_force(known) == 1) & ~np.isnan(received))


@held_feature("reference", "citations", zh="平均引用非专利文献数", en="mean literature cited")
def mean_literature_cited(known: Known) -> Floats:
    """Mean number of other literature cited by the patents in force."""
    return _mean_in_force(known, known.patents.literature_cited)


@held_feature("member", "family", zh="平均同族数", en="mean size of the family")
def mean_family_size(known: Known) -> Floats:
    """Mean number of members of the simple family of the patents in force."""
    return _mean_in_force(known, known.patents.family_size)


@held_feature("office", "family", zh="同族平均受理局数", en="mean number of offices of the family")
def mean_offices(known: Known) -> Floats:
    """Mean number of offices in which the families of the patents in force have a member."""
    return _mean_in_force(known, family_offices(known))


@held_feature("share", "family", zh="海外同族授权占比", en="share of patents in force granted abroad")
def granted_abroad_share(known: Known) -> Floats:
    """Share of the patents in force with a family member granted at another office, among those where it is known."""
    return known.patents.share_known(known.patents.granted_abroad, held_in_force(known) == 1)


@held_feature("field", "technology", zh="技术领域数", en="technology fields")
def technology_fields(known: Known) -> Floats:
    """How many of the 35 WIPO fields the patents in force belong to."""
    state = held_in_force(known)
    fields = (by_field(known, state == 1) > 0).sum(axis=1)
    return only(portfolio_told(known) & ~known.patents.any(np.isnan(state)), fields)


@held_feature("share", "technology", zh="技术集中度", en="concentration over technology fields")
def technology_concentration(known: Known) -> Floats:
    """Herfindahl index of the patents in force over the 35 WIPO fields: 1 where all belong to one field."""
    held = by_field(known, held_in_force(known) == 1)
    return over_positive((held**2).sum(axis=1), held.sum(axis=1) ** 2)


@derived
def _filings(known: Known) -> tuple[Bools, Bools]:
    """Inventions held on the day that were filed in the latest three years that can be seen, and before these."""
    rows = known.patents
    dark = known.policy(DARK).along(known.as_of)
    end, start = known.months_before(dark)[rows.case], known.months_before(dark + 36)[rows.case]
    held = patent_holders(known).held & inventions(known)
    return held & (rows.filed_on > start) & (rows.filed_on <= end), held & (rows.filed_on <= start)


@feature(
    "portfolio", "patents", "share", "technology", policies=(DARK,),
    zh="新进入技术领域的发明占比", en="share of recent inventions in fields new to the firm",
)  # fmt: skip
def new_field_share(known: Known) -> Floats:
    """Share of the inventions filed in three years (to 18 months before the day) in fields without an earlier one."""
    recent, earlier = (by_field(known, mask) for mask in _filings(known))
    return over_positive((recent * (earlier == 0)).sum(axis=1), recent.sum(axis=1))


@feature(
    "portfolio", "patents", "invention", "filings", policies=(DARK,),
    zh="近期发明申请数（剔除未公开期）", en="inventions filed in three visible years",
)  # fmt: skip
def recent_inventions(known: Known) -> Floats:
    """Inventions held that were filed in the three years that end 18 months before the day."""
    return count_told(known, _filings(known)[0])


@feature(
    "portfolio", "patents", "share", "filings", policies=(DARK,),
    zh="发明申请增长（剔除未公开期）", en="growth of invention filings",
)  # fmt: skip
def filing_growth(known: Known) -> Floats:
    """Inventions filed in the visible 18 months against the 18 before, as difference over sum: from -1 to 1.

    Both windows end at least 18 months before the day, because later filings are not all published yet.
    """
    rows = known.patents
    dark = known.policy(DARK).along(known.as_of)
    ends = [known.months_before(dark + months)[rows.case] for months in (0, 18, 36)]
    held = patent_holders(known).held & inventions(known)
    late, early = (rows.count(held & (rows.filed_on <= end) & (rows.filed_on > start)) for end, start in pairwise(ends))
    return over_positive(late - early, late + early)


@held_feature("patent", "maintenance", zh="近三年终止专利数", en="patents lapsed in three years")
def recent_lapses(known: Known) -> Floats:
    """Patents that the firm ever held, that lapsed or were abandoned within 36 months and were not restored."""
    state, rows = patent_state(known), known.patents
    gone = state.ended_as("lapsed", "abandoned") & (state.ending.on > known.months_ago(36)[rows.case])
    return events_told(known, rows.count(patent_holders(known).ever_held & gone))


@held_feature("share", "maintenance", zh="终止专利占比", en="share of the granted patents that lapsed")
def lapsed_share(known: Known) -> Floats:
    """Patents ever held and granted that lapsed or were abandoned and not restored, over all ever held and granted."""
    state = patent_state(known)
    lapsed, granted = state.ended_as("lapsed", "abandoned"), patent_holders(known).ever_held & state.granted
    shares = known.patents.share(lapsed, granted)
    return only(known.asked("patent_events"), shares)
