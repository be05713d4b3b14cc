"""What whoever decides about an assessment has before them: the answer, what was done since, what was asked later."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

from service.ledger.canonical import canonical
from service.loan_files.advised import AdvisedAnswer
from service.loan_files.steps import EnteredAct


@dataclass(frozen=True)
class LaterAssessment:
    """A later assessment of the firm by the same bank, by what a list shows of it."""

    id: str
    asked_at: str
    as_of: str
    retrospective: bool
    application: str | None
    probability: float | None
    points: float | None
    grade: str | None
    seal: str


@dataclass(frozen=True)
class Dossier:
    """What whoever decides has before them."""

    seal: str
    answer: AdvisedAnswer
    acts: Sequence[EnteredAct]
    later: Sequence[LaterAssessment]
    asked_by: str

    @property
    def digest(self) -> str:
        """SHA-256 over the seals of all of it: another act or assessment makes another digest."""
        seals = [self.seal, [act.record.seal for act in self.acts], [one.seal for one in self.later]]
        return sha256(canonical(seals)).hexdigest()

    def to_dict(self) -> dict[str, object]:
        """All of it as plain values, with the digest that a decision names as `seen`."""
        return {
            "assessment": self.answer.id,
            "seal": self.seal,
            "asked_by": self.asked_by,
            "advice": self.answer.advice,
            "limit": self.answer.most,
            "term_months": self.answer.longest,
            "conditions": self.answer.conditions,
            "expires_on": self.answer.expires_on.isoformat(),
            "acts": [act.to_dict() for act in self.acts],
            "later": [asdict(one) for one in self.later],
            "digest": self.digest,
        }
