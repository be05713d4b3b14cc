"""Secrets that guessing begins with, refused everywhere alike."""

from random import Random
from string import ascii_letters, digits

import pytest

from models.words.templates import say
from service.edge.weak_secrets import SHORTEST, weakness

COMMON = (
    "password", "passw0rd", "changeme", "change-me", "letmein", "qwerty", "welcome", "admin", "secret", "pledgescore",
    "postgres", "example", "placeholder", "123456", "abc123", "111111", "iloveyou", "default",
)  # fmt: skip


@pytest.mark.parametrize("word", [*COMMON, "wang-wang"])
def test_a_common_word_or_a_name_with_a_little_beside_it_is_refused(word: str) -> None:
    """Up to five characters before or behind it, in either case, change nothing."""
    chance = Random(word)
    for _ in range(10):
        more = "".join(chance.choices(ascii_letters + digits + "!@#", k=5))
        for made in (word + more, more + word.upper(), word.title() + more[:4]):
            assert weakness(made, "wang-wang") is not None, made


@pytest.mark.parametrize(
    ("secret", "why"),
    [
        ("kW9-rT2_bX7", f"fewer than {SHORTEST} characters"),
        ("passwordpassword", "guessed"),
        ("qwertyuiop12", "guessed"),
        ("abcabcabcabcabcdef", "guessed"),
        ("20261120-19870412", "guessed"),
        ("abdceabedcadbcea", "different characters"),
        ("<your secret here>", "example"),
        ("secret of forty…", "example"),
    ],
)
def test_a_secret_of_a_pattern_is_refused(secret: str, why: str) -> None:
    """Repeats, rows of keys, dates, few characters, and what a manual puts there for another to replace."""
    found = weakness(secret)
    assert found is not None
    assert why in say(found, "en")


@pytest.mark.parametrize("secret", ["a harbour of seven lamps", "kW9-rT2_bX7mQ4zL", "x" * 3 + "kW9-rT2_bX7m" * 20])
def test_a_secret_that_does_not_hang_together_is_taken(secret: str) -> None:
    """Some words that nobody says together, a drawn one, a long one."""
    assert weakness(secret, "wang") is None
