"""What is told of lists: that one was pushed, and what became of a firm on it."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from service.edge.fields import Day, Name, Sentence

Came = Literal["screened", "received"]
"""Whether the bank made the list from a screening, or received it and screened its firms."""
PushOutcome = Literal["contacted", "applied", "granted", "refused", "no_need", "unreachable"]
PushReason = Literal["credit", "pledge", "guarantee", "other_bank", "price", "gates", "other"]


class PushRequest(BaseModel):
    """That a list is pushed: the firms that a screening found fit for it, or all that were received and screened."""

    model_config = ConfigDict(extra="forbid")

    list: Name = Field(description="Which list of policy")
    edition: Name = Field(description="Its edition, as whoever pushed it names it")
    job: Name = Field(description="The screening: a job of kind `whitelist`, over")
    came: Came = Field(default="screened", description="Made from the screening, or received and screened")
    branch: Name | None = Field(default=None, description="To which branch; the sender's own where nothing is said")
    received_on: Day | None = Field(default=None, description="When it came; today where nothing is said")


class FeedbackRequest(BaseModel):
    """What became of a firm of a list, as it is told back to whoever pushed it."""

    model_config = ConfigDict(extra="forbid")

    assessment: Name = Field(description="Its answer in the screening")
    outcome: PushOutcome
    reason_code: PushReason | None = Field(default=None, description="Why; needed where nothing was granted")
    reason: Sentence | None = None
    reported_on: Day | None = Field(default=None, description="When it was told; today where nothing is said")
    person: Name | None = Field(default=None, description="Who tells it, where nobody is signed in")
