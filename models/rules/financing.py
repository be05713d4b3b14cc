"""Rules on the loan: five-category class with contagion, renewal, tolerance of bad loans, fresh books, size."""

from collections.abc import Iterator
from datetime import date
from fractions import Fraction

from models.records.applicant import Applicant
from models.records.columns import Record
from models.rules.credit import fresh_report
from models.rules.cures import cure
from models.rules.facts import exactly, over
from models.rules.finding import Effect, Finding, Proof, Says
from models.rules.registry import Maker, rule
from models.rules.wording import share

CLASSES = ("normal", "special_mention", "substandard", "doubtful", "loss")
NAMES = dict(zip(CLASSES, ("正常", "关注", "次级", "可疑", "损失"), strict=True))
SIZE_NAMES = {"micro": "微型", "small": "小型", "medium": "中型", "large": "大型"}
Because = tuple[str, Says]
"""A class and what makes it the best possible."""


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
            yield name, Says(f"逾期 {days} 天", f"{days} days past due")


def _by_circumstance(a: Applicant, loan: str) -> Iterator[Because]:
    best = a.value("five_class.at_least")
    if a.yes("funds_misused", loan) or a.yes("funds_misused"):
        yield best["funds_misused"], Says("资金挪用", "funds misused")
    if a.yes("evades_debt"):
        yield best["evades_debt"], Says("逃废债", "evades debt")
    if a.profile is not None and a.profile.status == "liquidating":
        yield best["in_liquidation"], Says("进入清算", "in liquidation")
    row = next((x for x in a.rows("loans") if x.loan == loan), None)
    if row is not None and row.renews is not None and not a.yes("eligible_renewal", loan):
        yield best["refinanced"], Says("借新还旧", "repaid by new borrowing")
    expected = a.measure("expected_loss_share")
    for name, limit in a.value("five_class.expected_loss_share").items():
        if expected is not None and Fraction(str(expected)) >= exactly(limit):
            yield name, Says(f"预期损失 {share(expected).zh}", f"expected loss of {share(expected).en}")


def _by_other_banks(a: Applicant) -> Iterator[Because]:
    report = fresh_report(a)
    if report is None:
        return
    if report.non_performing:
        yield a.value("five_class.at_least")["non_performing_elsewhere"], Says("他行不良", "non-performing at a bank")
    overdue = over(report.overdue_90, report.balance)
    if overdue is not None and overdue > exactly(a.value("five_class.cross_default_share")):
        part = share(round(float(overdue), 4))
        yield "substandard", Says(f"全部债务 {part.zh} 逾期超 90 天", f"{part.en} of all debt over 90 days overdue")


def own_class(a: Applicant, loan: str) -> tuple[str, list[Because]]:
    """The best class that a loan can have by itself and by other banks, and why; contagion within our bank apart."""
    month = latest_month(a, loan)
    days = month.days_past_due if month is not None and month.days_past_due is not None else 0
    because = [*_by_days(a, loan, days), *_by_circumstance(a, loan), *_by_other_banks(a)]
    return max((name for name, _ in because), key=CLASSES.index, default="normal"), because


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
    zh="五级分类下限",
    en="five-category class",
    weighs=("blocks", "caution"),
    facts=("operational_delay", "funds_misused", "evades_debt", "eligible_renewal", "expected_loss_share"),
)
def risk_class(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """The best class that a loan with us can have: by days past due, circumstances, other banks, and contagion."""
    a, loan = subject
    required = Says("正常", "normal")
    month = fresh_month(a, loan)
    best, because = own_class(a, loan)
    infected = _contagious(a)
    if (
        best in ("normal", "special_mention")
        and infected is not None
        and infected > exactly(a.value("five_class.contagion_share"))
    ):
        best = "substandard"
        part = share(round(float(infected), 4))
        because.append((best, Says(f"本行债权 {part.zh} 不良", f"{part.en} of our claims non-performing")))
    detail = {"class": best, "recorded": month.risk_class if month else None}
    reasons = [says for name, says in because if name == best]
    said = Says(
        f"至少{NAMES[best]}" + "".join(f"：{r.zh}" for r in reasons[:1]),
        f"at least {best}" + "".join(f": {r.en}" for r in reasons[:1]),
    )
    if best == "normal" and (month is None or month.days_past_due is None):
        said = Says("近期逾期天数未知", "days past due not known of late")
        return make.unknown("caution", said, required, detail=detail)
    proof = Proof(month.source or month.source_kind, month.month_end, a.age(month.month_end)) if month else None
    if best == "normal":
        return make.passes(Says("正常", "normal"), required, proof=proof, detail=detail)
    effect: Effect = "caution" if best == "special_mention" else "blocks"
    return make.fails(effect, said, required, proof=proof, detail=detail)


@rule(
    "loan",
    "renewal.without_limit",
    "renewal.medium_due_before",
    zh="无还本续贷",
    en="renewal without repayment",
    weighs=("caution",),
    facts=("funds_misused", "evades_debt"),
)
def eligible_renewal(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A renewal may stay normal for small and micro firms, for medium ones up to a day, class normal, no arrears."""
    a, loan = subject
    required = Says(
        "小微（或期限内中型）企业，原分类正常，无欠息欠本",
        "small or micro (or medium within time), class normal, no arrears",
    )
    month = fresh_month(a, loan)
    if a.size is None or month is None or month.risk_class is None:
        return make.unknown("caution", Says("规模或原分类未知", "size or original class not known"), required)
    size = Says(SIZE_NAMES[a.size], a.size)
    if not _within(a, loan):
        said = Says(f"{size.zh}企业不在续贷范围：至少关注", f"a {size.en} firm is outside: at least special mention")
        return make.fails("caution", said, required, detail={"class": "special_mention"})
    arrears = bool(month.overdue) or bool(month.days_past_due)
    if month.risk_class != "normal" or arrears or a.yes("funds_misused") or a.yes("evades_debt"):
        cured = cure(a, "clear_arrears") if arrears else None
        said = Says(
            "有欠息欠本或原分类非正常：按偿债能力分类",
            "arrears, or class not normal: by ability to pay, not by itself normal",
        )
        return make.fails("caution", said, required, cure=cured, detail={"class": "by_ability"})
    said = Says(f"{size.zh}企业，原分类正常，无欠", f"{size.en} firm, class normal, no arrears: may stay normal")
    return make.passes(said, required, detail={"class": "normal"})


def _within(a: Applicant, loan: str) -> bool:
    if a.size in a.value("renewal.without_limit"):
        return True
    due = next((x.due_on for x in a.rows("loans") if x.loan == loan), None)
    before = date.fromisoformat(a.value("renewal.medium_due_before"))
    return a.size == "medium" and due is not None and due < before


@rule(
    "firm",
    "npl_tolerance.points",
    zh="知识产权质押不良容忍度",
    en="tolerance of bad loans pledged by IP",
    facts=("bank_npl", "bank_ip_npl"),
)
def npl_tolerance(a: Applicant, make: Maker) -> Finding:
    """The bank's bad-loan ratio of loans pledged by intellectual property lies within so many points of its own."""
    points = exactly(a.value("npl_tolerance.points"))
    required = Says(
        f"不高于自身不良率 {float(points * 100):g} 个百分点",
        f"at most {float(points * 100):g} points above its whole ratio",
    )
    whole, pledged = a.measure("bank_npl"), a.measure("bank_ip_npl")
    if whole is None or pledged is None:
        return make.unknown("info", Says("本行比率未知", "the bank's ratios are not known"), required)
    said = Says(f"{share(pledged).zh} 对 {share(whole).zh}", f"{share(pledged).en} against {share(whole).en}")
    within = Fraction(str(pledged)) <= Fraction(str(whole)) + points
    return make.passes(said, required) if within else make.fails("info", said, required)


@rule(
    "firm", "freshness_days.statements_annual", zh="年度财务报表", en="yearly statements", weighs=("before_drawdown",)
)
def statements_fresh(a: Applicant, make: Maker) -> Finding:
    """Yearly statements of late date are at hand; a shorter period is never read as a year."""
    days = a.value("freshness_days.statements_annual")
    required = Says(
        f"期末起 {days} 天内的年报", f"a year's statements, not older than {days} days from the period's end"
    )
    ends = [row.period_end for row in a.rows("statements") if row.months == 12]
    if not ends:
        said = Says("无年度报表", "no yearly statements")
        return make.unknown("before_drawdown", said, required, cure=cure(a, "statements"))
    latest = max(ends)
    proof = Proof("statements", latest, a.age(latest))
    if not a.fresh(latest, "statements_annual"):
        since = a.stale_since(latest, "statements_annual")
        said = Says(f"自 {since} 起过期", f"stale since {since}")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "statements"))
    return make.passes(Says(f"{latest} 年报", f"year to {latest}"), required, proof=proof)


@rule("firm", "sme_size.sectors", zh="企业规模", en="size class")
def size_class(a: Applicant, make: Maker) -> Finding:
    """Small and medium firms by the table of 2011: a firm must meet every lower limit of a class."""
    required = Says("中小微企业", "micro, small or medium")
    if a.size is None:
        return make.unknown("info", Says("未知", "not known"), required)
    said = Says(SIZE_NAMES[a.size], a.size)
    return make.fails("info", said, required) if a.size == "large" else make.passes(said, required)


@rule("firm", "freshness_days.appraisal_from_base_date", zh="评估报告", en="appraisal", weighs=("before_drawdown",))
def appraisal_fresh(a: Applicant, make: Maker) -> Finding:
    """Where the pledge was appraised, the report is not older than a year from its base date."""
    days = a.value("freshness_days.appraisal_from_base_date")
    required = Says(f"评估基准日起 {days} 天内", f"not older than {days} days from the base date")
    rows = [r for r in a.rows("appraisals") if r.application is None or r.application == a.application]
    if not rows:
        return make.not_applicable(Says("无评估报告", "no appraisal"), required)
    latest = max(r.base_on for r in rows)
    proof = Proof("appraisal", latest, a.age(latest))
    if not a.fresh(latest, "appraisal_from_base_date"):
        since = a.stale_since(latest, "appraisal_from_base_date")
        said = Says(f"自 {since} 起过期", f"stale since {since}")
        return make.unknown("before_drawdown", said, required, proof=proof, cure=cure(a, "revalue"))
    return make.passes(Says(f"基准日 {latest}", f"base date {latest}"), required, proof=proof)
