"""Train the dictionary that contents of entries are compressed with, on made-up applicants of the demonstration.

    python -m benchmarks.ledger.dictionary mlruns/demo FILE

What recurs in every entry (names of features, rules and columns, and the shape of an answer) then takes no room in it.
A dictionary that entries were written with is never changed: another one is another file, with an id of its own.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import orjson
import zstandard

from benchmarks.ledger.demonstration import applicants, assessor_of, questions
from service.assessing.stages import Assessed
from service.ledger.compression import DICTIONARY, LEVEL
from service.ledger.seal import body_text

APPLICANTS = 120
SIZE = 64_000
"""Bytes: more save less than 2 % of an entry."""


def contents(demonstration: Path) -> Iterator[bytes]:
    """Bodies and answers of the demonstration's last applicants."""
    with tempfile.TemporaryDirectory() as folder:
        assessor = assessor_of(demonstration, f"sqlite:///{folder}/ledger.db")
        for batch in questions(applicants(demonstration, APPLICANTS)):
            for answer in assessor.assess(assessor.gather(batch)):
                if isinstance(answer, Assessed):
                    yield body_text(answer.leaves)
                    yield orjson.dumps(answer.parts)


def main() -> None:
    """Train, write, and say how the last quarter of the applicants compresses with it and without."""
    held: list[bytes | bytearray | memoryview] = list(contents(Path(sys.argv[1])))
    rest = len(held) * 3 // 4
    plain = zstandard.ZstdCompressor(level=LEVEL)
    trained = zstandard.train_dictionary(SIZE, held[:rest], dict_id=DICTIONARY)
    with_it = zstandard.ZstdCompressor(level=LEVEL, dict_data=trained)
    for name, compressor in (("without", plain), ("with", with_it)):
        kept = 2 * sum(len(compressor.compress(one)) for one in held[rest:]) / (len(held) - rest)
        print(f"{name}: {kept / 1000:.1f} kB of body and answer")
    Path(sys.argv[2]).write_bytes(trained.as_bytes())


if __name__ == "__main__":
    main()
