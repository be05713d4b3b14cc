"""Rules on the loan: five-category class with contagion, renewal, tolerance of bad loans, fresh books, size."""

from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import partial

import numpy as np

from features.arithmetic import or_nothing
from features.arrays import Floats
from features.exact import exactly
from features.firm import SIZES
from features.firm import size_class as class_of_size
from features.phrase import Fact
from models.records.applicant import Applicant
from models.records.columns import Record
from models.rules.column_rules import Branches, Say, fails, firm_rule, not_applicable, passes, said, unknown
from models.rules.common import NOT_KNOWN
from models.rules.cures import cure
from models.rules.decimals import decimal_text, decimal_texts
from models.rules.facts import over
from models.rules.finding import Effect, Finding, Proof
from models.rules.firm_columns import FirmColumns
from models.rules.registry import Maker, rule

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
    """The loans of the firm with us that are not known to be settled, by number.

    One that was paid out so lately that no month of it can be told yet is left out.
    """
    months = a.rows("performance")
    paid_out = {x.loan for x in a.rows("loans") if x.drawn_on is not None and not a.fresh(x.drawn_on, "performance")}
    settled = {p.loan for p in months if p.settled_by is not None}
    return sorted(({p.loan for p in months} | paid_out) - settled)


def _not_told(month: Record) -> bool:
    """Whether neither an overdue amount nor days past due are told of a month."""
    return month.overdue is None and month.days_past_due is None


def _days_past_due(month: Record | None) -> int | None:
    """The days past due of a month; 0 where nothing is overdue, None where neither is told."""
    if month is None:
        return None
    return 0 if month.days_past_due is None and month.overdue == 0 else month.days_past_due


def _by_record(a: Applicant, month: Record) -> Iterator[Because]:
    """What we recorded as non-performing is no better; an overdue amount of unknown age is overdue.

    Special mention by our own record is weighed by the credit report, which holds our loans too, and by a renewal.
    """
    if month.risk_class in a.value("five_class.non_performing"):
        yield month.risk_class, "recorded", {}
    if month.overdue and month.days_past_due is None:
        yield "special_mention", "overdue", {}


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
    report = next(iter(a.rows("bureau")[-1:]), None)
    if report is None or not a.fresh(report.queried_on, "bureau_report"):
        return
    if report.non_performing:
        yield a.value("five_class.at_least")["non_performing_elsewhere"], "non_performing_elsewhere", {}
    overdue = over(report.overdue_90, report.balance)
    if overdue is not None and overdue > exactly(a.value("five_class.cross_default_share")):
        yield "substandard", "cross_default", {"share": decimal_text(overdue, 4)}


def own_class(a: Applicant, loan: str) -> tuple[str, list[Because]]:
    """The best class that a loan can have by itself and by other banks, and why; contagion in our own bank apart."""
    month = latest_month(a, loan)
    recorded = () if month is None else _by_record(a, month)
    days = _days_past_due(month) or 0
    because = [*_by_days(a, loan, days), *_by_circumstance(a, loan), *_by_other_banks(a), *recorded]
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
    weighs=("blocks", "before_drawdown", "caution"),
    facts=("operational_delay", "funds_misused", "evades_debt", "eligible_renewal", "expected_loss_share"),
)
def risk_class(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """The best class that a loan with us can have: by days past due, our record, circumstances, other banks, contagion.

    While it may be performing, what is not known of late, its days past due or our own class of it, is to be found out
    before money is paid.
    """
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
    latest = latest_month(a, loan)
    recorded = latest.risk_class if latest else None
    if best in ("normal", "special_mention") and (recorded is None or _days_past_due(month) is None):
        missing = "class_not_known" if recorded is None else "days_not_known"
        seen = make.observed(missing, risk_class=best, recorded=recorded)
        return make.unknown("before_drawdown", seen, required, cure=cure(a, "ask_source"))
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
    weighs=("refer", "before_drawdown"),
    facts=("funds_misused", "evades_debt", "eligible_renewal"),
)
def eligible_renewal(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A renewal may stay normal for small and micro firms, for medium ones up to a day, class normal, no arrears."""
    a, loan = subject
    required, month = make.required(), fresh_month(a, loan)
    if a.size is None or month is None or month.risk_class is None or _not_told(month):
        return make.unknown("before_drawdown", make.observed("not_known"), required, cure=cure(a, "ask_source"))
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


@firm_rule("npl_tolerance.points", facts=("bank_npl", "bank_ip_npl"))
def npl_tolerance(p: FirmColumns, say: Say) -> Branches:
    """The bank's bad-loan ratio of loans pledged by intellectual property lies within so many points of its own."""
    points, whole, pledged = p.param("npl_tolerance.points"), p.measure("bank_npl"), p.measure("bank_ip_npl")
    more = [bad > own + most for bad, own, most in zip(*map(_exact, (pledged, whole, points)), strict=True)]
    seen = say.observed("ratios", pledged=decimal_texts(pledged), whole=decimal_texts(whole))
    return Branches(
        [
            unknown(np.isnan(whole) | np.isnan(pledged), "info", say.observed("not_known")),
            fails(np.array(more), "info", seen),
            passes(None, seen),
        ],
        required={"points": lambda place: decimal_text(exactly(points[place]) * 100)},
    )


def _exact(numbers: Floats) -> list[Fraction]:
    """Each number as it is written; nothing where it is not known."""
    return [exactly(number) for number in or_nothing(numbers).tolist()]


@firm_rule("freshness_days.statements_annual", weighs=("refer",))
def statements_fresh(p: FirmColumns, say: Say) -> Branches:
    """Yearly statements of late date are at hand; a shorter period is never read as a year."""
    rows, days = p.known.statements, p.param("freshness_days.statements_annual")
    latest = rows.largest(rows.period_end, rows.months == 12)
    proof = partial(p.dated, "statements", latest)
    stale = said("finding.any.observed.stale", day=p.day(latest + days + 1))
    return Branches(
        [
            unknown(np.isnan(latest), "refer", say.observed("none_seen"), cure="statements"),
            unknown(p.as_of - latest > days, "refer", stale, cure="statements", proof=proof),
            passes(None, say.observed("year", day=p.day(latest)), proof=proof),
        ],
        required={"days": p.count(days)},
    )


@firm_rule("sme_size.sectors")
def size_class(p: FirmColumns, say: Say) -> Branches:
    """Small and medium firms by the table of 2011: a firm must meet every lower limit of a class."""
    size = class_of_size(p.known)
    seen = say.observed("size", size=p.choice(size, SIZES))
    return Branches([
        unknown(np.isnan(size), "info", NOT_KNOWN),
        fails(size == SIZES.index("large"), "info", seen),
        passes(None, seen),
    ])  # fmt: skip


@firm_rule("freshness_days.appraisal_from_base_date", weighs=("before_drawdown",))
def appraisal_fresh(p: FirmColumns, say: Say) -> Branches:
    """Where the pledge was appraised, the report is not older than a year from its base date."""
    rows, days = p.known.appraisals, p.param("freshness_days.appraisal_from_base_date")
    own = (rows.codes("application") < 0) | rows.of_case("application", p.known.application)
    latest = rows.largest(rows.base_on, own)
    proof = partial(p.dated, "appraisal", latest)
    stale = said("finding.any.observed.stale", day=p.day(latest + days + 1))
    return Branches(
        [
            not_applicable(np.isnan(latest), say.observed("none_seen")),
            unknown(p.as_of - latest > days, "before_drawdown", stale, cure="revalue", proof=proof),
            passes(None, say.observed("base_date", day=p.day(latest)), proof=proof),
        ],
        required={"days": p.count(days)},
    )
