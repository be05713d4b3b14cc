"""What independent validators found of models: each finding is an entry."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Engine

from features.errors import Fault, fault
from features.policy import Policy
from models.records.calendar import add_months
from service.access.roles import Caller
from service.assessing.model_store import ModelStore
from service.assessing.model_validity import validations_in_force
from service.edge.database import in_turn
from service.edge.errors import InvalidRequest
from service.edge.fields import STRICT, Day, Sentence
from service.ledger.change_log import Change, ChangeInForce, enter_change, last
from service.ledger.kinds import Kind
from service.ledger.ledger_settings import settings_of
from service.ledger.written_kinds import ValidationEntry

LONGEST = "model_validation.longest"
"""For how many months a signature may hold."""


class Validation(BaseModel):
    """What an independent validator found of a model: signed until a day, or refused."""

    model_config = STRICT

    bundle: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    outcome: Literal["signed", "refused"]
    findings: Annotated[list[Sentence], Field(max_length=100)] = Field(default_factory=list)
    expires_on: Day | None = Field(default=None, description="Until when the signature holds; needed to sign")


def enter_validation(
    engine: Engine, store: ModelStore, given: Validation, caller: Caller, today: date
) -> list[ChangeInForce]:
    """Enter what was found, for the bank of the validator; it, as the ledger tells it.

    Raises `InvalidRequest`; `RegistryAway` where only the registry could tell whose model it is.
    """
    with engine.connect() as connection:
        served = last(connection, Kind.MODEL, given.bundle) is not None
    faults = [*_faults(given, today, settings_of(engine).policy), *_of_model(store, given, caller, served=served)]
    if faults:
        raise InvalidRequest(faults)
    told = given.model_dump(mode="json")
    content = ValidationEntry(subject=given.bundle, by=caller.name, bank=caller.place.bank, **told)
    change = Change(content, caller.id, bank=caller.place.bank)
    entry = in_turn(engine, lambda connection: enter_change(connection, change))
    with engine.connect() as connection:
        found = validations_in_force(connection, [given.bundle])
    return [one for one in found if one.record.entry == entry.seq]


def _of_model(store: ModelStore, given: Validation, caller: Caller, *, served: bool) -> Iterator[Fault]:
    """A model that is not known here cannot be judged, nor one's own. What serves, or did, is refused at any time."""
    if given.outcome == "refused" and (served or any(one.bundle.id == given.bundle for one in store.held.values())):
        return
    found = store.registered(given.bundle)
    if found is None and not served:
        yield fault("/bundle", "no_such_model", bundle=given.bundle)
    if found is not None and found.made_by is not None and found.made_by == caller.name.removeprefix("user:"):
        yield fault("/bundle", "own_model", by=caller.name)


def _faults(given: Validation, today: date, policy: Policy) -> Iterator[Fault]:
    months = int(policy(LONGEST).on(today))
    if given.outcome == "signed" and given.expires_on is None:
        yield fault("/expires_on", "signature_day_missing")
    if given.expires_on is not None and given.expires_on <= today:
        yield fault("/expires_on", "not_ahead")
    if given.expires_on is not None and given.expires_on > add_months(today, months):
        yield fault("/expires_on", "signature_too_long", months=months)
    if given.outcome == "refused" and not given.findings:
        yield fault("/findings", "findings_missing")
