"""Where concurrent questions meet: a bounded line, answered a few at a time by one thread and recorded by another.

What waits while a batch is worked on is the next batch, so a lone question never waits for company and load makes its
own batches. While one batch reaches the disk, the next is worked on.
"""

import asyncio
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol, TypeVar

from service.assessing.records import Outcome, Recorded
from service.assessing.stages import Assessed, Gathered, Question
from service.edge.errors import Busy, Refused
from service.edge.metrics import Metrics

T = TypeVar("T")
_BEING_RECORDED = 2
"""Batches that may wait for the disk: more would only hold answers back."""


class Answering(Protocol):
    """The steps of the story; `story.py` tells them."""

    def gather(self, questions: Sequence[Question]) -> list[Gathered | Refused]:
        """Each question with its rows."""

    def assess(self, gathered: Sequence[Gathered | Refused]) -> list[Assessed | Refused]:
        """An answer or a refusal for each."""

    def record(self, answers: Sequence[Assessed | Exception]) -> list[Outcome]:
        """Each answer recorded; an exception stays as it is."""


@dataclass(frozen=True)
class _Waiting:
    question: Question
    outcome: "Future[Recorded]"


class MicroBatcher:
    """Takes questions and gives outcomes. One thread computes, one writes: more would only wait for each other."""

    def __init__(self, answering: Answering, metrics: Metrics, waiting_at_most: int, together_at_most: int) -> None:
        self._answering, self._metrics, self._together_at_most = answering, metrics, together_at_most
        self._line: queue.Queue[_Waiting | None] = queue.Queue(waiting_at_most)
        self._writer = ThreadPoolExecutor(1, "ledger")
        self._being_recorded = threading.Semaphore(_BEING_RECORDED)
        self._closed = False
        self._worker = threading.Thread(target=self._work, name="assessing", daemon=True)
        self._worker.start()

    @property
    def waiting(self) -> int:
        """How many questions stand in line."""
        return self._line.qsize()

    async def ask(self, question: Question) -> Recorded:
        """The answer to one question, already on the disk. Raises `Refused`; `Busy` where the line is full or shut."""
        return await asyncio.wrap_future(self._enter(question))

    def _enter(self, question: Question) -> "Future[Recorded]":
        waiting = _Waiting(question, Future())
        self._open_or_busy()
        try:
            self._line.put_nowait(waiting)
        except queue.Full:
            raise Busy(f"{self._line.maxsize} questions are waiting already: ask again in a second") from None
        return waiting.outcome

    def write(self, work: Callable[[], T]) -> T:
        """Run something else that writes in its turn, and wait for it. Raises `Busy` where the line is closed."""
        self._open_or_busy()
        return self._writer.submit(work).result()

    def close(self) -> None:
        """Answer what stands in line, then stop; who comes later is refused."""
        self._closed = True
        self._line.put(None)
        self._worker.join()
        self._writer.shutdown()

    def _open_or_busy(self) -> None:
        if self._closed:
            raise Busy("the service is shutting down: ask again when it is back")

    def _work(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._being_recorded.acquire()
            self._metrics.batch.observe(len(batch))
            with self._metrics.stage("answer"):
                answers = self._answered(batch)
            self._writer.submit(self._finish, batch, answers)

    def _next_batch(self) -> list[_Waiting] | None:
        """Whoever waits now, at most so many; the first is waited for. None when the line is closed."""
        first = self._line.get()
        if first is None:
            return None
        batch = [first]
        while len(batch) < self._together_at_most:
            try:
                waiting = self._line.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                self._line.put(None)
                break
            batch.append(waiting)
        return batch

    def _answered(self, batch: Sequence[_Waiting]) -> list[Assessed | Exception]:
        """An answer, a refusal or a defect for each; a defect of one is not allowed to be that of its batch."""
        try:
            gathered = self._answering.gather([waiting.question for waiting in batch])
            return list(self._answering.assess(gathered))
        except Exception as defect:
            if len(batch) == 1:
                return [defect]
            return [answer for waiting in batch for answer in self._answered([waiting])]

    def _finish(self, batch: Sequence[_Waiting], answers: Sequence[Assessed | Exception]) -> None:
        """Record the answers and settle every question, whatever happens: nobody waits for ever."""
        try:
            with self._metrics.stage("record"):
                outcomes = self._recorded(answers)
            for waiting, answer, outcome in zip(batch, answers, outcomes, strict=True):
                self._count(answer, outcome)
                _settle(waiting, outcome)
        finally:
            self._being_recorded.release()

    def _recorded(self, answers: Sequence[Assessed | Exception]) -> Sequence[Outcome]:
        try:
            return self._answering.record(answers)
        except Exception as defect:
            return [defect if isinstance(answer, Assessed) else answer for answer in answers]

    def _count(self, answer: Assessed | Exception, outcome: Outcome) -> None:
        if isinstance(answer, Assessed) and isinstance(outcome, Recorded) and not outcome.again:
            self._metrics.assessments.labels(answer.parts["kind"], answer.parts["grade"]).inc()


def _settle(waiting: _Waiting, outcome: Outcome) -> None:
    if not waiting.outcome.set_running_or_notify_cancel():
        return
    if isinstance(outcome, Exception):
        waiting.outcome.set_exception(outcome)
    else:
        waiting.outcome.set_result(outcome)
