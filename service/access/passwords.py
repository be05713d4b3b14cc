"""Passwords: which are refused, how they are kept (Argon2id), and that a wrong one takes as long as a right one."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from service.errors import InvalidRequest

SHORTEST, LONGEST = 12, 200
_COMMON = (
    "password",
    "passw0rd",
    "changeme",
    "letmein",
    "qwerty",
    "welcome",
    "admin",
    "secret",
    "pledgescore",
    "123456",
    "abc123",
    "111111",
    "iloveyou",
    "default",
)
"""What guessing begins with: a password that is little more than one of these is refused."""
_BEYOND = 6
"""Characters that a password must have beyond a common word or the account's name in it."""

_hasher = PasswordHasher()


def kept(password: str) -> str:
    """The Argon2id hash of a password, with its own salt and parameters."""
    return _hasher.hash(password)


def is_right(password: str, hashed: str | None) -> bool:
    """Whether the password is the one; without a hash it is not, and finding that out takes as long."""
    try:
        _hasher.verify(hashed or _nobodys(), password)
    except (VerificationError, InvalidHashError):
        return False
    return hashed is not None


def check_password(password: str, name: str) -> None:
    """Raises `InvalidRequest` for a password that is short, common or made of the account's name."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidRequest([("/new_password", f"must have {SHORTEST} to {LONGEST} characters")])
    low = password.lower()
    if any(word in low and len(low) - len(word) < _BEYOND for word in (*_COMMON, name.lower())):
        raise InvalidRequest([("/new_password", "is too easily guessed: take words that do not belong together")])
    if len(set(password)) < _BEYOND:
        raise InvalidRequest([("/new_password", f"must have at least {_BEYOND} different characters")])


def temporary() -> str:
    """A password for the first sign-in alone, 96 bits."""
    return secrets.token_urlsafe(12)


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())
