"""What is the same in every answer: names of rules, features, cures and warnings, units, and policy's documents."""

from hashlib import sha256
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Response

from features.phrase import DEFAULT_WORDS, LANGUAGES, WordsChoice
from service.application.state import State
from service.assessing.catalogue import catalogue
from service.web.openapi import Responses, answered
from service.web.responses import unless_held

_ALL: Responses = {
    200: answered("Catalogue", "Names of codes by language, features, rules, policy"),
    304: {"description": "It is what `If-None-Match` names"},
}
_Words = Annotated[
    list[WordsChoice],
    Query(alias="words", description="Languages of the names, one or both; `none`: no names"),
]
_DEFAULT = [DEFAULT_WORDS]
_Held = Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` of a catalogue that is held")]

router = APIRouter(prefix="/v1/catalogue", tags=["catalogue"])


@router.get("", summary="Read what is the same in every answer", responses=_ALL)
def everything(state: State, words: _Words = _DEFAULT, held: _Held = None) -> Response:
    languages = tuple(language for language in LANGUAGES if language in words)
    if languages not in state.catalogues:
        made = msgspec.json.encode(catalogue(state.assessor.policy, languages))
        state.catalogues[languages] = made, f'"{sha256(made).hexdigest()}"'
    return unless_held(*state.catalogues[languages], held)
