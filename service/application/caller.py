"""Whoever was let in, as routes and pages take it; the authorization of a request leaves it in its scope."""

from typing import Annotated

from fastapi import Depends, Request

from service.access.roles import Caller

CALLER = "caller"
"""Where whoever asks stands in a request's scope."""


def caller_of(request: Request) -> Caller:
    """Whoever was let in."""
    found: Caller = request.scope[CALLER]
    return found


async def _caller(request: Request) -> Caller:
    return caller_of(request)  # asynchronous, as the framework takes any other function to a thread


Who = Annotated[Caller, Depends(_caller)]
"""What a route takes to know who asks."""
