"""Lets a champion of the registry into service only where its own gate and the validator let it.

Whoever can write to the registry can move the alias past `pledgescore promote`; what that would have refused is refused
here again, and entered.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, Engine

from models.score.bundle import Bundle, BundleRefused
from models.score.gate import shortfalls
from service.edge.database import in_turn
from service.ledger.actors import SERVICE
from service.ledger.change_log import Change, enter_change, last
from service.ledger.kinds import Kind
from service.ledger.written_kinds import AliasEntry


class NotReleased(BundleRefused):
    """A bundle carries the alias, and may not serve."""


@dataclass(frozen=True)
class ReleaseCheck:
    """Looks before a champion serves. `entered`: whether a refusal is an entry (a demonstration keeps none)."""

    engine: Engine
    entered: bool

    def check(self, bundle: Bundle, version: str | None) -> None:
        """Raises `NotReleased`, and enters that once. A folder that a deployer named (no version) is let through."""
        if version is None:
            return
        with self.engine.connect() as connection:
            why = list(_refusals(connection, bundle))
        if not why:
            return
        if self.entered:
            in_turn(self.engine, lambda connection: _enter(connection, bundle, version, why))
        raise NotReleased(
            f"{bundle.name} version {version} carries the alias champion, but may not serve: {'; '.join(why)}. "
            "What served before goes on"
        )


def _refusals(connection: Connection, bundle: Bundle) -> Iterator[str]:
    if "gate" in bundle.card:
        yield from map(str, shortfalls(bundle))
    validated = last(connection, Kind.VALIDATION, bundle.id)
    if validated is not None and validated["outcome"] == "refused":
        yield f"the validator {validated['by']} refused it"


def _enter(connection: Connection, bundle: Bundle, version: str, why: list[str]) -> None:
    content = AliasEntry(subject=f"{bundle.kind.name} refused", bundle=bundle.id, version=version, why=why)
    if last(connection, Kind.ALIAS, content.subject) != {"bundle": bundle.id, "version": version, "why": why}:
        enter_change(connection, Change(content, SERVICE))
