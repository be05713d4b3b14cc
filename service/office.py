"""Everything that the routes share, made once by `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Engine

from service.assessing import Desk, Question
from service.intake import Intake
from service.metrics import Metrics
from service.settings import Settings
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
