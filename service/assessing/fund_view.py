"""What an account of a fund reads over HTTP: of an assessment what a pack for a fund would show, put together."""

import orjson
from sqlalchemy import Connection

from service.assessing.audiences import is_shown
from service.assessing.records import entry_of, record_of, sealed_of
from service.ledger.canonical import canonical
from service.ledger.contents import content_of
from service.ledger.redaction import CUT, cut_of, pieces_of
from service.offline.verify import answer_of


def answer_for_fund(connection: Connection, assessment: str) -> dict[str, object]:
    """The parts of an answer that a fund may see. Raises `NoSuchAssessment`, or `Erased`."""
    entry = entry_of(connection, assessment)
    held = content_of(connection, entry)
    body = orjson.loads(held.body)
    cut = cut_of({CUT: canonical(body[CUT])} if CUT in body else {})
    pieces = pieces_of(orjson.loads(held.answer or b"{}"), cut)
    shown = {pointer: piece for pointer, piece in pieces.items() if is_shown(pointer, "fund")}
    return answer_of(shown) | {"record": record_of(sealed_of(connection, entry))}
