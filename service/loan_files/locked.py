"""What is kept beside a loan file and is no evidence, under the key that its bank has for its firm: with it it goes."""

import os

from sqlalchemy import Connection

from service.ledger.contents import Key, keys_of, new_keys

_NONCE = 12


def key_of(connection: Connection, firm: str, bank: str | None) -> Key:
    """The key that a bank has for a firm; a new one where it has none yet."""
    of = (firm, bank or "")
    return keys_of(connection, [of]).get(of) or new_keys(connection, [of])[of]


def locked(key: Key, plain: bytes, place: str) -> bytes:
    """The same under the key, bound to where it is kept."""
    nonce = os.urandom(_NONCE)
    return nonce + key.cipher.encrypt(nonce, plain, place.encode())


def opened(key: Key, held: bytes, place: str) -> bytes:
    """What was locked there."""
    return key.cipher.decrypt(held[:_NONCE], held[_NONCE:], place.encode())
