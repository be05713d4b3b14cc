"""Which decisions people ask for, and what they want erased, checked while it is parsed."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from models.rules.recommendation import Advice
from service.decisions.listing import DecisionFilter, DecisionOutcome, Stands
from service.decisions.loan_list import LoanFilter, LoanState
from service.edge.fields import STRICT, Day, Firm, Month, Name, Ordinal
from service.loan_files.record import State

_Fen = Annotated[int, Field(ge=0, le=2**53 - 1)]

ErasureReason = Literal["person_asked", "retention_over", "court_ordered"]


class ErasureRequest(BaseModel):
    """Whose content is to be erased, and why."""

    model_config = STRICT

    firm: Firm
    reason: ErasureReason


class DecisionAsked(BaseModel):
    """Which decisions are listed; days are those of the ledger's zone."""

    model_config = ConfigDict(extra="forbid")

    bank: Name | None = None
    branch: Name | None = None
    since: Annotated[Day | None, Field(alias="from", description="Decided on that day or later")] = None
    until: Annotated[Day | None, Field(alias="to", description="Decided on that day or before")] = None
    advice: Advice | None = None
    outcome: DecisionOutcome | None = None
    stands: Annotated[Stands | None, Field(description="How it stands to the advice")] = None
    state: Annotated[State | None, Field(description="What the loan waits for now")] = None
    least: Annotated[_Fen | None, Field(description="Granted, or asked where nothing was; minor unit")] = None
    most: _Fen | None = None
    text: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="In the firm's name or code, or the application"
    )
    cursor: Ordinal | None = None

    @property
    def filter(self) -> DecisionFilter:
        """The same for the list."""
        return DecisionFilter(**self.model_dump(include={*DecisionAsked.model_fields}))


class LoansAsked(BaseModel):
    """Which drawn loans are listed."""

    model_config = ConfigDict(extra="forbid")

    bank: Name | None = None
    branch: Name | None = None
    month: Annotated[Month | None, Field(description="In which they were drawn: 2026-11")] = None
    state: LoanState | None = None
    text: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        default=None, description="In the firm's name or code, or a number of the loan"
    )
    cursor: Ordinal | None = None

    @property
    def filter(self) -> LoanFilter:
        """The same for the list."""
        return LoanFilter(**self.model_dump(include={*LoansAsked.model_fields}))
