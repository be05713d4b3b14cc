"""Prints which rows do not follow from the entries."""

from collections.abc import Sequence

from models.words.output import tell
from service.ledger.row_differences import Difference


def tell_differences(found: Sequence[Difference]) -> None:
    """A line for each row, and how many there are."""
    for one in found:
        columns = {"columns": one.columns} if one.columns else {}
        tell(one.code, row=one.row, **columns)
    tell("rows_differ", count=len(found))
