"""Official titles: whether the certificate is held on the day, and, apart from it, what a scorecard would say.

A bank asks whether the certificate is valid; a self-estimate is another finding and is never worded as "is".
"""

from models.records.applicant import Applicant
from models.rules.certificates import certificate, held, last_valid_day
from models.rules.cures import cure
from models.rules.finding import Finding, Proof, Says
from models.rules.labels import labels
from models.rules.registry import Maker, rule
from models.rules.scorecards import Estimate, estimate
from models.rules.wording import day

NAMES = {
    "tech_sme": Says("科技型中小企业", "science-and-technology SME"),
    "innovative_sme": Says("创新型中小企业", "innovative SME"),
    "specialised_sme": Says("专精特新中小企业", "specialised SME"),
    "little_giant": Says("专精特新小巨人", "little giant"),
    "high_tech": Says("高新技术企业", "high-tech enterprise"),
    "innovation_points": Says("创新积分制", "innovation points"),
}
ESTIMATED = tuple(NAMES)
HELD = ("tech_sme", "innovative_sme", "specialised_sme", "little_giant", "high_tech")


@rule("title", "title_validity.months", zh="证书在有效期内", en="the certificate is held")
def title_held(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """A certificate of the title, not revoked, is valid on the day; an expired one without a new result is not held."""
    a, title = subject
    name, row, answer = NAMES[title], certificate(a, title), held(a, title)
    required = Says(f"{name.zh}证书有效", f"a valid certificate as {name.en}")
    if row is None:
        if answer is None:
            return make.unknown("info", Says("未查询", "not asked"), required, cure=cure(a, "ask_source"))
        return make.fails("info", Says("无证书", "no certificate"), required)
    proof = Proof(row.source or row.source_kind, row.issued_on, a.age(row.issued_on))
    until = day(last_valid_day(a, row))
    said = Says(f"{row.issued_on} 发证，有效至 {until}", f"issued on {row.issued_on}, valid until {until}")
    if row.revoked_on is not None and row.revoked_on <= a.as_of:
        said = Says(f"{row.revoked_on} 被撤销", f"revoked on {row.revoked_on}")
    if answer is None:
        return make.unknown("info", said, required, proof=proof)
    if answer:
        return make.passes(said, required, proof=proof)
    return make.fails("info", said, required, proof=proof, cure=cure(a, "renew_title"))


@rule("title", *(f"{title}.scorecard" for title in ESTIMATED), zh="自评得分", en="self-estimate by the scorecard")
def self_estimate(subject: tuple[Applicant, str], make: Maker) -> Finding:
    """What the title's scorecard would say on the facts told, with points per item; never that the title is held."""
    a, title = subject
    found = estimate(a, title)
    name = NAMES[title]
    required = Says(f"自评：{name.zh}各项条件", f"self-estimate: the conditions of a {name.en}")
    word = {True: "meets", False: "fails", None: "unknown"}[found.meets]
    said = _said(found)
    detail = {
        "estimate": word,
        "complete": found.complete,
        "points": {"least": found.least, "most": found.most},
        "items": {p.name: [p.least, p.most] for p in found.items},
        "gates": dict(found.gates),
        "shortcuts": dict(found.shortcuts),
    }
    if found.meets is False:
        return make.fails("info", said, required, detail=detail)
    if found.meets and found.complete:
        return make.passes(said, required, detail=detail)
    return make.unknown("info", said, required, detail=detail)


def _said(found: Estimate) -> Says:
    points = f"{found.least}" if found.least == found.most else f"{found.least}–{found.most}"
    failed = [name for name, answer in found.gates.items() if answer is False]
    open_ = [name for name, answer in found.gates.items() if answer is None]
    zh, en = [], []
    if found.items:
        zh.append(f"得分 {points}")
        en.append(f"{points} points")
    if failed:
        names = labels(failed)
        zh.append(f"不满足：{names.zh}")
        en.append(f"not met: {names.en}")
    if open_:
        names = labels(open_)
        zh.append(f"未知：{names.zh}")
        en.append(f"not known: {names.en}")
    if not failed and not open_ and found.meets:
        zh.append("已列条件均满足")
        en.append("meets every condition listed")
    if not found.complete:
        zh.append("评分表不完整，不作通过结论")
        en.append("the scorecard is incomplete and never passes")
    return Says("；".join(zh), "; ".join(en))
