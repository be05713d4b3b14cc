"""Public records that speak against a loan: listings open and removed, tax grade, register status, bureau report."""

from collections.abc import Iterator
from fractions import Fraction
from math import isnan

from features.credit import courts_asked
from features.exact import exactly
from features.firm_figures import equity
from models.records.applicant import Applicant
from models.records.calendar import add_months
from models.records.columns import Record
from models.rules.common import NONE, NOT_KNOWN
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.finding import Effect, Finding, Proof
from models.rules.registry import Maker, rule
from models.words.templates import SHIPPED, phrase

LISTINGS = tuple(SHIPPED.family("listing", "zh"))
"""Kinds of public records, by the templates that name them."""
CREDIT_NOT_ASKED = phrase("finding.any.observed.credit_not_asked")
NO_REPORT = phrase("finding.any.observed.no_report")
EFFECTS: tuple[Effect, ...] = ("blocks", "refer", "before_drawdown", "caution", "info")


def listings(a: Applicant, kind: str) -> tuple[Record | None, Record | None]:
    """Of a kind of record: the one that is open on the day, and the one removed lately enough to be told."""
    rows = [e for e in a.rows("credit_events") if e.event == kind and e.about in (None, a.firm)]
    if not rows:
        return None, None
    still = next((e for e in rows if e.lifted_on is None or e.lifted_on > a.as_of), None)
    since = add_months(a.as_of, -a.value("credit_exclusions.removed_months"))
    removed = next((e for e in reversed(rows) if e.lifted_on is not None and since < e.lifted_on <= a.as_of), None)
    return still, removed


@rule(
    "firm",
    "credit_exclusions.listings",
    "credit_exclusions.removed_months",
    "credit_exclusions.small_enforcement",
    weighs=EFFECTS,
)
def credit_listing(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """No open record of the kind; one that was removed within so many months is a caution, not clean.

    Enforcement of a small share of equity, or of an amount that nobody tells, is for a person to weigh.
    """
    a, kind = subject
    if kind == a.firm:
        return make.unknown("refer", CREDIT_NOT_ASKED, make.required("any"), cure=cure(a, "ask_source"))
    weight, required = a.value("credit_exclusions.listings")[kind], make.required(listing=kind)
    still, removed = listings(a, kind)
    if still is not None:
        proof = Proof(still.source or still.source_kind, still.known_on, a.age(still.known_on))
        seen = make.observed("listed", day=still.happened_on, listing=kind)
        if kind == "enforcement":
            amount, small = _enforced(a)
            told = None if amount is None else round(amount)
            seen = make.observed("enforced", day=still.happened_on, amount=told, share=_of_equity(a, amount))
            weight = "refer" if small else weight
        return make.fails(weight, seen, required, proof=proof, cure=cure(a, "repair_listing"))
    if removed is not None:
        return make.fails("caution", make.observed("removed", day=removed.lifted_on, listing=kind), required)
    return make.passes(NONE, required)


def _enforced(a: Applicant) -> tuple[int | None, bool]:
    """What is under enforcement against the firm in all, None where that is not told, and whether it may be small.

    What is told already counts where the rest is not told: it is no smaller.
    """
    amounts = [
        e.amount
        for e in a.rows("credit_events")
        if e.event == "enforcement" and e.about in (None, a.firm) and (e.lifted_on is None or e.lifted_on > a.as_of)
    ]
    told = sum(amount for amount in amounts if amount is not None)
    own = equity(a.facts.known)[a.i]
    most = exactly(a.value("credit_exclusions.small_enforcement"))
    large = not isnan(own) and told > max(most * round(own), 0)
    return (None if None in amounts else told), not large


def _of_equity(a: Applicant, amount: int | None) -> str | None:
    own = equity(a.facts.known)[a.i]
    return None if amount is None or isnan(own) or own <= 0 else decimal_text(Fraction(amount, round(own)), 4)


def about_listings(a: Applicant) -> Iterator[Finding]:
    """One finding for each kind of record; where nobody asked, one in all, and those that are known all the same."""
    kinds = a.value("credit_exclusions.listings")
    if courts_asked(a.facts.known)[a.i]:
        yield from (credit_listing.of(a, (a, kind), kind) for kind in kinds)
        return
    yield credit_listing.of(a, (a, a.firm), a.firm)
    yield from (credit_listing.of(a, (a, kind), kind) for kind in kinds if any(listings(a, kind)))


@rule("firm", "credit_exclusions.tax_grades", weighs=EFFECTS)
def tax_grade(a: Applicant, make: Maker) -> Finding:
    """The latest tax-credit grade; M is a new firm and no bad sign."""
    grades = a.value("credit_exclusions.tax_grades")
    required = make.required(grades=tuple(g for g, weight in grades.items() if weight == "info"))
    grade = latest_tax_grade(a)
    if grade is None:
        return make.unknown("caution", NOT_KNOWN, required, cure=cure(a, "ask_source"))
    seen = make.observed("grade", grade=grade)
    return make.passes(seen, required) if grades[grade] == "info" else make.fails(grades[grade], seen, required)


def latest_tax_grade(a: Applicant) -> str | None:
    """The tax-credit grade of the latest year that is known."""
    rows = [e for e in a.rows("credit_events") if e.event == "tax_grade" and e.grade is not None]
    return rows[-1].grade if rows else None


@rule("firm", "credit_exclusions.register_status", weighs=EFFECTS)
def register_status(a: Applicant, make: Maker) -> Finding:
    """The firm is in business by the register."""
    required, status = make.required(), a.profile.status if a.profile else None
    if status is None:
        return make.unknown("refer", NOT_KNOWN, required, cure=cure(a, "ask_source"))
    seen, weight = make.observed("status", status=status), a.value("credit_exclusions.register_status")[status]
    return make.passes(seen, required) if weight == "info" else make.fails(weight, seen, required)


def _report(a: Applicant, row: Record) -> Proof:
    return Proof(row.source or row.source_kind, row.queried_on, a.age(row.queried_on))


def latest_report(a: Applicant) -> Record | None:
    """The latest credit report, however old."""
    rows = a.rows("bureau")
    return rows[-1] if rows else None


def fresh_report(a: Applicant) -> Record | None:
    """The latest credit report if it may still be used."""
    row = latest_report(a)
    return row if row is not None and a.fresh(row.queried_on, "bureau_report") else None


@rule("firm", "first_loan.rule")
def first_loan(a: Applicant, make: Maker) -> Finding:
    """The credit report shows no bank loan: a missing or stale report is unknown, not a first loan; firms only."""
    required = make.required()
    if a.firm.startswith("person:"):
        return make.not_applicable(make.observed("firms_only"), required)
    row = fresh_report(a)
    if row is None or row.record_found is None:
        return make.unknown("info", NO_REPORT, required, cure=cure(a, "bureau_report"))
    if row.record_found:
        return make.fails("info", make.observed("loans_on_record"), required, proof=_report(a, row))
    return make.passes(make.observed("no_loan"), required, proof=_report(a, row))
