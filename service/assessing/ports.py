"""What the service needs from outside, as narrow as it needs it; `app.py` says who provides it."""

from collections.abc import Sequence
from typing import Any, Protocol

from models.score.bundle import Bundle
from models.score.kind import KindName

Rows = dict[str, list[dict[str, Any]]]
"""Raw rows by table name, days as `datetime.date`."""


class Firms(Protocol):
    """Where the rows of a firm are looked up."""

    def rows(self, firm: str) -> Rows:
        """Every row about the firm, whenever known. Raises `UnknownFirm`."""

    def named(self, part: str) -> Sequence[dict[str, Any]]:
        """Firms one of whose names contains the text, with key, name and the day on which it was known."""


class Bundles(Protocol):
    """Where the model that is in service is found."""

    def of(self, kind: KindName) -> Bundle:
        """The bundle that answers now, whole and immutable. Raises `NoModel`."""
