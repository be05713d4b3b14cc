"""Whom the ids stand for by which entries name accounts: shown to those who may read them, and entered nowhere else."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from service.access.tables import API_KEYS, USERS


def people_shown(connection: Connection, names: Iterable[str], bank: str | None) -> dict[str, str]:
    """How people are called whose accounts of the bank, or of none, have these names or ids; by name and by id."""
    wanted, table = set(names), USERS.c
    if not wanted:
        return {}
    of_bank = table.bank.is_(None) if bank is None else (table.bank == bank) | table.bank.is_(None)
    query = select(table.id, table.name, table.shown).where(table.id.in_(wanted) | table.name.in_(wanted), of_bank)
    return {key: row.shown for row in connection.execute(query) for key in (row.id, row.name) if row.shown}


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
