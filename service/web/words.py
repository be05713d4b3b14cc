"""In which language an answer is told: `?words=zh`, `en`, or `none` for codes alone; Chinese unless asked otherwise."""

from typing import Annotated, Literal

from fastapi import Query
from starlette.types import Scope

from features.errors import fault
from features.phrase import DEFAULT_WORDS, WORDS_CHOICES, Language, WordsChoice, language_of
from service.edge.errors import InvalidRequest
from service.web.query import said

WORDS = "words"
WordsParam = Annotated[
    WordsChoice, Query(alias="words", description="Language of the sentences; `none`: codes and values alone")
]

AsParam = Annotated[
    Literal["seen"] | None,
    Query(alias="as", description="`seen`: in the language and the words in which it left, whatever `words` says"),
]


def check_words(scope: Scope) -> None:
    """Raises `InvalidRequest` where a request names a language that there is none of."""
    if any(one not in WORDS_CHOICES for one in said(scope, WORDS)):
        raise InvalidRequest([fault("/query/words", "words")])


def language_asked(scope: Scope) -> Language | None:
    """The language that a request names; None where no sentences are wanted."""
    found = said(scope, WORDS)[-1:]
    return language_of(next((one for one in WORDS_CHOICES if [one] == found), DEFAULT_WORDS))
