"""A year at two banks: whose turn comes when, one act after the other, and the ledger's own chores in between."""

import heapq
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from models.records.working_days import Period, WorkingDays
from service.assessing.records import ReadyAnswer
from service.demonstration.applications import ApplicationKind, DemoApplication, mixed
from service.demonstration.conduct import Wait
from service.demonstration.lives import LoanLife
from service.demonstration.office import Office
from service.demonstration.people import BANKS
from service.demonstration.supplied import CURED
from service.demonstration.whitelists import handed_over

HOURS = ((time(8, 45), time(12)), (time(13, 30), time(17, 30)))
"""When people work."""
LAST_DAYS = timedelta(days=30)
DELAYED, LONGER = 0.18, 3
"""Share of the waits that take so many times as long: somebody is away, or a paper does not come."""
_SEED = 20251231


@dataclass
class ActsInTurn:
    """Acts that follow each other, with chance of their own, so that what others do does not change how long they take.

    After each act they say after how many working days they go on.
    """

    number: int
    acts: Iterator[Wait]

    def __post_init__(self) -> None:
        self.chance = random.Random(_SEED + self.number)


@dataclass
class Agenda:
    """Turns in the order of their moments."""

    office: Office
    until: datetime
    _waiting: list[tuple[datetime, int, ActsInTurn]] = field(default_factory=list)
    _numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        office = self.office
        self._days = WorkingDays(office.state.assessor.policy, self.until.astimezone(office.state.settings.zone).date())

    def enter(self, moment: datetime, acts: Iterator[Wait]) -> None:
        """Let a turn begin at a moment."""
        number = next(self._numbers)
        heapq.heappush(self._waiting, (moment, number, ActsInTurn(number, acts)))

    def first(self, one: DemoApplication) -> datetime:
        """Some moment of the first day of work from the day of an application on."""
        return self._on(self._days.on(one.applied_on).day, random.Random(zlib.crc32(one.id.encode())))

    def run(self, tick: Callable[[datetime], None]) -> None:
        """Take turn after turn until the last moment; whoever's turn comes later stays where it is.

        The end is the first evening of the last days on which something waits for everybody.
        """
        last_days = self.until - LAST_DAYS
        while self._waiting and self._waiting[0][0] <= self.until:
            moment, _, turn = heapq.heappop(self._waiting)
            over = self.office.clock().date() < moment.date() and self.office.clock() >= last_days
            if over and self.office.busy(BANKS[0]):
                return
            self.office.clock.move(max(moment, self.office.clock()))
            tick(moment)
            wait = next(turn.acts, None)
            if wait is not None:
                heapq.heappush(self._waiting, (self._after(*wait, turn.chance), turn.number, turn))
        self.office.clock.move(max(self.until, self.office.clock()))

    def _after(self, least: int, most: int, chance: random.Random) -> datetime:
        now = self.office.clock() + timedelta(seconds=chance.randint(240, 4200))
        days = chance.randint(least, most)
        if most > 1 and chance.random() < DELAYED:
            days *= LONGER
        day = self.office.today
        if days == 0 and (later := self._working(day, now, chance)) is not None:
            return later
        return self._on(self._days.due(day, Period(max(days, 1), "working")).day, chance)

    def _working(self, day: date, moment: datetime, chance: random.Random) -> datetime | None:
        """The moment, or one soon after the break that it falls into; None where the day's work is over."""
        for opens, closes in ((self._at(day, opens), self._at(day, closes)) for opens, closes in HOURS):
            if moment < opens:
                return opens + timedelta(seconds=chance.randrange(1800))
            if moment < closes:
                return moment
        return None

    def _on(self, day: date, chance: random.Random) -> datetime:
        """Some moment of a day's work."""
        opens, closes = chance.choice([(self._at(day, opens), self._at(day, closes)) for opens, closes in HOURS])
        return opens + timedelta(seconds=chance.randrange(int((closes - opens).total_seconds())))

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
    def kind(self) -> ApplicationKind:
        """What the answer comes to, and whether an officer can meet all its conditions."""
        told = self.answer.answer.parts["recommendation"]
        assert isinstance(told, dict)
        advice = told["advice"] if told["amount"] else "advise_against"
        return advice, {one["rule"] for one in told["conditions"]} <= CURED


TOGETHER = 32
"""Questions that are worked out together."""


def first_answers(office: Office, agenda: Agenda, found: Sequence[DemoApplication]) -> Iterator[FirstAnswer]:
    """What each application is answered on its first day, worked out many together, as single answers are."""
    asked = []
    for number, one in enumerate(found):
        officers = office.people[one.bank].officers[one.branch]
        asked.append((one, officers[number % len(officers)], agenda.first(one)))
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
    _enter_whitelists(office, agenda, found, lives)
    agenda.run(tick)
    return lives


def _enter_whitelists(
    office: Office, agenda: Agenda, found: Sequence[DemoApplication], lives: Sequence[LoanLife]
) -> None:
    """Each branch is handed lists of firms that ask it for loans in the course of the year, or might."""

    def state_of(firm: str) -> str | None:
        return next((one.state for one in lives if one.one.firm == firm and one.state is not None), None)

    for bank, people in office.people.items():
        for branch in people.officers:
            firms = sorted({one.firm for one in found if (one.bank, one.branch) == (bank, branch)})
            agenda.enter(office.clock() + timedelta(hours=1), handed_over(office, bank, branch, firms, state_of))
