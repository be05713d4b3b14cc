"""The branch of industry that a firm or a patent falls into, by tables of policy: coarse mappings of our own.

The official tables work on single codes and, for most IPC groups, also on keywords. So a hit here is likely, not sure,
and is shown as assumed.
"""

from datetime import date

from features.policy import Policy
from models.records.applicant import Applicant
from models.records.right import Right


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
