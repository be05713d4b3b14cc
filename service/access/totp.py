"""One-time codes of an authenticator app: RFC 6238 with SHA-1, six digits, thirty seconds, as every app has them."""

import base64
import hmac
import secrets
from datetime import datetime
from urllib.parse import quote

STEP_SECONDS, DIGITS = 30, 6
_EITHER_WAY = 1
"""Steps by which the clock of a telephone may differ from ours."""


def new_secret() -> str:
    """160 random bits as the text that an app takes (base32)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def link(secret: str, name: str) -> str:
    """The otpauth:// link that an app reads as a QR code."""
    return f"otpauth://totp/PledgeScore:{quote(name)}?secret={secret}&issuer=PledgeScore"


def step_of(moment: datetime) -> int:
    """The number of the step that the moment lies in."""
    return int(moment.timestamp()) // STEP_SECONDS


def code(secret: str, step: int, digits: int = DIGITS) -> str:
    """The code of a step: RFC 4226's truncation of HMAC-SHA-1."""
    made = hmac.digest(base64.b32decode(secret), step.to_bytes(8, "big"), "sha1")
    offset = made[-1] & 0x0F
    number = int.from_bytes(made[offset : offset + 4], "big") & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def matching_step(secret: str, given: str, moment: datetime, after: int) -> int | None:
    """The step whose code was given, near the moment and after the last one that was used; None where there is none."""
    now = step_of(moment)
    near = range(max(now - _EITHER_WAY, after + 1), now + _EITHER_WAY + 1)
    found = [step for step in near if hmac.compare_digest(code(secret, step).encode(), given.encode())]
    return found[0] if found else None
