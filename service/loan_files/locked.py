"""What is kept beside a loan file and is no evidence, under the key of its firm: with the key it goes."""

import os

from sqlalchemy import Connection, select

from service.edge.errors import Erased
from service.ledger.contents import FIRM_KEYS, Key, held_key, new_keys

_NONCE = 12


def key_of(connection: Connection, firm: str) -> Key:
    """The key of a firm; a new one where it has none yet."""
    wanted = select(FIRM_KEYS.c.id, FIRM_KEYS.c.material).where(FIRM_KEYS.c.firm == firm)
    row = connection.execute(wanted).one_or_none()
    if row is None:
        return new_keys(connection, [firm])[firm]
    if row.material is None:
        raise Erased("nothing_held")
    return held_key(connection, row.id, row.material)


def locked(key: Key, plain: bytes, place: str) -> bytes:
    """The same under the key, bound to where it is kept."""
    nonce = os.urandom(_NONCE)
    return nonce + key.cipher.encrypt(nonce, plain, place.encode())


def opened(key: Key, held: bytes, place: str) -> bytes:
    """What was locked there."""
    return key.cipher.decrypt(held[:_NONCE], held[_NONCE:], place.encode())
