"""The commands that assess and check: readable, recorded, and with exit codes that a script can use."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import orjson
import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner, Result

import pledgescore
from features.chosen_words import VARIABLE
from features.errors import PledgeScoreError
from service.assessing import story
from service.assessing.stages import Question
from service.ledger import opening
from service.ledger.tables import ENTRIES
from service.offline import verify
from tests.service.ledger.tampering import disarm, set_columns
from tests.service.made import applicant


@pytest.fixture
def folder(tmp_path: Path, bundle: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose environment names a bundle and an empty ledger, on either database."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLEDGESCORE_BUNDLE", str(bundle))
    monkeypatch.setenv("PLEDGESCORE_DATABASE", database)
    return tmp_path


def run(*arguments: str) -> Result:
    """What a command line does."""
    return CliRunner().invoke(pledgescore.app, arguments)


def write(file: Path, *applicants: dict[str, Any]) -> str:
    """The applicants in a file: JSON, or JSON lines by its name."""
    lines = [json.dumps(one, ensure_ascii=False) for one in applicants]
    file.write_text("\n".join(lines) if file.suffix == ".jsonl" else f"[{','.join(lines)}]", encoding="utf-8")
    return str(file)


def test_an_applicant_is_printed_in_the_language_that_is_asked_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Chinese by default, English by `--words` or the environment: probability, score, amounts, sources, seal."""
    file = write(folder / "one.json", applicant(3))
    en = run("score", file)
    monkeypatch.delenv(VARIABLE)
    zh = run("score", file)
    assert en.exit_code == zh.exit_code == 0
    for words in ("probability of default", "SYNTHETIC", "RMB", "principal reasons", "retrospective"):
        assert words in en.stdout
    for words in ("违约概率", "合成数据", "万元", "主要影响因素", "回溯测算"):
        assert words in zh.stdout
    assert "企业：试验企业3有限公司 row:3" in zh.stdout
    assert "firm: 试验企业3有限公司 row:3" in en.stdout
    assert "recorded: entry 2, seal " in en.stdout
    assert "存证：第 3 条，哈希值 " in zh.stdout
    assert run("--words", "en", "score", file).stdout.splitlines()[:3] == en.stdout.splitlines()[:3]


def test_codes_alone_are_printed_where_no_words_are_wanted(folder: Path) -> None:
    """`--words none`: an answer as JSON, other commands as codes with facts; an unknown word is refused."""
    answer = orjson.loads(run("--words", "none", "score", write(folder / "one.json", applicant(3))).stdout)
    assert answer["record"]["entry"] == 2
    lines = [orjson.loads(line) for line in run("--words", "none", "ledger", "verify").stdout.splitlines()]
    assert (lines[0]["code"], lines[0]["facts"]["count"]) == ("print.verified", 2)
    assert "2 entries verified" in run("--words", "en", "ledger", "verify").stdout
    assert "use zh, en or none" in str(run("--words", "fr", "ledger", "verify").exception)


def test_json_lines_in_and_out(folder: Path) -> None:
    """One question a line gives one answer a line, as the service would send it."""
    shown = run("score", write(folder / "some.jsonl", applicant(1), applicant(2)), "--json")
    answers = [orjson.loads(line) for line in shown.stdout.splitlines()]
    assert [(answer["case"]["firm"], answer["record"]["entry"]) for answer in answers] == [("row:1", 2), ("row:2", 3)]


def test_a_refused_applicant_is_told_and_the_others_are_assessed(folder: Path) -> None:
    """Exit code 1, the place that is wrong on standard error, the rest printed."""
    shown = run("score", write(folder / "two.json", applicant(1) | {"as_of": "soon"}, applicant(2)))
    assert shown.exit_code == 1
    assert "applicant 1" in shown.stderr
    assert "/as_of: must be a day of the calendar, written YYYY-MM-DD" in shown.stderr
    assert "recorded 1, recorded before 0, refused 1" in shown.stderr
    assert "row:2" in shown.stdout
    assert "违约概率" not in shown.stdout


def test_a_defect_of_one_applicant_takes_down_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each place is answered, and under the same key nothing is entered twice."""
    file, gather = write(folder / "three.json", applicant(1), applicant(2), applicant(3)), story.gather

    def failing(question: Question, *others: Any) -> Any:
        if b"row:2" in question.body:
            raise ZeroDivisionError
        return gather(question, *others)

    monkeypatch.setattr(story, "gather", failing)
    for new, before in ((2, 0), (0, 2)):
        shown = run("score", file, "--json", "--key", "list-1")
        assert shown.exit_code == 1
        assert "applicant 2" in shown.stderr
        assert f"recorded {new}, recorded before {before}, refused 1" in shown.stderr
        assert [orjson.loads(line)["record"]["entry"] for line in shown.stdout.splitlines()] == [2, 3]


@pytest.mark.parametrize("command", [("score", "one.json"), ("replay", "no-such-id")])
def test_a_command_that_cannot_open_its_models_leaves_no_connection(
    folder: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, str]
) -> None:
    """The database is closed with the refusal."""
    write(folder / "one.json", applicant(1))
    assert run("score", "one.json").exit_code == 0
    engines, opened = [], opening.connect_to

    def noted(url: str) -> Engine:
        engines.append(opened(url))
        return engines[-1]

    monkeypatch.setattr(opening, "connect_to", noted)
    monkeypatch.setenv("PLEDGESCORE_BUNDLE", str(folder))
    refused = run(*command)
    assert refused.exit_code == 1
    assert "is no bundle" in str(refused.exception or refused.stderr)
    assert [engine.pool.checkedin() + engine.pool.checkedout() for engine in engines] == [0]  # type: ignore[attr-defined]


def test_a_csv_file_names_firms_to_look_up(folder: Path) -> None:
    """Without a lake each line is refused for that reason; a column that does not exist is named."""
    (folder / "list.csv").write_text("firm,as_of\nrow:1,2026-11-20\n", encoding="utf-8")
    assert "PLEDGESCORE_LAKE" in run("score", str(folder / "list.csv")).stderr
    (folder / "list.csv").write_text("firm,when\nrow:1,2026-11-20\n", encoding="utf-8")
    with pytest.raises(Exception, match="when"):
        raise run("score", str(folder / "list.csv")).exception or AssertionError


def test_the_ledger_is_checked_and_the_first_bad_entry_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 0 while all is as written, 1 with the number of the entry that is not."""
    monkeypatch.delenv("PLEDGESCORE_DATABASE")  # the file that is taken where none is named
    run("score", write(folder / "some.jsonl", applicant(1, 2), applicant(2, 2), applicant(3, 2)))
    checked = run("ledger", "verify")
    assert (checked.exit_code, "4 entries verified" in checked.stdout) == (0, True)
    from service.ledger.opening import open_database

    engine = open_database("sqlite:///pledgescore.db")
    disarm(engine)
    set_columns(engine, 2, actor="somebody else")
    engine.dispose()
    checked = run("ledger", "verify", "--database", "sqlite:///pledgescore.db")
    assert checked.exit_code == 1
    assert "entry 2 is not as it was written" in checked.stdout
    assert ENTRIES.name == "ledger_entries"


def test_checking_makes_no_empty_ledger(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is not there is an error, not an empty ledger that verifies."""
    monkeypatch.delenv("PLEDGESCORE_DATABASE")
    shown = run("ledger", "verify")
    assert shown.exit_code == 1
    assert "does not exist" in str(shown.exception)
    assert not (folder / "pledgescore.db").exists()


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "::", "example.org"])
def test_an_address_that_others_reach_needs_a_sign_in(folder: Path, host: str) -> None:
    """What is open to everybody is served on this machine alone."""
    assert "can be reached by others" in str(run("serve", "--host", host, "--without-sign-in").exception)


def test_a_service_that_nobody_could_sign_in_to_does_not_start(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without an account, a key or a provider it says how to make the first one, or how to be open on purpose."""
    refused = str(run("serve", "--host", "0.0.0.0").exception) + capfd.readouterr().err
    assert "pledgescore users add" in refused
    assert "--without-sign-in" in refused


def test_the_first_administrator_is_made_by_a_command(folder: Path) -> None:
    """An invitation is printed once; the account is an entry; a role that needs a bank is refused without one.

    What two administrators confirm is refused until there are two, and leaves the name free. A database in a folder
    that is not there is refused in a line.
    """
    assert "does not exist: make it" in str(run("keys", "init", "--database", "sqlite:///gone/a.db").exception)
    made = run("users", "add", "root", "--role", "administrator", "--shown", "王芳")
    assert made.exit_code == 0
    assert "invitation code" in made.stdout
    assert "0 of 2 administrators can sign in" in made.stdout
    assert "root\t王芳\tadministrator" in run("users", "list").stdout
    assert "2 entries verified" in run("ledger", "verify").stdout
    assert "credit officer names a bank and a branch" in str(
        run("users", "add", "li", "--role", "credit_officer").exception
    )
    place = ("--bank", "bank-1", "--authority", "2")
    early = run("users", "add", "chen", "--role", "approver", *place)
    assert "Make the two administrators first" in str(early.exception)
    run("users", "add", "second", "--role", "administrator")
    assert "two administrators who are signed in" in run("users", "add", "chen", "--role", "approver", *place).stdout
    assert "waits: chen approver, asked for by" in run("users", "list").stdout
    assert "invitation code" in run("users", "reset", "root").stdout
    assert run("users", "disable", "root").exit_code == 0
    assert "disabled" in run("users", "list").stdout


def test_a_key_is_made_and_withdrawn_by_a_command(folder: Path) -> None:
    """It is printed once, never beyond what a machine of its role may do."""
    place = ("--bank", "bank-1", "--branch", "b1")
    made = run("apikeys", "add", "lms", "--role", "credit_officer", "--days", "30", *place)
    assert "psk_" in made.stdout
    assert "opens nothing until two administrators" in made.stdout
    made = run("apikeys", "add", "asks", "--role", "credit_officer", "--days", "30", *place, "--scope", "assess")
    assert "psk_" in made.stdout
    assert "opens nothing" not in made.stdout
    listed = run("apikeys", "list").stdout
    assert ("psk_" in listed, "asked for by " in listed) == (False, True)
    assert run("apikeys", "withdraw", "asks").exit_code == 0
    assert "withdrawn" in run("apikeys", "list").stdout
    refused = run("apikeys", "add", "boss", "--role", "approver", "--days", "30", *place, "--scope", "decide")
    assert "decide" in str(refused.exception)


STRANGER = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
"""A public key of RFC 8032."""


def test_keys_are_made_shown_and_exchanged_by_commands(folder: Path) -> None:
    """Both keys are made once, for their owner alone; exchanged, what was kept before is kept under the new one."""
    assert "`pledgescore keys init` makes them" in str(run("keys", "show").exception)
    made = run("keys", "init")
    assert (made.exit_code, "entered as entry 2" in made.stdout) == (0, True)
    assert {file.name: file.stat().st_mode & 0o777 for file in (folder / "keys").iterdir()} == {
        "private.pem": 0o600, "public.pem": 0o644, "wrapping.key": 0o600,
    }  # fmt: skip
    assert "holds its keys already" in str(run("keys", "init").exception)
    run("score", write(folder / "one.json", applicant(1, 1)))
    before = run("keys", "show").stdout
    assert "2 secrets of the database lie under it now" in run("keys", "rotate").stdout
    assert run("keys", "show").stdout != before
    assert "5 entries verified" in run("ledger", "verify").stdout
    old, new = (line.split() for line in run("keys", "list").stdout.splitlines())
    assert (old[1], old[3], new[1], len(new)) == ("since", "until", "since", 3)
    assert "is in force" in str(run("keys", "revoke", new[0], "--from", "2026-01-01", "--reason", "lost").exception)
    for when, why in (("yesterday", "is no moment"), ("2999-01-01", "lies ahead")):
        assert why in str(run("keys", "revoke", old[0], "--from", when, "--reason", "lost").exception)
    first = datetime.fromisoformat(old[2]).astimezone(timezone(timedelta(hours=8)))
    bare = (first - timedelta(seconds=1)).replace(tzinfo=None).isoformat()
    early = run("keys", "revoke", old[0], "--from", bare, "--reason", "lost")
    assert f"before {old[2]}, from when on the key counted" in str(early.exception)
    done = run("keys", "revoke", old[0], "--from", old[2], "--reason", "stolen").stdout
    assert f"counts no more from {first.isoformat()} (UTC {old[2]})" in done
    assert f"revoked from {old[2]}" in run("keys", "list").stdout
    again = run("keys", "revoke", old[0], "--from", old[4], "--reason", "stolen")
    assert "only an earlier moment" in str(again.exception)
    assert "no signing key" in str(
        run("keys", "revoke", STRANGER, "--from", "2026-01-01", "--reason", "lost").exception
    )
    (folder / "keys" / "wrapping.key").unlink()
    assert "which is not in keys" in str(run("ledger", "verify").exception)


def test_a_pack_names_the_keys_that_it_is_checked_with(folder: Path) -> None:
    """After a rotation the checkpoint is signed with a key that is not in force: the file beside the pack has both."""
    run("keys", "init")
    made = json.loads(run("score", write(folder / "one.json", applicant(1, 1)), "--json").stdout)
    run("ledger", "checkpoint")
    rotated = run("keys", "rotate").stdout
    assert "its witness raises an alarm" in rotated
    (folder / "bank.keys").write_text(run("keys", "list").stdout)
    unknown = run("ledger", "verify", "--bank-key", "keys/public.pem")
    assert (unknown.exit_code, "was not given with --bank-key" in unknown.stdout) == (1, True)
    assert run("ledger", "verify", "--bank-key", "bank.keys").exit_code == 0
    told = run("ledger", "pack", made["id"], "--out", str(folder / "one.zip")).stdout.split()
    key = told[told.index("--bank-key") + 1]
    assert [len(line.split()[0]) for line in Path(key).read_text().splitlines()] == [64, 64]
    checked = subprocess.run(
        [sys.executable, "-I", verify.__file__, folder / "one.zip", "--bank-key", key], capture_output=True, check=False
    )
    assert checked.returncode in (verify.COMPLETE, verify.LATER), checked.stdout.decode()


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ("ledger verify --checkpoint nope.json", "nope.json: No such file"),
        ("ledger verify --checkpoint one.json", "holds no signed checkpoint"),
        ("ledger verify --bank-key nope", "nope is no public key"),
        ("ledger close 2026-13", "'2026-13' is no month"),
        ("ledger archive 2026-10 --to segments", "2026-10 is not closed"),
        ("ledger pack nope", "No assessment has the id nope"),
        ("ledger pack 2020-01", "2020-01 lies outside of the time that this ledger covers"),
        ("ledger restore nowhere --to sqlite:///new.db", "nowhere is no backup: there is no ledger.db"),
        ("replay nope", "No assessment has the id nope"),
        ("replay", "name one assessment by its id"),
        ("replay --sample -1", "greater than or equal to 0"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_sentence(folder: Path, command: str, why: str) -> None:
    """No traceback, no half result: what was asked and why it cannot be, and another exit code than 0."""
    assert run("keys", "init").exit_code == 0
    assert run("score", write(folder / "one.json", applicant(1, 1))).exit_code == 0
    done = run(*command.split())
    said = done.stderr + str(done.exception)
    assert done.exit_code != 0
    assert why in " ".join(said.split())
    assert isinstance(done.exception, PledgeScoreError | SystemExit)


# --- over a real connection ------------------------------------------------------------------------------------------


@pytest.fixture
def address(folder: Path) -> Iterator[str]:
    """The service as `pledgescore serve` starts it, in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "pledgescore", "serve", "--without-sign-in", "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(Path(pledgescore.__file__).parent)}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
    try:
        yield _ready(f"http://127.0.0.1:{port}", process, folder / "log")
    finally:
        process.terminate()
        process.wait(20)


def _ready(address: str, process: "subprocess.Popen[bytes]", log: Path) -> str:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            _get(f"{address}/readyz")
        except OSError:
            time.sleep(0.1)
        else:
            return address
    raise AssertionError(log.read_text())


def _get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as told:
        return bytes(told.read())


def _post(url: str, body: bytes) -> tuple[int, bytes]:
    request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as told:
            return told.status, told.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_over_a_real_connection(address: str, folder: Path) -> None:
    """Several at once are answered, bad input is refused, and what was answered outlives the process."""
    statuses = []

    def ask(seed: int) -> None:
        statuses.append(_post(f"{address}/v1/assessments", json.dumps(applicant(seed)).encode())[0])

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [201] * 8
    assert _post(f"{address}/v1/assessments", b"{")[0] == 400
    assert b"swagger" in _get(f"{address}/docs")
    checked = run("ledger", "verify", "--database", os.environ["PLEDGESCORE_DATABASE"])
    assert "9 entries verified" in checked.stdout
