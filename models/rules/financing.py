"""Rules on the loan: five-category class with contagion, renewal, tolerance of bad loans, fresh books, size."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction

from features.exact import exactly
from features.phrase import Fact
from models.records.applicant import Applicant
from models.records.columns import Record
from models.rules.common import NOT_KNOWN
from models.rules.credit import fresh_report
from models.rules.cures import cure
from models.rules.decimals import decimal_text
from models.rules.facts import over
from models.rules.finding import Effect, Finding, Proof
from models.rules.registry import Maker, rule
from models.words.templates import phrase

CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
Because = tuple[str, str, Mapping[str, Fact]]
"""A class, the circumstance that makes it the best possible, and its facts."""


def latest_month(a: Applicant, loan: str) -> Record | None:
    """The latest month of a loan."""
    return next((p for p in reversed(a.rows("performance")) if p.loan == loan), None)


def fresh_month(a: Applicant, loan: str) -> Record | None:
    """The latest month of a loan if it may still be used."""
    month = latest_month(a, loan)
    return month if month is not None and a.fresh(month.month_end, "performance") else None


def own_loans(a: Applicant) -> list[str]:
    """The loans of the firm with us that are not settled, by number."""
    settled = {p.loan for p in a.rows("performance") if p.settled_by is not None}
    return sorted({p.loan for p in a.rows("performance")} - settled)


def _by_days(a: Applicant, loan: str, days: int) -> Iterator[Because]:
    limits = a.value("five_class.days_past_due")
    if 0 < days <= a.value("five_class.operational_delay_days") and a.yes("operational_delay", loan):
        return
    for name, limit in limits.items():
        if days > limit:
            yield name, "days_past_due", {"days": days}


def _by_circumstance(a: Applicant, loan: str) -> Iterator[Because]:
    best = a.value("five_class.at_least")
    if a.yes("funds_misused", loan) or a.yes("funds_misused"):
        yield best["funds_misused"], "funds_misused", {}
    if a.yes("evades_debt"):
        yield best["evades_debt"], "evades_debt", {}
    if a.profile is not None and a.profile.status == "liquidating":
        yield best["in_liquidation"], "in_liquidation", {}
    row = next((x for x in a.rows("loans") if x.loan == loan), None)
    if row is not None and row.renews is not None and not a.yes("eligible_renewal", loan):
        yield best["refinanced"], "refinanced", {}
    expected = a.measure("expected_loss_share")
    for name, limit in a.value("five_class.expected_loss_share").items():
        if expected is not None and exactly(expected) >= exactly(limit):
            yield name, "expected_loss", {"share": decimal_text(expected)}


def _by_other_banks(a: Applicant) -> Iterator[Because]:
    report = fresh_report(a)
    if report is None:
        return
    if report.non_performing:
        yield a.value("five_class.at_least")["non_performing_elsewhere"], "non_performing_elsewhere", {}
    overdue = over(report.overdue_90, report.balance)
    if overdue is not None and overdue > exactly(a.value("five_class.cross_default_share")):
        yield "substandard", "cross_default", {"share": decimal_text(overdue, 4)}


def own_class(a: Applicant, loan: str) -> tuple[str, list[Because]]:
    """The best class that a loan can have by itself and by other banks, and why; contagion in our own bank apart."""
    month = latest_month(a, loan)
    days = month.days_past_due if month is not None and month.days_past_due is not None else 0
    because = [*_by_days(a, loan, days), *_by_circumstance(a, loan), *_by_other_banks(a)]
    return max((name for name, *_ in because), key=CLASSES.index, default="normal"), because


def _contagious(a: Applicant) -> Fraction | None:
    """The share of our claims on the firm that is non-performing."""
    bad = a.value("five_class.non_performing")
    balances = {loan: month.balance or 0 for loan in own_loans(a) if (month := latest_month(a, loan)) is not None}
    return over(sum(b for loan, b in balances.items() if own_class(a, loan)[0] in bad), sum(balances.values()))


@rule(
    "loan",
    "five_class.days_past_due",
    "five_class.operational_delay_days",
    "five_class.at_least",
    "five_class.expected_loss_share",
    "five_class.contagion_share",
    "five_class.cross_default_share",
    "five_class.non_performing",
    weighs=("blocks", "caution"),
    facts=("operational_delay", "funds_misused", "evades_debt", "eligible_renewal", "expected_loss_share"),
)
def risk_class(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """The best class that a loan with us can have: by days past due, circumstances, other banks, and contagion."""
    a, loan = subject
    required, month = make.required(), fresh_month(a, loan)
    best, because = own_class(a, loan)
    infected = _contagious(a)
    if (
        best in ("normal", "special_mention")
        and infected is not None
        and infected > exactly(a.value("five_class.contagion_share"))
    ):
        best = "substandard"
        because.append((best, "contagion", {"share": decimal_text(infected, 4)}))
    recorded = month.risk_class if month else None
    if best == "normal" and (month is None or month.days_past_due is None):
        seen = make.observed("days_not_known", risk_class=best, recorded=recorded)
        return make.unknown("caution", seen, required)
    proof = Proof(month.source or month.source_kind, month.month_end, a.age(month.month_end)) if month else None
    if best == "normal":
        return make.passes(make.observed("normal", risk_class=best, recorded=recorded), required, proof=proof)
    circumstance, facts = next((case, facts) for name, case, facts in because if name == best)
    seen = make.observed(circumstance, risk_class=best, recorded=recorded, **facts)
    effect: Effect = "caution" if best == "special_mention" else "blocks"
    return make.fails(effect, seen, required, proof=proof)


@rule(
    "loan",
    "renewal.without_limit",
    "renewal.medium_due_before",
    weighs=("refer", "caution"),
    facts=("funds_misused", "evades_debt", "eligible_renewal"),
)
def eligible_renewal(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A renewal may stay normal for small and micro firms, for medium ones up to a day, class normal, no arrears."""
    a, loan = subject
    required, month = make.required(), fresh_month(a, loan)
    if a.size is None or month is None or month.risk_class is None:
        return make.unknown("caution", make.observed("not_known"), required)
    if not _within(a, loan):
        seen = make.observed("outside", size=a.size, risk_class="special_mention")
        return make.fails("refer", seen, required)
    arrears = bool(month.overdue) or bool(month.days_past_due)
    if month.risk_class != "normal" or arrears or a.yes("funds_misused") or a.yes("evades_debt"):
        cured = cure(a, "clear_arrears") if arrears else None
        return make.fails("refer", make.observed("by_ability", risk_class="by_ability"), required, cure=cured)
    return make.passes(make.observed("normal", size=a.size, risk_class="normal"), required)


def _within(a: Applicant, loan: str) -> bool:
    if a.size in a.value("renewal.without_limit"):
        return True
    due = next((x.due_on for x in a.rows("loans") if x.loan == loan), None)
    before = date.fromisoformat(a.value("renewal.medium_due_before"))
    return a.size == "medium" and due is not None and due < before


@rule("firm", "npl_tolerance.points", facts=("bank_npl", "bank_ip_npl"))
def npl_tolerance(a: Applicant, make: Maker) -> Finding:
    """The bank's bad-loan ratio of loans pledged by intellectual property lies within so many points of its own."""
    points = exactly(a.value("npl_tolerance.points"))
    required = make.required(points=decimal_text(points * 100))
    whole, pledged = a.measure("bank_npl"), a.measure("bank_ip_npl")
    if whole is None or pledged is None:
        return make.unknown("info", make.observed("not_known"), required)
    seen = make.observed("ratios", pledged=decimal_text(pledged), whole=decimal_text(whole))
    within = exactly(pledged) <= exactly(whole) + points
    return make.passes(seen, required) if within else make.fails("info", seen, required)


@rule("firm", "freshness_days.statements_annual", weighs=("refer",))
def statements_fresh(a: Applicant, make: Maker) -> Finding:
    """Yearly statements of late date are at hand; a shorter period is never read as a year."""
    required, cured = make.required(days=a.value("freshness_days.statements_annual")), cure(a, "statements")
    ends = [row.period_end for row in a.rows("statements") if row.months == 12]
    if not ends:
        return make.unknown("refer", make.observed("none_seen"), required, cure=cured)
    latest = max(ends)
    proof = Proof("statements", latest, a.age(latest))
    if not a.fresh(latest, "statements_annual"):
        stale = phrase("finding.any.observed.stale", day=a.stale_since(latest, "statements_annual"))
        return make.unknown("refer", stale, required, proof=proof, cure=cured)
    return make.passes(make.observed("year", day=latest), required, proof=proof)


@rule("firm", "sme_size.sectors")
def size_class(a: Applicant, make: Maker) -> Finding:
    """Small and medium firms by the table of 2011: a firm must meet every lower limit of a class."""
    required = make.required()
    if a.size is None:
        return make.unknown("info", NOT_KNOWN, required)
    seen = make.observed("size", size=a.size)
    return make.fails("info", seen, required) if a.size == "large" else make.passes(seen, required)


@rule("firm", "freshness_days.appraisal_from_base_date", weighs=("before_drawdown",))
def appraisal_fresh(a: Applicant, make: Maker) -> Finding:
    """Where the pledge was appraised, the report is not older than a year from its base date."""
    required = make.required(days=a.value("freshness_days.appraisal_from_base_date"))
    rows = [r for r in a.rows("appraisals") if r.application is None or r.application == a.application]
    if not rows:
        return make.not_applicable(make.observed("none_seen"), required)
    latest = max(r.base_on for r in rows)
    proof = Proof("appraisal", latest, a.age(latest))
    if not a.fresh(latest, "appraisal_from_base_date"):
        stale = phrase("finding.any.observed.stale", day=a.stale_since(latest, "appraisal_from_base_date"))
        return make.unknown("before_drawdown", stale, required, proof=proof, cure=cure(a, "revalue"))
    return make.passes(make.observed("base_date", day=latest), required, proof=proof)
