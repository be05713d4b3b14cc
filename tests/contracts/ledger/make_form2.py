"""How `form2.json` came about: made once, with `tests/service/ledger/plain.py`, and frozen since."""

import hashlib
import json
from pathlib import Path
from typing import Any

from tests.service.ledger import plain

KEY = bytes(range(32))
"""The ledger's key, from which the secrets of outer leaves follow."""
FILE, ACCOUNT = "f1" * 16, "ac" * 16
ASKED = {"kind": "pledge", "as_of": "2026-11-20"}
BODIES: list[tuple[str, str, dict[str, Any], str | None, bool]] = [
    ("opening", "service", {"/form": "pledgescore-entry-2", "/form1": {"n": 0, "seal": "0" * 64}}, None, False),
    (
        "assessment",
        ACCOUNT,
        {
            "/asked": ASKED,
            "/contributions/bank": "3fb999999999999abfd3333333333333",
            "/rows/patents/public": {"claims": [10, None], "patent": ["CN201510123456", "CN201510123457"]},
            "/rows/people/0/person": {"person": "person:7f"},
        },
        '{"pd":{"value":0.0123},"points":612}',
        True,
    ),
    ("closure", ACCOUNT, {"/outcome": "repaid", "/closed_on": "2027-11-20", "/loss": 0}, None, True),
]
"""Kind, actor, content, answer that left, and whether it is about the file and firm of bank 1."""


def entries() -> list[dict[str, Any]]:
    """A ledger of three entries, sealed one after another; fund-a has bank 1 in its scope, fund-b has not."""
    made: list[dict[str, Any]] = []
    in_file: list[str] = []
    for seq, (kind, actor, body, answer, about) in enumerate(BODIES, start=1):
        before = made[-1]["seal"] if made else "0" * 64
        secret = hashlib.sha256(f"secret {seq}".encode()).digest()
        last = in_file[-1] if in_file else None
        counted = about and kind == "assessment"
        outer = {
            "/actor": actor,
            "/kind": kind,
            "/file": {"id": FILE, "n": len(in_file) + 1, "before": last} if about else None,
            "/firm": {"n": 1, "before": None} if counted else None,
            "/scope/fund-a": True,
            "/scope/fund-b": kind == "opening",
        }
        own = plain.outer_secret(KEY, before, seq)
        entry = {
            "form": "pledgescore-entry-2",
            "suite": "sha256-ed25519-1",
            "before": before,
            "seq": seq,
            "at": f"2026-11-20T08:00:00.00000{seq}Z",
            "outer": plain.root(outer, own),
            "inner": plain.root(plain.whole_body(body, answer), secret),
            "outer_leaves": plain.canonical(outer).decode(),
            "outer_secret": own.hex(),
            "secret": secret.hex(),
            "body": plain.canonical(body).decode(),
            "answer": answer,
        }
        made.append(entry | {"seal": plain.seal(entry)})
        if about:
            in_file.append(made[-1]["seal"])
    return made


def heads(made: list[dict[str, Any]]) -> dict[str, Any]:
    """The root over the head of the one loan file, and over two: leaves in order of the digest of the file's id."""
    rows = [[FILE, 2, made[-1]["seal"], True], ["e2" * 16, 7, "ab" * 32, False]]
    leaves = sorted([hashlib.sha256(row[0].encode()).hexdigest(), *row[1:]] for row in rows)
    hashes = [hashlib.sha256(b"\x00" + plain.canonical(leaf)).digest() for leaf in leaves]
    return {"heads": rows, "leaves": leaves, "root": plain.tree(hashes).hex()}


if __name__ == "__main__":
    made = entries()
    vectors = {"key": KEY.hex(), "entries": made, "files": heads(made)}
    text = json.dumps(vectors, ensure_ascii=False, indent=1) + "\n"
    (Path(__file__).parent / "form2.json").write_text(text, encoding="utf-8")
