"""The line: a batch is whatever waits, a defect is its own question's, and a full line says so at once."""

import asyncio
import threading
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

import pytest

from features.asof import Case
from features.errors import fault
from service.assessing.micro_batcher import MicroBatcher
from service.assessing.records import Outcome, ReadyAnswer, Recorded, ready
from service.assessing.stages import Assessed, Gathered, Question
from service.edge.errors import Busy, InvalidRequest, Refused
from service.edge.metrics import Metrics
from service.ledger.actors import OPEN
from service.ledger.redaction import SentAnswer

NOON = datetime(2026, 11, 20, 4, tzinfo=UTC)


def question(word: str) -> Question:
    """A question that says one word."""
    return Question(word.encode(), NOON, NOON.date(), OPEN)


def assessed(asked: Question) -> Assessed:
    """An answer that repeats the word."""
    case = Case("c", "row:1", date(2026, 11, 20))
    parts: dict[str, object] = {"id": asked.body.decode(), "kind": "pledge", "grade": "A", "points": 500.0}
    parts |= {"case": {"case": case.case, "firm": case.firm, "as_of": "2026-11-20"}, "as_of": "2026-11-20"}
    parts |= {"retrospective": False, "synthetic": True, "expires_on": "2027-02-18"}
    parts |= {"versions": {"bundle": "b", "policy": "p", "code": "c"}}
    return Assessed(asked, case, 0.5, parts, {}, SentAnswer.of(parts, None))


class Bench:
    """Answers and records without a model: counts batches, waits where it is told to, and fails on the word bad."""

    def __init__(self) -> None:
        self.batches: list[int] = []
        self.open = threading.Event()
        self.open.set()

    def gather(self, questions: Sequence[Question]) -> list[Gathered | Refused]:
        """No rows: the questions as they are."""
        return list(questions)  # type: ignore[arg-type]

    def assess(self, gathered: Sequence[Any]) -> list[Assessed | Refused]:
        """An answer each; `bad` breaks the whole batch, `wrong` is refused."""
        questions: Sequence[Question] = gathered
        self.open.wait(5)
        self.batches.append(len(questions))
        if any(asked.body == b"bad" for asked in questions):
            raise RuntimeError("a defect")
        wrong = InvalidRequest([fault("/word", "missing")])
        return [wrong if asked.body == b"wrong" else assessed(asked) for asked in questions]

    def prepare(self, answers: Sequence[Assessed | Refused]) -> list[ReadyAnswer | Refused]:
        """Each answer hashed."""
        return [ready(one) if isinstance(one, Assessed) else one for one in answers]

    def record(self, answers: Sequence[ReadyAnswer | Exception]) -> list[Outcome]:
        """Every answer recorded under its word."""
        return [one if isinstance(one, Exception) else Recorded(one.indexed.id, b"{}") for one in answers]


def ask_all(bench: Bench, words: Sequence[str], waiting: int = 100, together: int = 8) -> list[Any]:
    """What comes of asking all words at once, exceptions among it."""

    async def run() -> list[Any]:
        batcher = MicroBatcher(bench, Metrics(), waiting, together)
        try:
            bench.open.clear()
            asking = [asyncio.ensure_future(batcher.ask(question(word))) for word in words]
            await asyncio.sleep(0.05)
            bench.open.set()
            return await asyncio.gather(*asking, return_exceptions=True)
        finally:
            await asyncio.to_thread(batcher.close)

    return asyncio.run(run())


def test_a_lone_question_waits_for_nobody() -> None:
    """One question is one batch."""
    bench = Bench()
    assert [outcome.id for outcome in ask_all(bench, ["one"])] == ["one"]
    assert bench.batches == [1]


def test_what_waits_is_answered_together_and_in_order() -> None:
    """While the first is worked on the others gather, up to the most that go together."""
    bench = Bench()
    words = [f"w{n}" for n in range(20)]
    assert [outcome.id for outcome in ask_all(bench, words)] == words
    assert sum(bench.batches) == 20
    assert max(bench.batches) == 8
    assert len(bench.batches) <= 5


def test_a_defect_is_that_of_its_own_question() -> None:
    """The others of its batch are answered, a refusal stays a refusal."""
    words = ["w0", "w1", "bad", "wrong", "w4"]
    outcomes = ask_all(Bench(), words)
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Recorded)] == ["w0", "w1", "w4"]
    assert isinstance(outcomes[2], RuntimeError)
    assert isinstance(outcomes[3], InvalidRequest)


def test_a_full_line_says_busy_at_once() -> None:
    """More than the line holds are refused with word of when to come back, and the rest are answered."""
    outcomes = ask_all(Bench(), [f"w{n}" for n in range(20)], waiting=4, together=2)
    busy = [outcome for outcome in outcomes if isinstance(outcome, Busy)]
    assert 10 <= len(busy) <= 16
    assert busy[0].headers == {"Retry-After": "1"}
    assert len(busy) + sum(isinstance(outcome, Recorded) for outcome in outcomes) == 20


def test_a_ledger_that_cannot_be_written_is_told_to_everybody() -> None:
    """Nobody waits for ever, and nobody gets an answer that was not recorded."""
    bench = Bench()
    bench.record = lambda answers: (_ for _ in ()).throw(OSError("disk full"))  # type: ignore[method-assign]
    assert all(isinstance(outcome, OSError) for outcome in ask_all(bench, ["a", "b"]))


def test_something_else_is_written_in_its_turn() -> None:
    """Decisions go through the same writer as answers."""
    batcher = MicroBatcher(Bench(), Metrics(), 4, 2)
    try:
        assert batcher.write(lambda: threading.current_thread().name).startswith("ledger")
        with pytest.raises(KeyError):
            batcher.write(lambda: {}["nothing"])
    finally:
        batcher.close()


def test_a_closed_line_says_busy_and_lets_nobody_wait() -> None:
    """Whoever asks or writes while the service shuts down is refused at once."""
    batcher = MicroBatcher(Bench(), Metrics(), 4, 2)
    batcher.close()
    with pytest.raises(Busy, match="shutting down"):
        asyncio.run(batcher.ask(question("late")))
    with pytest.raises(Busy, match="shutting down"):
        batcher.write(lambda: None)
