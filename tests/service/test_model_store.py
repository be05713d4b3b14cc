"""The models in service: champions of a real registry, exchanged whole, and kept when the registry is away."""

import asyncio
import json
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from fastapi.testclient import TestClient
from mlflow import MlflowClient
from sqlalchemy import func, select

from features.phrase import Phrase
from features.policy import shipped
from models.score.bundle import BundleRefused, load
from models.words.templates import say
from service.access.roles import OPEN
from service.application.state import AppState
from service.assessing.assessment_index import ASSESSMENTS
from service.assessing.model_sources import FolderSource, RegistryAway, RegistrySource
from service.assessing.model_store import ModelStore
from service.assessing.model_validity import ModelRefused
from service.assessing.records import Recorded
from service.assessing.serving_models import Serving, Superseded, set_serving
from service.assessing.stages import Question
from service.assessing.validations import Validation, enter_validation
from service.edge.database import in_turn, writing
from service.edge.errors import InvalidRequest, NoModel
from service.edge.process import Worker
from service.edge.settings import Settings
from service.ledger import actors
from service.ledger.change_log import CHANGES, Change, enter_change, last
from service.ledger.kinds import Kind
from service.ledger.written_kinds import ValidationEntry
from service.web.app import close, create_app
from tests.service.conftest import NOON
from tests.service.made import applicant, make_bundle

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # MLflow's own, of SQLAlchemy 2.1
MODEL = "pledgescore-pledge"
ZHOU = replace(OPEN, name="user:zhou")


class Registry:
    """A registry in a folder, with two registered bundles."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        self.client = MlflowClient(self.uri, self.uri)
        self.client.create_registered_model(MODEL)
        self.experiment = self.client.create_experiment("made", artifact_location=str(folder / "artifacts"))
        self.bundles = [self.register(seed) for seed in (1, 2)]

    def register(self, seed: int, card: dict[str, Any] | None = None) -> str:
        """Log a bundle as an artifact of a run and register it; its id."""
        made = self.folder / f"made-{seed}"
        bundle = make_bundle(made, seed=seed, card=card)
        run = self.client.create_run(self.experiment, tags={"mlflow.user": "maker"})
        self.client.log_artifacts(run.info.run_id, str(made), "model/bundle")
        source = f"{run.info.artifact_uri}/model"
        self.client.create_model_version(MODEL, source, run.info.run_id, tags={"bundle": bundle.id})
        return bundle.id

    def champion(self, version: int) -> None:
        """Move the alias."""
        self.client.set_registered_model_alias(MODEL, "champion", str(version))

    def away(self) -> None:
        """Nobody answers."""
        (self.folder / "mlflow.db").rename(self.folder / "gone.db")

    def back(self) -> None:
        """It answers again."""
        (self.folder / "gone.db").rename(self.folder / "mlflow.db")


@pytest.fixture(scope="module")
def stocked(tmp_path_factory: pytest.TempPathFactory) -> Registry:
    """The registry, made once: MLflow takes its time to set up a database."""
    return Registry(tmp_path_factory.mktemp("registry"))


@pytest.fixture
def registry(stocked: Registry) -> Registry:
    """The registry with version 1 as champion."""
    stocked.champion(1)
    return stocked


@pytest.fixture
def shelf_of(tmp_path: Path) -> Callable[[Registry], ModelStore]:
    """A model_store on a registry, with a cache of its own."""

    def make(registry: Registry) -> ModelStore:
        source = RegistrySource(registry.uri, "", tmp_path / "cache")
        model_store = ModelStore(source, shipped(), lambda: datetime.now(UTC))
        model_store.refresh()
        return model_store

    return make


def test_a_moved_alias_is_picked_up(registry: Registry, shelf_of: Callable[[Registry], ModelStore]) -> None:
    """The bundle that carries the alias serves; what was taken before stays what it was."""
    model_store = shelf_of(registry)
    before = model_store.of("pledge")
    registry.champion(2)
    model_store.refresh()
    assert [before.id, model_store.of("pledge").id] == registry.bundles
    assert model_store.trouble is None


def test_a_registry_that_is_away_changes_nothing_but_is_told(
    registry: Registry, shelf_of: Callable[[Registry], ModelStore]
) -> None:
    """What serves goes on, a new process starts from the cache, and both say since when."""
    model_store = shelf_of(registry)
    registry.away()
    try:
        model_store.refresh()
        assert model_store.of("pledge").id == registry.bundles[0]
        assert model_store.trouble is not None
        assert "does not exist" in str(model_store.trouble.shown("en"))
        again = shelf_of(registry)
        assert again.of("pledge").id == registry.bundles[0]
        assert again.trouble is not None
    finally:
        registry.back()
    registry.champion(2)
    model_store.refresh()
    assert model_store.of("pledge").id == registry.bundles[1]
    assert model_store.trouble is None


def test_artifacts_that_were_moved_away_are_refused_and_the_old_bundle_serves(
    registry: Registry, shelf_of: Callable[[Registry], ModelStore]
) -> None:
    """A download that holds no bundle never becomes the champion."""
    model_store = shelf_of(registry)
    shutil.move(registry.folder / "artifacts", registry.folder / "elsewhere")
    try:
        registry.champion(2)
        model_store.refresh()
    finally:
        shutil.move(registry.folder / "elsewhere", registry.folder / "artifacts")
    assert model_store.of("pledge").id == registry.bundles[0]
    assert model_store.trouble is not None


def test_a_bundle_that_was_changed_in_the_cache_is_refused(
    registry: Registry, shelf_of: Callable[[Registry], ModelStore], tmp_path: Path
) -> None:
    """The cache is trusted no more than a download."""
    shelf_of(registry)
    trees = tmp_path / "cache" / registry.bundles[0] / "model.lgb"
    trees.write_bytes(trees.read_bytes().replace(b"tree", b"Tree", 1))
    model_store = shelf_of(registry)
    with pytest.raises(NoModel, match=r"model\.lgb"):
        model_store.of("pledge")


def test_no_alias_is_no_model(registry: Registry, shelf_of: Callable[[Registry], ModelStore]) -> None:
    """A registry without a champion serves nothing, and is not away."""
    registry.client.delete_registered_model_alias(MODEL, "champion")
    model_store = shelf_of(registry)
    with pytest.raises(NoModel):
        model_store.of("pledge")
    assert model_store.trouble is None


def test_a_plain_folder_that_is_no_bundle_stops_the_service(tmp_path: Path) -> None:
    """A service that was told to serve a bundle does not start without it."""
    with pytest.raises(BundleRefused, match="is no bundle"):
        create_app(Settings(database=f"sqlite:///{tmp_path / 'x.db'}", bundles=(tmp_path,)), lambda: NOON)
    with pytest.raises(BundleRefused):
        FolderSource((tmp_path,)).found()


def test_moves_under_load_tear_no_answer(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the alias moves to and fro, each answer is wholly one bundle's, and none fails."""
    monkeypatch.setattr("service.assessing.model_store.load", load)  # models change no faster than they are read
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'ledger.db'}", tracking_uri=registry.uri, cache=tmp_path / "cache",
        poll_seconds=0.01, sign_in="none",
    )  # fmt: skip
    body = applicant(1, patents=3)
    with TestClient(create_app(settings, lambda: NOON)) as client:
        assert answers_while_moving(client, registry, body, moves=10) == {1, 2}
        assert client.get("/readyz").json()["registry"] == "answers"


def answers_while_moving(
    client: Any, registry: Registry, body: dict[str, Any], moves: int, askers: int = 3
) -> set[int]:
    """Ask without pause while the alias moves; the versions that answered. An answer must be wholly its version's."""
    shapes: dict[str, set[float]] = {bundle: set() for bundle in registry.bundles}
    statuses, stop = set(), threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            told = client.post("/v1/assessments?include=all", json=body)
            statuses.add(told.status_code)
            answer = told.json()
            total = answer["base"]["points"] + sum(reason["points"] for reason in answer["reasons"])
            assert abs(total - answer["points"]) < 1e-6
            shapes[answer["versions"]["bundle"]].add(answer["pd"]["value"])

    threads = [threading.Thread(target=keep_asking) for _ in range(3)]
    for thread in threads:
        thread.start()
    for move in range(moves):
        version = 2 - move % 2
        registry.champion(version)
        _wait_until_served(client, registry.bundles[version - 1])
    stop.set()
    for thread in threads:
        thread.join()
    assert statuses == {201}
    assert all(len(values) == 1 for values in shapes.values()), shapes
    return {place for place, bundle in enumerate(registry.bundles, start=1) if shapes[bundle]}


def _wait_until_served(client: Any, bundle: str) -> None:
    for _ in range(2000):
        if client.get("/readyz").json()["models"].get("pledge") == bundle:
            return
        threading.Event().wait(0.005)
    raise AssertionError(f"{bundle} was not picked up")


def judged(events: int) -> dict[str, Any]:
    """The card of a bundle that learned from and was judged by so many events, where its plan asked for 100."""
    told = {"events": events, "cases": 10 * events}
    return {"gate": {"least_events": 100, "least_test_events": 50}, "learned": told, "judged": told}


def test_an_alias_that_was_moved_past_the_gate_is_refused_and_entered(registry: Registry, tmp_path: Path) -> None:
    """A champion short of its plan's events, or refused by the validator, does not serve; the one before goes on."""
    short = registry.register(3, card=judged(12))
    database, cache = f"sqlite:///{tmp_path / 'x.db'}", tmp_path / "cache"
    settings = Settings(database=database, tracking_uri=registry.uri, cache=cache)
    state = create_app(settings, lambda: NOON).state.pledgescore
    refused = registry.bundles[1]
    content = ValidationEntry(
        subject=refused, bundle=refused, outcome="refused", findings=["too few"], expires_on=None, by="user:zhou"
    )
    validated = Change(content, actors.OPEN)
    in_turn(state.engine, lambda connection: enter_change(connection, validated))
    for version, bundle, why in ((3, short, "12 events in learning"), (2, registry.bundles[1], "user:zhou refused it")):
        registry.champion(version)
        for _ in range(2):
            state.model_store.refresh()
        assert state.model_store.of("pledge").id == registry.bundles[0]
        assert why in str(state.model_store.trouble.shown("en"))
        with state.engine.connect() as connection:
            told, kept = last(connection, Kind.ALIAS, "pledge refused"), last(connection, Kind.ALIAS, "pledge")
            entries = select(func.count()).select_from(CHANGES).where(CHANGES.c.subject == "pledge refused")
            assert connection.execute(entries).scalar_one() == 4 - version
        assert told is not None
        assert kept is not None
        assert (told["bundle"], told["version"], kept["bundle"]) == (bundle, str(version), registry.bundles[0])
        assert why in say(msgspec.convert(told["why"][0], Phrase), "en")
    state.engine.dispose()


def test_nobody_brings_a_model_into_service_alone(registry: Registry, tmp_path: Path) -> None:
    """Where a second person is asked for, a champion waits for a validator's signature, which must still hold."""
    settings = Settings(
        database=f"sqlite:///{tmp_path / 'x.db'}",
        tracking_uri=registry.uri,
        cache=tmp_path / "cache",
        second_person=True,
    )
    state = create_app(settings, lambda: NOON).state.pledgescore
    bundle = registry.bundles[0]
    trouble = state.model_store.trouble
    assert trouble is not None
    assert "no validator has signed it" in str(trouble.shown("en"))
    with pytest.raises(NoModel):
        state.model_store.of("pledge")
    for until, serves in (("2026-11-19", False), ("2026-11-20", True)):
        content = ValidationEntry(
            subject=bundle, bundle=bundle, outcome="signed", findings=[], expires_on=until, by="user:zhou"
        )
        signed = Change(content, actors.OPEN)
        in_turn(state.engine, lambda connection, signed=signed: enter_change(connection, signed))
        state.model_store.refresh()
        assert ("pledge" in state.model_store.held) == serves, until
    with state.engine.connect() as connection:
        told = last(connection, Kind.ALIAS, "pledge")
    assert told is not None
    assert msgspec.convert(told["approver"], dict[str, object])["by"] == "user:zhou"
    state.engine.dispose()


def test_a_champion_leaves_service_when_its_signature_is_over(registry: Registry, tmp_path: Path) -> None:
    """It is dropped, told and entered; signed anew it serves again. Whoever made it cannot sign it."""
    now, bundle = [NOON], registry.bundles[0]
    settings = Settings(database=f"sqlite:///{tmp_path / 'x.db'}", tracking_uri=registry.uri, cache=tmp_path / "cache")
    state = create_app(settings, lambda: now[0]).state.pledgescore
    signing = Validation(bundle=bundle, outcome="signed", expires_on="2026-11-21")
    with pytest.raises(InvalidRequest) as refused:
        enter_validation(state.engine, state.model_store, signing, replace(OPEN, name="user:maker"), NOON.date())
    assert refused.value.as_faults()[-1].code == "own_model"
    enter_validation(state.engine, state.model_store, signing, ZHOU, NOON.date())
    state.model_store.refresh()
    assert state.model_store.of("pledge").id == bundle
    now[0] = NOON + timedelta(days=2)
    state.model_store.refresh()
    with pytest.raises(NoModel, match="ended on"):
        state.model_store.of("pledge")
    with state.engine.connect() as connection:
        told = last(connection, Kind.ALIAS, "pledge refused")
    assert told is not None
    assert msgspec.convert(told["why"], list[Phrase])[0].code == "refusal.validation_over"
    again = signing.model_copy(update={"expires_on": date(2027, 1, 1)})
    enter_validation(state.engine, state.model_store, again, ZHOU, now[0].date())
    state.model_store.refresh()
    assert state.model_store.of("pledge").id == bundle
    assert state.model_store.trouble is None
    state.engine.dispose()


def test_challengers_stand_beside_what_serves(
    registry: Registry, shelf_of: Callable[[Registry], ModelStore], tmp_path: Path
) -> None:
    """The version that carries the alias, read once; a server has a page for it, a file has none."""
    registry.client.set_registered_model_alias(MODEL, "challenger", "2")
    model_store = shelf_of(registry)
    try:
        assert [(bundle.id, version) for bundle, version in model_store.challengers()] == [(registry.bundles[1], "2")]
        assert model_store.challengers()[0][0] is model_store.challengers()[0][0]
        registry.away()
        with pytest.raises(RegistryAway):
            model_store.challengers()
    finally:
        registry.back()
        registry.client.delete_registered_model_alias(MODEL, "challenger")
    assert model_store.page_of("pledge", "2") is None
    server = RegistrySource("https://mlflow.example/", "", tmp_path)
    assert server.page_of("pledge", "2") == f"https://mlflow.example/#/models/{MODEL}/versions/2"


@pytest.fixture
def two(registry: Registry, tmp_path: Path, database: str) -> Iterator[tuple[AppState, AppState]]:
    """Two processes on one database, of which the first asks the registry; each has a cache of its own."""
    made = [
        create_app(
            Settings(database=database, tracking_uri=registry.uri, cache=tmp_path / f"cache-{number}"),
            lambda: NOON,
            Worker(number, 2),
        )
        for number in (1, 2)
    ]
    states = [app.state.pledgescore for app in made]
    for state in states:
        state.housekeeper.start()
    yield states[0], states[1]
    for state in states:
        close(state)


def ask(state: AppState, seed: int) -> Recorded:
    """An answer by a process, recorded."""
    body = json.dumps(applicant(seed, patents=2)).encode()
    return asyncio.run(state.batcher.ask(Question(body, NOON, NOON.date(), actors.OPEN)))


def bundle_of(recorded: Recorded) -> str:
    """The bundle that answered."""
    told: str = json.loads(recorded.body)["versions"]["bundle"]
    return told


def test_one_process_asks_the_registry_and_the_others_follow(
    registry: Registry, two: tuple[AppState, AppState]
) -> None:
    """What the first finds, the second serves, from the registry's own files; the ledger tells it once."""
    first, second = two
    assert (first.housekeeper.holds, second.housekeeper.holds) == (True, False)
    assert second.model_store.of("pledge").id == registry.bundles[0]
    registry.champion(2)
    second.model_store.look()
    assert second.model_store.of("pledge").id == registry.bundles[0]
    first.model_store.look()
    second.model_store.look()
    assert second.model_store.held["pledge"].bundle.id == registry.bundles[1]
    assert second.model_store.held["pledge"].version == first.model_store.held["pledge"].version == "2"
    registry.away()
    try:
        first.model_store.look()
        second.model_store.look()
        assert first.model_store.trouble == second.model_store.trouble
        assert second.model_store.trouble is not None
    finally:
        registry.back()
    first.model_store.look()
    second.model_store.look()
    assert second.model_store.trouble is None
    with first.engine.connect() as connection:
        moves = select(func.count()).select_from(CHANGES).where(CHANGES.c.kind == "alias")
        assert connection.execute(moves).scalar_one() == 2


def test_no_answer_of_a_replaced_model_is_recorded(registry: Registry, two: tuple[AppState, AppState]) -> None:
    """A process that has not heard of the promotion yet answers anew, by the model that serves now."""
    first, second = two
    assert bundle_of(ask(second, 1)) == registry.bundles[0]
    registry.champion(2)
    first.model_store.look()
    assert second.model_store.of("pledge").id == registry.bundles[0]
    assert bundle_of(ask(second, 2)) == registry.bundles[1]
    assert bundle_of(ask(first, 3)) == registry.bundles[1]


def test_an_answer_that_is_superseded_again_and_again_is_refused(
    two: tuple[AppState, AppState], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever cannot serve what was announced says so, and when to ask again; nothing is recorded."""
    first, second = two
    with writing(first.engine) as connection:
        set_serving(connection, Serving("pledge", "0" * 64, "9", NOON.isoformat()))
    with pytest.raises(Superseded) as refused:
        ask(second, 1)
    assert refused.value.status == 503
    assert refused.value.headers["Retry-After"] == "1"
    with first.engine.connect() as connection:
        assert not connection.execute(select(func.count()).select_from(ASSESSMENTS)).scalar_one()


def test_no_answer_of_a_refused_model_is_recorded_after_the_refusal(
    registry: Registry, two: tuple[AppState, AppState]
) -> None:
    """The validator's word counts from its entry on, in every process, until the model is signed again."""
    first, second = two
    assert ask(first, 1)
    refusal = Validation(bundle=registry.bundles[0], outcome="refused", findings=["not stable"])
    enter_validation(second.engine, second.model_store, refusal, ZHOU, NOON.date())
    for state in two:
        with pytest.raises(ModelRefused, match="user:zhou"):
            ask(state, 2)
    until = (NOON.date() + timedelta(days=9)).isoformat()
    signed = Validation(bundle=registry.bundles[0], outcome="signed", expires_on=until)
    enter_validation(second.engine, second.model_store, signed, ZHOU, NOON.date())
    assert bundle_of(ask(second, 3)) == registry.bundles[0]


def test_a_refusal_within_the_turn_counts(two: tuple[AppState, AppState]) -> None:
    """An answer that waits for its turn while the refusal is entered is not recorded behind it."""
    first, second = two
    question = Question(json.dumps(applicant(1, patents=2)).encode(), NOON, NOON.date(), actors.OPEN)
    answers = first.assessor.prepare(first.assessor.assess(first.assessor.gather([question])))
    bundle = first.model_store.of("pledge").id
    refusal = Validation(bundle=bundle, outcome="refused", findings=["not stable"])
    enter_validation(second.engine, second.model_store, refusal, ZHOU, NOON.date())
    assert isinstance(first.assessor.record(answers)[0], ModelRefused)
