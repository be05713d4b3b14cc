"""Names each request: by the id that it brought, else by a new one; the answer tells it, and so does every log line."""

import re
import secrets

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from service.edge.logs import REQUEST_ID

HEADER = "X-Request-Id"
_ALLOWED = re.compile(r"[A-Za-z0-9._-]{1,128}")
"""What a client may call its request: nothing that could begin another line, or be taken for markup."""


class RequestId:
    """ASGI middleware around everything else, so that refusals are named too."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on under its name."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        brought = Headers(scope=scope).get(HEADER, "")
        name = brought if _ALLOWED.fullmatch(brought) else secrets.token_hex(16)

        async def named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)[HEADER] = name
            await send(message)

        held = REQUEST_ID.set(name)
        try:
            await self.app(scope, receive, named)
        finally:
            REQUEST_ID.reset(held)
