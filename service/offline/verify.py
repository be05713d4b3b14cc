"""Checks a pack of PledgeScore on a machine that has never seen it. Python 3.11 or later, standard library only.

    python3 -I verify.py PACK.zip --bank-key KEY [--fund-key KEY] [--checkpoint EARLIER.json] [--tell en|zh]

A KEY is a PEM file or 64 hex digits, given by the reader: a key found in a pack proves nothing. EARLIER is a checkpoint
that the reader kept. `--tell` prints the reasons shown and the findings that weigh. Exit code 0: all that can be
recomputed is as it was sealed; 1: it is not; 2: misused.

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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

FORM, FORM_1 = "pledgescore-pack-2", "pledgescore-pack-1"
CHECKPOINT, RECEIPT = "pledgescore-checkpoint-1", "pledgescore-receipt-1"
ENTRY, ENTRY_1, SUITE = "pledgescore-entry-2", "pledgescore-entry-1", "sha256-ed25519-1"
TENTH = 0.1 + 1e-6  # of a point: what showing whole tenths that add up can move a part by
CLOSE = 1e-9  # of a log-odds: sums taken in another order differ in their last bits
ERASED = "the content of an entry whose key was destroyed: only that it stood there · 密钥已销毁的条目"
NO_BYTES = "the answer's bytes as they left: not all of it is for this reader · 答复原文"
RAW = "what follows from the raw rows: that takes the product · 由原始数据重算"
NO_TREES = "log-odds from the trees, points by reason: not all features are for this reader · 由模型重算"
NOT_SHOWN = "features and reasons: the pack does not show them · 特征与理由"
NO_FUND = "whether the fund countersigned: no --fund-key was given · 基金是否加签"
NO_EARLIER = "whether history was exchanged before: no --checkpoint was given · 历史是否被替换"
UNCUT: Mapping[str, Any] = {"features": {}}  # an entry that does not say how it is cut withholds whole parts
MOST_BYTES = 2**31  # of a pack, unpacked
MOST_WHOLE = 2**26  # of a member that is read as a whole
MOST_NAMES = 2**22  # of the names of all members
MOST_OWN = 2**24  # of a file that the reader brings
MOST_SHOWN = 400  # characters of a value that are printed


class Wrong(Exception):
    """Something is not as it was sealed, or not as this program can read it; says what."""


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
    return one.isprintable() and not odd and one not in BLANKS


BLANKS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and signs that show nothing


def brief(told: Any) -> str:
    """A value that somebody else wrote, of bounded length."""
    text = told if isinstance(told, str) else repr(told)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…({len(text)})"


def say(line: str) -> None:
    """Print a line, nothing of which can pass for another: broken by ourselves, so that only ours begin at the edge.

    Whatever the console cannot write stands as an escape; a reader who went away changes no exit code.
    """
    if sys.stdout is None:
        return
    try:
        for row in rows(plain(line), max(20, shutil.get_terminal_size((80, 24)).columns - 1)):
            print(row)
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def rows(line: str, width: int) -> Iterator[str]:
    """The line in rows of so many columns, all but the first indented."""
    row, taken = "", 0
    for one in line:
        if taken + _columns(one) > width:
            head, space, rest = row.rpartition(" ")
            head, rest = (head, rest) if space and _columns(rest) < width / 3 and head.strip() else (row, "")
            yield head
            row = INDENT + rest
            taken = _columns(row)
        row, taken = row + one, taken + _columns(one)
    yield row


def _columns(text: str) -> int:
    """How many columns a text takes at most: a sign whose width is ambiguous may take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WFA" else 1 for one in text)


INDENT = "        "


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
    must(isinstance(told, dict) and set(told) == {what, "signature"}, f"there is no {what}")
    statement = told[what]
    must(isinstance(statement, dict) and statement.get("form") == form, f"the {what} is in another form")
    key = statement.get("key")
    must(key in keys, f"the {what} is signed with the key {brief(key)}, which is none of those given")
    must(signed(str(key), canonical(statement), told["signature"]), f"the signature of the {what} is wrong")
    moment(statement.get("at"))
    return dict(statement)


def check_checkpoint(told: Any, keys: Sequence[str]) -> dict[str, Any]:
    """The statement of a signed checkpoint, each member of the type that it must have. Raises `Wrong`."""
    statement = check_signed(told, "checkpoint", CHECKPOINT, keys)
    must(whole(statement.get("size")) > 0, "the checkpoint covers nothing")
    for name in ("ledger", "root", "seal"):
        hexed(statement.get(name))
    return statement


# --- the trees of a model --------------------------------------------------------------------------------------------


Row = Sequence[float]
Split = tuple[int, int, float, tuple[int, ...]]  # feature, decision type, threshold, bits of categories
Leaf = tuple[float, list[tuple[Split, bool, float]]]  # value, and per step the side taken and the share of rows there
TREE = "left_child right_child internal_count leaf_count split_feature decision_type cat_boundaries cat_threshold"


def leaves_of(model: str) -> list[Leaf]:
    """Every leaf of LightGBM's text: its value, and per step the split, the side taken and the share of rows there."""
    head, *sections = model.split("\nTree=")
    must("num_tree_per_iteration=1" in head.splitlines(), "the model has several classes")
    found = []
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
            if node < 0:
                found.append((values[~node], steps))
                continue
            place = int(thresholds[node]) if kinds[node] & 1 else 0
            bits = tuple(words[cuts[place] : cuts[place + 1]]) if kinds[node] & 1 else ()
            split = (features[node], kinds[node], thresholds[node], bits)
            for side, child in ((True, right[node]), (False, left[node])):
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
        return self.zip.read(name)


NAME = re.compile(r"(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._/-]{0,199}")


class Pack:
    """The members of a pack, each as the bank's signed list names it."""

    def __init__(self, file: Path, keys: Sequence[str]) -> None:
        archive = Archive(file)
        self.members = {name: archive.read(name) for name in archive.members}
        listed = self.json("manifest.json")
        first = listed["manifest"]["form"] == FORM_1
        manifest = check_signed(listed, "manifest", FORM_1 if first else FORM, keys)
        found = {n: sha(held).hex() for n, held in self.members.items() if n != "manifest.json"}
        must(found == manifest["members"], "the members are not those that the bank signed")
        self.told = self.json("pack.json")

    def json(self, name: str) -> dict[str, Any]:
        """A member that is a canonical JSON object. Raises `Wrong`."""
        must(name in self.members, f"{name} is missing")
        told = parsed(self.members[name])
        must(isinstance(told, dict) and canonical(told) == self.members[name], f"{name} is not in canonical form")
        return dict(told)


class Shown:
    """An entry whose hashes lead to its seal: the leaves shown of its content and, in form 2, its outer ones."""

    def __init__(self, entry: Mapping[str, Any]) -> None:
        must(entry["suite"] == SUITE, f"the suite {entry['suite']} is none that this program knows")
        self.form, self.seq, self.at, self.seal = entry.get("form", ENTRY_1), entry["seq"], entry["at"], entry["seal"]
        must(self.form in (ENTRY, ENTRY_1), f"the form {self.form} is none that this program knows")
        names, root = ("suite", "before", "seq", "at", "actor", "kind", "root"), "root"
        self.outer: dict[str, Any] = {}
        if self.form == ENTRY:
            names, root = ("form", "suite", "before", "seq", "at", "outer", "inner"), "inner"
            self.outer = check_leaves(entry["outer_leaves"], entry["outer"])
            must({"/kind", "/file"} <= set(self.outer), "kind or loan file is not shown")
        self.erased = entry["leaves"] is None
        self.leaves = {} if self.erased else check_leaves(entry["leaves"], entry[root])
        self.hidden = len(entry["leaves"] or ()) - len(self.leaves)
        must(sha(canonical([entry[name] for name in names])).hex() == self.seal, "the seal is not that of its header")
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
        what = f"{self.kind} by {self.actor} at {self.at}{place}"
        return f"entry {self.seq}, {what}: {len(self.leaves)} leaves shown/展示, {self.hidden} withheld/隐去"


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
    root = included(leaf, stub["place"], stub["size"], [hexed(other) for other in stub["path"]])
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
    if (sent := pack.members.get(f"sent/{seq}.json")) is not None:
        check_sent(sent, shown, answer)
    else:
        unsaid[NO_BYTES] += 1
    name = answer["versions"]["bundle"]
    if f"bundles/{name}/bundle.sha256" not in pack.members:
        unsaid[f"what the model said: its bundle {name} is not in the pack · 模型结果：包内无此模型"] += 1
        return
    files = read_bundle(pack, name)
    policy = parsed(pack.members[f"policies/{answer['versions']['policy']}.json"])
    text = json.dumps(policy, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    must(sha(text).hex() == answer["versions"]["policy"], "the policy is not the one that answered")
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
    place = f"bundles/{name}/"
    held = {member[len(place) :]: text for member, text in pack.members.items() if member.startswith(place)}
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


def check_history(pack: Mapping[str, Any], now: Mapping[str, Any], earlier: Any, keys: Sequence[str]) -> str:
    """The checkpoint continues the one that the reader kept. Raises `Wrong`."""
    try:
        kept = check_checkpoint(earlier, keys)
    except Exception as wrong:
        raise Wrong(f"of the checkpoint that you kept, not of the pack: {wrong!r}") from None
    first, size = kept["size"], now["size"]
    must(first <= size, f"the checkpoint kept is newer ({first} entries): ask for a newer pack")
    proof = pack["consistency"].get(str(first), [] if first == size else None)
    must(proof is not None, f"no proof from {first} entries: ask again with &since={first}")
    roots = hexed(kept["root"]), hexed(now["root"])
    same = consistent(first, size, *roots, [hexed(other) for other in proof])
    must(same and kept["ledger"] == now["ledger"], "this is another history than that of the checkpoint kept")
    return f"the same history as that of the checkpoint kept, of {first} entries · 与所存检查点为同一历史"


def verify(pack: Pack, keys: Mapping[str, Sequence[str]], earlier: Any, language: str = "") -> Iterator[str]:
    """Check everything; yields lines for the reader. Raises `Wrong` at the first thing that is not as sealed."""
    told, unsaid = pack.told, Counter[str]()
    checkpoint = check_checkpoint(told["checkpoint"], keys["bank"])
    size, root = checkpoint["size"], hexed(checkpoint["root"])
    yield f"checkpoint: {size} entries at {checkpoint['at']}, signed by the bank · 检查点由银行签署"
    if keys["fund"]:
        must(told["receipt"] is not None, "the fund has not countersigned this checkpoint")
        receipt = check_signed(told["receipt"], "receipt", RECEIPT, keys["fund"])
        must(receipt["checkpoint"] == sha(canonical(checkpoint)).hex(), "the fund countersigned another checkpoint")
        yield f"countersigned by the fund at {receipt['at']} · 基金已加签"
    else:
        unsaid[NO_FUND] += 1
    if earlier is not None:
        yield check_history(told, checkpoint, earlier, keys["bank"])
    else:
        unsaid[NO_EARLIER] += 1
    if told.get("opening") is not None:
        yield check_opening(told["opening"], size, root, told["entries"])
    before: Mapping[str, Any] = {"seq": -1}
    ends: dict[str, tuple[int, str]] = {}
    for entry in told["entries"]:
        try:
            found: list[str] = []
            shown = Shown(entry)
            check_place(entry, before, size, root)
            check_file(shown, ends)
            if shown.erased:
                unsaid[ERASED] += 1
            elif shown.kind == "assessment":
                found = list(check_answer(pack, entry["seq"], shown.leaves, unsaid, language))
        except Exception as wrong:
            raise Wrong(f"entry {entry.get('seq')}: {wrong if isinstance(wrong, Wrong) else repr(wrong)}") from None
        before = entry
        yield shown.told()
        yield from found
    yield from (f"not checked · 未核验 ({count}x): {why}" for why, count in unsaid.items())


def check_opening(entry: Mapping[str, Any], size: int, root: bytes, entries: Sequence[Mapping[str, Any]]) -> str:
    """The opening entry: what lies before it is of form 1, what lies behind it of form 2. Raises `Wrong`."""
    shown = Shown(entry)
    check_place(entry, {"seq": -1}, size, root)
    must(shown.kind == "opening" and shown.leaves["/form1"]["n"] == shown.seq - 1, "this is no opening entry")
    for one in entries:
        form = ENTRY_1 if one["seq"] < shown.seq else ENTRY
        must(one.get("form", ENTRY_1) == form, f"entry {one['seq']} is not of the form that the opening entry tells")
    clock = shown.leaves["/clock"]
    return f"form 2 since entry {shown.seq}, days and months of {shown.leaves['/zone']}, {clock} clock · 第二版格式"


def check_place(entry: Mapping[str, Any], before: Mapping[str, Any], size: int, root: bytes) -> None:
    """The entry lies in the checkpoint's tree, and behind the one before it. Raises `Wrong`."""
    proof, leaf = [hexed(other) for other in entry["proof"]], sha(b"\x00", hexed(entry["seal"]))
    must(included(leaf, entry["seq"] - 1, size, proof) == root, "it does not lie in the checkpoint's tree")
    must(entry["seq"] > before["seq"], "the entries are not in order")
    must(entry["seq"] != before["seq"] + 1 or entry["before"] == before["seal"], "the chain of seals is broken")
    if entry.get("form") == ENTRY and before.get("form") == ENTRY:
        must(entry["at"] >= before["at"], "its time lies before that of the entry before it")


def check_file(shown: Shown, ends: dict[str, tuple[int, str]]) -> None:
    """The entry is behind those of its loan file that were shown before. Raises `Wrong`."""
    if shown.file is None:
        return
    own, n, before = shown.file["id"], shown.file["n"], shown.file["before"]
    last, seal = ends.get(own, (0, None))
    must(n > last and (n == 1) == (before is None), f"it is not behind entry {last} of its loan file")
    must(n != last + 1 or before == seal, "the chain of its loan file is broken")
    ends[own] = (n, shown.seal)


def main(arguments: Sequence[str]) -> int:
    """Print what was found; the exit code says whether it holds."""
    any_console()
    parser = argparse.ArgumentParser(description="Checks a pack of PledgeScore.")
    parser.add_argument("pack", type=Path)
    parser.add_argument("--bank-key", action="append", required=True, help="PEM file or 64 hex digits; again for more")
    parser.add_argument("--fund-key", action="append", default=[], help="the same of the fund")
    parser.add_argument("--checkpoint", type=Path, help="a checkpoint kept earlier")
    parser.add_argument("--tell", choices=("en", "zh"), default="", help="also print reasons and open findings")
    given = parser.parse_args(arguments)
    say(f"verifier {sha(Path(__file__).read_bytes()).hex()} (compare with the README · 请与 README 所载比对)")
    try:
        keys = {"bank": [read_key(key) for key in given.bank_key], "fund": [read_key(key) for key in given.fund_key]}
        must(not set(keys["bank"]) & set(keys["fund"]), "the same key is given for bank and fund")
        earlier = parsed(own(given.checkpoint)) if given.checkpoint else None
        must(given.pack.is_file(), f"{given.pack} is no file")
    except (Wrong, OSError, ValueError) as wrong:
        say(f"NOT CHECKED: a file or key of yours cannot be read: {wrong}")
        say("未核验：您提供的文件或密钥无法读取。")
        return 2
    try:
        for line in verify(Pack(given.pack, keys["bank"]), keys, earlier, given.tell):
            say(line)
    except Exception as wrong:  # whatever a pack of anybody may do to Python ends in a sentence
        if isinstance(wrong, Wrong) and not isinstance(wrong, Unreadable):
            say(f"NOT AS SEALED: {brief(str(wrong))}")
            say("与封存内容不符。")
            return 1
        say(f"NOT AS SEALED: unreadable or not whole, ask for it again: {brief(repr(wrong))}")
        say("无法读取或不完整，请重新索取。")
        return 1
    say("AS SEALED: everything above holds, except what is said not to have been checked.")
    say("与封存内容一致（注明未核验者除外）。")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
