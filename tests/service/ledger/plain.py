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
    first = ("suite", "before", "seq", "at", "actor", "kind", "root")
    second = ("form", "suite", "before", "seq", "at", "outer", "inner")
    names = second if entry.get("form", "").endswith("-2") else first
    return hashlib.sha256(canonical([entry[name] for name in names])).hexdigest()


def outer_secret(key: bytes, before: str, seq: int) -> bytes:
    """The secret of the outer leaves' salts, from the ledger's key and the entry's place."""
    return hmac.new(key, canonical([before, seq]), "sha256").digest()


def whole_body(body: dict[str, Any], answer: str | None) -> dict[str, Any]:
    """The leaves of an entry: those kept in its body and those that follow from the answer that left."""
    if answer is None:
        return body
    parts: dict[str, Any] = {}
    for name, value in json.loads(answer).items():
        pieces = cut(name, value, body["/cut"]) if "/cut" in body else None
        told = (
            {f"/answer/{name}/{own}": piece for own, piece in pieces.items()} if pieces else {f"/answer/{name}": value}
        )
        parts |= told
    return body | parts | {"/sent": hashlib.sha256(answer.encode()).hexdigest()}


def cut(part: str, value: Any, by: dict[str, Any]) -> dict[str, Any] | None:
    """The pieces of a part by audience; None for a part that is never cut."""
    if part in ("features", "reasons", "warnings"):
        names, field = by["reasons" if part == "reasons" else "features"], "name" if part == "features" else "feature"
        levels = [names.get(item.get(field), "fund") for item in value]
        bank = [(own, item) for own, item in zip(levels, value, strict=True) if own != "person"]
        pieces = {
            "fund": [item for own, item in bank if own == "fund"],
            "bank": {str(i): [item] for i, (own, item) in enumerate(bank) if own == "bank"},
            "person": {str(i): [item] for i, item in enumerate(value) if levels[i] == "person"},
        }
        return {own: piece for own, piece in pieces.items() if own == "fund" or own in names.values()}
    if part in ("findings", "recommendation"):
        fund, more = told_and_more(value, by) if value is not None else (None, {})
        return {"fund": fund, "bank": more}
    if part in ("patents", "lists", "earlier"):
        both = [told_and_more(item, by) for item in value]
        return {"fund": [told for told, _ in both], "bank": {str(i): more for i, (_, more) in enumerate(both)}}
    return None


def told_and_more(value: Any, by: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """What a fund is told of an object, or of a list by rule, and what the bank sees besides."""
    return of_list(value, by) if isinstance(value, list) else of_object(value, by)


def of_list(value: list[Any], by: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Findings, or codes of rules."""
    told: list[Any] = []
    more: dict[str, Any] = {}
    for place, item in enumerate(value):
        rule = item if isinstance(item, str) else item["rule"]
        if rule in by["rules"]:
            more[str(place)] = item if isinstance(item, str) else [item]
        elif rule in by["proofs"] and "proof" in item:
            more[str(place)] = {"proof": item["proof"]}
            told.append({name: own for name, own in item.items() if name != "proof"})
        else:
            told.append(item)
    return told, more


def of_object(value: dict[str, Any], by: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """A patent, a list that a firm is on, an earlier assessment, or the advice."""
    told, more = dict(value), {}
    for name, own in value.items():
        if name in ("findings", "passed", "not_applicable", "why_not", "because", "conditions"):
            told[name], more[name] = told_and_more(own, by)
        elif name == "changed":
            more[name] = told.pop(name)
        elif name == "carries" and own is not None and own.get("exclusion_reason") in by["rules"]:
            told[name] = {field: one for field, one in own.items() if field != "exclusion_reason"}
            more[name] = {"exclusion_reason": own["exclusion_reason"]}
    return told, more
