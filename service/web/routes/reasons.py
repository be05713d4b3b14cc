"""What sets an applicant apart from others: a second list of reasons."""

from typing import Annotated

from fastapi import APIRouter, Query

from features.phrase import DEFAULT_WORDS, language_of
from models.score.reference_sample import Against
from service.application.state import State
from service.assessing.contrasts import compared
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.wording import wording_of
from service.web.openapi import CONFLICTS, answered
from service.web.words import WordsParam

_CONTRAST = {200: answered("ContrastOut", "The reasons from the group's average to the applicant's score")} | CONFLICTS
_WHOM = """With whom to compare: training cases of the reference sample that the bundle keeps.

* `all`: of any sector
* `sector`: of the applicant's division of industry, or of its section where the division has too few
* `approved`, `approved_sector`: of those only who were approved (a pledge model learns from granted loans alone)"""

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"])


@router.get("/reasons", summary="Compare with a group: a second list of reasons", responses=_CONTRAST)
def reasons(
    state: State,
    assessment: str,
    against: Annotated[Against, Query(description=_WHOM)],
    words: WordsParam = DEFAULT_WORDS,
) -> object:
    with state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    return compared(of, against, state.assessor, wording_of(language_of(words)))
