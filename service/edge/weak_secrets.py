"""Secrets that guessing begins with: short ones, examples, and what zxcvbn reckons to be guessed soon."""

from threading import Lock

from zxcvbn import zxcvbn

from features.errors import refusal_phrase
from features.phrase import Phrase

SHORTEST = 12
LEAST_DIFFERENT = 6
"""Different characters that a secret must have; zxcvbn takes a handful of them in any order for hard to guess."""
LEAST_SCORE = 4
"""Of zxcvbn: more than ten thousand million guesses (its score 4), a strong protection of a slow hash."""
_OURS = ("pledgescore", "postgres", "example", "placeholder", "change-me")
"""Words that belong to installations like this one."""
_LOOKED_AT = 72
"""Characters that zxcvbn looks at; what comes behind makes a secret no weaker."""
_one_at_a_time = Lock()  # zxcvbn keeps the words that it is given in a table of its module


def weakness(secret: str, *names: str) -> Phrase | None:
    """Why a secret is refused; None for one that guessing does not begin with. `names`: words it must not lean on."""
    if len(secret) < SHORTEST:
        return refusal_phrase("secret_short", least=SHORTEST)
    if "…" in secret or (secret.startswith("<") and secret.endswith(">")):
        return refusal_phrase("secret_example")
    if len(set(secret)) < LEAST_DIFFERENT:
        return refusal_phrase("secret_uniform", least=LEAST_DIFFERENT)
    with _one_at_a_time:
        score = zxcvbn(secret[:_LOOKED_AT], user_inputs=[*_OURS, *filter(None, names)])["score"]
    return None if score >= LEAST_SCORE else refusal_phrase("secret_guessable")
