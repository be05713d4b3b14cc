"""Passwords: which are refused, how they are kept (Argon2id), and that a wrong one takes as long as a right one."""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from features.errors import Fault, refusal_phrase
from service.edge.errors import InvalidRequest
from service.edge.weak_secrets import weakness

LONGEST = 200

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
    long = refusal_phrase("secret_long", most=LONGEST) if len(password) > LONGEST else None
    if why := long or weakness(password, name):
        raise InvalidRequest([Fault("/new_password", why)])


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_urlsafe())
