"""Strategic emerging industries and patent-intensive sectors, by industry code and by IPC: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from models.records.applicant import Applicant
from models.rules.branches import branch_of_industry
from models.rules.finding import Finding, Says
from models.rules.registry import Maker, rule

NOT_TOLD = Says("行业代码未知", "the industry code is not known")


def _sector(a: Applicant, make: Maker, table: str, required: Says) -> Finding:
    branch = branch_of_industry(a, table)
    if branch is None:
        return make.unknown("info", NOT_TOLD, required)
    assert a.profile is not None
    said = Says(
        f"行业 {a.profile.industry}：{branch or '不在其列'}", f"industry {a.profile.industry}: {branch or 'not listed'}"
    )
    return make.passes(said, required) if branch else make.fails("info", said, required)


@rule(
    "firm",
    "strategic_industries.industry_codes",
    zh="战略性新兴产业（行业）",
    en="strategic emerging industry (by industry)",
)
def strategic_industry(a: Applicant, make: Maker) -> Finding:
    """The industry code lies in a branch of the strategic emerging industries, by our coarse mapping."""
    return _sector(
        a, make, "strategic_industries.industry_codes", Says("属战略性新兴产业", "a strategic emerging industry")
    )


@rule("firm", "patent_intensive.industry_codes", zh="专利密集型产业", en="patent-intensive industry")
def patent_intensive(a: Applicant, make: Maker) -> Finding:
    """The industry code lies in a patent-intensive class, by our coarse mapping to divisions."""
    return _sector(a, make, "patent_intensive.industry_codes", Says("属专利密集型产业", "a patent-intensive industry"))
