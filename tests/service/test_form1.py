"""A ledger of form 1, made by version 0.1.0: it verifies, shows and replays as it did, and its packs prove the same.

Codes and numbers are compared, bit for bit; words may change.
"""

import json
import shutil
import sqlite3
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from features.policy import shipped
from service.assessing.asking_again import Recall, sealed_rows
from service.assessing.describing import described
from service.assessing.leaves import asked_of
from service.assessing.sealed_answer import SealedAssessment, sealed_assessment
from service.assessing.stages import Gathered, Question
from service.assessing.story import build, conclude
from service.ledger import stored_artifacts, wrapping
from service.ledger.opening import open_existing
from service.ledger.signed_checkpoints import hold_against
from service.ledger.verification import Verdict, verify
from service.offline.verify import contributions_of as by_name
from service.proofs.replay import Replayer
from tests.service import form1
from tests.service.banked import Bank, open_bank, verified
from tests.service.test_commands import run

DATABASES = ("sqlite", "postgresql")
REPLAYED = 10
PACKS = 16
JUDGED = ("outcomes", "limit", "advice")
"""What follows from the rules of the code that answers; all else is numbers of the model."""


@pytest.fixture(scope="module", params=DATABASES)
def fixture(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> form1.Fixture:
    """What was made on either database, unpacked."""
    return form1.unpack(request.param, tmp_path_factory.mktemp("form1"))


@pytest.fixture(scope="module")
def database(fixture: form1.Fixture, request: pytest.FixtureRequest) -> str:
    """The ledger, restored into a database of its kind."""
    if fixture.database == "sqlite":
        return form1.restore_sqlite(fixture, fixture.place / "ledger.db")
    server = request.getfixturevalue("postgres")
    form1.restore_postgresql(fixture, server, "form1")
    upgraded: str = server.upgrade("form1")
    return upgraded


@pytest.fixture(scope="module")
def bank(fixture: form1.Fixture, database: str, bundle: Path) -> Iterator[Bank]:
    """The product as it is, over the ledger."""
    for file in (fixture.place / "fund").glob("fund*.pem"):
        shutil.copy(file, fixture.place / file.name)
    opened = open_bank(fixture.place, bundle, database)
    with opened.client:
        yield opened


@pytest.fixture(scope="module")
def expected(fixture: form1.Fixture) -> dict[str, Any]:
    """What the version of then said."""
    return fixture.expected


def checked(database: str, keys: Path) -> Verdict:
    """What verifying the whole ledger finds."""
    engine = open_existing(database)
    try:
        wrapping.use(engine, keys)
        with engine.connect() as connection:
            return verify(connection)
    finally:
        engine.dispose()


def test_the_ledger_verifies_with_the_checkpoints_that_the_fund_kept(
    fixture: form1.Fixture, database: str, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every entry, by code and by command; every checkpoint agrees, under the bank's keys alone."""
    verdict = checked(database, fixture.keys)
    assert (verdict.verified, verdict.bad_seq) == (len(expected["entries"]), None)
    monkeypatch.setenv("PLEDGESCORE_KEYS", str(fixture.keys))
    files = sorted((fixture.place / "fund").glob("checkpoint-*.json"))
    kept = [part for file in files for part in ("--checkpoint", str(file))]
    keys = [part for key in fixture.bank_keys for part in ("--bank-key", key)]
    assert len(files) == 5
    told = run("ledger", "verify", "--database", database, *kept, *keys)
    assert told.exit_code == 0, told.output
    engine = open_existing(database)
    with engine.connect() as connection:
        own = hold_against(connection, fixture.checkpoints, fixture.bank_keys)
        strange = hold_against(connection, fixture.checkpoints, [fixture.fund_key])
    engine.dispose()
    assert own.fault is None
    assert strange.fault is not None
    assert strange.fault.code == "refusal.signed_by_unknown"


def test_the_seals_are_those_that_were_written(bank: Bank, expected: dict[str, Any]) -> None:
    """Number, kind and seal of every entry; behind them stands the opening entry of form 2."""
    with bank.app.state.pledgescore.engine.connect() as connection:
        rows = connection.execute(text("SELECT seq, kind, seal FROM ledger_entries ORDER BY seq")).all()
    told = [dict(row._mapping) for row in rows]
    assert told[: len(expected["entries"])] == expected["entries"]
    assert told[len(expected["entries"])]["kind"] == "opening"
    kinds = {entry["kind"] for entry in expected["entries"]}
    assert kinds == {
        "alias", "anchor", "assessment", "closure", "decision", "drawdown", "erasure", "key", "model", "policy",
        "receipt", "replay", "scheme", "user", "validation", "what_if",
    }  # fmt: skip


def test_every_answer_shows_byte_for_byte_and_what_was_erased_is_gone(bank: Bank, expected: dict[str, Any]) -> None:
    """The bytes as they left, numbers bit for bit and outcomes by code; an erased one says that it was."""
    assert len(expected["assessments"]) == 50
    for identity, told in expected["assessments"].items():
        shown = bank.client.get(f"/v1/assessments/{identity}")
        if told["erased"]:
            assert shown.status_code == 410, identity
            continue
        assert shown.status_code == 200, identity
        assert sha256(shown.content).hexdigest() == told["shown_sha256"], identity
        with bank.app.state.pledgescore.engine.connect() as connection:
            of = sealed_assessment(connection, identity)
        assert (of.seq, sha256(of.sent).hexdigest()) == (told["seq"], told["sent_sha256"])
        assert said(shown.json(), contributions_of(of.body)) == codes(told), identity
    assert [told["erased"] for told in expected["assessments"].values()].count(True) == 4


def test_answers_are_given_again_bit_for_bit(bank: Bank, expected: dict[str, Any]) -> None:
    """Asked again from their own rows, under their own bundle and policy; what is judged otherwise is laid to the code.

    Words are not compared.
    """
    state = bank.app.state.pledgescore
    replayer = Replayer(state.assessor, Recall(state.engine))
    there = [identity for identity, told in expected["assessments"].items() if not told["erased"]]
    bundles = set()
    for identity in there[:: len(there) // REPLAYED][:REPLAYED]:
        with state.engine.connect() as connection:
            of = sealed_assessment(connection, identity)
        answer, contributions = asked_again(replayer, of)
        now, then = said(answer, contributions), codes(expected["assessments"][identity])
        assert now.keys() == then.keys()
        assert not [name for name in now if name not in JUDGED and now[name] != then[name]], identity
        code = replayer.replay(of).steps[0]
        assert (code.step, code.not_taken, code.probability, code.points) == ("code", None, 0.0, 0.0)
        assert code.advice == (then["advice"], now["advice"])
        assert {(one.rule, one.subject) for one in code.findings} == turned(then["outcomes"], now["outcomes"])
        assert now["limit"] == then["limit"] or "limit" in code.changed
        bundles.add(answer["versions"]["bundle"])
    assert len(bundles) == 3


def turned(then: list[list[Any]], now: list[list[Any]]) -> set[tuple[str, str]]:
    """Rule and subject of what has another outcome."""
    left, right = ({(rule, subject, outcome) for rule, subject, outcome, _ in told} for told in (then, now))
    return {(rule, subject) for rule, subject, _ in left ^ right}


def asked_again(replayer: Replayer, of: SealedAssessment) -> tuple[dict[str, Any], dict[str, str]]:
    """The answer to a stored question by today's code, and its contributions as hex."""
    with replayer.recall.engine.connect() as connection:
        bundle = stored_artifacts.bundle(connection, of.answer.versions.bundle)
        policy = stored_artifacts.policy(connection, of.answer.versions.policy).completed(shipped())
    question = Question(b"", of.answer.asked_at, of.answer.case.as_of, "")
    gathered = Gathered(question, asked_of(of.body), of.answer.case, bundle, sealed_rows(of), of.answer.ignored)
    assessment = conclude(build([gathered], policy), [gathered], replayer.assessor.code)[0]
    made = described(gathered, assessment, policy, of.answer.id)
    sealed = contributions_of({pointer: json.loads(leaf) for pointer, leaf in made.leaves.items()})
    return made.parts, by_name(sealed, bundle.features)


def contributions_of(body: dict[str, Any]) -> Any:
    """What each feature adds to the log-odds, as hex, from the leaves of a body."""
    return next(told for pointer, told in body.items() if pointer.startswith("/contributions/"))


def said(answer: dict[str, Any], contributions: dict[str, str]) -> dict[str, Any]:
    """Numbers and codes of an answer."""
    return form1.told_of(answer) | {"contributions": contributions}


def codes(told: dict[str, Any]) -> dict[str, Any]:
    """The same of what is expected."""
    return {name: value for name, value in told.items() if name not in {"seq", "erased", "sent_sha256", "shown_sha256"}}


@pytest.mark.sqlite_alone
def test_packs_prove_what_they_proved(fixture: form1.Fixture, expected: dict[str, Any], tmp_path: Path) -> None:
    """What was as sealed then is so today, and not complete: of form 1 that cannot be told; without a key it fails."""
    assert len(expected["packs"]) == PACKS
    keys = [part for key in fixture.bank_keys for part in ("--bank-key", key)]
    for name, told in expected["packs"].items():
        file = fixture.pack(name, tmp_path)
        found = verified(file, *keys, "--fund-key", fixture.fund_key)
        assert found.returncode == (1 if told["exit_code"] else 3), f"{name}: {found.stdout}"
        assert told["exit_code"] or "[first_form]" in found.stdout
    assert verified(file, "--bank-key", fixture.fund_key).returncode == 1, name
    assert {told["exit_code"] for told in expected["packs"].values()} == {0, 1}


def test_an_altered_byte_is_found(tmp_path: Path) -> None:
    """One byte of one entry, on a copy past the triggers: verifying names that entry."""
    fixture = form1.unpack("sqlite", tmp_path)
    url = form1.restore_sqlite(fixture, tmp_path / "ledger.db")
    with sqlite3.connect(tmp_path / "ledger.db") as connection:
        connection.execute("DROP TRIGGER ledger_entries_no_update")
        body = connection.execute("SELECT body FROM ledger_entries WHERE seq = 40").fetchone()[0]
        connection.execute("UPDATE ledger_entries SET body = ? WHERE seq = 40", (body[:-1] + bytes([body[-1] ^ 1]),))
    connection.close()
    assert checked(url, fixture.keys).bad_seq == 40
