"""What the parts of a scorecard and of a list are called by people; a part without a label is shown by its code."""

from collections.abc import Iterable
from functools import lru_cache

from models.rules.finding import Says

LABELS = {
    "age": Says("成立年限", "years since foundation"),
    "assets": Says("资产总额", "total assets"),
    "award": Says("科技奖或专利奖", "science prize or patent award"),
    "brand": Says("自主品牌", "own brand"),
    "certification": Says("管理或产品认证", "management or product certification"),
    "chain": Says("产业链位置", "position in the chain"),
    "clean_listing": Says("未列入异常或严重违法名单", "on no list of abnormal operation or serious violations"),
    "debt_ratio": Says("资产负债率", "debt ratio"),
    "growth": Says("主营业务增长", "growth of the main business"),
    "high_tech_revenue": Says("高新技术产品收入占比", "share of high-tech revenue"),
    "indicators": Says("积分指标", "indicators"),
    "information_systems": Says("核心业务信息系统", "core information systems"),
    "innovation_score": Says("创新能力得分", "innovation score"),
    "inventions_in_force": Says("有效发明专利", "inventions in force"),
    "main_business": Says("主营业务占比", "share of the main business"),
    "maintained": Says("维持超过十年", "maintained for more than ten years"),
    "national_share": Says("全国细分市场占有率", "national market share"),
    "niche_years": Says("细分市场年限", "years in the niche"),
    "no_major_incident": Says("近一年无重大事故", "no major incident in a year"),
    "overseas_family": Says("海外同族专利权", "a right abroad in the family"),
    "patents_in_force": Says("有效专利", "patents in force"),
    "pledge_amount": Says("质押融资金额较高", "a relatively high pledge amount"),
    "property": Says("知识产权", "intellectual property"),
    "research": Says("研发投入", "research"),
    "research_body": Says("研发机构", "research body"),
    "research_expense": Says("研发费用占比", "share of research expense"),
    "research_in_china": Says("境内研发费用占比", "share of research expense in China"),
    "research_staff": Says("研发人员占比", "share of research staff"),
    "revenue": Says("营业收入", "revenue"),
    "scale": Says("收入或股权融资", "revenue or equity raised"),
    "staff": Says("职工人数", "staff"),
    "strategic_industry": Says("战略性新兴产业", "a strategic emerging industry"),
}


def label(code: str) -> Says:
    """The label of a part, or its code in both languages."""
    return LABELS.get(code, Says(code, code))


def labels(codes: Iterable[str]) -> Says:
    """The labels of several parts, joined."""
    return _joined(tuple(codes))


@lru_cache(10_000)
def _joined(codes: tuple[str, ...]) -> Says:
    found = [label(code) for code in codes]
    return Says("、".join(s.zh for s in found), ", ".join(s.en for s in found))
