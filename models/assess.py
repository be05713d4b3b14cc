"""The core on one screen: what is known about some firms, and one bundle, become assessments. No clock, no store."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import compress

import msgspec
import numpy as np
from msgspec.structs import asdict

from features.arrays import Bools, Floats
from features.asof import Case, Known
from features.firm import industry_codes
from features.matrix import matrix, named
from models.answer import (
    AnsweredCase,
    AnswerVersions,
    FamilyCoverage,
    FeatureValue,
    HorizonProbability,
    MissingFeatures,
    PledgeAnswer,
    SharedAnswer,
    WhitelistAnswer,
)
from models.collateral.bank_assumptions import BankAssumptions
from models.lending import Lending, lending
from models.list_standing import ListStanding, standing
from models.rules import applicant
from models.score.baselines import Measured, measured
from models.score.bundle import EXPIRY, Bundle
from models.score.grading import Grading, gradings
from models.score.reasons import Reason, base_of, observed, reasons_of
from models.score.reference_sample import LEAST_PEERS
from models.score.self_test import Worked, work
from models.score.warnings import CaseWarning, warnings_of


@dataclass(frozen=True)
class Assessment:
    """The whole answer to one case.

    `score` is in points as shown, to a tenth: the points of the reasons and of the baseline that they are measured from
    sum to it exactly. `points` is the score unrounded. `numbers` lie in the order of the bundle's features. `beside` is
    what is concluded beside the score: of the loan, or of the lists.
    """

    case: Case
    legal_name: str | None
    bundle: Bundle
    probability: float
    log_odds: float
    points: float
    score: float
    grade: str
    grading: Grading
    measured: Measured
    numbers: Floats
    reasons: list[Reason]
    beside: Lending | ListStanding
    coverage: Mapping[str, FamilyCoverage]
    missing: tuple[MissingFeatures, ...]
    expires_on: date
    versions: AnswerVersions
    warnings: list[CaseWarning]

    @property
    def contributions(self) -> Floats:
        """To the margin, in the order of the bundle's features, from the baseline of the reasons."""
        return self.measured.contributions

    def to_dict(self) -> dict[str, object]:
        """The answer as plain JSON values."""
        plain: dict[str, object] = msgspec.to_builtins(self.answer())
        return plain

    def answer(self) -> PledgeAnswer | WhitelistAnswer:
        """Everything that is concluded, as codes and values; the score as shown."""
        bundle = self.bundle
        common = SharedAnswer(
            case=AnsweredCase(**vars(self.case)),
            legal_name=self.legal_name,
            as_of=self.case.as_of,
            kind=bundle.kind.name,
            synthetic=bundle.synthetic,
            log_odds=self.log_odds,
            points=self.score,
            grade=self.grade,
            grading=self.grading,
            base=base_of(self.measured),
            reasons=tuple(self.reasons),
            coverage=self.coverage,
            missing=self.missing,
            features=tuple(
                FeatureValue(name, observed(named(name), value))
                for name, value in zip(bundle.features, self.numbers.tolist(), strict=True)
            ),
            expires_on=self.expires_on,
            versions=self.versions,
            warnings=tuple(self.warnings),
        )
        parts, probability = asdict(common), HorizonProbability(self.probability, bundle.horizon)
        if isinstance(self.beside, ListStanding):
            return WhitelistAnswer(**parts, admission=probability, lists=self.beside.answers)
        lent, secured = self.beside, self.beside.security
        return PledgeAnswer(
            **parts,
            pd=probability,
            recommendation=lent.recommendation,
            findings=lent.findings,
            patents=lent.patents,
            quality=secured.portfolio if secured else None,
            value=lent.value,
            value_on_default=lent.value_on_default,
            licence_guidance=lent.licence_guidance,
            pledge=lent.pledged,
            limit=secured.limit if secured else None,
            term=secured.term if secured else None,
            recoverable=secured.recoverable if secured else None,
            read_together=secured.together if secured else None,
            absent=lent.absent,
        )


def assess(known: Known, bundle: Bundle, code: str, banks: Sequence[BankAssumptions] | None = None) -> list[Assessment]:
    """One assessment per case of `known`; `code` is the version of the product that answers.

    `known` was read with the bundle's norms. `banks`: per case what the bank assumes of its own, if it does. A case's
    answer does not depend on the other cases of the batch. Raises `BadAssumption`.
    """
    numbers = matrix(known, bundle.features)
    worked = work(bundle.trees, numbers)
    versions = AnswerVersions(bundle.id, bundle.name, bundle.made_on, known.policy.digest, bundle.norms_digest, code)
    asked = {table: known.asked(table) for table in {named(name).table for name in bundle.features}}
    warned, explained = warnings_of(known, bundle, numbers), explain(known, bundle, worked)
    grade, grading = bundle.scale.grade(worked.probability), gradings(bundle)
    beside = _beside(known, bundle, worked, banks or [BankAssumptions()] * len(known))
    found = []
    for i, case in enumerate(known.cases):
        found.append(
            Assessment(
                case=case,
                legal_name=_legal_name(known, i),
                bundle=bundle,
                probability=float(worked.probability[i]),
                log_odds=float(worked.log_odds[i]),
                points=float(worked.points[i]),
                score=explained[i].measured.score / 10,
                grade=grade[i],
                grading=grading[grade[i]],
                measured=explained[i].measured,
                numbers=numbers[i],
                reasons=explained[i].reasons,
                beside=beside[i],
                coverage=_coverage(bundle, numbers[i]),
                missing=_missing(bundle, numbers[i], asked, i),
                expires_on=case.as_of + timedelta(days=int(known.policy(EXPIRY).on(case.as_of))),
                versions=versions,
                warnings=warned[i],
            )
        )
    return found


def _beside(
    known: Known, bundle: Bundle, worked: Worked, banks: Sequence[BankAssumptions]
) -> list[Lending] | list[ListStanding]:
    """What is concluded of each case beside its score."""
    chances, points = worked.probability.tolist(), worked.points.tolist()
    if bundle.kind.name == "whitelist":
        return [standing(known, i, chances[i]) for i in range(len(known))]
    return [lending(known, i, points[i], banks[i], chances[i], bundle.scale) for i in range(len(known))]


def _legal_name(known: Known, place: int) -> str | None:
    profile = applicant(known, place).profile
    return profile.legal_name if profile is not None else None


@dataclass(frozen=True)
class MeasuredReasons:
    """A case's points from the baseline that suits it, and the reasons measured from that."""

    measured: Measured
    reasons: list[Reason]


def explain(known: Known, bundle: Bundle, worked: Worked, most: int | None = None) -> list[MeasuredReasons]:
    """The reasons of each case: all of them, or the first so many."""
    least = [int(known.policy(LEAST_PEERS).on(case.as_of)) for case in known.cases]
    found = measured(bundle, worked, industry_codes(known), least)
    return [
        MeasuredReasons(of, reasons_of(bundle.kind, bundle.features, values, of, fewest, most))
        for of, values, fewest in zip(found, worked.matrix, least, strict=True)
    ]


def _coverage(bundle: Bundle, values: Floats) -> dict[str, FamilyCoverage]:
    """Of each family of features, how many the model has and how many were known."""
    families = [named(name).family for name in bundle.features]
    known = Counter(compress(families, (~np.isnan(values)).tolist()))
    return {family: FamilyCoverage(count, known[family]) for family, count in Counter(families).items()}


def _missing(bundle: Bundle, values: Floats, asked: Mapping[str, Bools], place: int) -> tuple[MissingFeatures, ...]:
    """The features that were not known, by the table that they come from, and whether that table was asked for."""
    found: dict[str, list[str]] = {}
    for name in compress(bundle.features, np.isnan(values).tolist()):
        found.setdefault(named(name).table, []).append(name)
    return tuple(MissingFeatures(t, bool(asked[t][place]), tuple(names)) for t, names in sorted(found.items()))
