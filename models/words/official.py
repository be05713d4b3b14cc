"""Official documents and authorities that policy cites by their Chinese names, told in English beside them."""

import re
from functools import cache

from features.phrase import Language
from models.words.templates import SHIPPED

_FAMILY = "official"


def glossed(text: str, language: Language) -> str:
    """A citation for a reader of the language: in English each known name with its Chinese in brackets behind it.

    Numbers of documents stay as they are cited; a name that is not known stays as it is.
    """
    if language == "zh":
        return text
    names = SHIPPED.family(_FAMILY, "en")
    return _pattern().sub(lambda found: f"{names[found[0]]} ({found[0]})", text)


@cache
def _pattern() -> re.Pattern[str]:
    """Any of the names, the longest first."""
    names = sorted(SHIPPED.family(_FAMILY, "zh"), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, names)))
