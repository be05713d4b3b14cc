"""What is said while somebody types: what is wrong at a field, and figures that contradict each other.

The question is assessed as it stands and recorded nowhere; of the answer nothing is told but that the figures are in
doubt, so that nobody looks for a score by typing.
"""

from dataclasses import dataclass

import orjson

from features.errors import Fault
from features.phrase import Language
from service.assessing.stages import Assessed, Question
from service.assessing.story import Assessor
from service.assessing.wording import leaving, wording_of
from service.desk.intake.entries import TypedApplicant, TypedQuestion
from service.edge.errors import InvalidRequest, Refused
from service.ledger.redaction import Part

DOUBTS = ("units_suspect", "books_balance", "debt_cross_check", "sales_cross_check")
"""Rules about figures that cannot all be right."""


@dataclass(frozen=True)
class Checked:
    """What is wrong, by field, and what is doubtful, as sentences."""

    faults: list[Fault]
    doubts: list[str]


def checked(assessor: Assessor, question: Question, asked: TypedQuestion, language: Language) -> Checked:
    """What the use case that answers says of a question."""
    if wrong := asked.wrong:
        return Checked(wrong, [])
    try:
        gathered = assessor.gather([question])
        found = assessor.assess(gathered)[0]
    except Refused as refused:
        found = refused
    if isinstance(found, InvalidRequest):
        return Checked(asked.with_faults(found.faults), [])
    return Checked([], _doubts(found, language) if isinstance(found, Assessed) else [])


def filled(faults: list[Fault], typed: TypedApplicant) -> list[Fault]:
    """The faults of fields in which something stands: of the others nobody can say yet that they are wrong."""
    return [one for one in faults if typed.text(one.pointer)]


def _doubts(found: Assessed, language: Language) -> list[str]:
    answer: Part = orjson.loads(leaving(b"", wording_of(language), (), found.parts))
    said = [one["says"] for one in answer.get("contradictions", ())]
    colon = "：" if language == "zh" else ": "
    said += [
        f"{one['title']}{colon}{one['observed']['says']}"
        for one in answer.get("findings", ())
        if one["rule"] in DOUBTS and one["outcome"] == "fail" and "observed" in one
    ]
    return said
