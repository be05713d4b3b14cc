"""What the bank then did: decisions, drawdowns and closures, each an entry of its own that names what it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime

import msgspec
from sqlalchemy import Connection, Engine, Select, select

from features.policy import Policy
from service.access.roles import Caller
from service.assessing.assessment_index import ASSESSMENTS, AssessmentRecord, row_of
from service.assessing.loan_file_index import LOAN_FILES
from service.assessing.loan_files import file_of_act
from service.decisions.decision import check_decision
from service.decisions.dossier import Dossier, LaterAssessment
from service.decisions.drawdown import check_drawdown
from service.decisions.requests import Closure, Decision, Drawdown
from service.edge.database import in_turn
from service.edge.errors import Erased, NotDecidable
from service.ledger.append import Draft, Sealed, Whose, append
from service.ledger.canonical import float_text
from service.ledger.entry_contents import AssessmentRef
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES
from service.ledger.written_kinds import ClosureEntry, DecisionEntry, DrawdownEntry
from service.loan_files.advised import advised
from service.loan_files.folding import advanced
from service.loan_files.steps import EnteredAct, note_step, steps_of
from service.loan_files.tables import read_file, write_file

ActContent = DecisionEntry | DrawdownEntry | ClosureEntry
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
    _move_file(connection, file, content, entry)
    return note_step(connection, content, entry)


def _move_file(connection: Connection, file: str, content: ActContent, entry: Sealed) -> None:
    """Let the loan file of the assessment follow, where people work on one."""
    if connection.execute(select(LOAN_FILES.c.id).where(LOAN_FILES.c.id == file)).first() is not None:
        held = read_file(connection, file)
        write_file(connection, advanced(held, content, entry), held)


def _content(step: Step, found: Mapping[str, object], about: AssessmentRef) -> ActContent:
    told = {**step.content.model_dump(mode="json"), **found}
    if told.get("rate") is not None:
        told["rate"] = float_text(told["rate"])
    return msgspec.convert({"assessment": msgspec.to_builtins(about), **told}, _ENTRIES[type(step.content)])


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
        answer=advised(connection, assessment),
        acts=steps_of(connection, assessment),
        later=[LaterAssessment(**{name: one[name] for name in names}) for one in later],
        asked_by=_asker(connection, row.seq),
    )


def _check(connection: Connection, step: Step, assessment: AssessmentRecord) -> dict[str, object]:
    """What is entered beside the step as it came in. Raises `Refused` where it does not follow from what stands."""
    if assessment.retrospective:
        raise NotDecidable("retrospective")
    before = steps_of(connection, step.assessment)
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
    approved = advised(connection, step.assessment)
    same = _of_same(assessment).where(ASSESSMENTS.c.application == assessment.application, ~ASSESSMENTS.c.retrospective)
    newest = connection.execute(same.order_by(ASSESSMENTS.c.seq.desc()).limit(1)).one()
    latest = approved if newest.id == assessment.id else advised(connection, newest.id)
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
