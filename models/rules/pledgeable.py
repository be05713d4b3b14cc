"""Whether a patent can be pledged: the grounds on which CNIPA refuses registration, and what a lender asks beyond them.

The grounds are those of the measures on patent pledge registration, Art. 11. They compare the pledgor with the
register, not the borrower.
"""

import numpy as np

from features.arrays import NOT_KNOWN, Bools, not_known
from features.days import plus_months, whole_months
from features.patent_events import EVENTS
from features.patent_state import (
    ENDED,
    EXTRACT,
    FEES_NOT_KNOWN,
    GRACE_OVER,
    IN_GRACE,
    PAID,
    PENDING,
    STATUS_NOT_KNOWN,
)
from features.patent_terms import COMPENSATION, KINDS, TERMS, chinese
from features.phrase import Phrase
from models.records.applicant import Applicant
from models.rules.column_rules import (
    Branch,
    Branches,
    Say,
    Seen,
    SeenColumn,
    fails,
    not_applicable,
    passes,
    patent_rule,
    said,
    unknown,
)
from models.rules.common import LAST_DAY_NOT_KNOWN, NOT_GRANTED, REGISTER_NOT_ASKED
from models.rules.cures import cure
from models.rules.finding import Cure, Finding, Proof
from models.rules.patent_columns import PatentColumns, first_of
from models.rules.registry import Maker, rule
from models.words.templates import phrase

GROUNDS = "pledge_refusal.grounds"
NO_HOLDER = phrase("finding.any.observed.no_holder_known")
MATURITY_NOT_KNOWN = phrase("finding.any.observed.maturity_not_known")


@patent_rule(GROUNDS, weighs=("drops_patent",))
def chinese_right(p: PatentColumns, say: Say) -> Branches:
    """Only rights in the Chinese register can be pledged there."""
    office = p.word(p.rows.codes("office"), "office")
    seen = say.observed("office", office=lambda place: office(place) or p.subject(place)[:2])
    return Branches([passes(chinese(p.known), seen), fails(None, "drops_patent", seen)])


@patent_rule(GROUNDS, weighs=("drops_patent",))
def not_granted(p: PatentColumns, say: Say) -> Branches:
    """An application that is not granted cannot be pledged; one that ended is never granted, so nothing cures it."""
    granted = say.observed("granted", day=p.day(p.state.granted_on))
    over = (p.state.ending.event >= 0) | (p.state.status == ENDED)
    return Branches([
        fails(~p.state.granted & over, "drops_patent", NOT_GRANTED, proof=p.register),
        fails(~p.state.granted, "drops_patent", NOT_GRANTED, cure="await_grant", proof=p.register),
        passes(None, granted, proof=p.register),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("drops_patent", "before_drawdown"))
def not_holder(p: PatentColumns, say: Say) -> Branches:
    """The pledgor (not the borrower) must stand in the register as holder, under the present name."""
    pledgor, holders = p.pledgor, p.holders
    own = holders.on_the_day & (holders.rows.codes("holder") == np.append(pledgor, NOT_KNOWN - 1)[holders.place])
    former = own & (holders.rows.codes("former_name") >= 0)
    name = p.word(holders.rows.codes("former_name"), "legal_name")
    seen = say.observed("holders", holders=p.holder_names, pledgor=p.word(pledgor, "firm"))
    of_former = first_of(np.flatnonzero(former), holders.place[former], len(p))
    old = say.observed("former_name", name=lambda place: name(int(of_former[place])))
    nobody = say.observed("no_pledgor_named")
    return Branches([
        unknown(holders.owners == 0, "drops_patent", NO_HOLDER, cure="register_extract", proof=p.register),
        unknown(pledgor < 0, "before_drawdown", nobody, cure="name_pledgor", proof=p.register),
        fails(~holders.marked(own), "drops_patent", seen, cure="transfer_or_pledgor", proof=p.register),
        fails(holders.marked(former), "before_drawdown", old, cure="change_of_name", proof=p.register),
        passes(None, seen, proof=p.register),
    ])  # fmt: skip


@patent_rule("pledge_terms.third_party_pledge", weighs=("caution",))
def third_party_pledge(p: PatentColumns, say: Say) -> Branches:
    """A pledgor other than the borrower is lawful, and must sign; a person's spouse consents where policy asks it."""
    name = p.word(p.pledgor, "firm")

    def signature(place: int) -> Cure:
        a = p.a(place)
        person = str(name(place)).startswith("person:")
        spouse = person and a.value("pledge_terms.third_party_pledge")["spouse_consent"]
        return cure(a, "founder_and_spouse_sign" if spouse else "pledgor_signs")

    return Branches([
        not_applicable((p.pledgor < 0) | (p.pledgor == p.known.firm[p.case]), say.observed("borrower")),
        fails(None, "caution", say.observed("third_party", pledgor=name), cure=signature),
    ])  # fmt: skip


@patent_rule(GROUNDS, weighs=("drops_patent",))
def ended_or_invalidated(p: PatentColumns, say: Say) -> Branches:
    """The right must be alive; once the grace for an unpaid fee is over, only a register extract can tell."""
    state, ending = p.state, p.state.ending
    ended = say.observed(
        "ended",
        ending=lambda place: EVENTS[ending.event[place]],
        effective=p.day(ending.on),
        announced=p.day(ending.known_on),
    )
    doubted = say.observed("extract_stale", day=p.day(state.extracts.on), stale=p.day(p.stale_since))
    last_day = p.day(state.last_day)

    def open_until_seen(where: Bools, seen: Seen) -> Branch:
        return unknown(where, "drops_patent", seen, cure="register_extract", proof=p.register)

    return Branches([
        fails(ending.event >= 0, "drops_patent", ended, proof=p.register),
        fails(state.status == ENDED, "drops_patent", say.observed("expired", day=last_day), proof=p.register),
        not_applicable(state.status == PENDING, NOT_GRANTED),
        open_until_seen(~state.register_seen, REGISTER_NOT_ASKED),
        open_until_seen(state.doubted, doubted),
        open_until_seen((state.status == STATUS_NOT_KNOWN) & (state.fees == GRACE_OVER), _grace_over(p)),
        open_until_seen(state.status == STATUS_NOT_KNOWN, LAST_DAY_NOT_KNOWN),
        passes(None, say.observed("in_force", day=last_day), proof=p.register),
    ])  # fmt: skip


def _grace_over(p: PatentColumns) -> SeenColumn:
    """That the months of grace are over, and since when an extract is too old to tell more."""
    ended, said_on = p.day(p.state.annual_fees.grace_ends), p.state.extracts
    stale = said("finding.any.observed.grace_over_extract_stale", day=ended, stale=p.day(p.stale_since))
    without = said("finding.any.observed.grace_over", day=ended)
    return lambda place: (without if said_on.place[place] < 0 or said_on.fresh[place] else stale)(place)


@patent_rule(
    GROUNDS, "annual_fees.grace", "annual_fees.late_share_by_month", weighs=("drops_patent", "before_drawdown")
)
def fee_arrears(p: PatentColumns, say: Say) -> Branches:
    """In the six months of grace the right lives on, but a pledge is not registrable until the fee is paid.

    A fee year that holds the day to which fees are paid counts as paid.
    """
    state, fees = p.state, p.state.annual_fees
    paid_to, due, grace_ends = p.day(p.rows.fees_paid_to), p.day(fees.due), p.day(fees.grace_ends)
    by_extract, extract_on = state.fees_source == EXTRACT, p.day(state.extracts.on)

    def restoration(place: int) -> Cure:
        return cure(p.a(place), "restore_right", p.a(place).value("annual_fees.restoration") * 100)

    by_own_days = (fees.due < p.as_of) & (p.as_of <= fees.grace_ends)

    def payment(place: int) -> Cure:
        """The fee is told where the patent's own days tell which it is and how late."""
        return cure(p.a(place), "pay_annual_fee", fee_with_lateness(p, place) if by_own_days[place] else None)

    return Branches([
        not_applicable(~state.granted | (state.status == ENDED), say.observed("not_granted_or_ended")),
        passes(by_extract & (state.fees == PAID), say.observed("extract", day=extract_on), proof=p.register),
        fails(
            by_extract,
            "before_drawdown",
            say.observed("extract_in_grace", day=extract_on),
            cure=payment,
            proof=p.register,
        ),
        unknown(
            state.fees == FEES_NOT_KNOWN, "before_drawdown", say.observed("not_known"), cure="fee_record", proof=p.row
        ),
        unknown(state.fees == GRACE_OVER, "before_drawdown", _grace_over(p), cure=restoration, proof=p.row),
        fails(
            state.fees == IN_GRACE,
            "before_drawdown",
            say.observed("in_grace", due=due, until=grace_ends),
            cure=payment,
            proof=p.row,
        ),
        passes(fees.odd, say.observed("paid_odd", day=paid_to, until=due), proof=p.row),
        passes(None, say.observed("paid", day=paid_to), proof=p.row),
    ])  # fmt: skip


def fee_with_lateness(p: PatentColumns, place: int) -> int | None:
    """What the unpaid fee costs on the day, in fen: the full fee of its patent year and its late charge."""
    fees, a = p.state.annual_fees, p.a(place)
    year = int(whole_months(p.rows.filed_on[[place]], fees.due[[place]])[0]) // 12 + 1
    bands = a.value("annual_fees.tariff")[KINDS[p.rows.codes("kind")[place]]]
    full = next((fee for first, last, fee in bands if first <= year <= last), None)
    shares = a.value("annual_fees.late_share_by_month")
    late = shares[min(int(fees.late_month[place]), len(shares)) - 1]
    return None if full is None else round(full * 100 * (1 + late))


@patent_rule(GROUNDS, *TERMS, COMPENSATION, weighs=("drops_patent", "before_drawdown"))
def debt_outlives_patent(p: PatentColumns, say: Say) -> Branches:
    """The loan must mature while the patent is still in force: not later than the eve of the anniversary of filing."""
    due, last, term = p.due, p.state.last_day, p.state.term
    day = p.day(due)
    compensated = say.observed("matures_with_compensation", day=day, compensation=p.count(term.compensation))
    denied, plain = say.observed("matures_without_compensation", day=day), say.observed("matures", day=day)

    def seen(place: int) -> Phrase:
        return (compensated if term.compensation[place] else denied if term.denied[place] else plain)(place)

    return Branches(
        [
            unknown(np.isnan(due), "before_drawdown", MATURITY_NOT_KNOWN, cure="state_term"),
            unknown(np.isnan(last), "before_drawdown", LAST_DAY_NOT_KNOWN),
            fails(due > last, "drops_patent", seen, cure="shorten_term"),
            passes(None, seen),
        ],
        required={"day": p.day(last)},
    )


@patent_rule("pledge_terms.life_buffer_months", weighs=("caution",))
def life_buffer(p: PatentColumns, _say: Say) -> Branches:
    """The bank asks for so many months of protection beyond the loan's maturity."""
    months, last = p.param("pledge_terms.life_buffer_months"), p.state.last_day
    seen = said("finding.any.observed.last_day", day=p.day(last))
    return Branches(
        [
            unknown(np.isnan(p.due), "caution", MATURITY_NOT_KNOWN),
            unknown(np.isnan(last), "caution", LAST_DAY_NOT_KNOWN),
            passes(plus_months(p.due, months) <= last, seen),
            fails(None, "caution", seen, cure="shorten_term"),
        ],
        required={"months": p.count(months)},
    )


@patent_rule("pledge_terms.remaining_years", weighs=("caution",))
def remaining_life(p: PatentColumns, _say: Say) -> Branches:
    """The bank asks for so many years of protection at drawdown, by kind of right."""
    years, last = not_known(len(p)), p.state.last_day
    for by_kind, on_day in p.periods("pledge_terms.remaining_years"):
        asked = np.array([by_kind[kind] for kind in KINDS], dtype=np.float64)
        years = np.where(on_day, asked[p.rows.codes("kind")], years)
    seen = said("finding.any.observed.last_day", day=p.day(last))
    return Branches(
        [
            unknown(np.isnan(last), "caution", LAST_DAY_NOT_KNOWN),
            passes(plus_months(p.as_of, 12 * years) <= last, seen),
            fails(None, "caution", seen),
        ],
        required={"years": p.count(years)},
    )


@patent_rule(GROUNDS, weighs=("drops_patent", "before_drawdown"), facts=("co_owner_consent", "co_owner_agreement"))
def co_owner_consent(p: PatentColumns, say: Say) -> Branches:
    """Every co-owner consents, unless the co-owners agreed that each may pledge."""
    owners, consent = p.holders.owners, p.evidence("co_owner_consent")
    number, answer = p.count(owners), consent.word
    seen = say.observed("consent_seen", owners=number, day=p.seen_on(consent), answer=answer)
    paper = p.paper(consent)
    return Branches([
        unknown(owners == 0, "before_drawdown", NO_HOLDER, cure="register_extract"),
        not_applicable(owners == 1, say.observed("no_co_owner")),
        passes(p.evidence("co_owner_agreement").says("may_pledge_alone"), say.observed("agreed", owners=number)),
        unknown(
            ~consent.answered,
            "before_drawdown",
            say.observed("no_consent_seen", owners=number),
            cure="co_owner_consent",
        ),
        passes(consent.says("consented"), seen, proof=paper),
        fails(consent.says("partial"), "before_drawdown", seen, cure="co_owner_consent", proof=paper),
        fails(None, "drops_patent", seen, cure="co_owner_consent", proof=paper),
    ])  # fmt: skip


@patent_rule("freshness_days.register_extract", weighs=("before_drawdown",))
def register_extract(p: PatentColumns, say: Say) -> Branches:
    """A register extract of late date outranks the gazette, which comes weeks after the fact."""
    extracts = p.state.extracts
    stale = said("finding.any.observed.stale", day=p.day(p.stale_since))
    return Branches(
        [
            unknown(extracts.place < 0, "before_drawdown", say.observed("none_seen"), cure="register_extract"),
            unknown(~extracts.fresh, "before_drawdown", stale, cure="register_extract", proof=p.register),
            passes(None, say.observed("seen", day=p.day(extracts.on)), proof=p.register),
        ],
        required={"days": p.count(p.param("freshness_days.register_extract"))},
    )


@rule("pledge", GROUNDS, weighs=("before_drawdown",), facts=("pledge_contract",))
def contract_incomplete(a: Applicant, make: Maker) -> Finding:
    """The contract holds what the measures (Art. 8) ask: parties, debt, term, patents, scope."""
    required, cured = make.required(), cure(a, "complete_contract")
    told = a.told("pledge_contract", a.application)
    if told is None or not told.fresh or told.answer in (None, "not_signed"):
        return make.not_applicable(make.observed("none_seen"), required)  # that it is signed is asked of every loan
    proof = Proof(told.source, told.seen_on, a.age(told.seen_on))
    seen = make.observed("checked", day=told.seen_on, answer=told.answer)
    if told.answer == "complete":
        return make.passes(seen, required, proof=proof)
    return make.fails("before_drawdown", seen, required, proof=proof, cure=cured)
