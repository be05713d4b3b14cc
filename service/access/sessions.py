"""Sessions of people in browsers: a random id in a `__Host-` cookie, new at each sign-in and again as it ages.

An id lives as long as policy lets a session be idle, as it was when the session began, and is replaced as it is used:
an idle session ends by itself, and a stolen id is soon worth nothing. The one before works for some seconds more, for
requests that were under way.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import Engine, delete, func, insert, select, update

from features.policy import Policy
from service.access.tables import SESSIONS, USERS, SessionRecord, UserRecord
from service.edge.database import writing
from service.ledger.canonical import time_text
from service.ledger.ledger_settings import settings_of

COOKIE = "__Host-pledgescore"
IDLE = "sessions.idle"
"""The policy that says after how many minutes without a request one must sign in again."""
ROTATED_AFTER = timedelta(minutes=1)
"""Age from which an id is replaced when it is used; it lives for so much longer than a session may be idle."""
LONGEST = timedelta(hours=10)
"""A day's work; then one signs in again."""
GRACE = timedelta(seconds=30)
REMEMBERED = timedelta(days=1)
"""For how long it is known why a session ended."""
Ended = Literal["idle", "longest"]


@dataclass(frozen=True)
class Session:
    """A session as it was found: its account, and the id that takes the place of the one shown, if it aged."""

    user: UserRecord
    renewed: str | None = None


@dataclass(frozen=True)
class Sessions:
    """The sessions of a database, under a policy."""

    engine: Engine
    policy: Policy
    most: int = 5
    """Sessions of one account at a time."""

    def idle(self, at: datetime) -> timedelta:
        """How long a session that begins now may be idle."""
        return timedelta(minutes=self.policy(IDLE).on(settings_of(self.engine).day_of(at)))

    def begin(self, user: str, at: datetime, instead_of: str | None = None) -> str:
        """A new session's id; whatever id the browser showed before opens nothing any more.

        Nor does the account's oldest session, where it would have too many.
        """
        identity = secrets.token_urlsafe(32)
        over, life = at + LONGEST, self.idle(at) + ROTATED_AFTER
        with writing(self.engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.ends_at < time_text(at - REMEMBERED)))
            if instead_of is not None:
                shown = select(SESSIONS.c.family).where(SESSIONS.c.digest == _digest(instead_of))
                connection.execute(delete(SESSIONS).where(SESSIONS.c.family.in_(shown)))
            live = (SESSIONS.c.user == user) & (SESSIONS.c.ends_at > time_text(at))
            newest = select(SESSIONS.c.family).where(live).group_by(SESSIONS.c.family)
            kept = newest.order_by(func.max(SESSIONS.c.over_at).desc()).limit(self.most - 1)
            families = list(connection.execute(kept).scalars())
            beyond = delete(SESSIONS).where(SESSIONS.c.user == user, SESSIONS.c.family.not_in(families))
            connection.execute(beyond)
            connection.execute(insert(SESSIONS), _row(identity, secrets.token_hex(16), user, at, at + life, over))
        return identity

    def find(self, identity: str, at: datetime) -> Session | None:
        """Whose session it is, its id renewed where it aged; None where it opens nothing."""
        live = (SESSIONS.c.digest == _digest(identity)) & (SESSIONS.c.ends_at > time_text(at))
        both = select(SESSIONS, USERS).join(USERS, SESSIONS.c.user == USERS.c.name)
        with self.engine.connect() as connection:
            row = connection.execute(both.where(live)).mappings().one_or_none()
        if row is None:
            return None
        shown = SessionRecord(**{column.name: row[column] for column in SESSIONS.c})
        user = UserRecord(**{column.name: row[column] for column in USERS.c})
        aged = shown.made_at <= time_text(at - ROTATED_AFTER)
        return Session(user, self._renew(shown, at) if aged else None)

    def ended(self, identity: str, at: datetime) -> Ended | None:
        """Why a session opens nothing any more; None where it ended otherwise, or too long ago."""
        with self.engine.connect() as connection:
            told = select(SESSIONS.c.ends_at, SESSIONS.c.over_at).where(SESSIONS.c.digest == _digest(identity))
            row = connection.execute(told).one_or_none()
        if row is None or row.ends_at > time_text(at):
            return None
        return "longest" if row.over_at <= time_text(at) else "idle"

    def end(self, identity: str) -> None:
        """Sign out: every id of the session opens nothing any more."""
        with writing(self.engine) as connection:
            shown = select(SESSIONS.c.family).where(SESSIONS.c.digest == _digest(identity))
            connection.execute(delete(SESSIONS).where(SESSIONS.c.family.in_(shown)))

    def _renew(self, shown: SessionRecord, at: datetime) -> str | None:
        """Another id for the session; None where another request just made one."""
        identity = secrets.token_urlsafe(32)
        over = datetime.fromisoformat(shown.over_at)
        ends = at + (datetime.fromisoformat(shown.ends_at) - datetime.fromisoformat(shown.made_at))
        fresh = (SESSIONS.c.digest == shown.digest) & (SESSIONS.c.ends_at > time_text(at + GRACE))
        with writing(self.engine) as connection:
            if connection.execute(update(SESSIONS).where(fresh), {"ends_at": time_text(at + GRACE)}).rowcount != 1:
                return None
            connection.execute(insert(SESSIONS), _row(identity, shown.family, shown.user, at, ends, over))
        return identity


def set_cookie(identity: str) -> str:
    """The header that gives a browser its id: to us alone, over TLS alone, unseen by scripts, from our pages alone."""
    return f"{COOKIE}={identity}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={int(LONGEST.total_seconds())}"


def drop_cookie() -> str:
    """The header that takes it away."""
    return f"{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"


def _row(identity: str, family: str, user: str, at: datetime, ends: datetime, over: datetime) -> dict[str, str]:
    return {
        "digest": _digest(identity),
        "family": family,
        "user": user,
        "made_at": time_text(at),
        "ends_at": time_text(min(ends, over)),
        "over_at": time_text(over),
    }


def _digest(identity: str) -> str:
    return sha256(identity.encode()).hexdigest()
