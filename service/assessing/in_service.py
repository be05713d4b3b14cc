"""Notes what is live as changes: each model that comes into service, and policy where it is not what it was."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
import orjson
from sqlalchemy import Connection

from features.policy import Policy
from models.score.bundle import Bundle
from models.score.gate import GatedCard
from service.ledger.actors import SERVICE
from service.ledger.canonical import canonical
from service.ledger.change_log import Change, enter_change, last
from service.ledger.kinds import Kind
from service.ledger.written_kinds import AliasEntry, ModelEntry, PolicyEntry, SchemeEntry

SCHEMES = ("funds.", "scheme")
"""Parameters that say who shares in which loans: a change of one is a change of scheme."""


def note_policy(connection: Connection, own: Policy) -> None:
    """Enter the policy in force, and each scheme, where the ledger names another."""
    before = last(connection, Kind.POLICY, "policy")
    if before is not None and before["digest"] == own.digest:
        return
    now = {name: _digest(own(name).told()) for name in own.names()}
    held = {} if before is None else msgspec.convert(before["parameters"], dict[str, str])
    changed = sorted(name for name in {*now, *held} if now.get(name) != held.get(name))
    content = PolicyEntry(
        subject="policy",
        digest=own.digest,
        changed=[] if before is None else changed,
        overrides=[{"name": one.name, "kind": one.kind} for one in own.overrides],
        parameters=now,
    )
    enter_change(connection, Change(content, SERVICE))
    for name in changed:
        if name.startswith(SCHEMES):
            told = orjson.dumps(own(name).told()).decode() if name in now else None
            enter_change(connection, Change(SchemeEntry(subject=name, parameter=told), SERVICE))


def note_model(connection: Connection, bundle: Bundle, version: str | None) -> None:
    """Enter that the bundle came into service, unless the ledger says so already."""
    kind = bundle.kind.name
    before = last(connection, Kind.ALIAS, kind)
    if before is not None and before["bundle"] == bundle.id:
        return
    if last(connection, Kind.MODEL, bundle.id) is None:
        enter_change(connection, Change(_model(bundle, version), SERVICE))
    signed = last(connection, Kind.VALIDATION, bundle.id)
    content = AliasEntry(
        subject=kind,
        bundle=bundle.id,
        version=version,
        before=None if before is None else str(before["bundle"]),
        gate=_gate(bundle.card),
        approver=None if signed is None else dict(signed),
    )
    enter_change(connection, Change(content, SERVICE))


def _model(bundle: Bundle, version: str | None) -> ModelEntry:
    return ModelEntry(
        subject=bundle.id,
        kind=bundle.kind.name,
        name=bundle.name,
        made_on=bundle.made_on.isoformat(),
        events=bundle.events,
        synthetic=bundle.synthetic,
        version=version,
    )


def _gate(card: Mapping[str, object]) -> dict[str, object] | None:
    """What the bundle's own card says of the events that it learned from and was judged by, against the least."""
    if not {"gate", "learned", "judged"} <= set(card):
        return None
    told = msgspec.convert(card, GatedCard)
    return {"learned_events": told.learned.events, "judged_events": told.judged.events, "least": told.gate}


def _digest(told: Mapping[str, object]) -> str:
    return sha256(canonical(told)).hexdigest()[:16]
