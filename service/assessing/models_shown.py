"""Models as they are shown: the champions that serve, the challengers beside them, and what is known of each."""

from collections.abc import Mapping
from datetime import date

import msgspec
from sqlalchemy import Connection

from features.phrase import Language
from models.score.bundle import Bundle
from models.score.gate import GatedCard, shortfalls
from models.score.grading import GradedCard, GradeFile
from models.score.kind import KindName
from service.access.account_names import account_names
from service.access.roles import Reach
from service.assessing.governance import Trouble, TroubleShown
from service.assessing.model_sources import RegistryAway
from service.assessing.model_store import ModelStore
from service.assessing.model_validity import validations_within
from service.edge.errors import NoSuchModel
from service.ledger.change_log import ChangeInForce
from service.ledger.redaction import Part


class ModelGate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a model learned from and was judged by, events of the rarer outcome, against the minima of its plan."""

    learned: int
    least_learned: int
    judged: int
    least_judged: int
    passes: bool


class ModelValidation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a validator found of a model last. `expired`: a signature whose day is over."""

    outcome: str
    by: str
    findings: tuple[str, ...]
    expires_on: str | None
    expired: bool
    entry: int
    at: str


class ModelFacts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is known of a model.

    `gate` is null where the bundle keeps no counts. `calibration`: of each grade what was said and what came, where the
    model was judged; empty where the bundle keeps none. `registry`: where the registry shows the version and its run.
    """

    kind: KindName
    name: str
    bundle: str
    version: str | None
    made_on: str
    horizon: str
    events: int
    synthetic: bool
    features: list[str]
    gate: ModelGate | None
    calibration: tuple[GradeFile, ...]
    validation: ModelValidation | None
    registry: str | None
    card: Part


class ServingModel(ModelFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model in service."""

    in_service_since: str


class ChallengerModel(ModelFacts, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A model that the registry names beside the champion; it does not serve."""


class ShownModels(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The champions, and the challengers that the registry names beside them.

    `trouble`: since when and why the registry is away or its champion refused. `unknown`: why it is not known which
    challengers there are; null where it is.
    """

    items: list[ServingModel]
    challengers: list[ChallengerModel]
    trouble: TroubleShown | None
    unknown: TroubleShown | None


def models_shown(
    signed: Mapping[str, ModelValidation], store: ModelStore, now: str, language: Language | None
) -> ShownModels:
    """All of them; `signed`: what validators found, by bundle."""
    items = [
        ServingModel(**_facts(one.bundle, one.version, signed, store), in_service_since=one.since.isoformat())
        for one in store.held.values()
    ]
    serving = {one.bundle for one in items}
    challengers, unknown = [], None
    try:
        found = [one for one in store.challengers() if one[0].id not in serving]
    except RegistryAway as away:
        unknown = Trouble(now, tuple(away.as_faults()))
    else:
        challengers = [ChallengerModel(**_facts(bundle, version, signed, store)) for bundle, version in found]
    return ShownModels(
        items,
        challengers,
        None if store.trouble is None else store.trouble.shown(language),
        None if unknown is None else unknown.shown(language),
    )


def model_of(told: ShownModels, bundle: str) -> ModelFacts:
    """One of them by its bundle. Raises `NoSuchModel`."""
    every: list[ModelFacts] = [*told.items, *told.challengers]
    for one in every:
        if one.bundle == bundle:
            return one
    raise NoSuchModel("no_such_model", bundle=bundle)


def _facts(bundle: Bundle, version: str | None, signed: Mapping[str, ModelValidation], store: ModelStore) -> Part:
    return {
        "kind": bundle.kind.name,
        "name": bundle.name,
        "bundle": bundle.id,
        "version": version,
        "made_on": bundle.made_on.isoformat(),
        "horizon": bundle.horizon,
        "events": bundle.events,
        "synthetic": bundle.synthetic,
        "features": list(bundle.features),
        "gate": _gate(bundle),
        "calibration": msgspec.convert(bundle.card, GradedCard).grades,
        "validation": signed.get(bundle.id),
        "registry": None if version is None else store.page_of(bundle.kind.name, version),
        "card": dict(bundle.card),
    }


def _gate(bundle: Bundle) -> ModelGate | None:
    if not {"gate", "learned", "judged"} <= set(bundle.card):
        return None
    card = msgspec.convert(bundle.card, GatedCard)
    return ModelGate(
        learned=card.learned.rarer,
        least_learned=card.gate["least_events"],
        judged=card.judged.rarer,
        least_judged=card.gate["least_test_events"],
        passes=not shortfalls(bundle),
    )


def validations_shown(connection: Connection, reach: Reach, today: date) -> dict[str, ModelValidation]:
    """What validators of banks within reach, or of all, found last of each model, by bundle."""
    found = validations_within(connection, reach)
    names = account_names(connection, {one.by for one in found})
    return {one.subject: _validation(one, names, today) for one in found}


def _validation(one: ChangeInForce, names: Mapping[str, str], today: date) -> ModelValidation:
    until = one.content.get("expires_on")
    findings = one.content.get("findings")
    return ModelValidation(
        outcome=str(one.content.get("outcome", "")),
        by=names.get(one.by, str(one.content.get("by", one.by))).removeprefix("user:"),
        findings=tuple(map(str, findings)) if isinstance(findings, list) else (),
        expires_on=None if until is None else str(until),
        expired=until is not None and str(until) < today.isoformat(),
        entry=one.record.entry,
        at=one.record.at,
    )
