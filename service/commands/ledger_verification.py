"""Checks the ledger of a database and says what was found."""

from collections.abc import Sequence
from pathlib import Path

import orjson

from features.errors import PledgeScoreError
from models.words.output import tell, text
from service.commands.progress import progress_of
from service.edge.clock import system_clock
from service.edge.secret_files import errno_name
from service.edge.settings import Settings
from service.ledger import wrapping
from service.ledger.checkpoints import BankCheckpoint, StatementAge, standing
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
        with engine.connect() as connection, progress_of("verifying") as seen:
            found = verify(connection, seen)
            held = hold_against(connection, shown, keys)
            standing_now = standing(connection, system_clock())
    finally:
        engine.dispose()
    if held.bad_seq is not None and found.bad_seq is None:
        tell("signed_differs", entry=held.bad_seq)
        print(f"  {text(held.fault)}" if held.fault else "")
        return False
    if found.bad_seq is None:
        tell("verified", count=found.verified, seal=found.seal)
        tell("checkpoints_agree", count=held.checkpoints, checkpoint=_hours(standing_now["checkpoint"]))
        tell("countersigned", receipt=_hours(standing_now["receipt"]))
        return True
    tell("entry_altered", entry=found.bad_seq, count=found.verified)
    print(f"  {text(found.fault)}" if found.fault else "")
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


def _hours(one: StatementAge | None) -> str | None:
    """The age of a checkpoint or receipt, in hours."""
    return None if one is None else f"{one['age_seconds'] / 3600:.1f}"
