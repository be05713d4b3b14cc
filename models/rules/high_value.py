"""High-value inventions: each criterion a finding, by the version of the definition in force on the day."""

from models.records.applicant import Applicant
from models.records.right import Right
from models.rules.criteria import CRITERIA, TESTS, is_high_value
from models.rules.facts import portfolio, revenue
from models.rules.finding import Finding, Says
from models.rules.labels import labels
from models.rules.registry import Maker, Rule, rule
from models.rules.three_valued import some
from models.rules.wording import money, number


def _criterion(name: str, zh: str, en: str) -> Rule[Right]:
    def check(right: Right, make: Maker) -> Finding:
        required = Says(zh, en)
        if right.patent.kind != "invention":
            return make.not_applicable(Says("仅适用于发明专利", "inventions only"), required)
        if not right.in_force:
            return make.not_applicable(Says("非有效发明专利", "not in force"), required)
        if name not in right.a.value(CRITERIA):
            return make.not_applicable(Says("现行定义不含此项", "not part of the definition in force"), required)
        answer = TESTS[name](right)
        if answer is None:
            return make.unknown("info", Says("未知", "not known"), required)
        said = Says("是" if answer else "否", "yes" if answer else "no")
        return make.passes(said, required) if answer else make.fails("info", said, required)

    check.__name__, check.__doc__ = f"high_value_{name}", TESTS[name].__doc__
    return rule("patent", CRITERIA, zh=f"高价值发明：{zh}", en=f"high-value invention: {en}")(check)


CRITERION_RULES = (
    _criterion("strategic_industry", "属战略性新兴产业", "in a strategic emerging industry"),
    _criterion("overseas_family", "有海外同族专利权", "a granted right abroad in the family"),
    _criterion("maintained", "维持超过十年", "maintained for more than ten years"),
    _criterion("pledge_amount", "质押融资金额较高", "pledged for a relatively high amount"),
    _criterion("award", "获国家科学技术奖或中国专利奖", "a national science prize or China patent award"),
)


@rule("patent", CRITERIA, zh="高价值发明专利", en="high-value invention")
def high_value(right: Right, make: Maker) -> Finding:
    """An invention in force that meets any of the criteria of the version in force."""
    required = Says("满足任一标准", "any of the criteria")
    if right.patent.kind != "invention":
        return make.not_applicable(Says("仅适用于发明专利", "inventions only"), required)
    if not right.in_force:
        return make.not_applicable(Says("非有效发明专利", "not in force"), required)
    met = {name: TESTS[name](right) for name in right.a.value(CRITERIA)}
    names = [name for name, answer in met.items() if answer]
    said = labels(names) if names else Says("均未满足或未知", "none known to be met")
    answer = some(met.values())
    if answer is None:
        return make.unknown("info", said, required, detail={"criteria": met})
    if answer:
        return make.passes(said, required, detail={"criteria": met})
    return make.fails("info", said, required, detail={"criteria": met})


@rule(
    "firm",
    "high_value.per_100m",
    "high_value.per_100m_applies",
    zh="每亿元营收高价值发明专利数",
    en="high-value inventions per 100 million RMB of revenue",
)
def high_value_density(a: Applicant, make: Maker) -> Finding:
    """The national aim, meant for manufacturers above scale: for any other firm no ratio is formed."""
    aim, applies = a.value("high_value.per_100m"), a.value("high_value.per_100m_applies")
    required = Says(f"接近 {aim} 件", f"close to {aim}")
    earned, industry = revenue(a), a.profile.industry if a.profile else None
    if industry is not None and not industry.startswith(tuple(applies["sections"])):
        return make.not_applicable(Says(f"行业 {industry}", f"industry {industry}"), required)
    if earned is not None and earned < applies["revenue"]:
        said = money(int(earned * 100))
        return make.not_applicable(Says(f"营收 {said.zh}，规模以下", f"revenue {said.en}: below scale"), required)
    rights = portfolio(a)
    if earned is None or industry is None or rights is None:
        return make.unknown("info", Says("营收、行业或专利未知", "revenue, industry or patents not known"), required)
    answers = [is_high_value(r) for r in rights]
    least, most = answers.count(True), answers.count(True) + answers.count(None)
    unit = earned / 100_000_000
    ratio = number(round(float(least / unit), 2))
    said = Says(f"{least} 件，{ratio.zh} 件/亿元", f"{least}, that is {ratio.en} per 100 million RMB")
    detail = {"count": least, "not_known": most - least, "ratio": round(float(least / unit), 4)}
    if least / unit >= aim:
        return make.passes(said, required, detail=detail)
    if most / unit < aim:
        return make.fails("info", said, required, detail=detail)
    return make.unknown("info", said, required, detail=detail)
