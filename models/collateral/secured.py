"""What an answer tells of the security: two values, what the pool carries, its quality, and each patent's part."""

from collections.abc import Mapping
from datetime import date
from typing import Literal

import msgspec
from msgspec import structs

from models.collateral.appraisal import Cost, Market, Placed
from models.collateral.pledge import Basis, Carried, LoanToValue
from models.collateral.quality import Carrier, PatentQuality
from models.collateral.terms import Terms
from models.collateral.valuation import ON_DEFAULT, PatentAssumptions, Range


class Valuation(msgspec.Struct, frozen=True):
    """What the offered pool is worth while its holder lives, in fen, with its terms and the checks beside it.

    `market` is None on a day before the licences that it compares with were counted.
    """

    range: Range
    terms: Terms
    cost: Cost
    market: Market | None
    appraiser: Placed | None
    method: Literal["relief_from_royalty"] = "relief_from_royalty"


class ValueOnDefault(msgspec.Struct, frozen=True):
    """What it brings after the holder failed, in fen: never added to the other value. `policy`: of the cuts."""

    range: Range
    policy: str = ON_DEFAULT


class PortfolioQuality(msgspec.Struct, frozen=True):
    """Who carries the portfolio. `scenario`: whose weights; `left_out`: indicators never observed, with weights."""

    scenario: str
    left_out: Mapping[str, float]
    carriers: tuple[Carrier, ...]


class PledgedPool(msgspec.Struct, frozen=True):
    """On which value the pledge is lent, what its patents carry together in fen, and the loan to the value.

    `carries` is None where no value is known, or one patent may carry something and none is known to.
    """

    basis: Basis
    carries: int | None
    loan_to_value: LoanToValue

    def advising(self, amount: int | None) -> "PledgedPool":
        """The same with the amount that is advised beside the value."""
        value = self.basis.amount
        share = amount / value if amount is not None and value else None
        return structs.replace(self, loan_to_value=structs.replace(self.loan_to_value, advised=share))


class SecurityOfPatent(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What one patent gives as security: both values, what it carries, its quality. None is not known.

    `exclusion_reason`: why it is worth nothing, if it is. JSON leaves out what is not there.
    """

    kind: str | None = None
    last_day: date | None = None
    exclusion_reason: str | None = None
    value: Range | None = None
    value_on_default: Range | None = None
    assumptions: PatentAssumptions | None = None
    carries: Carried | None = None
    quality: PatentQuality | None = None
