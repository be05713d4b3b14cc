"""What people say that they did about an assessment, checked while it is parsed."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.edge.fields import STRICT, Day, Firm, Money, Name, Note, Share


class Waived(BaseModel):
    """A condition of the advice that is not asked for, by its rule, and why."""

    model_config = STRICT

    rule: Name
    reason: Note


class Met(BaseModel):
    """A condition that is met: an advised one by its rule, the bank's own by its words."""

    model_config = STRICT

    condition: Note
    met_on: Day
    proof: Note


class Decision(BaseModel):
    """What the bank decided, also when it agrees with the advice.

    Worse than advised needs a reason; better needs a reason with its code, an end, and higher authority (policy
    `authority`). `seen` is the digest of the dossier that it rests on.
    """

    model_config = STRICT

    outcome: Literal["approve", "decline", "defer", "withdraw"]
    decider: Name | None = Field(default=None, description="Who decided, where nobody is signed in")
    reason: Note | None = None
    reason_code: Name | None = Field(default=None, description="One of policy authority.reason_codes")
    expires_on: Day | None = Field(default=None, description="Last day to draw under a decision better than advised")
    seen: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")] | None = Field(
        default=None, description="Digest of the dossier; needed from whoever is signed in"
    )
    waived: list[Waived] = Field(default_factory=list, max_length=50)
    amount: Money | None = Field(default=None, description="Amount granted, minor unit; needed to approve")
    term_months: Annotated[int, Field(ge=1, le=600)] | None = None
    rate: Share | None = Field(default=None, description="Yearly interest rate, share")
    conditions: list[Note] = Field(default_factory=list, max_length=50)


class Drawdown(BaseModel):
    """That money was paid out under an approval."""

    model_config = STRICT

    drawn_on: Day
    amount: Money
    due_on: Day
    by: Name = Field(description="Who released the money")
    loan: Name | None = None
    registration: Name | None = Field(default=None, description="Pledge registration number")
    registered_on: Day | None = None
    conditions_met: bool = Field(description="Every condition of the decision was met")
    conditions: list[Met] = Field(default_factory=list, max_length=100, description="Each condition, and its proof")


class Closure(BaseModel):
    """How the loan ended."""

    model_config = STRICT

    closed_on: Day
    outcome: Literal["repaid", "renewed", "guarantor_paid", "insurer_paid", "fund_paid", "sold", "written_off"]
    by: Name = Field(description="Who closed the loan in the books")
    loss: Money = Field(description="Principal and interest lost for good, minor unit; 0 where nothing was")
    recovered: Money | None = None


ErasureReason = Literal["person_asked", "retention_over", "court_ordered"]


class ErasureRequest(BaseModel):
    """Whose content is to be erased, and why."""

    model_config = STRICT

    firm: Firm
    reason: ErasureReason
