"""How `vectors.json` came about: made once, with `tests/service/ledger/plain.py`, and frozen since."""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.service.ledger import plain

VALUES: list[Any] = [
    None, True, 0, -1, 2**53, 0.0, -0.0, 1.0, 0.1, -2.5e-308, 1.7976931348623157e308, 5e-324,
    "", "专利权质押", "a\"b\\c/d\n\t\u0001\u007f", "é", "𝄞", [], {}, [1, 1.0, "1"],
    {"b": 1, "a": {"z": [None], "é": 0.5, "Z": False}, "𝄞": 1, "ﬀ": 2},
]  # fmt: skip

BODIES: list[tuple[str, dict[str, Any], str | None]] = [
    ("closure", {"/outcome": "repaid"}, None),
    ("decision", {"/assessment": "a1", "/outcome": "approve", "/amount": 500000000}, None),
    (
        "assessment",
        {
            "/asked": {"kind": "pledge", "as_of": "2026-11-20"},
            "/contributions": {"base": -3.25, "by": {"leverage": 0.1, "age": -0.30000000000000004}},
            "/rows/patents/0/public": {"patent": "CN201510123456", "claims": 10},
            "/rows/patents/0/bank": {"source": "extract"},
            "/rows/patents/1/public": {"patent": "CN201510123457"},
            "/rows/patents/10/public": {"patent": "CN201510123458"},
        },
        '{"pd":{"value":0.0123},"points":612,"reasons":[{"code":"R1","says":{"zh":"负债率","en":"leverage"}}]}',
    ),
]


def entries() -> list[dict[str, Any]]:
    """A ledger of three entries, sealed one after another."""
    made: list[dict[str, Any]] = []
    for seq, (kind, body, answer) in enumerate(BODIES, start=1):
        secret = hashlib.sha256(f"secret {seq}".encode()).digest()
        entry = {
            "suite": "sha256-ed25519-1",
            "before": made[-1]["seal"] if made else "0" * 64,
            "seq": seq,
            "at": f"2026-11-20T08:00:00.00000{seq}Z",
            "actor": "李明",
            "kind": kind,
            "secret": secret.hex(),
            "body": plain.canonical(body).decode(),
            "answer": answer,
            "root": plain.root(plain.whole_body(body, answer), secret),
        }
        made.append(entry | {"seal": plain.seal(entry)})
    return made


if __name__ == "__main__":
    values = [{"value": value, "canonical": plain.canonical(value).decode()} for value in VALUES]
    vectors = {"values": values, "entries": entries()}
    text = json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
    (Path(__file__).parent / "vectors.json").write_text(text, encoding="utf-8")
