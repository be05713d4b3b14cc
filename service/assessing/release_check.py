"""Lets a champion of the registry into service only where its own gate and the validator let it.

Whoever can write to the registry can move the alias past `pledgescore promote`; what that would have refused is refused
here again, and entered.
"""

from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection, Engine

from features.errors import Fault
from features.phrase import Phrase
from models.score.bundle import Bundle, BundleRefused
from models.score.gate import shortfalls
from service.assessing.model_validity import stopped, words_on
from service.edge.database import in_turn
from service.ledger.actors import SERVICE
from service.ledger.change_log import Change, enter_change, last
from service.ledger.kinds import Kind
from service.ledger.written_kinds import AliasEntry


class NotReleased(BundleRefused):
    """A bundle carries the alias, and may not serve."""


@dataclass(frozen=True)
class ReleaseCheck:
    """Looks before a champion serves. `entered`: whether a refusal is an entry (a demonstration keeps none).

    `signed_only`: whether a validator must have signed it: whoever promotes a model is then never alone.
    """

    engine: Engine
    entered: bool
    signed_only: bool = False

    def check(self, bundle: Bundle, version: str | None, today: date) -> None:
        """Raises `NotReleased`, and enters that once. A folder that a deployer named (no version) is let through."""
        if version is None:
            return
        with self.engine.connect() as connection:
            words = words_on(connection, [bundle.id]).get(bundle.id, ())
        why = [one.phrase for one in shortfalls(bundle)] if "gate" in bundle.card else []
        why += [one.phrase for one in stopped(words, today, signed_only=self.signed_only)]
        if not why:
            return
        if self.entered:
            in_turn(self.engine, lambda connection: _enter(connection, bundle, version, why))
        raise NotReleased("not_released", model=bundle.name, version=version, faults=[Fault("", one) for one in why])


def _enter(connection: Connection, bundle: Bundle, version: str, why: list[Phrase]) -> None:
    content = AliasEntry(subject=f"{bundle.kind.name} refused", bundle=bundle.id, version=version, why=why)
    told = {"bundle": bundle.id, "version": version, "why": msgspec.to_builtins(why)}
    if last(connection, Kind.ALIAS, content.subject) != told:
        enter_change(connection, Change(content, SERVICE))
