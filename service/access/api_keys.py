"""Keys of machines: random, told once, kept as a digest; each may do part of what its role may, until a day.

A key that was used within the last seconds is known without asking the database: the check costs some microseconds.
Which keys there are is asked at most once a second, so that whoever shows keys that nobody made costs no more.
"""

import secrets
import threading
import time
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import Connection, Engine, insert, select, update

from features.errors import fault
from features.policy import Policy
from service.access.account_history import AccountHistory, histories
from service.access.accounts import Wanting, check_place
from service.access.answers import Given, ListedKey
from service.access.roles import EVERYWHERE, PERSONAL, Caller, Place, Reach, Role, caller, roles_on
from service.access.tables import API_KEYS, ApiKeyRecord
from service.edge.database import fetch_all, fetch_one, writing
from service.edge.errors import InvalidRequest, NoSuchKey, Taken
from service.ledger.actors import new_account_id
from service.ledger.canonical import time_text
from service.ledger.change_log import Change, enter_change
from service.ledger.ledger_settings import settings_of
from service.ledger.written_kinds import UserEntry

PREFIX = "psk_"
"""Begins every key, so that a search for leaked secrets finds it."""
LONGEST = timedelta(days=366)
REMEMBERED_SECONDS = 5.0
"""For how long a key is not looked up again: so soon a withdrawal is felt everywhere."""
_MOST_REMEMBERED = 10_000
_MADE_SECONDS = 1.0
"""For how long it is not asked again which keys there are."""


@dataclass(frozen=True)
class ApiKey:
    """A key as it is asked for; without scopes it may do all that a machine of its role may."""

    name: str
    role: str
    expires_at: datetime
    place: Place = EVERYWHERE
    scopes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class KeptKey:
    """A key as it is kept: what it may do and where, and the digest of what opens it."""

    name: str
    role: str
    place: Place
    scopes: list[str]
    digest: str
    made_at: str
    expires_at: str


class ApiKeys:
    """The keys of a database, under a policy."""

    def __init__(self, engine: Engine, policy: Policy) -> None:
        self._engine, self._policy = engine, policy
        self._known: dict[bytes, tuple[float, str, Caller]] = {}
        self._made: frozenset[bytes] = frozenset()
        self._made_until = float("-inf")
        self._asking = threading.Lock()

    def prepared(self, key: ApiKey, at: datetime) -> tuple[KeptKey, str]:
        """A key to be made, and what opens it then: it can never be told again. Raises `InvalidRequest`."""
        scopes = self._scopes(key, at)
        secret = PREFIX + secrets.token_urlsafe(32)
        made_at, expires_at = time_text(at), time_text(key.expires_at)
        return KeptKey(key.name, key.role, key.place, scopes, _digest(secret).hex(), made_at, expires_at), secret

    def withdraw(self, name: str, by: str) -> None:
        """Let nobody use the key any more. Raises `NoSuchKey`."""
        with writing(self._engine) as connection:
            found = connection.execute(update(API_KEYS).where(API_KEYS.c.name == name), {"withdrawn": True})
            if found.rowcount != 1:
                raise NoSuchKey("no_such_key", key=name)
            _enter(connection, "withdrawn", name, Wanting.of(by))
        self._known.clear()

    def listed(self, reach: Reach) -> list[ListedKey]:
        """The keys within reach, without what they open with, and who made them."""
        within = select(API_KEYS).where(reach.of(API_KEYS)).order_by(API_KEYS.c.name)
        with self._engine.connect() as connection:
            found = fetch_all(connection, within, ApiKeyRecord)
            history = histories(connection, [row.name for row in found], "key")
        return [_listed(row, history.get(row.name, AccountHistory()).given) for row in found]

    def check_within(self, name: str, reach: Reach) -> None:
        """Raises `NoSuchKey` where the key is not within reach."""
        with self._engine.connect() as connection:
            found = connection.execute(select(API_KEYS.c.name).where(API_KEYS.c.name == name, reach.of(API_KEYS)))
            if found.first() is None:
                raise NoSuchKey("no_such_key", key=name)

    def none_yet(self, at: datetime) -> bool:
        """Whether no key opens anything."""
        live = select(API_KEYS.c.name).where(~API_KEYS.c.withdrawn, API_KEYS.c.expires_at > time_text(at))
        with self._engine.connect() as connection:
            return connection.execute(live.limit(1)).first() is None

    def remembered(self, secret: str, at: datetime) -> Caller | None:
        """Whoever the key stands for, where it was used within the last seconds and has not expired."""
        known = self._known.get(_digest(secret))
        if known is None or known[0] < time.monotonic() or known[1] <= time_text(at):
            return None
        return known[2]

    def is_made(self, secret: str) -> bool | None:
        """Whether a key was made and not withdrawn, as it was a moment ago; None where the database must be asked."""
        if _digest(secret) in self._made:
            return True
        return False if time.monotonic() < self._made_until else None

    def ask_made(self, secret: str) -> bool:
        """The same, asked of the database where nobody did within the last second."""
        with self._asking:
            if self.is_made(secret) is None:
                with self._engine.connect() as connection:
                    digests = connection.execute(select(API_KEYS.c.digest).where(~API_KEYS.c.withdrawn)).scalars()
                    self._made = frozenset(map(bytes.fromhex, digests))
                self._made_until = time.monotonic() + _MADE_SECONDS
        return _digest(secret) in self._made

    def found(self, secret: str, at: datetime) -> Caller | None:
        """Whoever the key stands for, asked of the database; None for a key that opens nothing."""
        digest = _digest(secret)
        with self._engine.connect() as connection:
            row = fetch_one(connection, select(API_KEYS).where(API_KEYS.c.digest == digest.hex()), ApiKeyRecord)
        who = None if row is None else self._caller(row, at)
        if row is None or who is None:
            self._made -= {digest}
            return None
        if len(self._known) >= _MOST_REMEMBERED:
            self._known.clear()
        self._known[digest] = (time.monotonic() + REMEMBERED_SECONDS, row.expires_at, who)
        return who

    def caller_of(self, identity: str, at: datetime) -> Caller | None:
        """Whoever a key stands for by its random id; None where there is none, or it opens nothing any more."""
        with self._engine.connect() as connection:
            row = fetch_one(connection, select(API_KEYS).where(API_KEYS.c.id == identity), ApiKeyRecord)
        return None if row is None else self._caller(row, at)

    def _caller(self, row: ApiKeyRecord, at: datetime) -> Caller | None:
        if row.withdrawn or row.expires_at <= time_text(at):
            return None
        day = settings_of(self._engine).day_of(at)
        role = roles_on(self._policy, day).get(row.role)
        if role is None:
            return None
        narrowed = Role(role.name, role.reach, role.may & frozenset(row.scopes.split()) - PERSONAL)
        place = Place(row.bank, row.branch, row.fund)
        return caller(row.id, f"key:{row.name}", narrowed, place, self._policy, day)

    def _scopes(self, key: ApiKey, at: datetime) -> list[str]:
        """What the key may do. Raises `InvalidRequest`."""
        day = settings_of(self._engine).day_of(at)
        faults = check_place(key.role, key.place, self._policy, day)
        if faults:
            raise InvalidRequest(faults)
        if not at < key.expires_at <= at + LONGEST:
            raise InvalidRequest([fault("/expires_at", "key_expiry", days=LONGEST.days)])
        may = roles_on(self._policy, day)[key.role].may - PERSONAL
        if beyond := sorted(key.scopes - may):
            told = fault("/scopes", "key_scopes", beyond=tuple(beyond), role=key.role, may=tuple(sorted(may)))
            raise InvalidRequest([told])
        return sorted(key.scopes or may)


def _listed(row: ApiKeyRecord, given: Given | None) -> ListedKey:
    return ListedKey(
        name=row.name,
        role=row.role,
        bank=row.bank,
        branch=row.branch,
        fund=row.fund,
        scopes=row.scopes.split(),
        made_at=row.made_at,
        expires_at=row.expires_at,
        withdrawn=row.withdrawn,
        given=given,
    )


def _digest(secret: str) -> bytes:
    """Of 256 random bits a plain digest is enough: there is nothing to guess."""
    return sha256(secret.encode()).digest()


def insert_key(connection: Connection, key: KeptKey, wanting: Wanting) -> None:
    """Make a key, and enter it. Raises `Taken`."""
    if connection.execute(select(API_KEYS.c.name).where(API_KEYS.c.name == key.name)).first():
        raise Taken("key_taken", key=key.name)
    row = {"name": key.name, "id": new_account_id(), "role": key.role, "scopes": " ".join(key.scopes)}
    kept = {"digest": key.digest, "made_at": key.made_at, "expires_at": key.expires_at}
    connection.execute(insert(API_KEYS), row | asdict(key.place) | kept)
    _enter(connection, "made", key.name, wanting)


def _enter(connection: Connection, state: str, name: str, wanting: Wanting) -> None:
    row = connection.execute(select(API_KEYS).where(API_KEYS.c.name == name)).one()
    content = UserEntry(
        subject=f"key:{name}",
        account=row.id,
        state=state,
        role=row.role,
        scopes=row.scopes.split(),
        bank=row.bank,
        branch=row.branch,
        fund=row.fund,
        expires_at=row.expires_at,
        by=wanting.ran_by,
        asked_by=wanting.asked_by,
        confirmed_by=wanting.confirmed_by,
    )
    enter_change(connection, Change(content, wanting.actor, bank=row.bank, fund=row.fund))
