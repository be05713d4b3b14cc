"""What an answer is on its way: a question, the question with its rows, the answer that is not yet recorded."""

from dataclasses import dataclass
from datetime import date, datetime

from features.asof import Case
from features.phrase import Language
from models.score.bundle import Bundle
from service.access.roles import EVERYWHERE, Place
from service.assessing.ports import Rows
from service.assessing.requests import ApplicantRequest, read_applicant
from service.ledger.redaction import SentAnswer
from service.ledger.seal import Leaves


@dataclass(frozen=True)
class Question:
    """A question as it came in.

    `today` is the day where the bank is; `key` the caller's Idempotency-Key; `place` whom alone the caller may ask for;
    `language` in which the answer is told, None: in codes alone; `applicant` what the body says, where it was read.
    """

    body: bytes
    asked_at: datetime
    today: date
    actor: str
    key: str | None = None
    place: Place = EVERYWHERE
    language: Language | None = "zh"
    applicant: ApplicantRequest | None = None

    def read(self) -> ApplicantRequest:
        """What the body says. Raises `NotJson` or `InvalidRequest`."""
        return self.applicant or read_applicant(self.body)


@dataclass(frozen=True)
class Gathered:
    """A question with the rows that it is answered from, and those left out because they were known only later."""

    question: Question
    applicant: ApplicantRequest
    case: Case
    bundle: Bundle
    rows: Rows
    ignored: list[dict[str, object]]


@dataclass(frozen=True)
class Assessed:
    """An answer that is not yet recorded: `parts` leave for the caller as `sent`, `leaves` are sealed beside them."""

    question: Question
    case: Case
    probability: float
    parts: dict[str, object]
    leaves: Leaves
    sent: SentAnswer
