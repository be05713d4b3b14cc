"""The kinds of entries that this version writes: what each says, who may see which leaf, and what it means."""

from typing import Annotated, ClassVar, Literal

from msgspec import Struct, field

from service.ledger.entry_contents import (
    Account,
    AssessmentRef,
    Coded,
    Day,
    EntryContent,
    EntryRef,
    Fen,
    FileHeads,
    FirstForm,
    Float64,
    Hash,
    Moment,
    Month,
    Signature,
    leaf,
)
from service.ledger.kinds import Kind
from service.ledger.loan_file_kinds import LOAN_FILE_KINDS, DaysLate, DueItem

# --- the ledger itself -----------------------------------------------------------------------------------------------


class OpeningEntry(EntryContent, frozen=True, kw_only=True):
    """The first entry of form 2: how this ledger counts, and how many entries of form 1 lie before it."""

    KIND: ClassVar[Kind] = Kind.OPENING

    form: Annotated[str, leaf("fund", "the layout of this entry and of all behind it")]
    suite: Annotated[str, leaf("fund", "the algorithms of hashes and signatures, for the ledger's life")]
    zone: Annotated[str, leaf("fund", "in which days and months are counted, as an offset from UTC: `+08:00`")]
    calendar: Annotated[str, leaf("fund", "by which days and months are counted")]
    currency: Annotated[str, leaf("fund", "ISO 4217; amounts are whole numbers of its minor unit")]
    clock: Annotated[Literal["real", "simulated"], leaf("fund", "whether times are those of a clock")]
    source: Annotated[Hash, leaf("fund", "digest of the product's source files")]
    form1: Annotated[FirstForm, leaf("fund", "the entries of form 1: how many, and their last seal")]
    month: Annotated[Month | None, leaf("fund", "the month in UTC that was open, which this entry closes")]


class KeyEntry(EntryContent, frozen=True, kw_only=True):
    """The signing key or the wrapping key is another one from here on, or an earlier signing key is revoked."""

    KIND: ClassVar[Kind] = Kind.KEY

    subject: Annotated[Literal["signing", "wrapping"], leaf("fund", "which key")]
    public: Annotated[str | None, leaf("fund", "the new public signing key, 64 hex digits")] = None
    id: Annotated[str | None, leaf("fund", "the id of the new wrapping key")] = None
    before: Annotated[str | None, leaf("fund", "the one before, or the one that is revoked")] = None
    handover: Annotated[dict[str, object] | None, leaf("fund", "the new signing key, signed by the one before")] = None
    wrapped: Annotated[int | None, leaf("fund", "how many secrets were wrapped anew")] = None
    by: Annotated[str | None, leaf("bank", "who ran the command, by the name at the machine")] = None
    revocation: Annotated[
        dict[str, object] | None,
        leaf("fund", "which key counts no more from when on, and why, signed by the key in force", later=True),
    ] = None


class ReceiptEntry(EntryContent, frozen=True, kw_only=True):
    """The fund countersigned a checkpoint."""

    KIND: ClassVar[Kind] = Kind.RECEIPT

    receipt: Annotated[dict[str, object], leaf("fund", "the statement that the fund signed")]
    signature: Annotated[Signature, leaf("fund", "the fund's signature of its canonical text")]


class AnchorEntry(EntryContent, frozen=True, kw_only=True):
    """The heads of all loan files, sealed right before a checkpoint and at the end of a month."""

    KIND: ClassVar[Kind] = Kind.ANCHOR

    files: Annotated[FileHeads, leaf("fund", "the loan files whose retention is not over")]
    last: Annotated[EntryRef, leaf("fund", "the entry before this one")]
    month: Annotated[Month | None, leaf("fund", "the month that it closes, if it closes one")] = None


class ReplayEntry(EntryContent, frozen=True, kw_only=True):
    """What asking a sample of assessments again showed."""

    KIND: ClassVar[Kind] = Kind.REPLAY

    asked: Annotated[int, leaf("bank", "how many were drawn")]
    identical: Annotated[int, leaf("bank", "how many gave the same answer")]
    erased: Annotated[int, leaf("bank", "how many had been erased")]
    differing: Annotated[list[str], leaf("bank", "ids of those that gave another")]
    not_asked: Annotated[list[str], leaf("bank", "ids of those that could not be asked, and the codes of why")]
    code: Annotated[str | None, leaf("bank", "the version of the product that asked")] = None
    by: Annotated[str | None, leaf("bank", "who ran the command, by the name at the machine")] = None


class ResumedEntry(EntryContent, frozen=True, kw_only=True):
    """Two administrators let entering go on after the clock had been found wrong."""

    KIND: ClassVar[Kind] = Kind.RESUMED

    clock: Annotated[Moment, leaf("fund", "what the clock said")]
    last: Annotated[Moment, leaf("fund", "the time of the entry before")]
    reason: Annotated[str, leaf("bank", "why it was found right to go on")]
    asked_by: Annotated[Account, leaf("fund", "who asked for it")]
    confirmed_by: Annotated[Account, leaf("fund", "who confirmed it; another person")]


# --- what is in force ------------------------------------------------------------------------------------------------


class ModelEntry(EntryContent, frozen=True, kw_only=True):
    """A model came here for the first time."""

    KIND: ClassVar[Kind] = Kind.MODEL

    subject: Annotated[Hash, leaf("fund", "the id of its bundle")]
    kind: Annotated[str, leaf("fund", "what it answers: `pledge` or `whitelist`")]
    name: Annotated[str, leaf("fund", "its name")]
    made_on: Annotated[Day, leaf("fund", "when it was trained")]
    events: Annotated[int, leaf("fund", "how many defaults, or admissions, it learned from")]
    synthetic: Annotated[bool, leaf("fund", "whether it learned from made-up cases")]
    version: Annotated[str | None, leaf("bank", "its version in the registry")]


class AliasEntry(EntryContent, frozen=True, kw_only=True):
    """A model came into service, or was not let into it."""

    KIND: ClassVar[Kind] = Kind.ALIAS

    subject: Annotated[str, leaf("fund", "what it answers; `pledge refused` where it was not let into service")]
    bundle: Annotated[Hash, leaf("fund", "the id of its bundle")]
    version: Annotated[str | None, leaf("bank", "its version in the registry")]
    before: Annotated[Hash | None, leaf("fund", "the bundle that served before")] = None
    gate: Annotated[dict[str, object] | None, leaf("fund", "events learned from and judged by, against the least")] = (
        None
    )
    approver: Annotated[dict[str, object] | None, leaf("fund", "what the validator found of it")] = None
    why: Annotated[list[Coded] | None, leaf("bank", "why it was refused: codes with facts")] = None


class ValidationEntry(EntryContent, frozen=True, kw_only=True):
    """What an independent validator found of a model."""

    KIND: ClassVar[Kind] = Kind.VALIDATION

    subject: Annotated[Hash, leaf("fund", "the id of its bundle")]
    bundle: Annotated[Hash, leaf("fund", "the same")]
    outcome: Annotated[Literal["signed", "refused"], leaf("fund", "signed, or refused")]
    findings: Annotated[list[str], leaf("bank", "what was found, in the validator's words")]
    expires_on: Annotated[Day | None, leaf("fund", "until when the signature holds")]
    bank: Annotated[str | None, leaf("fund", "for which bank; null: for every one", later=True)] = None
    by: Annotated[str, leaf("bank", "the validator, by the account's name")]


class PolicyEntry(EntryContent, frozen=True, kw_only=True):
    """The policy that holds from here on."""

    KIND: ClassVar[Kind] = Kind.POLICY

    subject: Annotated[str, leaf("fund", "`policy`")]
    digest: Annotated[Hash, leaf("fund", "of its whole text")]
    changed: Annotated[list[str], leaf("fund", "the parameters that are not what they were")]
    overrides: Annotated[list[dict[str, str]], leaf("fund", "parameters that the bank stated, and how")]
    parameters: Annotated[dict[str, str], leaf("fund", "16 hex digits of the digest of each parameter")]


class SchemeEntry(EntryContent, frozen=True, kw_only=True):
    """The parameter that says who shares in which loans, as it holds from here on."""

    KIND: ClassVar[Kind] = Kind.SCHEME

    subject: Annotated[str, leaf("fund", "the parameter's name")]
    parameter: Annotated[str | None, leaf("fund", "its JSON text with all dated values; null: it ended")]


class UserEntry(EntryContent, frozen=True, kw_only=True):
    """An account or key was given, changed or taken away. It names whom the account's random id stands for."""

    KIND: ClassVar[Kind] = Kind.USER

    subject: Annotated[str, leaf("bank", "`user:` or `key:` and the account's name")]
    account: Annotated[Account, leaf("bank", "the account's random id, as entries name it in `/actor`")]
    state: Annotated[
        str, leaf("bank", "made, changed, reset, disabled or withdrawn; taken_up: its person set password and code")
    ]
    name: Annotated[str | None, leaf("bank", "the account's name")] = None
    shown: Annotated[str | None, leaf("bank", "the person's name")] = None
    role: Annotated[str | None, leaf("bank", "its role")] = None
    scopes: Annotated[list[str] | None, leaf("bank", "what a machine's key may do")] = None
    bank: Annotated[str | None, leaf("bank", "where the role holds: a bank,")] = None
    branch: Annotated[str | None, leaf("bank", "a branch of it,")] = None
    fund: Annotated[str | None, leaf("bank", "or a fund")] = None
    authority: Annotated[int | None, leaf("bank", "how far against the advice it may decide")] = None
    oidc_subject: Annotated[str | None, leaf("bank", "how the OpenID Connect provider names the person")] = None
    expires_at: Annotated[Moment | None, leaf("bank", "when a machine's key ends")] = None
    by: Annotated[str | None, leaf("bank", "who ran the command, by the name at the machine")] = None
    asked_by: Annotated[Account | None, leaf("bank", "the administrator who asked for it", later=True)] = None
    confirmed_by: Annotated[
        Account | None, leaf("bank", "the administrator who confirmed it, another person; null: nobody", later=True)
    ] = None


# --- what is done about an assessment --------------------------------------------------------------------------------


class WhatIfEntry(EntryContent, frozen=True, kw_only=True):
    """It was asked what would change an assessment."""

    KIND: ClassVar[Kind] = Kind.WHAT_IF

    assessment: Annotated[AssessmentRef, leaf("fund", "which one")]
    state: Annotated[str, leaf("bank", "how the search ended")]
    bundle: Annotated[Hash, leaf("bank", "by which model")]
    policy: Annotated[Hash, leaf("bank", "under which policy")]
    offers: Annotated[int, leaf("bank", "how many changes were told")]


EnteredValue = str | int | bool | None
"""A value of a column as a leaf holds it: of a number the digits of its bits; null is not known."""


class EnteredColumn(Struct, frozen=True):
    """A column of a row that was tried otherwise: what it said, and what was tried."""

    column: str
    before: EnteredValue
    after: EnteredValue


class EnteredRow(Struct, frozen=True):
    """A row that was changed, added or left out in a trial, by its table and the known columns of its key."""

    table: str
    key: dict[str, EnteredValue]
    how: Literal["changed", "added", "left_out"]
    columns: list[EnteredColumn]


class TriedFinding(Struct, frozen=True, forbid_unknown_fields=True):
    """A finding that turned in a trial, and what it weighs where it is open; null: there was, or is, none."""

    rule: str
    subject: str
    before: str | None
    after: str | None
    effect: str


class TrialEntry(EntryContent, frozen=True, kw_only=True):
    """It was tried what an assessment would come to on other facts; it decides nothing."""

    KIND: ClassVar[Kind] = Kind.TRIAL

    assessment: Annotated[AssessmentRef, leaf("fund", "which one")]
    changes: Annotated[list[EnteredRow], leaf("person", "what was tried otherwise, row by row")]
    advice: Annotated[str | None, leaf("bank", "what would be advised")]
    amount: Annotated[Fen | None, leaf("bank", "how much at most")]
    term_months: Annotated[int | None, leaf("bank", "how long at most")]
    conditions: Annotated[int, leaf("bank", "how many conditions would stand before drawdown")]
    probability: Annotated[Float64, leaf("bank", "probability of default")]
    points: Annotated[Float64, leaf("bank", "score")]
    grade: Annotated[str, leaf("bank", "grade")]
    limit: Annotated[Fen | None, leaf("bank", "the limit")]
    binding: Annotated[str | None, leaf("bank", "the bound that would set it")]
    bounds: Annotated[dict[str, Fen], leaf("bank", "the bounds that would be known")]
    findings: Annotated[list[TriedFinding], leaf("person", "the findings that weigh and would turn")]
    bundle: Annotated[Hash, leaf("bank", "by which model: that of the assessment")]
    policy: Annotated[Hash, leaf("bank", "under which policy: that of the assessment")]


class PushEntry(EntryContent, frozen=True, kw_only=True):
    """A list of firms is pushed: made from a screening, or received and screened."""

    KIND: ClassVar[Kind] = Kind.PUSH

    of: Annotated[str, leaf("bank", "which list of firms")] = field(name="list")
    edition: Annotated[str, leaf("bank", "its edition, as whoever pushed it names it")]
    received_on: Annotated[Day, leaf("bank", "when it came")]
    firms: Annotated[int, leaf("bank", "how many firms stand in it")]
    digest: Annotated[Hash, leaf("bank", "SHA-256 of the file")]
    came: Annotated[str, leaf("bank", "`screened`: made from a screening; `received`: it came, and was screened")]
    bank: Annotated[str | None, leaf("bank", "whose list it is")]
    branch: Annotated[str | None, leaf("bank", "the branch, where it is one's own")]
    expires_on: Annotated[Day, leaf("bank", "its last day, by the validity that policy states")]
    policy: Annotated[Hash, leaf("bank", "under which policy")]
    assessments: Annotated[list[AssessmentRef], leaf("bank", "the screened firms that stand on it")]
    left: Annotated[list[AssessmentRef], leaf("bank", "the screened firms that do not")]


class FeedbackEntry(EntryContent, frozen=True, kw_only=True):
    """What became of a firm of a list, told back to whoever pushed it."""

    KIND: ClassVar[Kind] = Kind.FEEDBACK

    push: Annotated[EntryRef, leaf("bank", "the list's entry")]
    outcome: Annotated[str, leaf("bank", "what became of the firm, as a code")]
    reason_code: Annotated[str | None, leaf("bank", "why, as a code")]
    reason: Annotated[str | None, leaf("bank", "why, in words")]
    reported_on: Annotated[Day, leaf("bank", "when it was told to whoever pushed the list")]
    assessment: Annotated[AssessmentRef, leaf("bank", "the firm's answer in the screening")]
    person: Annotated[str | None, leaf("bank", "who acts, by name, where nobody is signed in")]


class WaivedCondition(Struct, frozen=True):
    """A condition of the advice that is not asked for, by its rule, and why."""

    rule: str
    reason: str


class ConditionProof(Struct, frozen=True):
    """A condition that was met, when, and what shows it."""

    condition: str
    met_on: Day
    proof: str


class DecisionEntry(EntryContent, frozen=True, kw_only=True):
    """What a person of the bank decided."""

    KIND: ClassVar[Kind] = Kind.DECISION

    assessment: Annotated[AssessmentRef, leaf("fund", "the assessment that it rests on")]
    outcome: Annotated[Literal["approve", "decline", "defer", "withdraw"], leaf("fund", "what was decided")]
    decider: Annotated[str, leaf("fund", "who decided, by name")]
    reason: Annotated[str | None, leaf("fund", "why, in the person's words")] = None
    reason_code: Annotated[str | None, leaf("fund", "why, as a code of policy")] = None
    expires_on: Annotated[Day | None, leaf("fund", "last day to draw under a decision better than advised")] = None
    seen: Annotated[Hash, leaf("fund", "digest of the dossier that was seen")]
    waived: Annotated[list[WaivedCondition], leaf("fund", "conditions of the advice that are not asked for")]
    amount: Annotated[Fen | None, leaf("fund", "granted")] = None
    term_months: Annotated[int | None, leaf("fund", "granted")] = None
    rate: Annotated[Float64 | None, leaf("fund", "yearly interest rate, share")] = None
    conditions: Annotated[list[str], leaf("fund", "the bank's own conditions")]
    stands: Annotated[str, leaf("fund", "how it stands to the advice")]
    better_in: Annotated[list[str], leaf("fund", "in what it is more favourable than the advice")]
    authority: Annotated[int | None, leaf("fund", "the decider's authority")]


class DrawdownEntry(EntryContent, frozen=True, kw_only=True):
    """Money was paid out under an approval."""

    KIND: ClassVar[Kind] = Kind.DRAWDOWN

    assessment: Annotated[AssessmentRef, leaf("fund", "the assessment that it rests on")]
    drawn_on: Annotated[Day, leaf("fund", "when")]
    amount: Annotated[Fen, leaf("fund", "how much")]
    due_on: Annotated[Day, leaf("fund", "until when")]
    by: Annotated[str, leaf("fund", "who released the money, by name")]
    loan: Annotated[str | None, leaf("fund", "the bank's number of the loan")] = None
    registration: Annotated[str | None, leaf("fund", "the number under which the pledge is registered")] = None
    registered_on: Annotated[Day | None, leaf("fund", "when it was registered")] = None
    conditions_met: Annotated[bool, leaf("fund", "that every condition was met")]
    conditions: Annotated[list[ConditionProof], leaf("fund", "each condition, and its proof")]
    due: Annotated[list[DueItem], leaf("bank", "what must be done while the loan runs, and until when")] = field(
        default_factory=list
    )
    days_late: DaysLate = 0


class ClosureEntry(EntryContent, frozen=True, kw_only=True):
    """How the loan ended."""

    KIND: ClassVar[Kind] = Kind.CLOSURE

    assessment: Annotated[AssessmentRef, leaf("fund", "the assessment that it rests on")]
    closed_on: Annotated[Day, leaf("fund", "when")]
    outcome: Annotated[str, leaf("fund", "how")]
    by: Annotated[str, leaf("fund", "who closed the loan in the books, by name")]
    loss: Annotated[Fen, leaf("fund", "principal and interest lost for good")]
    recovered: Annotated[Fen | None, leaf("fund", "what came back")] = None
    proposed: Annotated[EntryRef | None, leaf("fund", "the entry of whoever put it forward, where two must")] = None
    days_late: DaysLate = 0


class ErasureEntry(EntryContent, frozen=True, kw_only=True):
    """A firm's key was destroyed: nobody reads what the entries named hold."""

    KIND: ClassVar[Kind] = Kind.ERASURE

    key: Annotated[str, leaf("fund", "the id of the key")]
    entries: Annotated[list[int], leaf("fund", "the entries of this loan file, or of none, whose content is gone")]
    reason: Annotated[str, leaf("fund", "why, as a code")]
    asked_by: Annotated[Account, leaf("fund", "who asked for it")]
    confirmed_by: Annotated[Account, leaf("fund", "who confirmed it; another person")]


WRITTEN: tuple[type[EntryContent], ...] = (
    OpeningEntry, KeyEntry, ReceiptEntry, AnchorEntry, ReplayEntry, ResumedEntry, ModelEntry, AliasEntry,
    ValidationEntry, PolicyEntry, SchemeEntry, UserEntry, WhatIfEntry, TrialEntry, DecisionEntry, DrawdownEntry,
    ClosureEntry, ErasureEntry, PushEntry, FeedbackEntry, *LOAN_FILE_KINDS,
)  # fmt: skip
"""All of them but the assessment."""
