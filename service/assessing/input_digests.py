"""What an answer was made from, as a digest per table: enough to tell which inputs changed since an earlier one."""

from collections.abc import Mapping
from hashlib import sha256

import orjson

from service.ledger.seal import Leaves

_LENGTH = 16
"""Hex digits kept of a digest: it finds changes, and seals nothing."""
_ROWS = "/rows/"
FORM = "form"
"""Stands among the digests of an entry of form 2, whose leaves hold whole tables: its value is no digest."""


def input_digests(leaves: Leaves, *, second: bool = True) -> dict[str, str]:
    """By table, 16 hex digits over its rows in whatever order; `asked` stands for the rest of the question.

    `second`: the leaves are those of an entry of form 2.
    """
    tables: dict[str, list[bytes]] = {}
    for pointer, value in leaves.items():
        if pointer.startswith(_ROWS):
            table, *rest = pointer[len(_ROWS) :].split("/")
            tables.setdefault(table, []).extend([value] if len(rest) > 1 else _rows(value))
    if "/asked" in leaves:
        tables["asked"] = [leaves["/asked"]]
    told = {FORM: "2"} if second else {}
    return told | {table: _digest(values) for table, values in tables.items() if table != "coverage"}


def changed_inputs(before: Mapping[str, str], now: Mapping[str, str]) -> list[str] | None:
    """The tables whose rows are not the same, and `asked` where the question is not, in order of name.

    None: digests of form 1 and of form 2 cannot be compared.
    """
    if before.get(FORM) != now.get(FORM):
        return None
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _rows(columns: bytes) -> list[bytes]:
    """The rows of a leaf that holds the columns of a table as lists."""
    told = orjson.loads(columns)
    names = orjson.dumps(list(told))
    return [names + orjson.dumps(row) for row in zip(*told.values(), strict=True)]


def _digest(values: list[bytes]) -> str:
    return sha256(b"\n".join(sorted(values))).hexdigest()[:_LENGTH]
