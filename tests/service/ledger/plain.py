"""The ledger's format once more, written from its description alone, slowly and with the standard library only."""

import hashlib
import hmac
import json
import struct
from typing import Any


def canonical(value: Any) -> bytes:
    """Canonical text of JSON-like values."""
    return json.dumps(_hex_floats(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _hex_floats(value: Any) -> Any:
    if isinstance(value, float):
        return f"{struct.unpack('>Q', struct.pack('>d', value))[0]:016x}"
    if isinstance(value, dict):
        return {k: _hex_floats(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_hex_floats(v) for v in value]
    return value


def tree(hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, by its recursive definition."""
    if len(hashes) == 1:
        return hashes[0]
    k = 1
    while k * 2 < len(hashes):
        k *= 2
    return hashlib.sha256(b"\x01" + tree(hashes[:k]) + tree(hashes[k:])).digest()


def root(body: dict[str, Any], secret: bytes) -> str:
    """The root over a body's leaves."""
    hashes = []
    for pointer in sorted(body):
        salt = hmac.new(secret, pointer.encode(), "sha256").digest()
        hashes.append(hashlib.sha256(b"\x00" + salt + canonical([pointer, body[pointer]])).digest())
    return tree(hashes).hex()


def seal(entry: dict[str, Any]) -> str:
    """The seal of an entry given as its fields."""
    fields = [entry[name] for name in ("suite", "before", "seq", "at", "actor", "kind", "root")]
    return hashlib.sha256(canonical(fields)).hexdigest()


def whole_body(body: dict[str, Any], answer: str | None) -> dict[str, Any]:
    """The leaves of an entry: those kept in its body and those that follow from the answer that left."""
    if answer is None:
        return body
    parts = {f"/answer/{name}": value for name, value in json.loads(answer).items()}
    return body | parts | {"/sent": hashlib.sha256(answer.encode()).hexdigest()}
