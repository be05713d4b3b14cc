"""Sign-in by an OpenID Connect provider: the whole way over loopback, and every token that is not what it should be."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import stamina
from fastapi.testclient import TestClient

from service.access.oidc import COOKIE, BadProvider, OidcClient, OidcProvider
from service.edge.errors import ProviderAway
from service.edge.settings import Settings
from service.web.app import create_app
from tests.service.access import provider as local
from tests.service.access.conftest import ORIGIN, PLACES, Desks
from tests.service.conftest import NOON, NewLedger

pytestmark = pytest.mark.sqlite_alone

ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@pytest.fixture(scope="module")
def provider() -> Iterator[local.Provider]:
    """A provider on this machine."""
    with local.running(int(NOON.timestamp())) as running:
        yield running


@pytest.fixture(scope="module")
def signing(new_ledger: NewLedger, bundle: Path, provider: local.Provider) -> Iterator[Desks]:
    """A service whose people sign in by it."""
    settings = Settings(
        database=new_ledger(),
        bundles=(bundle,),
        origin=ORIGIN,
        oidc_issuer=provider.issuer,
        oidc_client=local.CLIENT,
        oidc_secret=local.SECRET,
        per_stranger=1e6,
    )
    with TestClient(create_app(settings, lambda: NOON), base_url=ORIGIN, raise_server_exceptions=False) as client:
        desks = Desks(client)
        provider.subject = f"subject of {desks.account('approver', PLACES['own']['bank'])}"
        yield desks


@pytest.fixture(autouse=True)
def honest(provider: local.Provider, signing: Desks) -> None:
    """Each test begins with a provider that tells the truth, and a browser without cookies."""
    provider.claims, provider.sign, provider.same_token, provider.odd_keys = {}, "RS256", None, []
    signing.client.cookies.clear()


def begin(desks: Desks) -> str:
    """Where the provider sends the browser back to, after the person agreed there."""
    begun = desks.client.get("/v1/session/oidc", follow_redirects=False)
    assert begun.status_code == 303
    return httpx.get(begun.headers["location"]).headers["location"]


def finish(desks: Desks, back: str) -> Any:
    """The answer to the browser that comes back."""
    parts = urlsplit(back)
    return desks.client.get(f"{parts.path}?{parts.query}")


def test_a_person_signs_in_and_out(signing: Desks) -> None:
    """The provider vouches, the account says what may be done, and signing out ends the session."""
    told = finish(signing, begin(signing))
    assert told.status_code == 200
    assert "已登录" in told.text
    assert signing.client.get("/v1/session").json()["name"] == "user:approver-bank-1"
    assert signing.client.get("/v1/assessments").status_code == 200
    shown = signing.client.cookies["__Host-pledgescore"]
    assert signing.client.delete("/v1/session", headers={"Origin": ORIGIN}).status_code == 204
    assert signing.client.get("/v1/session", headers={"Cookie": f"__Host-pledgescore={shown}"}).status_code == 401


BEFORE = int(NOON.timestamp())
LIES: dict[str, dict[str, Any]] = {
    "expired": {"claims": {"exp": BEFORE - 61, "iat": BEFORE - 400}},
    "expires never": {"claims": {"exp": None}},
    "issued long ago": {"claims": {"iat": BEFORE - 7200}},
    "issued tomorrow": {"claims": {"iat": BEFORE + 86400, "exp": BEFORE + 90000}},
    "not signed": {"sign": "none"},
    "signed by another key of the same name": {"sign": "other key"},
    "signed with the public key as a secret": {"sign": "HS256"},
    "not good for another hour": {"claims": {"nbf": BEFORE + 3600}},
    "expires at no number": {"claims": {"exp": float("nan")}},
    "expires beyond all numbers": {"claims": {"exp": float("inf")}},
    "expires in a number of 400 digits": {"claims": {"exp": 10**400}},
    "issued at no number": {"claims": {"iat": float("nan")}},
    "issued in a number of 400 digits": {"claims": {"iat": 10**400}},
    "expires at a text": {"claims": {"exp": str(BEFORE + 300)}},
    "for another audience": {"claims": {"aud": "somebody-else"}},
    "for several, given to another": {"claims": {"aud": [local.CLIENT, "other"], "azp": "other"}},
    "for several, given to nobody": {"claims": {"aud": [local.CLIENT, "other"]}},
    "for one, given to another": {"claims": {"azp": "other"}},
    "of another issuer": {"claims": {"iss": "https://example.org"}},
    "of another sign-in": {"claims": {"nonce": "another"}},
    "of no sign-in": {"claims": {"nonce": None}},
    "about a person without an account": {"claims": {"sub": "nobody"}},
    "about nobody": {"claims": {"sub": None}},
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_is_not_right_opens_nothing(signing: Desks, provider: local.Provider, lie: str) -> None:
    """Each is refused with the same words, and no session begins."""
    back = begin(signing)
    for name, value in LIES[lie].items():
        setattr(provider, name, value)
    told = finish(signing, back)
    assert (told.status_code, told.json()["code"]) == (401, "oidc_not_accepted")
    assert "__Host-pledgescore" not in signing.client.cookies


def test_a_sign_in_is_used_once(signing: Desks) -> None:
    """The same way back a second time, and one that was never begun, open nothing."""
    back = begin(signing)
    cookie = {"Cookie": f"{COOKIE}={signing.client.cookies[COOKIE]}"}
    assert finish(signing, back).status_code == 200
    signing.client.cookies.clear()
    parts = urlsplit(back)
    assert signing.client.get(f"{parts.path}?{parts.query}", headers=cookie).status_code == 401
    assert signing.client.get(f"{parts.path}?state=made-up&code=1", headers=cookie).status_code == 401


def test_a_token_is_used_once(signing: Desks, provider: local.Provider) -> None:
    """A token given out again, even under a fresh state, is refused: its nonce and its jti were used."""
    provider.claims = {"jti": "the-same"}
    assert finish(signing, begin(signing)).status_code == 200
    signing.client.cookies.clear()
    assert finish(signing, begin(signing)).status_code == 401


def test_another_browser_cannot_finish(signing: Desks) -> None:
    """The way back of somebody else's sign-in signs nobody in: without the cookie it was begun with, it is refused."""
    back = begin(signing)
    signing.client.cookies.clear()
    assert finish(signing, back).status_code == 401
    begin(signing)
    assert finish(signing, back).status_code == 401


def test_a_key_that_was_changed_is_fetched(signing: Desks, provider: local.Provider) -> None:
    """A provider that signs with a new key is asked for its keys again, though not at every forgery."""
    oidc: Any = signing.state.sign_ins
    assert finish(signing, begin(signing)).status_code == 200
    provider.key, provider.other = provider.other, provider.key
    oidc.provider._keys = (oidc.provider._keys[0] - 60, oidc.provider._keys[1])
    assert finish(signing, begin(signing)).status_code == 200
    provider.key, provider.other = provider.other, provider.key
    assert finish(signing, begin(signing)).status_code == 401
    oidc.provider._keys = None


POINT = {"x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
ODD_KEYS: dict[str, Any] = {
    "of a curve that is not ours": {"kty": "EC", "crv": "brainpoolP256r1", "kid": "odd"} | POINT,
    "off its curve": {"kty": "EC", "crv": "secp256k1", "kid": "odd"} | POINT,
    "a certificate alone": {"kty": "RSA", "x5c": ["MIIB"], "kid": "odd"},
    "of no kind": {"kid": "odd"},
    "of a kind that is no text": {"kty": ["RSA"], "kid": "odd"},
    "a secret": {"kty": "oct", "k": "c2VjcmV0", "kid": "odd"},
    "not base64": {"kty": "OKP", "crv": "Ed25519", "x": "a", "kid": "odd"},
    "of an exponent that is none": {"kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "odd"},
}


@pytest.mark.parametrize("odd", ODD_KEYS)
def test_a_key_that_we_cannot_use_is_left_out(signing: Desks, provider: local.Provider, odd: str) -> None:
    """A provider may publish keys of any kind: those that we know sign in all the same."""
    oidc: Any = signing.state.sign_ins
    provider.odd_keys, oidc.provider._keys = [ODD_KEYS[odd]], None
    assert finish(signing, begin(signing)).status_code == 200
    assert [key.kid for key in oidc.provider._keys[1]] == ["k1"]


def test_a_provider_that_does_not_answer_is_503() -> None:
    """Its silence is a technical matter; an address that others can read along is refused at the start."""
    away = OidcProvider(OidcClient("http://127.0.0.1:9", local.CLIENT, local.SECRET, ORIGIN))
    with stamina.set_testing(True, attempts=2), pytest.raises(ProviderAway):
        away.location("state", "nonce", "verifier")
    with pytest.raises(BadProvider, match="https"):
        OidcProvider(OidcClient("http://sign-in.example.org", local.CLIENT, local.SECRET, ORIGIN))


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(503),
        httpx.Response(404),
        httpx.Response(200, text="<html>"),
        httpx.Response(200, text="[" * 100_000),
        httpx.Response(200, json={"issuer": "https://id.example"}),
        httpx.Response(200, json=dict.fromkeys(ENDPOINTS, "https://id.example") | {"issuer": "https://other.example"}),
        httpx.Response(200, json=dict.fromkeys(ENDPOINTS, "http://id.example") | {"issuer": "https://id.example"}),
    ],
)
def test_a_provider_that_describes_itself_wrongly_is_503(answer: httpx.Response) -> None:
    """No description, one that is none, of another issuer, or of addresses that others can read along."""
    http = httpx.Client(transport=httpx.MockTransport(lambda _: answer))
    with pytest.raises(ProviderAway):
        OidcProvider(OidcClient("https://id.example", "c", "s", ORIGIN), http).location("state", "nonce", "verifier")


def test_a_provider_that_cannot_be_reached_is_asked_again() -> None:
    """A connection that does not come about is tried three times; a request that may have arrived is not repeated."""
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        if len(asked) < 3:
            raise httpx.ConnectError("refused")
        if len(asked) == 4:
            raise httpx.ReadTimeout("late")
        described = dict.fromkeys(ENDPOINTS, "https://id.example/x") | {"issuer": "https://id.example"}
        return httpx.Response(200, json=described)

    http = httpx.Client(transport=httpx.MockTransport(answer))
    provider = OidcProvider(OidcClient("https://id.example", "c", "s", ORIGIN), http)
    with stamina.set_testing(True, attempts=3):
        assert provider.location("state", "nonce", "verifier").startswith("https://id.example/x?")
        assert len(asked) == 3
        with pytest.raises(ProviderAway):
            provider.identity("code", "verifier", "nonce", NOON)
        assert len(asked) == 4
