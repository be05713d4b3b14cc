"""The drawdowns that stand, as lists of others tell of them: numbers, days and amount."""

from dataclasses import dataclass
from datetime import date

import msgspec
import orjson
from sqlalchemy import Connection, select

from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.ledger.kinds import Kind
from service.loan_files.steps import STEPS, reversed_by

_READ = (Kind.DRAWDOWN, Kind.DRAWDOWN_CHECK, Kind.CORRECTION)


class DrawdownTold(msgspec.Struct, frozen=True):
    """Of a drawdown's content what is compared; amount in fen."""

    amount: int
    drawn_on: date
    registered_on: date | None = None
    loan: str | None = None
    registration: str | None = None


class PledgeTold(msgspec.Struct, frozen=True):
    """A pledge in our name, as the release of the money names it."""

    registration: str
    registered_on: date


class ReleaseTold(msgspec.Struct, frozen=True):
    """Of the release before a drawdown what is compared: the contract, and every pledge. Form 1 has no release."""

    contract: str | None = None
    pledges: tuple[PledgeTold, ...] = ()


@dataclass(frozen=True)
class Drawn:
    """A drawdown that stands: its entry, the assessment it rests on, and what is told of it; amount in fen.

    `days`: when it was drawn, then when its pledges were registered.
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
    of = ASSESSMENTS.c
    wanted = (
        select(STEPS.c.seq, STEPS.c.kind, STEPS.c.file, STEPS.c.content, of.id, of.firm, of.bank)
        .join(ASSESSMENTS, of.id == STEPS.c.assessment)
        .where(STEPS.c.kind.in_(_READ), reach.of(ASSESSMENTS))
        .order_by(STEPS.c.seq)
    )
    found = [(row, orjson.loads(row.content)) for row in connection.execute(wanted) if row.content]
    gone = reversed_by(told for row, told in found if row.kind == Kind.CORRECTION)
    drawn: list[Drawn] = []
    released: dict[str | None, ReleaseTold] = {}
    for row, told in found:
        if row.seq in gone:
            continue
        if row.kind == Kind.DRAWDOWN_CHECK and told.get("outcome") == "released":
            released[row.file] = msgspec.convert(told, ReleaseTold)
        if row.kind == Kind.DRAWDOWN and "amount" in told:
            paid = msgspec.convert(told, DrawdownTold)
            before = released.get(row.file, ReleaseTold()) if row.file else ReleaseTold()
            pledges = {one.registration: one.registered_on for one in before.pledges}
            if paid.registration:
                pledges.setdefault(paid.registration, paid.registered_on or paid.drawn_on)
            days = tuple(dict.fromkeys((paid.drawn_on, *pledges.values())))
            drawn.append(Drawn(row.seq, row.id, row.firm, row.bank, paid.amount, paid.loan, before.contract,
                               tuple(pledges), days))  # fmt: skip
    return drawn
