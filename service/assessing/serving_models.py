"""Which models serve, for every process: whoever asks the registry writes it down, the others follow what stands there.

What was in service when is told by the ledger's entries; these rows only let processes agree, and are not evidence.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, select
from sqlmodel import Field, SQLModel

from models.score.kind import KindName
from service.edge.database import replacing
from service.edge.errors import Busy, Refused
from service.ledger.change_log import last
from service.ledger.kinds import Kind


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


class ModelRefused(Refused):
    """The validator refused the model that answered."""

    status, problem = Busy.status, "model-refused"


def serving(connection: Connection) -> dict[KindName, Serving]:
    """What serves by kind, as the process says that asks the registry; empty where none did so yet."""
    rows = connection.execute(select(SERVING)).mappings()
    return {row["kind"]: Serving(**row) for row in rows}


def set_serving(connection: Connection, now: Serving) -> None:
    """Let every process serve this."""
    connection.execute(replacing(connection.dialect.name, SERVING), vars(now))


def not_to_be_recorded(
    connection: Connection, answered: Mapping[str, KindName], *, follows: bool
) -> dict[str, Refused]:
    """Of the bundles that answered, by id, those whose answers must not be recorded any more, and why.

    Looked at in the turn that records: what was entered before it counts. `follows`: whether this process serves what
    `serving` says, and not folders that its deployer named.
    """
    now = serving(connection) if follows else {}
    found: dict[str, Refused] = {}
    for bundle, kind in answered.items():
        validated = last(connection, Kind.VALIDATION, bundle)
        if validated is not None and validated["outcome"] == "refused":
            found[bundle] = ModelRefused("model_refused", by=str(validated["by"]), kind=kind)
        elif kind in now and now[kind].bundle != bundle:
            found[bundle] = Superseded("superseded")
    return found
