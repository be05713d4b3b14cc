"""Which models serve, which stand beside them, and what is known about how they were made and judged."""

from fastapi import APIRouter, Response

from features.phrase import DEFAULT_WORDS, language_of
from service.application.caller import Who
from service.application.models import models_of
from service.application.state import State
from service.web.openapi import Responses, answered
from service.web.responses import json_response
from service.web.words import WordsParam

_ALL: Responses = {200: answered("Models", "The champions that serve, and the challengers beside them")}

router = APIRouter(prefix="/v1/models", tags=["models"])


@router.get("", summary="List the models in service, and their challengers", responses=_ALL)
def models(state: State, caller: Who, words: WordsParam = DEFAULT_WORDS) -> Response:
    return json_response(models_of(state, caller, language_of(words)))
