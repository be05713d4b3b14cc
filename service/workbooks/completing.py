"""What follows for rows that a person typed: keys for names, who told them and since when, what was asked in vain."""

from collections.abc import Mapping, Sequence

from features.identifiers import IdentifierError, firm_key
from features.tables import TABLES
from service.workbooks.layout import GIVEN
from service.workbooks.people import with_keys
from service.workbooks.rows import ReadRow


def completed(
    firm: str, as_of: str, rows: Mapping[str, Sequence[ReadRow]], *, later: bool = False
) -> dict[str, list[dict[str, object]]]:
    """The rows by table as JSON would tell them, each with its source.

    A row without a day on which it was known counts as known on the day of the question; with `later`, where it tells
    of a day after that, on this day.
    """
    with_keys(_firm_key(firm), rows)
    empty = _asked_in_vain(rows, as_of)
    for table, own in rows.items():
        for one in own:
            one.values.setdefault("source_kind", "typed")
            one.values.setdefault("known_on", _known_on(table, one.values, as_of, later))
    told = {table: [one.values for one in own] for table, own in rows.items() if table != "coverage"}
    coverage = [one.values for one in rows.get("coverage", ()) if one.values.get("about") not in empty]
    return told | ({"coverage": coverage} if coverage else {}) | {table: [] for table in sorted(empty)}


def _firm_key(written: str) -> str:
    """The key of the firm, however its code is written: the keys of its people follow from it."""
    try:
        return firm_key(written)
    except IdentifierError:
        return written


def _asked_in_vain(rows: Mapping[str, Sequence[ReadRow]], as_of: str) -> set[str]:
    """Tables whose source was asked on the day of the question and had nothing: each stands as an empty table.

    A row that tells where that is known from stands as it is.
    """
    bare = {
        str(one.values.get("about"))
        for one in rows.get("coverage", ())
        if one.values.get("asked_on", as_of) == as_of
        and one.values.get("complete") is not False
        and not one.values.keys() & set(GIVEN)
    }
    return (bare & TABLES.keys()) - rows.keys()


def _known_on(table: str, values: Mapping[str, object], as_of: str, later: bool) -> str:
    """The day of the question; of what happened later, where that may be told, the last day that it tells of."""
    if not later:
        return as_of
    happened = (values[name] for name, column in TABLES[table].columns.items() if column.happened and name in values)
    return max([as_of, *(str(day) for day in happened)])
