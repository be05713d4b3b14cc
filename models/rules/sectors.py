"""Strategic emerging industries and patent-intensive sectors, by industry code and by IPC: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from models.records.applicant import Applicant
from models.rules.branches import branch_of_industry
from models.rules.common import INDUSTRY_NOT_KNOWN
from models.rules.finding import Finding
from models.rules.registry import Maker, rule
from models.words.templates import phrase


def _sector(a: Applicant, make: Maker, table: str) -> Finding:
    required, branch = make.required(), branch_of_industry(a, table)
    if branch is None:
        return make.unknown("info", INDUSTRY_NOT_KNOWN, required)
    assert a.profile is not None
    industry = a.profile.industry
    if not branch:
        return make.fails("info", phrase("finding.any.observed.industry_not_listed", industry=industry), required)
    return make.passes(phrase("finding.any.observed.branch", industry=industry, branch=branch), required)


@rule("firm", "strategic_industries.industry_codes")
def strategic_industry(a: Applicant, make: Maker) -> Finding:
    """The industry code lies in a branch of the strategic emerging industries, by our coarse mapping."""
    return _sector(a, make, "strategic_industries.industry_codes")


@rule("firm", "patent_intensive.industry_codes")
def patent_intensive(a: Applicant, make: Maker) -> Finding:
    """The industry code lies in a patent-intensive class, by our coarse mapping to divisions."""
    return _sector(a, make, "patent_intensive.industry_codes")
