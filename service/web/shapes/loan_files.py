"""The shape of what is answered about loan files."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from service.web.shapes.part import DECLARED, Part, RecordOut

State = Literal[
    "draft", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw", "drawn", "closed",
    "declined", "withdrawn", "returned",
]  # fmt: skip


class FileStands(Part):
    """Where a loan file stands behind an act; `seen` is what the next act names."""

    id: str
    state: State
    due_on: str | None
    provisional: Annotated[bool, Field(description="The calendar of that year is not published yet")]
    seen: str


class FileAct(BaseModel):
    """Something that was done in a loan file, as it was recorded, and where the file stands then."""

    assessment: str
    kind: str
    record: Annotated[RecordOut, DECLARED]
    loan_file: FileStands


class FileActs(Part):
    """What was done in several loan files."""

    items: list[FileAct]


class ListedFile(Part):
    """A loan file in a list. Money in minor units; `asked`, `advised`, `binding` are those of its newest assessment."""

    id: str
    bank: str | None
    branch: str | None
    firm: str
    application: str | None
    legal_name: str | None
    advice: str | None
    asked: int | None
    advised: int | None
    binding: str | None
    state: State
    back_to: str | None
    amount: int | None
    term_months: int | None
    stands: str | None
    level: int
    released: int
    drawn: int
    lead: str | None
    due_on: str | None
    provisional: bool
    late: bool
    assessment: str
    newest: str
    seq: int
    at: str


class ListedFiles(Part):
    """Loan files, the last moved first, and the cursor of the next page (if there is one)."""

    items: list[ListedFile]
    next: int | None


class FileStepOut(Part):
    """A step: what it is, who did it, what was entered, and where."""

    kind: str
    by: str | None
    assessment: str
    content: dict[str, object]
    record: dict[str, object]


class FileAssessment(Part):
    """An assessment of the file's application: `entry` of the ledger, what it advised, and how much at most in fen."""

    id: str
    entry: int
    at: str
    by: str | None
    advice: str | None
    advised: int | None


class RuleOfSubject(Part):
    """A finding by its rule and subject."""

    rule: str
    subject: str


class WantedOut(Part):
    """Something that the file was returned for; `paper`: the digest of the paper that was laid beside it since."""

    what: str
    paper: str | None


class WholeFile(ListedFile):
    """A loan file as a whole. Votes of a round that is open are hidden; `seen` is what the next act names."""

    advised_months: int | None
    turn: int
    round: int
    rate: float | None
    cap: Annotated[int | None, Field(description="What the committee passed")]
    cap_months: int | None
    signatures: int
    signatures_needed: int | None
    committee: Annotated[bool, Field(description="Whether the committee must pass the terms that stand")]
    waives: list[str]
    expires_on: Annotated[str | None, Field(description="Last day to draw")]
    contract: str | None
    seen: str
    duties: list[dict[str, object]]
    conditions: list[dict[str, object]]
    votes: list[dict[str, object]]
    documents: list[dict[str, object]]
    drawdowns: list[dict[str, object]]
    pledges: list[dict[str, object]]
    tasks: list[dict[str, object]]
    closing: Annotated[dict[str, object] | None, Field(description="How the loan ended, waiting for a second person")]
    steps: list[FileStepOut]
    assessments: Annotated[list[FileAssessment], Field(description="Assessments of the application, the first first")]
    worse: Annotated[
        list[str],
        Field(
            description="What the newest assessment finds worse than what was approved, by rules, `limit`, `advice` or "
            "`pledge`: the file is returned for it when its conditions are met or money is released"
        ),
    ]
    to_answer: Annotated[list[RuleOfSubject], Field(description="What the reviewer must answer")]
    blocking: Annotated[list[str], Field(description="Rules that speak against the loan")]
    advised_conditions: list[str]
    advised_term: Annotated[int | None, Field(description="The term advised beside the amount, months")]
    standing: Annotated[list[str], Field(description="Fixed preconditions of drawdown")]
    wanted: Annotated[list[WantedOut], Field(description="What the file was returned for, until it is submitted again")]
    reassess: Annotated[bool, Field(description="Whether it must be assessed anew before it can move on")]
    expires: Annotated[str, Field(description="To which day the newest assessment may be relied on")]


class DueItemOut(Part):
    """Something due after a loan was paid out, or a warning."""

    file: str
    n: int
    what: str
    subject: str | None
    due_on: str
    provisional: bool
    owner: str
    level: str | None
    legal_name: str | None
    firm: str
    bank: str | None
    branch: str | None


class DueItems(Part):
    """What is due, the earliest first."""

    items: list[DueItemOut]


LOAN_FILES = (FileAct, FileActs, ListedFiles, WholeFile, DueItems)
"""The shapes that OpenAPI names."""
