"""Acts on accounts and keys: what binds the bank takes effect once two administrators want it.

One asks, another confirms; an account is made, gets a wider role, is reset or reopened, and a key may close loans, only
then. Neither is the person of the account. What takes rights away, and what only reads, one administrator does alone.

Whoever runs a command is nobody that we know, so two administrators must confirm it. While fewer than two can sign in
nobody could: then a command makes and resets administrators, and them alone, and the entry says that nobody confirmed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, Engine, insert, select, update

from features.policy import Policy
from service.access.account_names import account_names
from service.access.accounts import (
    NEEDED,
    Account,
    Wanting,
    able_administrators,
    account_of,
    check_account,
    end_sessions,
    enter_account,
    place_of_user,
    row_of,
    user_of,
)
from service.access.answers import AccountProposal, ProposalState
from service.access.api_keys import KeptKey, insert_key
from service.access.invitations import digest_of, invite, new_part
from service.access.roles import BINDING, Place, Reach, Role, roles_on
from service.access.tables import PROPOSALS, USERS, ProposalRecord, UserRecord
from service.edge.database import fetch_all, fetch_one, in_turn
from service.edge.errors import Forbidden, NoSuchProposal, NotInTurn, Taken
from service.ledger.actors import is_account, new_account_id, ran_by
from service.ledger.canonical import time_text
from service.ledger.ledger_settings import settings_of

LAPSES_AFTER = timedelta(days=7)
"""So long what one administrator asked for may be confirmed."""
LISTED = 200
"""Proposals in a list at most."""


@dataclass(frozen=True)
class AccountAct:
    """What is asked for: `made`, `changed` or `reset` an account as it would stand then, or `key`: a key is made."""

    act: str
    account: Account | None = None
    key: KeptKey | None = None

    @property
    def place(self) -> Place:
        """Where it holds."""
        return self.account.place if self.account is not None else self._key.place

    @property
    def role(self) -> str:
        """The role."""
        return self.account.role if self.account is not None else self._key.role

    @property
    def name(self) -> str:
        """The account's or key's name."""
        return self.account.name if self.account is not None else self._key.name

    @property
    def subject(self) -> str:
        """What it is about, as entries name it."""
        return f"{'key' if self.account is None else 'user'}:{self.name}"

    @property
    def invites(self) -> bool:
        """Whether a person then sets password and authenticator."""
        return self.act in {"made", "reset"} and self.account is not None and self.account.subject is None

    @property
    def _key(self) -> KeptKey:
        assert self.key is not None
        return self.key


Wanted = Callable[[Connection], tuple[AccountAct, bool]]
"""Finds, in the turn, what is wanted and whether two must want it. Raises `Refused`."""


@dataclass(frozen=True)
class Proposals:
    """Acts on the accounts and keys of a database, under a policy. `invited_for`: how long a code may be used."""

    engine: Engine
    policy: Policy
    invited_for: timedelta = timedelta(hours=24)

    def make(self, account: Account, by: str, at: datetime) -> AccountProposal:
        """Make an account. Raises `Refused`."""
        return self._ask(lambda connection: self._new(connection, account, at), by, at)

    def change(self, account: Account, by: str, at: datetime) -> AccountProposal:
        """State an account's role, place and authority anew. Raises `Refused`."""

        def wanted(connection: Connection) -> tuple[AccountAct, bool]:
            stands = account_of(user_of(connection, account.name))
            new = replace(stands, role=account.role, place=account.place, authority=account.authority)
            narrower = new.role == stands.role and new.authority <= stands.authority and stands.place.holds(new.place)
            return AccountAct("changed", new), not narrower and self._binds(connection, new.role, at)

        return self._ask(wanted, by, at)

    def reset(self, name: str, by: str, at: datetime) -> AccountProposal:
        """Let the person of an account set password and authenticator anew; a disabled account is opened again."""

        def wanted(connection: Connection) -> tuple[AccountAct, bool]:
            stands = account_of(user_of(connection, name))
            return AccountAct("reset", stands), self._binds(connection, stands.role, at)

        return self._ask(wanted, by, at)

    def make_key(self, key: KeptKey, by: str, at: datetime) -> AccountProposal:
        """Make a key. Raises `Refused`."""
        return self._ask(lambda _: (AccountAct("key", key=key), bool(BINDING & set(key.scopes))), by, at)

    def open_declared(self, accounts: Sequence[Account], founders: tuple[str, str], by: str, at: datetime) -> None:
        """Open a declared set of accounts in a database that has none: one act of two of its administrators.

        Their people sign in by a provider, as nobody is told a code. Raises `Refused`.
        """

        def write(connection: Connection) -> None:
            if connection.execute(select(USERS.c.name).limit(1)).first() is not None:
                raise NotInTurn("accounts_there")
            by_name = {one.name: one for one in accounts}
            roles = [self._role(connection, by_name[name].role, at) for name in founders]
            if len(set(founders)) != NEEDED or any(role is None or "administer" not in role.may for role in roles):
                raise NotInTurn("two_founders")
            ids = {name: new_account_id() for name in by_name}
            asked, confirmed = (ids[name] for name in founders)
            wanting = replace(Wanting.of(by), asked_by=asked, confirmed_by=confirmed)
            for account in accounts:
                self._check(connection, account, at)
                connection.execute(insert(USERS), row_of(account) | {"id": ids[account.name], "made_at": time_text(at)})
            for account in accounts:
                enter_account(connection, "made", account, wanting)

        in_turn(self.engine, write)

    def confirm(self, proposal: str, by: str, at: datetime) -> AccountProposal:
        """Want, as another administrator, what one asked for: with the second of them it takes effect.

        Raises `NoSuchProposal`, `NotInTurn` where it no longer waits, or `Forbidden`.
        """

        def write(connection: Connection) -> AccountProposal:
            row = self._waiting(connection, proposal, at)
            act = msgspec.json.decode(row.content, type=AccountAct)
            self._check_administrator(connection, by, act, at)
            if row.asked_by == by:
                raise Forbidden("another_confirms")
            part = new_part() if act.invites else None
            kept = None if part is None else digest_of(part)
            if row.asked_by is None:
                taken = {"asked_by": by, "part": kept}
            else:
                self._check_asker(connection, row.asked_by, act, at)
                wanting = replace(Wanting.of(row.asked_by), confirmed_by=by, ran_by=row.ran_by)
                self._do(connection, act, wanting, (row.part or "", kept or ""), at)
                taken = {"state": "done", "settled_by": by, "settled_at": time_text(at)}
            connection.execute(update(PROPOSALS).where(PROPOSALS.c.id == proposal), taken)
            return self._shown(connection, [ProposalRecord(**row.model_dump() | taken)], at, part)[0]

        return in_turn(self.engine, write)

    def drop(self, proposal: str, by: str, at: datetime) -> AccountProposal:
        """Want it no longer, as any administrator who reaches it. Raises as `confirm` does."""

        def write(connection: Connection) -> AccountProposal:
            row = self._waiting(connection, proposal, at)
            self._reaching(connection, by, msgspec.json.decode(row.content, type=AccountAct).place, at)
            settled = {"state": "dropped", "settled_by": by, "settled_at": time_text(at)}
            connection.execute(update(PROPOSALS).where(PROPOSALS.c.id == proposal), settled)
            return self._shown(connection, [ProposalRecord(**row.model_dump() | settled)], at)[0]

        return in_turn(self.engine, write)

    def listed(self, reach: Reach, at: datetime) -> list[AccountProposal]:
        """What was asked for within reach, the latest first."""
        wanted = select(PROPOSALS).where(reach.of(PROPOSALS)).order_by(PROPOSALS.c.asked_at.desc(), PROPOSALS.c.id)
        with self.engine.connect() as connection:
            return self._shown(connection, fetch_all(connection, wanted.limit(LISTED), ProposalRecord), at)

    def check_within(self, proposal: str, reach: Reach) -> None:
        """Raises `NoSuchProposal` where it is not within reach."""
        with self.engine.connect() as connection:
            row = _read(connection, proposal)
        if not reach.holds(row.bank, row.branch):
            raise NoSuchProposal("no_such_proposal", proposal=proposal)

    def _ask(self, wanted: Wanted, by: str, at: datetime) -> AccountProposal:
        def write(connection: Connection) -> AccountProposal:
            act, binds = wanted(connection)
            if act.account is not None:
                self._check(connection, act.account, at)
            if is_account(by):
                self._check_administrator(connection, by, act, at)
                alone = not binds
            else:
                alone = not binds or self._founds(connection, act, at)
                if not alone and act.act == "made":
                    self._check_founded(connection, act, at)
            self._check_nothing_waits(connection, act, at)
            row = ProposalRecord(
                id=str(uuid4()), act=act.act, subject=act.subject, content=msgspec.json.encode(act).decode(),
                bank=act.place.bank, branch=act.place.branch, ran_by=ran_by(by), asked_at=time_text(at),
                asked_by=by if is_account(by) else None, state="waiting",
            )  # fmt: skip
            return self._done(connection, row, act, by, at) if alone else self._kept(connection, row, act, at)

        return in_turn(self.engine, write)

    def _done(
        self, connection: Connection, row: ProposalRecord, act: AccountAct, by: str, at: datetime
    ) -> AccountProposal:
        """What one administrator, or the machine, does alone: the whole code is told."""
        parts = (new_part(), new_part())
        self._do(connection, act, Wanting.of(by), (digest_of(parts[0]), digest_of(parts[1])), at)
        row.state, row.settled_by, row.settled_at = "done", row.asked_by, row.asked_at
        shown = self._shown(connection, [row], at, "-".join(parts) if act.invites else None)[0]
        return msgspec.structs.replace(shown, id=None)

    def _kept(self, connection: Connection, row: ProposalRecord, act: AccountAct, at: datetime) -> AccountProposal:
        """What waits for another administrator; the one who asks is told one part of the code."""
        part = new_part() if act.invites and row.asked_by is not None else None
        row.part = None if part is None else digest_of(part)
        connection.execute(insert(PROPOSALS), row.model_dump())
        return self._shown(connection, [row], at, part)[0]

    def _do(
        self, connection: Connection, act: AccountAct, wanting: Wanting, parts: tuple[str, str], at: datetime
    ) -> None:
        """Let it take effect, and enter it."""
        if act.key is not None:
            insert_key(connection, act.key, wanting)
            return
        account = act.account
        assert account is not None
        self._check(connection, account, at)
        same = USERS.c.name == account.name
        match act.act:
            case "made":
                _check_free(connection, account)
                connection.execute(insert(USERS), row_of(account) | {"id": new_account_id(), "made_at": time_text(at)})
            case "changed":
                told = ("role", "bank", "branch", "fund", "authority")
                connection.execute(update(USERS).where(same), {name: row_of(account)[name] for name in told})
            case _:
                account = account_of(user_of(connection, account.name))
                gone = dict.fromkeys(("password", "totp", "locked_until"))
                connection.execute(update(USERS).where(same), gone | {"counter": 0, "failures": 0, "disabled": False})
        end_sessions(connection, account.name)
        if act.invites:
            invite(connection, account.name, parts, at + self.invited_for)
        enter_account(connection, act.act, account, wanting)

    def _new(self, connection: Connection, account: Account, at: datetime) -> tuple[AccountAct, bool]:
        _check_free(connection, account)
        return AccountAct("made", account), self._binds(connection, account.role, at)

    def _binds(self, connection: Connection, role: str, at: datetime) -> bool:
        """Whether two must want it; that policy does not know a role is said where the account is checked."""
        found = self._role(connection, role, at)
        return found is not None and found.binds

    def _founds(self, connection: Connection, act: AccountAct, at: datetime) -> bool:
        """Whether a command does it alone: it is about an administrator, and no two could confirm it."""
        role = self._role(connection, act.role, at)
        if act.account is None or role is None or "administer" not in role.may:
            return False
        return self._administrators(connection, act, at, invited=False) < NEEDED

    def _check_founded(self, connection: Connection, act: AccountAct, at: datetime) -> None:
        """Raises `NotInTurn` where not even two administrators are invited: an account would only block its name."""
        if self._administrators(connection, act, at, invited=True) < NEEDED:
            raise NotInTurn("administrators_first", account=act.name)

    def _administrators(self, connection: Connection, act: AccountAct, at: datetime, *, invited: bool) -> int:
        """How many administrators there are for what is asked."""
        day = settings_of(connection).day_of(at)
        reach = able_administrators(connection, self.policy, day, invited=invited)
        return sum(place.holds(act.place) for place in reach)

    def _role(self, connection: Connection, role: str, at: datetime) -> Role | None:
        return roles_on(self.policy, settings_of(connection).day_of(at)).get(role)

    def _check(self, connection: Connection, account: Account, at: datetime) -> None:
        check_account(account, self.policy, settings_of(connection).day_of(at))

    def _check_administrator(self, connection: Connection, by: str, act: AccountAct, at: datetime) -> None:
        """Raises `Forbidden` unless it is an administrator who reaches it, and whose own account it is not."""
        row = self._reaching(connection, by, act.place, at)
        if act.act in {"changed", "reset"}:  # the account may have moved since it was asked for
            self._reaching(connection, by, place_of_user(user_of(connection, act.name)), at)
        if act.account is not None and row.name == act.account.name:
            raise Forbidden("own_account")

    def _check_asker(self, connection: Connection, asked_by: str, act: AccountAct, at: datetime) -> None:
        """Raises `Forbidden` where whoever asked may do so no longer."""
        try:
            self._check_administrator(connection, asked_by, act, at)
        except Forbidden:
            raise Forbidden("asker_gone") from None

    def _reaching(self, connection: Connection, by: str, place: Place, at: datetime) -> UserRecord:
        """The administrator's row as it is in this turn. Raises `Forbidden`."""
        row = fetch_one(connection, select(USERS).where(USERS.c.id == by), UserRecord)
        role = None if row is None or row.disabled else self._role(connection, row.role, at)
        if row is None or role is None or "administer" not in role.may:
            raise Forbidden("administrator_confirms")
        if not place_of_user(row).holds(place):
            raise Forbidden("beyond_administrator")
        return row

    def _waiting(self, connection: Connection, proposal: str, at: datetime) -> ProposalRecord:
        row = _read(connection, proposal)
        if (state := _state(row, at)) != "waiting":
            raise NotInTurn("proposal_settled", state=state)
        return row

    def _check_nothing_waits(self, connection: Connection, act: AccountAct, at: datetime) -> None:
        same = select(PROPOSALS).where(PROPOSALS.c.subject == act.subject, PROPOSALS.c.state == "waiting")
        if any(_state(row, at) == "waiting" for row in fetch_all(connection, same, ProposalRecord)):
            raise Taken("proposal_waits", account=act.name)

    def _shown(
        self, connection: Connection, rows: Sequence[ProposalRecord], at: datetime, code: str | None = None
    ) -> list[AccountProposal]:
        ids = {one for row in rows for one in (row.asked_by, row.settled_by) if one is not None}
        names = account_names(connection, ids)
        return [_told(row, names, at, code) for row in rows]


def _told(row: ProposalRecord, names: dict[str, str], at: datetime, code: str | None) -> AccountProposal:
    act, state = msgspec.json.decode(row.content, type=AccountAct), _state(row, at)
    place = act.place
    return AccountProposal(
        id=row.id, act=row.act, state=state, name=act.name, role=act.role,
        needs=0 if state != "waiting" else NEEDED - (row.asked_by is not None),
        bank=place.bank, branch=place.branch, fund=place.fund,
        authority=0 if act.account is None else act.account.authority,
        asked_by=row.asked_by and names.get(row.asked_by, row.asked_by), ran_by=row.ran_by, asked_at=row.asked_at,
        settled_by=row.settled_by and names.get(row.settled_by, row.settled_by), settled_at=row.settled_at, code=code,
    )  # fmt: skip


def _state(row: ProposalRecord, at: datetime) -> ProposalState:
    if row.state == "waiting" and datetime.fromisoformat(row.asked_at) + LAPSES_AFTER <= at:
        return "lapsed"
    state: ProposalState = msgspec.convert(row.state, ProposalState)
    return state


def _read(connection: Connection, proposal: str) -> ProposalRecord:
    row = fetch_one(connection, select(PROPOSALS).where(PROPOSALS.c.id == proposal), ProposalRecord)
    if row is None:
        raise NoSuchProposal("no_such_proposal", proposal=proposal)
    return row


def _check_free(connection: Connection, account: Account) -> None:
    same = USERS.c.name == account.name
    if account.subject is not None:
        same |= USERS.c.subject == account.subject
    if connection.execute(select(USERS.c.name).where(same)).first() is not None:
        raise Taken("user_taken", user=account.name)
