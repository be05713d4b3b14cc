"""What stands on a patent or against it: pledges, preservation, licences, attacks, disputes, a same-day invention."""

from datetime import date

import numpy as np

from features.arrays import Bools, Floats, Ints
from features.loan import registered_for_it, room_under_maximum
from features.patent_pledges import US
from features.patent_state import ENDED, EventStanding
from features.phrase import Fact
from models.rules.batch_columns import FactColumn, at
from models.rules.column_rules import Branches, Say, fails, not_applicable, passes, patent_rule, unknown
from models.rules.common import NONE, REGISTER_NOT_ASKED
from models.rules.patent_columns import PatentColumns, first_of
from models.rules.pledgeable import GROUNDS


def _first(p: PatentColumns, standing: EventStanding) -> Ints:
    """Per patent the place of the first event row that stands; -1 where none does."""
    return first_of(standing.places, p.state.events.patent[standing.places], len(p))


def _unseen(p: PatentColumns, told: Floats) -> Bools:
    """The patents of which the register was not asked, or too long ago to tell."""
    return ~p.state.register_seen | np.isnan(told)


def _since(p: PatentColumns, standing: EventStanding) -> FactColumn:
    """The day of the first event that stands."""
    first, days = _first(p, standing), p.day(p.state.events.rows.happened_on)
    return lambda place: days(int(first[place]))


@patent_rule(GROUNDS, weighs=("drops_patent",))
def suspended_or_preserved(p: PatentColumns, say: Say) -> Branches:
    """A suspension or a court's preservation stops every pledge procedure."""
    standing = p.state.preservations
    first, reference = _first(p, standing), p.word(p.state.events.rows.codes("reference"), "reference")
    seen = say.observed("preserved", day=_since(p, standing), reference=lambda place: reference(int(first[place])))
    return Branches([
        fails(standing.told == 1, "drops_patent", seen, cure="lift_preservation", proof=p.register),
        unknown(_unseen(p, standing.told), "drops_patent", REGISTER_NOT_ASKED, cure="register_extract"),
        passes(None, NONE, proof=p.register),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("drops_patent", "before_drawdown"))
def already_pledged(p: PatentColumns, say: Say) -> Branches:
    """A pledge held by us must be changed or released and registered anew; one held by another drops the patent.

    A maximum-amount pledge of ours needs no new registration within its period and amount; a pledge that was registered
    for the application itself needs none.
    """
    stand, places = p.pledges, np.arange(len(p.pledges.patent))
    foreign = first_of(places[~stand.ours], stand.patent[~stand.ours], len(p))
    fresh = registered_for_it(p.known)
    before = stand.ours & ~fresh
    ours = first_of(places[before], stand.patent[before], len(p))
    for_it = first_of(places[fresh], stand.patent[fresh], len(p))
    first = np.where(foreign >= 0, foreign, np.where(ours >= 0, ours, for_it))
    since, pledgee, name = p.day(stand.since), p.word(stand.party, "firm"), p.word(stand.name, "legal_name")
    reference = p.word(stand.reference, "reference")

    def taker(pledge: int) -> Fact | date:
        return US[0] if stand.ours[pledge] else name(pledge) or pledgee(pledge)

    seen = say.observed(
        "pledged",
        day=lambda place: since(int(first[place])),
        pledgee=lambda place: taker(int(first[place])),
        reference=lambda place: reference(int(first[place])),
    )
    room = at(room_under_maximum(p.known), ours)
    until = p.day(p.known.collateral.maximum_until)
    within = say.observed("room", day=lambda place: until(int(stand.collateral[first[place]])))
    renewed = "change_or_renew_registration"
    own = say.observed(
        "for_it",
        day=lambda place: since(int(first[place])),
        reference=lambda place: reference(int(first[place])),
    )
    return Branches([
        fails(foreign >= 0, "drops_patent", seen, cure="release_by_other", proof=p.register),
        fails((ours >= 0) & (room == 0), "before_drawdown", seen, cure=renewed, proof=p.register),
        unknown((ours >= 0) & np.isnan(room), "before_drawdown", say.observed("room_not_known"), cure=renewed),
        not_applicable(ours >= 0, within, proof=p.register),
        not_applicable(for_it >= 0, own, proof=p.register),
        unknown(
            _unseen(p, stand.told), "drops_patent", REGISTER_NOT_ASKED, cure="register_extract", proof=p.register
        ),
        passes(None, say.observed("not_pledged"), proof=p.register),
    ])  # fmt: skip


def _twinned(p: PatentColumns) -> Bools:
    """A utility model that has not ended, whose owner filed the same invention on the same day."""
    twin: Bools = p.rows.where("kind", "utility_model") & (p.rows.codes("twin") >= 0)
    not_ended: Bools = p.state.status != ENDED
    return twin & not_ended


@patent_rule(GROUNDS, weighs=("before_drawdown",), facts=("same_day_statement",))
def same_day_invention(p: PatentColumns, say: Say) -> Branches:
    """A utility model whose owner filed the same invention that day is pledged only if both parties go on, knowing."""
    seen = say.observed("filed", patent=p.word(p.rows.codes("twin"), "patent"))
    return Branches([
        not_applicable(~_twinned(p), say.observed("none")),
        passes(p.evidence("same_day_statement").says("stated"), seen),
        fails(None, "before_drawdown", seen, cure="informed_statement"),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("caution",))
def falls_away(p: PatentColumns, say: Say) -> Branches:
    """A utility model with a same-day invention is given up when the invention is granted."""
    return Branches([
        not_applicable(~_twinned(p), say.observed("none")),
        fails(None, "caution", say.observed("filed"), cure="replace_by_invention"),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("before_drawdown",), facts=("invalidation_statement",))
def invalidation_pending(p: PatentColumns, say: Say) -> Branches:
    """While a request for invalidation is open, both parties must know and state that they go on."""
    standing = p.state.invalidations
    attacked, seen = standing.told == 1, say.observed("requested", day=_since(p, standing))
    return Branches([
        passes(attacked & p.evidence("invalidation_statement").says("stated"), seen, proof=p.register),
        fails(attacked, "before_drawdown", seen, cure="informed_statement", proof=p.register),
        unknown(_unseen(p, standing.told), "before_drawdown", REGISTER_NOT_ASKED, cure="register_extract"),
        passes(None, NONE, proof=p.register),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("caution",))
def invalidation_risk(p: PatentColumns, say: Say) -> Branches:
    """An open attack or claims already lost lower the value: revalue."""
    standing, lost = p.state.invalidations, p.state.lost_in_part
    claims = p.word(p.state.events.rows.codes("detail"), "detail")
    in_part = say.observed("in_part", claims=lambda place: claims(int(lost[place])))
    return Branches([
        fails(standing.told == 1, "caution", say.observed("pending"), cure="revalue"),
        fails((lost >= 0) & (p.state.status != ENDED), "caution", in_part, cure="revalue"),
        unknown(_unseen(p, standing.told), "caution", REGISTER_NOT_ASKED),
        passes(None, NONE, proof=p.register),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("caution",))
def open_dispute(p: PatentColumns, say: Say) -> Branches:
    """A dispute that is not closed."""
    standing = p.state.disputes
    return Branches([
        fails(standing.told == 1, "caution", say.observed("disputed", day=_since(p, standing))),
        unknown(_unseen(p, standing.told), "caution", REGISTER_NOT_ASKED),
        passes(None, NONE),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("caution",))
def exclusive_licence(p: PatentColumns, say: Say) -> Branches:
    """An exclusive licence that stands binds whoever buys the patent on default."""
    state = p.state
    first = first_of(state.exclusive_licences, state.events.patent[state.exclusive_licences], len(p))
    since = p.day(state.events.rows.happened_on)
    seen = say.observed("licensed", day=lambda place: since(int(first[place])))
    return Branches([
        fails(state.exclusively_licensed, "caution", seen, cure="revalue"),
        unknown(_unseen(p, state.licences.told), "caution", REGISTER_NOT_ASKED),
        passes(None, NONE),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("drops_patent",), facts=("other_ground",))
def other(p: PatentColumns, say: Say) -> Branches:
    """An officer's remark that the patent does not fit for another reason."""
    remark = p.evidence("other_ground")
    return Branches([
        fails(remark.says("exists"), "drops_patent", say.observed("remark", remark=p.note(remark))),
        fails(remark.free, "drops_patent", say.observed("remark", remark=p.answer_text(remark))),
        not_applicable(None, say.observed("no_remark")),
    ])  # fmt: skip
