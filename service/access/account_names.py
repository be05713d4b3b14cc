"""Whom the ids stand for by which entries name accounts: shown to those who may read them, and entered nowhere else."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from service.access.tables import API_KEYS, USERS


def account_names(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """The names of the accounts and keys with these ids: `user:` or `key:` and the name."""
    wanted = set(ids)
    found: dict[str, str] = {}
    if not wanted:
        return found
    for prefix, table in (("user:", USERS), ("key:", API_KEYS)):
        rows = connection.execute(select(table.c.id, table.c.name).where(table.c.id.in_(wanted)))
        found |= {row.id: f"{prefix}{row.name}" for row in rows}
    return found
