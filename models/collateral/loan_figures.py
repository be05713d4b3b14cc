"""What bounds a loan beside the patents: need, further debt, other security, guarantees, and the bank's exposure."""

from dataclasses import dataclass
from typing import Literal

import msgspec

from models.need.debt import DebtInputs, FurtherDebt
from models.need.result import FinancingNeed


class OtherItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """An item that is no patent: what it carries in fen, or why it carries nothing.

    `carries`: confirmed value times the ceiling of its sort, less what ranks before us, never below 0.
    """

    item: str | None
    sort: str
    carries: int
    value: int | None = None
    ceiling: float | None = None
    prior: int = 0
    reason: Literal["not_valued", "value_too_old", "owner_not_agreed", "no_ceiling"] | None = None


GuaranteeFault = Literal[
    "not_signed", "share_not_known", "figures_not_known", "too_much_outstanding", "too_large_for_it"
]
"""Why a guarantee carries nothing."""


class GuaranteeItem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A guarantee of an institution: what it carries in fen, or why it carries nothing."""

    guarantor: str
    carries: int
    amount: int | None = None
    share: float | None = None
    reason: (
        Literal["not_signed", "share_not_known", "figures_not_known", "too_much_outstanding", "too_large_for_it"] | None
    ) = None


@dataclass(frozen=True)
class LoanFigures:
    """What is known of a case before its patents are weighed; money in fen.

    `short_loans`: of all banks. `turns_over`: the loan asked for is for working capital.
    `debt_inputs`: what the debt follows from. `exposure`: what the bank may still lend to firm and group; None where it
    states no net capital. `in_doubt`: amounts may be in another unit, so that no limit is told.
    `light`: fewer papers are asked.
    """

    need: FinancingNeed
    debt: FurtherDebt
    debt_inputs: DebtInputs
    other: tuple[OtherItem, ...] = ()
    guarantees: tuple[GuaranteeItem, ...] = ()
    exposure: int | None = None
    short_loans: int | None = None
    turns_over: bool = False
    in_doubt: bool = False
    light: bool = False

    @property
    def other_line(self) -> int:
        """What the other items carry together."""
        return sum(one.carries for one in self.other)

    @property
    def guarantee_line(self) -> int:
        """What the institutions carry together."""
        return sum(one.carries for one in self.guarantees)
