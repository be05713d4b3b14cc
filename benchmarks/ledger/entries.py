"""What is written: leaves and answers of real assessments of 50 patents, and bare rows of the same bytes.

An answer comes to the ledger as the service hands it in: the bytes that leave, and its leaves as texts.
"""

import dataclasses
import os
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import orjson
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Column, Integer, LargeBinary, MetaData, Table

from service.ledger.actors import OPEN
from service.ledger.append import Draft
from service.ledger.contents import Content, Key, columns_of, packed
from service.ledger.kinds import Kind
from service.ledger.redaction import SENT, SentAnswer
from service.ledger.seal import Leaves, body_text

SAMPLES = 16
FIRMS = 64
FILE = "PLEDGESCORE_BENCHMARK_ENTRIES"
"""The environment variable that names the file of samples."""
BARE = Table(
    "bare",
    MetaData(),
    Column("id", Integer, primary_key=True, autoincrement=False),
    *(Column(name, LargeBinary, nullable=False) for name in ("secret", "body", "answer")),
)


def write_samples(file: Path) -> None:
    """Assess made-up applicants with a made-up bundle and keep what would be sealed, one JSON object a line."""
    from service.assessing.stages import Question
    from service.edge.settings import Settings
    from service.ledger.opening import open_database
    from service.ledger.stored_artifacts import StoredArtifacts
    from service.web.app import open_assessor
    from tests.service.conftest import NOON
    from tests.service.made import make_bundle, offering

    make_bundle(file.parent / "bundle", trees=300)
    artifacts = StoredArtifacts(open_database(f"sqlite:///{file.parent / 'enclosures.db'}"))
    assessor, _ = open_assessor(Settings(bundles=(file.parent / "bundle",)), lambda: NOON, artifacts)
    bodies = [orjson.dumps(offering(seed, 50, 4)) for seed in range(SAMPLES)]
    questions = [Question(body, NOON, NOON.date(), OPEN) for body in bodies]
    answers = assessor.assess(assessor.gather(questions))
    with file.open("wb") as lines:
        for answer in answers:
            assert not isinstance(answer, Exception)
            told = {"leaves": _texts(answer.leaves), "sent": answer.sent.text.decode()}
            lines.write(orjson.dumps({**told, "sent_leaves": _texts(answer.sent.leaves)}) + b"\n")


def draft_of(number: int) -> Draft:
    """A sample as it comes to the ledger: what is hashed and written follows from it."""
    draft = _samples()[number % SAMPLES]
    assert draft.answer is not None
    identity = b'"%d"' % number
    text = b'{"id":' + identity + draft.answer.text[draft.answer.text.index(b",") :]
    leaves = {**draft.answer.leaves, "/answer/id": identity, SENT: b'"%b"' % sha256(text).hexdigest().encode()}
    return dataclasses.replace(draft, answer=SentAnswer(text, leaves), firm=f"row:{number % FIRMS}")


def row_of(number: int) -> dict[str, object]:
    """The same bytes as a bare row, made beforehand."""
    return {"id": number, **_rows()[number % SAMPLES]}


def entry_bytes() -> float:
    """The mean size of a row, KiB."""
    return sum(len(value) for row in _rows() for value in row.values()) / SAMPLES / 1024


@cache
def _samples() -> tuple[Draft, ...]:
    return tuple(_read())


def _read() -> Iterator[Draft]:
    for line in Path(os.environ[FILE]).read_bytes().splitlines():
        told = orjson.loads(line)
        answer = SentAnswer(told["sent"].encode(), _bytes(told["sent_leaves"]))
        yield Draft(Kind.ASSESSMENT, OPEN, _bytes(told["leaves"]), answer=answer)


def _texts(leaves: Leaves) -> dict[str, str]:
    return {pointer: value.decode() for pointer, value in leaves.items()}


def _bytes(texts: dict[str, str]) -> Leaves:
    return {pointer: value.encode() for pointer, value in texts.items()}


@cache
def _rows() -> tuple[dict[str, bytes], ...]:
    key = Key("0" * 32, AESGCM(bytes(32)))
    contents = [
        Content(os.urandom(32), body_text(one.leaves), one.answer.text if one.answer else None) for one in _samples()
    ]
    locked = [columns_of(packed(content), 1, key) for content in contents]
    return tuple({"secret": row["secret"], "body": row["body"], "answer": row["answer"] or b""} for row in locked)
