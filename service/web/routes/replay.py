"""Asking again what was answered."""

import msgspec
from fastapi import APIRouter, Response

from features.phrase import DEFAULT_WORDS, language_of
from service.assessing.sealed_answer import sealed_assessment
from service.proofs.replay import Replayer
from service.web.authorization import Who
from service.web.openapi import CONFLICTS, answered
from service.web.routes.assessments import JSON
from service.web.state import AppState
from service.web.words import WordsParam

_REPLAY = {200: answered("Replay", "What each step changed, and the whole")} | CONFLICTS


def router(state: AppState) -> APIRouter:
    """GET /v1/assessments/{assessment}/replay."""
    routes = APIRouter(prefix="/v1/assessments/{assessment}", tags=["ledger"])
    replayer = Replayer(state.assessor, state.engine)

    @routes.get("/replay", summary="Ask it again, then as known now, by today's model and policy", responses=_REPLAY)
    def replay(assessment: str, caller: Who, words: WordsParam = DEFAULT_WORDS) -> Response:
        with state.engine.connect() as connection:
            of = sealed_assessment(connection, assessment)
        told = replayer.replay(of).in_words(language_of(words))
        shown = told if caller.place.fund is None else told.for_fund()
        return Response(msgspec.json.encode(shown), media_type=JSON)

    return routes
