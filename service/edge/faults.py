"""Faults as they leave."""

from collections.abc import Iterable, Mapping

import msgspec

from features.errors import Fault, refusal_phrase
from features.phrase import Fact, Language, Phrase
from models.words.faults import fault_said


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
