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
"""A page that stands alone: no script at all."""
_DESK = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The desk: files of ours alone, and no style or script within a page."""
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_KEPT = "/attachments/"
"""In the address of a paper that is kept beside a loan file."""
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
        if path.startswith("/desk"):
            headers["Referrer-Policy"] = "same-origin"  # without it a form would say that it comes from nowhere
        headers["Content-Security-Policy"] = _policy(headers.get("content-type", ""), path)
        if not path.startswith(("/docs", "/desk/static/")):
            headers["Cache-Control"] = "no-store"
        if self._tls:
            headers["Strict-Transport-Security"] = _TLS


def _policy(media_type: str, path: str) -> str:
    """What a page may load; anything else loads nothing, and what others sent stands in a sandbox besides."""
    if _KEPT in path:
        return f"{_NOTHING}; sandbox"
    if not media_type.startswith("text/html"):
        return _NOTHING
    if path.startswith("/desk"):
        return _DESK
    return _DOCS if path == "/docs" else _PAGE
