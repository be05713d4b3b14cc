"""Compares what was filed elsewhere with what was entered here: loans filed with a fund, or pledges in the register.

Seals show that nothing was changed; this shows that nothing was left out.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated

import msgspec
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from sqlalchemy import Connection, select

from features.errors import Fault, fault
from features.text_files import NotUtf8, decoded
from models.words.faults import fault_of
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.errors import InvalidRequest
from service.edge.fields import Day, Firm, Money, Name
from service.ledger.kinds import Kind
from service.loan_files.steps import EnteredAct, standing, steps_of

MOST = 100_000
"""Lines of one file."""


class Filed(BaseModel):
    """One loan or pledge as it was filed; what is not stated is not compared. `on`: drawn, or registered."""

    model_config = ConfigDict(extra="forbid")

    firm: Firm
    bank: Name | None = None
    loan: Name | None = None
    registration: Name | None = Field(default=None, description="Pledge registration number")
    on: Day | None = None
    amount: Money | None = Field(default=None, description="Minor unit")


class DrawnLoan(msgspec.Struct, frozen=True):
    """Of a drawdown's content what is compared; amount in fen."""

    amount: int
    drawn_on: date
    registered_on: date | None = None
    loan: str | None = None
    registration: str | None = None


Files = Annotated[list[Filed], Field(min_length=1, max_length=MOST)]
_FILES: TypeAdapter[list[Filed]] = TypeAdapter(Files)


def read_csv(body: bytes) -> list[Filed]:
    """The lines of a CSV file whose columns are those of `Filed`. Raises `InvalidRequest`, naming line and column."""
    try:
        text = decoded(body)
    except NotUtf8 as error:
        raise InvalidRequest([Fault("", error.phrase)]) from None
    try:
        lines = csv.DictReader(io.StringIO(text, newline=""))
        rows = [{name: cell for name, cell in row.items() if cell} for row in lines]
    except csv.Error:
        raise InvalidRequest([fault("", "not_csv", line=lines.line_num)]) from None
    try:
        return _FILES.validate_python(rows)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise InvalidRequest([fault_of(one) for one in faults]) from None


def compare(connection: Connection, filed: Sequence[Filed], reach: Reach) -> dict[str, object]:
    """Which of the filed have no entry within reach, and which have one that says something else."""
    found = [{"line": place, **_judged(connection, one, reach)} for place, one in enumerate(filed, start=1)]
    orphans = [one for one in found if one["assessment"] is None]
    return {
        "compared": len(found),
        "matched": len(found) - len(orphans),
        "orphans": orphans,
        "differing": [one for one in found if one["differs"]],
    }


def _judged(connection: Connection, filed: Filed, reach: Reach) -> dict[str, object]:
    """What became of one line: the drawdown that it is, or how far the record goes."""
    told = filed.model_dump(mode="json", exclude_none=True)
    wanted = select(ASSESSMENTS.c.id).where(ASSESSMENTS.c.firm == filed.firm, reach.of(ASSESSMENTS))
    if filed.bank is not None:
        wanted = wanted.where(ASSESSMENTS.c.bank == filed.bank)
    acts = [
        act
        for one in connection.execute(wanted).scalars().all()
        for act in [None, *standing(steps_of(connection, one))]
    ]
    drawn = [(act, msgspec.convert(act.content, DrawnLoan)) for act in acts if act and act.kind == Kind.DRAWDOWN]
    own = next(((act, loan) for act, loan in drawn if _is(loan, filed)), None)
    if own is not None:
        act, loan = own
        differs = sorted(_differing(loan, filed))
        return told | {"why": None, "assessment": act.assessment, "entry": act.record.entry, "differs": differs}
    return told | {"why": _why(acts, bool(drawn)), "assessment": None, "entry": None, "differs": []}


_APPROVED = ((Kind.APPROVAL, "approved"), (Kind.DECISION, "approve"))
"""How an approval says so: in a loan file, and as one person's decision in form 1."""


def _why(acts: Sequence[EnteredAct | None], drawn: bool) -> str:
    """How far the record of the firm goes."""
    if not acts:
        return "never_assessed"
    approved = any(act and (act.kind, act.content.get("outcome")) in _APPROVED for act in acts)
    if not approved:
        return "never_approved"
    return "drawn_otherwise" if drawn else "never_drawn"


def _is(drawn: DrawnLoan, filed: Filed) -> bool:
    """Whether a drawdown is the one that was filed: by loan, else by registration, else by day, else by firm alone."""
    for held, told in ((drawn.loan, filed.loan), (drawn.registration, filed.registration)):
        if told is not None and held is not None:
            return held == told
    return filed.on is None or filed.on in (drawn.drawn_on, drawn.registered_on)


def _differing(drawn: DrawnLoan, filed: Filed) -> Iterator[str]:
    if filed.amount is not None and drawn.amount != filed.amount:
        yield "amount"
    if filed.on is not None and filed.on not in (drawn.drawn_on, drawn.registered_on):
        yield "on"
    if filed.registration is not None and drawn.registration != filed.registration:
        yield "registration"
