"""In which language an answer is told: `?words=zh`, `en`, or `none` for codes alone; Chinese unless asked otherwise."""

from typing import Annotated, Literal, get_args

from fastapi import Query
from starlette.requests import Request

from models.words.phrase import Language
from service.edge.errors import InvalidRequest

Words = Literal["zh", "en", "none"]
DEFAULT: Words = "zh"
WordsParam = Annotated[
    Words, Query(alias="words", description="Language of the sentences; `none`: codes and values alone")
]

AsParam = Annotated[
    Literal["seen"] | None,
    Query(alias="as", description="`seen`: in the language and the words in which it left, whatever `words` says"),
]


def language_of(words: Words) -> Language | None:
    """The language; None where no sentences are wanted."""
    return None if words == "none" else words


def language_asked(request: Request) -> Language | None:
    """The language that a request names. Raises `InvalidRequest`."""
    asked = request.query_params.get("words", DEFAULT)
    found: Words | None = next((words for words in get_args(Words) if words == asked), None)
    if found is None:
        raise InvalidRequest([("/query/words", f"is {asked!r}: use {', '.join(get_args(Words))}")])
    return language_of(found)
