"""What is recorded is hashed before its turn to write, and tells all the same what stands when the turn comes."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, TypeVar
from uuid import uuid4

import orjson
import pytest
from sqlalchemy import Connection, Engine, event, insert, select

from models.score.kind import KindName
from service.assessing import records
from service.assessing.assessment_index import ASSESSMENTS, earlier
from service.assessing.records import Outcome, ReadyAnswer, Recorded, ready, record
from service.assessing.stages import Assessed, Question
from service.assessing.story import Assessor
from service.edge.database import in_turn, writing
from service.edge.errors import Refused
from service.edge.settings import Settings
from service.ledger import actors
from service.ledger.append import Draft, Prepared, prepare
from service.ledger.opening import open_database
from service.ledger.stored_artifacts import StoredArtifacts
from service.ledger.verification import verify
from service.web.app import open_assessor
from tests.service.conftest import NOON
from tests.service.made import applicant

T = TypeVar("T")


@pytest.fixture
def engine(settings: Settings) -> Any:
    """A ledger on either database."""
    engine = open_database(settings.database)
    yield engine
    engine.dispose()


@pytest.fixture
def assessor(settings: Settings, engine: Engine) -> Assessor:
    """Who answers."""
    return open_assessor(settings, lambda: NOON, StoredArtifacts(engine))[0]


def assessed(assessor: Assessor, firm: int, minute: int, key: str | None = None) -> ReadyAnswer:
    """An answer about a firm that is not yet recorded."""
    at = NOON + timedelta(minutes=minute)
    question = Question(orjson.dumps(applicant(firm, 2)), at, at.date(), actors.OPEN, key)
    answer = assessor.assess(assessor.gather([question]))[0]
    assert isinstance(answer, Assessed)
    return ready(answer)


def none_withdrawn(_connection: Connection, _answered: Mapping[str, KindName]) -> Mapping[str, Refused]:
    """Every bundle that answered still serves."""
    return {}


def told(outcome: Outcome) -> dict[str, Any]:
    """A recorded answer."""
    assert isinstance(outcome, Recorded), outcome
    read: dict[str, Any] = orjson.loads(outcome.body)
    return read


def test_nothing_is_hashed_while_others_wait(
    engine: Engine, assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every answer of a batch is hashed once, before the turn to write begins."""
    happened: list[str] = []

    def noted(draft: Draft) -> Prepared:
        happened.append("hashed")
        return prepare(draft)

    def turn(engine: Engine, work: Callable[[Connection], T]) -> T:
        happened.append("turn")
        return in_turn(engine, work)

    monkeypatch.setattr(records, "prepare", noted)
    monkeypatch.setattr(records, "in_turn", turn)
    record(engine, [assessed(assessor, 1, 0)], none_withdrawn)
    record(engine, [assessed(assessor, 1, 1), assessed(assessor, 2, 1)], none_withdrawn)
    assert happened == ["hashed", "turn", "hashed", "hashed", "turn"]


def test_what_was_entered_meanwhile_is_told(
    engine: Engine, assessor: Assessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process enters an answer about the firm between hashing and turn: it counts, and the seal holds."""
    first, mine, others = (assessed(assessor, 1, minute, key) for minute, key in ((0, None), (2, "k"), (1, None)))
    record(engine, [first], none_withdrawn)

    def turn(engine: Engine, work: Callable[[Connection], T]) -> T:
        monkeypatch.setattr(records, "in_turn", in_turn)
        record(engine, [others], none_withdrawn)
        return in_turn(engine, work)

    monkeypatch.setattr(records, "in_turn", turn)
    answer = told(record(engine, [mine], none_withdrawn)[0])
    assert answer["record"]["of_firm"] == answer["record"]["loan_file"]["n"] == 3
    with engine.connect() as connection:
        before = earlier(connection, answer["id"], limit=9).items
    assert [one.id for one in before] == [others.indexed.id, first.indexed.id]
    again = record(engine, [assessed(assessor, 1, 3, "k")], none_withdrawn)[0]
    assert told(again) == answer
    with engine.connect() as connection:
        assert (verify(connection).verified, verify(connection).bad_seq) == (4, None)


def test_answers_about_one_application_in_one_turn_share_a_loan_file(engine: Engine, assessor: Assessor) -> None:
    """Two answers about one application that are recorded together are the first and second entry of one loan file."""
    outcomes = record(engine, [assessed(assessor, 1, minute) for minute in (0, 1)], none_withdrawn)
    files = [told(outcome)["record"]["loan_file"] for outcome in outcomes]
    assert [one["n"] for one in files] == [1, 2]
    assert len({one["id"] for one in files}) == 1


def steps(engine: Engine, work: Callable[[], object]) -> int:
    """How many steps of its machine SQLite takes for the work: one at least for each row that is read."""
    taken = 0

    def step() -> None:
        nonlocal taken
        taken += 1

    def count(connection: Any) -> None:
        connection.connection.driver_connection.set_progress_handler(step, 1)

    event.listen(engine, "engine_connect", count)
    work()
    event.remove(engine, "engine_connect", count)
    engine.dispose()
    return taken


def recorded_before(engine: Engine, many: int, **more: object) -> None:
    """Rows like that of the first assessment, as if there had been so many more, but for what is told."""
    with writing(engine) as connection:
        first = dict(connection.execute(select(ASSESSMENTS)).mappings().all()[0])
        rows = [first | more | {"id": uuid4().hex, "seq": -place} for place in range(1, many + 1)]
        connection.execute(insert(ASSESSMENTS), rows)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # PostgreSQL tells no steps; its indices are the same
@pytest.mark.parametrize(
    "other", [{}, {"application": "a2"}, {"firm": "row:9"}, {"bank": "bank-2"}, {"firm": "row:9", "application": "a2"}]
)
def test_a_turn_reads_no_more_after_many_assessments(
    engine: Engine, assessor: Assessor, other: Mapping[str, object]
) -> None:
    """Of the same application, firm or bank: the turn to write reads as many rows as it did before."""

    def one(minute: int) -> int:
        answers = [assessed(assessor, 1, minute)]
        return steps(engine, lambda: told(record(engine, answers, none_withdrawn)[0]))

    for minute in (0, 1):
        one(minute)
    few = one(2)
    recorded_before(engine, 500, **other)
    assert one(3) == few
