"""Faults as they leave, and a body that is not JSON, as pydantic finds it."""

import re
from collections.abc import Iterable, Mapping

import msgspec
from pydantic_core import ErrorDetails

from features.errors import Fault, refusal_phrase
from features.phrase import Fact, Language, Phrase
from models.words.faults import fault_said
from service.edge.errors import NotJson

_PLACE = re.compile(r"line (\d+) column (\d+)")


class ProblemFault(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """What is wrong or stands in the way: a JSON pointer into what was sent, a cell, or none, and why.

    `column`: of a cell the column that stands there, or should, `patents.filed_on`. `message` is absent with
    `words=none`.
    """

    pointer: str
    code: str
    facts: Mapping[str, Fact]
    message: str | None = None
    column: str = ""

    @property
    def phrase(self) -> Phrase:
        """The code as the word templates know it, with its facts."""
        return refusal_phrase(self.code, **self.facts)

    def in_words(self, language: Language | None) -> "ProblemFault":
        """The same with its sentence in the language; without any where codes alone are wanted."""
        return msgspec.structs.replace(self, message=language and fault_said(self, language))


def problem_faults(faults: Iterable[Fault], language: Language | None = None) -> tuple[ProblemFault, ...]:
    """The faults as an answer holds them, with sentences in the language."""
    return tuple(
        ProblemFault(one.pointer, one.code, one.phrase.facts, column=one.column).in_words(language) for one in faults
    )


def not_json(error: ErrorDetails) -> NotJson:
    """That a body is not JSON, and where that shows."""
    place = _PLACE.search(str(error.get("ctx", {}).get("error", "")))
    line, column = place.groups() if place else (None, None)
    return NotJson("not_json", line=line, column=column)
