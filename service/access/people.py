"""The people of a bank: whom accounts stand for, how a person is shown, and who may be named for an act."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection, select

from features.phrase import Language, Phrase
from models.words.templates import SHIPPED
from service.access.roles import Caller
from service.access.tables import USERS


class BankPerson(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A person of a bank as colleagues know one: `name` of the account, `shown` as the person is called."""

    name: str
    shown: str
    role: str
    branch: str | None
    authority: int


class PeopleListed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The people of a bank who can sign in, by how they are called."""

    items: list[BankPerson]


@dataclass(frozen=True)
class PeopleShown:
    """How people are shown by the names and ids of their accounts; whoever is not known as it is told.

    Who is not known: somebody of another bank, or whose name was told where nobody was signed in.
    """

    known: Mapping[str, str]

    def of(self, name: object) -> str:
        """One person, or the machine that acted."""
        told = str(name or "")
        return self.known.get(told.removeprefix("user:"), told.removeprefix("user:"))

    def each(self, names: Iterable[object], joint: str) -> str:
        """Several, one after the other."""
        return joint.join(map(self.of, names))


def people_of(connection: Connection, bank: str | None, *, gone: bool = False) -> list[BankPerson]:
    """The people of a bank, or of none, who can sign in; `gone`: those too who can no more."""
    table = USERS.c
    of_bank = table.bank.is_(None) if bank is None else table.bank == bank
    columns = (table.name, table.shown, table.role, table.branch, table.authority)
    query = select(*columns).where(of_bank, table.fund.is_(None)).order_by(table.shown, table.name)
    query = query if gone else query.where(~table.disabled)
    return [BankPerson(*row) for row in connection.execute(query)]


def people_for(connection: Connection, caller: Caller, language: Language) -> PeopleShown:
    """How people are shown to a caller: to a bank its own, to whoever reads all banks everybody.

    To a fund nobody by name but those of no bank: who works in a bank is personal data that stays inside.
    """
    place = caller.place
    everywhere = place.bank is None and place.fund is None
    return people_shown(connection, place.bank, language, everywhere=everywhere)


def people_shown(
    connection: Connection, bank: str | None, language: Language, *, everywhere: bool = False
) -> PeopleShown:
    """How the people of a bank, or of none, are shown: those too who can sign in no more. `everywhere`: of any bank."""
    table = USERS.c
    query = select(table.id, table.name, table.shown, table.role)
    if not everywhere:
        query = query.where(table.bank.is_(None) if bank is None else (table.bank == bank) | table.bank.is_(None))
    return PeopleShown(
        {
            key: person_said(row.shown or row.name, row.role, language)
            for row in connection.execute(query)
            for key in (row.id, row.name)
        }
    )


def person_said(shown: str, role: str, language: Language) -> str:
    """A person with the role: 李伟（客户经理）."""
    return SHIPPED.say(Phrase("person_shown", {"name": shown, "role": role}), language)
