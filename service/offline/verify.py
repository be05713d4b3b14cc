"""Checks a pack of PledgeScore on a machine that has never seen it. Python 3.11 or later, standard library only.

    python3 -I verify.py PACK.zip --bank-key KEY [--fund-key KEY --fund NAME --checkpoint EARLIER.json --index FOLDER]

A KEY is given by the reader, as a key found in a pack proves nothing: a PEM file, 64 hex digits, or a file of lines
`HEX [since T] [until T] [revoked from T]` with the days that it was told. EARLIER is a checkpoint that the reader kept,
NAME the fund that reads, FOLDER its own record of what packs showed before. `--tell` prints the reasons shown and the
findings that weigh, in en or zh. Exit code 0: as sealed, and complete; 1: not as sealed; 2: misused; 3: incomplete;
4: holds what does not belong; 5: complete up to its checkpoint, and later entries are known.

Seals: leaf = H(0x00 || salt || [pointer,value]), node = H(0x01 || left || right), a tree as in RFC 9162; an entry's
seal = H([form,suite,before,seq,at,outer,inner]), of form 1 H([suite,before,seq,at,actor,kind,root]); the ledger is a
tree over the seals; signatures are Ed25519 (RFC 8032). The format: docs/format.md of the product.
"""

import argparse
import base64
import csv
import hashlib
import json
import math
import os
import re
import shutil
import struct
import sys
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

FORM, FORM_1 = "pledgescore-pack-2", "pledgescore-pack-1"
COMPLETE, NOT_AS_SEALED, MISUSED, INCOMPLETE, FOREIGN, LATER = range(6)  # exit codes
CHECKPOINT, RECEIPT = "pledgescore-checkpoint-1", "pledgescore-receipt-1"
HANDOVER, REVOCATION = "pledgescore-handover-1", "pledgescore-revocation-1"
ENTRY, ENTRY_1, SUITE = "pledgescore-entry-2", "pledgescore-entry-1", "sha256-ed25519-1"
TENTH = 0.1 + 1e-6  # of a point: what showing whole tenths that add up can move a part by
CLOSE = 1e-9  # of a log-odds: sums taken in another order differ in their last bits
NO_BYTES = "the answer's bytes as they left: not all of it is for this reader · 答复原文"
RAW = "what follows from the raw rows: that takes the product · 由原始数据重算"
NO_TREES = "log-odds from the trees, points by reason: not all features are for this reader · 由模型重算"
NOT_SHOWN = "features and reasons: the pack does not show them · 特征与理由"
NOT_ALL = "what the model said: the pack withholds a part of it · 模型结果：包内隐去其中一部分"
NO_FUND = "whether the fund countersigned: no --fund-key was given · 基金是否加签"
NO_NAME = "whether it was made for you: no --fund was given · 是否为贵方出具"
NOBODY = "what its list says beyond its checkpoint: its key is revoked since · 检查点以外的陈述：签署密钥此后已吊销"
NO_EARLIER = "whether history was exchanged before: no --checkpoint was given · 历史是否被替换"
UNCUT: Mapping[str, Any] = {"features": {}}  # an entry that does not say how it is cut withholds whole parts
MOST_BYTES = 2**31  # of a pack, unpacked
MOST_LINE, MOST_LINES = 2**23, 10**6  # bytes of an entry, and how many
MOST_NAMED = 20  # entries that a finding names
MOST_WHOLE = 2**26  # of a member that is read as a whole
MOST_NAMES = 2**22  # of the names of all members
MOST_OWN = 2**24  # of a file that the reader brings
MOST_SHOWN, MOST_PRINTED = 400, 10_000  # characters of a value, and of a line, that are printed
MOST_VALUES = 10**6  # of one JSON text
MOST_LISTED = 2**21  # bytes of the list of members, which is read before a signature is known
MOST_FINDINGS = 1000  # of one code
MOST_KEYS = 1000  # of a bank, in the days that it tells
MOST_LEAVES, MOST_DEPTH = 10**5, 500  # of a model's trees


class Wrong(Exception):
    """Something is not as it was sealed, or not as this program can read it; says what."""


class Misused(Exception):
    """A file or argument of the reader's own cannot be used."""


class Unreadable(Wrong):
    """The file is no pack, or not all of one."""


def readable(holds: bool, otherwise: str) -> None:
    """Raise `Unreadable` where it does not hold."""
    if not holds:
        raise Unreadable(otherwise)


def must(holds: bool, otherwise: str) -> None:
    """Raise `Wrong` where it does not hold."""
    if not holds:
        raise Wrong(otherwise)


# --- what is printed -------------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The text with whatever a terminal would obey, hide, reorder or stack written as an escape."""
    return "".join(one if _is_plain(one) else one.encode("unicode_escape").decode() for one in text)


def _is_plain(one: str) -> bool:
    if " " <= one <= "~":
        return True
    odd = unicodedata.category(one)[0] == "M" or unicodedata.bidirectional(one) in ("R", "AL", "AN")
    return one.isprintable() and not odd and BLANKS.match(one) is None


BLANKS = re.compile("[\u115f-\u11ff\u2800\u3164\ud7b0-\ud7ff\uffa0]")  # show nothing, or stand on the one before


def brief(told: Any, most: int = MOST_SHOWN) -> str:
    """A value that somebody else wrote, of bounded length."""
    text = told if isinstance(told, str) else repr(told)
    return text if len(text) <= most else f"{text[:most]}…({len(text)})"


def say(line: str) -> None:
    """Print a line, nothing of which can pass for another: broken by ourselves, so that only ours begin at the edge.

    Whatever the console cannot write stands as an escape; a reader who went away changes no exit code.
    """
    if sys.stdout is None:
        return
    try:
        for row in rows(plain(line[:MOST_PRINTED]), max(20, shutil.get_terminal_size((80, 24)).columns - 1)):
            print(row)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def rows(line: str, width: int) -> Iterator[str]:
    """The line in rows of so many columns, all but the first indented; a digest stays in one piece, to be searched."""
    row, taken = "", 0
    for one in DIGEST_OR_SIGN.findall(line):
        if taken + _columns(one) > width and (len(one) == 1 or row.strip()):
            head, space, rest = row.rpartition(" ")
            moved = len(one) == 1 and space and _columns(rest) < width / 3 and head.strip()
            head, rest = (head, rest) if moved else (row, "")
            yield head
            row = INDENT + rest
            taken = _columns(row)
        row, taken = row + one, taken + _columns(one)
    yield row


def _columns(text: str) -> int:
    """How many columns a text takes at most: terminals disagree, and newer ones widen signs, but none beyond two."""
    return sum(1 if one <= "~" else 2 for one in text)


INDENT = "        "
DIGEST_OR_SIGN = re.compile(r"(?<![0-9A-Za-z])[0-9a-f]{64}(?![0-9A-Za-z])|.", re.DOTALL)


def any_console() -> None:
    """Let the console write what it cannot as escapes, whatever its encoding."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")


# --- hashes, numbers and texts ---------------------------------------------------------------------------------------


def sha(*parts: bytes) -> bytes:
    """SHA-256 of the parts in a row."""
    return hashlib.sha256(b"".join(parts)).digest()


def parsed(text: bytes | str) -> Any:
    """A JSON value, of as many levels as Python reads. Raises `Wrong`."""
    data = text.encode(errors="surrogatepass") if isinstance(text, str) else text
    many = data.count(b"[") + data.count(b"{") + data.count(b",")
    must(many <= MOST_VALUES, "this JSON holds too many values")
    try:
        return json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as wrong:
        raise Wrong(f"this is no JSON that can be read: {brief(repr(wrong))}") from None


def _no_number(name: str) -> NoReturn:
    raise Wrong(f"{name} is no number of JSON")


def hexed(told: Any, size: int = 32) -> bytes:
    """So many bytes that are told as lower hex digits. Raises `Wrong`."""
    must(isinstance(told, str) and len(told) == 2 * size and not set(told) - HEX, f"no {size} bytes: {brief(told)}")
    return bytes.fromhex(told)


HEX = set("0123456789abcdef")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")


def moment(told: Any) -> datetime:
    """A time as entries carry it. Raises `Wrong`."""
    try:
        must(isinstance(told, str) and TIME.fullmatch(told) is not None, f"no time: {brief(told)}")
        return datetime.fromisoformat(told)
    except ValueError:
        raise Wrong(f"no time: {brief(told)}") from None


def whole(told: Any) -> int:
    """A whole number from 0 on. Raises `Wrong`."""
    must(type(told) is int and 0 <= told <= 2**53, f"no number of entries: {brief(told)}")
    return int(told)


def canonical(value: Any) -> bytes:
    """The one text of a JSON value: keys by code point, no spaces, a float64 as its 16 hex digits."""
    return json.dumps(
        _plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return struct.pack(">d", value).hex()
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def number(told: Any) -> float:
    """A number as canonical text carries it; null is NaN."""
    return (
        float(struct.unpack(">d", bytes.fromhex(told))[0])
        if isinstance(told, str)
        else float("nan" if told is None else told)
    )


def tree_root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes."""
    level = list(hashes)
    while len(level) > 1:
        level = [sha(b"\x01", *level[i : i + 2]) if i + 1 < len(level) else level[i] for i in range(0, len(level), 2)]
    return level[0]


def included(leaf: bytes, place: int, size: int, proof: Sequence[bytes]) -> bytes:
    """The root that a leaf hash at a place (from 0) leads to (RFC 9162 section 2.1.3.2). Raises `Wrong`."""
    must(0 <= place < size, "the entry lies outside the tree")
    at, last, root = place, size - 1, leaf
    for other in proof:
        must(last > 0, "the proof is too long")
        if at & 1 or at == last:
            root = sha(b"\x01", other, root)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = sha(b"\x01", root, other)
        at, last = at >> 1, last >> 1
    must(last == 0, "the proof is too short")
    return root


def consistent(earlier: int, size: int, old: bytes, new: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `size` entries begins with the earlier one (RFC 9162 section 2.1.4.2)."""
    if earlier == size:
        return old == new and not proof
    path = [old, *proof] if earlier & (earlier - 1) == 0 else list(proof)
    if not 0 < earlier < size or not path:
        return False
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first, second = sha(b"\x01", other, first), sha(b"\x01", other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = sha(b"\x01", second, other)
        at, last = at >> 1, last >> 1
    return last == 0 and first == old and second == new


# --- Ed25519 ---------------------------------------------------------------------------------------------------------

_P, _L = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, _P) % _P
Point = tuple[int, int, int, int]


def _add(a: Point, b: Point) -> Point:
    one, two = (a[1] - a[0]) * (b[1] - b[0]) % _P, (a[1] + a[0]) * (b[1] + b[0]) % _P
    three, four = 2 * a[3] * b[3] * _D % _P, 2 * a[2] * b[2] % _P
    e, f, g, h = two - one, four - three, four + three, two + one
    return e * f % _P, g * h % _P, f * g % _P, e * h % _P


def _times(factor: int, point: Point) -> Point:
    found: Point = (0, 1, 1, 0)
    while factor:
        if factor & 1:
            found = _add(found, point)
        point, factor = _add(point, point), factor >> 1
    return found


def _point(text: bytes) -> Point | None:
    """The point that 32 bytes stand for; None where it is none, or one of the eight of small order."""
    y, odd = int.from_bytes(text, "little") & 2**255 - 1, text[31] >> 7
    square = (y * y - 1) * pow(_D * y * y + 1, -1, _P) % _P
    x = pow(square, (_P + 3) // 8, _P)
    if (x * x - square) % _P:
        x = x * pow(2, (_P - 1) // 4, _P) % _P
    if y >= _P or (x * x - square) % _P or (x == 0 and odd):
        return None
    x = _P - x if x & 1 != odd else x
    found = x, y, 1, x * y % _P
    return None if _times(8, found)[0] % _P == 0 else found


_Y = 4 * pow(5, -1, _P) % _P
_BASE: Point = _point(_Y.to_bytes(32, "little")) or (0, 1, 1, 0)


def _text(point: Point) -> bytes:
    scale = pow(point[2], -1, _P)
    x, y = point[0] * scale % _P, point[1] * scale % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def public_of(seed: bytes) -> str:
    """The public key (64 hex digits) of a private one (32 bytes)."""
    return _text(_times(_scalar(seed)[0], _BASE)).hex()


def sign(seed: bytes, message: bytes) -> str:
    """The signature (128 hex digits) of a message by a private key. How long it takes tells of the key: sign alone."""
    scalar, prefix = _scalar(seed)
    nonce = int.from_bytes(hashlib.sha512(prefix + message).digest(), "little") % _L
    begins = _text(_times(nonce, _BASE))
    digest = hashlib.sha512(begins + bytes.fromhex(public_of(seed)) + message).digest()
    return (begins + ((nonce + int.from_bytes(digest, "little") * scalar) % _L).to_bytes(32, "little")).hex()


def _scalar(seed: bytes) -> tuple[int, bytes]:
    both = hashlib.sha512(seed).digest()
    return int.from_bytes(both[:32], "little") & (1 << 254) - 8 | 1 << 254, both[32:]


def signed(key: str, message: bytes, signature: str) -> bool:
    """Whether the signature (128 hex digits) of the message is that of the public key (64 hex digits)."""
    public, both = hexed(key), hexed(signature, 64)
    own, nonce, scalar = _point(public), _point(both[:32]), int.from_bytes(both[32:], "little")
    if own is None or nonce is None or scalar >= _L:
        return False
    factor = int.from_bytes(hashlib.sha512(both[:32] + public + message).digest(), "little") % _L
    left, right = _times(scalar, _BASE), _add(nonce, _times(factor, own))
    return not ((left[0] * right[2] - right[0] * left[2]) % _P or (left[1] * right[2] - right[1] * left[2]) % _P)


def read_key(text: str) -> str:
    """The public key of a PEM file, or the 64 hex digits themselves. Raises `Wrong`, `OSError`."""
    if re.fullmatch("[0-9a-fA-F]{64}", text) and not Path(text).exists():
        key = text.lower()
    else:
        found = PEM.fullmatch(own(Path(text)))
        der = base64.b64decode(b"".join(found[1].split())) if found and len(found[1]) < 200 else b""
        must(der[:12].hex() == "302a300506032b6570032100" and len(der) == 44, f"{text} holds no Ed25519 public key")
        key = der[12:].hex()
    must(_point(bytes.fromhex(key)) is not None, f"{brief(text)} is a key that everybody could sign for")
    return key


PEM = re.compile(rb"\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]*)-----END PUBLIC KEY-----\s*")


def own(file: Path, most: int = MOST_OWN) -> bytes:
    """A file that the reader brings. Raises `Wrong` where it is none, or too large, `OSError`."""
    must(file.is_file(), f"{file} is no file")
    with file.open("rb") as held:
        text = held.read(most + 1)
    must(len(text) <= most, f"{file} is too large")
    return text


def check_signed(told: Mapping[str, Any], what: str, form: str, keys: Sequence[str]) -> dict[str, Any]:
    """The statement of a signed object, whose key is one that the reader gave. Raises `Wrong`."""
    statement = signed_as(told, what, form, keys)
    moment(statement.get("at"))
    return statement


def signed_as(told: Any, what: str, form: str, keys: Sequence[str] | None = None) -> dict[str, Any]:
    """The statement of a signed object, by one of the keys (None: by the one that it names). Raises `Wrong`."""
    must(isinstance(told, dict) and set(told) == {what, "signature"}, f"there is no {what}")
    statement = told[what]
    must(isinstance(statement, dict) and statement.get("form") == form, f"the {what} is in another form")
    key = statement.get("key")
    must(keys is None or key in keys, f"the {what} is signed with the key {brief(key)}, which is none of those given")
    must(signed(str(key), canonical(statement), told["signature"]), f"the signature of the {what} is wrong")
    return dict(statement)


def check_checkpoint(told: Any, keys: Sequence[str]) -> dict[str, Any]:
    """The statement of a signed checkpoint, each member of the type that it must have. Raises `Wrong`."""
    statement = check_signed(told, "checkpoint", CHECKPOINT, keys)
    must(whole(statement.get("size")) > 0, "the checkpoint covers nothing")
    for name in ("ledger", "root", "seal"):
        hexed(statement.get(name))
    return statement


# --- the days of keys ------------------------------------------------------------------------------------------------


class Days(NamedTuple):
    """When a key counts: from its first to its last moment, and no more from when it is revoked. Empty: not known."""

    since: str = ""
    until: str = ""
    revoked: str = ""

    def narrowed(self, other: "Days") -> "Days":
        """What both say."""
        ends = [min(filter(None, pair), default="") for pair in zip(self[1:], other[1:], strict=True)]
        return Days(max(self.since, other.since), *ends)


def read_keys(texts: Iterable[str]) -> tuple[list[str], dict[str, Days]]:
    """The public keys that the reader gives, and the days that it was told of them. Raises `Wrong`, `OSError`."""
    days: dict[str, Days] = {}
    for text in texts:
        for key, told in _given(text):
            days[key] = days.get(key, Days()).narrowed(told)
    return list(days), days


def _given(text: str) -> Iterator[tuple[str, Days]]:
    """A key, or those of a file with a line each."""
    if KEY_LINE.fullmatch(text) is None or Path(text).exists():
        held = own(Path(text))
        if held.lstrip().startswith(b"-----"):
            yield read_key(text), Days()
            return
        lines = [line.partition("#")[0].strip() for line in held.decode(errors="replace").splitlines()]
    else:
        lines = [text]
    must(any(lines), f"{text} names no key")
    for line in filter(None, lines):
        found = KEY_LINE.fullmatch(line)
        must(found is not None, f"{brief(text)}: this line names no key and its days: {brief(line)}")
        key, *told = found.groups() if found else ()
        yield read_key(key), Days(*(_when(at) if at else "" for at in told))


KEY_LINE = re.compile(r"([0-9a-fA-F]{64})(?: +since (\S+))?(?: +until (\S+))?(?: +revoked from (\S+))?")


def _when(text: str) -> str:
    """A moment with its zone, as times of entries are written. Raises `Wrong`."""
    try:
        at = datetime.fromisoformat(text)
        must(at.tzinfo is not None, f"{brief(text)} says no zone: write 2026-11-20T08:00+08:00")
        return at.astimezone(UTC).strftime(AS_TOLD)
    except (ValueError, OverflowError):
        raise Wrong(f"{brief(text)} is no moment: write 2026-11-20T08:00+08:00") from None


def key_list(statement: Mapping[str, Any]) -> dict[str, Days]:
    """The days of the bank's keys as a signed statement tells them, in order: the one that signs is in force.

    Empty where it tells none, as older ones do. Raises `Wrong`.
    """
    told, found = statement.get("keys"), dict[str, Days]()
    if told is None:
        return found
    must(isinstance(told, list) and 0 < len(told) <= MOST_KEYS, "the days of keys are no list")
    last = ""
    for one in told:
        must(isinstance(one, dict) and set(one) == KEY_DAYS, "the days of a key are in another form")
        times = [one[name] for name in ("since", "until", "revoked_from")]
        for at in filter(lambda at: at is not None, times):
            moment(at)
        key = hexed(one["key"]).hex()
        must(bool(times[0]) and key not in found, "the days of a key stand there twice, or without the first")
        must(not found or times[0] == last, "the days of keys do not follow each other")
        found[key], last = Days(*(at or "" for at in times)), times[1]
    in_force = list(found.items())[-1]
    must(in_force[0] == statement.get("key"), "it is signed with another key than the one that it says is in force")
    must(not any(in_force[1][1:]), "the key that it says is in force is none any more")
    return found


KEY_DAYS = {"key", "since", "until", "revoked_from"}


def check_list(before: Mapping[str, Any], after: Mapping[str, Any], what: str) -> None:
    """A later statement tells the keys that an earlier one told, and revokes none of them less. Raises `Wrong`."""
    old, new = key_list(before), key_list(after)
    same = list(old) == list(new)[: len(old)]
    for key, days in old.items() if same else ():
        later = new[key]
        same = same and days.since == later.since and days.until in ("", later.until)
        same = same and (not days.revoked or "" < later.revoked <= days.revoked)
    must(same, f"the days of the bank's keys are told otherwise than {what} told them: a key or a revocation is hidden")


def check_days(days: Days, at: str, what: str) -> None:
    """What is dated so was signed within the days of its key; a revocation is looked at apart. Raises `Wrong`."""
    must(at >= days.since, f"the {what} is dated {at}, before its key was in force, which it is since {days.since}")
    held = not days.until or at <= days.until
    must(held, f"the {what} is dated {at}, and its key was exchanged for another at {days.until}")


def check_signers(
    pack: "Pack", checkpoint: Mapping[str, Any], receipt: Mapping[str, Any] | None, known: Mapping[str, Days]
) -> Iterator[str]:
    """The keys of checkpoint and list counted on their days; finds what a revoked key leaves open. Raises `Wrong`."""
    own, at = known.get(checkpoint["key"], Days()), checkpoint["at"]
    if receipt is not None and (at < own.since or at > (own.until or at)):
        text = f"the checkpoint is dated {at}, which is none of the days of its key, and the fund countersigned it at"
        text += f" {receipt['at']} all the same: who is wrong cannot be told"
        pack.find(INCOMPLETE, "outside_days", text, "检查点不在其密钥的有效期内，但基金已加签，无法判断何者有误")
    else:
        check_days(own, at, "checkpoint")
    if own.revoked:
        yield from _check_revoked(pack, at, receipt, own.revoked)
    lists, listed_at = known.get(pack.manifest["key"], Days()), pack.manifest["at"]
    if (lists.revoked and listed_at >= lists.revoked) or (lists.until and listed_at > lists.until):
        ended = min(filter(None, lists[1:]))
        text = f"the list of members is dated {listed_at}, and its key counts no more from {ended} on: a thief may have"
        text += " put it together; ask the bank for the pack anew"
        pack.find(INCOMPLETE, "ended_list", text, "清单的签署密钥已停用或吊销，请向银行重新索取")
    elif lists.revoked:
        pack.unsaid[NOBODY] += 1
    listed = key_list(pack.manifest)
    for key, days in pack.days.items():
        told = key == pack.manifest["key"] or key not in listed or listed[key].revoked
        if days.revoked and not told and pack.manifest["at"] >= days.revoked:
            text = (
                f"you were told that the key {key} is revoked from {days.revoked} on, and this pack tells nothing of it"
            )
            pack.find(INCOMPLETE, "revocation_untold", text, "您所知的密钥吊销，本包未载明")


def _check_revoked(pack: "Pack", at: str, receipt: Mapping[str, Any] | None, since: str) -> Iterator[str]:
    """A checkpoint stands whose key was revoked later, where the fund countersigned it before. Raises `Wrong`."""
    if receipt is not None and at < since and receipt["at"] < since:
        yield f"its key is revoked from {since} on; the fund countersigned it before: it stands · 吊销前已加签，仍有效"
    elif receipt is not None:
        text = (
            f"the checkpoint's key counts no more from {since} on, and the fund countersigned only at {receipt['at']}"
        )
        text += ": whether the bank or a thief signed it cannot be told; ask for a pack under a newer checkpoint"
        pack.find(INCOMPLETE, "revoked_since", text, "加签晚于密钥吊销时点，无法判断签署者是银行还是盗用者")
    else:
        text = f"the checkpoint is dated {at}, and nothing counts that its key signed from {since} on: it was revoked"
        must(at < since, f"{text} (--fund-key shows whether the fund countersigned it)")
        text = f"the checkpoint says that it was signed at {at}, before its key was revoked from {since} on, and nobody"
        text += " countersigned it before: a thief can date back; ask for a pack under a newer checkpoint"
        pack.find(INCOMPLETE, "revoked_unwitnessed", text, "检查点的密钥已吊销，且吊销前无人加签，无法排除倒签")


def check_key_entry(shown: "Shown", listed: Mapping[str, Days]) -> None:
    """An entry about the signing key says what the signed list of days says. Raises `Wrong`."""
    told = {pointer.rpartition("/")[2]: value for pointer, value in shown.leaves.items()}
    if told.get("revocation") is not None:
        statement = signed_as(told["revocation"], "revocation", REVOCATION)
        key, since, signer = str(statement.get("revoked")), str(statement["from"]), listed.get(statement["key"], Days())
        moment(since)
        within = "" < signer.since <= shown.at and (not signer.until or shown.at <= signer.until)
        must(not listed or within, f"entry {shown.seq} revokes a key, signed with one that was not in force")
        good = not listed or "" < listed.get(key, Days()).revoked <= since
        must(good, f"entry {shown.seq} revokes a key, and the checkpoint does not say so")
    elif isinstance(told.get("public"), str):
        key = told["public"]
        must(not listed or key in listed, f"entry {shown.seq} names a signing key that the checkpoint does not list")
        same = not listed or listed[key].since == shown.at
        must(same, f"entry {shown.seq} names a signing key since another moment than the checkpoint says")
        if told.get("handover") is not None:
            statement = signed_as(told["handover"], "handover", HANDOVER)
            good = statement["key"] == told.get("before") and statement.get("to") == key
            must(good, f"entry {shown.seq} hands over another key than it names")


# --- the trees of a model --------------------------------------------------------------------------------------------


Row = Sequence[float]
Split = tuple[int, int, float, tuple[int, ...]]  # feature, decision type, threshold, bits of categories
Leaf = tuple[float, list[tuple[Split, bool, float]]]  # value, and per step the side taken and the share of rows there
TREE = "left_child right_child internal_count leaf_count split_feature decision_type cat_boundaries cat_threshold"


def leaves_of(model: str) -> list[Leaf]:
    """Every leaf of LightGBM's text: its value, and per step the split, the side taken and the share of rows there."""
    head, *sections = model.split("\nTree=")
    must("num_tree_per_iteration=1" in head.splitlines(), "the model has several classes")
    found: list[Leaf] = []
    for section in sections:
        lines = section.partition("\nend of trees")[0].splitlines()
        told = dict(line.split("=", 1) for line in lines if "=" in line)
        values = [float(v) for v in told["leaf_value"].split()]
        left, right, inner, outer, features, kinds, cuts, words = (
            [int(v) for v in told.get(name, "").split()] for name in TREE.split()
        )
        thresholds = [float(v) for v in told.get("threshold", "").split()]
        waiting: list[tuple[int, list[Any]]] = [(0 if features else -1, [])]
        while waiting:
            node, steps = waiting.pop()
            must(len(found) < MOST_LEAVES and len(steps) <= MOST_DEPTH, "the model is too large to be recomputed")
            if node < 0:
                found.append((values[~node], steps))
                continue
            place = int(thresholds[node]) if kinds[node] & 1 else 0
            bits = tuple(words[cuts[place] : cuts[place + 1]]) if kinds[node] & 1 else ()
            split = (features[node], kinds[node], thresholds[node], bits)
            for side, child in ((True, right[node]), (False, left[node])):
                must(child < 0 or child > node, "a tree of the model leads back into itself")
                share = (inner[child] if child >= 0 else outer[~child]) / inner[node]
                waiting.append((child, [*steps, (split, side, share)]))
    return found


def goes_right(split: Split, row: Row) -> bool:
    """Which side a split sends a row to, as LightGBM decides it."""
    feature, kind, threshold, bits = split
    value = row[feature]
    if kind & 1:
        place = -1 if math.isnan(value) or value < 0 else int(value)
        return not (0 <= place < 32 * len(bits) and bits[place // 32] >> place % 32 & 1)
    missing = kind >> 2 & 3
    if math.isnan(value) and missing != 2:
        value = 0.0
    if (missing == 1 and abs(value) <= 1e-35) or (missing == 2 and math.isnan(value)):
        return not kind & 2
    return bool(value > threshold)


def explained(leaves: Iterable[Leaf], row: Row, against: Sequence[Row] = ()) -> tuple[float, float, list[float]]:
    """Margin, base and Shapley values: an unknown feature follows the training rows on the path, or other rows."""
    margin, base, moved = 0.0, 0.0, [0.0] * len(row)
    for value, steps in leaves:
        met, ways = meets(steps, row), Counter(tuple(meets(steps, other).items()) for other in against)
        cover: dict[int, float] = {}
        for split, _, share in steps:
            cover[split[0]] = cover.get(split[0], 1.0) * share
        margin += value * math.prod(met.values())
        for way, count in (ways or {tuple(cover.items()): 1}).items():
            likely, part = dict(way), value * count / (len(against) or 1)
            base += part * math.prod(likely.values())
            for one, own in met.items():
                if own != likely[one]:
                    others = [(met[k], likely[k]) for k in met if k != one]
                    moved[one] += part * (own - likely[one]) * _weight(others)
    return margin, base, moved


def meets(steps: Sequence[tuple[Split, bool, float]], row: Row) -> dict[int, float]:
    """Of each feature on a path, 1 where the row takes every step about it and 0 where not."""
    met: dict[int, float] = {}
    for split, side, _ in steps:
        met[split[0]] = met.get(split[0], 1.0) * (goes_right(split, row) == side)
    return met


def _weight(others: Sequence[tuple[float, float]]) -> float:
    """The integral over t from 0 to 1 of the product of met·t + likely·(1 - t): the weights of Shapley's subsets."""
    terms = [1.0]
    for met, likely in others:
        terms = [
            (terms[i] * likely if i < len(terms) else 0.0) + (terms[i - 1] * met if i else 0.0)
            for i in range(len(terms) + 1)
        ]
    many = len(others)
    return math.fsum(term / ((many + 1) * math.comb(many, i)) for i, term in enumerate(terms))


# --- what a pack says ------------------------------------------------------------------------------------------------


class Archive:
    """A zip as packs are: stored or deflated members of bounded size under plain names, nothing before or behind."""

    def __init__(self, file: Path) -> None:
        with file.open("rb") as held:
            end = held.seek(0, os.SEEK_END)
            held.seek(max(0, end - 42))
            tail = held.read()
        readable(
            len(tail) >= 22 and tail[-22:-18] == b"PK\5\6" and tail[-2:] == b"\0\0", "it does not end as a zip does"
        )
        readable(tail[:4] != b"PK\6\7", "it is a zip of another layout (Zip64)")
        size, place = struct.unpack("<II", tail[-10:-2])
        readable(size <= MOST_NAMES and size + place + 22 == end, "its list of members is not whole, or too long")
        self.zip = zipfile.ZipFile(file)
        listed = self.zip.infolist()
        self.digests: dict[str, str] = {}
        self.members = {one.filename: one for one in listed}
        readable(len(self.members) == len(listed), "a name stands twice in the pack")
        readable(sum(one.file_size for one in listed) < MOST_BYTES, "the pack is too large")
        for one in listed:
            readable(NAME.fullmatch(one.filename) is not None, f"no name of a member: {brief(one.filename)}")
            readable(
                one.compress_type in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED), f"{one.filename} is packed otherwise"
            )
            readable(not one.flag_bits & 0x2061, f"{one.filename} is encrypted or patched")

    def read(self, name: str, most: int = MOST_WHOLE) -> bytes:
        """A member as a whole. Raises `Unreadable`."""
        readable(name in self.members, f"{name} is missing")
        readable(self.members[name].file_size <= most, f"{name} is too large")
        return b"".join(self.pieces(name))

    def pieces(self, name: str) -> Iterator[bytes]:
        """A member piece by piece; its digest is known behind the last."""
        digest = hashlib.sha256()
        with self.zip.open(name) as member:
            while piece := member.read(65536):
                digest.update(piece)
                yield piece
        self.digests[name] = digest.hexdigest()

    def lines(self, name: str) -> Iterator[bytes]:
        """A member line by line. Raises `Unreadable`."""
        held = b""
        for piece in self.pieces(name):
            *whole_ones, held = (held + piece).split(b"\n")
            yield from whole_ones
            readable(len(held) <= MOST_LINE, f"a line of {name} is too long")
        readable(not held, f"{name} ends within a line")


STORED = re.compile(r"(bundles/[0-9a-f]{64}/[A-Za-z0-9._-]+|policies/[0-9a-f]{64}[.]json)")  # by digest
NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")


class Conclusion(NamedTuple):
    """Why a pack is not simply complete: the exit code that it leads to, a code, and a sentence in both languages."""

    exit: int
    code: str
    text: str


class Pack:
    """The members of a pack, each as the bank's signed list names it; `findings` and `unsaid` grow while it is read."""

    def __init__(self, file: Path, keys: Sequence[str]) -> None:
        self.archive = Archive(file)
        self.findings: list[Conclusion] = []
        self.unsaid: Counter[str] = Counter()
        self.index: Index | None = None
        self.firm = ""
        """The firm that the reader asks about; empty: none."""
        self.days: Mapping[str, Days] = {}
        """The days of the bank's keys that the reader was told."""
        self.listed: Mapping[str, Days] = {}
        """Those that the checkpoint tells."""
        self._bundles: dict[str, dict[str, str]] = {}
        self._policies: set[str] = set()
        self.counted: Counter[str] = Counter()
        self.needed = {"manifest.json", "pack.json", "verify.py", "catalogue.json"}
        listed = self.json("manifest.json", MOST_LISTED)
        self.first = isinstance(listed.get("manifest"), dict) and listed["manifest"].get("form") == FORM_1
        self.manifest = check_signed(listed, "manifest", FORM_1 if self.first else FORM, keys)
        names = self.archive.members.keys() - {"manifest.json"}
        must(names == set(self.manifest["members"]), "the members are not those that the bank signed")
        self.told = self.json("pack.json")
        about, reader = self.told.get("about"), self.told.get("reader")
        must(self.first or (isinstance(about, dict) and isinstance(reader, dict)), "it does not say what it is about")
        self.about: dict[str, Any] = dict(about or {})
        self.reader: dict[str, Any] = {"for": reader, "fund": None} if self.first else dict(reader or {})
        if not self.first:
            same = all(canonical(self.manifest[name]) == canonical(self.told[name]) for name in ("about", "reader"))
            must(same, "it says otherwise what it is about than the bank signed")
            told = [name for name in ("file", "assessment", "period") if self.about.get(name) is not None]
            must(len(told) == 1 and isinstance(self.about[told[0]], str), "it is not about one thing")
            reads, fund = self.reader.get("for"), self.reader.get("fund")
            must(reads in SEES and (fund is None or isinstance(fund, str)), "it does not say for whom it is")

    def find(self, code: int, name: str, en: str, zh: str) -> None:
        """One finding more; of very many of a kind the first are told."""
        self.counted[name] += 1
        if self.counted[name] < MOST_FINDINGS:
            self.findings.append(Conclusion(code, name, f"{brief(en, MOST_PRINTED // 4)} · {zh}"))
        elif self.counted[name] == MOST_FINDINGS:
            self.findings.append(Conclusion(code, name, "and more of the same · 另有更多同类情形"))

    def holds(self, name: str) -> bool:
        """Whether there is such a member."""
        return name in self.archive.members

    def read(self, name: str, most: int = MOST_WHOLE) -> bytes:
        """A member as a whole, which is the one that the bank signed. Raises `Wrong`."""
        text = self.archive.read(name, most)
        self.needed.add(name)
        if name != "manifest.json":
            self.check_member(name)
        return text

    def check_member(self, name: str) -> None:
        """What was read is what the bank signed. Raises `Wrong`."""
        must(self.archive.digests.get(name) == self.manifest["members"][name], f"{name} is not what the bank signed")

    def finish(self) -> None:
        """Every member, also those that nothing was read of, is what the bank signed. Raises `Wrong`."""
        for name in self.manifest["members"]:
            if name not in self.archive.digests:
                for _ in self.archive.pieces(name):
                    pass
            self.check_member(name)
            if not self.first and name not in self.needed and STORED.fullmatch(name) is None:
                self.find(FOREIGN, "member", f"{name} belongs to no entry of the pack", f"成员 {name} 与包内条目无关")

    def json(self, name: str, most: int = MOST_WHOLE) -> dict[str, Any]:
        """A member that is a canonical JSON object. Raises `Wrong`."""
        text = self.read(name, most)
        told = parsed(text)
        must(isinstance(told, dict) and canonical(told) == text, f"{name} is not in canonical form")
        return dict(told)

    def entries(self) -> Iterator[dict[str, Any]]:
        """Its entries, one at a time. Raises `Wrong`."""
        if self.first:
            yield from self.told["entries"]
            return
        count = 0
        for name in sorted(one for one in self.archive.members if one.startswith("entries/")):
            self.needed.add(name)
            for line in self.archive.lines(name):
                count += 1
                readable(count <= MOST_LINES, "it holds too many entries")
                told = parsed(line)
                must(isinstance(told, dict) and canonical(told) == line, "an entry is no object in canonical form")
                yield told
            self.check_member(name)

    def beside(self, name: str) -> Any:
        """An entry, or several, that show that nothing is missing; None where there is none."""
        return {"opening": self.told.get("opening")}.get(name) if self.first else self.told["beside"][name]

    def bundle(self, name: str) -> dict[str, str]:
        """The files of a bundle that are in the pack; the last two are held. Raises `Wrong`."""
        if name not in self._bundles:
            self._bundles = dict(list(self._bundles.items())[-1:])
            self._bundles[name] = read_bundle(self, name)
        return self._bundles[name]

    def check_policy(self, digest: str) -> None:
        """The policy is in the pack, and has the digest. Raises `Wrong`."""
        if digest not in self._policies:
            policy = parsed(self.read(f"policies/{digest}.json"))
            text = json.dumps(policy, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
            must(sha(text).hex() == digest, "the policy is not the one that answered")
            self._policies.add(digest)

    def parts(self, place: str) -> dict[str, bytes]:
        """The members under a place, by the rest of their names."""
        names = [name for name in self.archive.members if name.startswith(place)]
        many = sum(self.archive.members[name].file_size for name in names)
        readable(many <= MOST_WHOLE, f"{place} is too large")
        self.needed.update(names)
        return {name[len(place) :]: self.read(name) for name in names}


class Shown:
    """An entry whose hashes lead to its seal: the leaves shown of its content and, in form 2, its outer ones."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self.form, self.seq, self.at, self.seal = check_header(entry)
        self.before, root = entry["before"], "inner" if self.form == ENTRY else "root"
        self.outer: dict[str, Any] = {}
        check_members(entry, {"leaves", "outer_leaves"} if self.form == ENTRY else {"leaves"})
        if self.form == ENTRY:
            self.outer = check_leaves(entry["outer_leaves"], entry["outer"])
            check_outer(entry["outer_leaves"])
        self.unscoped = self.form == ENTRY and sorted({len(leaf) for leaf in entry["outer_leaves"][4:]})[:1] == [1]
        self.erased = entry["leaves"] is None
        self.leaves = {} if self.erased else check_leaves(entry["leaves"], entry[root])
        self.places = [leaf[0] if len(leaf) == 3 else None for leaf in entry["leaves"] or ()]
        self.hidden = self.places.count(None)
        self.kind = self.outer.get("/kind", entry.get("kind"))
        self.actor = self.outer.get("/actor", entry.get("actor", "-"))
        self.file, self.firm = self.outer.get("/file"), self.outer.get("/firm")

    def told(self) -> str:
        """One line about it."""
        place = f", {self.file['n']} of loan file/卷宗 {self.file['id']}" if self.file else ""
        place += f", assessment/评估 {self.firm['n']} of the firm" if self.firm else ""
        place += "".join(
            f", {'in' if holds else 'NOT in'} the scope of {name[7:]}"
            for name, holds in sorted(self.outer.items())
            if name.startswith("/scope/")
        )
        what = f"{NAMES.get(str(self.kind), '')} {self.kind} by {self.actor} at {self.at}{place}"
        return f"entry {self.seq}, {what}: {len(self.leaves)} leaves shown/展示, {self.hidden} withheld/隐去"


def check_members(entry: Mapping[str, Any], more: set[str]) -> None:
    """An entry tells nothing beside what its seal covers or proves. Raises `Wrong`."""
    header = {*HEADER, "form"} if entry.get("form", ENTRY_1) == ENTRY else set(HEADER_1)
    odd = set(entry) - {"proof"} ^ (header | {"seal"} | more)
    must(not odd, f"an entry has other members than its form: {brief(', '.join(sorted(odd)))}")


def check_outer(leaves: Sequence[Sequence[str]]) -> None:
    """Outer leaves are those of every entry: loan file, firm and kind are shown, and nothing else. Raises `Wrong`."""
    places = [leaf[0] if len(leaf) == 3 else None for leaf in leaves]
    must(places[1:4] == ["/file", "/firm", "/kind"], "kind, firm or loan file is not shown")
    must(places[0] in (None, "/actor"), "there is another leaf than that of the actor")
    must(all(one is None or one.startswith("/scope/") for one in places[4:]), "there are other leaves than scopes")


HEADER = ("form", "suite", "before", "seq", "at", "outer", "inner")
HEADER_1 = ("suite", "before", "seq", "at", "actor", "kind", "root")


def check_header(entry: Mapping[str, Any]) -> tuple[str, int, str, str]:
    """Form, number, time and seal of an entry whose header leads to its seal. Raises `Wrong`."""
    form, suite = entry.get("form", ENTRY_1), entry["suite"]
    must(suite == SUITE, f"the suite {brief(suite)} is none that this program knows")
    must(form in (ENTRY, ENTRY_1), f"the form {brief(form)} is none that this program knows")
    names = HEADER if form == ENTRY else HEADER_1
    hexed(entry["before"])
    moment(entry["at"])
    must(whole(entry["seq"]) > 0, "there is no entry 0")
    must(sha(canonical([entry[name] for name in names])) == hexed(entry["seal"]), "the seal is not that of its header")
    return form, entry["seq"], entry["at"], entry["seal"]


def check_leaves(leaves: Sequence[Sequence[str]], root: str) -> dict[str, Any]:
    """The leaves that are shown, by pointer, when all of them lead to the root. Raises `Wrong`."""
    hashes, shown, last = [], dict[str, Any](), ""
    for leaf in leaves:
        if len(leaf) == 1:
            hashes.append(hexed(leaf[0]))
            continue
        pointer, salt, text = leaf
        must(pointer > last, "the leaves are not in order")
        last, shown[pointer] = pointer, parsed(text)
        must(canonical(shown[pointer]) == text.encode(), f"{pointer} is not in canonical form")
        hashes.append(sha(b"\x00", hexed(salt), b"[", canonical(pointer), b",", text.encode(), b"]"))
    must(bool(hashes) and tree_root(hashes).hex() == root, "the leaves are not those of its root")
    return shown


def check_stub(stub: Mapping[str, Any], fund: str) -> bool:
    """Whether the entry of a stub is in the scope of a fund, as its one shown leaf says. Raises `Wrong`."""
    pointer, salt, text = stub["scope"]
    must(pointer == f"/scope/{fund}" and text in ("true", "false"), "the stub says nothing of the fund's scope")
    leaf = sha(b"\x00", hexed(salt), b"[", canonical(pointer), b",", text.encode(), b"]")
    must(whole(stub["place"]) > 3, "the scope stands where no scope does")
    root = included(leaf, stub["place"], whole(stub["size"]), [hexed(other) for other in stub["path"]])
    must(root.hex() == stub["outer"], "the scope is not that of the entry")
    return bool(text == "true")


def joined(weaker: Any, more: Any) -> Any:
    """A part as a stricter audience sees it: an object gains fields, a list gains items (text or [item]) at places."""
    if not more:
        return weaker
    if isinstance(weaker, dict):
        return weaker | {name: joined(weaker[name], own) if name in weaker else own for name, own in more.items()}
    found = list(weaker)
    for place, own in sorted(((int(at), own) for at, own in more.items()), key=lambda one: one[0]):
        if isinstance(own, dict):
            found[place] = joined(found[place], own)
        else:
            found[place:place] = [own] if isinstance(own, str) else own
    return found


def answer_of(shown: Mapping[str, Any]) -> dict[str, Any]:
    """The parts of an answer, each put together from what is shown of it: whole, or from one leaf per audience."""
    answer: dict[str, Any] = {}
    for audience in ([], ["fund"], ["bank"], ["person"]):
        for pointer, value in shown.items():
            _, top, *rest = pointer.split("/")
            if top == "answer" and rest[1:] == audience:
                answer[rest[0]] = joined(answer[rest[0]], value) if rest[0] in answer else value
    return answer


def check_sent(sent: bytes, shown: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """The answer as it left, byte for byte, is what was sealed part by part. Raises `Wrong`."""
    must(sha(sent).hex() == shown["/sent"], "the answer's bytes are not those that left")
    told = parsed(sent)
    for part in told.keys() | answer.keys():
        must(canonical(told[part]) == canonical(answer[part]), f"the answer's {part} is not what was sealed")


class PackedScale:
    """From margin to log-odds, probability, points and grade, as a bundle states them."""

    def __init__(self, bundle: Mapping[str, Any]) -> None:
        self.good, self.line = bundle["kind"] == "whitelist", {n: number(v) for n, v in bundle["calibration"].items()}
        self.grades: dict[str, float] = {grade: number(most) for grade, most in bundle["grades"].items()}
        at, odds, double = (number(bundle["scale"][name]) for name in ("points_at", "odds", "to_double"))
        self.start, self.per = (
            at - double / math.log(2) * math.log(odds),
            double / math.log(2) * (1 if self.good else -1),
        )

    def log_odds(self, margin: float) -> float:
        """Platt's line, bent once."""
        gap, line = self.line["middle"] - margin, self.line
        turned = max(gap, 0.0) + math.log1p(math.exp(-abs(gap)))
        return line["slope"] * margin + line["intercept"] + line["shift"] - line["bend"] * turned

    def stretch(self, margin: float, base: float) -> float:
        """By how much contributions are multiplied to be in log-odds."""
        if abs(margin - base) > 1e-9:
            return (self.log_odds(margin) - self.log_odds(base)) / (margin - base)
        return self.line["slope"] + self.line["bend"] / (1 + math.exp(base - self.line["middle"]))

    def points(self, log_odds: float) -> float:
        """The score, unrounded."""
        return self.start + self.per * log_odds

    def grade(self, chance: float) -> str:
        """The grade of a probability."""
        bad = 1 - chance if self.good else chance
        return next((grade for grade, most in self.grades.items() if bad <= most), list(self.grades)[-1])


def check_answer(
    pack: Pack, seq: int, shown: Mapping[str, Any], unsaid: Counter[str], language: str = ""
) -> Iterator[str]:
    """PD, points, grade and reasons follow from bundle and features; counts what could not be recomputed, and why."""
    answer = answer_of(shown)
    if pack.holds(f"sent/{seq}.json"):
        check_sent(pack.read(f"sent/{seq}.json"), shown, answer)
    else:
        unsaid[NO_BYTES] += 1
    name = answer["versions"]["bundle"]
    if not pack.holds(f"bundles/{name}/bundle.sha256"):
        unsaid[f"what the model said: its bundle {name} is not in the pack · 模型结果：包内无此模型"] += 1
        return
    files = pack.bundle(name)
    pack.check_policy(answer["versions"]["policy"])
    bundle = parsed(files["bundle.json"])
    scale, told = PackedScale(bundle), number(answer["log_odds"])
    chance = 1 / (1 + math.exp(-told)) if told >= 0 else math.exp(told) / (1 + math.exp(told))
    stated, score = number(answer["admission" if scale.good else "pd"]["value"]), number(answer["points"])
    must(math.isclose(stated, chance, rel_tol=CLOSE), f"the probability {stated} is not that of its log-odds, {chance}")
    must(abs(score - scale.points(told)) <= 0.05 + CLOSE, f"{score} points are not those of the log-odds")
    must(answer["grade"] == scale.grade(stated), f"{stated} is not of grade {answer['grade']}")
    unsaid[RAW] += 1
    about = f"{answer['kind']} of {answer['case']['firm']}"
    yield f"  {about}: {stated:.2%}, {score:.1f} points, grade {answer['grade']} · 概率、评分、等级"
    if not {"features", "reasons"} <= set(answer):
        unsaid[NOT_SHOWN] += 1
        return
    yield check_reasons(bundle, answer, shown.get("/cut", UNCUT), unsaid)
    if "/cut" in shown and not {"/answer/findings/bank", "/answer/lists/bank"} & set(shown):
        unsaid[
            f"findings that are not for this reader · 不供此读者查看的结论: {', '.join(shown['/cut']['rules'])}"
        ] += 1
    for part, members in shown.get("/cut", UNCUT).get("members", {}).items():
        if part in answer and f"/answer/{part}/bank" not in shown:
            named = f"{part}: {', '.join(members)}"
            unsaid[f"workings that are not for this reader · 不供此读者查看的测算过程: {named}"] += 1
    sealed = next((told for pointer, told in shown.items() if pointer.startswith("/contributions")), None)
    if sealed is not None and {"model.lgb", "panel.csv"} <= set(files):
        check_trees(files, answer, contributions_of(sealed, [feature["name"] for feature in bundle["features"]]))
    else:
        unsaid[NO_TREES] += 1
    yield from worded(answer, language) if language else ()


SAID = {"versions", "kind", "case", "log_odds", "points", "grade"}  # what the model said, with the probability


def check_assessment(pack: Pack, entry: "Shown", language: str) -> Iterator[str]:
    """What an assessment tells, recomputed; of one of which that is withheld nothing, which `check_shown` finds."""
    check_model(pack, entry)
    parts = {pointer.split("/")[2] for pointer in entry.leaves if pointer.startswith("/answer/")}
    if parts >= SAID and parts & {"pd", "admission"}:
        yield from check_answer(pack, entry.seq, entry.leaves, pack.unsaid, language)
    else:
        pack.unsaid[NOT_ALL] += 1


def check_model(pack: Pack, entry: "Shown") -> None:
    """Finds that the model is missing which the pack of a loan file must hold; of form 1 it may not have been kept."""
    name = entry.leaves.get("/answer/versions", {}).get("bundle")
    if entry.form == ENTRY and "period" not in pack.about and not pack.holds(f"bundles/{name}/bundle.sha256"):
        text = f"the model of entry {entry.seq} is not in the pack: nothing of it can be recomputed"
        pack.find(INCOMPLETE, "model_missing", text, "包内无该评估的模型，无法重算")


def worded(answer: Mapping[str, Any], language: str) -> Iterator[str]:
    """What the pack shows of advice, reasons and open findings, in words."""
    yield f"    {(answer.get('recommendation') or {}).get('advice', '-')}"
    yield from (f"    {told_reason(reason, language)}" for reason in answer["reasons"])
    nested = [one["findings"] for name in ("patents", "lists") for one in answer.get(name, ())]
    for one in (one for found in (answer.get("findings", ()), *nested) for one in found):
        if one.get("effect", "info") != "info":
            yield f"    {one['outcome']} {one['subject']}: {told_finding(one, language)}"


def told_finding(finding: Mapping[str, Any], language: str) -> str:
    """What was seen: its sentence where the entry sealed one, else its code with the facts."""
    if "title" in finding:
        return f"{finding['title'][language]}: {finding['observed'][language]}"
    facts = ", ".join(f"{name} = {fact}" for name, fact in finding["observed"].get("facts", {}).items())
    seen = f"{finding['rule']}: {finding['observed']['code']}"
    return f"{seen}: {facts}" if facts else seen


def told_reason(reason: Mapping[str, Any], language: str) -> str:
    """The sentence that was sealed; since version 0.2 codes and values are, without sentences."""
    if "says" in reason:
        return str(reason["says"][language])
    return f"{number(reason['points']):+.1f} {reason['code']}: {reason['feature']} = {reason['observed']}"


def check_reasons(
    bundle: Mapping[str, Any], answer: Mapping[str, Any], cut: Mapping[str, Any], unsaid: Counter[str]
) -> str:
    """Every reason shown is about a feature shown, with its value; all add up to the points. Raises `Wrong`."""
    names, values = [f["name"] for f in bundle["features"]], {f["name"]: f["value"] for f in answer["features"]}
    hidden = [name for name in names if name not in values]
    must(set(hidden) <= set(cut["features"]), "a feature is missing that the entry does not say is withheld")
    must([f["name"] for f in answer["features"]] == [name for name in names if name in values], "features are others")
    about = [reason["feature"] for reason in answer["reasons"]]
    must(len(set(about)) == len(about) and set(about) <= set(values), "a reason stands twice or is about nothing")
    for reason in answer["reasons"]:
        must(reason["observed"] == values[reason["feature"]], f"a reason says another {reason['feature']}")
    whole, *parts = (round(10 * number(told["points"])) for told in (answer, answer["base"], *answer["reasons"]))
    must(bool(hidden) or whole == sum(parts), "base and reasons do not add up to the points")
    line = f"  {len(values)} of {len(names)} features and {len(about)} reasons shown · 展示特征与理由"
    if not hidden:
        return line
    unsaid[
        f"features that are not for this reader, and their reasons · 不供此读者查看的特征及其理由: {', '.join(hidden)}"
    ] += 1
    return f"{line}; reasons withheld · 隐去的理由: {(whole - sum(parts)) / 10:+.1f} points · 分"


def contributions_of(sealed: Any, names: Sequence[str]) -> dict[str, str]:
    """Contributions by feature: of form 2 sealed as 16 hex digits each in the model's order, of form 1 by name."""
    if not isinstance(sealed, str):
        return dict(sealed)
    return dict(zip(names, [sealed[i : i + 16] for i in range(0, len(sealed), 16)], strict=True))


def check_trees(files: Mapping[str, str], answer: Mapping[str, Any], sealed: Mapping[str, str]) -> None:
    """Log-odds, contributions and the points of every reason follow from trees and features. Raises `Wrong`."""
    bundle = parsed(files["bundle.json"])
    scale, told, names = (
        PackedScale(bundle),
        number(answer["log_odds"]),
        [feature["name"] for feature in bundle["features"]],
    )
    row, against = _row(bundle, answer["features"]), _background(files, answer["base"]["name"])
    margin, base, moved = explained(leaves_of(files["model.lgb"]), row, against)
    found = scale.log_odds(margin)
    must(abs(found - told) <= CLOSE * max(1.0, abs(told)), f"the trees give log-odds of {found}, not {told}")
    must(set(sealed) == set(names), "the contributions are about other features")
    parts = {reason["feature"]: number(reason["points"]) for reason in answer["reasons"]}
    start, per = number(answer["base"]["points"]), scale.per * scale.stretch(margin, base)
    must(abs(start - scale.points(scale.log_odds(base))) < TENTH, "the base is another")
    for name, own in zip(names, moved, strict=True):
        must(abs(number(sealed[name]) - own) <= CLOSE, f"{name} contributes {own}, not {number(sealed[name])}")
        must(abs(parts.get(name, 0.0) - per * own) < TENTH, f"{name} moves {per * own:.3f} points")


def _background(files: Mapping[str, str], name: str) -> list[Row]:
    """The panel's first 64 rows of a sector; none where reasons are measured from all training cases."""
    group, _, code = name.partition(":")
    lines = csv.reader(files["panel.csv"].splitlines()[1:])
    rows = [[float(cell or "nan") for cell in line[2:]] for line in lines if code in (line[0], line[0][:1])]
    must(group in ("training", "sector"), f"reasons are measured from {name}, which this program does not know")
    return list(rows[:64]) if group == "sector" else []


def read_bundle(pack: Pack, name: str) -> dict[str, str]:
    """The bundle's files that are in the pack, as its own hash names them. Raises `Wrong`."""
    held = pack.parts(f"bundles/{name}/")
    listed = held.pop("bundle.sha256")
    must(sha(listed).hex() == name, "the bundle is not the one that answered")
    for part, text in held.items():
        must(f"{sha(text).hex()}  {part}" in listed.decode().splitlines(), f"the bundle's {part} was exchanged")
    return {part: text.decode() for part, text in held.items()}


def _row(bundle: Mapping[str, Any], features: Sequence[Mapping[str, Any]]) -> list[float]:
    """The features as the trees read them: a category by its place in the bundle's list."""
    must([f["name"] for f in features] == [f["name"] for f in bundle["features"]], "the features are others")
    found = []
    for feature, known in zip(features, bundle["features"], strict=True):
        value = feature["value"]
        found.append(float(known["categories"].index(value)) if value in known["categories"] else number(value))
    return found


# --- what must be there, and for whom --------------------------------------------------------------------------------


SEES: Mapping[str, str] = {"fund": "", "court": "-", "bank": "-="}
"""By reader the marks of the leaves that are shown besides those of a fund: `-` of the bank, `=` of a person."""
# kinds: pledgescore ledger kinds --verifier
LEAVES = """
alias: approver before bundle gate subject version- why-
anchor: files last month
approval: advised amount assessment authority better_in conditions counted due_on expires_on level outcome person-
 policy provisional rate reason reason_code seen signature stands term_months to waives
closing: assessment closed_on days_late loss outcome person- recovered
closure: assessment by closed_on days_late loss outcome proposed recovered
condition_met: assessment condition days_late document- due_on happened_on n outcome person- proof provisional rerun
 to worse
correction: assessment due_on person- provisional reason reverses right to
decision: amount assessment authority better_in conditions decider expires_on outcome rate reason reason_code seen
 stands term_months waived
document: about assessment audience dated_on hash person- what
drawdown: amount assessment by conditions conditions_met days_late drawn_on due- due_on loan registered_on
 registration
drawdown_check: amount as_of assessment contract due_on open outcome person- pledges provisional seen standing to
erasure: asked_by confirmed_by entries key reason
feedback: assessment- outcome- person- push- reason- reason_code- reported_on-
handed_over: assessment from- person- reason- to-
hold: assessment fund lifts reason- state until
key: before by- handover id public +revocation subject wrapped
minutes: amount assessment better_in chair- conditions counted days_late document- due_on held_on level meeting-
 outcome person- present- provisional rate recused- round- stands term_months to vetoed votes waives
model: events kind made_on name subject synthetic version-
monitored: assessment days_late document- following found- happened_on n- person- what
opening: calendar clock currency form form1 month source suite zone
policy: changed digest overrides parameters subject
push: assessments- bank- branch- came- digest- edition- expires_on- firms- left- list- policy- received_on-
receipt: receipt signature
refused: act assessment code facts- pointer-
replay: asked- by- code- differing- erased- identical- not_asked-
resumed: asked_by clock confirmed_by last reason-
reviewed: answers- assessment conditions due_on opinion- outcome person- provisional seen to
scheme: parameter subject
sent_back: assessment due_on person- provisional reason- reason_code to- wanted-
submitted: amount assessment better_in conditions counted due_on level note- papers- person- provisional rate
 reason_code second seen stands term_months to turn visits- waives
trial: advice- amount- assessment binding- bounds- bundle- changes= conditions- findings= grade- limit- points-
 policy- probability- term_months-
user: account- +asked_by- authority- bank- branch- by- +confirmed_by- expires_at- fund- name- oidc_subject- role-
 scopes- shown- state- subject-
validation: +bank bundle by- expires_on findings- outcome subject
vote: assessment meeting- person- reason- round- seen vote-
warning: assessment code due_on- facts- level n- note- owner- person- state
what_if: assessment bundle- offers- policy- state-
withdrawn: assessment by person- reason- reason_code
"""
# end of kinds
KINDS: Mapping[str, Sequence[str]] = {
    line.split(":")[0]: line.split(":")[1].split() for line in LEAVES.replace("\n ", " ").splitlines() if line
}
"""By kind every leaf of an entry, in order; all stand in every entry of the kind, but `+`, which older ones lack."""
ALWAYS = (
    "id", "asked_at", "as_of", "case", "kind", "versions", "points", "grade", "log_odds", "base", "features", "reasons",
    "sources", "synthetic", "expires_on",
)  # fmt: skip
"""Parts that every answer has, and that every reader sees, at least in part."""
OF_PLEDGE = (
    "findings", "pd", "recommendation", "limit", "term", "pledge", "patents", "value", "value_on_default",
)  # fmt: skip
FOUND: Mapping[str, Sequence[str]] = {"pledge": OF_PLEDGE, "whitelist": ("lists", "admission")}
"""The same, by the kind of its question."""


def check_shown(pack: Pack, shown: Shown) -> None:
    """Finds what is withheld of an entry though it is this reader's."""
    if shown.erased or shown.form == ENTRY_1:
        return
    reader = str(pack.reader["for"])
    if shown.kind == "assessment":
        leaves = [pointer.split("/")[2:] for pointer in shown.leaves if pointer.startswith("/answer/")]
        parts = {part for part, *audience in leaves if audience in ([], ["fund"])}
        found = FOUND.get(str(shown.leaves.get("/answer/kind")), OF_PLEDGE)
        missing = sorted({*ALWAYS, *found} - parts) + ([] if "/cut" in shown.leaves else ["/cut"])
        if SEES.get(reader) == "-=" and shown.hidden:
            missing.append(f"{shown.hidden} leaves")
    else:
        known = KINDS.get(str(shown.kind), ())
        expected = known if len(known) == len(shown.places) else [one for one in known if one[0] != "+"]
        if len(expected) != len(shown.places):
            pack.find(
                INCOMPLETE,
                "unknown_layout",
                f"entry {shown.seq} ({shown.kind}) is of another layout: what is withheld cannot be told",
                f"第 {shown.seq} 条的内容项与本程序所知不同，无法判断隐去了什么",
            )
            return
        marks = SEES.get(reader, "")
        mine = [one.strip("+-=") for one in expected if one[-1] not in "-=" or one[-1] in marks]
        missing = [name for name in mine if f"/{name}" not in shown.leaves]
    if missing:
        named = ", ".join(missing)
        pack.find(
            INCOMPLETE,
            "withheld",
            f"entry {shown.seq} ({shown.kind}) withholds what this reader may see: {named}",
            f"第 {shown.seq} 条隐去了本读者可见的内容",
        )


# --- acts in words ---------------------------------------------------------------------------------------------------


NAMES: Mapping[str, str] = {
    "assessment": "评估", "decision": "决定", "drawdown": "放款", "closure": "结清", "erasure": "擦除",
    "approval": "审批", "submitted": "送审", "reviewed": "审查", "sent_back": "退回", "vote": "表决",
    "minutes": "会议纪要", "condition_met": "条件落实", "drawdown_check": "放款审核", "monitored": "贷后检查",
    "warning": "预警", "handed_over": "移交", "withdrawn": "撤回", "document": "资料", "what_if": "测算",
    "opening": "启用", "anchor": "封存点", "receipt": "加签回执", "policy": "政策", "scheme": "方案",
    "alias": "模型上线", "model": "模型", "key": "密钥", "validation": "模型验证", "resumed": "恢复登记",
    "user": "账户", "replay": "重算", "refused": "拒绝", "hold": "保全", "push": "推送名单", "feedback": "对接反馈",
    "trial": "试算",
}  # fmt: skip
OUTCOMES: Mapping[str, str] = {
    "approve": "同意 approved", "approved": "同意 approved", "decline": "否决 declined", "declined": "否决 declined",
    "defer": "暂缓 deferred", "withdraw": "撤回 withdrawn", "repaid": "已还清 repaid",
    "written_off": "已核销 written off",
    "contacted": "已对接 contacted", "applied": "已申请 applied", "granted": "已授信 granted",
    "refused": "未予授信 refused", "no_need": "无融资需求 no need", "unreachable": "未能联系 not reached",
    "released": "准予放款 released", "returned": "退回 returned",
}  # fmt: skip

REASONS: Mapping[str, str] = {"stolen": "被盗 stolen", "lost": "遗失 lost", "suspected": "疑似泄露 suspected"}


def yuan(fen: Any) -> str:
    """An amount in yuan; what is not told is said to be so."""
    return "未载明 not stated" if fen is None else f"{whole(fen) // 100:,}.{whole(fen) % 100:02} 元 CNY"


def act_words(shown: Shown) -> Iterator[str]:
    """Decision, drawdown and closure in words, and whatever else an act tells of the same."""
    told = {pointer[1:]: value for pointer, value in shown.leaves.items()}
    told |= {name.rpartition("/")[2]: value for name, value in told.items()}  # form 1: `/decision/outcome`
    if shown.kind in ("decision", "approval"):
        rate = told.get("rate")
        yield (
            f"决定 {outcome(told)}: 金额 amount {yuan(told.get('amount'))}, 期限 term {told.get('term_months')} 月, "
            f"利率 rate {'未载明 not stated' if rate is None else f'{number(rate):.4%}'}, "
            f"对照建议 against the advice: {told.get('stands')}, 决定人 by {told.get('decider') or shown.actor}"
        )
        for waived in told.get("waived") or told.get("waives") or ():
            yield f"豁免条件 condition waived: {canonical(waived).decode()}"
    if shown.kind == "drawdown":
        yield (
            f"放款 drawn: {yuan(told.get('amount'))}, {told.get('drawn_on')}, 到期 due {told.get('due_on')}, "
            f"借据 loan {told.get('loan')}, 登记 pledge {told.get('registration')} {told.get('registered_on')}, "
            f"条件均已落实 all conditions met: {told.get('conditions_met')}, 经办 by {told.get('by')}"
        )
    if shown.kind == "closure":
        yield (
            f"结清 closed: {told.get('closed_on')}, {outcome(told)}, 损失 loss {yuan(told.get('loss'))}, "
            f"收回 recovered {yuan(told.get('recovered'))}, 经办 by {told.get('by')}"
        )
    if shown.kind == "drawdown_check":
        amount = yuan(told.get("amount"))
        yield f"放款审核 release: {outcome(told)}, 金额 amount {amount}, 合同 contract {told.get('contract')}"
        for one in told.get("standing") or ():
            yield f"放款前提 precondition: {one['item']}, {one['done_on']}, 依据 shown by {one['document']}"
    yield from list_words(shown, told)
    if shown.kind == "document":
        yield f"资料 document: {told.get('what')}, {told.get('dated_on')}, SHA-256 {told.get('hash')}"
    yield from _marks(shown, told)


def _marks(shown: Shown, told: Mapping[str, Any]) -> Iterator[str]:
    """What was told late, tried and refused, or is held."""
    if told.get("days_late"):
        yield f"迟报 told late: {told['days_late']} 天 days"
    if shown.kind == "refused":
        yield f"未受理的操作（未执行） not accepted, not done: {told.get('act')}, {told.get('code')}, by {shown.actor}"
    if shown.kind == "key" and told.get("revocation") is not None:
        what = told["revocation"]["revocation"]
        yield f"吊销密钥 key revoked: {what['revoked']}, 自 from {what['from']}, {REASONS.get(what['reason'], '-')}"
    elif shown.kind == "key" and told.get("public"):
        yield f"签名密钥 signing key: {told['public']}, 此前 before: {told.get('before') or '-'}"
    if shown.kind == "hold":
        yield f"保全 hold: {told.get('state')}, {told.get('fund')}, 至 until {told.get('until')}"


def list_words(shown: Shown, told: Mapping[str, Any]) -> Iterator[str]:
    """A list of firms that was pushed, and what became of a firm on it, in words."""
    if shown.kind == "push":
        yield (
            f"推送名单 list pushed: {told.get('list')} {told.get('edition')}, 企业 firms {told.get('firms')}, "
            f"{told.get('received_on')} 至 until {told.get('expires_on')}"
        )
    if shown.kind == "feedback":
        yield f"对接反馈 told back: {outcome(told)}, {told.get('reason_code')}, {told.get('reported_on')}"


def outcome(told: Mapping[str, Any]) -> str:
    """An outcome in words, or its code."""
    return OUTCOMES.get(str(told.get("outcome")), str(told.get("outcome")))


# --- whether it belongs, is complete, and until when -----------------------------------------------------------------


class Signed(NamedTuple):
    """What the pack's checkpoint, and the one that the reader kept, say."""

    size: int
    root: bytes
    at: str
    ledger: str
    kept: Mapping[str, Any] | None
    seal: str = ""


def check_history(pack: Pack, now: Mapping[str, Any], earlier: Any, keys: Sequence[str]) -> Iterator[str]:
    """The checkpoint continues the one that the reader kept. Raises `Wrong`, `Misused`."""
    try:
        kept = check_checkpoint(earlier, keys)
        key_list(kept)
    except Exception as wrong:
        raise Misused(f"of the checkpoint that you kept, not of the pack: {wrong!r}") from None
    must(kept["ledger"] == now["ledger"], "this is another history than that of the checkpoint kept: another ledger")
    first, size = kept["size"], now["size"]
    if first > size:
        pack.find(
            INCOMPLETE,
            "kept_is_newer",
            f"the checkpoint kept is newer ({first} entries, the pack's has {size}): ask for a newer pack",
            f"您所存检查点更新（{first} 条），请索取新的证据包",
        )
        return
    proof = pack.told["consistency"].get(str(first), [] if first == size else None)
    if proof is None:
        pack.find(
            INCOMPLETE,
            "no_consistency",
            f"no proof from the {first} entries of the checkpoint kept: ask again with &since={first}",
            f"缺少自 {first} 条起的一致性证明，请加 &since={first} 重新索取",
        )
        return
    roots = hexed(kept["root"]), hexed(now["root"])
    same = consistent(first, size, *roots, [hexed(other) for other in proof])
    since = known_days(pack, now, kept).get(kept["key"], Days()).revoked
    more = f"; that its key is revoked from {since} on takes back no history that you kept" if since else ""
    must(same, f"this is another history than that of the checkpoint kept{more}")
    check_list(kept, now, "the checkpoint that you kept")
    must(size == first or now["at"] >= kept["at"], "the checkpoint is dated before the one kept, which is smaller")
    yield f"the same history as that of the checkpoint kept, of {first} entries · 与所存检查点为同一历史"


def known_days(pack: Pack, checkpoint: Mapping[str, Any], kept: Mapping[str, Any] | None) -> dict[str, Days]:
    """The days of keys, by what the reader was told and kept, and by what the bank signed. Raises `Wrong`."""
    found = dict(pack.days)
    for statement in (kept or {}, checkpoint, pack.manifest):
        for key, days in key_list(statement).items():
            found[key] = found.get(key, Days()).narrowed(days)
    return found


def check_time(shown_at: str, seq: int, form: str, signed: Signed) -> None:
    """The entry lies on the side of each checkpoint that its number tells. Raises `Wrong`."""
    if form == ENTRY_1:
        return
    must(shown_at <= signed.at, f"entry {seq} is dated behind the checkpoint that covers it")
    if signed.kept is None:
        return
    kept = signed.kept
    behind = seq > kept["size"] and shown_at < kept["at"]
    must(not behind, f"entry {seq} is backdated: before the checkpoint kept, which does not cover it")
    must(seq > kept["size"] or shown_at <= kept["at"], f"entry {seq} is dated behind the checkpoint kept")


def check_opening(pack: Pack, signed: Signed) -> Shown | None:
    """The opening entry: what lies before it is of form 1, what lies behind it of form 2. Raises `Wrong`."""
    entry = pack.beside("opening")
    if entry is None:
        return None
    shown = Shown(entry)
    check_proof(entry, signed)
    must(shown.form == ENTRY and shown.kind == "opening", "this is no opening entry")
    must(shown.leaves["/form1"]["n"] == shown.seq - 1, "the opening entry stands elsewhere than it says")
    must(shown.leaves["/form1"]["seal"] == shown.before, "the opening entry does not follow the entries of form 1")
    return shown


def check_proof(entry: Mapping[str, Any], signed: Signed) -> None:
    """The entry lies in the checkpoint's tree. Raises `Wrong`."""
    proof, leaf = [hexed(other) for other in entry["proof"]], sha(b"\x00", hexed(entry["seal"]))
    seq = whole(entry["seq"])
    must(included(leaf, seq - 1, signed.size, proof) == signed.root, "it does not lie in the checkpoint's tree")
    must(seq > 1 or entry["seal"] == signed.ledger, "the checkpoint names another ledger than that of the first entry")
    must(seq < signed.size or entry["seal"] == signed.seal, "the checkpoint names another last entry")
    check_time(entry["at"], seq, entry.get("form", ENTRY_1), signed)


def zone_of(opening: Shown | None) -> timezone:
    """The zone of days and months: of the opening entry; before it, UTC."""
    told = "+00:00" if opening is None else str(opening.leaves["/zone"])
    must(re.fullmatch(r"[+-]\d\d:\d\d", told) is not None, f"no zone: {brief(told)}")
    minutes = int(told[1:3]) * 60 + int(told[4:])
    return timezone(timedelta(minutes=-minutes if told[0] == "-" else minutes))


def span(period: Any, zone: timezone) -> tuple[str, str]:
    """When a month or day begins and ends, as times of entries. Raises `Wrong`."""
    good = isinstance(period, str) and re.fullmatch(r"\d{4}-\d\d(-\d\d)?", period) is not None
    try:
        must(good, f"no month or day: {brief(period)}")
        day = date.fromisoformat(period if len(period) > 7 else f"{period}-01")
        after = day + timedelta(days=1) if len(period) > 7 else (day + timedelta(days=31)).replace(day=1)
        ends = [datetime.combine(one, time(), zone).astimezone(UTC) for one in (day, after)]
    except (ValueError, OverflowError):
        raise Wrong(f"no month or day: {brief(period)}") from None
    return ends[0].strftime(AS_TOLD), ends[1].strftime(AS_TOLD)


AS_TOLD = "%Y-%m-%dT%H:%M:%S.%fZ"


DECIDING = ("approval", "decision")
SETTLES = {"drawdown": False, "correction": False, "closure": True, "withdrawn": True, "erasure": True}
"""By kind whether the loan file is settled behind it."""


class Chain:
    """What is known of the entries before: the last header, the ends of loan files, assessments and erasures."""

    def __init__(self) -> None:
        self.seq, self.seal, self.at = -1, "", ""
        self.files: dict[str, tuple[int, str]] = {}
        self.assessments: set[str] = set()
        self.taken_up: dict[str, int] = {}
        self.old: dict[str, int] = {}
        self.ids: set[str] = set()
        self.seqs: set[int] = set()
        self.deciding = 0
        self.settled = self.whole = True
        self.firm: tuple[int, str] = (0, "")
        self.erased: list[int] = []
        self.erasures: dict[int, str] = {}
        self.firms: set[int] = set()
        self.asked: list[int] = []
        self.others: list[int] = []
        self.unproven: list[int] = []
        self.shown = self.first_form = self.held = 0

    def follow(self, entry: Mapping[str, Any]) -> None:
        """The entry lies behind the one before it. Raises `Wrong`."""
        form, seq, at, seal = check_header(entry)
        must(seq > self.seq, "the entries are not in order")
        must(seq != self.seq + 1 or entry["before"] == self.seal, "the chain of seals is broken")
        must(form == ENTRY_1 or at >= self.at, "its time lies before that of an entry before it")
        self.seq, self.seal, self.at, self.held = seq, seal, at if form == ENTRY else "", self.held + 1

    def note(self, shown: Shown, firm: str) -> None:
        """What an entry tells that others are held against; `firm`: whose assessments are counted."""
        self.shown += 1
        self.first_form += shown.form == ENTRY_1
        if shown.kind == "assessment":
            self.assessments.add(shown.seal)
            case = answer_of(shown.leaves).get("case") if firm else None
            self.asked += [shown.seq] if isinstance(case, dict) and case.get("firm") == firm else []
            self.seqs.add(shown.seq)
            self.ids.add(str(shown.leaves.get("/answer/id")))
            if shown.form == ENTRY_1:
                self.old[shown.seal] = shown.seq
        if shown.kind in DECIDING and not self.deciding:
            self.deciding = shown.seq
        if shown.kind in SETTLES:
            self.settled = SETTLES[shown.kind]
        if shown.firm is not None:
            self.firms.add(whole(shown.firm["n"]))
        if shown.erased:
            self.erased.append(shown.seq)
        if shown.kind == "erasure":
            self.note_erasure(shown)

    def note_erasure(self, shown: Shown) -> None:
        """Whose content is gone, by whom."""
        told = shown.leaves.get("/erasure") or {pointer[1:]: value for pointer, value in shown.leaves.items()}
        by = f"{told.get('asked_by')} & {told.get('confirmed_by')}"
        for seq in told.get("entries") or ():
            if whole(seq) < shown.seq:
                self.erasures[seq] = f"entry {shown.seq} of {shown.at[:10]}, {told.get('reason')}, by {by}"


def check_file(pack: Pack, shown: Shown, chain: Chain) -> None:
    """The entry is behind those of its loan file that were shown before. Raises `Wrong`."""
    if shown.file is None:
        return
    own, n, before = str(shown.file["id"]), whole(shown.file["n"]), shown.file["before"]
    last, seal = chain.files.get(own, (0, None))
    must(n > last and (n == 1) == (before is None), f"it is not behind entry {last} of its loan file")
    must(n != last + 1 or before == seal, "the chain of its loan file is broken")
    if n > last + 1 and (last or "file" in pack.about):
        gone, chain.whole = f"{last + 1}" if n == last + 2 else f"{last + 1} to {n - 1}", False
        pack.find(
            INCOMPLETE, "file_gap", f"entries {gone} of loan file {own} are left out", f"卷宗 {own} 缺第 {gone} 条"
        )
    chain.files[own] = (n, shown.seal)
    if shown.firm is not None and "file" in pack.about:  # all assessments of a loan file are of one firm
        n, before = whole(shown.firm["n"]), shown.firm["before"]
        last, seal = chain.firm
        must(n > last and (n > last + 1 or not last or before == seal), "the chain of its firm is broken")
        chain.firm = (n, shown.seal)
    if shown.file.get("from"):
        chain.taken_up[str(shown.file["from"]["seal"])] = whole(shown.file["from"]["seq"])


def check_belongs(pack: Pack, shown: Shown, chain: Chain) -> None:
    """Finds an entry that is of another loan file, or out of the reader's scope."""
    own, fund = pack.about.get("file"), pack.reader["fund"]
    scope = shown.outer.get(f"/scope/{fund}")
    if shown.form == ENTRY and "/actor" not in shown.outer:
        pack.find(INCOMPLETE, "withheld", f"entry {shown.seq} withholds who entered it", f"第 {shown.seq} 条隐去经办人")
    if fund is not None and scope is None and shown.unscoped:
        pack.find(
            INCOMPLETE,
            "scope_hidden",
            f"entry {shown.seq} does not show whether it is in the scope of {fund}",
            f"第 {shown.seq} 条未示是否属于 {fund}",
        )
    if fund is not None and scope is False:
        pack.find(
            FOREIGN, "scope", f"entry {shown.seq} is not in the scope of {fund}", f"第 {shown.seq} 条不属于 {fund}"
        )
    rests = shown.leaves.get("/assessment")
    if own is not None and shown.form == ENTRY and (shown.file is None or shown.file["id"] != own):
        pack.find(
            FOREIGN,
            "file",
            f"entry {shown.seq} ({shown.kind}) is of another loan file: {shown.file['id'] if shown.file else '-'}",
            f"第 {shown.seq} 条属于另一卷宗",
        )
    elif "period" not in pack.about and isinstance(rests, dict) and rests.get("seal") not in chain.assessments:
        code, name = (FOREIGN, "assessment") if shown.form == ENTRY_1 else (INCOMPLETE, "assessment_missing")
        pack.find(
            code,
            name,
            f"entry {shown.seq} ({shown.kind}) rests on an assessment that is not in the pack: {rests.get('id')}",
            f"第 {shown.seq} 条所依据的评估不在包内",
        )


def check_entry(pack: Pack, entry: Mapping[str, Any], chain: Chain, signed: Signed, language: str) -> Iterator[str]:
    """An entry that is shown in full, and what it tells. Raises `Wrong`."""
    try:
        chain.follow(entry)
        shown, found = Shown(entry), list[str]()
        check_time(shown.at, shown.seq, shown.form, signed)
        if "proof" in entry:
            check_proof(entry, signed)
        check_file(pack, shown, chain)
        chain.note(shown, pack.firm)
        if pack.index is not None:
            pack.index.see(shown)
        check_belongs(pack, shown, chain)
        check_shown(pack, shown)
        if not shown.erased:
            found = [f"    {one}" for one in act_words(shown)]
            if shown.kind == "key":
                check_key_entry(shown, pack.listed)
            if shown.kind == "assessment":
                found += check_assessment(pack, shown, language)
            if shown.kind == "document":
                pack.unsaid[
                    f"a document of which the pack has the hash alone · 仅有资料哈希: {shown.leaves.get('/what')}"
                ] += 1
    except Exception as wrong:
        told = wrong if isinstance(wrong, Wrong) else repr(wrong)
        kind = type(wrong) if isinstance(wrong, Wrong) else Unreadable
        raise kind(f"entry {brief(entry.get('seq'))}: {told}") from None
    yield shown.told()
    yield from found


# --- a loan file -----------------------------------------------------------------------------------------------------


def check_file_pack(pack: Pack, signed: Signed, opening: Shown | None, language: str) -> Iterator[str]:
    """The entries of a loan file, and that they are all. Raises `Wrong`."""
    chain, behind = Chain(), 2**53 if opening is None else opening.seq
    for entry in pack.beside("erasures") or ():
        shown = Shown(entry)
        check_proof(entry, signed)
        must(shown.kind == "erasure", f"entry {shown.seq} is no erasure")
        chain.note_erasure(shown)
    for entry in pack.entries():
        form = ENTRY_1 if whole(entry["seq"]) < behind else ENTRY
        must(
            entry.get("form", ENTRY_1) == form, f"entry {entry['seq']} is not of the form that the opening entry tells"
        )
        must("proof" in entry and "leaves" in entry, f"entry {entry['seq']} is not proven")
        must(form == ENTRY_1 or "assessment" not in pack.about, "an entry of form 2 lies in a loan file: none is told")
        yield from check_entry(pack, entry, chain, signed, language)
    check_first_form(pack, chain)
    check_erased(pack, chain)
    if pack.first:
        return
    check_taken_up(pack, chain)
    check_asked(pack, chain)
    must(
        pack.about.get("n") == chain.held,
        f"it holds {chain.held} entries, not the {brief(pack.about.get('n'))} it says",
    )
    if pack.about.get("file") is not None:
        yield from check_head(pack, signed, chain)
    yield from check_firm(pack, chain)
    until = chain.deciding or (chain.seq if chain.held else 2**53)
    for entry in pack.beside("in_force"):
        shown = Shown(entry)
        check_proof(entry, signed)
        if shown.kind not in ("policy", "scheme", "alias") or shown.seq >= until:
            pack.find(
                FOREIGN, "beside", f"entry {shown.seq} ({shown.kind}) has no business here", f"第 {shown.seq} 条无关"
            )
        told = [shown.leaves.get(name) for name in ("/subject", "/digest", "/bundle") if shown.leaves.get(name)]
        what = f"{NAMES.get(str(shown.kind), '')} {shown.kind} {', '.join(map(str, told))}"
        yield f"in force, entry {shown.seq}: {what} · 当时有效"


def check_taken_up(pack: Pack, chain: Chain) -> None:
    """Finds entries of form 1 that the loan file did not take up, and those that it did and that are not shown."""
    for seal, seq in chain.old.items() if "file" in pack.about else ():
        if chain.taken_up.get(seal) != seq:
            pack.find(FOREIGN, "file", f"entry {seq} was not taken into the loan file", f"第 {seq} 条未并入本卷宗")
    for seal, seq in chain.taken_up.items():
        if chain.old.get(seal) != seq:
            text = f"entry {seq} of form 1, which the loan file took up, is not shown"
            pack.find(INCOMPLETE, "taken_up", text, f"本卷并入的第 {seq} 条未展示")


def check_asked(pack: Pack, chain: Chain) -> None:
    """Finds that the assessment by which the pack was asked for is not in it."""
    for name in ("asked", "assessment"):
        told = pack.about.get(name)
        if told is not None and told not in chain.ids and not chain.erased:
            text = f"the assessment {brief(told)}, by which it was asked for, is not shown"
            pack.find(INCOMPLETE, "asked", text, "所索取的评估不在包内")


def check_first_form(pack: Pack, chain: Chain) -> None:
    """Finds that completeness cannot be told of entries of form 1, and that nothing was shown at all."""
    if chain.first_form:
        pack.find(
            INCOMPLETE,
            "first_form",
            f"of {chain.first_form} entries of form 1 it cannot be told whether they are all",
            f"{chain.first_form} 条为第一版格式，无法判断是否齐全",
        )
    if not chain.held and not is_of_absence(pack):
        pack.find(INCOMPLETE, "empty", "it holds no entry: that proves nothing", "包内没有条目，不能证明任何事项")


def check_erased(pack: Pack, chain: Chain) -> None:
    """Finds what was erased: by whom, where the pack shows it."""
    for seq in chain.erased:
        told = chain.erasures.get(seq)
        if told is not None:
            pack.find(INCOMPLETE, "erased", f"the content of entry {seq} was erased: {told}", f"第 {seq} 条内容已擦除")
        else:
            pack.find(
                INCOMPLETE,
                "erased_untold",
                f"the content of entry {seq} is not shown, and no erasure in the pack names it",
                f"第 {seq} 条内容缺失，包内没有对应的擦除条目",
            )


def is_of_absence(pack: Pack) -> bool:
    """Whether the pack is to show that there is no such loan file."""
    head = pack.told.get("head")
    return isinstance(head, dict) and head.get("absent") is True


def check_absent(pack: Pack, chain: Chain, sealed: Mapping[str, Any]) -> str:
    """The loan file's head would lie between two neighbours, and none lies there. Raises `Wrong`."""
    head, digest = pack.told["head"], sha(str(pack.about["file"]).encode()).hex()
    must(not chain.held, "it holds entries of a loan file that it says there is not")
    count, places = whole(head["count"]), [-1, whole(head["count"])]
    must(count == sealed["count"], "there are not as many loan files as it says")
    must(count > 0 or sealed["root"] == sha().hex(), "the heads are not those that were sealed")
    for at, name in enumerate(("before", "after")):
        one = head[name]
        if one is None:
            continue
        places[at] = whole(one["place"])
        leaf = sha(b"\x00", canonical([one["digest"], whole(one["n"]), one["seal"], one["settled"]]))
        root = included(leaf, places[at], count, [hexed(other) for other in one["path"]])
        must(root.hex() == sealed["root"], "a neighbour is not among the heads that were sealed")
        hexed(one["digest"])
        must(one["digest"] < digest if name == "before" else digest < one["digest"], "the neighbours are others")
    must(places[1] == places[0] + 1, "the two are no neighbours: the loan file may lie between them")
    return (
        f"loan file {pack.about['file']}: none of the {count} whose retention is not over, up to entry "
        f"{pack.about['size']} · 截至检查点，无此卷宗（保存期内共 {count} 卷）"
    )


def check_head(pack: Pack, signed: Signed, chain: Chain) -> Iterator[str]:
    """The last entry of the loan file is the one that the anchor before the checkpoint seals. Raises `Wrong`."""
    file, head, anchor = str(pack.about["file"]), pack.told["head"], pack.beside("anchor")
    last, seal = chain.files.get(file, (0, None))
    if head is None or anchor is None:
        pack.find(
            INCOMPLETE,
            "head_unproven",
            "which entry of the loan file is the last cannot be told: no anchor holds its head",
            "无法判断哪一条是本卷最后一条：封存点不含本卷",
        )
        return
    shown = Shown(anchor)
    check_proof(anchor, signed)
    must(shown.kind == "anchor", "the head is proven by something that is no anchor")
    if shown.seq != signed.size:
        pack.find(
            INCOMPLETE,
            "old_anchor",
            f"the head is that of entry {shown.seq}, not of the {signed.size} that the checkpoint covers",
            "封存点不是检查点的最后一条",
        )
    if is_of_absence(pack):
        yield check_absent(pack, chain, shown.leaves["/files"])
        return
    must(head["digest"] == sha(file.encode()).hex(), "the head is that of another loan file")
    leaf = sha(b"\x00", canonical([head["digest"], whole(head["n"]), head["seal"], head["settled"]]))
    sealed = shown.leaves["/files"]
    root = included(leaf, whole(head["place"]), whole(head["count"]), [hexed(other) for other in head["path"]])
    must(root.hex() == sealed["root"] and head["count"] == sealed["count"], "the head is not the one that was sealed")
    must(head["n"] >= last, "the loan file has more entries than its head says")
    must(head["n"] > last or head["seal"] == seal, "the last entry of the loan file is another than its head says")
    whole_file = head["n"] == last and chain.whole
    must(not whole_file or head["settled"] is chain.settled, "the head says otherwise than the acts what is settled")
    if head["n"] > last:
        gone = f"{last + 1}" if head["n"] == last + 1 else f"{last + 1} to {head['n']}"
        pack.find(INCOMPLETE, "file_short", f"entries {gone} of the loan file are left out", f"卷宗缺第 {gone} 条")
    state, zh = ("no loan of it open", "无未结清贷款") if head["settled"] else ("a loan of it open", "有未结清贷款")
    yield f"loan file {file}: entry {head['n']} is its last by entry {shown.seq}, {state} · 卷宗最后一条, {zh}"


def check_firm(pack: Pack, chain: Chain) -> Iterator[str]:
    """How often the firm was assessed at the bank: the bank's word, held against the numbers that are sealed."""
    told = pack.told.get("firm")
    if told is None:
        if chain.firms and not chain.erased:
            pack.find(
                INCOMPLETE, "firm_chain", "it does not tell how often the firm was assessed", "未示该企业评估次数"
            )
        return
    count, others = whole(told["assessments"]), [whole(seq) for seq in told["others"]]
    odd = len(set(others)) < len(others) or set(others) & chain.seqs or max(others, default=0) > pack.about["size"]
    if len(chain.assessments) + len(others) != count or max(chain.firms, default=0) > count or odd:
        pack.find(INCOMPLETE, "firm_chain", "assessments of the firm are left out of its count", "该企业的评估次数不符")
    yield (
        f"the firm was assessed {count} times at this bank, {len(others)} of them outside of this file: "
        f"entries {some(others)} · 该企业在本行共评估 {count} 次，本卷外 {len(others)} 次"
    )


def some(numbers: Sequence[int]) -> str:
    """Numbers in words, not all of very many."""
    told = ", ".join(map(str, numbers[:MOST_NAMED]))
    return f"{told} … ({len(numbers)})" if len(numbers) > MOST_NAMED else told or "-"


# --- a month or a day ------------------------------------------------------------------------------------------------


def check_period(pack: Pack, signed: Signed, opening: Shown | None, language: str) -> Iterator[str]:
    """The entries of a period, without a hole. Raises `Wrong`."""
    begins, ends = span(pack.about["period"], zone_of(opening))
    first, last = whole(pack.about["first"]), whole(pack.about["last"])
    chain, start = Chain(), 2**53 if opening is None else opening.seq
    before = pack.beside("before")
    unbroken = False
    for entry in pack.entries():
        if whole(entry["seq"]) >= start and not unbroken:
            unbroken = True
            check_before(pack, entry, first, begins, start, signed)
            known = before is not None and before.get("form") == ENTRY
            chain.seq, chain.seal, chain.at = first - 1, entry["before"], before["at"] if known else ""
        must(
            entry.get("form", ENTRY_1) == (ENTRY if unbroken else ENTRY_1), f"entry {entry['seq']} is of the wrong form"
        )
        must(unbroken or "proof" in entry, f"entry {entry['seq']} is not proven")
        gone = f"entries {chain.seq + 1} to {entry['seq'] - 1} are left out"
        hole = f"{gone}, and nothing ties those before them to the checkpoint"
        must(not unbroken or entry["seq"] == chain.seq + 1, hole)
        inside = begins <= entry["at"] < ends if unbroken else entry["at"].startswith(pack.about["period"])
        if not inside:
            pack.find(
                FOREIGN,
                "period",
                f"entry {entry['seq']} of {entry['at']} lies outside of the period",
                "有条目不在期间内",
            )
        yield from check_one(pack, entry, chain, signed, language)
    yield from check_end(pack, chain, signed, (first, last, ends))
    check_first_form(pack, chain)
    if opening is not None and begins <= opening.at and opening.seq > 1 and not chain.first_form:
        pack.find(
            INCOMPLETE,
            "first_form",
            f"which of the {opening.seq - 1} entries of form 1 are of the period cannot be told, and none is shown",
            f"启用前的 {opening.seq - 1} 条第一版格式条目是否属于本期间无法判断，且均未展示",
        )
    check_erased(pack, chain)
    if pack.firm:
        yield (
            f"assessments of {pack.firm} among the {chain.shown} entries that are shown: {some(chain.asked)} · "
            f"所示条目中该企业的评估：{len(chain.asked)} 笔"
        )
    if chain.others:
        many = len(chain.others)
        yield f"{many} entries of others, of which number and time alone are told · 他人条目 {many} 条，仅示序号与时间"
    if chain.unproven:
        pack.find(
            INCOMPLETE,
            "not_shown",
            f"{len(chain.unproven)} entries are not shown, and may be this reader's: {some(chain.unproven)}",
            f"{len(chain.unproven)} 条未展示，且不能证明与本读者无关",
        )


def check_one(pack: Pack, entry: Mapping[str, Any], chain: Chain, signed: Signed, language: str) -> Iterator[str]:
    """An entry of a period: in full, a stub, or its header alone. Raises `Wrong`."""
    if "leaves" in entry:
        yield from check_entry(pack, entry, chain, signed, language)
        return
    must(entry.get("form") == ENTRY, f"entry {brief(entry['seq'])} is of form 1, and its content is left out")
    check_members(entry, {"scope", "place", "size", "path"} if "scope" in entry else set())
    if "proof" in entry:
        check_proof(entry, signed)
    chain.follow(entry)
    check_time(chain.at, chain.seq, ENTRY, signed)
    fund = pack.reader["fund"]
    if "scope" not in entry or fund is None:
        chain.unproven.append(chain.seq)
    elif check_stub(entry, fund):
        pack.find(
            INCOMPLETE,
            "left_out",
            f"entry {chain.seq} is in the scope of {fund}, and is not shown",
            f"第 {chain.seq} 条属于 {fund}，却未展示",
        )
    else:
        chain.others.append(chain.seq)


def check_before(pack: Pack, entry: Mapping[str, Any], first: int, begins: str, start: int, signed: Signed) -> None:
    """The entry before the first lies before the period, so that none is left out there. Raises `Wrong`."""
    before = pack.beside("before")
    must(entry["seq"] == first, f"the first entry is {brief(entry['seq'])}, not the {first} that it says")
    if first == 1:
        return
    if before is None:
        pack.find(INCOMPLETE, "bounds", "the entry before the period is not shown", "未展示期间之前的一条")
        return
    form, seq, at, seal = check_header(before)
    must(seq == first - 1 and seal == entry["before"], "the entry before the period is another")
    check_members(before, set())
    check_proof(before, signed)
    must(first != start or form == ENTRY_1, "entries of form 2 lie before the opening entry")
    if form == ENTRY and at >= begins:
        pack.find(
            INCOMPLETE,
            "bounds",
            f"entry {seq} of {at} is of the period, and is not shown",
            f"第 {seq} 条在期间内却未展示",
        )


def check_end(pack: Pack, chain: Chain, signed: Signed, bounds: tuple[int, int, str]) -> Iterator[str]:
    """The last entry lies in the tree, and the one behind it lies behind the period. Raises `Wrong`."""
    first, last, ends = bounds
    after, proven = pack.beside("after"), pack.beside("last")
    if last >= first:
        must(chain.seq == last, f"the last entry is {chain.seq}, not the {last} that it says")
        must(proven is not None and check_header(proven)[3] == chain.seal, "the last entry is not proven")
        check_proof(proven, signed)
    if after is not None:
        form, seq, at, _ = check_header(after)
        check_members(after, set())
        check_proof(after, signed)
        must(form == ENTRY and seq == max(last, first - 1) + 1, "the entry behind the period is another")
        must(last < first or after["before"] == chain.seal, "the entry behind the period does not follow the last")
        if at < ends:
            pack.find(
                INCOMPLETE,
                "bounds",
                f"entry {seq} of {at} is of the period, and is not shown",
                f"第 {seq} 条在期间内却未展示",
            )
    elif max(last, first - 1) < signed.size:
        pack.find(INCOMPLETE, "bounds", "the entry behind the period is not shown", "未展示期间之后的一条")
    elif signed.at < ends:
        pack.find(
            INCOMPLETE,
            "period_open",
            f"the period was not over when the checkpoint was signed, at {signed.at}",
            "检查点签署时期间尚未结束",
        )
    yield from check_month(pack, chain, signed, (first, last))


def check_month(pack: Pack, chain: Chain, signed: Signed, bounds: tuple[int, int]) -> Iterator[str]:
    """The anchor that closes the month tells of the same entries. Raises `Wrong`."""
    anchor = pack.beside("anchor")
    if anchor is None:
        return
    shown = Shown(anchor)
    check_proof(anchor, signed)
    month: Any = shown.leaves.get("/month")
    must(isinstance(month, dict) and month["month"] == pack.about["period"], "the anchor closes another month")
    must(month["last"] != bounds[1] or month["seal"] == chain.seal, "the month ends with another entry")
    if (month["first"], month["last"]) != bounds:
        pack.find(
            INCOMPLETE,
            "month_anchor",
            f"the month was closed with entries {month['first']} to {month['last']}, not {bounds[0]} to {bounds[1]}",
            "月末封存的条目范围与本包不同",
        )
    yield f"the month was closed by entry {shown.seq}, entries {month['first']} to {month['last']} · 月末封存"


# --- what the reader saw before --------------------------------------------------------------------------------------


class Index:
    """The reader's own: a line for each entry that packs showed before, in FOLDER/entries.jsonl.

    The first line names the ledger. A pack must show again what it covers of them, and with the same seals.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / "entries.jsonl"
        self.seen: dict[int, dict[str, Any]] = {}
        """By number: what this pack shows."""

    def see(self, shown: Shown) -> None:
        """Note an entry that is shown."""
        own = None if shown.file is None else shown.file["id"]
        funds = sorted(name[7:] for name, holds in shown.outer.items() if name.startswith("/scope/") and holds is True)
        told = {"seq": shown.seq, "seal": shown.seal, "at": shown.at, "file": own, "funds": funds}
        self.seen[shown.seq] = told

    def lines(self) -> Iterator[dict[str, Any]]:
        """What it holds. Raises `Misused` where that cannot be read."""
        if not self.file.exists():
            return
        with self.file.open("rb") as opened:
            for place, line in enumerate(opened, 1):
                try:
                    told = parsed(line)
                    must(isinstance(told, dict), "no object")
                    must(set(told) == INDEX_LINE if place > 1 else set(told) == {"form", "ledger"}, "not its form")
                    must(place > 1 or told["form"] == INDEX_FORM, "not its form")
                    must(place == 1 or _is_index_line(told), "not its form")
                except (Wrong, ValueError) as wrong:
                    raise Misused(
                        f"line {place} of {self.file}: {wrong}; move it away and take the months anew"
                    ) from None
                yield told

    def keep(self, ledger: str) -> None:
        """Add what this pack showed; the file is replaced as a whole, or stays as it was."""
        lines = self.lines()
        head = next(lines, {"form": INDEX_FORM, "ledger": ledger})
        every = {one["seq"]: one for one in lines} | self.seen
        self.file.parent.mkdir(parents=True, exist_ok=True)
        beside = self.file.with_suffix(".new")
        with beside.open("wb") as opened:
            for told in (head, *(every[seq] for seq in sorted(every))):
                opened.write(canonical(told) + b"\n")
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(self.file)


def _is_index_line(told: Mapping[str, Any]) -> bool:
    """Whether a line of the index tells of an entry. Raises `Wrong`."""
    moment(told["at"])
    hexed(told["seal"])
    funds = isinstance(told["funds"], list) and all(isinstance(one, str) for one in told["funds"])
    return whole(told["seq"]) > 0 and funds and isinstance(told["file"], str | None)


INDEX_FORM, INDEX_LINE = "pledgescore-index-1", {"seq", "seal", "at", "file", "funds"}


def check_index(pack: Pack, index: Index, signed: Signed, opening: Shown | None) -> Iterator[str]:
    """What the reader saw before is shown again where the pack is about it. Raises `Wrong`, `Misused`."""
    file, period = pack.about.get("file"), pack.about.get("period")
    begins, ends = span(period, zone_of(opening)) if period is not None and not pack.first else ("", "")
    fund = pack.reader["fund"]
    held = 0
    for told in index.lines():
        if "ledger" in told:
            must(told["ledger"] == signed.ledger, "this is another ledger than that of the packs that you saw before")
            continue
        seq, again = told["seq"], index.seen.get(told["seq"])
        held += again is not None
        if again is not None:
            must(told["seal"] == again["seal"], f"entry {seq} is another than you saw before: this is another history")
        elif (file is not None and told["file"] == file) or (begins <= told["at"] < ends and fund in told["funds"]):
            code, name = (LATER, "later") if seq > signed.size else (INCOMPLETE, "seen_before")
            pack.find(
                code,
                name,
                f"entry {seq}, which you saw before, is {'behind the checkpoint' if code == LATER else 'not shown'}",
                f"您此前见过的第 {seq} 条{'晚于检查点' if code == LATER else '未展示'}",
            )
    new = len(index.seen) - held
    yield f"{held} entries are as you saw them before, {new} are new to you · 与此前所见相同 {held} 条"


# --- all of it -------------------------------------------------------------------------------------------------------


def check_reader(pack: Pack, fund: str | None) -> None:
    """Finds a pack that was made for another reader than the fund of that name."""
    reads = pack.reader["for"], pack.reader["fund"]
    if fund is not None and reads != ("fund", fund):
        text = f"it is for {reads[0]} {reads[1] or 'of no name'}, not for the fund {fund}: what is yours cannot be told"
        pack.find(FOREIGN, "reader", text, f"本包并非为 {fund} 出具")
    if fund is None and reads[0] == "fund":
        pack.unsaid[NO_NAME] += 1


def verify(pack: Pack, keys: Mapping[str, Sequence[str]], earlier: Any, language: str = "") -> Iterator[str]:
    """Check everything; yields lines for the reader, and leaves findings in the pack.

    Raises `Wrong` at the first thing that is not as it was sealed, `Misused` for a checkpoint of the reader's.
    """
    told = pack.told
    checkpoint = check_checkpoint(told["checkpoint"], keys["bank"])
    yield f"{subject(pack)}"
    yield f"checkpoint: {checkpoint['size']} entries at {checkpoint['at']}, signed by the bank · 检查点由银行签署"
    if keys["fund"]:
        must(told["receipt"] is not None, "the fund has not countersigned this checkpoint")
        receipt = check_signed(told["receipt"], "receipt", RECEIPT, keys["fund"])
        same = all(receipt.get(name) == checkpoint[name] for name in ("ledger", "size", "root"))
        same = same and receipt.get("checkpoint") == sha(canonical(checkpoint)).hex()
        must(same, "the fund countersigned another checkpoint")
        yield f"countersigned by the fund at {receipt['at']} · 基金已加签"
    else:
        receipt = None
        pack.unsaid[NO_FUND] += 1
    if earlier is not None:
        yield from check_history(pack, checkpoint, earlier, keys["bank"])
    else:
        pack.unsaid[NO_EARLIER] += 1
    kept = None if earlier is None else earlier["checkpoint"]
    check_list(checkpoint, pack.manifest, "the checkpoint")
    pack.listed = key_list(checkpoint)
    yield from check_signers(pack, checkpoint, receipt, known_days(pack, checkpoint, kept))
    signed = Signed(
        checkpoint["size"], hexed(checkpoint["root"]), checkpoint["at"], checkpoint["ledger"], kept, checkpoint["seal"]
    )
    must(pack.first or pack.about.get("size") == signed.size, "it is about another checkpoint than it holds")
    opening = check_opening(pack, signed)
    if opening is not None:
        zone, clock = opening.leaves["/zone"], opening.leaves["/clock"]
        yield f"form 2 since entry {opening.seq}, days and months of {zone}, {clock} clock · 第二版格式"
    yield from check_key_entries(pack, signed)
    check = check_period if pack.about.get("period") is not None and not pack.first else check_file_pack
    yield from check(pack, signed, opening, language)
    if pack.index is not None:
        yield from check_index(pack, pack.index, signed, opening)
    must(all(whole(seq) > signed.size for seq in told["left_out"]), "what it leaves out lies within the checkpoint")
    for seq in told["left_out"][:MOST_NAMED]:
        pack.find(LATER, "later", f"entry {seq} lies behind the checkpoint", f"第 {seq} 条晚于检查点")
    if len(told["left_out"]) > MOST_NAMED:
        pack.find(
            LATER, "later", f"{len(told['left_out'])} entries lie behind the checkpoint", "另有更多条目晚于检查点"
        )
    pack.finish()
    if pack.archive.digests.get("verify.py", "") not in ("", sha(Path(__file__).read_bytes()).hex()):
        pack.unsaid[
            "anything with the verify.py in the pack, which is another than this · 包内校验程序与本程序不同"
        ] += 1
    yield from (f"not checked · 未核验 ({count}x): {why}" for why, count in pack.unsaid.items())


def check_key_entries(pack: Pack, signed: Signed) -> Iterator[str]:
    """The entries in which the bank's keys were made, exchanged and revoked. Raises `Wrong`."""
    for entry in () if pack.first else pack.told["beside"].get("keys", ()):
        shown = Shown(entry)
        check_proof(entry, signed)
        must(shown.kind == "key", f"entry {shown.seq} is not about a key")
        check_key_entry(shown, pack.listed)
        yield from (f"entry {shown.seq} of {shown.at}: {one}" for one in act_words(shown))


def subject(pack: Pack) -> str:
    """Who reads it, and what it is about."""
    names = {"file": "loan file/卷宗", "assessment": "assessment/评估", "period": "period/期间"}
    told = ", ".join(f"{names[name]} {pack.about[name]}" for name in names if pack.about.get(name) is not None)
    fund = f" {pack.reader['fund']}" if pack.reader["fund"] is not None else ""
    reader = {"fund": "基金", "bank": "银行", "court": "法院"}.get(str(pack.reader["for"]), "-")
    return f"for/供 {pack.reader['for']}{fund} ({reader}), about/关于 {told}, made at {pack.manifest['at']}"


WORDS: Mapping[int, tuple[str, str, str]] = {
    COMPLETE: (
        "COMPLETE 完整",
        "as sealed, it belongs together, and is complete up to the checkpoint; nothing later is known",
        "与封存一致，同属一案，截至检查点完整，未知有后续条目",
    ),
    NOT_AS_SEALED: ("NOT AS SEALED 不符", "something is not as it was sealed", "与封存内容不符"),
    MISUSED: ("NOT CHECKED 用法", "a file or key of yours cannot be used", "未核验：您提供的文件或密钥无法使用"),
    INCOMPLETE: (
        "INCOMPLETE 不完整",
        "as sealed, but something is missing, erased, or cannot be told",
        "与封存一致，但有缺失、已擦除或无法判断之处",
    ),
    FOREIGN: ("FOREIGN 含无关条目", "as sealed, but something in it does not belong", "与封存一致，但含无关条目"),
    LATER: (
        "LATER 有后续",
        "complete up to the checkpoint, but later entries are known to exist",
        "截至检查点完整，但已知有后续条目",
    ),
}
ORDER = (NOT_AS_SEALED, FOREIGN, INCOMPLETE, LATER, COMPLETE)
"""Of several, the first is the exit code."""


class Reads(NamedTuple):
    """Who reads: folder of its index, its name as a fund, the firm that it looks for, what it was told of keys."""

    folder: Path | None = None
    fund: str | None = None
    firm: str = ""
    days: Mapping[str, Days] = {}


def judged(
    file: Path,
    keys: Mapping[str, Sequence[str]],
    earlier: Any,
    language: str,
    tell: Callable[[str], None],
    reads: Reads | None = None,
) -> tuple[int, list[Conclusion]]:
    """The exit code, and all findings; lines are told as they come. What holds is added to the reader's index."""
    index, fund, firm, days = reads or Reads()
    findings: list[Conclusion] = []
    try:
        pack = Pack(file, keys["bank"])
        findings, pack.index, pack.firm = pack.findings, None if index is None else Index(index), firm
        pack.days = days
        check_reader(pack, fund)
        for line in verify(pack, keys, earlier, language):
            tell(brief(line, MOST_PRINTED))
    except Misused as wrong:
        findings.append(Conclusion(MISUSED, "misused", f"{wrong}"))
        return MISUSED, findings
    except Exception as wrong:  # whatever a pack of anybody may do to Python ends in a sentence
        if isinstance(wrong, Wrong) and not isinstance(wrong, Unreadable):
            findings.append(Conclusion(NOT_AS_SEALED, "wrong", brief(str(wrong))))
        else:
            said = str(wrong) if isinstance(wrong, Wrong) else repr(wrong)
            text = f"unreadable or not whole, ask for it again · 无法读取或不完整，请重新索取: {brief(said)}"
            findings.append(Conclusion(NOT_AS_SEALED, "unreadable", text))
    codes = {one.exit for one in findings} | {COMPLETE}
    code = next(code for code in ORDER if code in codes)
    if code not in (NOT_AS_SEALED, FOREIGN) and pack.index is not None:
        try:
            pack.index.keep(pack.told["checkpoint"]["checkpoint"]["ledger"])
        except OSError as wrong:
            findings.append(Conclusion(MISUSED, "misused", f"your index cannot be written: {wrong}"))
            return MISUSED, findings
    return code, findings


def main(arguments: Sequence[str]) -> int:
    """Print what was found; the exit code says whether it holds."""
    any_console()
    parser = argparse.ArgumentParser(description="Checks a pack of PledgeScore.")
    parser.add_argument("pack", type=Path)
    parser.add_argument(
        "--bank-key", action="append", required=True, help="PEM file, 64 hex digits, or file of keys; again for more"
    )
    parser.add_argument("--fund-key", action="append", default=[], help="the same of the fund")
    parser.add_argument("--fund", help="the name by which the bank knows you, a fund: is the pack for you?")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept earlier")
    parser.add_argument("--index", type=Path, help="folder of what you saw in packs before: held against, and added to")
    parser.add_argument("--firm", default="", help="of a month: which assessments of this firm it holds, or that none")
    parser.add_argument("--tell", choices=("en", "zh"), default="", help="also print reasons and open findings")
    parser.add_argument("--json", action="store_true", help="print all findings as JSON")
    given = parser.parse_args(arguments)
    lines: list[str] = []
    tell = lines.append if given.json else say
    own_digest = sha(Path(__file__).read_bytes()).hex()
    tell(f"verifier {own_digest} (compare with the README · 请与 README 所载比对)")
    try:
        bank_keys, days = read_keys(given.bank_key)
        keys = {"bank": bank_keys, "fund": [read_key(key) for key in given.fund_key]}
        must(not set(keys["bank"]) & set(keys["fund"]), "the same key is given for bank and fund")
        earlier = parsed(own(given.checkpoint)) if given.checkpoint else None
        must(given.pack.is_file(), f"{given.pack} is no file")
    except (Wrong, OSError, ValueError) as wrong:
        code, findings = MISUSED, [Conclusion(MISUSED, "misused", str(wrong))]
    else:
        reads = Reads(given.index, given.fund, given.firm, days)
        code, findings = judged(given.pack, keys, earlier, given.tell, tell, reads)
    word, en, zh = WORDS[code]
    if given.json:
        told = {"exit": code, "word": word, "en": en, "zh": zh, "verifier": own_digest, "lines": lines}
        found = [one._asdict() for one in findings]
        say_json({**told, "findings": found})
        return code
    for one in findings:
        say(f"{WORDS[one.exit][0]} [{one.code}]: {one.text}")
    say(f"== {word}: {en} · {zh}")
    return code


def say_json(told: object) -> None:
    """Print a value as JSON of ASCII."""
    if sys.stdout is not None:
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
