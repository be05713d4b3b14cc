"""A loan file as a whole: where it stands, and all that follows from its entries."""

from datetime import date
from typing import Literal

import msgspec

State = Literal[
    "draft", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw", "drawn", "closed",
    "declined", "withdrawn", "returned",
]  # fmt: skip
"""What a loan file waits for, or how it ended."""
APPROVED = frozenset({"to_fulfil", "to_draw", "drawn"})
"""States in which an approval stands."""
ENDED = frozenset({"closed", "declined", "withdrawn"})
Duty = Literal["investigate", "review", "vote", "approve", "release"]
"""What people do about a file. Nobody holds two of them in one file."""


def is_late(due_on: object, provisional: object, today: date) -> bool:
    """Whether the step is late; by a provisional day nobody is."""
    return isinstance(due_on, str) and not provisional and due_on < today.isoformat()


class FileDuty(msgspec.Struct, frozen=True):
    """Who held a duty, since which entry."""

    duty: Duty
    account: str
    seq: int


class FileCondition(msgspec.Struct, frozen=True):
    """A condition of the approval: an advised one by its rule, the bank's own by its words.

    `due`: before_contract, before_drawdown or after. `state`: open, done or confirmed. `rerun`: the assessment in which
    its rule ran again.
    """

    n: int
    text: str
    due: str
    rule: str | None = None
    state: Literal["open", "done", "confirmed"] = "open"
    done_by: str | None = None
    done_on: str | None = None
    checked_by: str | None = None
    proof: str | None = None
    document: str | None = None
    rerun: str | None = None


class FileVote(msgspec.Struct, frozen=True):
    """A member's vote in a round of the committee."""

    round: int
    member: str
    vote: str
    reason: str | None
    seq: int
    seal: str


class FileDocument(msgspec.Struct, frozen=True):
    """A paper that lies beside the file, by its digest."""

    seq: int
    hash: str
    what: str
    dated_on: str | None
    about: str | None


class FileDrawdown(msgspec.Struct, frozen=True):
    """A payment under the approval; `checked`: the drawdown desk had released it."""

    n: int
    loan: str | None
    amount: int
    drawn_on: str
    due_on: str
    checked: bool
    seq: int


class FilePledge(msgspec.Struct, frozen=True):
    """A pledge in our name that secures the file; `live` until the loan is closed."""

    registration: str
    registered_on: str
    amount: int | None
    maximum: bool
    live: bool


class FileTask(msgspec.Struct, frozen=True):
    """Something due after the loan was paid out, or a warning: about what, until when, whose, and when it was done."""

    n: int
    what: str
    subject: str | None
    due_on: str
    provisional: bool
    owner: str
    raised_seq: int
    level: str | None = None
    closed_on: str | None = None
    closed_by: str | None = None
    closed_seq: int | None = None


class LoanFile(msgspec.Struct, frozen=True, kw_only=True):
    """A loan file. Its plain fields are the columns of its row (`LoanFileRecord`), the others rows of own tables."""

    id: str
    bank: str | None
    branch: str | None
    firm: str
    application: str | None
    legal_name: str | None
    advice: str | None
    asked: int | None
    advised: int | None
    advised_months: int | None
    binding: str | None
    assessment: str
    newest: str
    state: State
    back_to: str | None = None
    lead: str | None = None
    turn: int = 0
    round: int = 0
    amount: int | None = None
    term_months: int | None = None
    rate: str | None = None
    cap: int | None = None
    cap_months: int | None = None
    stands: str | None = None
    level: int = 0
    signatures: int = 0
    waives: str = ""
    expires_on: str | None = None
    contract: str | None = None
    released: int = 0
    drawn: int = 0
    due_on: str | None = None
    provisional: bool = False
    head: str
    seq: int
    at: str
    duties: tuple[FileDuty, ...] = ()
    conditions: tuple[FileCondition, ...] = ()
    votes: tuple[FileVote, ...] = ()
    documents: tuple[FileDocument, ...] = ()
    drawdowns: tuple[FileDrawdown, ...] = ()
    pledges: tuple[FilePledge, ...] = ()
    tasks: tuple[FileTask, ...] = ()

    @property
    def waived(self) -> frozenset[str]:
        """The rules of findings and conditions that the standing terms set aside."""
        return frozenset(self.waives.split())

    def holders(self, *duties: Duty) -> frozenset[str]:
        """Who ever held one of the duties."""
        return frozenset(one.account for one in self.duties if one.duty in duties)

    @property
    def next_task(self) -> int:
        """The number of the next due item; a number lives on beside the gap that a correction leaves."""
        return 1 + max((one.n for one in self.tasks), default=0)

    @property
    def next_drawdown(self) -> int:
        """The number of the next payment, likewise."""
        return 1 + max((one.n for one in self.drawdowns), default=0)

    def round_votes(self) -> tuple[FileVote, ...]:
        """The votes of the round that is open."""
        return tuple(one for one in self.votes if one.round == self.round)
