"""Checks the ledger of a database and says what was found."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from features.errors import PledgeScoreError
from service.edge.clock import system_clock
from service.edge.secret_files import errno_name
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.checkpoints import BankCheckpoint, LedgerState, standing
from service.ledger.opening import open_existing
from service.ledger.signed_checkpoints import hold_against
from service.ledger.verification import verify
from service.offline.verify import Wrong, read_key
from service.web.shapes.proofs import SignedCheckpoint


class NotShown(PledgeScoreError):
    """A checkpoint or a key that was named cannot be read."""


def verify_ledger(database: str, checkpoints: Sequence[Path] = (), bank_keys: Sequence[str] = ()) -> bool:
    """Print what was found; True where every entry is as it was written and as it was signed.

    `checkpoints`: files of checkpoints that lie elsewhere, at the fund say; `bank_keys`: whose signature counts.
    """
    settings = Settings.from_environment()
    shown, keys = [_checkpoint(file) for file in checkpoints], [_key(key) for key in bank_keys]
    engine = open_existing(database or settings.database)
    try:
        wrapping.use(engine, settings.keys)
        with engine.connect() as connection:
            found = verify(connection)
            held = hold_against(connection, shown, keys)
            standing_now = standing(connection, system_clock())
    finally:
        engine.dispose()
    if held.bad_seq is not None and found.bad_seq is None:
        print(f"the chain holds, but not what was signed about it. Entry {held.bad_seq}: {held.fault}.")
        print(f"封印链完整，但与签署的检查点不符：自第 {held.bad_seq} 条起的历史曾被改写。")
        return False
    if found.bad_seq is None:
        print(f"{found.verified} entries verified, none altered, removed or moved. Last seal: {found.seal}")
        print(f"已核验 {found.verified} 条记录，未见篡改、缺失或调换。")
        print(f"{held.checkpoints} signed checkpoints agree; {_signed(standing_now)}")
        return True
    print(f"entry {found.bad_seq} is not as it was written: {found.fault}. The {found.verified} before it are.")
    print(f"第 {found.bad_seq} 条记录与原始记载不符；其前 {found.verified} 条无误。")
    return False


def _checkpoint(file: Path) -> BankCheckpoint:
    """The signed checkpoint of a file. Raises `NotShown`."""
    try:
        text = file.read_bytes()
        SignedCheckpoint.model_validate_json(text)
    except OSError as error:
        raise NotShown("file_unreadable", file=file, why=errno_name(error)) from None
    except ValueError:
        raise NotShown("no_checkpoint_file", file=file) from None
    told: BankCheckpoint = orjson.loads(text)
    return told


def _key(text: str) -> str:
    """A public key, in hex. Raises `NotShown`."""
    try:
        return read_key(text)
    except (OSError, ValueError, Wrong):
        raise NotShown("no_public_key", key=text) from None


def _signed(told: LedgerState) -> str:
    """The ages of the last checkpoint and of the fund's last receipt."""
    both = (told["checkpoint"], told["receipt"])
    ages = [f"{one['age_seconds'] / 3600:.1f} hours" if one else "none yet" for one in both]
    return f"age of the last: {ages[0]}; of the fund's last countersignature: {ages[1]}"
