"""Checks the ledger of a database and says what was found."""

from collections.abc import Sequence
from pathlib import Path

import orjson
from sqlalchemy import Connection

from features.errors import PledgeScoreError
from models.words.output import tell, text
from service.commands.printing_differences import tell_differences
from service.commands.progress import progress_of
from service.edge.clock import system_clock
from service.edge.secret_files import errno_name
from service.edge.settings import Settings
from service.ledger import ledger_settings, wrapping
from service.ledger.checkpoints import BankCheckpoint, StatementAge, standing, without_checkpoint
from service.ledger.evidence import EVIDENCE, NOT_EVIDENCE, PARTLY
from service.ledger.opening import open_existing
from service.ledger.segments import archived_to
from service.ledger.signed_checkpoints import hold_against
from service.ledger.verification import verify
from service.offline.verify import Wrong, read_keys
from service.proofs.rebuild import differences
from service.web.shapes.proofs import SignedCheckpoint


class NotShown(PledgeScoreError):
    """A checkpoint or a key that was named cannot be read."""


def verify_ledger(
    database: str, checkpoints: Sequence[Path] = (), bank_keys: Sequence[str] = (), archive: Path | None = None
) -> bool:
    """Print what was found; True where entries, what was signed, and the tables that follow from them agree.

    `checkpoints`: files of checkpoints that lie elsewhere, at the fund say; `bank_keys`: whose signature counts;
    `archive`: the folder of the months that were moved to files.
    """
    settings = Settings.from_environment()
    shown, keys = [_checkpoint(file) for file in checkpoints], public_keys_given(bank_keys)
    engine = open_existing(database or settings.database)
    try:
        wrapping.use(engine, settings.keys)
        ledger_settings.use(engine, ledger_settings.ledger_settings(settings))
        with engine.connect() as connection:
            return _entries_hold(connection, shown, keys, archive) and _rows_hold(connection, archive)
    finally:
        engine.dispose()


def _entries_hold(
    connection: Connection, shown: Sequence[BankCheckpoint], keys: Sequence[str], archive: Path | None
) -> bool:
    """Whether every entry is as it was written and as it was signed; said."""
    with progress_of("verifying") as seen:
        found = verify(connection, seen, archive)
    gone = 0 if archive else archived_to(connection)[0]
    if found.bad_seq is not None:
        tell("entry_altered", entry=found.bad_seq, count=found.verified - gone)
        print(f"  {text(found.fault)}" if found.fault else "")
        return False
    held = hold_against(connection, shown, keys)
    if held.fault is not None:
        told = ("signed_unjudged", {}) if held.bad_seq is None else ("signed_differs", {"entry": held.bad_seq})
        tell(told[0], **told[1])
        print(f"  {text(held.fault)}")
        return False
    tell("verified", count=found.verified - gone, seal=found.seal)
    standing_now = standing(connection, system_clock())
    tell("checkpoints_agree", count=held.checkpoints, checkpoint=_hours(standing_now["checkpoint"]))
    tell("countersigned", receipt=_hours(standing_now["receipt"]))
    return True


def _rows_hold(connection: Connection, archive: Path | None) -> bool:
    """Whether the tables that pages and acts read follow from the entries; said, with what was not looked at."""
    gone, _ = archived_to(connection)
    with progress_of("rebuilding") as seen:
        left = list(differences(connection, seen, archive))
    tell_differences(left)
    lost = without_checkpoint(connection)
    if lost is not None:
        tell("receipt_without_checkpoint", entry=lost)
    tell("tables_checked", count=len(EVIDENCE), tables=tuple(sorted(EVIDENCE)))
    columns = [f"{name} ({', '.join(sorted(of))})" for name, of in PARTLY.items()]
    tell("not_evidence", tables=(*columns, *sorted(NOT_EVIDENCE)))
    if gone and archive is None:
        tell("archived_unchecked", count=gone)
    elif gone:
        tell("archived_checked", count=gone, folder=archive)
    return not left and lost is None


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


def public_keys_given(texts: Sequence[str]) -> list[str]:
    """Public keys in hex: of PEM files, of files of keys with their days, or as they stand there. Raises `NotShown`."""
    found: list[str] = []
    for given in texts:
        try:
            found += read_keys([given])[0]
        except (OSError, ValueError, Wrong):
            raise NotShown("no_public_key", key=given) from None
    return found


def _hours(one: StatementAge | None) -> str | None:
    """The age of a checkpoint or receipt, in hours."""
    return None if one is None else f"{one['age_seconds'] / 3600:.1f}"
