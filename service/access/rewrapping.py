"""Keeps secrets under the newest wrapping key: those made before there was a key, and all when the key is exchanged."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Engine, bindparam, func, select, true, update

from service.access.accounts import place_of as place_of_user
from service.access.drafts import DRAFTS, lies_plain
from service.access.drafts import place_of as place_of_draft
from service.access.tables import USERS
from service.edge.database import in_turn
from service.ledger.actors import SERVICE, actor_of, ran_by
from service.ledger.change_log import Change, enter_change
from service.ledger.contents import FIRM_KEYS, KEY_BYTES
from service.ledger.contents import place_of as place_of_key
from service.ledger.tables import LEDGER_KEYS
from service.ledger.turn import place_of as place_of_ledger_key
from service.ledger.wrapping import FILE, NEXT, TEXT_MARK, Wrapping, make, use, wrapping_of
from service.ledger.written_kinds import KeyEntry

K = TypeVar("K", str, bytes)


def check_opens(engine: Engine) -> None:
    """Raises `BadKey` where keys of firms lie under a wrapping key that is not here: nothing could be read then."""
    held = select(FIRM_KEYS.c.id, FIRM_KEYS.c.material).where(FIRM_KEYS.c.material.is_not(None))
    with engine.connect() as connection:
        some = connection.execute(held.order_by(FIRM_KEYS.c.id).limit(1)).one_or_none()
        own = connection.execute(select(LEDGER_KEYS)).first()
    if some is not None:
        wrapping_of(engine).opened(some.material, place_of_key(some.id))
    if own is not None:
        wrapping_of(engine).opened(own.material, place_of_ledger_key(own.name))


def keep_wrapped(engine: Engine) -> int:
    """Wrap what lies there plain, where there is a key, and enter that; how many it were.

    Raises `BadKey` as `check_opens` does.
    """
    check_opens(engine)
    wrapping = wrapping_of(engine)
    if wrapping.id is None:
        return 0

    def write(connection: Connection) -> int:
        count = _wrap(connection, wrapping, plain_alone=True)
        if count:
            told = KeyEntry(subject="wrapping", id=wrapping.id, wrapped=count)
            enter_change(connection, Change(told, SERVICE))
        return count

    return in_turn(engine, write)


def exchange(engine: Engine, folder: Path, by: str) -> tuple[str, int]:
    """Wrap everything under another key, and enter that; the key before is removed only when all is written.

    Returns the new key's id, and how many secrets were wrapped. What was broken off by a crash is taken up again. A
    service that runs goes on: it finds the new key by itself. Raises `BadKey`.
    """
    use(engine, folder)
    wrapping = wrapping_of(engine)
    if not (folder / NEXT).exists():
        before = wrapping.id
        make(folder, NEXT)
    else:
        before = None

    def write(connection: Connection) -> int:
        count = _wrap(connection, wrapping, plain_alone=False)
        told = KeyEntry(subject="wrapping", id=wrapping.id, before=before, wrapped=count, by=ran_by(by))
        enter_change(connection, Change(told, actor_of(by)))
        return count

    count = in_turn(engine, write)
    (folder / NEXT).replace(folder / FILE)
    return str(wrapping.id), count


def _wrap(connection: Connection, wrapping: Wrapping, *, plain_alone: bool) -> int:
    """Wrap keys of firms and of the ledger, secrets of authenticators and drafts anew, or those alone that lie plain.

    Returns how many they were.
    """

    def key(held: bytes, name: str) -> bytes:
        return wrapping.wrapped(wrapping.opened(held, place_of_key(name)), place_of_key(name))

    def ledgers(held: bytes, name: str) -> bytes:
        return wrapping.wrapped(wrapping.opened(held, place_of_ledger_key(name)), place_of_ledger_key(name))

    def secret(held: str, name: str) -> str:
        return wrapping.wrapped_text(wrapping.opened_text(held, place_of_user(name)), place_of_user(name))

    def draft(held: bytes, name: str) -> bytes:
        return wrapping.wrapped(wrapping.opened(held, place_of_draft(name)), place_of_draft(name))

    keys: ColumnElement[bool] = FIRM_KEYS.c.material.is_not(None)
    secrets: ColumnElement[bool] = USERS.c.totp.is_not(None)
    own: ColumnElement[bool] = true()
    begun: ColumnElement[bool] = true()
    if plain_alone:
        keys &= func.length(FIRM_KEYS.c.material) == KEY_BYTES
        own &= func.length(LEDGER_KEYS.c.material) == KEY_BYTES
        secrets &= ~USERS.c.totp.startswith(TEXT_MARK)
        begun &= lies_plain()
    count = _each(connection, FIRM_KEYS.c.id, FIRM_KEYS.c.material, keys, key)
    count += _each(connection, LEDGER_KEYS.c.name, LEDGER_KEYS.c.material, own, ledgers)
    count += _each(connection, DRAFTS.c.id, DRAFTS.c.content, begun, draft)
    return count + _each(connection, USERS.c.name, USERS.c.totp, secrets, secret)


def _each(
    connection: Connection,
    name: Column[str],
    kept: Column[K],
    due: ColumnElement[bool],
    wrapped: Callable[[K, str], K],
) -> int:
    """Exchange what a column keeps in the rows that are due, by the row's name; how many they were."""
    found = connection.execute(select(name, kept).where(due)).all()
    rows = [{"row": row, "made": wrapped(held, row)} for row, held in found]
    change = update(kept.table).where(name == bindparam("row")).values({kept: bindparam("made")})
    if rows:
        connection.execute(change, rows)
    return len(rows)
