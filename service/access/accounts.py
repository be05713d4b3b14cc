"""Accounts of people: made, changed, reset, disabled, each time an entry; sign-in by password and one-time code."""

import re
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import msgspec
import pyotp
from pyotp.exceptions import OTPVerificationError
from sqlalchemy import Connection, Engine, delete, insert, select, update

from features.errors import Fault, fault
from features.policy import Policy
from service.access import passwords
from service.access.answers import Credentials, ListedUser
from service.access.roles import EVERYWHERE, MOST_AUTHORITY, UNBOUND, Caller, Place, Reach, caller, roles_on
from service.access.tables import SESSIONS, USERS, UserRecord
from service.edge.database import fetch_all, fetch_one, writing
from service.edge.errors import InvalidRequest, NoSuchUser, NotSignedIn, PasswordExpired, Taken
from service.ledger.actors import actor_of, new_account_id, ran_by
from service.ledger.canonical import time_text
from service.ledger.change_log import Change, enter_change
from service.ledger.ledger_settings import settings_of
from service.ledger.wrapping import wrapping_of
from service.ledger.written_kinds import UserEntry

FAILURES_AT_MOST = 5
"""Wrong sign-ins in a row, after which an account is locked."""
LOCKED_FOR = timedelta(minutes=15)
_SECRET_CHARACTERS = 32
"""Of base32: 160 bits, as RFC 4226 recommends for the secret of an authenticator."""
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

    def to_dict(self) -> dict[str, object]:
        """All of it as plain values, without what is left open."""
        told = asdict(self.place) | {name: value for name, value in vars(self).items() if name != "place"}
        return {name: value for name, value in told.items() if value is not None}


@dataclass(frozen=True)
class Attempt:
    """What somebody gives to sign in; `new_password` takes the place of one that was good for once."""

    name: str
    password: str
    code: str
    new_password: str | None = None


@dataclass(frozen=True)
class Accounts:
    """The accounts of a database, under a policy."""

    engine: Engine
    policy: Policy

    def add(self, account: Account, by: str, at: datetime) -> Credentials | None:
        """Make an account; its first credentials, or None where its OIDC provider has them. Raises `Refused`."""
        self._check(account, at)
        given = None if account.subject else _credentials(account.name)
        row = _row(account) | {"id": new_account_id(), "made_at": time_text(at)} | _kept(given)
        with writing(self.engine) as connection:
            self._check_free(connection, account)
            connection.execute(insert(USERS), row | _wrapped(connection, account.name, given))
            _enter(connection, "made", account, by)
        return given

    def change(self, account: Account, by: str, at: datetime) -> None:
        """State an account's role, place and authority anew; whoever is signed in must do so again."""
        self._check(account, at)
        with writing(self.engine) as connection:
            _of(connection, account.name)
            connection.execute(update(USERS).where(USERS.c.name == account.name), _row(account))
            _end_sessions(connection, account.name)
            _enter(connection, "changed", account, by)

    def reset(self, name: str, by: str) -> Credentials:
        """Give an account new credentials, unlocked and able to sign in; sessions end."""
        given = _credentials(name)
        row = _kept(given) | {"failures": 0, "locked_until": None, "disabled": False, "counter": 0}
        with writing(self.engine) as connection:
            account = account_of(_of(connection, name))
            changed = update(USERS).where(USERS.c.name == name)
            connection.execute(changed, row | _wrapped(connection, name, given))
            _end_sessions(connection, name)
            _enter(connection, "reset", account, by)
        return given

    def disable(self, name: str, by: str) -> None:
        """Let nobody sign in by the account any more; sessions end. It is never removed: entries name it."""
        with writing(self.engine) as connection:
            account = account_of(_of(connection, name))
            connection.execute(update(USERS).where(USERS.c.name == name), {"disabled": True})
            _end_sessions(connection, name)
            _enter(connection, "disabled", account, by)

    def listed(self, reach: Reach) -> list[ListedUser]:
        """The accounts within reach, without what anybody could sign in with."""
        with self.engine.connect() as connection:
            found = fetch_all(connection, select(USERS).where(reach.of(USERS)).order_by(USERS.c.name), UserRecord)
        return [msgspec.convert(row, ListedUser, from_attributes=True) for row in found]

    def shown(self, name: str) -> ListedUser:
        """An account as it is now, without what anybody could sign in with. Raises `NoSuchUser`."""
        with self.engine.connect() as connection:
            return msgspec.convert(_of(connection, name), ListedUser, from_attributes=True)

    def one(self, name: str, reach: Reach = UNBOUND) -> Account:
        """An account within reach. Raises `NoSuchUser`."""
        with self.engine.connect() as connection:
            row = _of(connection, name)
        if not reach.holds(row.bank, row.branch):
            raise NoSuchUser("no_such_user", user=name)
        return account_of(row)

    def none_yet(self) -> bool:
        """Whether nobody could sign in."""
        with self.engine.connect() as connection:
            return connection.execute(select(USERS.c.name).where(~USERS.c.disabled).limit(1)).first() is None

    def caller(self, row: UserRecord, at: datetime) -> Caller | None:
        """The person of an account's row as a caller now; None where the account may not be used."""
        day = settings_of(self.engine).day_of(at)
        role = roles_on(self.policy, day).get(row.role)
        if row.disabled or role is None:
            return None
        place = Place(row.bank, row.branch, row.fund)
        who = caller(row.id, f"user:{row.name}", role, place, self.policy, day)
        return replace(who, authority=row.authority, person=True)

    def caller_of(self, identity: str, at: datetime) -> Caller | None:
        """The person of an account by its random id as a caller now; None where there is none, or it is disabled."""
        with self.engine.connect() as connection:
            row = fetch_one(connection, select(USERS).where(USERS.c.id == identity), UserRecord)
        return None if row is None else self.caller(row, at)

    def signed_in(self, attempt: Attempt, at: datetime) -> str:
        """The name of the account that the attempt opens.

        Raises `NotSignedIn`, which does not say what was wrong; `PasswordExpired` where a new password must be given.
        """
        with self.engine.connect() as connection:
            row = fetch_one(connection, select(USERS).where(USERS.c.name == attempt.name), UserRecord)
        right = passwords.is_right(attempt.password, row.password if row else None)
        step = None
        if row is not None and row.totp is not None:
            secret = wrapping_of(self.engine).opened_text(row.totp, place_of(row.name))
            step = _step_of_code(secret, attempt.code, at)
        if row is None or row.disabled or (row.locked_until or "") > time_text(at):
            raise NotSignedIn(_NOT_ACCEPTED)
        if not right or step is None or step <= row.counter:
            self._count_failure(row.name, at)
            raise NotSignedIn(_NOT_ACCEPTED)
        if row.temporary and attempt.new_password is None:
            raise PasswordExpired("password_expired")
        self._accept(row, attempt.new_password, step)
        return row.name

    def _accept(self, row: UserRecord, new: str | None, step: int) -> None:
        """Note that the code was used, by nobody before us, and the new password."""
        kept: dict[str, object] = {"counter": step, "failures": 0, "locked_until": None}
        if new is not None:
            passwords.check_password(new, row.name)
            kept |= {"password": passwords.kept(new), "temporary": False}
        unused = update(USERS).where(USERS.c.name == row.name, USERS.c.counter < step)
        with writing(self.engine) as connection:
            if connection.execute(unused, kept).rowcount != 1:
                raise NotSignedIn(_NOT_ACCEPTED)

    def _count_failure(self, name: str, at: datetime) -> None:
        with writing(self.engine) as connection:
            failures = connection.execute(select(USERS.c.failures).where(USERS.c.name == name)).scalar_one() + 1
            locked = failures >= FAILURES_AT_MOST
            row = {"failures": 0 if locked else failures}
            row |= {"locked_until": time_text(at + LOCKED_FOR)} if locked else {}
            connection.execute(update(USERS).where(USERS.c.name == name), row)

    def _check(self, account: Account, at: datetime) -> None:
        """Raises `InvalidRequest` where role, place and authority do not go together."""
        faults = [] if _NAME.fullmatch(account.name) else [fault("/name", "account_name")]
        faults += check_place(account.role, account.place, self.policy, settings_of(self.engine).day_of(at))
        if not 0 <= account.authority <= MOST_AUTHORITY:
            faults.append(fault("/authority", "authority", most=MOST_AUTHORITY))
        if faults:
            raise InvalidRequest(faults)

    def _check_free(self, connection: Connection, account: Account) -> None:
        same = USERS.c.name == account.name
        if account.subject is not None:
            same |= USERS.c.subject == account.subject
        if connection.execute(select(USERS.c.name).where(same)).first() is not None:
            raise Taken("user_taken", user=account.name)


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


def account_of(row: UserRecord) -> Account:
    """The account that a row holds."""
    place = Place(row.bank, row.branch, row.fund)
    return Account(row.name, row.shown, row.role, place, row.authority, row.subject)


def _row(account: Account) -> dict[str, object]:
    told = asdict(account)
    return asdict(account.place) | {name: value for name, value in told.items() if name != "place"}


def _credentials(name: str) -> Credentials:
    secret = pyotp.random_base32(_SECRET_CHARACTERS)
    link = pyotp.TOTP(secret, name=name, issuer="PledgeScore").provisioning_uri()
    return Credentials(passwords.temporary(), secret, link)


def _step_of_code(secret: str, code: str, at: datetime) -> int | None:
    """The step of thirty seconds whose code it is, at most one step from now; None for any other code."""
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=at, valid_window=_STEPS_EITHER_WAY)
    except OTPVerificationError:
        return None


def place_of(name: str) -> str:
    """Where the secret of an account's authenticator lies, as it is wrapped."""
    return f"{USERS.name}/{name}"


def _kept(given: Credentials | None) -> dict[str, object]:
    return {} if given is None else {"password": passwords.kept(given.password), "temporary": True}


def _wrapped(connection: Connection, name: str, given: Credentials | None) -> dict[str, object]:
    if given is None:
        return {}
    return {"totp": wrapping_of(connection).wrapped_text(given.totp, place_of(name))}


def _of(connection: Connection, name: str) -> UserRecord:
    row = fetch_one(connection, select(USERS).where(USERS.c.name == name), UserRecord)
    if row is None:
        raise NoSuchUser("no_such_user", user=name)
    return row


def _end_sessions(connection: Connection, name: str) -> None:
    connection.execute(delete(SESSIONS).where(SESSIONS.c.user == name))


def _enter(connection: Connection, state: str, account: Account, by: str) -> None:
    content = UserEntry(
        subject=f"user:{account.name}",
        account=_of(connection, account.name).id,
        state=state,
        name=account.name,
        shown=account.shown,
        role=account.role,
        authority=account.authority,
        oidc_subject=account.subject,
        by=ran_by(by),
        **asdict(account.place),
    )
    place = account.place
    enter_change(connection, Change(content, actor_of(by), bank=place.bank, fund=place.fund))
