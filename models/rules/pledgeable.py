"""Whether a patent can be pledged: the grounds on which CNIPA refuses registration, and what a lender asks beyond them.

The grounds are those of the measures on patent pledge registration, Art. 11. They compare the pledgor with the
register, not the borrower.
"""

from features.phrase import Phrase
from models.records.applicant import Applicant
from models.records.calendar import add_months, add_years
from models.records.right import Right
from models.rules.common import NOT_GRANTED, REGISTER_NOT_ASKED
from models.rules.cures import cure
from models.rules.finding import Finding, Proof
from models.rules.registry import Maker, rule
from models.words.templates import phrase

GROUNDS = "pledge_refusal.grounds"
NO_HOLDER = phrase("finding.any.observed.no_holder_known")
MATURITY_NOT_KNOWN = phrase("finding.any.observed.maturity_not_known")


def register(right: Right) -> Proof:
    """The register extract where one is known, else the gazette."""
    seen = right.extract
    if seen is None:
        return Proof("gazette")
    return Proof("register_extract", seen.happened_on, right.a.age(seen.happened_on))


@rule("patent", GROUNDS, weighs=("drops_patent",))
def chinese_right(right: Right, make: Maker) -> Finding:
    """Only rights in the Chinese register can be pledged there."""
    office = right.patent.office or right.number[:2]
    required, seen = make.required(), make.observed("office", office=office)
    return make.passes(seen, required) if office == "CN" else make.fails("drops_patent", seen, required)


@rule("patent", GROUNDS, weighs=("drops_patent",))
def not_granted(right: Right, make: Maker) -> Finding:
    """An application that is not granted cannot be pledged."""
    required, proof = make.required(), register(right)
    if right.granted_on is None:
        return make.fails("drops_patent", NOT_GRANTED, required, proof=proof, cure=cure(right.a, "await_grant"))
    return make.passes(make.observed("granted", day=right.granted_on), required, proof=proof)


@rule("patent", GROUNDS, weighs=("drops_patent", "before_drawdown"))
def not_holder(right: Right, make: Maker) -> Finding:
    """The pledgor (not the borrower) must stand in the register as holder, under the present name."""
    a, pledgor, proof, required = right.a, _pledgor(right), register(right), make.required()
    if not right.holders:
        return make.unknown("drops_patent", NO_HOLDER, required, proof=proof, cure=cure(a, "register_extract"))
    if pledgor is None:
        seen = make.observed("no_pledgor_named")
        return make.unknown("before_drawdown", seen, required, proof=proof, cure=cure(a, "name_pledgor"))
    seen = make.observed("holders", holders=tuple(h.holder for h in right.holders), pledgor=pledgor)
    own = next((h for h in right.holders if h.holder == pledgor), None)
    if own is None:
        return make.fails("drops_patent", seen, required, proof=proof, cure=cure(a, "transfer_or_pledgor"))
    if own.former_name is not None:
        seen = make.observed("former_name", name=own.former_name)
        return make.fails("before_drawdown", seen, required, proof=proof, cure=cure(a, "change_of_name"))
    return make.passes(seen, required, proof=proof)


def _pledgor(right: Right) -> str | None:
    offered = right.offered
    return right.a.firm if offered is None else offered.pledgor


@rule("patent", "pledge_terms.third_party_pledge", weighs=("caution",))
def third_party_pledge(right: Right, make: Maker) -> Finding:
    """A pledgor other than the borrower is lawful, and must sign; a person's spouse consents where policy asks it."""
    a, pledgor, required = right.a, _pledgor(right), make.required()
    if pledgor is None or pledgor == a.firm:
        return make.not_applicable(make.observed("borrower"), required)
    person = pledgor.startswith("person:") and a.value("pledge_terms.third_party_pledge")["spouse_consent"]
    cured = cure(a, "founder_and_spouse_sign" if person else "pledgor_signs")
    return make.fails("caution", make.observed("third_party", pledgor=pledgor), required, cure=cured)


@rule("patent", GROUNDS, weighs=("drops_patent",))
def ended_or_invalidated(right: Right, make: Maker) -> Finding:
    """The right must be alive; once the grace for an unpaid fee is over, only a register extract can tell."""
    a, proof, ending, required = right.a, register(right), right.ending, make.required()
    if ending is not None:
        days = {"effective": ending.happened_on, "announced": ending.known_on}
        return make.fails("drops_patent", make.observed("ended", ending=ending.event, **days), required, proof=proof)
    if right.last_day < a.as_of:
        return make.fails("drops_patent", make.observed("expired", day=right.last_day), required, proof=proof)
    if right.granted_on is None:
        return make.not_applicable(NOT_GRANTED, required)
    if not a.asked("patent_events") and right.fresh_extract is None:
        cured = cure(a, "register_extract")
        return make.unknown("drops_patent", REGISTER_NOT_ASKED, required, proof=proof, cure=cured)
    if right.fee_state == "over":
        return make.unknown("drops_patent", _grace_over(right), required, proof=proof, cure=cure(a, "register_extract"))
    return make.passes(make.observed("in_force", day=right.last_day), required, proof=proof)


def _grace_over(right: Right) -> Phrase:
    seen, ended = right.extract, right.grace_ends
    if seen is None or right.fresh_extract is not None:
        return phrase("finding.any.observed.grace_over", day=ended)
    stale = right.a.stale_since(seen.happened_on, "register_extract")
    return phrase("finding.any.observed.grace_over_extract_stale", day=ended, stale=stale)


@rule(
    "patent",
    GROUNDS,
    "annual_fees.grace",
    "annual_fees.late_share_by_month",
    weighs=("drops_patent", "before_drawdown"),
)
def fee_arrears(right: Right, make: Maker) -> Finding:
    """In the six months of grace the right lives on, but a pledge is not registrable until the fee is paid."""
    a, due, row, required = right.a, right.fee_due, right.patent, make.required()
    if right.granted_on is None or right.ending is not None:
        return make.not_applicable(make.observed("not_granted_or_ended"), required)
    proof = Proof(row.source or row.source_kind, row.known_on, a.age(row.known_on))
    if right.fee_state == "unknown":
        seen = make.observed("not_known")
        return make.unknown("before_drawdown", seen, required, proof=proof, cure=cure(a, "fee_record"))
    if right.fee_state == "over":
        restored = cure(a, "restore_right", a.value("annual_fees.restoration") * 100)
        return make.unknown("before_drawdown", _grace_over(right), required, proof=proof, cure=restored)
    if right.fee_state == "paid":
        return make.passes(make.observed("paid", day=row.fees_paid_to), required, proof=proof)
    seen, paid = make.observed("in_grace", due=due, until=right.grace_ends), right.fee_with_lateness()
    return make.fails("before_drawdown", seen, required, proof=proof, cure=cure(a, "pay_annual_fee", paid))


@rule("patent", GROUNDS, "patent_terms.compensation", weighs=("drops_patent", "before_drawdown"))
def debt_outlives_patent(right: Right, make: Maker) -> Finding:
    """The loan must mature while the patent is still in force: not later than the eve of the anniversary of filing."""
    a, due, required = right.a, right.a.loan.matures_on, make.required(day=right.last_day)
    if due is None:
        return make.unknown("before_drawdown", MATURITY_NOT_KNOWN, required, cure=cure(a, "state_term"))
    if right.compensation_days:
        seen = make.observed("matures_with_compensation", day=due, compensation=right.compensation_days)
    elif right.patent.term_adjustment_days:
        seen = make.observed("matures_without_compensation", day=due)
    else:
        seen = make.observed("matures", day=due)
    if due > right.last_day:
        return make.fails("drops_patent", seen, required, cure=cure(a, "shorten_term"))
    return make.passes(seen, required)


@rule("patent", "pledge_terms.life_buffer_months", weighs=("caution",))
def life_buffer(right: Right, make: Maker) -> Finding:
    """The bank asks for so many months of protection beyond the loan's maturity."""
    a, due = right.a, right.a.loan.matures_on
    months = a.value("pledge_terms.life_buffer_months")
    required = make.required(months=months)
    if due is None:
        return make.unknown("caution", MATURITY_NOT_KNOWN, required)
    seen = phrase("finding.any.observed.last_day", day=right.last_day)
    if add_months(due, months) <= right.last_day:
        return make.passes(seen, required)
    return make.fails("caution", seen, required, cure=cure(a, "shorten_term"))


@rule("patent", "pledge_terms.remaining_years", weighs=("caution",))
def remaining_life(right: Right, make: Maker) -> Finding:
    """The bank asks for so many years of protection at drawdown, by kind of right."""
    years = right.a.value("pledge_terms.remaining_years")[right.patent.kind]
    required, seen = make.required(years=years), phrase("finding.any.observed.last_day", day=right.last_day)
    enough = add_years(right.a.as_of, years) <= right.last_day
    return make.passes(seen, required) if enough else make.fails("caution", seen, required)


@rule(
    "patent",
    GROUNDS,
    weighs=("drops_patent", "before_drawdown"),
    facts=("co_owner_consent", "co_owner_agreement"),
)
def co_owner_consent(right: Right, make: Maker) -> Finding:
    """Every co-owner consents, unless the co-owners agreed that each may pledge."""
    a, number, required, owners = right.a, right.number, make.required(), len(right.holders)
    if not owners:
        return make.unknown("before_drawdown", NO_HOLDER, required, cure=cure(a, "register_extract"))
    if owners == 1:
        return make.not_applicable(make.observed("no_co_owner"), required)
    if a.yes("co_owner_agreement", number):
        return make.passes(make.observed("agreed", owners=owners), required)
    told = a.told("co_owner_consent", number)
    if told is None or not told.fresh:
        seen = make.observed("no_consent_seen", owners=owners)
        return make.unknown("before_drawdown", seen, required, cure=cure(a, "co_owner_consent"))
    proof = Proof(told.source, told.seen_on, a.age(told.seen_on))
    seen = make.observed("consent_seen", owners=owners, day=told.seen_on, answer=told.answer)
    if told.yes:
        return make.passes(seen, required, proof=proof)
    return make.fails("drops_patent", seen, required, proof=proof, cure=cure(a, "co_owner_consent"))


@rule("patent", "freshness_days.register_extract", weighs=("before_drawdown",))
def register_extract(right: Right, make: Maker) -> Finding:
    """A register extract of late date outranks the gazette, which comes weeks after the fact."""
    a, seen = right.a, right.extract
    required, cured = make.required(days=a.value("freshness_days.register_extract")), cure(a, "register_extract")
    if seen is None:
        return make.unknown("before_drawdown", make.observed("none_seen"), required, cure=cured)
    proof = register(right)
    if right.fresh_extract is None:
        stale = phrase("finding.any.observed.stale", day=a.stale_since(seen.happened_on, "register_extract"))
        return make.unknown("before_drawdown", stale, required, proof=proof, cure=cured)
    return make.passes(make.observed("seen", day=seen.happened_on), required, proof=proof)


@rule("pledge", GROUNDS, weighs=("before_drawdown",), facts=("pledge_contract",))
def contract_incomplete(a: Applicant, make: Maker) -> Finding:
    """The contract holds what the measures (Art. 8) ask: parties, debt, term, patents, scope."""
    required, cured = make.required(), cure(a, "complete_contract")
    told = a.told("pledge_contract", a.application)
    if told is None or not told.fresh:
        return make.unknown("before_drawdown", make.observed("none_seen"), required, cure=cured)
    proof = Proof(told.source, told.seen_on, a.age(told.seen_on))
    seen = make.observed("checked", day=told.seen_on, answer=told.answer)
    if told.answer in ("complete", "yes"):
        return make.passes(seen, required, proof=proof)
    return make.fails("before_drawdown", seen, required, proof=proof, cure=cured)
