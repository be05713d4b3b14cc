"""The drawdowns that stand, with what their loan files tell of them: release, decision and closure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import msgspec
import orjson
from sqlalchemy import ColumnElement, Connection, RowMapping, or_, select

from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.decisions.decided import DECIDING, DecisionContent
from service.ledger.kinds import Kind
from service.loan_files.steps import STEPS, reversed_by

_BESIDE = (*DECIDING, Kind.DRAWDOWN_CHECK, Kind.CLOSURE, Kind.CORRECTION)
_AT_ONCE = 500
"""Drawdowns that are read at a time."""


class DrawdownTold(msgspec.Struct, frozen=True):
    """Of a drawdown's content what lists tell; amount in fen."""

    amount: int
    drawn_on: date
    due_on: date
    registered_on: date | None = None
    loan: str | None = None
    registration: str | None = None


class DrawnPledge(msgspec.Struct, frozen=True):
    """A pledge in our name, as the release of the money names it."""

    registration: str
    registered_on: date


class ReleaseTold(msgspec.Struct, frozen=True):
    """Of the release before a drawdown what lists tell: the contract, and every pledge. Form 1 has no release."""

    contract: str | None = None
    pledges: tuple[DrawnPledge, ...] = ()


class ClosureTold(msgspec.Struct, frozen=True):
    """How the loan ended; loss in fen."""

    closed_on: date
    outcome: str
    loss: int


@dataclass(frozen=True)
class StandingDrawdown:
    """A drawdown that stands: its entry, the assessment it rests on, and what is told of it.

    `paid`: None where the content was erased; then nothing else is told, nor whether it was reversed. `decision`: the
    entry of the approval that it rests on. `closure`: of its loan file.
    """

    entry: int
    at: str
    assessment: str
    loan_file: str | None
    bank: str | None
    branch: str | None
    firm: str | None
    paid: DrawdownTold | None
    contract: str | None = None
    pledges: tuple[DrawnPledge, ...] = ()
    decision: int | None = None
    closure: ClosureTold | None = None


@dataclass
class _ActsBeside:
    """What was done about an application besides paying out, in the order of entries."""

    releases: list[tuple[int, ReleaseTold]] = field(default_factory=list)
    decisions: list[int] = field(default_factory=list)
    closures: list[tuple[int, ClosureTold]] = field(default_factory=list)
    corrections: list[Mapping[str, object]] = field(default_factory=list)

    def note(self, seq: int, kind: str, content: str) -> None:
        """Note an act; of what was erased there is nothing."""
        told = orjson.loads(content or "{}")
        if kind == Kind.CORRECTION:
            self.corrections.append(told)
        elif kind == Kind.DRAWDOWN_CHECK and told.get("outcome") == "released":
            self.releases.append((seq, msgspec.convert(told, ReleaseTold)))
        elif kind == Kind.CLOSURE and "outcome" in told:
            self.closures.append((seq, msgspec.convert(told, ClosureTold)))
        elif kind in DECIDING and (decision := msgspec.convert(told, DecisionContent)).grants and decision.counts:
            self.decisions.append(seq)


def standing_drawdowns(
    connection: Connection, *conditions: ColumnElement[bool], below: int | None = None, at_once: int = _AT_ONCE
) -> Iterator[StandingDrawdown]:
    """The drawdowns that stand, the latest first, read so many at a time; `below`: those of entries before."""
    of = ASSESSMENTS.c
    wanted = (
        select(STEPS.c.seq, STEPS.c.at, STEPS.c.content, of.id, of.file, of.bank, of.branch, of.firm)
        .join(ASSESSMENTS, of.id == STEPS.c.assessment)
        .where(STEPS.c.kind == Kind.DRAWDOWN.value, *conditions)
        .order_by(STEPS.c.seq.desc())
    )
    while True:
        some = wanted if below is None else wanted.where(STEPS.c.seq < below)
        rows = connection.execute(some.limit(at_once)).mappings().all()
        beside = _beside(connection, rows)
        gone = {seq for one in beside.values() for seq in reversed_by(one.corrections)}
        yield from (_one(row, beside[_application(row)], gone) for row in rows if row["seq"] not in gone)
        if len(rows) < at_once:
            return
        below = rows[-1]["seq"]


def _application(row: RowMapping) -> str:
    """What a drawdown is about: a loan file, or an assessment that lies in none."""
    return str(row["file"] or row["id"])


def _beside(connection: Connection, rows: Sequence[RowMapping]) -> Mapping[str, _ActsBeside]:
    of = ASSESSMENTS.c
    files, alone = {row["file"] for row in rows if row["file"]}, {row["id"] for row in rows if not row["file"]}
    wanted = (
        select(STEPS.c.seq, STEPS.c.kind, STEPS.c.content, of.file, of.id)
        .join(ASSESSMENTS, of.id == STEPS.c.assessment)
        .where(STEPS.c.kind.in_(_BESIDE), or_(of.file.in_(files), of.id.in_(alone)))
        .order_by(STEPS.c.seq)
    )
    found: defaultdict[str, _ActsBeside] = defaultdict(_ActsBeside)
    for row in connection.execute(wanted).mappings() if rows else ():
        found[_application(row)].note(row["seq"], row["kind"], row["content"])
    return found


def _one(row: RowMapping, beside: _ActsBeside, gone: set[int]) -> StandingDrawdown:
    place = (row["seq"], row["at"], row["id"], row["file"], row["bank"], row["branch"], row["firm"])
    content = orjson.loads(row["content"] or "{}")
    if "amount" not in content:
        return StandingDrawdown(*place, None)
    paid = msgspec.convert(content, DrawdownTold)
    release = next((told for seq, told in reversed(beside.releases) if seq < row["seq"]), ReleaseTold())
    pledges = {one.registration: one for one in release.pledges}
    if paid.registration:
        pledges.setdefault(paid.registration, DrawnPledge(paid.registration, paid.registered_on or paid.drawn_on))
    return StandingDrawdown(
        *place,
        paid,
        release.contract,
        tuple(pledges.values()),
        decision=next((seq for seq in reversed(beside.decisions) if seq < row["seq"]), None),
        closure=next((told for seq, told in reversed(beside.closures) if seq not in gone), None),
    )


# --- as lists of others are compared with them --------------------------------------------------------------------


@dataclass(frozen=True)
class Drawn:
    """A drawdown that stands, as it is compared: its entry, the assessment it rests on, and what names it.

    Amount in fen. `days`: when it was drawn, then when its pledges were registered.
    """

    entry: int
    assessment: str
    firm: str
    bank: str | None
    amount: int
    loan: str | None
    contract: str | None
    registrations: tuple[str, ...]
    days: tuple[date, ...]

    def tells(self, name: str) -> bool:
        """Whether a number is told of it."""
        return bool(self.registrations) if name == "registration" else getattr(self, name) is not None


def drawn_loans(connection: Connection, reach: Reach) -> list[Drawn]:
    """The drawdowns within reach that stand, in the order of their entries; an erased one tells nothing to compare."""
    found = [one for one in standing_drawdowns(connection, reach.of(ASSESSMENTS)) if one.paid is not None]
    return [_compared(one, one.paid) for one in reversed(found) if one.paid is not None]


def _compared(one: StandingDrawdown, paid: DrawdownTold) -> Drawn:
    days = dict.fromkeys((paid.drawn_on, *(pledge.registered_on for pledge in one.pledges)))
    registrations = tuple(pledge.registration for pledge in one.pledges)
    return Drawn(one.entry, one.assessment, one.firm or "", one.bank, paid.amount, paid.loan, one.contract,
                 registrations, tuple(days))  # fmt: skip
