"""What independent validators found of models: each finding is an entry."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field
from sqlalchemy import Engine

from features.errors import Fault, fault
from service.access.roles import Caller
from service.edge.database import in_turn
from service.edge.errors import InvalidRequest
from service.edge.fields import STRICT, Day, Note
from service.ledger.change_log import Change, ChangeInForce, enter_change, in_force
from service.ledger.kinds import Kind
from service.ledger.written_kinds import ValidationEntry


class Validation(BaseModel):
    """What an independent validator found of a model: signed until a day, or refused."""

    model_config = STRICT

    bundle: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    outcome: Literal["signed", "refused"]
    findings: Annotated[list[Note], Field(max_length=100)] = Field(default_factory=list)
    expires_on: Day | None = Field(default=None, description="Until when the signature holds; needed to sign")


def enter_validation(engine: Engine, given: Validation, caller: Caller, today: date) -> list[ChangeInForce]:
    """Enter what was found; it, as the ledger tells it. Raises `InvalidRequest`."""
    _check(given, today)
    told = given.model_dump(mode="json")
    content = ValidationEntry(subject=given.bundle, by=caller.name, **told)
    entry = in_turn(engine, lambda connection: enter_change(connection, Change(content, caller.id)))
    with engine.connect() as connection:
        found = in_force(connection, None, [Kind.VALIDATION])
    return [one for one in found if one.record.entry == entry.seq]


def _check(given: Validation, today: date) -> None:
    faults: list[Fault] = []
    if given.outcome == "signed" and given.expires_on is None:
        faults.append(fault("/expires_on", "signature_day_missing"))
    if given.expires_on is not None and given.expires_on <= today:
        faults.append(fault("/expires_on", "not_ahead"))
    if given.outcome == "refused" and not given.findings:
        faults.append(fault("/findings", "findings_missing"))
    if faults:
        raise InvalidRequest(faults)
