"""HEAD wherever GET is: the answer of GET without its body, as RFC 9110 asks for."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class HeadOfGet:
    """ASGI middleware: whoever answers sees a GET; what leaves has its headers and an empty body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; of the answer to a HEAD keep what stands before the body."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return
        ended = False

        async def head_alone(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.start":
                await send(message)
            elif not ended:  # what follows is of the body too
                ended = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        await self.app({**scope, "method": "GET"}, receive, head_alone)
