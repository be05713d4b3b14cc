"""The answer with what the service adds: when it was asked, where the rows came from, which were left out."""

from collections.abc import Iterator, Mapping
from datetime import date
from uuid import uuid4

from msgspec import structs

from features.columns import LARGEST_WHOLE
from features.contradictions import contradictions
from features.errors import fault
from features.policy import Policy
from models.assess import Assessment
from models.score.kind import KindName
from service.assessing.declared_floats import floats_written
from service.assessing.leaves import assessment_leaves, words_leaf
from service.assessing.ports import Rows
from service.assessing.stages import Assessed, Gathered
from service.edge.errors import InvalidRequest
from service.ledger.canonical import time_text
from service.ledger.redaction import SentAnswer, cut_of
from service.ledger.seal import Leaves


def described(gathered: Gathered, assessment: Assessment, policy: Policy, identity: str = "") -> Assessed:
    """The answer with what the service adds: when it was asked, where the rows came from, which were left out.

    Its `identity` is new unless it is given.
    """
    question, case = gathered.question, gathered.case
    identity, sources = identity or str(uuid4()), sources_of(gathered.rows, case.as_of)
    answer: dict[str, object] = assessment.to_dict()
    parts = {
        "id": identity,
        "asked_at": time_text(question.asked_at),
        "retrospective": case.as_of != question.today,
        "ahead": case.as_of > question.today,
        **answer,
        "sources": sources,
        "ignored": gathered.ignored,
        "contradictions": list(map(structs.asdict, contradictions(gathered.rows))),
        "overrides": [{"policy": changed.name, "kind": changed.kind} for changed in policy.overrides],
        "links": links(identity, gathered.applicant.kind),
    }
    leaves = {
        **assessment_leaves(gathered.applicant, gathered.rows, assessment),
        **words_leaf(question.language),
    }
    return Assessed(question, case, assessment.probability, parts, leaves, _sent(parts, leaves))


def _sent(parts: Mapping[str, object], leaves: Leaves) -> SentAnswer:
    """The answer as it is sealed. Raises `InvalidRequest` where an amount that follows is beyond what JSON carries."""
    try:
        return SentAnswer.of(parts, cut_of(leaves), floats_written)
    except (TypeError, ValueError):
        if any(abs(number) > LARGEST_WHOLE for number in _integers(parts)):
            raise InvalidRequest([fault("/rows", "amounts_beyond_measure")]) from None
        raise


def _integers(value: object) -> Iterator[int]:
    """The whole numbers within a value."""
    if isinstance(value, int):
        yield value
    elif isinstance(value, Mapping):
        yield from (number for part in value.values() for number in _integers(part))
    elif isinstance(value, list | tuple):
        yield from (number for part in value for number in _integers(part))


def links(identity: str, kind: KindName) -> dict[str, str]:
    """Where more about an answer is found: what would change it is told of a pledge alone."""
    own = f"/v1/assessments/{identity}"
    parts = ("acts", "earlier", "reasons", "changes") if kind == "pledge" else ("acts", "earlier", "reasons")
    return {part: f"{own}/{part}" for part in parts}


def sources_of(rows: Rows, as_of: date) -> dict[str, dict[str, object]]:
    """Per table: how many rows were read, of which source kinds, how many typed by hand, and the age of the newest."""
    found = {}
    for table, own in rows.items():
        if own and table != "coverage":
            kinds = [row["source_kind"] for row in own]
            newest = max(row["known_on"] for row in own)
            found[table] = {
                "rows": len(own),
                "kinds": {kind: kinds.count(kind) for kind in sorted(set(kinds))},
                "typed": kinds.count("typed"),
                "known_on": newest.isoformat(),
                "age_days": (as_of - newest).days,
            }
    return found
