"""What the bank then did: decisions, drawdowns and closures, each an entry of its own that names what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Engine, Table, insert, select
from sqlmodel import Field, SQLModel

from service.database import in_turn
from service.errors import Erased, InvalidRequest, NoSuchAssessment, NotDecidable
from service.ledger.append import Draft, append
from service.ledger.canonical import canonical
from service.ledger.tables import Kind
from service.records import ASSESSMENTS
from service.wire import Closure, Decision, Drawdown


class ActRecord(SQLModel, table=True):
    """Where to find what was done about an assessment; the ledger holds it under `seq`."""

    __tablename__ = "acts"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    assessment: str = Field(index=True)
    kind: str
    at: str
    content: str
    seal: str


ACTS: Table = SQLModel.metadata.tables["acts"]


@dataclass(frozen=True)
class Step:
    """One thing done about an assessment, as it came in."""

    assessment: str
    content: Decision | Drawdown | Closure
    at: datetime
    today: date
    actor: str

    @property
    def kind(self) -> Kind:
        """Under which code it is entered."""
        return {Decision: Kind.DECISION, Drawdown: Kind.DRAWDOWN, Closure: Kind.CLOSURE}[type(self.content)]


def enter(engine: Engine, step: Step) -> dict[str, Any]:
    """Enter the step if what was done before allows it; returns it with its entry and seal.

    Raises `NoSuchAssessment`, `NotDecidable` or `InvalidRequest`.
    """
    return in_turn(engine, lambda connection: _entered(connection, step))


def _entered(connection: Connection, step: Step) -> dict[str, Any]:
    assessment = _assessment(connection, step.assessment)
    _check(step, assessment, acts_of(connection, step.assessment))
    told = step.content.model_dump(mode="json", exclude_none=True)
    rests_on = {"id": assessment.id, "seal": assessment.seal}
    leaves = {"/assessment": canonical(rests_on)} | {f"/{step.kind}/{n}": canonical(v) for n, v in told.items()}
    entry = append(connection, [Draft(step.at, step.actor, step.kind, leaves, firm=assessment.firm)])[0]
    row = {"seq": entry.seq, "assessment": step.assessment, "kind": step.kind.value, "at": entry.at}
    row |= {"seal": entry.seal, "content": orjson.dumps(told).decode()}
    connection.execute(insert(ACTS), row)
    return _told(row)


def acts_of(connection: Connection, assessment: str) -> list[dict[str, Any]]:
    """What was done about an assessment, in order."""
    found = connection.execute(select(ACTS).where(ACTS.c.assessment == assessment).order_by(ACTS.c.seq)).mappings()
    return [_told(dict(row)) for row in found]


def _told(row: dict[str, Any]) -> dict[str, Any]:
    record = {"entry": row["seq"], "at": row["at"], "seal": row["seal"]}
    return {"assessment": row["assessment"], "kind": row["kind"], **orjson.loads(row["content"]), "record": record}


def _assessment(connection: Connection, assessment: str) -> Any:
    found = connection.execute(select(ASSESSMENTS).where(ASSESSMENTS.c.id == assessment)).one_or_none()
    if found is None:
        raise NoSuchAssessment(f"no assessment has the id {assessment}")
    if found.firm is None:
        raise Erased("what was assessed was erased: nothing can follow from it", entry=found.seq)
    return found


def _check(step: Step, assessment: Any, before: Sequence[Mapping[str, Any]]) -> None:
    if assessment.retrospective:
        raise NotDecidable("the assessment is retrospective: it was asked about another day, and decides nothing")
    done = [act["kind"] for act in before]
    match step.content:
        case Decision() as decision:
            _check_decision(decision, assessment, step.today, done)
        case Drawdown() as drawdown:
            _check_drawdown(drawdown, [act["outcome"] for act in before if act["kind"] == Kind.DECISION], done)
        case Closure():
            _check_closure(done)


def _check_decision(decision: Decision, assessment: Any, today: date, done: Sequence[str]) -> None:
    if Kind.DRAWDOWN in done:
        raise NotDecidable("money was drawn under the last decision: it stands")
    expires_on = assessment.expires_on
    if expires_on < today.isoformat():
        raise NotDecidable(f"the assessment expired on {expires_on}: ask anew", expires_on=expires_on)
    if decision.outcome == "approve":
        absent = [name for name in ("amount", "term_months") if getattr(decision, name) is None]
        if absent:
            raise InvalidRequest([(f"/{name}", "is needed to approve") for name in absent])


def _check_drawdown(drawdown: Drawdown, decided: Sequence[str], done: Sequence[str]) -> None:
    if not decided or decided[-1] != "approve":
        raise NotDecidable("there is no approval to draw under: record the decision first")
    if Kind.CLOSURE in done:
        raise NotDecidable("the loan is closed")
    if drawdown.due_on <= drawdown.drawn_on:
        raise InvalidRequest([("/due_on", f"does not lie after drawn_on {drawdown.drawn_on}")])


def _check_closure(done: Sequence[str]) -> None:
    if Kind.DRAWDOWN not in done:
        raise NotDecidable("nothing was drawn, so there is nothing to close")
    if Kind.CLOSURE in done:
        raise NotDecidable("the loan is closed already")
