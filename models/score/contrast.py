"""What sets an applicant apart from a group of training cases: a second list of reasons, never mixed into the first.

Every point is an exact interventional Shapley value against the group's rows: what the applicant's own values, put in
place of theirs, move the score by.
"""

import msgspec
import numpy as np

from features.arrays import Floats
from models.score.baselines import against
from models.score.bundle import Bundle
from models.score.reasons import Base, Reason, base_of, reasons_of
from models.score.reference_sample import Against


class Contrast(msgspec.Struct, frozen=True):
    """The group's average, and the reasons from there to the applicant's score: in points they sum exactly."""

    base: Base
    sets_apart: list[Reason]


def contrast(
    bundle: Bundle, numbers: Floats, industry: str, group: Against, least: int, score: float
) -> Contrast | None:
    """Compare one case with a group of the bundle's reference sample; None where that has fewer than `least` cases.

    `numbers` (f,) lie in the order of the bundle's features; `industry` is the case's code, "" where not known; `score`
    the points that it was told.
    """
    baseline = bundle.reference_sample.nearest(group, industry, least)
    if baseline is None:
        return None
    measured = against(bundle, baseline, numbers[np.newaxis], [least], [round(10 * score)])[0]
    return Contrast(base_of(measured), reasons_of(bundle.kind, bundle.features, numbers, measured, least))
