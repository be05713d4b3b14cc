"""What the bank then did: decisions, drawdowns and closures, each an entry of its own that names what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import msgspec
import orjson
from sqlalchemy import Connection, Engine, Select, insert, select
from sqlmodel import Field, SQLModel

from features.policy import Policy
from service.access.roles import Caller
from service.assessing.assessment_index import ASSESSMENTS, AssessmentRecord, row_of
from service.assessing.loan_files import file_of_act
from service.assessing.records import answer_of
from service.decisions.decision import check_decision
from service.decisions.dossier import AdvisedAnswer, Dossier, EnteredAct, LaterAssessment
from service.decisions.drawdown import check_drawdown
from service.decisions.requests import Closure, Decision, Drawdown
from service.edge.database import in_turn
from service.edge.errors import Erased, NotDecidable
from service.ledger.append import Draft, EntryRecord, Sealed, Whose, append
from service.ledger.canonical import float_of, float_text
from service.ledger.entry_contents import AssessmentRef
from service.ledger.kinds import Kind
from service.ledger.opened import OpenedEntry
from service.ledger.tables import ENTRIES
from service.ledger.written_kinds import ClosureEntry, DecisionEntry, DrawdownEntry


class ActRecord(SQLModel, table=True):
    """Where to find what was done about an assessment; the ledger holds it under `seq`."""

    __tablename__ = "acts"

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    assessment: str = Field(index=True)
    kind: str
    at: str
    content: str
    seal: str


ACTS = SQLModel.metadata.tables["acts"]
ActContent = DecisionEntry | DrawdownEntry | ClosureEntry
_OF_KIND: Mapping[str, type[ActContent]] = {one.KIND.value: one for one in (DecisionEntry, DrawdownEntry, ClosureEntry)}
_ENTRIES: Mapping[type, type[ActContent]] = {
    Decision: DecisionEntry,
    Drawdown: DrawdownEntry,
    Closure: ClosureEntry,
}


@dataclass(frozen=True)
class Step:
    """One thing done about an assessment, as it came in."""

    assessment: str
    content: Decision | Drawdown | Closure
    at: datetime
    today: date
    caller: Caller
    policy: Policy


def enter(engine: Engine, step: Step) -> EnteredAct:
    """Enter the step if what was done before allows it; returns it with its entry and seal.

    Raises `NoSuchAssessment`, `NotDecidable` or `InvalidRequest`.
    """
    return in_turn(engine, lambda connection: _entered(connection, step))


def _entered(connection: Connection, step: Step) -> EnteredAct:
    assessment = _assessment(connection, step.assessment)
    found = _check(connection, step, assessment)
    content = _content(step, found, AssessmentRef(assessment.id, assessment.seal))
    file, taken_up = file_of_act(connection, assessment)
    whose: Whose = {"firm": assessment.firm, "bank": assessment.bank, "file": file, "taken_up": taken_up}
    entry = append(connection, [Draft.of(content, step.caller.id, **whose)])[0]
    connection.execute(insert(ACTS), act_row(content, entry))
    return EnteredAct(assessment.id, content.KIND, _shown(content), EntryRecord(entry.seq, entry.at, entry.seal))


def _content(step: Step, found: Mapping[str, object], about: AssessmentRef) -> ActContent:
    told = {**step.content.model_dump(mode="json"), **found}
    if told.get("rate") is not None:
        told["rate"] = float_text(told["rate"])
    return msgspec.convert({"assessment": msgspec.to_builtins(about), **told}, _ENTRIES[type(step.content)])


def act_row_of(entry: OpenedEntry) -> dict[str, object] | None:
    """The row that follows from an entry, if it is an act; of an erased one, what stands outside its content."""
    structure = _OF_KIND.get(entry.kind)
    if structure is None:
        return None
    if entry.body is None:
        return {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "kind": entry.kind}
    if entry.second:
        return act_row(structure.from_leaves(entry.body), entry)
    own = f"/{entry.kind}/"
    told = {pointer[len(own) :]: value for pointer, value in entry.body.items() if pointer.startswith(own)}
    if isinstance(rate := told.get("rate"), str):
        told["rate"] = float_of(rate)
    about = msgspec.convert(entry.body["/assessment"], AssessmentRef)
    same = {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "kind": entry.kind}
    return same | {"assessment": about.id, "content": orjson.dumps(told).decode()}


def act_row(content: ActContent, entry: Sealed | OpenedEntry) -> dict[str, object]:
    """The row of an act, from its content and its entry."""
    same = {"seq": entry.seq, "at": entry.at, "seal": entry.seal, "kind": content.KIND.value}
    return same | {"assessment": content.assessment.id, "content": orjson.dumps(_shown(content)).decode()}


def _shown(content: ActContent) -> dict[str, object]:
    """The content but for what it is about."""
    return {name: value for name, value in content.to_dict().items() if name != "assessment"}


def acts_of(connection: Connection, assessment: str) -> list[EnteredAct]:
    """What was done about an assessment, in order."""
    found = connection.execute(select(ACTS).where(ACTS.c.assessment == assessment).order_by(ACTS.c.seq))
    return [
        EnteredAct(row.assessment, row.kind, orjson.loads(row.content), EntryRecord(row.seq, row.at, row.seal))
        for row in found
    ]


def _assessment(connection: Connection, assessment: str) -> AssessmentRecord:
    found = row_of(connection, assessment)
    if found.firm is None:
        raise Erased("assessment_erased", entry=found.seq)
    return found


def dossier_of(connection: Connection, assessment: str) -> Dossier:
    """What whoever decides about the assessment has before them. Raises `NoSuchAssessment` or `Erased`."""
    row = _assessment(connection, assessment)
    later = connection.execute(_of_same(row).where(ASSESSMENTS.c.seq > row.seq).order_by(ASSESSMENTS.c.seq)).mappings()
    names = [one.name for one in fields(LaterAssessment)]
    return Dossier(
        seal=row.seal,
        answer=_advised(connection, assessment),
        acts=acts_of(connection, assessment),
        later=[LaterAssessment(**{name: one[name] for name in names}) for one in later],
        asked_by=_asker(connection, row.seq),
    )


def _advised(connection: Connection, assessment: str) -> AdvisedAnswer:
    return msgspec.json.decode(answer_of(connection, assessment), type=AdvisedAnswer)


def _check(connection: Connection, step: Step, assessment: AssessmentRecord) -> dict[str, object]:
    """What is entered beside the step as it came in. Raises `Refused` where it does not follow from what stands."""
    if assessment.retrospective:
        raise NotDecidable("retrospective")
    before = acts_of(connection, step.assessment)
    done = [act.kind for act in before]
    match step.content:
        case Decision() as decision:
            return _check_decision(connection, step, decision, assessment.expires_on, done)
        case Drawdown() as drawdown:
            _check_drawdown(connection, step, drawdown, assessment, before)
        case Closure():
            _check_closure(done)
    return {}


def _check_decision(
    connection: Connection, step: Step, decision: Decision, expires_on: str, done: Sequence[str]
) -> dict[str, object]:
    if Kind.DRAWDOWN in done:
        raise NotDecidable("decision_drawn")
    if expires_on < step.today.isoformat():
        raise NotDecidable("assessment_expired", expires_on=expires_on)
    dossier = dossier_of(connection, step.assessment)
    found = check_decision(decision, dossier, step.caller, step.policy, step.today)
    who = decision.decider or step.caller.name.removeprefix("user:")
    return {
        "decider": who,
        "seen": dossier.digest,
        "stands": found.word,
        "better_in": list(found.better_in),
        "authority": step.caller.authority if step.caller.signed_in else None,
    }


def _check_drawdown(
    connection: Connection, step: Step, drawdown: Drawdown, assessment: AssessmentRecord, before: Sequence[EnteredAct]
) -> None:
    decided = [act.content["outcome"] for act in before if act.kind == Kind.DECISION]
    if not decided or decided[-1] != "approve":
        raise NotDecidable("no_approval")
    if Kind.CLOSURE in [act.kind for act in before]:
        raise NotDecidable("loan_closed")
    approved = _advised(connection, step.assessment)
    same = _of_same(assessment).where(ASSESSMENTS.c.application == assessment.application, ~ASSESSMENTS.c.retrospective)
    newest = connection.execute(same.order_by(ASSESSMENTS.c.seq.desc()).limit(1)).one()
    latest = approved if newest.id == assessment.id else _advised(connection, newest.id)
    check_drawdown(drawdown, approved, latest, before, step.policy, step.today)


def _of_same(row: AssessmentRecord) -> Select[*tuple[object, ...]]:
    """Assessments of the same firm and kind by the same bank."""
    table = ASSESSMENTS.c
    return select(ASSESSMENTS).where(table.firm == row.firm, table.kind == row.kind, table.bank == row.bank)


def _asker(connection: Connection, seq: int) -> str:
    return str(connection.execute(select(ENTRIES.c.actor).where(ENTRIES.c.seq == seq)).scalar_one())


def _check_closure(done: Sequence[str]) -> None:
    if Kind.DRAWDOWN not in done:
        raise NotDecidable("nothing_drawn")
    if Kind.CLOSURE in done:
        raise NotDecidable("closed_already")
