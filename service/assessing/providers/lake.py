"""Firms looked up in a lake, and the answer where there is none."""

from collections.abc import Sequence

from features.lake import Lake, NamedFirm
from features.schema import Row
from service.assessing.ports import Rows
from service.edge.errors import NoLake, UnknownFirm


class LakeFirms:
    """The firms of a lake: only the partition of the firm that is asked for is opened."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def rows(self, firm: str) -> Rows:
        """Every row about the firm, what is not known left out. Raises `UnknownFirm`."""
        frames = self.lake.read_firm(firm)
        if not frames:
            raise UnknownFirm("unknown_firm", lake=self.lake.manifest.name, firm=firm)
        return {table: [_known(row) for row in frame.iter_rows(named=True)] for table, frame in frames.items()}

    def named(self, part: str) -> Sequence[NamedFirm]:
        """Firms one of whose names contains the text, the best matches first."""
        return self.lake.firms(part)


def _known(row: Row) -> Row:
    return {name: value for name, value in row.items() if value is not None}


class NoFirms:
    """Stands in where no lake was named: every look-up says so."""

    def rows(self, firm: str) -> Rows:
        """Raises `NoLake`."""
        raise NoLake("no_lake_for_firm", firm=firm)

    def named(self, part: str) -> Sequence[NamedFirm]:
        """Raises `NoLake`."""
        raise NoLake("no_lake", part=part)
