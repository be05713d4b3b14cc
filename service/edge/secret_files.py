"""Files that only their owner may read: where private keys lie."""

import os
import stat
from pathlib import Path

from features.errors import PledgeScoreError


class BadKey(PledgeScoreError):
    """A key is not there, cannot be read, or can be read by others."""


def read(file: Path) -> bytes:
    """What the file holds. Raises `BadKey` where it is not there, or can be read by others."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        held = file.read_bytes()
    except OSError as error:
        raise BadKey(f"{file}: {error.strerror}: make keys with `pledgescore keys init`") from None
    if mode & 0o077:
        raise BadKey(f"{file} can be read by others ({mode:04o}): chmod 600 it, and rotate the keys")
    return held


def write(file: Path, text: bytes, mode: int = 0o600) -> None:
    """A new file that is never, not even for a moment, open to more than `mode` says. Raises `BadKey`."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise BadKey(f"{file} is there already: `pledgescore keys rotate` exchanges keys") from None
    except OSError as error:
        raise BadKey(f"{file}: {error.strerror}") from None
    with os.fdopen(handle, "wb") as out:
        out.write(text)
        os.fsync(out.fileno())
