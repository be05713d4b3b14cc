"""What people do in a loan file, as the desk offers it: by whom, when, from which form, and by which use case."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from pydantic import TypeAdapter, ValidationError

from service.access.roles import Caller
from service.access.route_rules import DESK_ACTS
from service.desk import reading
from service.desk.forms import SentForm
from service.desk.typed_values import typed_fault
from service.edge.errors import InvalidRequest
from service.ledger.entry_contents import EntryContent
from service.ledger.kinds import Kind
from service.ledger.redaction import Part
from service.loan_files import requests
from service.loan_files.approving import approve
from service.loan_files.closing import OF_MONEY, close, correct
from service.loan_files.committee import minute, vote
from service.loan_files.drawing import pay_out, release
from service.loan_files.fulfilling import confirm, fulfil
from service.loan_files.handing_over import lay_beside
from service.loan_files.preparing import send_back, withdraw
from service.loan_files.reviewing import review
from service.loan_files.turns import FileTurn
from service.loan_files.watching import check_done, close_warning, warn

BEFORE_DRAWN = ("draft", "returned", "to_review", "to_committee", "to_approve", "to_fulfil", "to_draw")
WAITING = ("to_review", "to_committee", "to_approve", "to_fulfil", "to_draw")

T = TypeVar("T")
Read = Callable[[SentForm, Part], Mapping[str, object]]
Make = Callable[[Mapping[str, object]], Callable[[FileTurn, int], EntryContent]]


@dataclass(frozen=True)
class DeskAct:
    """An act: its form, in which states it is offered, and what is made of what was sent.

    `kind`: of the entry that it leaves. `main`: it moves the file on. `make` raises `InvalidRequest`.
    """

    key: str
    kind: Kind
    states: tuple[str, ...]
    read: Read
    make: Make
    main: bool = False

    @property
    def nth(self) -> bool:
        """Whether it is about one of several, by its number."""
        return "{n}" in self.key

    def place(self, n: int) -> str:
        """Where its form is within a loan file."""
        return self.key.replace("{n}", str(n))

    @property
    def template(self) -> str:
        """The form."""
        return f"acts/{self.key.replace('/{n}/', '_')}.html.jinja"

    @property
    def label(self) -> str:
        """The key of its label."""
        return f"act.{self.key.replace('/{n}/', '_')}"


def checked(shape: TypeAdapter[T], told: Mapping[str, object]) -> T:
    """What was sent, as the API takes it. Raises `InvalidRequest`, naming every field."""
    try:
        return shape.validate_python({name: value for name, value in told.items() if value is not None})
    except ValidationError as error:
        told_of = ({**one, "loc": _without_tag(one["loc"])} for one in error.errors(include_url=False))
        faults = [typed_fault(one) for one in told_of]  # type: ignore[arg-type]
        raise InvalidRequest(list({(one.pointer, one.code): one for one in faults}.values())) from None


def _without_tag(place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Of a choice of shapes pydantic names the chosen one first."""
    return place[1:] if place[:1] in (("approved",), ("declined",)) else place


def _act(shape: Callable[[], TypeAdapter[T]], work: Callable[[FileTurn, T], EntryContent]) -> Make:
    def make(told: Mapping[str, object]) -> Callable[[FileTurn, int], EntryContent]:
        found = checked(shape(), told)
        return lambda turn, _: work(turn, found)

    return make


def _nth(shape: Callable[[], TypeAdapter[T]], work: Callable[[FileTurn, int, T], EntryContent]) -> Make:
    def make(told: Mapping[str, object]) -> Callable[[FileTurn, int], EntryContent]:
        found = checked(shape(), told)
        return lambda turn, n: work(turn, n, found)

    return make


def shape_of(shape: type[T]) -> Callable[[], TypeAdapter[T]]:
    """What reads a shape of the API, made when it is first asked for."""
    return cache(lambda: TypeAdapter(shape))


@cache
def _approvals() -> TypeAdapter[requests.Approved | requests.Declined]:
    return TypeAdapter(requests.Approval)


def _submits(told: Mapping[str, object]) -> Callable[[FileTurn, int], EntryContent]:
    raise NotImplementedError  # an application is submitted by its own use case


_ALL = (
    DeskAct("submission", Kind.SUBMITTED, ("draft", "returned"), reading.submission, _submits, main=True),
    DeskAct(
        "review", Kind.REVIEWED, ("to_review",), reading.opinion, _act(shape_of(requests.Review), review), main=True
    ),
    DeskAct("votes", Kind.VOTE, ("to_committee",), reading.vote, _act(shape_of(requests.Vote), vote), main=True),
    DeskAct(
        "minutes", Kind.MINUTES, ("to_committee",), reading.minutes, _act(shape_of(requests.Minutes), minute), main=True
    ),
    DeskAct("approval", Kind.APPROVAL, ("to_approve",), reading.approval, _act(_approvals, approve), main=True),
    DeskAct(
        "release",
        Kind.DRAWDOWN_CHECK,
        ("to_draw", "drawn"),
        reading.releasing,
        _act(shape_of(requests.Release), release),
        main=True,
    ),
    DeskAct(
        "drawdowns",
        Kind.DRAWDOWN,
        ("to_draw", "drawn"),
        reading.payment,
        _act(shape_of(requests.PaidOut), pay_out),
        main=True,
    ),
    DeskAct("return", Kind.SENT_BACK, WAITING, reading.returning, _act(shape_of(requests.Return), send_back)),
    DeskAct(
        "withdrawal", Kind.WITHDRAWN, BEFORE_DRAWN, reading.withdrawal, _act(shape_of(requests.Withdrawal), withdraw)
    ),
    DeskAct(
        "documents", Kind.DOCUMENT, (*BEFORE_DRAWN, "drawn"), reading.paper, _act(shape_of(requests.Paper), lay_beside)
    ),
    DeskAct("warnings", Kind.WARNING, ("drawn",), reading.warning, _act(shape_of(requests.RaisedWarning), warn)),
    DeskAct("closure", Kind.CLOSURE, ("drawn",), reading.closure, _act(shape_of(requests.FileClosure), close)),
    DeskAct(
        "corrections",
        Kind.CORRECTION,
        ("to_draw", "drawn", "closed"),
        reading.correction,
        _act(shape_of(requests.Correction), correct),
    ),
    DeskAct(
        "conditions/{n}/done",
        Kind.CONDITION_MET,
        ("to_fulfil",),
        reading.condition,
        _nth(shape_of(requests.ConditionDone), fulfil),
    ),
    DeskAct(
        "conditions/{n}/confirmation",
        Kind.CONDITION_MET,
        ("to_fulfil",),
        reading.proof,
        _nth(shape_of(requests.ConditionCheck), confirm),
    ),
    DeskAct(
        "tasks/{n}/done", Kind.MONITORED, ("drawn",), reading.check, _nth(shape_of(requests.CheckDone), check_done)
    ),
    DeskAct(
        "warnings/{n}/closing",
        Kind.WARNING,
        ("drawn",),
        reading.note,
        _nth(shape_of(requests.ClosedWarning), close_warning),
    ),
)
ACTS: Mapping[str, DeskAct] = {act.key: act for act in _ALL}


def reversible(file: Part) -> Part | None:
    """The last act about money that counts, which a correction may reverse."""
    gone = {step["content"]["reverses"]["seq"] for step in file["steps"] if step["kind"] == Kind.CORRECTION}
    found: Part | None = None
    for step in file["steps"]:
        if step["kind"] in OF_MONEY and step["record"]["entry"] not in gone:
            found = step
    return found


def acts_for(caller: Caller, file: Part) -> list[DeskAct]:
    """What is offered to the caller as the file stands; whether it is let through, the use case says."""
    found = []
    for act in _ALL:
        possible = act.key != "drawdowns" or file["released"] > file["drawn"]
        possible = possible and (act.key != "corrections" or reversible(file) is not None)
        possible = possible and not (act.key == "submission" and file["reassess"])
        if not act.nth and file["state"] in act.states and DESK_ACTS[act.key] in caller.may and possible:
            found.append(act)
    return found
