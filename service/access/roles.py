"""Roles as policy states them, and what they make of a caller: what it may do, and whose assessments it reaches."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Literal, get_args

from sqlalchemy import ColumnElement, FromClause, and_, exists, or_, select, true
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.elements import KeyedColumnElement

from features.policy import Policy, PolicyError
from service.ledger import actors
from service.ledger.kinds import Kind
from service.ledger.tables import ENTRIES, FILE_HEADS

Permission = Literal[
    "assess",
    "read",
    "submit",
    "confirm",
    "review",
    "send_back",
    "vote",
    "minute",
    "decide",
    "release",
    "draw",
    "correct",
    "watch",
    "push",
    "hand_over",
    "annotate",
    "look_up",
    "read_models",
    "read_policy",
    "validate",
    "prove",
    "witness",
    "audit",
    "read_users",
    "administer",
    "erase",
    "hold",
    "monitor",
]
Extent = Literal["branch", "bank", "fund", "all"]
PERMISSIONS: frozenset[Permission] = frozenset(get_args(Permission))
EXTENTS: frozenset[Extent] = frozenset(get_args(Extent))
ROLES, FUNDS = "roles.", "funds.banks"
PERSONAL: frozenset[Permission] = frozenset(
    {
        "submit", "confirm", "review", "send_back", "vote", "minute", "decide", "release", "correct",
        "push", "hand_over", "validate", "administer", "erase", "hold",
    }
)  # fmt: skip
"""What only a person may do: a key never holds it."""
BINDING: frozenset[Permission] = PERSONAL | {"draw", "audit"}
"""What binds the bank, its money or its accounts, or watches those who do: two administrators must give it."""
MOST_AUTHORITY = 9


Columns = ReadOnlyColumnCollection[str, KeyedColumnElement[object]]


@dataclass(frozen=True)
class Role:
    """One role on a day: how far its accounts may reach, and what they may do."""

    name: str
    reach: frozenset[str]
    may: frozenset[str]

    @property
    def binds(self) -> bool:
        """Whether two administrators must give it."""
        return bool(self.may & BINDING)


@dataclass(frozen=True)
class Place:
    """What an account names of its own: a bank, a branch of it, or a fund; nothing at all reaches everything."""

    bank: str | None = None
    branch: str | None = None
    fund: str | None = None

    @property
    def extent(self) -> Extent:
        """How far that reaches."""
        if self.fund is not None:
            return "fund"
        if self.branch is not None:
            return "branch"
        return "bank" if self.bank is not None else "all"

    def holds(self, other: "Place") -> bool:
        """Whether the other place lies within this one."""
        return (
            self.bank in (None, other.bank) and self.branch in (None, other.branch) and self.fund in (None, other.fund)
        )


EVERYWHERE = Place()


_FILE_OF: Mapping[str, str] = {"assessments": "file", "loan_files": "id"}
"""By table the column that names the loan file of a row."""


@dataclass(frozen=True)
class Reach:
    """Whose assessments are reached: those of some banks (None: all), and there of one branch (None: all).

    `left`: banks that left the fund that reads, each with the first day on which it no longer shared its loans. Of
    these the loan files are reached from which money was drawn before that day, until their loans are closed.
    """

    banks: frozenset[str] | None = None
    branch: str | None = None
    left: frozenset[tuple[str, date]] = frozenset()

    def reads(self, bank: str | None) -> bool:
        """Whether anything of the bank is within reach."""
        return self.banks is None or bank in self.banks

    def holds(self, bank: str | None, branch: str | None) -> bool:
        """Whether something of the bank and branch is within reach."""
        return self.reads(bank) and self.branch in (None, branch)

    def of(self, table: FromClause[Columns]) -> ColumnElement[bool]:
        """The same as a condition on a table with the columns bank and branch."""
        conditions: list[ColumnElement[bool]] = []
        if self.banks is not None:
            conditions.append(or_(table.c.bank.in_(sorted(self.banks)), *self._unsettled(table)))
        if self.branch is not None:
            conditions.append(table.c.branch == self.branch)
        return and_(true(), *conditions)

    def _unsettled(self, table: FromClause[Columns]) -> Iterator[ColumnElement[bool]]:
        """The rows of files of banks that left, as long as a loan is open that was drawn when they shared it."""
        if (named := _FILE_OF.get(getattr(table, "name", ""))) is None:
            return
        file, head, entry = table.c[named], FILE_HEADS.c, ENTRIES.c
        for bank, day in sorted(self.left):
            shared = (entry.file == file, entry.kind == Kind.DRAWDOWN.value, entry.at < day.isoformat())
            open_ = select(head.id).where(head.id == file, ~head.settled)
            yield and_(table.c.bank == bank, exists(open_), exists(select(entry.seq).where(*shared)))


UNBOUND = Reach()


@dataclass(frozen=True)
class Caller:
    """Whoever stands behind a request. `authority`: how high a decision it may take, by policy `authority`.

    `id`: the account's random id, by which entries name it.
    """

    name: str
    role: str
    place: Place
    reach: Reach
    may: frozenset[str]
    authority: int = 0
    person: bool = False
    id: str = ""

    @property
    def signed_in(self) -> bool:
        """Whether anybody knows who it is."""
        return self not in (OPEN, NOBODY)  # equal: a process is handed a copy


OPEN = Caller("not signed in", "open", EVERYWHERE, Reach(), PERMISSIONS, MOST_AUTHORITY, id=actors.OPEN)
"""Whoever asks a service that is open: a demonstration on its own machine."""
NOBODY = Caller("nobody", "nobody", EVERYWHERE, Reach(frozenset()), frozenset())
"""Whoever has not signed in where that is needed."""


def roles_on(policy: Policy, day: date) -> Mapping[str, Role]:
    """The roles in force on the day, held by the policy. Raises `PolicyError` for a word that means nothing."""
    return policy.held(day, _roles)


def _roles(policy: Policy, day: date) -> Mapping[str, Role]:
    stated = [name for name in policy.names() if name.startswith(ROLES)]
    return MappingProxyType({role.name: role for role in (_role(policy, name, day) for name in stated)})


def check_roles(policy: Policy) -> None:
    """Raises `PolicyError` where a role or a fund, on any day, says what cannot be read."""
    for name in policy.names():
        if name.startswith(ROLES):
            for day in policy(name).values:
                _role(policy, name, day)
    for told in policy(FUNDS).values.values():
        if not isinstance(told, Mapping) or not all(isinstance(banks, list) for banks in told.values()):
            raise PolicyError("policy_funds", name=FUNDS)


def funds_of(policy: Policy, day: date, who: Caller) -> list[str]:
    """The funds that share in loans within the caller's reach on the day; none where the caller is one itself."""
    if who.place.fund is not None:
        return []
    told = policy(FUNDS).on(day)
    return sorted(fund for fund, banks in told.items() if who.reach.banks is None or set(banks) & who.reach.banks)


def caller(account: str, name: str, role: Role, place: Place, policy: Policy, day: date) -> Caller:
    """Whoever has the account (its id) in role and place on the day; nothing is within reach beyond the role's."""
    return Caller(name, role.name, place, _reach(role, place, policy, day), role.may, id=account)


def _reach(role: Role, place: Place, policy: Policy, day: date) -> Reach:
    if place.extent not in role.reach:
        return Reach(frozenset())
    if place.fund is not None:
        return _reach_of_fund(place.fund, policy, day)
    return Reach(None if place.bank is None else frozenset({place.bank}), place.branch)


def _reach_of_fund(fund: str, policy: Policy, day: date) -> Reach:
    """The banks of a fund on the day, and those that left it by then."""
    banks, left = frozenset[str](), dict[str, date]()
    for since, told in sorted(policy(FUNDS).values.items()):
        if since <= day:
            now = frozenset(told.get(fund, ()))
            left = {bank: at for bank, at in (left | dict.fromkeys(banks - now, since)).items() if bank not in now}
            banks = now
    return Reach(banks, left=frozenset(left.items()))


def _role(policy: Policy, name: str, day: date) -> Role:
    told = policy(name).on(day)
    if not isinstance(told, Mapping) or set(told) != {"reach", "may"}:
        raise PolicyError("policy_role_form", name=name)
    reach, may = frozenset(told["reach"]), frozenset(told["may"])
    strange = sorted((reach - EXTENTS) | (may - PERMISSIONS))
    if strange:
        raise PolicyError("policy_role_words", name=name, words=tuple(strange))
    return Role(name.removeprefix(ROLES), reach, may)
