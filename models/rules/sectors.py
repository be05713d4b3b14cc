"""Strategic emerging industries and patent-intensive sectors, by industry code and by IPC: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from datetime import date

from features.policy import Policy
from models.rules.applicant import Applicant
from models.rules.finding import Finding, Says
from models.rules.registry import Maker, rule
from models.rules.right import Right

NOT_TOLD = Says("行业代码未知", "the industry code is not known")


def branch_of_industry(a: Applicant, table: str) -> str | None:
    """The first branch of a policy table (branch → industry codes) that the firm's industry falls into; "" if none."""
    industry = a.profile.industry if a.profile else None
    if industry is None:
        return None
    branches = a.value(table)
    return next((name for name, codes in branches.items() if any(industry.startswith(c) for c in codes)), "")


def branch_of_patent(right: Right) -> str | None:
    """The first strategic branch whose subclasses hold the patent's main IPC symbol; "" if none; None without one."""
    ipc = right.patent.ipc
    if ipc is None:
        return None
    return right.a.of_the_day(_Branches).get(ipc[:4], "")


class _Branches(dict[str, str]):
    """The first strategic branch of each subclass on one day."""

    def __init__(self, policy: Policy, day: date) -> None:
        branches = policy("strategic_industries.ipc_subclasses").on(day)
        super().__init__((each, name) for name, of in reversed(branches.items()) for each in of)


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
