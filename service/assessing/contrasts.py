"""What sets an applicant apart from others, computed from what its entry sealed; no part of what was sealed."""

from collections.abc import Sequence

import msgspec
import numpy as np

from features.arrays import Floats
from features.asof import as_known
from features.encoded import Tables
from features.firm import industry_codes
from features.matrix import named
from models.answer import FeatureValue
from models.score.contrast import contrast
from models.score.kinds import KINDS
from models.score.reference_sample import LEAST_PEERS, Against
from service.assessing.leaves import rows_of
from service.assessing.sealed_answer import SealedAssessment
from service.assessing.story import Assessor
from service.assessing.wording import Wording
from service.edge.errors import NotAnswerable
from service.ledger.redaction import Part


def compared(of: SealedAssessment, group: Against, assessor: Assessor, wording: Wording | None) -> Part:
    """The second list of reasons as plain JSON values, with its sentences where words are asked for.

    Raises `NotAnswerable` where the model is another one by now, or the group holds too few cases.
    """
    answer = of.answer
    bundle, used, case = assessor.bundles.of(answer.kind), answer.versions.bundle, answer.case
    if bundle.id != used:
        raise NotAnswerable("bundle_gone", bundle=used)
    least = int(assessor.policy(LEAST_PEERS).on(case.as_of))
    known = as_known(Tables.from_rows(rows_of(of.body)), [case], bundle.norms, assessor.policy)
    industry = industry_codes(known)[0]
    found = contrast(bundle, _numbers(answer.features), industry, group, least, answer.points)
    if found is None:
        raise NotAnswerable(
            "too_few_peers", bundle=bundle.id, least=least, industry=industry if group.endswith("sector") else None
        )
    about = {"assessment": answer.id, "bundle": bundle.id, "against": group, "points": answer.points}
    told: Part = about | msgspec.to_builtins(found)
    return told if wording is None else told | wording.reasons(told, "sets_apart", KINDS[answer.kind])


def _numbers(features: Sequence[FeatureValue]) -> Floats:
    """The values that the model saw, as it saw them: a category by its place."""
    return np.array([_number(named(feature.name).categories, feature.value) for feature in features])


def _number(categories: tuple[str, ...], value: float | str | None) -> float:
    if value is None:
        return float("nan")
    return float(categories.index(value)) if isinstance(value, str) else value
