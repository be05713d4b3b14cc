"""What people say that they do in a loan file, checked while it is parsed."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.edge.fields import STRICT, Day, Name, Note, Ordinal, Sentence, Share

Digest = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Amount = Annotated[int, Field(ge=1, le=2**53 - 1, description="Minor unit")]
Months = Annotated[int, Field(ge=1, le=600)]
When = Literal["before_contract", "before_drawdown", "after"]
Papers = Annotated[list[Digest], Field(max_length=100)]


class PersonalAct(BaseModel):
    """Anything that a person does."""

    model_config = STRICT

    person: Name | None = Field(default=None, description="Who acts, where nobody is signed in")


class SeenAct(PersonalAct):
    """What rests on the file as it was seen: `seen` is the digest that the file tells."""

    seen: Digest


class SetCondition(BaseModel):
    """A condition of the bank's own, and when it must be met."""

    model_config = STRICT

    text: Note
    due: When = "before_drawdown"


class SetAsideFinding(BaseModel):
    """A finding or condition of the advice that is set aside, by its rule: why, what makes up for it, until when."""

    model_config = STRICT

    rule: Name
    reason_code: Name = Field(description="One of policy authority.reason_codes")
    mitigation: Sentence
    until: Day


class TermsAct(SeenAct):
    """Terms that are applied for or granted."""

    amount: Amount
    term_months: Months
    rate: Share | None = Field(default=None, description="Yearly interest rate, share")
    conditions: list[SetCondition] = Field(default_factory=list, max_length=50)
    waives: list[SetAsideFinding] = Field(default_factory=list, max_length=50)


class NotBrought(BaseModel):
    """What a file was returned for and is not brought with it, in the words of the return, and why."""

    model_config = STRICT

    what: Note
    reason: Sentence


class Submission(TermsAct):
    """Two investigators submit the application on the newest assessment of it."""

    assessment: Name
    second: Name = Field(description="The second investigator, by the account's name")
    visits: list[Day] = Field(default_factory=list, max_length=20, description="When both visited the firm")
    note: Note | None = None
    reason_code: Name | None = Field(default=None, description="Why better than advised; policy authority.reason_codes")
    papers: Papers = Field(default_factory=list)
    not_brought: list[NotBrought] = Field(
        default_factory=list, max_length=50, description="Of what the file was returned for, what is still missing"
    )


class AnswerToFinding(BaseModel):
    """What the reviewer says to an open finding: what makes up for it."""

    model_config = STRICT

    rule: Name
    subject: Name
    answer: Sentence


class Review(SeenAct):
    """The reviewer's opinion, with an answer to every finding that blocks or must be weighed."""

    outcome: Literal["agreed", "agreed_with_conditions", "opposed"]
    opinion: Sentence
    answers: list[AnswerToFinding] = Field(default_factory=list, max_length=200)
    conditions: list[SetCondition] = Field(default_factory=list, max_length=50)


class Return(PersonalAct):
    """The file goes back to the officers, with what is wanted."""

    reason_code: Name = Field(description="One of policy loan_file.reasons")
    reason: Sentence
    wanted: list[Note] = Field(default_factory=list, max_length=50)


class Vote(SeenAct):
    """A member's vote; the others see it when the minutes have closed the vote."""

    meeting: Name
    vote: Literal["agree", "agree_with_conditions", "reconsider", "reject", "abstain"]
    reason: Sentence | None = None


class RecusedMember(BaseModel):
    """A member who left because of a tie to the firm."""

    model_config = STRICT

    member: Name
    reason: Sentence


class Minutes(TermsAct):
    """The minutes: who was there, and the terms that were put to the vote."""

    meeting: Name
    held_on: Day
    chair: Name
    vetoed: bool = False
    present: list[Name] = Field(min_length=1, max_length=50, description="Members who vote, without the chair")
    recused: list[RecusedMember] = Field(default_factory=list, max_length=50)
    document: Digest | None = None


class Approved(TermsAct):
    """An approval, no more than what the committee passed. Better than advised needs a reason and its code."""

    outcome: Literal["approved"]
    reason_code: Name | None = Field(default=None, description="One of policy authority.reason_codes")
    reason: Sentence | None = None
    expires_on: Day | None = Field(default=None, description="Last day to draw; that of the assessment at the latest")


class Declined(SeenAct):
    """The application is declined."""

    outcome: Literal["declined"]
    reason_code: Name = Field(description="One of policy loan_file.reasons")
    reason: Sentence


Approval = Annotated[Approved | Declined, Field(discriminator="outcome")]


class Withdrawal(PersonalAct):
    """The application is withdrawn."""

    by: Literal["applicant", "bank"]
    reason_code: Name = Field(description="One of policy loan_file.reasons")
    reason: Sentence | None = None


class ConditionDone(PersonalAct):
    """A condition is done. An advised one names the assessment in which its rule and the limit ran again."""

    happened_on: Day
    proof: Sentence
    document: Digest | None = None
    assessment: Name | None = None


class ConditionCheck(PersonalAct):
    """A second person confirms that a condition is done."""

    proof: Sentence


class StandingDone(BaseModel):
    """A fixed precondition of drawdown: its code, since when it holds, and the paper."""

    model_config = STRICT

    item: Name
    done_on: Day
    document: Note


class RegisteredPledge(BaseModel):
    """A pledge in our name. `maximum`: it secures loans up to the amount, as long as there is room."""

    model_config = STRICT

    registration: Name
    registered_on: Day
    amount: Amount
    maximum: bool = False


class Release(SeenAct):
    """The drawdown desk looked again, and lets an amount be paid out."""

    amount: Amount
    contract: Name = Field(description="Number of the loan contract")
    standing: list[StandingDone] = Field(default_factory=list, max_length=20)
    pledges: list[RegisteredPledge] = Field(default_factory=list, max_length=50)


class PaidOut(PersonalAct):
    """That money was paid out of what the desk released. `loan`: 借据号."""

    drawn_on: Day
    amount: Amount
    due_on: Day
    loan: Name


class FileClosure(PersonalAct):
    """How the loan ended."""

    closed_on: Day
    outcome: Literal["repaid", "renewed", "guarantor_paid", "insurer_paid", "fund_paid", "sold", "written_off"]
    loss: Annotated[int, Field(ge=0, le=2**53 - 1, description="Lost for good, minor unit; 0 where nothing was")]
    recovered: Annotated[int, Field(ge=0, le=2**53 - 1)] | None = None


class Correction(PersonalAct):
    """A payment, or how the loan ended, does not count. `entry`: the number of its entry."""

    entry: Ordinal
    reason: Sentence
    right: (
        Annotated[dict[Name, Name | int | None], Field(max_length=20, description="Values that are right")] | None
    ) = None


class Paper(PersonalAct):
    """A paper that lies beside the file, by its digest. `about`: the condition or step that it belongs to."""

    hash: Digest
    what: Name
    dated_on: Day | None = None
    about: Name | None = None


class PlacedHold(BaseModel):
    """A fund wants the content kept: why, and until when, if not until it lifts the hold."""

    model_config = STRICT

    reason: Sentence
    until: Day | None = None


class LiftedHold(BaseModel):
    """The content need not be kept for the fund any more."""

    model_config = STRICT

    reason: Sentence


class CheckDone(PersonalAct):
    """Something that was due was done."""

    happened_on: Day
    found: Sentence
    document: Digest | None = None


class RaisedWarning(PersonalAct):
    """A warning, with a day and an owner."""

    code: Name
    level: Literal["low", "middle", "high"]
    due_on: Day
    owner: Name
    note: Sentence


class ClosedWarning(PersonalAct):
    """A warning is settled."""

    note: Sentence


class HandOver(PersonalAct):
    """Open files go from one person to another: all of them, or those that are named."""

    before: Annotated[Name, Field(alias="from", description="Who has them")]
    after: Annotated[Name, Field(alias="to", description="Who gets them")]
    reason: Sentence
    files: Annotated[list[Name], Field(max_length=1000)] | None = None
