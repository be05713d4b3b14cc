"""What a finding, reason, warning, cure, condition or refusal says: a code with typed facts, never a sentence."""

from collections.abc import Mapping
from typing import Literal, TypeAlias, get_args

import msgspec

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
WordsChoice = Literal["zh", "en", "none"]
"""A language, or codes and values alone."""
WORDS_CHOICES: tuple[WordsChoice, ...] = get_args(WordsChoice)
DEFAULT_WORDS: WordsChoice = "zh"
Fact: TypeAlias = str | int | bool | tuple[str | int | bool | None, ...] | None
"""Money is an int in the minor unit (fen), a share or ratio decimal text ("0.563"), a day ISO text, points an int in
tenths, a name a code. No float: a phrase is sealed, and text must be the same on every machine."""


class Phrase(msgspec.Struct, frozen=True, omit_defaults=True):
    """One statement. `code` names a word template, `facts` fill its placeholders; JSON leaves out empty facts.

    Made by `models.words.templates.phrase`, which checks the facts against the template.
    """

    code: str
    facts: Mapping[str, Fact] = {}

    @property
    def nested(self) -> tuple[str | int | bool | None, ...]:
        """The phrase as a fact of another: its code, then names and values of its facts, none of them a list."""
        found: list[str | int | bool | None] = [self.code]
        for name, fact in self.facts.items():
            if isinstance(fact, tuple):
                raise TypeError(f"{self.code} holds a list and cannot be a fact: {name}")
            found += (name, fact)
        return tuple(found)


def language_of(words: WordsChoice) -> Language | None:
    """The language; None where no sentences are wanted."""
    return None if words == "none" else words
