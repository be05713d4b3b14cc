"""The branch of industry that a firm or a patent falls into, by tables of policy: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from collections.abc import Mapping, Sequence

from models.records.applicant import Applicant


def branch_of_industry(a: Applicant, table: str) -> str | None:
    """The first branch of a policy table (branch → industry codes) that the firm's industry falls into; "" if none."""
    industry = a.profile.industry if a.profile else None
    if industry is None:
        return None
    branches = a.value(table)
    return next((name for name, codes in branches.items() if any(industry.startswith(c) for c in codes)), "")


def strategic_subclasses(branches: Mapping[str, Sequence[str]]) -> frozenset[str]:
    """The IPC subclasses of all strategic branches, by the policy's table (branch → subclasses)."""
    return frozenset(subclass for of in branches.values() for subclass in of)
