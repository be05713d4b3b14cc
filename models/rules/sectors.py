"""Strategic emerging industries and patent-intensive sectors, by industry code and by IPC: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from models.rules.branches import branch_of_industry
from models.rules.column_rules import Branches, Say, fails, firm_rule, passes, said, unknown
from models.rules.common import INDUSTRY_NOT_KNOWN
from models.rules.firm_columns import FirmColumns


def _sector(p: FirmColumns, table: str) -> Branches:
    of, industry = branch_of_industry(p, table), p.industry
    return Branches([
        unknown(~of.known, "info", INDUSTRY_NOT_KNOWN),
        passes(of.found, said("finding.any.observed.branch", industry=industry, branch=of.name)),
        fails(None, "info", said("finding.any.observed.industry_not_listed", industry=industry)),
    ])  # fmt: skip


@firm_rule("strategic_industries.industry_codes")
def strategic_industry(p: FirmColumns, _say: Say) -> Branches:
    """The industry code lies in a branch of the strategic emerging industries, by our coarse mapping."""
    return _sector(p, "strategic_industries.industry_codes")


@firm_rule("patent_intensive.industry_codes")
def patent_intensive(p: FirmColumns, _say: Say) -> Branches:
    """The industry code lies in a patent-intensive class, by our coarse mapping to divisions."""
    return _sector(p, "patent_intensive.industry_codes")
