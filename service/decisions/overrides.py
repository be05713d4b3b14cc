"""Figures of decisions against the advice and of waived conditions: how many, by whom, why, and what became of them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec
import orjson
from sqlalchemy import Connection, select

from service.access.account_names import account_names
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.decisions.decided import DECIDING, STANDS, DecisionContent
from service.ledger.kinds import Kind
from service.loan_files.steps import STEPS, reversed_by


class _ClosureFigures(msgspec.Struct, frozen=True):
    """Of a closure's content what is counted; the loss in fen."""

    outcome: str
    loss: int


class _ActRow(Protocol):
    """An act's columns, and whose assessment it is about."""

    assessment: str
    kind: str
    at: str
    content: str
    actor: str | None
    bank: str | None
    branch: str | None


@dataclass(frozen=True)
class _Decided:
    """A decision: about which assessment, when, of which bank and branch."""

    assessment: str
    at: str
    bank: str | None
    branch: str | None
    content: DecisionContent
    actor: str | None


def overrides(connection: Connection, reach: Reach, since: str, until: str) -> dict[str, object]:
    """The figures of the decisions within reach that were entered from one day to another (both included)."""
    joined = select(STEPS, ASSESSMENTS.c.bank, ASSESSMENTS.c.branch).join(
        ASSESSMENTS, ASSESSMENTS.c.id == STEPS.c.assessment
    )
    rows = connection.execute(joined.where(reach.of(ASSESSMENTS)).order_by(STEPS.c.seq)).all()
    gone = reversed_by(orjson.loads(row.content) for row in rows if row.kind == Kind.CORRECTION)
    rows = [row for row in rows if row.seq not in gone]
    told = [_decided(row) for row in rows if row.kind in DECIDING and since <= row.at[:10] <= until]
    decided = [one for one in told if one.content.counts]
    names = account_names(connection, (one.actor for one in decided if one.actor is not None))
    better = [one for one in decided if one.content.stands == "better"]
    return {
        "from": since,
        "to": until,
        "decisions": len(decided),
        "stands": {word: sum(one.content.stands == word for one in decided) for word in STANDS},
        "better_in": _counted(name for one in better for name in one.content.better_in),
        "by_reason": _counted(one.content.reason_code or "-" for one in better),
        "by_decider": _counted(_decider(one, names) for one in better),
        "by_branch": _counted(f"{one.bank}/{one.branch or '-'}" for one in better),
        "by_month": _counted(one.at[:7] for one in better),
        "waived": _counted(rule for one in decided for rule in one.content.set_aside),
        "became": {word: _became(rows, decided, word) for word in STANDS},
    }


def _decided(row: _ActRow) -> _Decided:
    content = msgspec.json.decode(row.content, type=DecisionContent)
    return _Decided(row.assessment, row.at, row.bank, row.branch, content, row.actor)


def _decider(one: _Decided, names: Mapping[str, str]) -> str:
    """Who decided, by name."""
    told = one.content.decider or one.content.person
    return told or names.get(one.actor or "", "-").removeprefix("user:")


def _became(acts: Sequence[_ActRow], decided: Sequence[_Decided], word: str) -> dict[str, int]:
    """What became of the loans whose last decision stood so to the advice."""
    final = {one.assessment: one.content.stands for one in decided}
    own = {assessment for assessment, stands in final.items() if stands == word}
    drawn = {act.assessment for act in acts if act.kind == Kind.DRAWDOWN} & own
    ended = [act.content for act in acts if act.kind == Kind.CLOSURE and act.assessment in own]
    closed = [msgspec.json.decode(content, type=_ClosureFigures) for content in ended]
    bad = [one for one in closed if one.outcome not in {"repaid", "renewed"}]
    return {"drawn": len(drawn), "closed": len(closed), "bad": len(bad), "loss": sum(one.loss for one in closed)}


def _counted(names: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(names).most_common())
