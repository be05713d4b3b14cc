"""What a caller may know of a firm before typing: from the lakes, else from its latest assessment within reach."""

from datetime import date

import orjson
from sqlalchemy import Connection, select

from features.identifiers import IdentifierError, firm_key
from features.standing import latest
from features.tables import TABLES
from service.access.roles import Caller, Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.leaves import rows_of
from service.assessing.ports import FirmSource
from service.assessing.records import entry_of
from service.edge.errors import Erased, NoLake, UnknownFirm
from service.ledger.contents import content_of

Row = dict[str, object]


def known_rows(
    connection: Connection, firms: FirmSource, written: str, caller: Caller, as_of: date
) -> dict[str, list[Row]]:
    """The rows by table as JSON tells them; none where nobody knows the firm."""
    firm = key_of_firm(written)
    found = _looked_up(firms, firm, caller)
    return _known(_assessed(connection, firm, caller.reach) if found is None else found, as_of)


def known_since(
    connection: Connection, firms: FirmSource, assessment: str, firm: str, caller: Caller, as_of: date
) -> tuple[dict[str, list[Row]], bool]:
    """What is known of a firm by now and what an assessment rested on; whether that is more than a look-up finds."""
    looked_up = _looked_up(firms, firm, caller)
    known = _known(looked_up or {}, as_of)
    beside = {
        table: [row for row in own if not any(_same(row, other) for other in known.get(table, ()))]
        for table, own in _rested_on(connection, assessment).items()
    }
    found = {table: [*known.get(table, ()), *beside.get(table, ())] for table in {**known, **beside}}
    return {table: own for table, own in found.items() if own}, looked_up is None or any(beside.values())


def _looked_up(firms: FirmSource, firm: str, caller: Caller) -> dict[str, list[Row]] | None:
    """What the lake tells of a firm; None where it does not know the firm, or there is none."""
    try:
        return {table: [dict(row) for row in own] for table, own in firms.rows(firm, caller.place.bank).items()}
    except (UnknownFirm, NoLake):
        return None


def _known(found: dict[str, list[Row]], as_of: date) -> dict[str, list[Row]]:
    """The rows that are known by a day, as JSON tells them."""
    told: dict[str, list[Row]] = orjson.loads(orjson.dumps(found))
    known = {table: [row for row in own if str(row["known_on"]) <= as_of.isoformat()] for table, own in told.items()}
    return {table: own for table, own in known.items() if own and table in TABLES}


def _same(one: Row, other: Row) -> bool:
    return all(one.get(name) == other.get(name) for name in {*one, *other})


def known_question(rows: dict[str, list[Row]], firm: str, as_of: date) -> dict[str, object]:
    """A question with the latest of what is known, for the template to be filled with."""
    own = {table: latest(table, given) for table, given in rows.items()}
    return {"firm": firm, "as_of": as_of.isoformat(), "rows": {table: given for table, given in own.items() if given}}


def key_of_firm(written: str) -> str:
    """The key of a firm, however its code is written."""
    try:
        return firm_key(written, registered=True)
    except IdentifierError:
        return written


def _assessed(connection: Connection, firm: str, reach: Reach) -> dict[str, list[Row]]:
    """The rows of the firm's latest assessment."""
    wanted = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.firm == firm, reach.of(ASSESSMENTS))
    one = connection.execute(wanted.order_by(ASSESSMENTS.c.seq.desc()).limit(1)).scalar_one_or_none()
    if one is None:
        return {}
    return _rested_on(connection, one)


def _rested_on(connection: Connection, assessment: str) -> dict[str, list[Row]]:
    """The rows that an assessment rests on, as JSON tells them; none of one that was erased."""
    try:
        body = orjson.loads(content_of(connection, entry_of(connection, assessment)).body)
    except Erased:
        return {}
    own = {table: rows for table, rows in rows_of(body).items() if table in TABLES}
    found: dict[str, list[Row]] = orjson.loads(orjson.dumps(own))
    return found
