"""Who gave an account or a key what it may do, and who reset it: read from the entries of kind `user`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import orjson
from sqlalchemy import Connection, RowMapping, select

from service.access.account_names import account_names
from service.access.answers import Given
from service.ledger.actors import PRODUCT
from service.ledger.change_log import CHANGES
from service.ledger.kinds import Kind

_GIVING, _RESET = frozenset({"made", "changed"}), "reset"


@dataclass(frozen=True)
class AccountHistory:
    """By whom and when an account got its role, and its last reset; None where no entry tells."""

    given: Given | None = None
    reset: Given | None = None


def histories(
    connection: Connection, names: Iterable[str], of: Literal["user", "key"] = "user"
) -> Mapping[str, AccountHistory]:
    """The history of each account, or key, by its name."""
    subjects = [f"{of}:{name}" for name in names]
    table = CHANGES.c
    wanted = select(table.subject, table.at, table.actor, table.content).where(table.kind == Kind.USER.value)
    rows = connection.execute(wanted.where(table.subject.in_(subjects)).order_by(table.seq)).mappings().all()
    told = [(row, orjson.loads(row["content"])) for row in rows]
    shown = account_names(connection, {one for row, content in told for one in _ids(row, content)})
    found: dict[str, AccountHistory] = {}
    for row, content in told:
        name = row["subject"].partition(":")[2]
        before = found.get(name, AccountHistory())
        if content["state"] in _GIVING:
            found[name] = AccountHistory(_given(row, content, shown), before.reset)
        elif content["state"] == _RESET:
            found[name] = AccountHistory(before.given, _given(row, content, shown))
    return found


def _ids(row: RowMapping, content: Mapping[str, str]) -> list[str]:
    return [one for one in (row["actor"], content.get("asked_by"), content.get("confirmed_by")) if one is not None]


def _given(row: RowMapping, content: Mapping[str, str], shown: Mapping[str, str]) -> Given:
    """Entries from before two administrators were asked for name whoever did it alone."""
    alone = None if row["actor"] in PRODUCT else row["actor"]
    asked, confirmed = content.get("asked_by", alone), content.get("confirmed_by")
    return Given(
        row["at"],
        asked and shown.get(asked, asked),
        confirmed and shown.get(confirmed, confirmed),
        content.get("by"),
    )
