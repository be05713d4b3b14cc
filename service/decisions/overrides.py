"""Figures of decisions against the advice and of waived conditions: how many, by whom, why, and what became of them."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from sqlalchemy import Connection, select

from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.decisions.acts import ACTS
from service.ledger.kinds import Kind

STANDS = ("as_advised", "worse", "referred", "better", "withdrawn")


def overrides(connection: Connection, reach: Reach, since: str, until: str) -> dict[str, Any]:
    """The figures of the decisions within reach that were entered from one day to another (both included)."""
    joined = select(ACTS, ASSESSMENTS.c.bank, ASSESSMENTS.c.branch).join(
        ASSESSMENTS, ASSESSMENTS.c.id == ACTS.c.assessment
    )
    rows = connection.execute(joined.where(reach.of(ASSESSMENTS)).order_by(ACTS.c.seq)).mappings()
    acts = [dict(row) | orjson.loads(row["content"]) for row in rows]
    decided = [act for act in acts if act["kind"] == Kind.DECISION and since <= act["at"][:10] <= until]
    better = [act for act in decided if act.get("stands") == "better"]
    return {
        "from": since,
        "to": until,
        "decisions": len(decided),
        "stands": {word: sum(act.get("stands") == word for act in decided) for word in STANDS},
        "better_in": _counted(name for act in better for name in act["better_in"]),
        "by_reason": _counted(act["reason_code"] for act in better),
        "by_decider": _counted(act["decider"] for act in better),
        "by_branch": _counted(f"{act['bank']}/{act['branch'] or '-'}" for act in better),
        "by_month": _counted(act["at"][:7] for act in better),
        "waived": _counted(one["rule"] for act in decided for one in act.get("waived", ())),
        "became": {word: _became(acts, decided, word) for word in STANDS},
    }


def _became(acts: list[dict[str, Any]], decided: list[dict[str, Any]], word: str) -> dict[str, int]:
    """What became of the loans whose last decision stood so to the advice."""
    final = {act["assessment"]: act.get("stands") for act in decided}
    own = {assessment for assessment, stands in final.items() if stands == word}
    drawn = {act["assessment"] for act in acts if act["kind"] == Kind.DRAWDOWN} & own
    closed = [act for act in acts if act["kind"] == Kind.CLOSURE and act["assessment"] in own]
    bad = [act for act in closed if act["outcome"] not in {"repaid", "renewed"}]
    return {"drawn": len(drawn), "closed": len(closed), "bad": len(bad), "loss": sum(act["loss"] for act in closed)}


def _counted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(names).most_common())
