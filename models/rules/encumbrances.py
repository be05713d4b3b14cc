"""What stands on a patent or against it: pledges, preservation, licences, attacks, disputes, a same-day invention."""

from features.phrase import Phrase
from models.records.right import Pledge, Right
from models.rules.common import NONE, REGISTER_NOT_ASKED
from models.rules.cures import cure
from models.rules.finding import Finding
from models.rules.pledgeable import GROUNDS, register
from models.rules.registry import Maker, rule


@rule("patent", GROUNDS, weighs=("drops_patent",))
def suspended_or_preserved(right: Right, make: Maker) -> Finding:
    """A suspension or a court's preservation stops every pledge procedure."""
    a, frozen, required = right.a, right.preserved, make.required()
    if frozen is not None:
        seen = make.observed("preserved", day=frozen.happened_on, reference=frozen.reference)
        return make.fails("drops_patent", seen, required, proof=register(right), cure=cure(a, "lift_preservation"))
    if not a.asked("patent_events"):
        return make.unknown("drops_patent", REGISTER_NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(NONE, required, proof=register(right))


@rule("patent", GROUNDS, weighs=("drops_patent", "before_drawdown"))
def already_pledged(right: Right, make: Maker) -> Finding:
    """A pledge held by us must be changed or released and registered anew; one held by another drops the patent.

    A maximum-amount pledge of ours needs no new registration within its period and amount.
    """
    a, standing, proof, required = right.a, right.pledges, register(right), make.required()
    foreign = next((p for p in standing if not p.ours), None)
    if foreign is not None:
        cured = cure(a, "release_by_other")
        return make.fails("drops_patent", _pledged(make, foreign), required, proof=proof, cure=cured)
    if standing:
        return _our_pledge(right, standing[0], make, required)
    if not a.asked("patent_events") and right.fresh_extract is None:
        cured = cure(a, "register_extract")
        return make.unknown("drops_patent", REGISTER_NOT_ASKED, required, proof=proof, cure=cured)
    return make.passes(make.observed("not_pledged"), required, proof=proof)


def _pledged(make: Maker, p: Pledge) -> Phrase:
    return make.observed("pledged", day=p.since, pledgee=p.pledgee, reference=p.reference)


def _our_pledge(right: Right, held: Pledge, make: Maker, required: Phrase) -> Finding:
    a, ceiling, room = right.a, held.ceiling, _room(right, held)
    cured = cure(a, "change_or_renew_registration")
    if ceiling is None or ceiling.maximum_until is None or a.as_of > ceiling.maximum_until or room is False:
        return make.fails("before_drawdown", _pledged(make, held), required, proof=register(right), cure=cured)
    if room is None:
        return make.unknown("before_drawdown", make.observed("room_not_known"), required, cure=cured)
    return make.not_applicable(make.observed("room", day=ceiling.maximum_until), required, proof=register(right))


def _room(right: Right, held: Pledge) -> bool | None:
    """Whether the amount asked fits beside the other loans under the ceiling; None where a figure is not known."""
    a, ceiling = right.a, held.ceiling
    if ceiling is None or a.loan.amount is None:
        return None
    under = {c.loan for c in a.rows("collateral") if c.registration == held.reference and c.loan is not None}
    used = 0
    for loan in sorted(under - {a.loan.renews}):
        balance = next((p.balance for p in reversed(a.rows("performance")) if p.loan == loan), None)
        if balance is None:
            return None
        used += balance
    return bool(used + a.loan.amount <= ceiling.maximum_amount)


@rule("patent", GROUNDS, weighs=("before_drawdown",), facts=("same_day_statement",))
def same_day_invention(right: Right, make: Maker) -> Finding:
    """A utility model whose owner filed the same invention that day is pledged only if both parties go on, knowing."""
    required = make.required()
    if right.patent.kind != "utility_model" or right.patent.twin is None or right.ending is not None:
        return make.not_applicable(make.observed("none"), required)
    seen = make.observed("filed", patent=right.patent.twin)
    if right.a.yes("same_day_statement", right.number):
        return make.passes(seen, required)
    return make.fails("before_drawdown", seen, required, cure=cure(right.a, "informed_statement"))


@rule("patent", GROUNDS, weighs=("caution",))
def falls_away(right: Right, make: Maker) -> Finding:
    """A utility model with a same-day invention is given up when the invention is granted."""
    required = make.required()
    if right.patent.kind != "utility_model" or right.patent.twin is None or right.ending is not None:
        return make.not_applicable(make.observed("none"), required)
    return make.fails("caution", make.observed("filed"), required, cure=cure(right.a, "replace_by_invention"))


@rule("patent", GROUNDS, weighs=("before_drawdown",), facts=("invalidation_statement",))
def invalidation_pending(right: Right, make: Maker) -> Finding:
    """While a request for invalidation is open, both parties must know and state that they go on."""
    a, attack, required = right.a, right.attacked, make.required()
    if attack is not None:
        seen, proof = make.observed("requested", day=attack.happened_on), register(right)
        if a.yes("invalidation_statement", right.number):
            return make.passes(seen, required, proof=proof)
        return make.fails("before_drawdown", seen, required, proof=proof, cure=cure(a, "informed_statement"))
    if not a.asked("patent_events"):
        return make.unknown("before_drawdown", REGISTER_NOT_ASKED, required, cure=cure(a, "register_extract"))
    return make.passes(NONE, required, proof=register(right))


@rule("patent", GROUNDS, weighs=("caution",))
def invalidation_risk(right: Right, make: Maker) -> Finding:
    """An open attack or claims already lost lower the value: revalue."""
    required = make.required()
    lost = next((e for e in reversed(right.events) if e.event == "invalidated_in_part"), None)
    if right.attacked is not None:
        seen = make.observed("pending")
    elif lost is not None and right.ending is None:
        seen = make.observed("in_part", claims=lost.detail)
    elif not right.a.asked("patent_events"):
        return make.unknown("caution", REGISTER_NOT_ASKED, required)
    else:
        return make.passes(NONE, required, proof=register(right))
    return make.fails("caution", seen, required, cure=cure(right.a, "revalue"))


@rule("patent", GROUNDS, weighs=("caution",))
def open_dispute(right: Right, make: Maker) -> Finding:
    """A dispute that is not closed."""
    required = make.required()
    if right.disputed is not None:
        return make.fails("caution", make.observed("disputed", day=right.disputed.happened_on), required)
    if not right.a.asked("patent_events"):
        return make.unknown("caution", REGISTER_NOT_ASKED, required)
    return make.passes(NONE, required)


@rule("patent", GROUNDS, weighs=("caution",))
def exclusive_licence(right: Right, make: Maker) -> Finding:
    """An exclusive licence that stands binds whoever buys the patent on default."""
    required = make.required()
    if right.licensed is not None:
        seen = make.observed("licensed", day=right.licensed.happened_on)
        return make.fails("caution", seen, required, cure=cure(right.a, "revalue"))
    if not right.a.asked("patent_events"):
        return make.unknown("caution", REGISTER_NOT_ASKED, required)
    return make.passes(NONE, required)


@rule("patent", GROUNDS, weighs=("drops_patent",), facts=("other_ground",))
def other(right: Right, make: Maker) -> Finding:
    """An officer's remark that the patent does not fit for another reason."""
    required, remark = make.required(), right.a.told("other_ground", right.number)
    if remark is None or remark.answer in ("", "no"):
        return make.not_applicable(make.observed("no_remark"), required)
    return make.fails("drops_patent", make.observed("remark", remark=remark.answer), required)
