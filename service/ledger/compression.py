"""How contents of entries are compressed: zstandard, with a dictionary of what recurs in every entry.

A frame names its dictionary by id, and a dictionary in use is never changed: another one gets another id and lies
beside it. `benchmarks/ledger/dictionary.py` trains them. The seal covers the plain content: no proof changes.
"""

from functools import cache
from importlib.resources import files
from threading import local

import zstandard

DICTIONARY = 32_769
"""The id of the one that is written with; ids below 32,768 are for zstandard's registrar."""
LEVEL = 3
_PLACE = files("service.ledger") / "dictionaries"
_OWN = local()
"""Of each thread: a compressor serves one at a time."""


def compressed(plain: bytes) -> bytes:
    """One zstandard frame that states its size and its dictionary."""
    compressor = getattr(_OWN, "compressor", None)
    if compressor is None:
        compressor = _OWN.compressor = zstandard.ZstdCompressor(dict_data=_dictionary(DICTIONARY))
    return bytes(compressor.compress(plain))


def decompressed(held: bytes) -> bytes:
    """What a frame holds. Raises `ValueError` where it is no frame, or its dictionary is not here."""
    try:
        named = zstandard.get_frame_parameters(held).dict_id
        dictionary = _dictionary(named) if named else None
        return bytes(zstandard.ZstdDecompressor(dict_data=dictionary).decompress(held))
    except zstandard.ZstdError:
        raise ValueError("what was kept is not compressed") from None


@cache
def _dictionary(identity: int) -> zstandard.ZstdCompressionDict:
    """A dictionary that was shipped. Raises `ValueError` where there is none of that id."""
    file = _PLACE / f"{identity}.zdict"
    if not file.is_file():
        raise ValueError(f"compressed with a dictionary that is not here: {identity}")
    found = zstandard.ZstdCompressionDict(file.read_bytes())
    found.precompute_compress(level=LEVEL)
    return found
