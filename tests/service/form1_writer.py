"""Writes ledgers of form 1 with many small entries: version 0.1.0 (commit e10930e) frozen, and nothing of the product.

How an entry was hashed, locked and chained is repeated here for good, whatever becomes of the product. Out of ten
entries five are assessments, with an answer of some hundred bytes, two ask what would change one and one decides on
one, each under the key of its firm; a validation and a replay are about no firm. The first entry is the signing key's.
"""

import json
import os
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from hmac import digest as hmac
from itertools import islice
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from tests.service import form1
from tests.service.postgres import OWNER, Server

SUITE = "sha256-ed25519-1"
VERIFIER = "0" * 64
"""Where a checkpoint names the digest of the verifier of its time."""
BEGAN = datetime(2026, 11, 2, tzinfo=UTC)
SECONDS = 10
"""Between two entries."""
FIRMS = 500
CHECKPOINTS = 4
WIDTH = 256
"""Hashes in a tile of the tree."""
BATCH = 5000
BUNDLE, POLICY = "b" * 64, "c" * 64
CUT = {"form": "pledgescore-cut-1", "features": {}, "reasons": {}, "rules": {}, "proofs": {}}
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"))
Told = dict[str, Any]
Written = tuple[str, Told]
"""A table and a row of it."""


def plain(value: Any) -> Any:
    """The value with each float as the 16 hex digits of its bits."""
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items()}
    return [plain(part) for part in value] if isinstance(value, list) else value


def canonical(value: Any) -> bytes:
    """The one text of a value: keys by code point, no spaces, floats as the hex of their bits."""
    return _ENCODER.encode(plain(value)).encode()


@cache
def name_of(pointer: str) -> bytes:
    """A pointer as canonical text: the same come in every entry."""
    return canonical(pointer)


def tree_root(level: list[bytes]) -> bytes:
    """The Merkle tree hash of RFC 9162 over leaf hashes."""
    while len(level) > 1:
        pairs = (level[place : place + 2] for place in range(0, len(level), 2))
        level = [sha256(b"\x01" + b"".join(pair)).digest() if len(pair) == 2 else pair[0] for pair in pairs]
    return level[0]


def body_root(leaves: Mapping[str, bytes], secret: bytes) -> str:
    """The root over leaves in order of pointer, each salted with the HMAC of its pointer under the secret."""
    hashes = []
    for pointer in sorted(leaves):
        salt = hmac(secret, pointer.encode(), "sha256")
        hashes.append(sha256(b"\x00" + salt + b"[" + name_of(pointer) + b"," + leaves[pointer] + b"]").digest())
    return tree_root(hashes).hex()


def body_text(leaves: Mapping[str, bytes]) -> bytes:
    """The canonical object of the leaves."""
    return b"{" + b",".join(name_of(pointer) + b":" + leaves[pointer] for pointer in sorted(leaves)) + b"}"


def answer_leaves(answer: Told, sent: bytes) -> dict[str, bytes]:
    """The leaves of an answer: its parts, and the digest of the bytes that left; nothing was asked earlier.

    Of the parts that are cut by audience, an answer here holds `earlier` alone, which is empty for every reader.
    """
    leaves = {f"/answer/{part}": canonical(value) for part, value in answer.items() if part != "earlier"}
    leaves |= {"/answer/earlier/fund": b"[]", "/answer/earlier/bank": b"{}"}
    return leaves | {"/sent": canonical(sha256(sent).hexdigest())}


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass
class Ledger:
    """A ledger of form 1 while it is written: the end of its chain, the hashes of its tree, and its keys."""

    signer: Ed25519PrivateKey
    wrapping: bytes
    before: str = "0" * 64
    name: str = ""
    leaves: list[bytes] = field(default_factory=list)
    tiles: int = 0
    keys: dict[str, tuple[str, AESGCM]] = field(default_factory=dict)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Id, seal and firm of the newest assessments."""

    @property
    def public(self) -> str:
        """The signing key's public part in hex."""
        return self.signer.public_key().public_bytes_raw().hex()

    def entries(self, count: int) -> Iterator[Written]:
        """Rows of all tables for so many entries, with checkpoints on the way."""
        for seq in range(1, count + 1):
            at = BEGAN + timedelta(seconds=SECONDS * seq)
            if seq == 1:
                yield from self._key(seq, at)
            else:
                yield from _MAKERS[seq % len(_MAKERS)](self, seq, at)
            if seq * CHECKPOINTS % count < CHECKPOINTS and seq >= count // CHECKPOINTS:
                yield from self._checkpoint(seq, at)
        yield "ledger_head", {"id": 1, "size": count, "seal": self.before}

    def _entry(self, seq: int, at: datetime, kind: str, content: "Content") -> Iterator[Written]:
        """Seal an entry; before it the key of its firm, where that is new."""
        secret = os.urandom(32)
        leaves = {pointer: canonical(value) for pointer, value in content.leaves.items()}
        body, sent = body_text(leaves), None
        if content.answer is not None:
            sent = json.dumps(content.answer, ensure_ascii=False, separators=(",", ":")).encode()
            leaves |= answer_leaves(content.answer, sent)
        header = {"suite": SUITE, "before": self.before, "seq": seq, "at": time_text(at), "actor": "form1"}
        header |= {"kind": kind, "root": body_root(leaves, secret)}
        self.before = sha256(canonical(list(header.values()))).hexdigest()
        self.name = self.name or self.before
        self.leaves.append(sha256(b"\x00" + bytes.fromhex(self.before)).digest())
        held: Told = {"secret": secret, "body": body, "answer": sent, "key": None}
        if content.firm is not None:
            yield from self._firm_key(content.firm)
            held = self._locked(held, seq, content.firm)
        yield "ledger_entries", header | {"seal": self.before} | held

    def _firm_key(self, firm: str) -> Iterator[Written]:
        if firm in self.keys:
            return
        key, material, nonce = f"{len(self.keys):032x}", os.urandom(32), os.urandom(form1.NONCE)
        self.keys[firm] = (key, AESGCM(material))
        wrapped = AESGCM(self.wrapping).encrypt(nonce, material, f"firm_keys/{key}".encode())
        under = sha256(self.wrapping).digest()[:8]
        yield "firm_keys", {"id": key, "firm": firm, "material": form1.WRAPPED + under + nonce + wrapped}

    def _locked(self, held: Told, seq: int, firm: str) -> Told:
        key, cipher = self.keys[firm]
        nonces = {name: os.urandom(form1.NONCE) for name in form1.LOCKED}
        locked = {
            name: held[name] and nonce + cipher.encrypt(nonce, held[name], f"{seq}/{name}".encode())
            for name, nonce in nonces.items()
        }
        return held | locked | {"key": key}

    def _checkpoint(self, size: int, at: datetime) -> Iterator[Written]:
        """Full tiles, then a signed statement of size and root."""
        yield from self._tiles(size)
        statement = {
            "form": "pledgescore-checkpoint-1", "ledger": self.name, "size": size, "root": tree_root(self.leaves).hex(),
            "seal": self.before, "at": time_text(at), "verifier": VERIFIER, "suite": SUITE, "key": self.public,
        }  # fmt: skip
        text = canonical(statement)
        row = {name: statement[name] for name in ("size", "at", "key")}
        yield "ledger_checkpoints", row | {"text": text.decode(), "signature": self.signer.sign(text).hex()}

    def _tiles(self, size: int) -> Iterator[Written]:
        """Tiles of level 0 that became full, and at the end of the levels above what they give."""
        full = size // WIDTH
        for number in range(self.tiles, full):
            hashes = self.leaves[number * WIDTH : (number + 1) * WIDTH]
            yield "ledger_tiles", {"level": 0, "number": number, "hashes": b"".join(hashes)}
        for number in range(self.tiles // WIDTH, full // WIDTH):
            spans = range(number * WIDTH**2, (number + 1) * WIDTH**2, WIDTH)
            roots = [tree_root(self.leaves[first : first + WIDTH]) for first in spans]
            yield "ledger_tiles", {"level": 1, "number": number, "hashes": b"".join(roots)}
        self.tiles = full

    def _key(self, seq: int, at: datetime) -> Iterator[Written]:
        told = {"public": self.public, "before": None}
        content = Content({f"/key/{name}": value for name, value in told.items()})
        yield from self._entry(seq, at, "key", content)
        yield self._change(seq, at, "key", ("signing", told))

    def _change(self, seq: int, at: datetime, kind: str, change: tuple[str, Told]) -> Written:
        row = {"seq": seq, "kind": kind, "subject": change[0], "at": time_text(at), "actor": "form1"}
        return "changes", row | {"content": json.dumps(change[1]), "seal": self.before}

    def _assessment(self, seq: int, at: datetime) -> Iterator[Written]:
        firm, day, identity = f"row:{seq % FIRMS}", at.date().isoformat(), f"00000000-0000-4000-8000-{seq:012d}"
        case = {
            "case": f"case-{seq}",
            "firm": firm,
            "as_of": day,
            "application": "a1",
            "bank": "bank-1",
            "branch": "b1",
        }
        told = {"kind": "pledge", "as_of": day, "retrospective": False, "synthetic": True, "points": 512.5}
        told |= {"grade": "7", "expires_on": (at + timedelta(days=90)).date().isoformat()}
        probability = 0.01 + seq % 97 / 1000
        answer = {"id": identity, "asked_at": time_text(at), **told, "case": case, "pd": {"value": probability}}
        answer |= {
            "log_odds": -2.5,
            "base": {"points": 550.0, "meaning": {"zh": "起点", "en": "the starting point"}},
            "versions": {"bundle": BUNDLE, "policy": POLICY, "code": "0.1.0"},
            "earlier": [],
        }
        leaves = {
            "/asked": {name: case[name] for name in case if name != "branch"} | {"kind": "pledge"},
            "/contributions/bank": {"debt_ratio": 0.125 + seq, "staff": -0.25},
            "/cut": CUT,
            "/rows/firms/0/public": {"firm": firm, "known_on": day, "source_kind": "register", "staff": seq % 300},
        }
        yield from self._entry(seq, at, "assessment", Content(leaves, answer, firm))
        self.asked = [*self.asked[-9:], (identity, self.before, firm)]
        digests = {"firms": leaves["/rows/firms/0/public"], "asked": leaves["/asked"]}
        inputs = {name: sha256(canonical(leaf)).hexdigest()[:16] for name, leaf in digests.items()}
        row = told | {name: case[name] for name in ("case", "firm", "bank", "branch", "application")}
        row |= {"id": identity, "seq": seq, "asked_at": time_text(at), "probability": probability, "bundle": BUNDLE}
        yield "assessments", row | {"seal": self.before, "inputs": json.dumps(inputs)}

    def _what_if(self, seq: int, at: datetime) -> Iterator[Written]:
        identity, seal, firm = self.asked[-1]
        told = {"state": "none", "bundle": BUNDLE, "policy": POLICY, "offers": 0}
        leaves = {"/assessment": {"id": identity, "seal": seal}, "/what_if": told}
        yield from self._entry(seq, at, "what_if", Content(leaves, None, firm))
        yield "what_ifs", {"seq": seq, "assessment": identity, "at": time_text(at)}

    def _decision(self, seq: int, at: datetime) -> Iterator[Written]:
        identity, seal, firm = self.asked[0]
        told = {"outcome": "decline", "decider": "chief", "reason": "too little known", "seen": seal, "waived": []}
        told |= {"conditions": [], "stands": "referred", "better_in": [], "authority": 3}
        leaves = {"/assessment": {"id": identity, "seal": seal}, **{f"/decision/{n}": v for n, v in told.items()}}
        yield from self._entry(seq, at, "decision", Content(leaves, None, firm))
        row = {"seq": seq, "assessment": identity, "kind": "decision", "at": time_text(at), "seal": self.before}
        yield "acts", row | {"content": json.dumps(told)}

    def _validation(self, seq: int, at: datetime) -> Iterator[Written]:
        told = {"bundle": BUNDLE, "outcome": "signed", "findings": [f"finding {seq}"], "expires_on": "2027-06-30"}
        told |= {"by": "user:validator"}
        yield from self._entry(seq, at, "validation", Content({"/subject": BUNDLE, "/validation": told}))
        yield self._change(seq, at, "validation", (BUNDLE, told))

    def _replay(self, seq: int, at: datetime) -> Iterator[Written]:
        told = {"asked": seq % 7, "identical": seq % 7, "erased": 0, "differing": [], "not_asked": [], "code": "0.1.0"}
        yield from self._entry(seq, at, "replay", Content({"/replay": told}))


@dataclass(frozen=True)
class Content:
    """The leaves of a body by pointer, the answer that left (if any), and the firm under whose key both lie."""

    leaves: Told
    answer: Told | None = None
    firm: str | None = None


_MAKERS = (
    Ledger._replay, Ledger._validation, *(Ledger._assessment,) * 5, Ledger._what_if, Ledger._what_if, Ledger._decision,
)  # fmt: skip
"""By the last digit of an entry's number."""


def begin(keys: Path) -> Ledger:
    """A ledger to be written, with a signing key and a wrapping key of its own that lie in a new folder."""
    ledger = Ledger(Ed25519PrivateKey.generate(), os.urandom(32))
    keys.mkdir(mode=0o700)
    private = ledger.signer.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    public = ledger.signer.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for name, held in {
        "private.pem": private,
        "public.pem": public,
        "wrapping.key": ledger.wrapping.hex().encode(),
    }.items():
        (keys / name).write_bytes(held)
        (keys / name).chmod(0o600)
    return ledger


def write_sqlite(ledger: Ledger, count: int, file: Path) -> str:
    """Write so many entries into a new SQLite file; its URL."""
    before, after = form1.schema("sqlite")
    with sqlite3.connect(file) as connection:
        connection.executescript(before)
        connection.execute("INSERT INTO alembic_version VALUES ('0006')")
        for table, rows in _batches(ledger.entries(count)):
            places = ", ".join("?" * len(rows[0]))
            statement = f"INSERT INTO {table} ({_names(rows[0])}) VALUES ({places})"
            connection.executemany(statement, [list(row.values()) for row in rows])
        connection.commit()
        connection.executescript(after)
    connection.close()
    return f"sqlite:///{file}"


def write_postgresql(ledger: Ledger, count: int, server: Server, name: str) -> str:
    """Write so many entries into a new database of the server; its URL under the role that serves."""
    before, after = form1.schema("postgresql")
    server.execute("postgres", f"CREATE DATABASE {name}")
    with psycopg.connect(server.url(name, OWNER)) as connection, connection.cursor() as cursor:
        cursor.execute(before.encode())
        cursor.execute(b"INSERT INTO public.alembic_version VALUES ('0006')")
        for table, rows in _batches(ledger.entries(count)):
            with cursor.copy(f"COPY public.{table} ({_names(rows[0])}) FROM STDIN".encode()) as copying:
                for row in rows:
                    copying.write_row(list(row.values()))
        cursor.execute(after.encode())
    return server.url(name)


def _batches(written: Iterator[Written]) -> Iterator[tuple[str, list[Told]]]:
    """The rows by table, a bounded number at a time."""
    while part := list(islice(written, BATCH)):
        by_table: dict[str, list[Told]] = {}
        for table, row in part:
            by_table.setdefault(table, []).append(row)
        yield from by_table.items()


def _names(columns: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)
