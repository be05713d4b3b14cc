"""All rules put to one case: findings about firm, loan, titles and each patent, and the advice from them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from math import isnan

from features.asof import Known
from features.policy import Policy
from models.collateral.loan_figures import LoanFigures
from models.collateral.security import Security
from models.records.applicant import Applicant, Facts
from models.records.patents import patents_of
from models.rules import (
    acquired,
    credit,
    encumbrances,
    financing,
    high_value,
    pledgeable,
    renewals,
    sectors,
    star,
    titles,
    whitelists,
)
from models.rules.column_rules import AllVerdicts, FirmRule, PatentRule
from models.rules.cures import cure
from models.rules.finding import Finding
from models.rules.firm_columns import FirmColumns
from models.rules.fraud_flags import about_flags, fraud_flags_together
from models.rules.lendable import Lendable, about_lendable, mendable
from models.rules.order import in_order
from models.rules.patent_columns import PatentColumns
from models.rules.pledge_value import Priced, Secured, about_price, about_security
from models.rules.recommendation import NOT_WEIGHED, Advisable, Recommendation, Scored, recommend, score
from models.rules.registry import Maker, rule
from models.rules.standing import standing_conditions
from models.rules.underwriting import UNDERWRITING_RULES
from models.rules.underwriting.figures import loan_figures
from models.score.kinds import PLEDGE
from models.score.scale import Scale, scale_on

PATENT_RULES: tuple[PatentRule, ...] = (
    pledgeable.chinese_right,
    pledgeable.not_granted,
    pledgeable.not_holder,
    pledgeable.third_party_pledge,
    pledgeable.ended_or_invalidated,
    pledgeable.fee_arrears,
    encumbrances.suspended_or_preserved,
    pledgeable.debt_outlives_patent,
    pledgeable.life_buffer,
    pledgeable.remaining_life,
    pledgeable.co_owner_consent,
    encumbrances.already_pledged,
    encumbrances.same_day_invention,
    encumbrances.falls_away,
    encumbrances.invalidation_pending,
    encumbrances.invalidation_risk,
    encumbrances.open_dispute,
    encumbrances.exclusive_licence,
    encumbrances.other,
    pledgeable.register_extract,
    acquired.recently_bought,
    *high_value.CRITERION_RULES,
    high_value.high_value,
)
FIRM_RULES: tuple[FirmRule, ...] = (
    *UNDERWRITING_RULES,
    credit.register_status,
    credit.tax_grade,
    credit.first_loan,
    financing.statements_fresh,
    financing.appraisal_fresh,
    financing.size_class,
    financing.npl_tolerance,
    sectors.strategic_industry,
    sectors.patent_intensive,
    high_value.high_value_density,
)
STAR_RULES: tuple[FirmRule, ...] = (*star.STANDARD, star.star_alternative, star.star)


@rule("pledge", pledgeable.GROUNDS, weighs=("drops_patent",))
def offered_known(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A patent that is offered must be known from the register: a number alone says nothing."""
    (a, number), required = subject, make.required()
    if any(p.patent == number for p in a.rows("patents")):
        return make.passes(make.observed("known"), required)
    return make.unknown("drops_patent", make.observed("nothing_known"), required, cure=cure(a, "register_extract"))


@dataclass(frozen=True)
class JudgedPatent:
    """What the rules say of one patent: what is open in full, of the rest the codes.

    `pledgeable`: False where a finding drops it, None where one might. `asked`: makes all findings in full.
    """

    open: tuple[Finding, ...]
    passed: tuple[str, ...]
    not_applicable: tuple[str, ...]
    pledgeable: bool | None
    asked: Callable[[], tuple[Finding, ...]]


@dataclass(frozen=True)
class Judged:
    """What the rules say of one case.

    `findings`: about the firm, its titles and loans, and the pledge as a whole. `patents`: per patent, in the order of
    the rows. `pd`: over a year, where a score tells it. `within`: what the amount advised is held to, if weighed.
    What passes stands among `findings` without what was seen and asked.
    """

    applicant: Applicant
    findings: tuple[Finding, ...]
    patents: Mapping[str, JudgedPatent]
    pd: Fraction | None = None
    within: Advisable = NOT_WEIGHED

    @cached_property
    def open(self) -> tuple[Finding, ...]:
        """All findings that failed or are not known."""
        return (*(f for f in self.findings if f.open), *(f for found in self.patents.values() for f in found.open))

    @property
    def every(self) -> tuple[Finding, ...]:
        """All findings in full."""
        full = {(f.rule, f.subject): f for f in _in_full(self.applicant)}
        firm = (full.get((f.rule, f.subject), f) for f in self.findings)
        return (*firm, *(f for found in self.patents.values() for f in found.asked()))

    @cached_property
    def recommendation(self) -> Recommendation:
        """The advice that follows from the findings."""
        return recommend(self.applicant, self.open, list(self.patents), self.within)

    def weighing(self, figures: LoanFigures | None, secured: Security | None) -> "Judged":
        """The same with the findings about limit and security; None where the policies of valuation do not hold yet."""
        a, can = self.applicant, mendable(self.open)
        limit, term = (secured.limit, secured.term) if secured else (None, None)
        found = [*about_lendable(Lendable(a, limit, term, figures, can))]
        if secured is not None and figures is not None:
            pledge = Secured(a, secured, figures.light)
            found += about_security(pledge)
            found += about_price(self._priced(secured))
            found += about_flags(pledge)
            subject = a.application or a.firm
            every = (*self.open, *found)
            found.append(fraud_flags_together.of(a, (a, every), subject))
        pledged = secured.pledges_to_us if secured else bool(self.patents)
        within = Advisable(
            limit.amount if limit else None,
            term.months if term else None,
            standing_conditions(a, pledged, figures),
        )
        return replace(self, findings=in_order((*self.findings, *found)), within=within)

    def _priced(self, secured: Security) -> Priced:
        a = self.applicant
        asked = next((row for row in a.rows("applications") if row.application == a.application), None)
        recovered = secured.recoverable.total if secured.recoverable else None
        return Priced(a, self.pd, asked.rate_asked if asked is not None else None, recovered)


def applicant(known: Known, i: int, loan_due: date | None = None) -> Applicant:
    """The readable view of case i; `loan_due` replaces the maturity that follows from the term asked."""
    found = known.once(Facts).of(i)
    return found if loan_due is None else replace(found, loan_due=loan_due)


def forget(known: Known) -> None:
    """Let go of what was computed on the way to answers that are finished.

    It refers back to what is known: without this, each batch would lie in memory until the collector came by.
    """
    known.once(Facts).forget()
    known.forget()


def assess_rules(
    known: Known, i: int, points: float | None = None, loan_due: date | None = None, scale: Scale | None = None
) -> Judged:
    """All findings about case i of what is known, and the recommendation that follows; pure.

    `points` is the model's score, where there is one, on its `scale`; on that of the day where none is told.
    """
    a = applicant(known, i, loan_due)
    of_patent = _about_patents(a)
    of_firm = [*_about_firm(a), *_about_loan(a)]
    if points is None:
        return Judged(a, tuple(of_firm), of_patent)
    scored = Scored(a, points, scale or a.of_the_day(_scale))
    return Judged(a, (*of_firm, score.of(a, scored, a.firm)), of_patent, scored.pd(round(points, 1)))


def _scale(policy: Policy, day: date) -> Scale:
    return scale_on(day, policy, PLEDGE)


def _about_all_patents(facts: Facts) -> AllVerdicts[PatentColumns]:
    return AllVerdicts(PATENT_RULES, PatentColumns(facts))


def _about_patents(a: Applicant) -> dict[str, JudgedPatent]:
    """What the rules say of the patents that the case is about; of one that is offered and not known, only that."""
    if a.loan_due is None:
        verdicts: AllVerdicts[PatentColumns] = a.facts.once(_about_all_patents, "patents")
    else:
        verdicts = AllVerdicts(PATENT_RULES, PatentColumns(a.facts, a.loan_due))
    found = {verdicts.columns.subject(place): _judged(verdicts, place) for place in patents_of(a).judged.tolist()}
    unknown = (number for number in sorted(a.pledged_items) if number not in found)
    return found | {number: _not_known(offered_known.of(a, (a, number), number)) for number in unknown}


def _judged(verdicts: AllVerdicts[PatentColumns], place: int) -> JudgedPatent:
    pledgeable = verdicts.pledgeable[place]
    return JudgedPatent(
        open=verdicts.open(place),
        passed=verdicts.codes(place, "pass"),
        not_applicable=verdicts.codes(place, "not_applicable"),
        pledgeable=None if isnan(pledgeable) else bool(pledgeable),
        asked=lambda: verdicts.every(place),
    )


def _not_known(finding: Finding) -> JudgedPatent:
    return JudgedPatent((finding,), (), (), None, lambda: (finding,))


AnyVerdicts = (
    AllVerdicts[FirmColumns]
    | AllVerdicts[PatentColumns]
    | AllVerdicts[credit.ListingColumns]
    | AllVerdicts[titles.TitleColumns]
)


@dataclass(frozen=True)
class _AboutFirms:
    """What the rules over columns say of the firms of a batch, of public records and of titles."""

    firms: AllVerdicts[FirmColumns]
    listings: AllVerdicts[credit.ListingColumns]
    titles: AllVerdicts[titles.TitleColumns]

    def places(self, case: int) -> tuple[list[int], list[int]]:
        """The places of public records and of titles that are told of a case."""
        return self.listings.columns.told_of(case), self.titles.columns.places(case, titles.HELD)


def _about_firms(facts: Facts) -> _AboutFirms:
    return _AboutFirms(
        AllVerdicts((*FIRM_RULES, *STAR_RULES), FirmColumns(facts)),
        AllVerdicts((credit.credit_listing,), credit.ListingColumns(facts)),
        AllVerdicts((titles.title_held,), titles.TitleColumns(facts)),
    )


def verdicts_of(known: Known) -> tuple[AnyVerdicts, ...]:
    """What the rules over columns say of all cases at once, of their records and titles, and of all their patents."""
    facts = known.once(Facts)
    of: _AboutFirms = facts.once(_about_firms, "firms")
    return of.firms, of.listings, of.titles, facts.once(_about_all_patents, "patents")


def figures_of(known: Known, i: int) -> LoanFigures:
    """What bounds the loan of case i beside its patents."""
    of: _AboutFirms = known.once(Facts).once(_about_firms, "firms")
    return loan_figures(of.firms.columns, of.firms, i)


def _about_firm(a: Applicant) -> list[Finding]:
    of: _AboutFirms = a.facts.once(_about_firms, "firms")
    told, (records, certificates) = of.firms.told(a.i), of.places(a.i)
    listings = [one for place in records for one in of.listings.told(place)]
    held = [one for place in certificates for one in of.titles.told(place)]
    estimated = [titles.self_estimate.of(a, (a, title), title, f"{title}.scorecard") for title in titles.ESTIMATED]
    listed = [whitelists.list_entry.of(a, (a, name), name, f"list_{name}.about") for name in whitelists.lists_of(a)]
    number = len(FIRM_RULES)
    return [*told[:number], *listings, *held, *estimated, *told[number:], *listed]


def _in_full(a: Applicant) -> list[Finding]:
    """What the rules over columns say of firm, records and titles."""
    of: _AboutFirms = a.facts.once(_about_firms, "firms")
    records, certificates = of.places(a.i)
    listings = [one for place in records for one in of.listings.every(place)]
    return [*of.firms.every(a.i), *listings, *(one for place in certificates for one in of.titles.every(place))]


def _about_loan(a: Applicant) -> list[Finding]:
    found = [financing.risk_class.of(a, (a, loan), loan) for loan in financing.own_loans(a)]
    if a.loan.renews is not None:
        found.append(financing.eligible_renewal.of(a, (a, a.loan.renews), a.loan.renews))
        found += renewals.about_renewal(a, a.loan.renews)
    if a.application is not None:
        found.append(pledgeable.contract_incomplete.of(a, a, a.application))
    return found
