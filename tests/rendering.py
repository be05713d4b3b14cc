"""Renders, in both languages, every phrase that the tests come across: each outcome, refusal and printed line.

Importing this module first puts a class in the place of `features.phrase.Phrase` that notes each phrase by its code and
the kinds of its facts. Every process of the tests renders what it noted when it ends.
"""

import features.phrase
from features.phrase import LANGUAGES, Fact

_SEEN: dict[tuple[object, ...], tuple[str, dict[str, Fact]]] = {}
MADE_UP = {"seen", "no.such.code", "t"}
"""Codes that tests of the templates make up."""


def _kind(fact: object) -> object:
    return tuple(map(type, fact)) if isinstance(fact, tuple | list) else type(fact)


class NotedPhrase(features.phrase.Phrase, frozen=True, omit_defaults=True):
    """A phrase that is noted when it is made, or read."""

    def __post_init__(self) -> None:
        """Note the first of each code and kinds of facts."""
        shape = (self.code, *((name, _kind(fact)) for name, fact in self.facts.items()))
        _SEEN.setdefault(shape, (self.code, dict(self.facts)))


features.phrase.Phrase = NotedPhrase  # type: ignore[misc]


def not_rendered() -> list[str]:
    """What no template says, in one language or both, and why."""
    from models.words.templates import SHIPPED, WordsError

    wrong = []
    for code, facts in list(_SEEN.values()):
        for language in LANGUAGES if code not in MADE_UP else ():
            try:
                SHIPPED.say(features.phrase.Phrase(code, facts), language)
                if facts.keys() != SHIPPED.placeholders(code).keys():
                    wrong.append(f"{code}: {sorted(facts)} do not fill it")
            except WordsError as error:
                wrong.append(f"{language}: {error}")
    return sorted(set(wrong))


def seen() -> int:
    """How many different phrases were noted."""
    return len(_SEEN)
