"""Replay: what was answered is answered again byte for byte, and what changed since is laid at the right door."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from features.policy import shipped
from features.policy.parameters import SHIPPED, Policy
from service.assessing.asking_again import Recall
from service.assessing.sealed_answer import sealed_assessment
from service.edge.errors import NotAnswerable
from service.edge.settings import Settings
from service.ledger.kinds import Kind
from service.ledger.written_kinds import ReplayEntry
from service.proofs.replay import Replayer, enter_sample, known_now
from service.web.app import create_app
from tests.service import corrupting
from tests.service.banked import Bank, ids, open_bank, replay
from tests.service.conftest import NewLedger
from tests.service.made import DAY, applicant, make_bundle, offering

LINE = "recommendation.pd_blocks"


@pytest.fixture(scope="module")
def stricter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A bank's own policy folder in which nobody has enough points."""
    folder = tmp_path_factory.mktemp("policy")
    text = (SHIPPED / "recommendation.yaml").read_text(encoding="utf-8")
    own = shipped()(LINE)
    entry = {
        "description": own.description, "unit": own.unit, "reviewed_on": own.reviewed_on.isoformat(),
        "confidence": own.confidence, "reference": [dict(one) for one in own.reference],
        "values": {day.isoformat(): 0.000001 for day in own.values},
    }  # fmt: skip
    assert "pd_blocks" in text
    (folder / "recommendation.yaml").write_text("pd_blocks: " + json.dumps(entry), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def history(
    tmp_path_factory: pytest.TempPathFactory, bundle: Path, stricter: Path, new_ledger: NewLedger
) -> Iterator[Bank]:
    """Assessments by two models and under two policies; the second of each in service now."""
    place, other = tmp_path_factory.mktemp("history"), tmp_path_factory.mktemp("other")
    make_bundle(other, seed=2)
    ledger = new_ledger()
    first = open_bank(place, bundle, ledger)
    with first.client:
        for seed in range(6):
            first.ask(offering(seed) if seed % 2 else applicant(seed, patents=5))
    now = open_bank(place, other, ledger, policy=stricter)
    with now.client:
        for seed in range(6, 12):
            now.ask(offering(seed))
        yield now


def test_every_answer_is_given_again_byte_for_byte(history: Bank) -> None:
    """Whichever model and policy answered, from the rows that its entry holds."""
    assert [replay(history, one)["identical"] for one in ids(history)] == [True] * 12


def test_changes_add_up_and_lie_at_the_right_door(history: Bank) -> None:
    """Nothing is laid to code or data that did not change; model and policy explain the whole."""
    for place, one in enumerate(ids(history)):
        told = replay(history, one)
        steps = {step["step"]: step for step in told["steps"]}
        assert [step["step"] for step in told["steps"]] == ["code", "data", "model", "policy"]
        assert steps["code"]["changed"] == []
        assert [one["code"] for one in steps["data"]["not_taken"]] == ["no_lake_named"]
        assert "PLEDGESCORE_LAKE" in steps["data"]["not_taken"][0]["message"]
        assert round(sum(10 * step["points"] for step in told["steps"])) == round(10 * told["whole"]["points"])
        assert sum(step["probability"] for step in told["steps"]) == pytest.approx(
            told["whole"]["probability"], abs=1e-15
        )
        assert told["whole"]["advice"] == [told["then"]["advice"], told["now"]["advice"]]
        assert bool(steps["model"]["changed"]) == bool(steps["policy"]["changed"]) == (place < 6)
        assert steps["policy"]["points"] == 0.0
        assert _composed(told["steps"]) == {(f["rule"], f["subject"]): f["after"] for f in told["whole"]["findings"]}


def test_a_pack_names_codes_by_the_policy_in_force(history: Bank) -> None:
    """`catalogue.json` is made from the bank's own policy, not from the shipped one."""
    history.sign()
    members = corrupting.read(history.pack(ids(history)[0], "bank"))
    told = json.loads(members["catalogue.json"])
    assert told["policy_digest"] == history.client.get("/v1/policy").json()["digest"] != shipped().digest


def _composed(steps: list[dict[str, Any]]) -> dict[tuple[str, str], str | None]:
    """The findings that all steps together turn, without those that a later step turned back."""
    first: dict[tuple[str, str], str | None] = {}
    last: dict[tuple[str, str], str | None] = {}
    for step in steps:
        for one in step["findings"]:
            first.setdefault((one["rule"], one["subject"]), one["before"])
            last[one["rule"], one["subject"]] = one["after"]
    return {which: after for which, after in last.items() if first[which] != after}


def test_a_policy_is_read_back_as_it_was() -> None:
    """From its text alone a policy has the same digest, and the same value of every parameter on every day."""
    again = Policy.of_text(shipped().text)
    assert again.digest == shipped().digest
    for name in shipped().names():
        assert dict(again(name).values) == dict(shipped()(name).values)


def test_what_cannot_be_replayed_is_said_beforehand(tmp_path: Path, bundle: Path) -> None:
    """A ledger whose bundle or policy was not kept is told so, and nothing is pretended."""
    bank = open_bank(tmp_path, bundle)
    with bank.client:
        one = bank.ask(applicant(1))
        state = bank.app.state.pledgescore
        bare = create_app(Settings(database=f"sqlite:///{tmp_path / 'bare.db'}", bundles=(bundle,), sign_in="none"))
        replayer = Replayer(state.assessor, Recall(bare.state.pledgescore.engine))
        with state.engine.connect() as connection:
            of = sealed_assessment(connection, one["id"])
        troubles = Replayer(state.assessor, Recall(state.engine)).troubles(of)
        assert not [trouble for trouble in troubles if trouble.step == "code"]
    versions = msgspec.structs.replace(of.answer.versions, bundle="0" * 64)
    missing = replace(of, answer=msgspec.structs.replace(of.answer, versions=versions))
    why = replayer.troubles(missing)[0].why
    assert any("not kept" in str(one.in_words("en").message) for one in why)
    with pytest.raises(NotAnswerable, match="not kept"):
        replayer.replay(missing)


def test_later_corrections_count_as_if_they_had_been_known() -> None:
    """A correction known later takes its fact's place; what happened only later is left out; other facts stand."""
    day = DAY
    known = {"firm": "row:1", "source_kind": "register", "known_on": day - timedelta(days=9)}
    then = {"patents": [known | {"patent": "P1", "claims": 5}, known | {"patent": "P2", "claims": 6}]}
    later = {"known_on": day + timedelta(days=30)}
    held = {
        "patents": [
            *then["patents"],
            known | later | {"patent": "P1", "claims": 4},
            known | later | {"patent": "P3", "filed_on": day - timedelta(days=1)},
            known | later | {"patent": "P4", "filed_on": day + timedelta(days=1)},
        ]
    }
    for given in (then, None):
        now = {row["patent"]: row for row in known_now(given, held, day)["patents"]}
        assert {name: row.get("claims") for name, row in now.items()} == {"P1": 4, "P2": 6, "P3": None}
        assert all(isinstance(row["known_on"], date) and row["known_on"] <= day for row in now.values())


def test_a_sample_is_an_entry(history: Bank) -> None:
    """What a nightly sample showed is entered like anything else."""
    engine = history.app.state.pledgescore.engine
    found = ReplayEntry(asked=1, identical=1, erased=0, differing=[], not_asked=[])
    entry = enter_sample(engine, found, "cron")
    told = history.client.get(f"/v1/ledger/entries/{entry}/proof").json()
    assert told["size"] == entry
    assert Kind.REPLAY == "replay"
