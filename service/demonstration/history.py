"""A year at two banks: whose turn comes when, one act after the other, and the ledger's own chores in between."""

import heapq
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from models.records.working_days import Period, WorkingDays
from service.assessing.records import ReadyAnswer
from service.demonstration.applications import DemoApplication, mixed
from service.demonstration.lives import LoanLife, Wait
from service.demonstration.office import Office
from service.demonstration.supplied import CURED

OPENS, CLOSES = time(8, 45), time(17, 30)
"""When people act."""
_SEED = 20251231


@dataclass
class Agenda:
    """Turns in the order of their moments; each says after how many working days it goes on."""

    office: Office
    until: datetime
    _waiting: list[tuple[datetime, int, Iterator[Wait]]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)
    _chance: random.Random = field(default_factory=lambda: random.Random(_SEED))

    def __post_init__(self) -> None:
        office = self.office
        self._days = WorkingDays(office.state.assessor.policy, self.until.astimezone(office.state.settings.zone).date())

    def enter(self, moment: datetime, turn: Iterator[Wait]) -> None:
        """Let a turn begin at a moment."""
        heapq.heappush(self._waiting, (moment, next(self._numbers), turn))

    def first(self, day: date) -> datetime:
        """Some moment of the first day of work from a day on."""
        return self._on(self._days.on(day).day)

    def run(self, tick: Callable[[datetime], None]) -> None:
        """Take turn after turn until the last moment; whoever's turn comes later stays where it is."""
        while self._waiting and self._waiting[0][0] <= self.until:
            moment, _, turn = heapq.heappop(self._waiting)
            self.office.clock.move(max(moment, self.office.clock()))
            tick(moment)
            wait = next(turn, None)
            if wait is not None:
                heapq.heappush(self._waiting, (self._after(*wait), next(self._numbers), turn))
        self.office.clock.move(max(self.until, self.office.clock()))

    def _after(self, least: int, most: int) -> datetime:
        now = self.office.clock() + timedelta(minutes=self._chance.randint(4, 70))
        days = self._chance.randint(least, most)
        day = self.office.today
        if days == 0 and now <= self._at(day, CLOSES):
            return now
        return self._on(self._days.due(day, Period(max(days, 1), "working")).day)

    def _on(self, day: date) -> datetime:
        """Some moment of a day's work."""
        opens, closes = self._at(day, OPENS), self._at(day, CLOSES)
        return opens + timedelta(minutes=self._chance.randrange(int((closes - opens).total_seconds()) // 60))

    def _at(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, self.office.state.settings.zone)


@dataclass(frozen=True)
class FirstAnswer:
    """An application, who asks about it and when, and the answer, which is not recorded yet."""

    one: DemoApplication
    lead: str
    moment: datetime
    answer: ReadyAnswer

    @property
    def kind(self) -> str:
        """What the answer advises; `plain` where it asks for nothing that takes long."""
        told = self.answer.answer.parts["recommendation"]
        assert isinstance(told, dict)
        rules = {one["rule"] for one in told["conditions"]}
        return "plain" if told["advice"] == "recommend" and rules <= CURED else str(told["advice"])


TOGETHER = 32
"""Questions that are worked out together."""


def first_answers(office: Office, agenda: Agenda, found: Sequence[DemoApplication]) -> Iterator[FirstAnswer]:
    """What each application is answered on its first day, worked out many together, as single answers are."""
    asked = []
    for number, one in enumerate(found):
        officers = office.people[one.bank].officers[one.branch]
        asked.append((one, officers[number % len(officers)], agenda.first(one.applied_on)))
    for begin in range(0, len(asked), TOGETHER):
        some = asked[begin : begin + TOGETHER]
        for (one, lead, moment), answer in zip(
            some, office.assessed([office.question(*one) for one in some]), strict=True
        ):
            if isinstance(answer, ReadyAnswer):
                yield FirstAnswer(one, lead, moment, answer)


def lived(
    office: Office, found: Sequence[DemoApplication], until: datetime,
    chores: Iterator[Wait], tick: Callable[[datetime], None],
) -> list[LoanLife]:  # fmt: skip
    """Let applications take their course, with the ledger's own chores in between; gives what became of each."""
    agenda = Agenda(office, until)
    answers = {first.one.id: first for first in first_answers(office, agenda, found)}
    chosen = mixed([(first.one, first.kind) for first in answers.values()], until.date())
    agenda.enter(office.clock() + timedelta(hours=10), chores)
    lives = []
    for number, one in enumerate(chosen, start=1):
        first = answers[one.id]
        lives.append(LoanLife(office, one, number, first.lead, first.answer))
        agenda.enter(first.moment, lives[-1].run())
    agenda.run(tick)
    return lives
