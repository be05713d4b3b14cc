"""Accounts and keys as the entries about them tell: who they are, what they may do, and whether they still may.

Passwords, the secrets of authenticators, one-time codes, locks and digests of keys are no evidence.
"""

from collections.abc import Mapping

import orjson

from service.access.tables import API_KEYS, USERS
from service.edge.database import DatabaseTable
from service.ledger.change_log import change_row_of
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.row_differences import Row

_PLACE = {"role": "role", "bank": "bank", "branch": "branch", "fund": "fund"}
_OF_USER = {**_PLACE, "account": "id", "shown": "shown", "authority": "authority", "oidc_subject": "subject"}
_OF_KEY = {**_PLACE, "account": "id", "expires_at": "expires_at"}
"""By leaf of an entry the column that tells the same."""


class FoldedAccounts:
    """The accounts behind the entries so far."""

    def __init__(self) -> None:
        self._rows: dict[DatabaseTable, dict[str, Row]] = {USERS: {}, API_KEYS: {}}

    def add(self, entry: OpenedEntry) -> None:
        """One entry more."""
        change = change_row_of(entry) if entry.kind == Kind.USER else None
        if change is None:
            return
        what, _, name = str(change["subject"]).partition(":")
        told = orjson.loads(str(change["content"]))
        table, columns = (API_KEYS, _OF_KEY) if what == "key" else (USERS, _OF_USER)
        row = self._rows[table].setdefault(name, {"name": name})
        # Form 1 did not tell everything of an account.
        row |= {column: told.get(leaf) for leaf, column in columns.items() if entry.second or leaf in told}
        if table is API_KEYS:
            row |= {"scopes": " ".join(told["scopes"])} if "scopes" in told else {}
            row["withdrawn"] = told.get("state") == "withdrawn"
        elif told.get("state") != "changed":  # to change an account does not let it sign in again
            row["disabled"] = told.get("state") == "disabled"

    @property
    def rows(self) -> Mapping[DatabaseTable, list[Row]]:
        """What the tables must hold, besides what is no evidence."""
        return {table: list(rows.values()) for table, rows in self._rows.items()}
