"""Passwords: which are refused, how they are kept (Argon2id), and that a wrong one takes as long as a right one.

A hash takes 64 MiB and every core for some 50 ms, and anybody may ask for one by trying to sign in. So one is computed
at a time, on a thread that gives way to those that answer, and few may wait.
"""

import os
import secrets
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from features.errors import Fault, refusal_phrase
from service.edge.errors import Busy, InvalidRequest
from service.edge.weak_secrets import weakness

T = TypeVar("T")
LONGEST = 200
IN_LINE = 12
"""Sign-ins of one process whose hash is computed or waited for: less than a third of the threads that answer."""
_GIVES_WAY = 5
"""How far the thread that hashes gives way to the others of the process, as `nice` counts."""

_hasher = PasswordHasher()
_places = threading.BoundedSemaphore(IN_LINE)


def kept(password: str) -> str:
    """The Argon2id hash of a password, with its own salt and parameters. Raises `Busy` where too many wait."""
    return _in_line(lambda: _hasher.hash(password))


def is_right(password: str, hashed: str | None) -> bool:
    """Whether the password is the one; without a hash it is not, and finding that out takes as long.

    Raises `Busy` where too many wait.
    """
    try:
        _in_line(lambda: _hasher.verify(hashed or _nobodys(), password))
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


def _in_line(work: Callable[[], T]) -> T:
    """What the work gives, done when those before it are done. Raises `Busy` where too many wait."""
    if not _places.acquire(blocking=False):
        raise Busy("busy_sign_ins", waiting=IN_LINE)
    try:
        return _thread().submit(work).result()
    finally:
        _places.release()


@cache
def _thread() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, "hashing", initializer=_give_way)


def _give_way() -> None:
    """Let this thread, and those that Argon2 starts from it, run where nobody else would."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own that could be set like this
        with suppress(OSError):
            thread = threading.get_native_id()
            os.setpriority(os.PRIO_PROCESS, thread, os.getpriority(os.PRIO_PROCESS, thread) + _GIVES_WAY)
