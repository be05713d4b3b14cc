"""In which language a command speaks: chosen once, by `--words` or PLEDGESCORE_WORDS; else Chinese."""

import os
from typing import Literal

from features.errors import PledgeScoreError
from features.phrase import Language

Words = Literal["zh", "en", "none"]
VARIABLE = "PLEDGESCORE_WORDS"
_WORDS: dict[str, Words] = {"zh": "zh", "en": "en", "none": "none"}


class UnknownWords(PledgeScoreError):
    """A language is asked for that there is none of."""


class _Chosen:
    """What the command line chose."""

    words: Words = "zh"


def choose(given: str = "") -> None:
    """Speak so from now on; without a choice as the environment says. Raises `UnknownWords`."""
    asked = given or os.environ.get(VARIABLE, "") or "zh"
    if asked not in _WORDS:
        raise UnknownWords("words_option", given=asked)
    _Chosen.words = _WORDS[asked]


def language() -> Language | None:
    """The language; None where codes alone are wanted."""
    return None if _Chosen.words == "none" else _Chosen.words
