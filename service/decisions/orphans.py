"""Compares what was filed elsewhere with what was paid out here: one to one, and both ways.

Seals show that nothing was changed; this shows that nothing was left out. A line of the list and a drawdown are one
where the strongest number that both tell is the same: the loan, the contract, the registration of the pledge, or firm
and day. Each drawdown answers one line; a second line that would be the same is a duplicate.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Annotated, Literal, TypeAlias

import msgspec
import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator
from sqlalchemy import Connection, select

from features.errors import Fault
from features.phrase import Language
from features.written import minor_unit
from models.words.faults import fault_of, pydantic_error
from service.access.roles import Reach
from service.assessing.assessment_index import ASSESSMENTS
from service.edge.faults import ProblemFault, problem_faults
from service.edge.fields import Day, Firm, Money, Name
from service.ledger.kinds import Kind
from service.loan_files.steps import STEPS, reversed_by

MOST = 100_000
"""Lines of one list."""
ListKind: TypeAlias = Literal["filed", "registered"]
"""Loans filed with the fund, or pledges in the register."""
Finding: TypeAlias = Literal[
    "filed_not_drawn", "registered_not_drawn", "duplicate", "differs", "unreadable", "drawn_not_filed",
    "drawn_not_registered",
]  # fmt: skip
RecordEnds: TypeAlias = Literal["never_assessed", "never_approved", "never_drawn", "drawn_otherwise"]
"""How far the record of a firm goes whose line has no drawdown."""
Difference: TypeAlias = Literal["firm", "bank", "loan", "contract", "registration", "on", "amount"]
_NUMBERS = ("loan", "contract", "registration")
"""What names a drawdown, the strongest first; firm and day come after them."""
_AT_ONCE = 500


class Filed(BaseModel):
    """One loan or pledge as it was filed; what is not stated is not compared. `on`: drawn, or registered."""

    model_config = ConfigDict(extra="forbid")

    firm: Firm | None = None
    bank: Name | None = None
    loan: Name | None = Field(default=None, description="Number of the loan (借据号)")
    contract: Name | None = Field(default=None, description="Number of the loan contract")
    registration: Name | None = Field(default=None, description="Number of the pledge's registration")
    on: Day | None = None
    amount: Annotated[Money, BeforeValidator(minor_unit)] | None = Field(
        default=None, description='Minor unit, or {"value": 300, "unit": "万元"}'
    )

    @model_validator(mode="after")
    def _named(self) -> "Filed":
        if not (self.loan or self.contract or self.registration or (self.firm and self.on)):
            raise pydantic_error("filed_unnamed")
        return self


@dataclass(frozen=True)
class FiledLine:
    """A line of a list: its number there, what it says, or what is wrong with it."""

    n: int
    filed: Filed | None
    faults: Sequence[Fault] = ()

    @classmethod
    def of(cls, n: int, given: object) -> "FiledLine":
        """A line as it was given."""
        try:
            return cls(n, Filed.model_validate(given))
        except ValidationError as wrong:
            return cls(n, None, [fault_of(one) for one in wrong.errors(include_url=False, include_input=False)])


@dataclass(frozen=True)
class Comparison:
    """What the list is, and over which days of drawing its other direction is looked at (None: those of its lines)."""

    kind: ListKind = "filed"
    since: date | None = None
    until: date | None = None


class ListAsked(BaseModel):
    """The same as it is asked for."""

    model_config = ConfigDict(extra="forbid")

    kind: ListKind = Field(default="filed", description="Loans filed with the fund, or pledges in the register")
    since: Day | None = Field(default=None, description="First day of drawing; of the lines where none is given")
    until: Day | None = Field(default=None, description="Last day of drawing; of the lines where none is given")

    @property
    def comparison(self) -> Comparison:
        """What is compared."""
        return Comparison(self.kind, self.since, self.until)


class PaidOut(msgspec.Struct, frozen=True):
    """Of a drawdown's content what is compared; amount in fen."""

    amount: int
    drawn_on: date
    registered_on: date | None = None
    loan: str | None = None
    registration: str | None = None


class Registered(msgspec.Struct, frozen=True):
    """A pledge in our name, as the release of the money names it."""

    registration: str
    registered_on: date


class Released(msgspec.Struct, frozen=True):
    """Of the release before a drawdown what is compared: the contract, and every pledge. Form 1 has no release."""

    contract: str | None = None
    pledges: tuple[Registered, ...] = ()


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


class OrphanLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is to be looked at: a line of the list, or a drawdown that no line tells of (`line` is None then).

    `entry`, `assessment`: the drawdown, where there is one; of a duplicate, the one that line `taken_by` already is.
    """

    finding: Finding
    line: int | None = None
    firm: str | None = None
    bank: str | None = None
    loan: str | None = None
    contract: str | None = None
    registration: str | None = None
    on: date | None = None
    amount: int | None = None
    why: RecordEnds | None = None
    differs: tuple[Difference, ...] = ()
    entry: int | None = None
    assessment: str | None = None
    taken_by: int | None = None
    errors: tuple[ProblemFault, ...] = ()

    def in_words(self, language: Language | None) -> "OrphanLine":
        """The same, with what is wrong in sentences."""
        errors = tuple(one.in_words(language) for one in self.errors)
        return msgspec.structs.replace(self, errors=errors) if errors else self


class OrphansFound(msgspec.Struct, frozen=True):
    """What a comparison found. `compared`: lines; `matched`: lines that are a drawdown each, differing ones among them.

    `since`, `until`: the days of drawing over which drawdowns without a line were sought; None where no line tells a
    day and none was given: then that was not looked at.
    """

    kind: ListKind
    compared: int
    matched: int
    since: date | None
    until: date | None
    counts: Mapping[Finding, int]
    items: Sequence[OrphanLine]

    def in_words(self, language: Language | None) -> "OrphansFound":
        """The same, with what is wrong in unreadable lines in sentences."""
        return msgspec.structs.replace(self, items=[one.in_words(language) for one in self.items])


@dataclass
class Pairs:
    """Which line is which drawdown."""

    of_line: dict[int, Drawn] = field(default_factory=dict)
    of_entry: dict[int, int] = field(default_factory=dict)


def compare(connection: Connection, lines: Sequence[FiledLine], asked: Comparison, reach: Reach) -> OrphansFound:
    """Compare a list with the drawdowns within reach."""
    drawn = _drawn(connection, reach)
    told = [(line.n, line.filed) for line in lines if line.filed is not None]
    pairs, known = paired(told, drawn), _Known(drawn)
    missing = [(n, one) for n, one in told if n not in pairs.of_line]
    twice = {n: found for n, one in missing if (found := known.like(one)) is not None}
    ends = _ends(connection, {one.firm for n, one in missing if one.firm and n not in twice}, drawn, reach)
    days = [one.on for _, one in told if one.on is not None]
    since, until = asked.since or min(days, default=None), asked.until or max(days, default=None)
    items = [
        OrphanLine("unreadable", line.n, errors=problem_faults(line.faults)) for line in lines if line.filed is None
    ]
    for n, one in missing:
        if n in twice:
            items.append(_line("duplicate", n, one, twice[n], taken_by=pairs.of_entry.get(twice[n].entry)))
        else:
            finding: Finding = "filed_not_drawn" if asked.kind == "filed" else "registered_not_drawn"
            items.append(_line(finding, n, one, why=ends.get(one.firm or "")))
    for n, one in told:
        if (found := pairs.of_line.get(n)) and (differs := tuple(_differing(found, one))):
            items.append(_line("differs", n, one, found, differs=differs))
    items.sort(key=lambda one: one.line or 0)
    if since is not None and until is not None:
        unlisted = (one for one in drawn if one.entry not in pairs.of_entry)
        items += [_unlisted(one, asked.kind) for one in unlisted if since <= one.days[0] <= until]
    counts: dict[Finding, int] = {}
    for item in items:
        counts[item.finding] = counts.get(item.finding, 0) + 1
    return OrphansFound(asked.kind, len(lines), len(pairs.of_line), since, until, counts, items)


def _line(finding: Finding, n: int, one: Filed, found: Drawn | None = None, **more: object) -> OrphanLine:
    told = one.model_dump(exclude_none=True)
    if found is not None:
        told |= {"entry": found.entry, "assessment": found.assessment}
    return OrphanLine(finding, n, **told, **more)  # type: ignore[arg-type]


def _unlisted(one: Drawn, kind: ListKind) -> OrphanLine:
    """A drawdown that no line of the list tells of."""
    return OrphanLine(
        "drawn_not_filed" if kind == "filed" else "drawn_not_registered", None, one.firm, one.bank, one.loan,
        one.contract, next(iter(one.registrations), None), one.days[0], one.amount,
        entry=one.entry, assessment=one.assessment,
    )  # fmt: skip


def _drawn(connection: Connection, reach: Reach) -> list[Drawn]:
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
    released: dict[str | None, Released] = {}
    for row, told in found:
        if row.seq in gone:
            continue
        if row.kind == Kind.DRAWDOWN_CHECK and told.get("outcome") == "released":
            released[row.file] = msgspec.convert(told, Released)
        if row.kind == Kind.DRAWDOWN and "amount" in told:
            paid, before = (
                msgspec.convert(told, PaidOut),
                released.get(row.file, Released()) if row.file else Released(),
            )
            pledges = {one.registration: one.registered_on for one in before.pledges}
            if paid.registration:
                pledges.setdefault(paid.registration, paid.registered_on or paid.drawn_on)
            days = tuple(dict.fromkeys((paid.drawn_on, *pledges.values())))
            drawn.append(Drawn(row.seq, row.id, row.firm, row.bank, paid.amount, paid.loan, before.contract,
                               tuple(pledges), days))  # fmt: skip
    return drawn


_READ = (Kind.DRAWDOWN, Kind.DRAWDOWN_CHECK, Kind.CORRECTION)


# --- one to one ---------------------------------------------------------------------------------------------------

_LEVELS: tuple[tuple[str, ...], ...] = (("loan",), ("contract",), ("registration",), ("firm", "on"))
_AGREED: tuple[tuple[str, ...], ...] = (("on", "amount"), ("on",), ("amount",), ())
"""Of several drawdowns under one number, the one that agrees in most comes first."""
_Place: TypeAlias = tuple[tuple[object, ...], tuple[bool, ...]]


def _places(one: Drawn, names: Sequence[str]) -> Iterator[_Place]:
    """Where a drawdown is looked for by these facts: for each day and pledge, with which numbers it tells."""
    tells = tuple(one.tells(name) for name in _NUMBERS)
    told: dict[str, Sequence[object]] = {name: (getattr(one, name),) for name in ("loan", "contract", "firm", "amount")}
    told |= {"registration": one.registrations, "on": one.days}
    for values in product(*(told[name] for name in names)):
        if None not in values:
            yield values, tells


def _sought(one: Filed, names: Sequence[str]) -> Iterator[_Place]:
    """Where a line looks: a drawdown that tells another number of a stronger kind is another one."""
    values = tuple(getattr(one, name) for name in names)
    if None in values:
        return
    stronger = [name for name in _NUMBERS if name not in names]
    if names[0] in _NUMBERS:
        stronger = stronger[: _NUMBERS.index(names[0])]
    for tells in product((False, True), repeat=len(_NUMBERS)):
        told = dict(zip(_NUMBERS, tells, strict=True))
        if not any(told[name] and getattr(one, name) is not None for name in stronger):
            yield values, tells


def paired(lines: Sequence[tuple[int, Filed]], drawn: Sequence[Drawn]) -> Pairs:
    """Pairs, the strongest number first, and under one number those that agree in most first; each is used once."""
    pairs = Pairs()
    for level in _LEVELS:
        for agreed in _AGREED:
            names = tuple(dict.fromkeys((*level, *agreed)))
            free: dict[_Place, list[Drawn]] = defaultdict(list)
            for one in reversed(drawn):
                if one.entry not in pairs.of_entry:
                    for place in _places(one, names):
                        free[place].append(one)
            for n, line in lines:
                if n not in pairs.of_line and (found := _first(free, _sought_at(line, level, names), pairs)):
                    pairs.of_line[n] = found
                    pairs.of_entry[found.entry] = n
    return pairs


def _sought_at(line: Filed, level: Sequence[str], names: Sequence[str]) -> Iterator[_Place]:
    """Where a line looks at a level, the facts in which both agree among what it looks for."""
    values = tuple(getattr(line, name) for name in names)
    if None not in values:
        yield from ((values, tells) for _, tells in _sought(line, level))


def _first(free: Mapping[_Place, list[Drawn]], places: Iterable[_Place], pairs: Pairs) -> Drawn | None:
    """The first drawdown at these places that is no line's yet; those that are are dropped on the way."""
    best: Drawn | None = None
    for place in places:
        waiting = free.get(place, [])
        while waiting and waiting[-1].entry in pairs.of_entry:
            waiting.pop()
        if waiting and (best is None or waiting[-1].entry < best.entry):
            best = waiting[-1]
    return best


class _Known:
    """All drawdowns by what names them, whether or not a line is one already."""

    def __init__(self, drawn: Sequence[Drawn]) -> None:
        self._at: dict[tuple[tuple[str, ...], _Place], Drawn] = {}
        for one in drawn:
            for level in _LEVELS:
                for place in _places(one, level):
                    self._at.setdefault((level, place), one)

    def like(self, line: Filed) -> Drawn | None:
        """The drawdown that a line would be, were it not another's; None where there is none."""
        found = (self._at.get((level, place)) for level in _LEVELS for place in _sought(line, level))
        return next((one for one in found if one is not None), None)


# --- what is told of each -----------------------------------------------------------------------------------------


def _differing(drawn: Drawn, filed: Filed) -> Iterator[Difference]:
    """In what a drawdown and its line differ; what only one of them tells, but for a registration, is not compared."""
    if filed.firm is not None and filed.firm != drawn.firm:
        yield "firm"
    if filed.bank is not None and drawn.bank is not None and filed.bank != drawn.bank:
        yield "bank"
    if filed.loan is not None and drawn.loan is not None and filed.loan != drawn.loan:
        yield "loan"
    if filed.contract is not None and drawn.contract is not None and filed.contract != drawn.contract:
        yield "contract"
    if filed.registration is not None and filed.registration not in drawn.registrations:
        yield "registration"
    if filed.on is not None and filed.on not in drawn.days:
        yield "on"
    if filed.amount is not None and filed.amount != drawn.amount:
        yield "amount"


_APPROVED = ((Kind.APPROVAL, "approved"), (Kind.DECISION, "approve"))
"""How an approval says so: in a loan file, and as one person's decision in form 1."""


def _ends(connection: Connection, firms: set[str], drawn: Sequence[Drawn], reach: Reach) -> dict[str, RecordEnds]:
    """How far the record of each firm goes."""
    paid = {one.firm for one in drawn}
    found: dict[str, RecordEnds] = {firm: "drawn_otherwise" if firm in paid else "never_assessed" for firm in firms}
    of = ASSESSMENTS.c
    asked = sorted(firms - paid)
    for start in range(0, len(asked), _AT_ONCE):
        some = asked[start : start + _AT_ONCE]
        here = (of.firm.in_(some), reach.of(ASSESSMENTS))
        found |= dict.fromkeys(connection.execute(select(of.firm).where(*here).distinct()).scalars(), "never_approved")
        acts = select(of.firm, STEPS.c.kind, STEPS.c.content).join(STEPS, STEPS.c.assessment == of.id)
        for row in connection.execute(acts.where(*here, STEPS.c.kind.in_([kind for kind, _ in _APPROVED]))):
            if row.content and (row.kind, orjson.loads(row.content).get("outcome")) in _APPROVED:
                found[row.firm] = "never_drawn"
    return found
