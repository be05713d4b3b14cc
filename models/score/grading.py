"""Where a grade stands among all, and how often the event came in it among the cases that a model was judged by."""

import msgspec

from models.score.bundle import Bundle


class GradeRecord(msgspec.Struct, frozen=True):
    """What was seen of a grade when its model was judged, on cases that it had not learned from.

    `expected`: the mean probability that was said; `observed`: how often the event came, with its interval of 95%
    (`low`, `high`), in which cases of one firm are not counted as independent.
    """

    cases: int
    events: int
    expected: float
    observed: float
    low: float
    high: float


class Grading(msgspec.Struct, frozen=True):
    """The grade's place, 1 the best, among so `many`; `judged` is None where no case of it was seen, or none was kept.

    The interval of `judged` is the grade's: how far one firm of it may lie from the others is not told.
    """

    place: int
    many: int
    judged: GradeRecord | None


class GradeFile(GradeRecord, frozen=True):
    """What a bundle's card keeps of one grade."""

    grade: str


class GradedCard(msgspec.Struct, frozen=True):
    """Of a bundle's card what was seen of each grade; bundles made before that was kept hold none."""

    grades: tuple[GradeFile, ...] = ()


def gradings(bundle: Bundle) -> dict[str, Grading]:
    """The grading of each grade of the bundle's scale."""
    kept = {one.grade: one for one in msgspec.convert(bundle.card, GradedCard).grades}
    grades = bundle.scale.grades
    return {
        grade: Grading(place, len(grades), _record(kept[grade]) if grade in kept else None)
        for place, grade in enumerate(grades, start=1)
    }


def _record(kept: GradeFile) -> GradeRecord:
    return GradeRecord(kept.cases, kept.events, kept.expected, kept.observed, kept.low, kept.high)
