"""Whoever was let in, as routes and pages take it; the authorization of a request leaves it in its scope."""

from typing import Annotated, NamedTuple

from fastapi import Depends, Request

from service.access.roles import Caller

CALLER = "caller"
"""Where whoever asks stands in a request's scope."""


REFUSED = "refused"
"""Where the code of a refusal stands in a request's scope once it is answered."""
TRIED = "tried"
"""Where the account that somebody tries to sign in by stands in a request's scope."""


class TriedAccount(NamedTuple):
    """An account that somebody tries to sign in by, and its bank; of a name that nobody has neither is told."""

    who: str
    bank: str | None


def caller_of(request: Request) -> Caller:
    """Whoever was let in."""
    found: Caller = request.scope[CALLER]
    return found


async def _caller(request: Request) -> Caller:
    return caller_of(request)  # asynchronous, as the framework takes any other function to a thread


Who = Annotated[Caller, Depends(_caller)]
"""What a route takes to know who asks."""
