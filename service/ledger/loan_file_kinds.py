"""The kinds of entries of a loan file that this version writes: what people do, from submission to the last check.

Every one of them says which loan file step it leads to (`to`) and until when that is due, so that a loan file follows
from its entries alone. `person` names who acts where nobody is signed in; elsewhere the entry's actor does.
"""

from typing import Annotated, ClassVar, Literal

import msgspec

from service.ledger.entry_contents import Account, AssessmentRef, Day, EntryContent, EntryRef, Fen, Float64, Hash, leaf
from service.ledger.kinds import Kind

Seen = Annotated[Hash, leaf("fund", "seal of the loan file's entry up to which it was seen")]
Document = Annotated[Hash | None, leaf("bank", "SHA-256 of the paper that shows it")]
WaiveLeaf = leaf("fund", "findings and conditions of the advice that are set aside, and why")
OwnConditionLeaf = leaf("fund", "the bank's own conditions, and by when")
DaysLate = Annotated[int, leaf("fund", "days by which it was told later than policy allows (迟报); 0: in time")]


class OwnCondition(msgspec.Struct, frozen=True):
    """A condition that the bank sets itself, and when it must be met."""

    text: str
    due: str


class SetAside(msgspec.Struct, frozen=True):
    """A finding or condition that is set aside, by its rule: why, what makes up for it, and until when it holds."""

    rule: str
    reason_code: str
    mitigation: str
    until: Day


class FindingAnswer(msgspec.Struct, frozen=True):
    """What the reviewer says to an open finding."""

    rule: str
    subject: str
    answer: str


class Recusal(msgspec.Struct, frozen=True):
    """A member of the committee who left, and why."""

    member: Account
    reason: str


class SignaturePlace(msgspec.Struct, frozen=True):
    """The how-manieth of so many signatures."""

    n: int
    of: int


class PledgeRegistered(msgspec.Struct, frozen=True):
    """A pledge in our name: its number, since when, for which amount; `maximum`: it secures loans up to the amount."""

    registration: str
    registered_on: Day
    amount: Fen
    maximum: bool


class StandingItem(msgspec.Struct, frozen=True):
    """A fixed precondition of drawdown, since when it holds, and the paper."""

    item: str
    done_on: Day
    document: str


class DueItem(msgspec.Struct, frozen=True):
    """Something that must be done after the loan was paid out, about what, and until when."""

    what: str
    due_on: Day
    provisional: bool
    subject: str | None = None


class LoanFileEntry(EntryContent, frozen=True, kw_only=True):
    """What somebody does in a loan file."""

    assessment: Annotated[AssessmentRef, leaf("fund", "the assessment that it rests on")]
    person: Annotated[str | None, leaf("bank", "who acts, by name, where nobody is signed in")]


class LoanStepEntry(LoanFileEntry, frozen=True, kw_only=True):
    """An act that leads the loan file to a step."""

    to: Annotated[str, leaf("fund", "the state in which the loan file is then")]
    due_on: Annotated[Day | None, leaf("fund", "until when the next step is to be done")]
    provisional: Annotated[bool, leaf("fund", "whether the calendar of that year is not out yet")]


class LoanTerms(LoanStepEntry, frozen=True, kw_only=True):
    """What is applied for, passed or granted, and how that stands to the advice."""

    amount: Annotated[Fen | None, leaf("fund", "applied for, passed or granted")]
    term_months: Annotated[int | None, leaf("fund", "the same")]
    rate: Annotated[Float64 | None, leaf("fund", "yearly interest rate, share")]
    conditions: Annotated[list[OwnCondition], OwnConditionLeaf]
    waives: Annotated[list[SetAside], WaiveLeaf]
    stands: Annotated[str, leaf("fund", "how it stands to the advice")]
    better_in: Annotated[list[str], leaf("fund", "in what it is more favourable than the advice")]
    counted: Annotated[Fen | None, leaf("fund", "exposure after the loan as authority counts it")]
    level: Annotated[int, leaf("fund", "least level of authority for it")]


class SubmittedEntry(LoanTerms, frozen=True, kw_only=True):
    """Two investigators submit an application."""

    KIND: ClassVar[Kind] = Kind.SUBMITTED

    seen: Seen
    turn: Annotated[int, leaf("fund", "how often it was submitted, this time included")]
    second: Annotated[Account, leaf("fund", "the second investigator")]
    visits: Annotated[list[Day], leaf("bank", "when both visited the firm")]
    note: Annotated[str | None, leaf("bank", "what the officer says")]
    reason_code: Annotated[str | None, leaf("fund", "why better than advised, as a code")]
    papers: Annotated[list[Hash], leaf("bank", "documents that lie beside")]


class ReviewedEntry(LoanStepEntry, frozen=True, kw_only=True):
    """The reviewer's opinion."""

    KIND: ClassVar[Kind] = Kind.REVIEWED

    seen: Seen
    outcome: Annotated[
        Literal["agreed", "agreed_with_conditions", "opposed"], leaf("fund", "agreed, agreed with conditions, or not")
    ]
    opinion: Annotated[str, leaf("bank", "the reviewer's words")]
    answers: Annotated[list[FindingAnswer], leaf("bank", "to each finding that a person must weigh")]
    conditions: Annotated[list[OwnCondition], OwnConditionLeaf]


class SentBackEntry(LoanStepEntry, frozen=True, kw_only=True):
    """A step returns the loan file to the officers."""

    KIND: ClassVar[Kind] = Kind.SENT_BACK

    to: Annotated[str, leaf("bank", "to which step it comes back")]
    reason_code: Annotated[str, leaf("fund", "why, as a code")]
    reason: Annotated[str, leaf("bank", "why, in words")]
    wanted: Annotated[list[str], leaf("bank", "what is to be brought")]


class VoteEntry(LoanFileEntry, frozen=True, kw_only=True):
    """The vote of a member of the committee."""

    KIND: ClassVar[Kind] = Kind.VOTE

    seen: Seen
    meeting: Annotated[str, leaf("bank", "which meeting")]
    round: Annotated[int, leaf("bank", "the how-manieth time that the committee sits on it")]
    vote: Annotated[
        Literal["agree", "agree_with_conditions", "reconsider", "reject", "abstain"],
        leaf("bank", "for, for with conditions, to be put again, against, or abstained"),
    ]
    reason: Annotated[str | None, leaf("bank", "why")]


class MinutesEntry(LoanTerms, frozen=True, kw_only=True):
    """The minutes of the committee, which close the vote."""

    KIND: ClassVar[Kind] = Kind.MINUTES

    meeting: Annotated[str, leaf("bank", "which meeting")]
    round: Annotated[int, leaf("bank", "the how-manieth time that the committee sits on it")]
    held_on: Annotated[Day, leaf("fund", "when it was held")]
    chair: Annotated[Account, leaf("bank", "who chairs: without a vote, with a veto")]
    vetoed: Annotated[bool, leaf("fund", "whether the chair vetoed it")]
    present: Annotated[list[Account], leaf("bank", "who was there")]
    recused: Annotated[list[Recusal], leaf("bank", "who left because of a tie to the firm")]
    votes: Annotated[list[EntryRef], leaf("fund", "the entries of the votes")]
    outcome: Annotated[Literal["passed", "reconsider", "rejected"], leaf("fund", "what was resolved")]
    document: Annotated[Hash | None, leaf("bank", "the signed minutes")]
    days_late: DaysLate


class ApprovalEntry(LoanTerms, frozen=True, kw_only=True):
    """A person with authority approves or declines."""

    KIND: ClassVar[Kind] = Kind.APPROVAL

    seen: Seen
    outcome: Annotated[Literal["approved", "declined"], leaf("fund", "approved or declined")]
    reason_code: Annotated[str | None, leaf("fund", "why, as a code")]
    reason: Annotated[str | None, leaf("fund", "why, in words")]
    authority: Annotated[int, leaf("fund", "of whoever approves")]
    signature: Annotated[SignaturePlace, leaf("fund", "the how-manieth signature of how many")]
    advised: Annotated[list[str], leaf("fund", "rules whose conditions the advice sets before drawdown")]
    policy: Annotated[Hash, leaf("fund", "the policy in force")]
    expires_on: Annotated[Day, leaf("fund", "last day to draw")]


class ConditionMetEntry(LoanStepEntry, frozen=True, kw_only=True):
    """A condition was done, confirmed by a second person, or could not be done as the facts now stand."""

    KIND: ClassVar[Kind] = Kind.CONDITION_MET

    condition: Annotated[str, leaf("fund", "which one")]
    n: Annotated[int, leaf("fund", "its number in the loan file")]
    outcome: Annotated[Literal["done", "confirmed", "returned"], leaf("fund", "done, confirmed by another, returned")]
    happened_on: Annotated[Day, leaf("fund", "the day that is told; the entry's own time is when it was entered")]
    document: Document
    proof: Annotated[str, leaf("fund", "the same in words")]
    rerun: Annotated[AssessmentRef | None, leaf("fund", "the assessment in which its rule and the limit ran again")]
    worse: Annotated[list[str], leaf("fund", "what that found: rules that block or refer, or `limit`")]
    days_late: DaysLate


class DrawdownCheckEntry(LoanStepEntry, frozen=True, kw_only=True):
    """The drawdown desk looked again and releases an amount, or returns the loan file."""

    KIND: ClassVar[Kind] = Kind.DRAWDOWN_CHECK

    seen: Seen
    as_of: Annotated[Day, leaf("fund", "of which day the facts are")]
    outcome: Annotated[Literal["released", "returned"], leaf("fund", "may be drawn, or not")]
    open: Annotated[list[str], leaf("fund", "rules and conditions that stand against it")]
    amount: Annotated[Fen, leaf("fund", "that may be paid out")]
    contract: Annotated[str | None, leaf("fund", "the loan contract")]
    standing: Annotated[list[StandingItem], leaf("fund", "the fixed preconditions of drawdown, each with its paper")]
    pledges: Annotated[list[PledgeRegistered], leaf("fund", "the pledges in our name")]


class MonitoredEntry(LoanFileEntry, frozen=True, kw_only=True):
    """Something that was due after the loan was paid out was done."""

    KIND: ClassVar[Kind] = Kind.MONITORED

    n: Annotated[int, leaf("bank", "which due item")]
    what: Annotated[str, leaf("fund", "what was done")]
    happened_on: Annotated[Day, leaf("fund", "the day that is told; the entry's own time is when it was entered")]
    found: Annotated[str, leaf("bank", "what was found, in words")]
    document: Document
    following: Annotated[DueItem | None, leaf("fund", "what is due next")]
    days_late: DaysLate


class WarningEntry(LoanFileEntry, frozen=True, kw_only=True):
    """A warning after the loan was paid out, with a day and an owner; or its end."""

    KIND: ClassVar[Kind] = Kind.WARNING

    n: Annotated[int, leaf("bank", "its number in the loan file")]
    state: Annotated[Literal["raised", "closed"], leaf("fund", "raised or closed")]
    code: Annotated[str, leaf("fund", "what was found")]
    facts: Annotated[dict[str, object], leaf("bank", "with which values; no float among them")]
    level: Annotated[str, leaf("fund", "how grave")]
    due_on: Annotated[Day | None, leaf("bank", "until when somebody must look at it")]
    owner: Annotated[Account, leaf("bank", "who must")]
    note: Annotated[str, leaf("bank", "what is said to it")]


class HandedOverEntry(LoanFileEntry, frozen=True, kw_only=True, rename={"before": "from", "after": "to"}):
    """A loan file, or a duty in it, goes from one person to another."""

    KIND: ClassVar[Kind] = Kind.HANDED_OVER

    before: Annotated[Account, leaf("bank", "who had it")]
    after: Annotated[Account, leaf("bank", "who has it now")]
    reason: Annotated[str, leaf("bank", "why")]


class WithdrawnEntry(LoanFileEntry, frozen=True, kw_only=True):
    """The application is withdrawn."""

    KIND: ClassVar[Kind] = Kind.WITHDRAWN

    by: Annotated[Literal["applicant", "bank"], leaf("fund", "the applicant or the bank")]
    reason_code: Annotated[str, leaf("fund", "why, as a code")]
    reason: Annotated[str | None, leaf("bank", "why, in words")]


class ClosingEntry(LoanFileEntry, frozen=True, kw_only=True):
    """The end of a loan is put forward; a closure by another person confirms it."""

    KIND: ClassVar[Kind] = Kind.CLOSING

    closed_on: Annotated[Day, leaf("fund", "when")]
    outcome: Annotated[str, leaf("fund", "how")]
    loss: Annotated[Fen, leaf("fund", "principal and interest lost for good")]
    recovered: Annotated[Fen | None, leaf("fund", "what came back")]
    days_late: DaysLate


class CorrectionEntry(LoanFileEntry, frozen=True, kw_only=True):
    """An act does not count (冲正): a payment, or how a loan ended. Both stay to be read."""

    KIND: ClassVar[Kind] = Kind.CORRECTION

    reverses: Annotated[EntryRef, leaf("fund", "the act that does not count")]
    reason: Annotated[str, leaf("fund", "why")]
    right: Annotated[dict[str, object] | None, leaf("fund", "the values that are right; no float among them")]
    to: Annotated[str, leaf("fund", "the state in which the loan file is then")]
    due_on: Annotated[Day | None, leaf("fund", "until when the next step is to be done")]
    provisional: Annotated[bool, leaf("fund", "whether the calendar of that year is not out yet")]


class DocumentEntry(LoanFileEntry, frozen=True, kw_only=True):
    """A paper that lies beside the loan file, by its digest."""

    KIND: ClassVar[Kind] = Kind.DOCUMENT

    hash: Annotated[Hash, leaf("fund", "SHA-256 of the file")]
    what: Annotated[str, leaf("fund", "which document it is")]
    dated_on: Annotated[Day | None, leaf("fund", "its date")]
    audience: Annotated[str, leaf("fund", "who may see it")]
    about: Annotated[str | None, leaf("fund", "the filing, claim or condition that it belongs to")]


class RefusedEntry(EntryContent, frozen=True, kw_only=True):
    """Something was tried that a rule forbids to everybody, or to whoever tried it; nothing of it was done."""

    KIND: ClassVar[Kind] = Kind.REFUSED

    assessment: Annotated[AssessmentRef | None, leaf("fund", "what it was tried about")]
    act: Annotated[str, leaf("fund", "the kind that was tried")]
    code: Annotated[str, leaf("fund", "why it was refused")]
    facts: Annotated[dict[str, object], leaf("bank", "with which values; no float among them")]
    pointer: Annotated[str | None, leaf("bank", "which part of what was sent")]


class HoldEntry(EntryContent, frozen=True, kw_only=True):
    """A fund wants the content of a loan file kept, or no longer: until then nobody erases it."""

    KIND: ClassVar[Kind] = Kind.HOLD

    assessment: Annotated[AssessmentRef, leaf("fund", "the assessment that the loan file rests on")]
    state: Annotated[Literal["placed", "lifted"], leaf("fund", "placed or lifted")]
    fund: Annotated[str, leaf("fund", "whose hold it is: that fund alone lifts it")]
    reason: Annotated[str, leaf("bank", "why the content must be kept, or need not be any more")]
    until: Annotated[Day | None, leaf("fund", "until when; null: until it is lifted")]
    lifts: Annotated[EntryRef | None, leaf("fund", "the hold that is lifted")]


LOAN_FILE_KINDS: tuple[type[EntryContent], ...] = (
    SubmittedEntry, ReviewedEntry, SentBackEntry, VoteEntry, MinutesEntry, ApprovalEntry, ConditionMetEntry,
    DrawdownCheckEntry, MonitoredEntry, WarningEntry, HandedOverEntry, WithdrawnEntry, ClosingEntry,
    CorrectionEntry, DocumentEntry, RefusedEntry, HoldEntry,
)  # fmt: skip
"""All of them but drawdown and closure."""
