"""Somebody with a pack in hand who changes it: bytes, meaning, with all hashes made anew, with another key."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from service.ledger.canonical import canonical, float_text
from service.ledger.signing_devices import FileKey
from service.ledger.signing_keys import Signer
from service.offline.verify import sha, tree_root

Members = dict[str, bytes]
Told = dict[str, Any]


def read(pack: Path) -> Members:
    """The members of a pack."""
    with zipfile.ZipFile(pack) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def write(members: Members, file: Path) -> Path:
    """The members as a pack again."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in members.items():
            packed.writestr(name, content)
    file.write_bytes(out.getvalue())
    return file


def flip_a_bit(members: Members, chance: Random) -> Members:
    """One bit of one member, the signed list left as it is."""
    name = chance.choice(sorted(members))
    content = bytearray(members[name])
    content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return members | {name: bytes(content)}


def drop_a_member(members: Members, chance: Random) -> Members:
    """One member less."""
    gone = chance.choice(sorted(members))
    return {name: content for name, content in members.items() if name != gone}


def add_a_member(members: Members, chance: Random) -> Members:
    """One member more than was signed."""
    return members | {f"sent/{chance.randrange(100, 999)}.json": b"{}"}


def relisted(members: Members, signer: Signer, at: str = "2026-11-20T04:00:00.000000Z") -> Members:
    """The members under a list that this signer signs: what the bank itself can do to a pack."""
    kept = {name: content for name, content in members.items() if name != "manifest.json"}
    listed = {name: sha(content).hex() for name, content in kept.items()}
    pack = json.loads(kept["pack.json"])
    statement = {"form": pack["form"], "at": at, "members": listed}
    statement |= {name: pack[name] for name in ("about", "reader") if pack["form"] == "pledgescore-pack-2"}
    before = json.loads(members["manifest.json"])["manifest"]
    statement |= {"keys": before["keys"]} if "keys" in before else {}
    return kept | {"manifest.json": canonical(signer.signed("manifest", statement))}


def told(members: Members) -> Told:
    """What `pack.json` says, with the entries."""
    found: Told = json.loads(members["pack.json"])
    parts = [members[name] for name in sorted(members) if name.startswith("entries/")]
    if parts:
        found["entries"] = [json.loads(line) for part in parts for line in part.splitlines()]
    return found


def saying(members: Members, pack: Told) -> Members:
    """The members, with what the pack and its entries say."""
    if "entries/000001.jsonl" not in members:
        return members | {"pack.json": canonical(pack)}
    kept = {name: content for name, content in members.items() if not name.startswith("entries/")}
    lines = b"".join(canonical(entry) + b"\n" for entry in pack["entries"])
    rest = {name: told for name, told in pack.items() if name != "entries"}
    return kept | {"pack.json": canonical(rest), "entries/000001.jsonl": lines}


def proven(pack: Told) -> Iterator[Told]:
    """The entries and those beside them that carry a proof."""
    for one in (*pack["entries"], *pack.get("beside", {}).values()):
        yield from (entry for entry in (one if isinstance(one, list) else [one]) if entry and "proof" in entry)


def _shown(pack: Told, chance: Random) -> tuple[Told, list[str]]:
    """A leaf that is shown, and its entry."""
    entry = chance.choice([entry for entry in pack["entries"] if any(len(leaf) == 3 for leaf in entry["leaves"])])
    return entry, chance.choice([leaf for leaf in entry["leaves"] if len(leaf) == 3])


def change_a_leaf(pack: Told, chance: Random) -> None:
    """Another value in a leaf."""
    _, leaf = _shown(pack, chance)
    leaf[2] = canonical({"made": "up"}).decode()


def hide_a_leaf(pack: Told, chance: Random) -> None:
    """A leaf shown no more, its digest a made-up one."""
    entry, leaf = _shown(pack, chance)
    entry["leaves"][entry["leaves"].index(leaf)] = [sha(leaf[0].encode()).hex()]


def drop_a_leaf(pack: Told, chance: Random) -> None:
    """A leaf less."""
    entry, leaf = _shown(pack, chance)
    entry["leaves"].remove(leaf)


def rename_a_leaf(pack: Told, chance: Random) -> None:
    """A leaf under another pointer."""
    _, leaf = _shown(pack, chance)
    leaf[0] += "x"


def change_the_header(pack: Told, chance: Random) -> None:
    """Another actor, time, kind, or seal before."""
    names = ("at", "before", "seal", "outer", "inner", "suite", "form")
    entry, name = chance.choice(pack["entries"]), chance.choice(names)
    entry[name] = f"{entry[name][:-1]}{'0' if entry[name][-1] != '0' else '1'}"


def move_an_entry(pack: Told, chance: Random) -> None:
    """Another number."""
    chance.choice(pack["entries"])["seq"] += chance.choice((-1, 1))


def spoil_a_proof(pack: Told, chance: Random) -> None:
    """A hash of an inclusion proof exchanged, or one more."""
    proof = chance.choice(pack["entries"])["proof"]
    proof.append(sha(b"one more").hex())
    if len(proof) > 1 and chance.random() < 0.5:
        proof.pop()
        proof[chance.randrange(len(proof))] = sha(b"another").hex()


def change_the_checkpoint(pack: Told, chance: Random) -> None:
    """Another size, root or time under the old signature."""
    signed = pack["checkpoint"]["checkpoint"]
    name = chance.choice(("size", "root", "at", "verifier", "ledger"))
    signed[name] = signed[name] + 1 if name == "size" else sha(str(signed[name]).encode()).hex()


def change_the_receipt(pack: Told, chance: Random) -> None:
    """A countersignature of something else, or none."""
    if chance.random() < 0.3:
        pack["receipt"] = None
    else:
        name = chance.choice(("checkpoint", "at", "root"))
        pack["receipt"]["receipt"][name] = sha(name.encode()).hex()


def spoil_consistency(pack: Told, chance: Random) -> None:
    """No proof, or a wrong one, from the earlier checkpoint that the reader holds."""
    for size, proof in pack["consistency"].items():
        pack["consistency"][size] = [sha(other.encode()).hex() for other in proof] if chance.random() < 0.5 else ["00"]


def reseal(pack: Told, changed: Told) -> None:
    """Make root, seal and every seal behind the changed entry anew, as far as the leaves are shown."""
    before = None
    for entry in pack["entries"]:
        if before is not None and entry["seq"] == before["seq"] + 1:
            entry["before"] = before["seal"]
        if entry is changed:
            entry["inner"] = tree_root([leaf_hash(leaf) for leaf in entry["leaves"]]).hex()
        header = [entry[name] for name in ("form", "suite", "before", "seq", "at", "outer", "inner")]
        entry["seal"] = sha(canonical(header)).hex()
        before = entry


def leaf_hash(leaf: list[str]) -> bytes:
    """The hash of a leaf as a pack shows it."""
    if len(leaf) == 1:
        return bytes.fromhex(leaf[0])
    return sha(b"\x00", bytes.fromhex(leaf[1]), b"[", canonical(leaf[0]), b",", leaf[2].encode(), b"]")


def better_odds(pack: Told) -> Told:
    """A lower probability of default in the first assessment, consistently told; the entry."""
    entry: Told = next(entry for entry in pack["entries"] if kind_of(entry) == "assessment")
    leaves = {leaf[0]: leaf for leaf in entry["leaves"] if len(leaf) == 3}
    pd = json.loads(leaves["/answer/pd"][2])
    pd["value"] = float_text(0.0001)
    leaves["/answer/pd"][2] = canonical(pd).decode()
    return entry


def kind_of(entry: Told) -> str:
    """The kind of an entry, from its outer leaves."""
    return next(str(json.loads(leaf[2])) for leaf in entry["outer_leaves"] if leaf[0] == "/kind")


def forked(pack: Told, signer: Signer, fund: Signer | None = None) -> Told:
    """Another history with everything made anew: leaves, seals, tree, checkpoint, and receipt if a fund helps."""
    made = deepcopy(pack)
    reseal(made, better_odds(made))
    size = made["checkpoint"]["checkpoint"]["size"]
    hashes = [sha(b"made up", bytes([place])) for place in range(size)]
    for entry in proven(made):
        hashes[entry["seq"] - 1] = sha(b"\x00", bytes.fromhex(entry["seal"]))
    statement = made["checkpoint"]["checkpoint"] | {"root": tree_root(hashes).hex()}
    for entry in proven(made):
        entry["proof"] = [other.hex() for other in path_of(hashes, entry["seq"] - 1)]
    made["checkpoint"] = signer.signed("checkpoint", statement)
    if fund is not None:
        of = sha(canonical(made["checkpoint"]["checkpoint"])).hex()
        receipt = made["receipt"]["receipt"] | {"size": size, "root": statement["root"], "checkpoint": of}
        made["receipt"] = fund.signed("receipt", receipt)
    return made


def path_of(hashes: list[bytes], place: int) -> list[bytes]:
    """The inclusion proof of the leaf at a place."""
    if len(hashes) == 1:
        return []
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    left, right = hashes[:middle], hashes[middle:]
    if place < middle:
        return [*path_of(left, place), tree_root(right)]
    return [*path_of(right, place - middle), tree_root(left)]


RAW: tuple[Callable[[Members, Random], Members], ...] = (flip_a_bit, drop_a_member, add_a_member)
"""What somebody without a key can do."""
SAID: tuple[Callable[[Told, Random], None], ...] = (
    change_a_leaf, hide_a_leaf, drop_a_leaf, rename_a_leaf, change_the_header, move_an_entry, spoil_a_proof,
    change_the_checkpoint, change_the_receipt, spoil_consistency,
)  # fmt: skip
"""What the bank can do, which signs the list of members anew with its own key."""


@dataclass(frozen=True)
class Forger:
    """Who holds keys: the bank's and the fund's, and a checkpoint of before with its receipt."""

    bank: Signer
    fund: Signer
    older: tuple[Told, Told]


def with_another_key(members: Members, _: Forger) -> Members:
    """Everything hashed and signed anew by somebody else, as bank and as fund."""
    stranger = Signer(FileKey(Ed25519PrivateKey.generate()))
    return relisted(saying(members, forked(told(members), stranger, stranger)), stranger)


def a_fork_by_the_bank(members: Members, forger: Forger) -> Members:
    """Another history under the bank's own key, beside the fund's receipt of the true one."""
    return relisted(saying(members, forked(told(members), forger.bank)), forger.bank)


def a_fork_by_both(members: Members, forger: Forger) -> Members:
    """Another history that the fund signs too, shown as if it began with the checkpoint kept."""
    pack = forked(told(members), forger.bank, forger.fund)
    pack["consistency"] = {str(forger.older[0]["checkpoint"]["size"]): []}
    return relisted(saying(members, pack), forger.bank)


def an_older_fork(members: Members, forger: Forger) -> Members:
    """The entries as they are, under a checkpoint and a receipt of before the last ones."""
    checkpoint, receipt = forger.older
    pack = told(members) | {"checkpoint": checkpoint, "receipt": receipt}
    return relisted(saying(members, pack), forger.bank)


FORGED: tuple[Callable[[Members, Forger], Members], ...] = (
    with_another_key, a_fork_by_the_bank, a_fork_by_both, an_older_fork,
)  # fmt: skip
"""What those can do who hold keys."""


def corrupted(members: Members, chance: Random, bank: Signer) -> tuple[str, Members]:
    """One corruption, and its name."""
    if chance.random() < 0.3:
        act = chance.choice(RAW)
        return act.__name__, act(members, chance)
    change, pack = chance.choice(SAID), told(members)
    change(pack, chance)
    return f"{change.__name__}, listed anew", relisted(saying(members, pack), bank)
