"""An assessment as its entry holds it: of the sealed answer what asking again needs, and the leaves of the body."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import msgspec
import orjson
from sqlalchemy import Connection

from models.answer import FeatureValue
from service.assessing.assessment_index import IndexedAnswer
from service.assessing.records import entry_of
from service.ledger.contents import content_of


class SealedOverride(msgspec.Struct, frozen=True):
    """A parameter that was applied as the bank's own folder stated it."""

    policy: str
    kind: Literal["superseded", "added"]


class SealedAnswer(IndexedAnswer, frozen=True, kw_only=True):
    """Of a sealed answer, of whichever version, what asking it again needs."""

    asked_at: datetime
    features: tuple[FeatureValue, ...]
    ignored: list[dict[str, object]]
    sources: dict[str, object]
    overrides: tuple[SealedOverride, ...]


@dataclass(frozen=True)
class SealedAssessment:
    """An assessment as its entry holds it: the answer that left and its bytes, and the leaves of the body."""

    seq: int
    seal: str
    sent: bytes
    answer: SealedAnswer
    body: Mapping[str, object]


def sealed_assessment(connection: Connection, assessment: str) -> SealedAssessment:
    """The entry of an assessment. Raises `NoSuchAssessment`, or `Erased`."""
    entry = entry_of(connection, assessment)
    held = content_of(connection, entry)
    sent = held.answer or b"{}"
    answer = msgspec.json.decode(sent, type=SealedAnswer)
    return SealedAssessment(entry.seq, entry.seal, sent, answer, orjson.loads(held.body))
