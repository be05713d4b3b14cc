"""Sign-in by an OpenID Connect provider: authorization code with PKCE, and every claim of its ID token checked.

    begin → the provider's page → finish: state (ours, once, this browser's) → code for token → signature → claims

The provider says who somebody is; what that person may do stays with our accounts. Refusals say nothing to whoever
asks; the log says what was wrong.
"""

import hmac
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar, cast
from urllib.parse import urlencode, urlsplit

import httpx
import stamina
from cryptography.exceptions import UnsupportedAlgorithm
from joserfc import jwt
from joserfc.errors import InvalidClaimError, JoseError
from joserfc.jwk import DictKey, JWKRegistry, Key, KeySet
from joserfc.jwt import JWTClaimsRegistry
from joserfc.util import to_str, urlsafe_b64encode
from pydantic import BaseModel, ValidationError
from sqlalchemy import Engine, delete, insert, select
from sqlalchemy.exc import IntegrityError

from features.errors import PledgeScoreError
from service.access.tables import SIGN_INS, USED_TOKENS, USERS, SignInRecord
from service.edge.addresses import is_loopback
from service.edge.database import fetch_one, writing
from service.edge.errors import NotSignedIn, ProviderAway
from service.ledger.canonical import time_text

log = logging.getLogger("pledgescore")
Read = TypeVar("Read", bound=BaseModel)

COOKIE = "__Host-pledgescore-sign-in"
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
"""Signatures by a key that only the provider has; never `none`, never a secret shared with us."""
UNDER_WAY = timedelta(minutes=10)
"""For how long a sign-in may take, and how old a token may be."""
LEEWAY = timedelta(seconds=60)
"""By how much the provider's clock may differ from ours."""
_LAST_SECOND = 253_402_300_799
"""Of the year 9999: what expires later is no moment."""
_UNREADABLE = (JoseError, ValueError, RecursionError)
"""What joserfc raises for a token that it cannot read, or that no key signed."""
_TIMEOUT = httpx.Timeout(5.0)
_ATTEMPTS, _ATTEMPTS_SECONDS = 3, 10.0
"""How often and for how long the provider is asked the same where it does not answer."""
_FETCHED_SECONDS = 600.0
_REFETCHED_SECONDS = 10.0
"""A key that we do not know makes us ask for the provider's keys again, but not more often than this."""


class BadProvider(PledgeScoreError):
    """The provider is named in a way that cannot be used."""


class ProviderDescription(BaseModel):
    """What the provider says of itself (OpenID Connect Discovery 1.0, section 3), as far as we use it."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


class PublishedKeys(BaseModel):
    """The provider's key set (RFC 7517, section 5); a key may be of a kind that we do not know."""

    keys: list[dict[str, object]]


class TokenAnswer(BaseModel):
    """What the provider gives for a code (OpenID Connect Core 1.0, section 3.1.3.3), as far as we use it."""

    id_token: str


@dataclass(frozen=True)
class OidcClient:
    """We, as the provider knows us. `claim`: the claim of its tokens that names a person as accounts' subjects do."""

    issuer: str
    client: str
    secret: str
    redirect: str
    claim: str = "sub"


@dataclass(frozen=True)
class Identity:
    """Whom a token vouches for, and what tells the token apart from every other one of its issuer."""

    subject: str
    token: str


@dataclass(frozen=True)
class Begun:
    """A sign-in that was begun: where the browser goes, and the cookie that ties it to this browser."""

    location: str
    cookie: str


class _IdTokenClaims(JWTClaimsRegistry):
    """The checks of OpenID Connect Core 1.0, section 3.1.3.7; joserfc compares, and refuses times that are none."""

    def validate_exp(self, value: object) -> None:
        """Refuses a token that has expired, or that never does."""
        super().validate_exp(value)
        if cast(float, value) > _LAST_SECOND:
            raise InvalidClaimError("exp", "it expires at no moment")

    def validate_iat(self, value: object) -> None:
        """Refuses a token that was not issued for a sign-in that is under way."""
        super().validate_iat(value)
        if cast(float, value) < self.now - UNDER_WAY.total_seconds() - self.leeway:
            raise InvalidClaimError("iat", "it was issued long ago")


class OidcProvider:
    """The provider; its description and keys are fetched when they are first needed.

    Raises `BadProvider` for an address that others could read along, or that is none.
    """

    def __init__(self, client: OidcClient, http: httpx.Client | None = None) -> None:
        if not _is_private(client.issuer):
            raise BadProvider("provider_address", issuer=client.issuer)
        self._client = client
        self._http = http or httpx.Client(timeout=_TIMEOUT, follow_redirects=False)
        self._described: tuple[float, ProviderDescription] | None = None
        self._keys: tuple[float, KeySet] | None = None

    def location(self, state: str, nonce: str, verifier: str) -> str:
        """The page of the provider that asks the person. Raises `ProviderAway`."""
        asked = {
            "response_type": "code",
            "client_id": self._client.client,
            "redirect_uri": self._client.redirect,
            "scope": "openid profile email",
            "state": state,
            "nonce": nonce,
            "code_challenge": to_str(urlsafe_b64encode(sha256(verifier.encode()).digest())),
            "code_challenge_method": "S256",
        }
        page = self._description().authorization_endpoint
        return f"{page}{'&' if '?' in page else '?'}{urlencode(asked)}"

    def identity(self, code: str, verifier: str, nonce: str, at: datetime) -> Identity:
        """Whom the token vouches for that the code is good for. Raises `NotSignedIn` or `ProviderAway`."""
        token = self._token(code, verifier)
        claims = self._claims(token)
        self._check(claims, nonce, at)
        subject = claims.get(self._client.claim)
        if not isinstance(subject, str) or not subject:
            raise _refused(f"the token has no text as {self._client.claim}")
        return Identity(subject, f"{self._client.issuer} {claims.get('jti') or token}")

    def _token(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._client.redirect,
            "code_verifier": verifier,
        }
        auth = httpx.BasicAuth(self._client.client, self._client.secret)
        url = self._description().token_endpoint
        answer = _sent(lambda: self._http.post(url, data=form, auth=auth))
        if answer.is_client_error:
            raise _refused(f"the provider does not take the code: {answer.status_code}")
        return _read(answer, TokenAnswer).id_token

    def _claims(self, token: str) -> Mapping[str, object]:
        """The claims of a token whose signature is the provider's. Raises `NotSignedIn` or `ProviderAway`."""
        try:
            return jwt.decode(token, self._key_set(_FETCHED_SECONDS), algorithms=ALGORITHMS).claims
        except _UNREADABLE:
            log.info("the OIDC provider's keys are fetched again: none of those known signed the token")
        try:
            return jwt.decode(token, self._key_set(_REFETCHED_SECONDS), algorithms=ALGORITHMS).claims
        except _UNREADABLE as error:
            raise _refused(f"the token is not signed by the provider: {type(error).__name__}") from None

    def _check(self, claims: Mapping[str, object], nonce: str, at: datetime) -> None:
        """Raises `NotSignedIn` unless the token is for us, of this sign-in, and of now."""
        audience, own = claims.get("aud"), self._client.client
        shared = isinstance(audience, list) and len(audience) > 1
        wanted = _IdTokenClaims(
            now=int(at.timestamp()),
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True, "value": self._client.issuer},
            sub={"essential": True},
            aud={"essential": True, "value": own},
            azp={"essential": shared, "value": own},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        try:
            wanted.validate(dict(claims))
        except JoseError as error:
            raise _refused(f"the token does not say what it should: {error}") from None

    def _description(self) -> ProviderDescription:
        if self._described is None or self._described[0] < time.monotonic():
            url = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
            told = _read(_sent(lambda: self._http.get(url)), ProviderDescription)
            if told.issuer != self._client.issuer:
                raise ProviderAway("provider_other_issuer")
            if not all(map(_is_private, (told.authorization_endpoint, told.token_endpoint, told.jwks_uri))):
                raise ProviderAway("provider_open_address")
            self._described = (time.monotonic() + _FETCHED_SECONDS, told)
        return self._described[1]

    def _key_set(self, most_seconds: float) -> KeySet:
        """The provider's keys, fetched no longer ago than so many seconds; those that we cannot use are left out."""
        now = time.monotonic()
        if self._keys is None or now - self._keys[0] > most_seconds:
            url = self._description().jwks_uri
            published = _read(_sent(lambda: self._http.get(url)), PublishedKeys).keys
            self._keys = (now, KeySet([key for one in published if (key := _usable(one)) is not None]))
        return self._keys[1]


@dataclass(frozen=True)
class SignIns:
    """Sign-ins by the provider, each used once by the browser that began it."""

    engine: Engine
    provider: OidcProvider

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
        identity = self.provider.identity(code, begun.verifier, begun.nonce, at)
        self._use(identity.token, at)
        return self._account(identity.subject)

    def _taken(self, state: str, at: datetime) -> SignInRecord | None:
        """What was begun under the state, which then is gone; None where nothing is under way."""
        key = SIGN_INS.c.state == _digest(state)
        with writing(self.engine) as connection:
            live = select(SIGN_INS).where(key, SIGN_INS.c.ends_at > time_text(at))
            begun = fetch_one(connection, live, SignInRecord)
            connection.execute(delete(SIGN_INS).where(key))
        return begun

    def _use(self, token: str, at: datetime) -> None:
        """Note that the token was used, until it is too old to be taken. Raises `NotSignedIn` where it was before."""
        row = {"digest": _digest(token), "ends_at": time_text(at + UNDER_WAY + 2 * LEEWAY)}
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
        if name is None:
            raise _refused("the provider knows the person, and no account of ours does")
        return str(name)


def _is_private(url: str) -> bool:
    """Whether nobody on the way reads what is sent to the address."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and is_loopback(host)))


def _usable(published: Mapping[str, object]) -> Key | None:
    """A public key that the provider publishes; None where it is of a kind that we cannot use."""
    if published.get("kty") == "oct":  # a secret, which is nobody's to publish
        return None
    try:
        return JWKRegistry.import_key(cast(DictKey, published))
    except (JoseError, LookupError, TypeError, ValueError, UnsupportedAlgorithm):
        return None


def _sent(ask: Callable[[], httpx.Response]) -> httpx.Response:
    """The provider's answer; it is asked again where the request cannot have arrived. Raises `ProviderAway`."""
    unsent = (httpx.ConnectError, httpx.ConnectTimeout)
    try:
        for attempt in stamina.retry_context(on=unsent, attempts=_ATTEMPTS, timeout=_ATTEMPTS_SECONDS):
            with attempt:
                return ask()
    except httpx.HTTPError as error:
        log.warning("the OIDC provider does not answer: %s", type(error).__name__)
    raise ProviderAway("provider_silent")


def _read(answer: httpx.Response, shape: type[Read]) -> Read:
    """What the provider answered. Raises `ProviderAway` where it is an error, or of another shape."""
    try:
        return shape.model_validate_json(answer.raise_for_status().content)
    except (httpx.HTTPStatusError, ValidationError):
        raise ProviderAway("provider_wrong") from None


def _refused(why: str) -> NotSignedIn:
    log.warning("OIDC sign-in refused: %s", why)
    return NotSignedIn("oidc_not_accepted")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
