"""Invitations: with a code that is told once, a person sets password and authenticator of the own account.

The code has two parts. Where two administrators gave or reset the account, each was told one: neither can sign in in
the person's place. An invitation ends with its use, after some hours, or with the next one.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

import pyotp
from sqlalchemy import Connection, Engine, delete, select, update

from features.errors import fault
from service.access import passwords
from service.access.accounts import Wanting, account_of, end_sessions, enter_account, place_of, step_of_code, user_of
from service.access.answers import AuthenticatorSecret
from service.access.tables import INVITATIONS, USERS, InvitationRecord
from service.edge.database import fetch_one, upsert, writing
from service.edge.errors import InvalidRequest, NotSignedIn
from service.ledger.canonical import time_text
from service.ledger.wrapping import wrapping_of

_BYTES = 10
"""Of a part: 80 bits, so that whoever knows the other one guesses nothing."""
_LETTERS = 16
"""In which a part is written, in base32."""
_SECRET_LETTERS = 32
"""Of base32: 160 bits, as RFC 4226 recommends for the secret of an authenticator."""
_SECRET = re.compile(rf"[A-Z2-7]{{{_SECRET_LETTERS}}}")
_NOT_ACCEPTED = "invitation_not_accepted"


def new_part() -> str:
    """One part of a code, as it is told: four groups of four letters."""
    letters = base64.b32encode(secrets.token_bytes(_BYTES)).decode()
    return "-".join(letters[place : place + 4] for place in range(0, _LETTERS, 4))


def digest_of(part: str) -> str:
    """What is kept of a part."""
    return sha256(_letters(part).encode()).hexdigest()


def invite(connection: Connection, user: str, parts: tuple[str, str], ends_at: datetime) -> None:
    """Let the person of an account set password and authenticator with the parts (their digests) until a moment."""
    first, second = parts
    wanted = upsert(connection, INVITATIONS).values(user=user, first=first, second=second, ends_at=time_text(ends_at))
    told = {name: wanted.excluded[name] for name in ("first", "second", "ends_at")}
    connection.execute(wanted.on_conflict_do_update(index_elements=["user"], set_=told))


@dataclass(frozen=True)
class Setting:
    """What a person sets: the password, and the secret of the authenticator with the code that it shows now."""

    password: str
    secret: str
    code: str


@dataclass(frozen=True)
class Invitations:
    """The invitations of a database."""

    engine: Engine

    def opened(self, name: str, code: str, at: datetime) -> AuthenticatorSecret:
        """A new secret for the authenticator of whoever knows the code. Raises `NotSignedIn`."""
        with self.engine.connect() as connection:
            _check(connection, name, code, at)
        return authenticator(name, pyotp.random_base32(_SECRET_LETTERS))

    def take_up(self, name: str, code: str, given: Setting, at: datetime) -> None:
        """Set password and authenticator; the code opens nothing any more, and what was signed in ends.

        Raises `NotSignedIn` where the code opens nothing, or `InvalidRequest` for what cannot be set.
        """
        with self.engine.connect() as connection:
            _check(connection, name, code, at)
        passwords.check_password(given.password, name)
        if not _SECRET.fullmatch(given.secret):
            raise InvalidRequest([fault("/secret", "authenticator_secret")])
        step = step_of_code(given.secret, given.code, at)
        if step is None:
            raise InvalidRequest([fault("/authenticator", "authenticator_code")])
        kept: dict[str, object] = {"password": passwords.kept(given.password), "counter": step}
        with writing(self.engine) as connection:
            _check(connection, name, code, at)
            row = user_of(connection, name)
            kept |= {"totp": wrapping_of(connection).wrapped_text(given.secret, place_of(name))}
            kept |= {"failures": 0, "locked_until": None}
            connection.execute(update(USERS).where(USERS.c.name == name), kept)
            connection.execute(delete(INVITATIONS).where(INVITATIONS.c.user == name))
            end_sessions(connection, name)
            enter_account(connection, "taken_up", account_of(row), Wanting(part=row.id))


def authenticator(name: str, secret: str) -> AuthenticatorSecret:
    """A secret with its link."""
    return AuthenticatorSecret(secret, pyotp.TOTP(secret, name=name, issuer="PledgeScore").provisioning_uri())


def _check(connection: Connection, name: str, code: str, at: datetime) -> None:
    """Raises `NotSignedIn` unless both parts are right, in either order, and the invitation has not ended."""
    held = fetch_one(connection, select(INVITATIONS).where(INVITATIONS.c.user == name), InvitationRecord)
    letters = _letters(code)
    shown = sorted(digest_of(part) for part in (letters[:_LETTERS], letters[_LETTERS:]))
    right = [] if held is None or held.ends_at <= time_text(at) else sorted((held.first, held.second))
    if not hmac.compare_digest("".join(shown), "".join(right)):
        raise NotSignedIn(_NOT_ACCEPTED)


def _letters(code: str) -> str:
    return "".join(one for one in code.upper() if one.isascii() and one.isalnum())
