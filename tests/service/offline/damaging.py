"""Ways in which the file of a pack is damaged, by accident or by somebody who means it: none needs a key."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from random import Random

Members = dict[str, bytes]
DEEP = b"[" * 100_000


def zipped(members: Members, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """The members as a file."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    return out.getvalue()


def cut(members: Members, chance: Random) -> bytes:
    """Its end is missing."""
    text = zipped(members)
    return text[: chance.randrange(len(text))]


def flipped(members: Members, chance: Random) -> bytes:
    """Some bytes are others."""
    text = bytearray(zipped(members))
    for _ in range(chance.randrange(1, 20)):
        text[chance.randrange(len(text))] = chance.randrange(256)
    return bytes(text)


def list_spoiled(members: Members, chance: Random) -> bytes:
    """Bytes of the list of members, or of its end, are others."""
    text = bytearray(zipped(members))
    begins = text.rindex(b"PK\1\2") if chance.random() < 0.7 else len(text) - 22
    text[chance.randrange(begins, len(text))] = chance.randrange(256)
    return bytes(text)


def holed(members: Members, chance: Random) -> bytes:
    """A stretch is missing, or zero."""
    text = zipped(members)
    at, long = chance.randrange(len(text)), chance.randrange(1, 2000)
    return text[:at] + bytes(long if chance.random() < 0.5 else 0) + text[at + long :]


def packed_otherwise(members: Members, chance: Random) -> bytes:
    """Packed in a way that Python may know and the format does not."""
    return zipped(members, chance.choice((zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)))


def marked(members: Members, chance: Random) -> bytes:
    """Marked as encrypted, patched, of an unknown method or a huge size."""
    text = bytearray(zipped(members))
    place = text.rindex(b"PK\1\2")
    offset, value = chance.choice(((8, 1), (8, 0x20), (8, 0x40), (10, 99), (10, 95), (24, 2**32 - 1), (42, 2**31)))
    struct.pack_into("<I" if offset > 20 else "<H", text, place + offset, value)
    return bytes(text)


def other_json(members: Members, chance: Random) -> bytes:
    """A member that is JSON is another JSON, or none."""
    name = chance.choice([name for name in members if name.endswith((".json", ".jsonl"))])
    odd = (b"", b"{}", b"[]", b"null", b"NaN", b'{"manifest":1}', DEEP, b'{"a":' * 90_000, b"\xff\xfe", b"1" * 9000)
    return zipped(members | {name: chance.choice(odd)})


def odd_value(members: Members, chance: Random) -> bytes:
    """A value somewhere in what the pack says is of another type."""
    name = chance.choice([name for name in ("manifest.json", "pack.json") if name in members])
    told = json.loads(members[name])
    for _ in range(chance.randrange(1, 4)):
        _spoil(told, chance)
    return zipped(members | {name: json.dumps(told, sort_keys=True, separators=(",", ":")).encode()})


def _spoil(told: object, chance: Random) -> None:
    inner = told
    while True:
        keys = list(inner) if isinstance(inner, dict) else list(range(len(inner))) if isinstance(inner, list) else []
        if not keys:
            return
        key = chance.choice(keys)
        deeper = inner[key]  # type: ignore[index]
        if not isinstance(deeper, dict | list) or not deeper or chance.random() < 0.15:
            odd = (None, True, -1, 2**70, 1.5, "", "\x1b[2JAS SEALED", "\u202e", [], {}, [[[]]], {"a": 1})
            inner[key] = chance.choice(odd)  # type: ignore[index]
            return
        inner = deeper


def odd_name(members: Members, chance: Random) -> bytes:
    """A member under a name that a terminal or a file system would obey, or under one that is there."""
    name = chance.choice(("../up", "/root", "C:\\x", "\x1b[2J", "a" * 300, "é", "\u202egpj", "pack.jsoX", ".."))
    out = io.BytesIO(zipped(members))
    with zipfile.ZipFile(out, "a") as packed:
        packed.writestr(zipfile.ZipInfo(name), b"{}")
    return out.getvalue().replace(b"pack.jsoX", b"pack.json")


def bomb(members: Members, chance: Random) -> bytes:
    """A member that unpacks to far more than it is."""
    return zipped(members | {chance.choice(("manifest.json", "pack.json", "x")): bytes(70 * 2**20)})


def wrapped(members: Members, chance: Random) -> bytes:
    """Something stands before or behind it."""
    text, more = zipped(members), chance.randbytes(chance.randrange(1, 60))
    return chance.choice((text + more, more + text, text + text, text + b"PK\5\6" + more))


def no_zip(_: Members, chance: Random) -> bytes:
    """Anything else."""
    return chance.choice((b"", b"PK", b"PK\5\6" + bytes(18), chance.randbytes(500), zlib.compress(b"{}"), b"%PDF-1.7"))


WAYS: tuple[Callable[[Members, Random], bytes], ...] = (
    cut, flipped, list_spoiled, holed, packed_otherwise, marked, other_json, odd_value, odd_name, wrapped, no_zip,
)  # fmt: skip
