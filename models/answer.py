"""What an answer consists of: codes and typed values alone, which is sealed. Sentences are added on the way out."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

import msgspec

from models.collateral.appraisal import Guidance
from models.collateral.pledge import Limit, Recoverable, Term, Together
from models.collateral.secured import PledgedPool, PortfolioQuality, Valuation, ValueOnDefault
from models.lending import AbsentPart, LoanPatent
from models.list_standing import ListAnswer
from models.rules import Finding, Recommendation
from models.score.grading import Grading
from models.score.kind import KindName
from models.score.reasons import Base, Reason
from models.score.warnings import CaseWarning


class AnsweredCase(msgspec.Struct, frozen=True):
    """The question that was answered."""

    case: str
    firm: str
    as_of: date
    application: str | None
    bank: str | None
    branch: str | None


class HorizonProbability(msgspec.Struct, frozen=True):
    """A probability, and the horizon that it is about."""

    value: Annotated[float, msgspec.Meta(ge=0, le=1)]
    horizon: str


class FamilyCoverage(msgspec.Struct, frozen=True):
    """Of a family's features, how many the model has and how many were known."""

    features: int
    known: int


class MissingFeatures(msgspec.Struct, frozen=True):
    """Features that were not known, the table that they come from, and whether a source was asked about it."""

    table: str
    asked: bool
    features: tuple[str, ...]


class FeatureValue(msgspec.Struct, frozen=True):
    """One number or word that the model saw; None is not known."""

    name: str
    value: float | str | None


class AnswerVersions(msgspec.Struct, frozen=True):
    """What answered: bundle, policy and norms by hash, and the version of the product."""

    bundle: str
    model: str
    made_on: date
    policy: str
    norms: str
    code: str


class SharedAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What is concluded of any question. `points` as shown, in points: base and reasons sum to it exactly."""

    case: AnsweredCase
    legal_name: str | None
    as_of: date
    kind: KindName
    synthetic: bool
    log_odds: float
    points: float
    grade: str
    grading: Grading
    base: Base
    reasons: tuple[Reason, ...]
    coverage: Mapping[str, FamilyCoverage]
    missing: tuple[MissingFeatures, ...]
    features: tuple[FeatureValue, ...]
    expires_on: date
    versions: AnswerVersions
    warnings: tuple[CaseWarning, ...]


class PledgeAnswer(SharedAnswer, frozen=True, kw_only=True):
    """What is concluded of a loan. A part that cannot be told is None, and `absent` says why. Money in fen."""

    pd: HorizonProbability
    recommendation: Recommendation | None
    findings: tuple[Finding, ...]
    patents: tuple[LoanPatent, ...]
    quality: PortfolioQuality | None
    value: Valuation | None
    value_on_default: ValueOnDefault | None
    licence_guidance: Guidance | None
    pledge: PledgedPool | None
    limit: Limit | None
    term: Term | None
    recoverable: Recoverable | None
    read_together: Together | None
    absent: tuple[AbsentPart, ...]


class WhitelistAnswer(SharedAnswer, frozen=True, kw_only=True):
    """What is concluded of a whitelist question: how far the firm resembles earlier admissions, and the lists."""

    admission: HorizonProbability
    lists: tuple[ListAnswer, ...]
