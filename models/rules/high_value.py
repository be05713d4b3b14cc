"""High-value inventions: each criterion a finding, by the version of the definition in force on the day."""

from models.records.applicant import Applicant
from models.records.right import Right
from models.rules.common import NOT_KNOWN
from models.rules.criteria import CRITERIA, TESTS, is_high_value
from models.rules.decimals import decimal_text
from models.rules.facts import portfolio, revenue
from models.rules.finding import Finding
from models.rules.registry import Maker, Rule, rule
from models.rules.three_valued import some
from models.words.templates import phrase

_INVENTIONS_ONLY = phrase("finding.any.observed.inventions_only")
_NOT_IN_FORCE = phrase("finding.any.observed.not_in_force")
_NOT_PART = phrase("finding.any.observed.criterion_not_in_force")


def _criterion(name: str) -> Rule[Right]:
    def check(right: Right, make: Maker) -> Finding:
        required = make.required()
        if right.patent.kind != "invention":
            return make.not_applicable(_INVENTIONS_ONLY, required)
        if not right.in_force:
            return make.not_applicable(_NOT_IN_FORCE, required)
        if name not in right.a.value(CRITERIA):
            return make.not_applicable(_NOT_PART, required)
        answer = TESTS[name](right)
        if answer is None:
            return make.unknown("info", NOT_KNOWN, required)
        seen = phrase("finding.any.observed.answer", answer=answer)
        return make.passes(seen, required) if answer else make.fails("info", seen, required)

    check.__name__, check.__doc__ = f"high_value_{name}", TESTS[name].__doc__
    return rule("patent", CRITERIA)(check)


CRITERION_RULES = tuple(_criterion(name) for name in TESTS)


@rule("patent", CRITERIA)
def high_value(right: Right, make: Maker) -> Finding:
    """An invention in force that meets any of the criteria of the version in force."""
    required = make.required()
    if right.patent.kind != "invention":
        return make.not_applicable(_INVENTIONS_ONLY, required)
    if not right.in_force:
        return make.not_applicable(_NOT_IN_FORCE, required)
    answers = {name: TESTS[name](right) for name in right.a.value(CRITERIA)}
    met, not_met, not_known = (
        tuple(name for name, answer in answers.items() if answer is wanted) for wanted in (True, False, None)
    )
    seen = make.observed("none_met")
    if met:
        seen = make.observed("met", met=met, not_met=not_met, not_known=not_known)
    answer = some(answers.values())
    if answer is None:
        return make.unknown("info", seen, required)
    return make.passes(seen, required) if answer else make.fails("info", seen, required)


@rule("firm", "high_value.per_100m", "high_value.per_100m_applies")
def high_value_density(a: Applicant, make: Maker) -> Finding:
    """The national aim, meant for manufacturers above scale: for any other firm no ratio is formed."""
    aim, applies = a.value("high_value.per_100m"), a.value("high_value.per_100m_applies")
    required = make.required(aim=decimal_text(aim))
    earned, industry = revenue(a), a.profile.industry if a.profile else None
    if industry is not None and not industry.startswith(tuple(applies["sections"])):
        return make.not_applicable(make.observed("industry", industry=industry), required)
    if earned is not None and earned < applies["revenue"]:
        return make.not_applicable(make.observed("below_scale", revenue=int(earned * 100)), required)
    rights = portfolio(a)
    if earned is None or industry is None or rights is None:
        return make.unknown("info", make.observed("not_known"), required)
    answers = [is_high_value(r) for r in rights]
    least, most = answers.count(True), answers.count(True) + answers.count(None)
    unit = earned / 100_000_000
    seen = make.observed("ratio", count=least, ratio=decimal_text(least / unit, 4), not_known=most - least)
    if least / unit >= aim:
        return make.passes(seen, required)
    if most / unit < aim:
        return make.fails("info", seen, required)
    return make.unknown("info", seen, required)
