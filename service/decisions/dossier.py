"""What whoever decides about an assessment has before them: the answer, what was done since, what was asked later."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from hashlib import sha256

import msgspec

from service.ledger.append import EntryRecord
from service.ledger.canonical import canonical


class AdvisedCondition(msgspec.Struct, frozen=True):
    """A condition before drawdown, by its rule."""

    rule: str


class Advice(msgspec.Struct, frozen=True):
    """What an answer recommends."""

    advice: str
    conditions: tuple[AdvisedCondition, ...]


class AdvisedLimit(msgspec.Struct, frozen=True):
    """The highest amount, fen."""

    amount: int | None


class AdvisedTerm(msgspec.Struct, frozen=True):
    """The longest term."""

    months: int | None


class AdvisedPatent(msgspec.Struct, frozen=True):
    """Whether a patent can be pledged; None: not known."""

    patent: str
    pledgeable: bool | None


class AdvisedAnswer(msgspec.Struct, frozen=True):
    """Of a sealed answer, of whichever version, what a decision and a drawdown are held against."""

    id: str
    as_of: date
    expires_on: date
    recommendation: Advice | None = None
    limit: AdvisedLimit | None = None
    term: AdvisedTerm | None = None
    patents: tuple[AdvisedPatent, ...] = ()

    @property
    def advice(self) -> str | None:
        """`recommend`, `refer` or `advise_against`; None where there is none."""
        return None if self.recommendation is None else self.recommendation.advice

    @property
    def most(self) -> int | None:
        """The highest amount, fen."""
        return None if self.limit is None else self.limit.amount

    @property
    def longest(self) -> int | None:
        """The longest term in months."""
        return None if self.term is None else self.term.months

    @property
    def conditions(self) -> list[str]:
        """The rules whose conditions the advice sets before drawdown, each once."""
        told = () if self.recommendation is None else self.recommendation.conditions
        return list(dict.fromkeys(condition.rule for condition in told))


@dataclass(frozen=True)
class EnteredAct:
    """A decision, drawdown or closure as it is kept. `content` is what was entered: which members, its kind says."""

    assessment: str
    kind: str
    content: Mapping[str, object]
    record: EntryRecord

    def to_dict(self) -> dict[str, object]:
        """As it is shown: the content beside what it is about and where it is recorded."""
        return {"assessment": self.assessment, "kind": self.kind, **self.content, "record": asdict(self.record)}


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
