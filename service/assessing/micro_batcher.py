"""Where concurrent questions meet: a bounded line, answered a few at a time by one thread and recorded by another.

What waits while a batch is worked on is the next batch, so a lone question never waits for company and load makes its
own batches. While one batch reaches the disk, the next is worked on and hashed.
"""

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from service.assessing.records import Outcome, ReadyAnswer, Recorded
from service.assessing.requests import AT_ONCE
from service.assessing.serving_models import Superseded
from service.assessing.stages import Assessed, Gathered, Question
from service.edge.errors import Busy, Refused
from service.edge.metrics import Metrics

T = TypeVar("T")
_CLOSED = "shutting_down"
_MOST_TRIES = 3
"""How often a question is answered anew because its model was replaced meanwhile."""
BEING_RECORDED = 2
"""Batches that may wait for the disk: more would only hold answers back."""


class Answering(Protocol):
    """The steps of the story; `story.py` tells them."""

    def follow(self) -> None:
        """Answer by the models that were announced meanwhile."""

    def gather(self, questions: Sequence[Question]) -> list[Gathered | Refused]:
        """Each question with its rows."""

    def assess(self, gathered: Sequence[Gathered | Refused]) -> list[Assessed | Refused]:
        """An answer or a refusal for each."""

    def prepare(self, answers: Sequence[Assessed | Refused]) -> list[ReadyAnswer | Refused]:
        """Each answer hashed, so that it waits for nothing but its turn."""

    def record(self, answers: Sequence[ReadyAnswer | Exception]) -> list[Outcome]:
        """Each answer recorded; an exception stays as it is."""


@dataclass(frozen=True)
class _Waiting:
    question: Question
    outcome: "Future[Recorded]"
    tries: int = 0
    """How often it was answered by a model that was replaced before the answer was recorded."""


class _Line:
    """Whoever waits, in order; a batch that was taken out may come back in part until it is told to be done."""

    def __init__(self, at_most: int) -> None:
        self.at_most = at_most
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._taken_out = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def closed(self) -> bool:
        """Whether nobody may enter any more."""
        return self._closed

    def enter(self, waiting: _Waiting) -> None:
        """Stand at the end. Raises `Busy` where the line is full or closed."""
        with self._changed:
            if self._closed:
                raise Busy(_CLOSED)
            if len(self._waiting) >= self.at_most:
                raise Busy("busy_questions", waiting=self.at_most)
            self._waiting.append(waiting)
            self._changed.notify()

    def take(self, at_most: int) -> list[_Waiting] | None:
        """Whoever waits now, at most so many; the first is waited for. None when the line is closed and all is done."""
        with self._changed:
            while not self._waiting:
                if self._closed and not self._taken_out:
                    return None
                self._changed.wait()
            self._taken_out += 1
            return [self._waiting.popleft() for _ in range(min(at_most, len(self._waiting)))]

    def done(self, again: Sequence[_Waiting]) -> None:
        """A batch is done, but for those who stand first once more."""
        with self._changed:
            self._taken_out -= 1
            self._waiting.extendleft(reversed(again))
            self._changed.notify()

    def close(self) -> None:
        """Let nobody enter any more."""
        with self._changed:
            self._closed = True
            self._changed.notify()


class MicroBatcher:
    """Takes questions and gives outcomes. One thread computes, one writes: more would only wait for each other."""

    def __init__(self, answering: Answering, metrics: Metrics, waiting_at_most: int, together_at_most: int) -> None:
        self._answering, self._metrics, self._together_at_most = answering, metrics, together_at_most
        self._line = _Line(waiting_at_most)
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._reading = asyncio.Semaphore(1)
        self._being_recorded = threading.Semaphore(BEING_RECORDED)
        self._worker = threading.Thread(target=self._work, name="assessing", daemon=True)
        self._worker.start()

    @property
    def waiting(self) -> int:
        """How many questions stand in line."""
        return len(self._line)

    async def ask(self, question: Question) -> Recorded:
        """The answer to one question, already on the disk. Raises `Refused`; `Busy` where the line is full or shut.

        A large one is read before it stands in line: whoever comes behind does not wait for that.
        """
        if len(question.body) > AT_ONCE:
            async with self._reading:
                question = replace(question, applicant=await asyncio.to_thread(question.read))
        return await asyncio.wrap_future(self.enter(question))

    def enter(self, question: Question) -> "Future[Recorded]":
        """The answer that is to come, for who waits in a thread. Raises `Busy` where the line is full or shut."""
        waiting = _Waiting(question, Future())
        self._line.enter(waiting)
        return waiting.outcome

    def write(self, work: Callable[[], T]) -> T:
        """Run something else that writes in its turn, and wait for it. Raises `Busy` where the line is closed."""
        if self._line.closed:
            raise Busy(_CLOSED)
        return self._writer.submit(work).result()

    def close(self) -> None:
        """Answer what stands in line, then stop; who comes later is refused."""
        self._line.close()
        self._worker.join()
        self._writer.shutdown()

    def _work(self) -> None:
        while self._being_recorded.acquire() and (batch := self._line.take(self._together_at_most)) is not None:
            if any(waiting.tries for waiting in batch):
                self._answering.follow()
            self._metrics.batch.observe(len(batch))
            with self._metrics.stage("answer"):
                answers = self._answered(batch)
            self._writer.submit(self._finish, batch, answers)

    def _answered(self, batch: Sequence[_Waiting]) -> list[ReadyAnswer | Exception]:
        """An answer, a refusal or a defect for each; a defect of one is not allowed to be that of its batch."""
        try:
            gathered = self._answering.gather([waiting.question for waiting in batch])
            return list(self._answering.prepare(self._answering.assess(gathered)))
        except Exception as defect:
            if len(batch) == 1:
                return [defect]
            return [answer for waiting in batch for answer in self._answered([waiting])]

    def _finish(self, batch: Sequence[_Waiting], answers: Sequence[ReadyAnswer | Exception]) -> None:
        """Record the answers and settle every question, whatever happens: nobody waits for ever."""
        again: list[_Waiting] = []
        try:
            with self._metrics.stage("record"):
                outcomes = self._recorded(answers)
            for waiting, answer, outcome in zip(batch, answers, outcomes, strict=True):
                if isinstance(outcome, Superseded) and waiting.tries < _MOST_TRIES:
                    again.append(replace(waiting, tries=waiting.tries + 1))
                    continue
                self._count(answer, outcome)
                _settle(waiting, outcome)
        finally:
            self._being_recorded.release()
            self._line.done(again)

    def _recorded(self, answers: Sequence[ReadyAnswer | Exception]) -> Sequence[Outcome]:
        try:
            return self._answering.record(answers)
        except Exception as defect:
            return [defect if isinstance(answer, ReadyAnswer) else answer for answer in answers]

    def _count(self, answer: ReadyAnswer | Exception, outcome: Outcome) -> None:
        if isinstance(answer, ReadyAnswer) and isinstance(outcome, Recorded) and not outcome.again:
            self._metrics.assessments.labels(answer.indexed.kind, answer.indexed.grade).inc()


def _settle(waiting: _Waiting, outcome: Outcome) -> None:
    if not waiting.outcome.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        waiting.outcome.set_exception(outcome)
    else:
        waiting.outcome.set_result(outcome)
