"""What may be typed: facts and their answers, tables and their columns, with the words that stand for each code."""

from functools import cache
from hashlib import sha256
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Response

from service.assessing.listed_vocabulary import listed_vocabulary
from service.web.openapi import Responses, answered
from service.web.responses import unless_held

_ALL: Responses = {
    200: answered("ListedVocabulary", "Facts, answers, tables, columns, and the words that stand for codes"),
    304: {"description": "It is what `If-None-Match` names"},
}
_Held = Annotated[str | None, Header(alias="If-None-Match", description="The `ETag` of a vocabulary that is held")]

router = APIRouter(prefix="/v1/vocabulary", tags=["catalogue"])


@router.get("", summary="Read what may be typed", responses=_ALL)
def everything(held: _Held = None) -> Response:
    return unless_held(*_listed(), held)


@cache
def _listed() -> tuple[bytes, str]:
    text = msgspec.json.encode(listed_vocabulary())
    return text, f'"{sha256(text).hexdigest()}"'
