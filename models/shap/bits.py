"""A float64 as 16 hex digits, so that a file can say a number to the last bit."""

import math
import struct

NAN_DIGITS = "7ff8000000000000"
"""The one way of writing *not known*, whatever bits the NaN had."""


def digits(value: float) -> str:
    """The big-endian IEEE 754 bits as 16 hex digits."""
    return NAN_DIGITS if math.isnan(value) else struct.pack(">d", value).hex()


def number(text: str) -> float:
    """The float64 that the 16 hex digits say."""
    value: float = struct.unpack(">d", bytes.fromhex(text))[0]
    return value
