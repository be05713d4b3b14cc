"""An OpenID Connect provider over loopback that keeps to the standard, except where a test tells it to lie."""

import hmac
import json
import threading
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit
from uuid import uuid4

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "pledgescore", "a secret of forty characters, for tests."


def base64url(data: bytes) -> str:
    """As JOSE writes bytes."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class Provider:
    """One provider: its key, what it was asked, how it lies (`claims` replace the true ones; None leaves one out).

    `odd_keys` stand beside its key in the set that it publishes.
    """

    now: int
    issuer: str = ""
    subject: str = "subject"
    claims: dict[str, Any] = field(default_factory=dict)
    sign: str = "RS256"
    asked: dict[str, dict[str, str]] = field(default_factory=dict)
    same_token: str | None = None
    odd_keys: list[Any] = field(default_factory=list)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))
    other: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "k1"}))

    def description(self) -> dict[str, Any]:
        """The discovery document."""
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def authorized(self, query: dict[str, str]) -> str:
        """The person agrees: back to the client with a code."""
        assert (query["response_type"], query["client_id"]) == ("code", CLIENT)
        assert query["code_challenge_method"] == "S256"
        assert "openid" in query["scope"].split()
        code = uuid4().hex
        self.asked[code] = query
        return f"{query['redirect_uri']}?{urlencode({'code': code, 'state': query['state']})}"

    def token(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """The tokens for a code, once, to the client that asked and knows the verifier; None where it does not."""
        named, _, secret = urlsafe_b64decode(authorization.removeprefix("Basic ")).decode().partition(":")
        asked = self.asked.pop(form.get("code", ""), None)
        if asked is None or (named, secret.replace("+", " ").replace("%2C", ",")) != (CLIENT, SECRET):
            return None
        challenge = base64url(sha256(form["code_verifier"].encode()).digest())
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        token = self.same_token or self._id_token(asked["nonce"])
        return {"access_token": uuid4().hex, "token_type": "Bearer", "expires_in": 300, "id_token": token}

    def _id_token(self, nonce: str) -> str:
        true = {
            "iss": self.issuer,
            "aud": CLIENT,
            "sub": self.subject,
            "nonce": nonce,
            "iat": self.now,
            "exp": self.now + 300,
            "jti": uuid4().hex,
        }
        claims = {name: value for name, value in (true | self.claims).items() if value is not None}
        match self.sign:
            case "none":
                head = base64url(json.dumps({"alg": "none"}).encode())
                return f"{head}.{base64url(json.dumps(claims).encode())}."
            case "HS256":  # the public key, taken for a shared secret
                head = base64url(json.dumps({"alg": "HS256", "kid": "k1"}).encode())
                signed = f"{head}.{base64url(json.dumps(claims).encode())}"
                mac = hmac.digest(self.key.as_pem(private=False), signed.encode(), "sha256")
                return f"{signed}.{base64url(mac)}"
            case "other key":
                return jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.other)
            case algorithm:
                return jwt.encode({"alg": algorithm, "kid": "k1"}, claims, self.key, algorithms=[algorithm])


@contextmanager
def running(now: int) -> Iterator[Provider]:
    """The provider on a free port of this machine."""
    provider = Provider(now)

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            match parts.path:
                case "/.well-known/openid-configuration":
                    self.tell(200, provider.description())
                case "/keys":
                    self.tell(200, {"keys": [*provider.odd_keys, provider.key.as_dict(private=False)]})
                case "/authorize":
                    self.send_response(302)
                    self.send_header("Location", provider.authorized(dict(parse_qsl(parts.query))))
                    self.end_headers()
                case _:
                    self.tell(404, {})

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            told = provider.token({k: v[0] for k, v in form.items()}, self.headers.get("Authorization", ""))
            self.tell(400 if told is None else 200, told or {"error": "invalid_grant"})

        def tell(self, status: int, told: dict[str, Any]) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
