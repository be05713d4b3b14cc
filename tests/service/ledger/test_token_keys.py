"""A signing key in a device: made, taken up, exchanged and asked by PKCS #11, in a token of SoftHSM."""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from service.edge.database import writing
from service.edge.secret_files import BadKey, TokenPlace
from service.edge.settings import BadSetting, Settings
from service.ledger import token_keys
from service.ledger.checkpoints import checkpoint, make_checkpoint
from service.ledger.key_days import key_days
from service.ledger.opening import open_database
from service.ledger.signing_keys import has_signer, initialise, is_signed, load_signer, revoke, rotate

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "739155"
softhsm = pytest.mark.skipif(
    not MODULE.exists() or shutil.which("softhsm2-util") is None, reason="SoftHSM (Debian: softhsm2) is not installed"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> TokenPlace:
    """A token of its own; the library reads its configuration once in a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    told = ["softhsm2-util", "--init-token", "--free", "--label", "bank", "--so-pin", "915573", "--pin", PIN]
    subprocess.run(told, check=True, capture_output=True)
    (folder / "pin").write_text(f"{PIN}\n")
    (folder / "pin").chmod(0o600)
    return TokenPlace(MODULE, "bank", "ledger", folder / "pin")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    """An empty ledger."""
    return open_database(f"sqlite:///{tmp_path / 'ledger.db'}")


@softhsm
def test_what_a_device_refuses_is_told_without_the_pin(place: TokenPlace, tmp_path: Path) -> None:
    """Another PIN, token or library, a PIN that others can read: each names what is wrong, and never the PIN."""
    wrong = tmp_path / "pin"
    wrong.write_text("424242")
    wrong.chmod(0o600)
    key = token_keys.made(replace(place, label="asked"))
    for odd, why in (
        (replace(key.place, pin_file=wrong), "PinIncorrect"),
        (replace(key.place, token="nowhere"), "NoSuchToken"),
        (replace(key.place, module=tmp_path / "none.so"), "cannot be used"),
        (replace(key.place, pin_file=tmp_path / "absent"), "No such file"),
    ):
        with pytest.raises(BadKey, match=why) as told:
            token_keys.TokenKey(odd, key.public).sign(b"x")
        assert PIN not in str(told.value)
        assert "424242" not in str(told.value)
    wrong.chmod(0o644)
    with pytest.raises(BadKey, match="can be read by others"):
        token_keys.TokenKey(replace(place, pin_file=wrong), key.public).sign(b"x")


@softhsm
def test_a_file_key_is_exchanged_for_one_in_the_token(place: TokenPlace, engine: Engine, tmp_path: Path) -> None:
    """The file's key hands over to the token's, which signs from then on; exchanged again, that one is gone there."""
    keys, token = tmp_path / "keys", replace(place, label="exchanged")
    first, _ = initialise(engine, keys, "admin")
    second, _ = rotate(engine, keys, "admin", token, into_token=True)
    assert {file.name for file in keys.iterdir()} == {"public.pem", "retired"}
    assert load_signer(keys, token).key == second.key == token_keys.made_or_adopted(token).public
    assert second.device.name == "pkcs11:token=bank;object=exchanged"
    third, _ = rotate(engine, keys, "admin", token)
    with pytest.raises(BadKey, match="holds no key"):
        second.device.sign(b"anything")
    revoke(engine, third, first.key, datetime.now(UTC), "lost", "admin")
    with writing(engine) as connection:
        assert make_checkpoint(connection, load_signer(keys, token)) is not None
    with engine.connect() as connection:
        made = checkpoint(connection)
        assert made is not None
        assert is_signed(made, "checkpoint", third.key)
        assert [days["key"] for days in key_days(connection)] == [first.key, second.key, third.key]


@softhsm
def test_a_key_that_lies_in_the_token_is_taken_up(place: TokenPlace, engine: Engine, tmp_path: Path) -> None:
    """What the bank's people made there under the label; of two nobody can say which is meant."""
    token = replace(place, label="adopted")
    there = token_keys.made(token)
    keys = tmp_path / "keys"
    signer, entry = initialise(engine, keys, "admin", token)
    assert (signer.key, entry.seq, has_signer(keys, token), has_signer(keys)) == (there.public, 2, True, False)
    assert is_signed(signer.signed("told", {"form": "x"}), "told", there.public)
    token_keys.made(token)
    with pytest.raises(BadKey, match="holds 2 keys"):
        token_keys.made_or_adopted(token)


def test_a_token_is_told_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A module without token or PIN is refused by name; without any, the package is never imported."""
    monkeypatch.setenv("PLEDGESCORE_PKCS11_MODULE", str(MODULE))
    with pytest.raises(BadSetting, match="PLEDGESCORE_PKCS11_PIN_FILE"):
        Settings.from_environment()
    monkeypatch.setenv("PLEDGESCORE_PKCS11_TOKEN", "bank")
    monkeypatch.setenv("PLEDGESCORE_PKCS11_PIN_FILE", str(tmp_path / "pin"))
    assert Settings.from_environment().token == TokenPlace(MODULE, "bank", "pledgescore", tmp_path / "pin")
    told = "import sys, service.web.app; sys.exit('pkcs11' in sys.modules)"
    subprocess.run([sys.executable, "-c", told], check=True)
