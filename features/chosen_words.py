"""In which language a command speaks: chosen once, by `--words` or PLEDGESCORE_WORDS; else Chinese."""

import os

from features.errors import PledgeScoreError
from features.phrase import DEFAULT_WORDS, WORDS_CHOICES, Language, WordsChoice, language_of

VARIABLE = "PLEDGESCORE_WORDS"


class UnknownWords(PledgeScoreError):
    """A language is asked for that there is none of."""


class _Chosen:
    """What the command line chose."""

    words: WordsChoice = DEFAULT_WORDS


def choose(given: str = "") -> None:
    """Speak so from now on; without a choice as the environment says. Raises `UnknownWords`."""
    asked = given or os.environ.get(VARIABLE, "") or DEFAULT_WORDS
    found = next((one for one in WORDS_CHOICES if one == asked), None)
    if found is None:
        raise UnknownWords("words_option", given=asked)
    _Chosen.words = found


def language() -> Language | None:
    """The language; None where codes alone are wanted."""
    return language_of(_Chosen.words)
