"""Which models serve, for every process: whoever asks the registry writes it down, the others follow what stands there.

What was in service when is told by the ledger's entries; these rows only let processes agree, and are not evidence.
"""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel

from models.score.kind import KindName
from service.assessing.model_validity import ServedBy, objection, words_on
from service.edge.database import replacing
from service.edge.errors import Busy, Refused
from service.ledger.ledger_settings import settings_of


class ServingRecord(SQLModel, table=True):
    """The bundle of a kind that serves, its number in the registry, and since when; an empty bundle: none does."""

    __tablename__ = "serving_models"

    kind: str = Field(primary_key=True)
    bundle: str
    version: str
    since: str


SERVING = SQLModel.metadata.tables["serving_models"]


@dataclass(frozen=True)
class Serving:
    """What serves for a kind of question."""

    kind: KindName
    bundle: str
    version: str
    since: str


class Superseded(Busy):
    """The model that answered was replaced before its answer was recorded."""

    problem = "superseded"


def serving(connection: Connection) -> dict[KindName, Serving]:
    """What serves by kind, as the process says that asks the registry; empty where none did so yet."""
    rows = connection.execute(select(SERVING)).mappings()
    return {row["kind"]: Serving(**row) for row in rows}


def set_serving(connection: Connection, now: Serving) -> None:
    """Let every process serve this."""
    connection.execute(replacing(connection.dialect.name, SERVING), vars(now))


def not_to_be_recorded(
    connection: Connection, answered: Collection[ServedBy], *, follows: bool, signed_only: bool
) -> dict[ServedBy, Refused]:
    """Of what answered, that whose answers must not be recorded any more, and why.

    Looked at in the turn that records: what was entered before it counts. `follows`: whether this process serves what
    `serving` says, and not folders that its deployer named. `signed_only`: whether a validator must have signed it.
    """
    now = serving(connection) if follows else {}
    settings = settings_of(connection)
    today = settings.day_of(settings.clock())
    words = words_on(connection, {one.bundle for one in answered})
    found: dict[ServedBy, Refused] = {}
    for one in answered:
        why = objection(words.get(one.bundle, ()), one.bank, today, signed_only=signed_only)
        if why is not None:
            found[one] = why.refusal(one.kind)
        elif one.kind in now and now[one.kind].bundle != one.bundle:
            found[one] = Superseded("superseded")
    return found
