"""What the service needs from outside, as narrow as it needs it; `app.py` says who provides it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from sqlalchemy import Connection

from features.lake import NamedFirm
from features.schema import Row
from models.score.bundle import Bundle
from models.score.kind import KindName
from service.access.roles import Place
from service.assessing.model_validity import ServedBy
from service.edge.errors import Refused

Rows = dict[str, list[Row]]
"""Raw rows by table name, days as `datetime.date`."""


class FirmSource(Protocol):
    """Where the rows of a firm are looked up."""

    def rows(self, firm: str, bank: str | None) -> Rows:
        """Every row about the firm that the bank may read, whenever known. Raises `UnknownFirm`."""

    def named(self, part: str, place: Place) -> Sequence[NamedFirm]:
        """Firms one of whose names, as an account of the place may read it, contains the text, the best first."""


class Bundles(Protocol):
    """Where the model that is in service is found."""

    def of(self, kind: KindName) -> Bundle:
        """The bundle that answers now, whole and immutable. Raises `NoModel`."""

    def follow(self) -> None:
        """Serve what was announced meanwhile, at once."""

    def not_to_be_recorded(self, connection: Connection, answered: Collection[ServedBy]) -> Mapping[ServedBy, Refused]:
        """Of what answered, that whose answers must not be recorded any more, and why."""
