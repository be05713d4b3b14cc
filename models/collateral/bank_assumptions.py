"""What a bank assumes of its own about patents, in place of our figures."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from features.errors import PledgeScoreError

LONGEST = 26
"""Years of the table of discounted revenue: 20 years of term and room for term compensation."""


class BadAssumption(PledgeScoreError):
    """An assumption that the bank gave cannot be used; the message says which and why."""


@dataclass(frozen=True)
class BankAssumption:
    """What the bank assumes of one patent; None leaves our figure. `life` is years from the day of the case."""

    royalty: float | None = None
    life: float | None = None
    revenue_share: float | None = None
    source: str = ""


@dataclass(frozen=True)
class BankAssumptions:
    """What comes from the bank and not from the rows of a case.

    `patents`: its assumptions by patent number; `scheme_cap`: the cap of the risk-sharing scheme in fen; `scenario`:
    whose weights the quality of patents is computed with.
    """

    patents: Mapping[str, BankAssumption] = field(default_factory=dict)
    scheme_cap: int | None = None
    scenario: str = "finance"


def check(patents: Collection[str], bank: Mapping[str, BankAssumption]) -> None:
    """Raise `BadAssumption` where an assumption names no patent of the pool or lies outside its bounds."""
    for patent, one in bank.items():
        if patent not in patents:
            raise BadAssumption("assumption_stranger", patent=patent)
        for name, most in (("royalty", 1.0), ("revenue_share", 1.0), ("life", float(LONGEST))):
            value = getattr(one, name)
            if value is not None and not 0 <= value <= most:
                raise BadAssumption("assumption_bounds", name=name, patent=patent, value=f"{value:g}", most=f"{most:g}")
    if sum(one.revenue_share or 0.0 for one in bank.values()) > 1 + 1e-9:
        raise BadAssumption("assumption_shares")
