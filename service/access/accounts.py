"""Accounts of people: who may sign in by them, in which role; sign-in by password and one-time code.

How an account comes to be, and gets another role, stands in `proposals.py`; how its person sets password and
authenticator in `invitations.py`.
"""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Connection, Engine, delete, select, union_all, update

from features.errors import Fault, fault
from features.policy import Policy
from service.access import passwords
from service.access.account_history import AccountHistory, histories
from service.access.answers import Given, ListedUser, Standing
from service.access.roles import EVERYWHERE, MOST_AUTHORITY, UNBOUND, Caller, Place, Reach, caller, roles_on
from service.access.tables import API_KEYS, INVITATIONS, SESSIONS, USERS, UserRecord
from service.edge.database import fetch_all, fetch_one, writing
from service.edge.errors import Forbidden, InvalidRequest, NoSuchUser, NotSignedIn
from service.ledger.actors import COMMAND, actor_of, is_account, ran_by
from service.ledger.canonical import time_text
from service.ledger.change_log import Change, enter_change
from service.ledger.ledger_settings import settings_of
from service.ledger.wrapping import wrapping_of
from service.ledger.written_kinds import UserEntry

FAILURES_AT_MOST = 5
"""Wrong sign-ins in a row, after which an account is locked."""
LOCKED_FOR = timedelta(minutes=15)
NEEDED = 2
"""Administrators who must want what binds."""
RESET_TOLD_FOR = timedelta(days=30)
"""For how long whoever signs in is told that the sign-in was reset."""
_STEPS_EITHER_WAY = 1
"""Steps by which the clock of a telephone may differ from ours."""
_NOT_ACCEPTED = "sign_in_not_accepted"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")


@dataclass(frozen=True)
class Account:
    """A person as an administrator states it; `subject` is what the OIDC provider calls the person."""

    name: str
    shown: str
    role: str
    place: Place = EVERYWHERE
    authority: int = 0
    subject: str | None = None


@dataclass(frozen=True)
class Attempt:
    """What somebody gives to sign in; `new_password` takes the place of the password that is given."""

    name: str
    password: str
    code: str
    new_password: str | None = None


@dataclass(frozen=True)
class Wanting:
    """Who wants an act on an account: who asked, who confirmed (ids of accounts), and who ran a command."""

    asked_by: str | None = None
    confirmed_by: str | None = None
    ran_by: str | None = None
    part: str = COMMAND
    """What an entry names where no administrator wants it: a command, whoever asks without sign-in, or the person."""

    @classmethod
    def of(cls, by: str) -> "Wanting":
        """Somebody alone: an account by its id, or whoever runs a command by the name at the machine."""
        return cls(by if is_account(by) else None, None, ran_by(by), actor_of(by))

    @property
    def actor(self) -> str:
        """Who is said to have entered it: whoever made it come true."""
        return self.confirmed_by or self.asked_by or self.part


@dataclass(frozen=True)
class Accounts:
    """The accounts of a database, under a policy."""

    engine: Engine
    policy: Policy

    def disable(self, name: str, by: str) -> None:
        """Let nobody sign in by the account any more; sessions end. It is never removed: entries name it."""
        with writing(self.engine) as connection:
            account = account_of(user_of(connection, name))
            connection.execute(update(USERS).where(USERS.c.name == name), {"disabled": True})
            connection.execute(delete(INVITATIONS).where(INVITATIONS.c.user == name))
            end_sessions(connection, name)
            enter_account(connection, "disabled", account, Wanting.of(by))

    def listed(self, reach: Reach) -> list[ListedUser]:
        """The accounts within reach, without what anybody could sign in with, and who gave them."""
        with self.engine.connect() as connection:
            found = fetch_all(connection, select(USERS).where(reach.of(USERS)).order_by(USERS.c.name), UserRecord)
            history = histories(connection, [row.name for row in found])
        return [_listed(row, history.get(row.name, AccountHistory())) for row in found]

    def shown(self, name: str) -> ListedUser:
        """An account as it is now, without what anybody could sign in with. Raises `NoSuchUser`."""
        with self.engine.connect() as connection:
            return _listed(user_of(connection, name), histories(connection, [name]).get(name, AccountHistory()))

    def recent_reset(self, name: str, at: datetime) -> Given | None:
        """The reset of an account that its person must be told of; None where none was of late."""
        with self.engine.connect() as connection:
            reset = histories(connection, [name]).get(name, AccountHistory()).reset
        return None if reset is None or datetime.fromisoformat(reset.at) < at - RESET_TOLD_FOR else reset

    def one(self, name: str, reach: Reach = UNBOUND) -> Account:
        """An account within reach. Raises `NoSuchUser`."""
        with self.engine.connect() as connection:
            row = user_of(connection, name)
        if not reach.holds(row.bank, row.branch):
            raise NoSuchUser("no_such_user", user=name)
        return account_of(row)

    def none_yet(self) -> bool:
        """Whether nobody could sign in."""
        with self.engine.connect() as connection:
            return connection.execute(select(USERS.c.name).where(~USERS.c.disabled).limit(1)).first() is None

    def administrators(self, at: datetime) -> Standing:
        """How many administrators there are for what is asked about the account that fewest of them reach."""
        with self.engine.connect() as connection:
            able = able_administrators(connection, self.policy, settings_of(self.engine).day_of(at))
            distinct = select(USERS.c.bank, USERS.c.branch, USERS.c.fund).where(~USERS.c.disabled).distinct()
            places = [Place(*row) for row in connection.execute(distinct)]
        return Standing(min((sum(one.holds(place) for one in able) for place in places), default=0), NEEDED)

    def caller(self, row: UserRecord, at: datetime) -> Caller | None:
        """The person of an account's row as a caller now; None where the account may not be used."""
        day = settings_of(self.engine).day_of(at)
        role = roles_on(self.policy, day).get(row.role)
        if row.disabled or role is None:
            return None
        who = caller(row.id, f"user:{row.name}", role, place_of_user(row), self.policy, day)
        return replace(who, authority=row.authority, person=True)

    def caller_of(self, identity: str, at: datetime) -> Caller | None:
        """The person of an account by its random id as a caller now; None where there is none, or it is disabled."""
        with self.engine.connect() as connection:
            row = fetch_one(connection, select(USERS).where(USERS.c.id == identity), UserRecord)
        return None if row is None else self.caller(row, at)

    def signed_in(self, attempt: Attempt, at: datetime) -> str:
        """The name of the account that the attempt opens; a new password ends every session of it.

        Raises `NotSignedIn`, which does not say what was wrong, or `InvalidRequest` for a weak new password.
        """
        with self.engine.connect() as connection:
            row = fetch_one(connection, select(USERS).where(USERS.c.name == attempt.name), UserRecord)
        right = passwords.is_right(attempt.password, row.password if row else None)
        step = None
        if row is not None and row.totp is not None:
            secret = wrapping_of(self.engine).opened_text(row.totp, place_of(row.name))
            step = step_of_code(secret, attempt.code, at)
        if row is None or row.disabled or (row.locked_until or "") > time_text(at):
            raise NotSignedIn(_NOT_ACCEPTED)
        if not right or step is None or step <= row.counter:
            self._count_failure(row.name, at)
            raise NotSignedIn(_NOT_ACCEPTED)
        self._accept(row, attempt.new_password, step)
        return row.name

    def _accept(self, row: UserRecord, new: str | None, step: int) -> None:
        """Note that the code was used, by nobody before us, and the new password."""
        kept: dict[str, object] = {"counter": step, "failures": 0, "locked_until": None}
        if new is not None:
            passwords.check_password(new, row.name)
            kept |= {"password": passwords.kept(new)}
        # What was read is still what stands: a reset or another sign-in may have come in between
        same = (USERS.c.name == row.name) & (USERS.c.counter < step) & (USERS.c.password == row.password)
        with writing(self.engine) as connection:
            if connection.execute(update(USERS).where(same, ~USERS.c.disabled), kept).rowcount != 1:
                raise NotSignedIn(_NOT_ACCEPTED)
            if new is not None:
                end_sessions(connection, row.name)

    def _count_failure(self, name: str, at: datetime) -> None:
        with writing(self.engine) as connection:
            failures = connection.execute(select(USERS.c.failures).where(USERS.c.name == name)).scalar_one() + 1
            locked = failures >= FAILURES_AT_MOST
            row = {"failures": 0 if locked else failures}
            row |= {"locked_until": time_text(at + LOCKED_FOR)} if locked else {}
            connection.execute(update(USERS).where(USERS.c.name == name), row)


def check_account(account: Account, policy: Policy, day: date) -> None:
    """Raises `InvalidRequest` where name, role, place and authority do not go together."""
    faults = [] if _NAME.fullmatch(account.name) else [fault("/name", "account_name")]
    faults += check_place(account.role, account.place, policy, day)
    if not 0 <= account.authority <= MOST_AUTHORITY:
        faults.append(fault("/authority", "authority", most=MOST_AUTHORITY))
    if faults:
        raise InvalidRequest(faults)


def check_place(role: str, place: Place, policy: Policy, day: date) -> list[Fault]:
    """What is wrong with a role at a place on a day."""
    roles = roles_on(policy, day)
    if role not in roles:
        return [fault("/role", "role_unknown", roles=tuple(sorted(roles)))]
    if place.branch is not None and place.bank is None:
        return [fault("/bank", "branch_without_bank")]
    if place.fund is not None and place.bank is not None:
        return [fault("/fund", "fund_with_bank")]
    if place.extent not in roles[role].reach:
        return [fault("/role", "role_place", role=role, extents=tuple(sorted(roles[role].reach)))]
    return []


def able_administrators(connection: Connection, policy: Policy, day: date, *, invited: bool = False) -> list[Place]:
    """Where the administrators reach who can sign in; with `invited` also those who have not opened their account."""
    may = [role.name for role in roles_on(policy, day).values() if "administer" in role.may]
    own = USERS.c.password.is_not(None) & USERS.c.totp.is_not(None)
    there = select(USERS).where(USERS.c.role.in_(may), ~USERS.c.disabled)
    found = there if invited else there.where(own | USERS.c.subject.is_not(None))
    return [place_of_user(row) for row in fetch_all(connection, found, UserRecord)]


def banks_served(engine: Engine) -> frozenset[str]:
    """The banks that accounts and keys belong to, those among them that are ended: what was theirs stays theirs."""
    held = union_all(*(select(table.c.bank).where(table.c.bank.is_not(None)) for table in (USERS, API_KEYS)))
    with engine.connect() as connection:
        return frozenset(connection.execute(held).scalars())


def check_hand(connection: Connection, caller: Caller) -> None:
    """Raises `Forbidden` where a person's account is no longer what it was when the request came in.

    Within the turn in which something binding is entered: a role that was taken in between binds nothing any more.
    """
    if not caller.person:
        return
    row = fetch_one(connection, select(USERS).where(USERS.c.id == caller.id), UserRecord)
    stands = row and not row.disabled and (row.role, row.authority) == (caller.role, caller.authority)
    if row is None or not stands or place_of_user(row) != caller.place:
        raise Forbidden("role_taken")


def account_of(row: UserRecord) -> Account:
    """The account that a row holds."""
    return Account(row.name, row.shown, row.role, place_of_user(row), row.authority, row.subject)


def place_of_user(row: UserRecord) -> Place:
    """Where the role of a row holds."""
    return Place(row.bank, row.branch, row.fund)


def row_of(account: Account) -> dict[str, object]:
    """The account as columns."""
    told = asdict(account)
    return asdict(account.place) | {name: value for name, value in told.items() if name != "place"}


def user_of(connection: Connection, name: str) -> UserRecord:
    """The row of an account. Raises `NoSuchUser`."""
    row = fetch_one(connection, select(USERS).where(USERS.c.name == name), UserRecord)
    if row is None:
        raise NoSuchUser("no_such_user", user=name)
    return row


def step_of_code(secret: str, code: str, at: datetime) -> int | None:
    """The step of thirty seconds whose code it is, at most one step from now; None for any other code."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=at, valid_window=_STEPS_EITHER_WAY)
    except OTPVerificationError:
        return None


def place_of(name: str) -> str:
    """Where the secret of an account's authenticator lies, as it is wrapped."""
    return f"{USERS.name}/{name}"


def end_sessions(connection: Connection, name: str) -> None:
    """Whoever is signed in by the account must do so again."""
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))


def enter_account(connection: Connection, state: str, account: Account, wanting: Wanting) -> None:
    """Enter what an account is from now on, and who wanted that."""
    content = UserEntry(
        subject=f"user:{account.name}",
        account=user_of(connection, account.name).id,
        state=state,
        name=account.name,
        shown=account.shown,
        role=account.role,
        authority=account.authority,
        oidc_subject=account.subject,
        by=wanting.ran_by,
        asked_by=wanting.asked_by,
        confirmed_by=wanting.confirmed_by,
        **asdict(account.place),
    )
    place = account.place
    enter_change(connection, Change(content, wanting.actor, bank=place.bank, fund=place.fund))


def _listed(row: UserRecord, history: AccountHistory) -> ListedUser:
    return ListedUser(
        name=row.name,
        shown=row.shown,
        role=row.role,
        bank=row.bank,
        branch=row.branch,
        fund=row.fund,
        authority=row.authority,
        subject=row.subject,
        disabled=row.disabled,
        locked_until=row.locked_until,
        temporary=row.subject is None and (row.password is None or row.totp is None),
        made_at=row.made_at,
        given=history.given,
        reset=history.reset,
    )
