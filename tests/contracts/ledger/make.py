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

PROOF = {"source": "officer 7", "seen_on": None, "age": None}
CUT_ANSWER: dict[str, Any] = {
    "pd": {"value": 0.0123},
    "features": [{"name": n, "value": v} for n, v in (("share", 0.5), ("overdue", 3.0), ("leverage", 0.7))],
    "reasons": [{"feature": n, "points": p} for n, p in (("overdue", -9.5), ("leverage", 2.0), ("share", 1.5))],
    "warnings": [{"code": "synthetic"}, {"code": "outside_training", "feature": "overdue"}],
    "findings": [
        {"rule": "listing", "proof": PROOF},
        {"rule": "arrears", "proof": None},
        {"rule": "tax", "proof": None},
    ],
    "recommendation": {
        "advice": "refer",
        "because": [{"rule": "arrears", "subject": "f"}],
        "conditions": [{"rule": "listing"}, {"rule": "tax"}],
    },
    "patents": [
        {
            "patent": "CN201510123456",
            "findings": [],
            "passed": ["tax", "arrears"],
            "not_applicable": ["listing"],
            "carries": {"carries": 0, "nothing": "arrears"},
        }
    ],
    "lists": [{"list": "park", "findings": [{"rule": "arrears", "proof": None}], "why_not": ["arrears"]}],
    "earlier": [{"seal": "ab", "changed": ["bureau"]}],
}
"""An answer with something for every audience in every part that is cut."""
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
    (
        "assessment",
        {
            "/asked": {"kind": "pledge", "as_of": "2026-11-20"},
            "/contributions/person": {"leverage": 0.1, "overdue": -0.25, "share": 0.5},
            "/cut": {
                "form": "pledgescore-cut-1",
                "features": {"overdue": "bank", "share": "person"},
                "reasons": {"overdue": "bank", "share": "person"},
                "rules": {"arrears": "bank"},
                "proofs": {"listing": "bank"},
            },
            "/rows/patents/0/public": {"patent": "CN201510123456"},
        },
        json.dumps(CUT_ANSWER, ensure_ascii=False, separators=(",", ":")),
    ),
]
"""Kind, body and answer of each entry; the last is cut by audience, as its leaf `/cut` says."""


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
