"""Ledgers of form 1: unpacks those of `tests/fixtures/form1` and restores them into SQLite or PostgreSQL.

This module depends on nothing of the product, so that it reads them however the product changes. What lies under a key
of a firm is packed as its nonce and plain text, which compress; locked again under the same key and nonce, it is
bit for bit what was written.
"""

import json
import sqlite3
import struct
import tarfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.service.postgres import OWNER, Server

FIXTURES = Path(__file__).parents[1] / "fixtures" / "form1"
LOCKED = ("secret", "body", "answer")
"""Columns of an entry that lie under its firm's key."""
NONCE = 12
"""Bytes of an AES-GCM nonce; it stands before what was encrypted with it."""
WRAPPED = b"\x00psk1\x00"
"""Begins a key that lies under the wrapping key; the 8 bytes behind it name that key."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
SPLIT = "-- rows are inserted here\n"
Row = dict[str, Any]


@dataclass(frozen=True)
class Fixture:
    """A ledger of form 1 as it lies unpacked in a folder, with the keys of its bank and fund."""

    place: Path
    database: str

    @property
    def expected(self) -> dict[str, Any]:
        """What the product of then said of every entry, assessment and pack."""
        told: dict[str, Any] = json.loads((self.place / "expected.json").read_bytes())
        return told

    @property
    def keys(self) -> Path:
        """The folder of the signing key and the wrapping key, with the retired public key."""
        return self.place / "keys"

    @property
    def checkpoints(self) -> list[dict[str, Any]]:
        """The signed checkpoints that the fund keeps, the first first."""
        return [json.loads(file.read_bytes()) for file in sorted((self.place / "fund").glob("checkpoint-*.json"))]

    @property
    def bank_keys(self) -> list[str]:
        """The bank's public keys in hex, the retired one first."""
        return list(self.expected["bank_keys"])

    @property
    def fund_key(self) -> str:
        """The fund's public key in hex."""
        return str(self.expected["fund_key"])

    def pack(self, name: str, folder: Path) -> Path:
        """A pack as a zip file in the folder: its members are those that were packed then, byte for byte."""
        file, members = folder / f"{name}.zip", self.place / "packs" / name
        with zipfile.ZipFile(file, "w") as packed:
            for member in sorted(one for one in members.rglob("*") if one.is_file()):
                packed.writestr(zipfile.ZipInfo(member.relative_to(members).as_posix(), _EPOCH), member.read_bytes())
        return file


def unpack(database: str, place: Path) -> Fixture:
    """Bring the fixture that was made on `sqlite` or `postgresql` into an empty folder."""
    with tarfile.open(FIXTURES / f"{database}.tar.xz") as packed:
        packed.extractall(place, filter="data")
    return Fixture(place, database)


def restore_sqlite(fixture: Fixture, file: Path) -> str:
    """Write the ledger into a new SQLite file; its URL."""
    before, after = schema("sqlite")
    with sqlite3.connect(file) as connection:
        connection.executescript(before)
        for table, columns, rows in tables(fixture):
            places = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({_names(columns)}) VALUES ({places})", rows)
        connection.commit()
        connection.executescript(after)
    connection.close()
    return f"sqlite:///{file}"


def restore_postgresql(fixture: Fixture, server: Server, name: str) -> str:
    """Write the ledger into a new database of the server; its URL under the role that serves."""
    before, after = schema("postgresql")
    server.execute("postgres", f"CREATE DATABASE {name}")
    with psycopg.connect(server.url(name, OWNER)) as connection, connection.cursor() as cursor:
        cursor.execute(before.encode())
        for table, columns, rows in tables(fixture):
            into = f"COPY public.{table} ({_names(columns)}) FROM STDIN"
            with cursor.copy(into.encode()) as copying:
                for row in rows:
                    copying.write_row(row)
        cursor.execute(after.encode())
        number_on(cursor)
    return server.url(name)


def number_on(cursor: psycopg.Cursor[Any]) -> None:
    """Let PostgreSQL number checkpoints on behind those that were copied."""
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence('public.ledger_checkpoints', 'number'), max(number)) "
        "FROM public.ledger_checkpoints HAVING max(number) IS NOT NULL"
    )


def schema(database: str) -> tuple[str, str]:
    """The statements that make the tables of form 1, and those that follow when the rows are in."""
    before, _, after = (FIXTURES / f"schema.{database}.sql").read_text(encoding="utf-8").partition(SPLIT)
    return before, after


def tables(fixture: Fixture) -> Iterator[tuple[str, list[str], Iterable[list[Any]]]]:
    """Each table's name, columns and rows as they were written."""
    ciphers = _ciphers(fixture)
    for file in sorted((fixture.place / "rows").glob("*.jsonl")):
        lines = file.read_text(encoding="utf-8").split("\n")[:-1]
        columns: list[str] = json.loads(lines[0])
        read = (json.loads(line) for line in lines[1:])
        yield file.stem, columns, [[value_of(cell, ciphers) for cell in row] for row in read]


def cell_of(value: Any) -> Any:
    """A value of a column as JSON: bytes as text where they are UTF-8, else in hex."""
    if not isinstance(value, bytes | memoryview):
        return value
    held = bytes(value)
    try:
        return {"utf8": held.decode()}
    except UnicodeDecodeError:
        return {"hex": held.hex()}


def value_of(cell: Any, ciphers: Mapping[str, AESGCM]) -> Any:
    """The value that a cell tells of, locked again where it was."""
    if not isinstance(cell, dict):
        return cell
    plain = cell["utf8"].encode() if "utf8" in cell else bytes.fromhex(cell["hex"])
    if "nonce" not in cell:
        return plain
    nonce = bytes.fromhex(cell["nonce"])
    return nonce + ciphers[cell["key"]].encrypt(nonce, plain, cell["bound"].encode())


def unlocked(value: bytes, key: str, bound: str, cipher: AESGCM) -> Row:
    """The cell of a locked value: what it says under the key, and the nonce that locks it again bit for bit."""
    nonce, plain = value[:NONCE], cipher.decrypt(value[:NONCE], value[NONCE:], bound.encode())
    return cell_of(plain) | {"nonce": nonce.hex(), "key": key, "bound": bound}


def firm_cipher(wrapping: bytes, key: str, material: bytes) -> AESGCM:
    """The cipher of a firm's key that lies under the wrapping key."""
    rest = material[len(WRAPPED) + 8 :]
    return AESGCM(AESGCM(wrapping).decrypt(rest[:NONCE], rest[NONCE:], f"firm_keys/{key}".encode()))


def _ciphers(fixture: Fixture) -> dict[str, AESGCM]:
    wrapping = bytes.fromhex((fixture.keys / "wrapping.key").read_text())
    columns, *rows = (
        json.loads(line) for line in (fixture.place / "rows" / "firm_keys.jsonl").read_text("utf-8").splitlines()
    )
    keys = [dict(zip(columns, row, strict=True)) for row in rows]
    return {
        key["id"]: firm_cipher(wrapping, key["id"], value_of(key["material"], {}))
        for key in keys
        if key["material"] is not None
    }


def _names(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)


def outcomes(answer: Mapping[str, Any]) -> list[list[Any]]:
    """Rule, subject, outcome and effect of every finding that an answer of form 1 tells, sorted.

    The findings are those of the firm, of lists and of patents; of a patent's rules that are passed or not applicable
    only the code is told, so their effect is None.
    """
    parts = [answer.get("findings", ()), *(one["findings"] for one in answer.get("lists", ()))]
    parts += [one["findings"] for one in answer.get("patents", ())]
    found = [[one["rule"], one["subject"], one["outcome"], one.get("effect", "info")] for part in parts for one in part]
    for patent in answer.get("patents", ()):
        found += [[rule, patent["patent"], "pass", None] for rule in patent["passed"]]
        found += [[rule, patent["patent"], "not_applicable", None] for rule in patent["not_applicable"]]
    return sorted(found, key=str)


def told_of(answer: Mapping[str, Any]) -> Row:
    """Numbers and codes of an answer of form 1, floats as the 16 hex digits of their bits; no words."""
    advice, limit = answer.get("recommendation"), answer.get("limit")
    return {
        "kind": answer["kind"],
        "probability": hex_of((answer.get("pd") or answer["admission"])["value"]),
        "log_odds": hex_of(answer["log_odds"]),
        "points": answer["points"],
        "grade": answer["grade"],
        "outcomes": outcomes(answer),
        "limit": None if limit is None else limit["amount"],
        "advice": None if advice is None else advice["advice"],
    }


def hex_of(number: float) -> str:
    """The 16 hex digits of a float64, big end first."""
    return struct.pack(">d", number).hex()


def float_of(digits: str) -> float:
    """The float64 of 16 hex digits."""
    number: float = struct.unpack(">d", bytes.fromhex(digits))[0]
    return number
