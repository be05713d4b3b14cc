"""Entries of an earlier version: they are brought over, verify, go on, and replay with what the bank kept of then."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from features.policy import Policy, shipped
from models.score.bundle import BundleRefused, load
from service.ledger.opened import opened_entries
from service.ledger.opening import open_database
from service.ledger.verification import verify
from tests.service import older
from tests.service.banked import Bank, ids, open_bank, replay, verified
from tests.service.made import applicant
from tests.service.test_commands import run


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ledger as it was written, and what the bank kept."""
    folder = tmp_path_factory.mktemp("older")
    older.unpack(folder)
    return folder


@pytest.fixture
def bank(kept: Path, tmp_path: Path, bundle: Path) -> Iterator[Bank]:
    """A service of today over the ledger."""
    shutil.copy(kept / "ledger.db", tmp_path / "ledger.db")
    opened = open_bank(tmp_path, bundle)
    with opened.client:
        yield opened


def test_all_entries_verify_and_the_chain_goes_on(bank: Bank) -> None:
    """None is altered by being brought over, the next one follows the last, and a firm's earlier answers are told."""
    found = bank.ask(applicant(3, patents=3))
    before = bank.client.get(found["links"]["earlier"]).json()["items"]
    assert [one["id"] for one in before] == [ids(bank)[47], ids(bank)[3]]
    with bank.app.state.pledgescore.engine.connect() as connection:
        verdict = verify(connection)
    assert (verdict.verified, verdict.bad_seq) == (
        older.ENTRIES + 3,
        None,
    )  # opening, anchor


def test_what_is_not_kept_is_said_and_where_it_may_lie(bank: Bank) -> None:
    """Bundles of then were not stored: the answer names which, and the command that stores it."""
    refused = bank.client.get(f"/v1/assessments/{ids(bank)[0]}/replay")
    assert refused.status_code == 409
    assert "ledger store --bundle" in refused.json()["errors"][0]["message"]


def test_differences_are_laid_to_code_and_add_up(bank: Bank, kept: Path) -> None:
    """The same model gives the same points; what reads otherwise now is the code's, and all steps make the whole.

    The exponential of then was numpy's, which is not correctly rounded on every processor: one probability of these ten
    was one bit off, and that bit is laid to code like everything else.
    """
    older.store(bank.app.state.pledgescore.engine, kept)
    bits = []
    for one in ids(bank)[:10]:
        told = replay(bank, one)
        code = told["steps"][0]
        assert not told["identical"]
        assert (code["not_taken"], code["points"], code["grade"][0]) == (None, 0.0, code["grade"][1])
        bits.append(abs(code["probability"]) / np.spacing(told["then"]["probability"]))
        assert {"base", "reasons", "versions"} <= set(code["changed"])
        assert sum(step["points"] for step in told["steps"]) == pytest.approx(told["whole"]["points"], abs=1e-9)
        assert sum(step["probability"] for step in told["steps"]) == pytest.approx(
            told["whole"]["probability"], abs=1e-15
        )
        taken = [step["step"] for step in told["steps"] if step["not_taken"] is None]
        assert ("model" in taken) == (bank.client.get(f"/v1/assessments/{one}").json()["kind"] == "pledge")
    assert sorted(bits) == [0.0] * 9 + [1.0]


def test_a_command_keeps_what_answered_then(
    kept: Path, tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes folders of bundles that gave answers here, and of policy; then `replay --check` finds no more to say."""
    shutil.copy(kept / "ledger.db", tmp_path / "ledger.db")
    monkeypatch.setenv("PLEDGESCORE_DATABASE", f"sqlite:///{tmp_path / 'ledger.db'}")
    monkeypatch.setenv("PLEDGESCORE_BUNDLE", str(bundle))
    folders = [f"--bundle={kept / name}" for name in older.BUNDLES]
    said = run("ledger", "store", *folders, f"--policy={kept / older.POLICY}").stdout.splitlines()
    assert [line.split()[0] for line in said] == ["bundle", "bundle", "policy"]
    assert "it gave 40 answers" in said[0]
    assert "0 of 3 the same byte for byte; entry 52" in run("replay", "--sample", "3").stdout
    for wrong, why in ((bundle, "gave no answer"), (tmp_path, "is no bundle")):
        assert why in str(run("ledger", "store", "--bundle", str(wrong)).exception)
    assert "name what to keep" in str(run("ledger", "store").exception)


def test_what_could_not_be_asked_again_is_entered_in_codes(
    kept: Path, tmp_path: Path, bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sample's entry names each assessment with codes, so that no sentence is sealed; the command tells why."""
    shutil.copy(kept / "ledger.db", tmp_path / "ledger.db")
    address = f"sqlite:///{tmp_path / 'ledger.db'}"
    monkeypatch.setenv("PLEDGESCORE_DATABASE", address)
    monkeypatch.setenv("PLEDGESCORE_BUNDLE", str(bundle))
    said = run("replay", "--sample", "3").stdout
    engine = open_database(address)
    with engine.connect() as connection:
        [last] = list(opened_entries(connection))[-1][-1:]
    engine.dispose()
    assert last.kind == "replay"
    assert last.body is not None
    told = last.body["/not_asked"]
    assert isinstance(told, list)
    assert len(told) == 3
    for line in told:
        one, _, codes = line.partition(": ")
        assert re.fullmatch(r"[a-z_]+( [a-z_]+)*", codes)
        assert f"{one}: it cannot be asked again" in said


def test_a_pack_of_then_verifies(bank: Bank) -> None:
    """Signed and countersigned today, an entry of then is proven to a reader who trusts no server."""
    bank.sign()
    bank.countersign()
    for reader in ("bank", "fund"):
        said = verified(bank.pack(ids(bank)[0], reader), "--bank-key", bank.key, "--fund-key", bank.fund_key)
        assert (said.returncode, "[first_form]" in said.stdout) == (3, True), said.stdout


def test_a_bundle_without_a_panel_is_recalled_but_does_not_serve(kept: Path) -> None:
    """It lacks what new reasons are worded against, so the loader says to train anew, and how it is kept."""
    with pytest.raises(BundleRefused, match=r"without panel\.csv: train anew; .* ledger store"):
        load(kept / "pledge", shipped())


def test_a_policy_is_completed_by_what_no_file_stated_then() -> None:
    """A value that stands is never exchanged, and a policy that lacks nothing stays the same, digest and all."""
    half = Policy({name: shipped()(name) for name in shipped().names()[::2]})
    whole = half.completed(shipped())
    assert whole.names() == shipped().names()
    assert all(whole(name) is half(name) for name in half.names())
    assert shipped().completed(half) is shipped()
