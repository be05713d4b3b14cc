"""The attributes of hard technology by which the STAR board judges an issuer, with the thresholds of the day."""

from fractions import Fraction

from models.records.applicant import Applicant
from models.rules.branches import branch_of_industry
from models.rules.facts import exactly, value
from models.rules.finding import Finding, Says
from models.rules.registry import Maker, rule
from models.rules.sectors import NOT_TOLD
from models.rules.three_valued import every, some
from models.rules.wording import money, number, share

UNKNOWN = Says("未知", "not known")


def _in_field(a: Applicant) -> bool | None:
    branch = branch_of_industry(a, "star.fields")
    return None if branch is None else branch != ""


def _number(a: Applicant, name: str) -> Fraction | None:
    found = value(a, name)
    return found if isinstance(found, Fraction) else None


def _at_least(found: Fraction | None, limit: float) -> bool | None:
    return None if found is None else found >= exactly(limit)


def _judged(a: Applicant, make: Maker, answer: bool | None, observed: Says, required: Says) -> Finding:
    field = _in_field(a)
    if field is False:
        return make.not_applicable(Says("不属科创板支持的领域", "outside the fields of the STAR board"), required)
    if field is None:
        return make.unknown("info", NOT_TOLD, required)
    if answer is None:
        return make.unknown("info", observed, required)
    return make.passes(observed, required) if answer else make.fails("info", observed, required)


@rule("firm", "star.rd_amount", "star.rd_share", zh="科创属性：研发投入", en="STAR attribute: research expense")
def star_research(a: Applicant, make: Maker) -> Finding:
    """Three years' research expense reaches a share of revenue, or an amount."""
    part, amount = a.value("star.rd_share"), a.value("star.rd_amount")
    required = Says(
        f"近三年研发占比≥{share(part).zh}，或累计≥{money(amount * 100).zh}",
        f"at least {share(part).en} of three years' revenue, or {money(amount * 100).en} in three years",
    )
    found, spent = _number(a, "rd_share_three_years"), _number(a, "rd_three_years")
    said = UNKNOWN
    if found is not None and spent is not None:
        in_percent, in_money = share(round(float(found), 6)), money(int(spent * 100))
        said = Says(f"{in_percent.zh}，累计 {in_money.zh}", f"{in_percent.en}, {in_money.en} in three years")
    return _judged(a, make, some([_at_least(found, part), _at_least(spent, amount)]), said, required)


@rule("firm", "star.rd_staff_share", zh="科创属性：研发人员", en="STAR attribute: research staff")
def star_staff(a: Applicant, make: Maker) -> Finding:
    """Research staff reach a share of all staff."""
    least = a.value("star.rd_staff_share")
    found = _number(a, "rd_staff_share")
    said = UNKNOWN if found is None else share(round(float(found), 6))
    limit = share(least)
    return _judged(
        a, make, _at_least(found, least), said, Says(f"研发人员占比≥{limit.zh}", f"at least {limit.en} of staff")
    )


@rule("firm", "star.invention_patents", zh="科创属性：发明专利", en="STAR attribute: inventions")
def star_inventions(a: Applicant, make: Maker) -> Finding:
    """So many inventions in force are used in the main business."""
    least = a.value("star.invention_patents")
    found = _number(a, "industrialised_inventions")
    said = UNKNOWN if found is None else number(float(found))
    required = Says(f"应用于主营业务的发明专利≥{least} 项", f"at least {least} inventions used in the main business")
    return _judged(a, make, _at_least(found, least), said, required)


@rule("firm", "star.revenue_growth", "star.revenue", zh="科创属性：营业收入", en="STAR attribute: revenue")
def star_revenue(a: Applicant, make: Maker) -> Finding:
    """Revenue grew by a compound rate over three years, or reached an amount in the last one."""
    rate, least = a.value("star.revenue_growth"), a.value("star.revenue")
    grown, revenue = _number(a, "revenue_over_two_years_before"), _number(a, "revenue")
    fast = None if grown is None else grown >= (1 + exactly(rate)) ** 2
    required = Says(
        f"近三年复合增长率≥{share(rate).zh}，或最近一年≥{money(least * 100).zh}",
        f"compound growth of at least {share(rate).en}, or {money(least * 100).en} in the last year",
    )
    amount = UNKNOWN if revenue is None else money(int(revenue * 100))
    rate_seen = UNKNOWN if grown is None else share(round(float(grown) ** 0.5 - 1, 4))
    said = Says(f"增长率 {rate_seen.zh}，收入 {amount.zh}", f"growth {rate_seen.en}, revenue {amount.en}")
    return _judged(a, make, some([fast, _at_least(revenue, least)]), said, required)


@rule(
    "firm",
    "star.alternative_inventions",
    zh="科创属性：例外条款（发明数量）",
    en="STAR alternative: number of inventions",
)
def star_alternative(a: Applicant, make: Maker) -> Finding:
    """An issuer that misses an attribute may still qualify by the number of its industrialised inventions."""
    least = a.value("star.alternative_inventions")
    found = _number(a, "industrialised_inventions")
    said = UNKNOWN if found is None else number(float(found))
    required = Says(f"形成主营收入的发明专利≥{least} 项", f"at least {least} industrialised inventions")
    return _judged(a, make, _at_least(found, least), said, required)


STANDARD = (star_research, star_staff, star_inventions, star_revenue)


@rule("firm", "star.invention_patents", zh="科创属性", en="STAR attributes as a whole")
def star(findings: tuple[Applicant, dict[str, Finding]], make: Maker) -> Finding:
    """All attributes of the day are met, or an alternative; not_applicable outside the board's fields."""
    a, found = findings
    required = Says("各项指标均满足，或满足例外条款", "every attribute, or an alternative")
    standard = [found[r.code].outcome for r in STANDARD if found[r.code].outcome != "not_applicable"]
    met = some([every(_TRUTH[o] for o in standard), _TRUTH.get(found[star_alternative.code].outcome, False)])
    missed = [found[r.code].title for r in STANDARD if found[r.code].outcome == "fail"]
    said = Says(
        f"{standard.count('pass')}/{len(standard)} 项满足" + "".join(f"；未达：{t.zh}" for t in missed),
        f"{standard.count('pass')} of {len(standard)} met" + "".join(f"; missed: {t.en}" for t in missed),
    )
    return _judged(a, make, met, said, required)


_TRUTH: dict[str, bool | None] = {"pass": True, "fail": False, "unknown": None}
