"""Everything that the routes share, made once by `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from fastapi import Request
from sqlalchemy import Engine

from service.assessing import Desk, Question
from service.errors import BodyTooLarge
from service.intake import Intake
from service.metrics import Metrics
from service.settings import MEBIBYTE, Settings
from service.shelf import Shelf

ACTOR = "not signed in"
"""Who acts until there is a sign-in."""


@dataclass(frozen=True)
class Office:
    """Where a request finds what it needs. `now` is the only clock."""

    settings: Settings
    desk: Desk
    shelf: Shelf
    engine: Engine
    intake: Intake
    metrics: Metrics
    now: Callable[[], datetime]

    def today(self, moment: datetime) -> date:
        """The day at the desk."""
        return moment.astimezone(self.settings.zone).date()

    def question(self, body: bytes, key: str | None) -> Question:
        """A question as it comes in now: here, and nowhere else, the clock is read."""
        moment = self.now()
        return Question(body, moment, self.today(moment), ACTOR, key)

    async def body_of(self, request: Request) -> bytes:
        """The request's body. Raises `BodyTooLarge` as soon as that is known, having kept no more than the limit."""
        limit = self.settings.body_limit
        announced = request.headers.get("content-length", "")
        if announced.isdigit() and int(announced) > limit:
            raise _too_large(limit)
        parts, size = [], 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                raise _too_large(limit)
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)


def _too_large(limit: int) -> BodyTooLarge:
    return BodyTooLarge(f"at most {limit / MEBIBYTE:g} MiB are read", limit=limit)
