"""What an answer was made from, as a digest per table: enough to tell which inputs changed since an earlier one."""

from collections.abc import Mapping
from hashlib import sha256

from service.ledger.seal import Leaves

_LENGTH = 16
"""Hex digits kept of a digest: it finds changes, and seals nothing."""
_ROWS = "/rows/"


def input_digests(leaves: Leaves) -> dict[str, str]:
    """By table, 16 hex digits over its rows in whatever order; `asked` stands for the rest of the question."""
    tables: dict[str, list[bytes]] = {}
    for pointer, value in leaves.items():
        if pointer.startswith(_ROWS):
            tables.setdefault(pointer[len(_ROWS) :].partition("/")[0], []).append(value)
    if "/asked" in leaves:
        tables["asked"] = [leaves["/asked"]]
    return {table: _digest(values) for table, values in tables.items() if table != "coverage"}


def changed_inputs(before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """The tables whose rows are not the same, and `asked` where the question is not, in order of name."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def _digest(values: list[bytes]) -> str:
    return sha256(b"\n".join(sorted(values))).hexdigest()[:_LENGTH]
