"""What would change an assessment."""

from fastapi import APIRouter

from features.phrase import DEFAULT_WORDS, language_of
from service.application.caller import Who
from service.application.state import State
from service.assessing.sealed_answer import sealed_assessment
from service.assessing.what_ifs import count
from service.assessing.wording import wording_of
from service.web.openapi import CONFLICTS, answered
from service.web.words import WordsParam

_CHANGES = {200: answered("Changes", "The changes, or that there are none")} | CONFLICTS

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["assessments"])


@router.get("/changes", summary="Find what would change the score; each request is counted", responses=_CHANGES)
def changes(state: State, caller: Who, assessment: str, words: WordsParam = DEFAULT_WORDS) -> object:
    with state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    found = state.what_ifs.answer(of)
    counted = state.batcher.write(lambda: count(state.engine, of.seal, found, caller.id))
    state.metrics.what_ifs.labels(found.found.state).inc()
    told, wording = found.to_dict(), wording_of(language_of(words))
    return (told if wording is None else wording.changes(told)) | {"counted": counted}
