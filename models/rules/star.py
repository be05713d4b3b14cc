"""The attributes of hard technology by which the STAR board judges an issuer, with the thresholds of the day."""

from fractions import Fraction

from features.exact import exactly
from features.phrase import Phrase
from models.records.applicant import Applicant
from models.rules.branches import branch_of_industry
from models.rules.common import INDUSTRY_NOT_KNOWN, NOT_KNOWN
from models.rules.decimals import decimal_text
from models.rules.facts import value
from models.rules.finding import Finding
from models.rules.held_patents import held_count
from models.rules.registry import Maker, rule
from models.rules.three_valued import every, some
from models.words.templates import phrase

_OUTSIDE = phrase("finding.any.observed.outside_star_board")


def _in_field(a: Applicant) -> bool | None:
    branch = branch_of_industry(a, "star.fields")
    return None if branch is None else branch != ""


def _number(a: Applicant, name: str) -> Fraction | None:
    found = value(a, name)
    return found if isinstance(found, Fraction) else None


def _at_least(found: Fraction | None, limit: float) -> bool | None:
    return None if found is None else found >= exactly(limit)


def _judged(a: Applicant, make: Maker, answer: bool | None, observed: Phrase, required: Phrase) -> Finding:
    field = _in_field(a)
    if field is False:
        return make.not_applicable(_OUTSIDE, required)
    if field is None:
        return make.unknown("info", INDUSTRY_NOT_KNOWN, required)
    if answer is None:
        return make.unknown("info", observed, required)
    return make.passes(observed, required) if answer else make.fails("info", observed, required)


def _fen(yuan: Fraction | None) -> int | None:
    return None if yuan is None else int(yuan * 100)


@rule("firm", "star.rd_amount", "star.rd_share")
def star_research(a: Applicant, make: Maker) -> Finding:
    """Three years' research expense reaches a share of revenue, or an amount."""
    part, amount = a.value("star.rd_share"), a.value("star.rd_amount")
    required = make.required(share=decimal_text(part), amount=amount * 100)
    found, spent = _number(a, "rd_share_three_years"), _number(a, "rd_three_years")
    seen = NOT_KNOWN
    if found is not None and spent is not None:
        seen = make.observed("research", share=decimal_text(found, 6), amount=_fen(spent))
    return _judged(a, make, some([_at_least(found, part), _at_least(spent, amount)]), seen, required)


@rule("firm", "star.rd_staff_share")
def star_staff(a: Applicant, make: Maker) -> Finding:
    """Research staff reach a share of all staff."""
    least, found = a.value("star.rd_staff_share"), _number(a, "rd_staff_share")
    seen = NOT_KNOWN if found is None else make.observed("staff", share=decimal_text(found, 6))
    return _judged(a, make, _at_least(found, least), seen, make.required(share=decimal_text(least)))


@rule("firm", "star.invention_patents")
def star_inventions(a: Applicant, make: Maker) -> Finding:
    """So many inventions in force are used in the main business."""
    return _inventions(a, make, a.value("star.invention_patents"))


def _inventions(a: Applicant, make: Maker, least: int) -> Finding:
    found = held_count(a, "industrialised_inventions")
    answer = None if found is None else found.at_least(least)
    seen = NOT_KNOWN if found is None or answer is None else make.observed("inventions", count=found.least)
    return _judged(a, make, answer, seen, make.required(count=least))


@rule("firm", "star.revenue_growth", "star.revenue")
def star_revenue(a: Applicant, make: Maker) -> Finding:
    """Revenue grew by a compound rate over three years, or reached an amount in the last one."""
    rate, least = a.value("star.revenue_growth"), a.value("star.revenue")
    grown, revenue = _number(a, "revenue_over_two_years_before"), _number(a, "revenue")
    fast = None if grown is None else grown >= (1 + exactly(rate)) ** 2
    growth = None if grown is None or grown < 0 else decimal_text(float(grown) ** 0.5 - 1, 4)
    seen = make.observed("revenue", growth=growth, revenue=_fen(revenue))
    required = make.required(growth=decimal_text(rate), revenue=least * 100)
    return _judged(a, make, some([fast, _at_least(revenue, least)]), seen, required)


@rule("firm", "star.alternative_inventions")
def star_alternative(a: Applicant, make: Maker) -> Finding:
    """An issuer that misses an attribute may still qualify by the number of its industrialised inventions."""
    return _inventions(a, make, a.value("star.alternative_inventions"))


STANDARD = (star_research, star_staff, star_inventions, star_revenue)


@rule("firm", "star.invention_patents")
def star(findings: tuple[Applicant, dict[str, Finding]], make: Maker) -> Finding:
    """All attributes of the day are met, or an alternative; not_applicable outside the board's fields."""
    a, found = findings
    standard = [found[r.code].outcome for r in STANDARD if found[r.code].outcome != "not_applicable"]
    met = some([every(_TRUTH[o] for o in standard), _TRUTH.get(found[star_alternative.code].outcome, False)])
    missed = tuple(r.code for r in STANDARD if found[r.code].outcome == "fail")
    seen = make.observed("attributes", met=standard.count("pass"), of=len(standard), missed=missed)
    return _judged(a, make, met, seen, make.required())


_TRUTH: dict[str, bool | None] = {"pass": True, "fail": False, "unknown": None}
