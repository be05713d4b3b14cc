"""Where private keys lie: files that only their owner may read, or a device that is asked by PKCS #11."""

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path

from features.errors import PledgeScoreError


class BadKey(PledgeScoreError):
    """A key is not there, cannot be read, or can be read by others."""


@dataclass(frozen=True)
class TokenPlace:
    """The library of a device, the labels of token and key, and the file that holds the PIN."""

    module: Path
    token: str
    label: str
    pin_file: Path


def read(file: Path) -> bytes:
    """What the file holds. Raises `BadKey` where it is not there, or can be read by others."""
    try:
        mode = stat.S_IMODE(file.stat().st_mode)
        held = file.read_bytes()
    except OSError as error:
        raise BadKey("key_file_missing", file=str(file), why=errno_name(error)) from None
    if mode & 0o077:
        raise BadKey("key_file_open", file=str(file), mode=f"{mode:04o}")
    return held


def write(file: Path, text: bytes, mode: int = 0o600) -> None:
    """A new file that is never, not even for a moment, open to more than `mode` says. Raises `BadKey`."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    except FileExistsError:
        raise BadKey("key_file_exists", file=str(file)) from None
    except OSError as error:
        raise BadKey("key_file_unwritable", file=str(file), why=errno_name(error)) from None
    with os.fdopen(handle, "wb") as out:
        out.write(text)
        os.fsync(out.fileno())


def errno_name(error: OSError) -> str:
    """The name of an error of the operating system, such as ENOENT."""
    return errno.errorcode.get(error.errno or 0, "EIO")
