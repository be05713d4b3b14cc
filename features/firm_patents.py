"""What the firm did with its patents, and what stands on them: transfers, licences, disputes, pledges, awards, use."""

from functools import partial

import numpy as np

from features.arithmetic import only
from features.arrays import Bools, Floats
from features.asof import Known
from features.patent_events import patent_events
from features.patent_holders import patent_holders
from features.patent_pledges import pledges
from features.patent_state import EXTRACT_FRESH, patent_state
from features.patents import count_known, count_told, events_told, held_feature, held_in_force
from features.registry import feature

event_feature = partial(feature, "portfolio", "patent_events", policies=(EXTRACT_FRESH,))


def _held_count(known: Known, mask: Bools) -> Floats:
    return events_told(known, known.patents.count(patent_holders(known).held & mask))


def _held_on_which(known: Known, stands: Floats) -> Floats:
    """Patents held on which something stands: 1, 0, or NaN where that is not known."""
    return only(known.asked("patent_events"), count_known(known, np.where(patent_holders(known).held, stands, 0.0)))


@feature("portfolio", "holdings", "patent", "transfers", zh="近两年受让专利数", en="patents bought in two years")
def recent_purchases(known: Known) -> Floats:
    """Patents held that were bought within 24 months."""
    return count_told(known, patent_holders(known).bought_since(known.months_ago(24)))


@feature(
    "portfolio", "holdings", "share", "transfers", zh="受让专利占比", en="share of the patents held that were bought"
)
def bought_share(known: Known) -> Floats:
    """Patents bought over all patents held, among those described."""
    return known.patents.share(patent_holders(known).bought, patent_holders(known).held)


@feature("portfolio", "holdings", "patent", "transfers", zh="近两年转出专利数", en="patents given away in two years")
def recent_sales(known: Known) -> Floats:
    """Patents whose holding by the firm ended within 24 months and that it does not hold on the day."""
    rows, holders = known.holdings, patent_holders(known)
    left = holders.own & (rows.to_on > known.months_ago(24)[rows.case]) & (rows.to_on <= known.as_of[rows.case])
    if len(known.patents):
        place = known.patents.find(rows.case, rows.codes("patent"), "patent")
        left &= ~((place >= 0) & holders.held[place])
    return only(known.asked("holdings"), rows.distinct(rows.codes("patent"), left))


@feature(
    "portfolio",
    "holdings",
    "share",
    "joint_ownership",
    zh="共有专利占比",
    en="share of the patents held together with others",
)
def shared_share(known: Known) -> Floats:
    """Patents that the firm holds together with others, over all patents held, among those described."""
    return known.patents.share(patent_holders(known).shared, patent_holders(known).held)


@event_feature("patent", "licences", zh="在许可专利数", en="patents licensed out")
def licensed(known: Known) -> Floats:
    """Patents held that are licensed on the day: licences opened and neither ended nor past their last day."""
    return _held_on_which(known, patent_state(known).licences.told)


@event_feature("patent", "licences", zh="开放许可专利数", en="patents under open licence", policies=())
def open_licences(known: Known) -> Floats:
    """Patents held for which an open licence was ever declared."""
    events = patent_events(known)
    return _held_count(known, events.has(events.where("open_licence")))


@event_feature("patent", "disputes", zh="涉诉专利数", en="patents in dispute")
def disputed(known: Known) -> Floats:
    """Patents held with a dispute that is not closed."""
    return _held_on_which(known, patent_state(known).disputes.told)


@event_feature("patent", "disputes", zh="被请求无效的专利数", en="patents with an invalidation pending")
def invalidation_pending(known: Known) -> Floats:
    """Patents held with a request for invalidation that is not decided."""
    return _held_on_which(known, patent_state(known).invalidations.told)


@event_feature(
    "patent", "standing", zh="经无效宣告维持的专利数", en="patents that survived an invalidation", policies=()
)
def survived_invalidation(known: Known) -> Floats:
    """Patents held for which a request for invalidation was ever rejected."""
    events = patent_events(known)
    return _held_count(known, events.has(events.where("invalidation_rejected")))


@event_feature(
    "patent", "disputes", zh="被财产保全的专利数", en="patents under court preservation",
    direction=1, because="a court froze the right for somebody else's claim against the firm",
)  # fmt: skip
def preserved(known: Known) -> Floats:
    """Patents held that a court preserves on the day."""
    return _held_on_which(known, patent_state(known).preservations.told)


@event_feature("patent", "encumbrance", zh="已登记质押的专利数", en="patents with a pledge in the register")
def pledged_patents_held(known: Known) -> Floats:
    """Patents held on which a pledge stands in the register; how much was lent on it is not looked at."""
    return _held_on_which(known, pledges(known).told)


@event_feature("patent", "standing", zh="获奖专利数", en="patents with an award", policies=())
def awarded(known: Known) -> Floats:
    """Patents held that ever won an award."""
    events = patent_events(known)
    return _held_count(known, events.has(events.where("award")))


@held_feature("share", "standing", zh="已实施专利占比", en="share of patents in force that are worked")
def in_use_share(known: Known) -> Floats:
    """Share of the patents in force that are worked in a product, among those for which it is known."""
    return known.patents.share_known(known.patents.in_use, held_in_force(known) == 1)


@held_feature("patent", "standing", zh="标准必要专利数", en="patents declared essential to a standard")
def standard_essential_patents(known: Known) -> Floats:
    """Patents in force that are declared essential to a standard."""
    return count_known(known, np.where(known.patents.standard_essential == 1, held_in_force(known), 0.0))
