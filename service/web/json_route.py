"""A route whose JSON body may state no member twice."""

from collections.abc import Callable, Coroutine

from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from service.edge.json_text import check_members

Handler = Callable[[Request], Coroutine[None, None, Response]]


class JsonRoute(APIRoute):
    """Reads the body before the framework does, which keeps the last of two members in silence."""

    def get_route_handler(self) -> Handler:
        """The framework's handler, behind the check."""
        handle = super().get_route_handler()

        async def checked(request: Request) -> Response:
            check_members(await request.body())
            return await handle(request)

        return checked
