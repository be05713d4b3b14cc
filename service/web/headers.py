"""What every answer tells a browser: guess no types, frame nothing, load nothing from elsewhere, keep nothing."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_NOTHING = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_DOCS = (
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""The interactive description starts by a script in its page."""
_PAGE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'"
"""Our own pages: no script at all."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_TLS = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware: adds them to every answer; `tls` where browsers reach us by https alone."""

    def __init__(self, app: ASGIApp, tls: bool) -> None:
        self.app, self._tls = app, tls

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and the headers back."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._add(MutableHeaders(scope=message), scope["path"])
            await send(message)

        await self.app(scope, receive, told)

    def _add(self, headers: MutableHeaders, path: str) -> None:
        headers.update(ALWAYS)
        html = headers.get("content-type", "").startswith("text/html")
        headers["Content-Security-Policy"] = (_DOCS if path == "/docs" else _PAGE) if html else _NOTHING
        if not path.startswith("/docs"):
            headers["Cache-Control"] = "no-store"
        if self._tls:
            headers["Strict-Transport-Security"] = _TLS
