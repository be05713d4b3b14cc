"""The key under which keys lie in the database: a copy of the database alone opens no firm's content and no account.

It is 32 random bytes in `wrapping.key` beside the signing key, readable by its owner alone. The keys of firms and the
secrets of authenticators are kept under it (AES-256-GCM, bound to their row). While it is exchanged the next one lies
beside it as `wrapping.next`, and whatever is kept from then on is kept under that. Without a key, as in a
demonstration, they are kept as they are.
"""

import os
from base64 import b64decode, b64encode
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine

from service.edge.secret_files import BadKey, read, write

FILE, NEXT = "wrapping.key", "wrapping.next"
MARK = b"\x00psk1\x00"
"""Begins what is wrapped."""
TEXT_MARK = b64encode(MARK).decode()
_ID, _NONCE, _SIZE = 8, 12, 32
_OPTION = "wrapping"


class Wrapping:
    """The wrapping keys of a folder; read again when something lies under one that is not known yet."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder
        self._known: dict[bytes, AESGCM] = {}

    @property
    def id(self) -> str | None:
        """Names the key under which things are kept now; None where there is none. Raises `BadKey`."""
        newest = self._newest()
        return None if newest is None else newest.hex()

    def wrapped(self, secret: bytes, place: str) -> bytes:
        """The secret under the newest key, bound to a place. In the turn to write: an exchange must not overtake it."""
        newest = self._newest()
        if newest is None:
            return secret
        nonce = os.urandom(_NONCE)
        return MARK + newest + nonce + self._known[newest].encrypt(nonce, secret, place.encode())

    def opened(self, held: bytes, place: str) -> bytes:
        """The secret that was kept at a place.

        Raises `BadKey` where its key is not in the folder, `ValueError` where it is not what was kept there.
        """
        if not held.startswith(MARK):
            return held
        key, rest = held[len(MARK) : len(MARK) + _ID], held[len(MARK) + _ID :]
        if key not in self._known:
            self._newest()
        if key not in self._known:
            if self._folder is None:
                raise BadKey("wrapping_key_nowhere", key=key.hex())
            raise BadKey("wrapping_key_elsewhere", key=key.hex(), folder=self._folder)
        try:
            return self._known[key].decrypt(rest[:_NONCE], rest[_NONCE:], place.encode())
        except InvalidTag:
            raise ValueError(f"{place} is not what was kept under the wrapping key") from None

    def wrapped_text(self, secret: str, place: str) -> str:
        """As `wrapped`, as text."""
        made = self.wrapped(secret.encode(), place)
        return b64encode(made).decode() if made.startswith(MARK) else secret

    def opened_text(self, held: str, place: str) -> str:
        """As `opened`, of text."""
        return self.opened(b64decode(held), place).decode() if held.startswith(TEXT_MARK) else held

    def _newest(self) -> bytes | None:
        """The id of the key to keep things under; whatever lies in the folder is known from then on."""
        files = [self._folder / name for name in (NEXT, FILE)] if self._folder else []
        found = [self._learned(file) for file in files if file.exists()]
        return found[0] if found else None

    def _learned(self, file: Path) -> bytes:
        try:
            key = bytes.fromhex(read(file).decode())
        except ValueError:
            key = b""
        if len(key) != _SIZE:
            raise BadKey("no_wrapping_key_file", file=file, size=_SIZE)
        identity = sha256(key).digest()[:_ID]
        self._known[identity] = AESGCM(key)
        return identity


_NONE = Wrapping()


def use(engine: Engine, folder: Path) -> None:
    """Let what is read and written through the engine be wrapped by the keys of a folder."""
    engine.update_execution_options(**{_OPTION: Wrapping(folder)})


def wrapping_of(bound: Connection | Engine) -> Wrapping:
    """The wrapping of an engine, or of a connection of it."""
    found = bound.get_execution_options().get(_OPTION, _NONE)
    assert isinstance(found, Wrapping)
    return found


def make(folder: Path, name: str = FILE) -> None:
    """A new wrapping key in a folder that has none. Raises `BadKey`."""
    write(folder / name, os.urandom(_SIZE).hex().encode())
