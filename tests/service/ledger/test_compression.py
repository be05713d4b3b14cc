"""Contents of entries are compressed with a dictionary, which is kept as long as an entry names it."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from importlib.resources import files

import pytest
import zstandard

from service.ledger.compression import DICTIONARY, compressed, decompressed

SHIPPED = {32_769: "9bd239fc730810e71578b1882c973fb387f1b2e60221711e54f931d3d4e549b3"}
"""The digest of each dictionary by its id: entries that name it can be read with no other bytes."""
PLAIN = b'{"name":"asked_amount","value":180000000.0},{"rule":"register_extract","outcome":"unknown"}' * 3


def test_what_was_compressed_is_found_again() -> None:
    """Whatever it is, by many threads at once."""
    held = [b"", b"x", PLAIN, bytes(range(256)) * 999]
    with ThreadPoolExecutor(8) as many:
        assert list(many.map(lambda one: decompressed(compressed(one)), held * 50)) == held * 50


def test_a_dictionary_is_never_changed() -> None:
    """Each shipped one is the one that entries were written with; frames name it, and the one in use is among them."""
    folder = files("service.ledger") / "dictionaries"
    found = {int(file.name.removesuffix(".zdict")): sha256(file.read_bytes()).hexdigest() for file in folder.iterdir()}
    assert found == SHIPPED
    assert zstandard.get_frame_parameters(compressed(PLAIN)).dict_id == DICTIONARY


def test_it_makes_smaller_what_entries_are_made_of() -> None:
    """Names that recur in every entry take less than half of the room."""
    once = PLAIN[: len(PLAIN) // 3]
    assert 2 * len(compressed(once)) < len(zstandard.compress(once, 3))


def test_a_frame_without_dictionary_is_read() -> None:
    """Entries that were written before there was one stay readable."""
    assert decompressed(zstandard.compress(PLAIN)) == PLAIN


def test_what_cannot_be_read_says_why() -> None:
    """No frame, a cut frame, and a frame whose dictionary is not here."""
    other = zstandard.ZstdCompressionDict(
        zstandard.train_dictionary(2_000, [PLAIN[i:] + bytes([i]) * 9 for i in range(200)], dict_id=40_000).as_bytes()
    )
    frame = zstandard.ZstdCompressor(dict_data=other).compress(PLAIN)
    for held, why in ((b"no frame", "not compressed"), (compressed(PLAIN)[:-3], "not compressed"), (frame, "40000")):
        with pytest.raises(ValueError, match=why):
            decompressed(held)
