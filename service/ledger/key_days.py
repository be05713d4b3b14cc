"""On which days each signing key of the ledger counts, as the entries of kind `key` tell it.

A key counts from its entry until that of the next one, and a revoked key no longer from the time that its revocation
names. Checkpoints and packs carry the list under the signature of the key in force, so that a verifier knows it.
"""

from collections.abc import Iterable, Mapping
from typing import Literal, TypedDict

import msgspec
from sqlalchemy import Connection

from service.ledger.change_log import every_change
from service.ledger.kinds import Kind

SIGNING: Literal["signing"] = "signing"
"""The subject of entries about the signing key."""


class KeyDays(TypedDict):
    """A signing key (64 hex digits), its first and last moment (null: in force), and from when on it is revoked."""

    key: str
    since: str
    until: str | None
    revoked_from: str | None


def key_days(connection: Connection) -> list[KeyDays]:
    """Every signing key in the order of their entries: the last is in force. Empty where no entry names one."""
    changes = every_change(connection, Kind.KEY, [SIGNING])
    return _folded((change.record.at, change.content) for change in changes)


class Revocation(msgspec.Struct, frozen=True):
    """What a revocation says: which key (64 hex digits) counts no more from when on, and a code that says why."""

    revoked: str
    since: str = msgspec.field(name="from")
    reason: str


class _SignedRevocation(msgspec.Struct, frozen=True):
    revocation: Revocation


def _folded(changes: Iterable[tuple[str, Mapping[str, object]]]) -> list[KeyDays]:
    found: list[KeyDays] = []
    for at, content in changes:
        if "revocation" in content:
            _revoke(found, msgspec.convert(content["revocation"], _SignedRevocation).revocation)
        elif "public" in content:
            for before in found[-1:]:
                before["until"] = at
            found.append({"key": str(content["public"]), "since": at, "until": None, "revoked_from": None})
    return found


def _revoke(found: Iterable[KeyDays], told: Revocation) -> None:
    """The earliest moment counts where a key was revoked more than once."""
    for days in found:
        if days["key"] == told.revoked:
            earlier = days["revoked_from"]
            days["revoked_from"] = told.since if earlier is None else min(earlier, told.since)


def key_file(days: Iterable[KeyDays]) -> str:
    """The keys as `verify.py` and `witness.py` read them, a line each."""
    lines = []
    for one in days:
        told = (("since", one["since"]), ("until", one["until"]), ("revoked from", one["revoked_from"]))
        lines.append(" ".join((one["key"], *(f"{word} {at}" for word, at in told if at))))
    return "".join(f"{line}\n" for line in lines)
