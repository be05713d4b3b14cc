"""Asking again what was answered, and looking at what stands for the proof of it."""

import msgspec
from fastapi import APIRouter, Response

from features.phrase import DEFAULT_WORDS, language_of
from service.application.caller import Who
from service.application.proofs import light_of
from service.application.state import State
from service.assessing.sealed_answer import sealed_assessment
from service.web.openapi import CONFLICTS, NOT_FOUND, answered
from service.web.responses import JSON, json_response
from service.web.words import WordsParam

_LIGHT = {200: answered("ProofLight", "What a look at it found, now")} | NOT_FOUND
_REPLAY = {200: answered("Replay", "What each step changed, and the whole")} | CONFLICTS

router = APIRouter(prefix="/v1/assessments/{assessment}", tags=["proofs"])


@router.get("/proof", summary="Look at what stands for the proof of it", responses=_LIGHT)
def proof(state: State, assessment: str, words: WordsParam = DEFAULT_WORDS) -> Response:
    return json_response(light_of(state, assessment).in_words(language_of(words)))


@router.get("/replay", summary="Replay it, then by what is known, by model and by policy of today", responses=_REPLAY)
def replay(state: State, assessment: str, caller: Who, words: WordsParam = DEFAULT_WORDS) -> Response:
    with state.engine.connect() as connection:
        of = sealed_assessment(connection, assessment)
    told = state.replayer.replay(of).in_words(language_of(words))
    shown = told if caller.place.fund is None else told.for_fund()
    return Response(msgspec.json.encode(shown), media_type=JSON)
