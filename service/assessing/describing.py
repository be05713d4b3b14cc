"""The answer with what the service adds: when it was asked, where the rows came from, which were left out."""

from datetime import date
from uuid import uuid4

from msgspec import structs

from features.contradictions import contradictions
from features.policy import Policy
from models.assess import Assessment
from models.score.kind import KindName
from service.assessing.declared_floats import floats_written
from service.assessing.leaves import assessment_leaves, words_leaf
from service.assessing.ports import Rows
from service.assessing.stages import Assessed, Gathered
from service.ledger.canonical import time_text
from service.ledger.redaction import SentAnswer, cut_of


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
    sent = SentAnswer.of(parts, cut_of(leaves), floats_written)
    return Assessed(question, case, assessment.probability, parts, leaves, sent)


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
