"""Sign-in by an OpenID Connect provider: authorization code with PKCE, and every claim of its token checked.

    begin → the provider's page → finish: state (ours, once, this browser's) → code for token → signature → claims

The provider says who somebody is; what that person may do stays with our accounts. Refusals say nothing to whoever
asks; the log says what was wrong.
"""

import hmac
import logging
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from features.errors import PledgeScoreError
from service.access.tables import SIGN_INS, USED_TOKENS, USERS
from service.edge.addresses import is_loopback
from service.edge.database import writing
from service.edge.errors import NotSignedIn, ProviderAway
from service.ledger.canonical import time_text

log = logging.getLogger("pledgescore")

COOKIE = "__Host-pledgescore-sign-in"
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has; never `none`, never a secret shared with us."""
UNDER_WAY = timedelta(minutes=10)
LEEWAY = timedelta(seconds=60)
"""By how much the provider's clock may differ from ours."""
_TIMEOUT = httpx.Timeout(5.0)
_FETCHED_SECONDS = 600.0
_REFETCHED_SECONDS = 10.0
"""A key that we do not know makes us ask for the provider's keys again, but not more often than this."""


class BadProvider(PledgeScoreError):
    """The provider is named in a way that cannot be used."""


@dataclass(frozen=True)
class Client:
    """We, as the provider knows us."""

    issuer: str
    client: str
    secret: str
    redirect: str


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and the cookie that ties it to this browser."""

    location: str
    cookie: str


class Provider:
    """The provider, its description and keys fetched when they are first needed."""

    def __init__(self, client: Client, http: httpx.Client | None = None) -> None:
        check_address(client.issuer)
        self._client = client
        self._http = http or httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def location(self, state: str, nonce: str, verifier: str) -> str:
        """The page of the provider that asks the person."""
        challenge = urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        asked = {
            "response_type": "code",
            "client_id": self._client.client,
            "redirect_uri": self._client.redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        page = str(self._description()["authorization_endpoint"])
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"

    def claims(self, code: str, verifier: str, nonce: str, at: datetime) -> dict[str, Any]:
        """The claims of the token that the code is good for. Raises `NotSignedIn` or `ProviderAway`."""
        token = self._token(code, verifier)
        claims = self._signed(token)
        self._check(claims, nonce, at)
        return claims | {"token": token}

    def _token(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(self._client.client, self._client.secret)
        answer = self._asked(lambda: self._http.post(self._description()["token_endpoint"], data=form, auth=auth))
        if answer.status_code != httpx.codes.OK:
            raise _refused(f"the provider does not take the code: {answer.status_code}")
        token = _object(answer).get("id_token")
        if not isinstance(token, str):
            raise _refused("the provider gave no ID token")
        return token

    def _signed(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature is the provider's."""
        for again in (False, True):
            try:
                found = jwt.decode(token, self._key_set(again), algorithms=list(ALGORITHMS))
            except (JoseError, ValueError) as error:
                if again:
                    raise _refused(f"the token is not signed by the provider: {type(error).__name__}") from None
            else:
                return dict(found.claims)
        raise AssertionError("the second time it is found or refused")

    def _check(self, claims: Mapping[str, Any], nonce: str, at: datetime) -> None:
        """Raises `NotSignedIn` unless the token is for us, of this sign-in, and of now."""
        now, leeway = at.timestamp(), LEEWAY.total_seconds()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        times = [claims.get(name) for name in ("exp", "iat")]
        if claims.get("iss") != self._client.issuer:
            raise _refused("the token is of another issuer")
        if self._client.client not in audiences:
            raise _refused("the token is for another audience")
        if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != self._client.client:
            raise _refused("the token was given to another party")
        if not all(isinstance(one, int | float) and not isinstance(one, bool) for one in times):
            raise _refused("the token does not say when it was issued and expires")
        if now >= float(claims["exp"]) + leeway:
            raise _refused("the token has expired")
        if not now - UNDER_WAY.total_seconds() - leeway <= float(claims["iat"]) <= now + leeway:
            raise _refused("the token was not issued now")
        if not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            raise _refused("the token is of another sign-in")

    def _description(self) -> dict[str, Any]:
        if self._described is None or self._described[0] < time.monotonic():
            url = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
            told = _object(self._asked(lambda: self._http.get(url)))
            if told.get("issuer") != self._client.issuer:
                raise ProviderAway("the sign-in provider describes another issuer")
            for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                check_address(str(told.get(name, "")))
            self._described = (time.monotonic() + _FETCHED_SECONDS, told)
        return self._described[1]

    def _key_set(self, again: bool) -> KeySet:
        now = time.monotonic()
        known = self._keys
        if known is None or now - known[0] > (_REFETCHED_SECONDS if again else _FETCHED_SECONDS):
            told = _object(self._asked(lambda: self._http.get(self._description()["jwks_uri"])))
            public = [key for key in told.get("keys", ()) if isinstance(key, dict) and key.get("kty") != "oct"]
            known = (now, KeySet.import_key_set({"keys": public}))
            self._keys = known
        return known[1]

    def _asked(self, ask: Callable[[], httpx.Response]) -> httpx.Response:
        try:
            answer = ask()
        except httpx.HTTPError as error:
            log.warning("the OIDC provider does not answer: %s", type(error).__name__)
            raise ProviderAway("the sign-in provider does not answer") from None
        if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise ProviderAway("the sign-in provider does not answer as it should")
        return answer


@dataclass(frozen=True)
class SignIns:
    """Sign-ins by the provider, each used once by the browser that began it."""

    engine: Engine
    provider: Provider
    claim: str

    def begin(self, at: datetime) -> Begun:
        """Where the browser goes, with what ties the way back to it."""
        state, nonce, verifier, browser = (secrets.token_urlsafe(32) for _ in range(4))
        location = self.provider.location(state, nonce, verifier)
        row = {"state": _digest(state), "browser": _digest(browser), "nonce": nonce, "verifier": verifier}
        with writing(self.engine) as connection:
            connection.execute(delete(SIGN_INS).where(SIGN_INS.c.ends_at < time_text(at)))
            connection.execute(insert(SIGN_INS), row | {"ends_at": time_text(at + UNDER_WAY)})
        # Lax: the way back begins on the provider's page
        age = int(UNDER_WAY.total_seconds())
        cookie = f"{COOKIE}={browser}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={age}"
        return Begun(location, cookie)

    def finish(self, state: str, code: str, browser: str | None, at: datetime) -> str:
        """The name of the account that the provider vouches for. Raises `NotSignedIn` or `ProviderAway`."""
        begun = self._taken(state, at)
        if begun is None:
            raise _refused("no such sign-in is under way: it is over, or was used")
        if browser is None or not hmac.compare_digest(begun.browser, _digest(browser)):
            raise _refused("the sign-in was begun by another browser")
        claims = self.provider.claims(code, begun.verifier, begun.nonce, at)
        self._use(claims, at)
        return self._account(str(claims.get(self.claim, "")))

    def _taken(self, state: str, at: datetime) -> Any:
        """What was begun under the state, which then is gone; None where nothing is under way."""
        key = SIGN_INS.c.state == _digest(state)
        with writing(self.engine) as connection:
            begun = connection.execute(select(SIGN_INS).where(key, SIGN_INS.c.ends_at > time_text(at))).one_or_none()
            connection.execute(delete(SIGN_INS).where(key))
        return begun

    def _use(self, claims: Mapping[str, Any], at: datetime) -> None:
        """Note that the token was used. Raises `NotSignedIn` where it was before."""
        name = str(claims.get("jti") or claims["token"])
        ends = max(at, datetime.fromtimestamp(float(claims["exp"]), at.tzinfo)) + LEEWAY
        row = {"digest": _digest(f"{claims['iss']} {name}"), "ends_at": time_text(ends)}
        try:
            with writing(self.engine) as connection:
                connection.execute(delete(USED_TOKENS).where(USED_TOKENS.c.ends_at < time_text(at)))
                connection.execute(insert(USED_TOKENS), row)
        except IntegrityError:
            raise _refused("the token was used before") from None

    def _account(self, subject: str) -> str:
        known = select(USERS.c.name).where(USERS.c.subject == subject, ~USERS.c.disabled)
        with self.engine.connect() as connection:
            name = connection.execute(known).scalar_one_or_none()
        if not subject or name is None:
            raise _refused("the provider knows the person, and no account of ours does")
        return str(name)


def check_address(url: str) -> None:
    """Raises `BadProvider` for an address that others could read along, or that is none."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return
    if parts.scheme == "http" and is_loopback(parts.hostname or ""):
        return
    raise BadProvider(f"the OIDC provider names {url!r}: only https is used, or http on this machine")


def _object(answer: httpx.Response) -> dict[str, Any]:
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ProviderAway("the sign-in provider does not answer as it should")
    return told


def _refused(why: str) -> NotSignedIn:
    log.warning("OIDC sign-in refused: %s", why)
    return NotSignedIn("the sign-in is not accepted")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
