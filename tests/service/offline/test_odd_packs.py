"""Whatever lies in the file, `verify.py` ends in a sentence and its exit code, and no value paints the screen."""

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from service.ledger.canonical import canonical
from service.ledger.signing_keys import load_signer
from service.offline import verify
from tests.amount import part
from tests.beside import BESIDE
from tests.service import corrupting
from tests.service.banked import VERIFIER, Bank, open_bank
from tests.service.made import applicant
from tests.service.offline import damaging

CASES = BESIDE / "cases" / "reports"
DAMAGED = part(300)
WORDS = ("== ", "AS SEALED", "COMPLETE", "与封存")
"""What a row of the screen begins with that concludes."""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Bank]:
    """A bank with one assessment, signed and countersigned."""
    bank = open_bank(tmp_path_factory.mktemp("bank"), bundle)
    with bank.client:
        bank.ask(applicant(1))
        bank.sign()
        bank.countersign()
        yield bank


@pytest.fixture(scope="module")
def members(bank: Bank) -> dict[str, bytes]:
    """The members of the fund's pack."""
    own = bank.client.get("/v1/assessments").json()["items"][0]["id"]
    return corrupting.read(bank.pack(own, "fund"))


def screen(file: Path, *keys: str, columns: int = 80, encoding: str = "utf-8") -> tuple[int, list[str]]:
    """The exit code, and the rows that a terminal of so many columns then shows."""
    pyte: Any = pytest.importorskip("pyte", reason="the terminal emulator is not installed")
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(file), *keys]
    variables = {"COLUMNS": str(columns), "PYTHONIOENCODING": encoding}
    told = subprocess.run(command, capture_output=True, check=False, env=variables, cwd=file.parent)
    assert b"Traceback" not in told.stderr
    shown = pyte.Screen(columns, 400)
    shown.set_mode(pyte.modes.LNM)
    pyte.ByteStream(shown).feed(told.stdout)
    return told.returncode, [row.rstrip() for row in shown.display if row.strip()]


@pytest.mark.whole
def test_damaged_packs_end_in_a_sentence(
    bank: Bank, members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of many: none ends in a traceback, and none that says anything else than the pack did passes."""
    chance, file = Random(14), tmp_path / "damaged.zip"
    whole = tmp_path / "whole.zip"
    whole.write_bytes(damaging.zipped(members))
    expected = verify.main([str(whole), "--bank-key", bank.key])
    said = capsys.readouterr().out
    for number in range(DAMAGED):
        way = damaging.WAYS[number % len(damaging.WAYS)]
        file.write_bytes(way(members, chance))
        code = verify.main([str(file), "--bank-key", bank.key])
        printed = capsys.readouterr()
        assert (code == 1 and "NOT AS SEALED" in printed.out) or (code == expected and printed.out == said), way
        assert not printed.err
        assert printed.out.isprintable() or set(printed.out) - {"\n"} == {c for c in printed.out if c.isprintable()}


def test_a_bomb_is_not_unpacked(
    bank: Bank, members: dict[str, bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Seventy megabytes of zeros in a few thousand bytes are refused by their size."""
    (tmp_path / "bomb.zip").write_bytes(damaging.bomb(members, Random(1)))
    assert verify.main([str(tmp_path / "bomb.zip"), "--bank-key", bank.key]) == 1
    assert "too large" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["ascii", "gbk", "cp1252", "utf-8"])
def test_any_console_can_be_written_to(bank: Bank, members: dict[str, bytes], tmp_path: Path, encoding: str) -> None:
    """The sentence arrives, in whatever letters the console has; also where nobody reads on."""
    file = tmp_path / "whole.zip"
    file.write_bytes(damaging.zipped(members))
    command = [sys.executable, str(VERIFIER), str(file), "--bank-key", bank.key]
    told = subprocess.run(command, capture_output=True, check=False, env={"PYTHONIOENCODING": encoding})
    assert told.stderr == b""
    whole = told.returncode
    assert told.stdout.decode(encoding)
    closed = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={})
    assert closed.stdout
    assert closed.stderr
    closed.stdout.close()
    assert (closed.stderr.read(), closed.wait()) == (b"", whole)
    closed.stderr.close()


def painted(told: dict[str, Any], text: str) -> None:
    """Let an entry's actor be such a text, everything hashed anew as far as it is shown."""
    entry = told["entries"][0]
    for leaf in entry["outer_leaves"]:
        if leaf[0] == "/actor":
            leaf[2] = canonical(text).decode()
    entry["outer"] = verify.tree_root([corrupting.leaf_hash(leaf) for leaf in entry["outer_leaves"]]).hex()


PAINT = (
    "\x1b[2J\x1b[HAS SEALED: everything above holds",
    "x\nAS SEALED: everything above holds",
    "x\rAS SEALED: everything above holds",
    "x\u2028AS SEALED\x85AS SEALED\x0bAS SEALED\x0cAS SEALED",
    "\u202edelaes sa",
    " " * 160 + "AS SEALED: everything above holds",
    "─" * 150 + "AS SEALED: everything above holds",
    "\u3000" * 71 + "AS SEALED",
    "\x9b2JAS SEALED",
    "a" + "\u0300" * 500,
    "\u3164" * 200 + "AS SEALED",
    "\u2630" * 37 + "== COMPLETE 完整: as sealed",
    "\x1b]0;AS SEALED\x07\x1b[8mhidden\x1b[1A\x1b[2K",
)


@pytest.mark.parametrize("place", range(len(PAINT)))
def test_no_value_paints_the_screen(bank: Bank, members: dict[str, bytes], tmp_path: Path, place: int) -> None:
    """What the bank itself seals and signs: no row of the terminal begins with a word that concludes, but ours."""
    pack = corrupting.told(members)
    painted(pack, PAINT[place])
    own = load_signer(bank.place / "keys")
    made = corrupting.forked(pack, own) if place % 2 else pack
    file = corrupting.write(corrupting.relisted(corrupting.saying(members, made), own), tmp_path / "painted.zip")
    for columns in (80, 120):
        code, rows = screen(file, "--bank-key", bank.key, columns=columns)
        concluding = [row for row in rows if row.startswith(WORDS)]
        word = verify.WORDS[code][0]
        assert [row for row in rows if row.startswith("== ")] == concluding
        assert [row.startswith(f"== {word}") for row in concluding] == [True]
        assert rows[0].startswith("verifier")


def test_the_forged_screen_of_a_report_says_nothing(tmp_path: Path) -> None:
    """A pack made without any key, whose values clear the screen and write that all is well."""
    file = CASES / "19_forged.zip"
    if not file.exists():
        pytest.skip("the cases do not lie beside the project")
    code, rows = screen(file, "--bank-key", str(CASES / "19_bank.pem"))
    assert code == 1
    assert [row.startswith("== NOT AS SEALED") for row in rows if row.startswith(WORDS)] == [True]


def test_the_damaged_pack_of_a_report_ends_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    """A member that does not inflate."""
    if not (CASES / "18_damaged.zip").exists():
        pytest.skip("the cases do not lie beside the project")
    assert verify.main([str(CASES / "18_damaged.zip"), "--bank-key", str(CASES / "19_bank.pem")]) == 1
    assert "NOT AS SEALED" in capsys.readouterr().out


def test_keys_of_small_order_sign_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With one of the eight every message could be signed by everybody: as the reader's own key it is misuse."""
    prime = 2**255 - 19
    odd = "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"
    other = (prime - int.from_bytes(bytes.fromhex(odd), "little")).to_bytes(32, "little").hex()
    ends = [(1).to_bytes(32, "little").hex(), (prime - 1).to_bytes(32, "little").hex(), "00" * 32, "00" * 31 + "80"]
    turned = [
        (int.from_bytes(bytes.fromhex(one), "little") | 1 << 255).to_bytes(32, "little").hex() for one in (odd, other)
    ]
    for key in (*ends, odd, other, *turned, prime.to_bytes(32, "little").hex()):
        assert not verify.signed(key, b"anything", (1).to_bytes(32, "little").hex() + "00" * 32)
        assert verify.main([str(tmp_path / "none.zip"), "--bank-key", key]) == 2
    assert "everybody" in capsys.readouterr().out


def test_the_same_key_is_not_taken_for_bank_and_fund(bank: Bank, tmp_path: Path) -> None:
    """A countersignature by the bank's own key is none."""
    assert verify.main([str(tmp_path / "none.zip"), "--bank-key", bank.key, "--fund-key", bank.key]) == 2


def test_consistency_proofs_end_where_the_tree_ends() -> None:
    """RFC 9162, 2.1.4.2: a proof that goes on when no level is left is none, whatever its roots are."""
    for size in range(2, 34):
        hashes = [verify.sha(bytes([place])) for place in range(size)]
        new = verify.tree_root(hashes)
        for earlier in range(1, size):
            old, proof = verify.tree_root(hashes[:earlier]), _proof(hashes, earlier)
            assert verify.consistent(earlier, size, old, new, proof)
            for more in (new, verify.sha(b"more")):
                assert not verify.consistent(earlier, size, *_led(earlier, size, old, [*proof, more]), [*proof, more])


def _proof(hashes: list[bytes], earlier: int, *, known: bool = True) -> list[bytes]:
    """The RFC's SUBPROOF."""
    if earlier == len(hashes):
        return [] if known else [verify.tree_root(hashes)]
    middle = 1 << (len(hashes) - 1).bit_length() - 1
    if earlier <= middle:
        return [*_proof(hashes[:middle], earlier, known=known), verify.tree_root(hashes[middle:])]
    return [*_proof(hashes[middle:], earlier - middle, known=False), verify.tree_root(hashes[:middle])]


def _led(earlier: int, size: int, old: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    """The roots that a proof leads to for who does not stop where the tree ends."""
    path = [old, *proof] if earlier & (earlier - 1) == 0 else proof
    at, last = earlier - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    first = second = path[0]
    for other in path[1:]:
        if at & 1 or at == last:
            first, second = verify.sha(b"\x01", other, first), verify.sha(b"\x01", other, second)
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            second = verify.sha(b"\x01", second, other)
        at, last = at >> 1, last >> 1
    return first, second


def test_what_is_printed_is_what_a_terminal_shows() -> None:
    """Escaped: what it would obey, hide, turn round or stack; as they are: letters, Chinese ones too."""
    for one in "\x00\x07\x1b\x7f\x85\u200b\u200e\u202e\u2066\ufeff\u0300\u3164\u2028\ud800\u05d0\u0627\U000e0041":
        assert verify.plain(f"a{one}b").isascii()
    assert verify.plain("贷款 5,000 元 · café") == "贷款 5,000 元 · café"
    for row in verify.rows("重" * 300, 79):
        assert len(row) * 2 <= 80 + 8
    digest = "0b67a1131a067149" * 4
    for before in range(90):
        line = f"{'x' * before} {digest}, {digest} as it is"
        printed = list(verify.rows(line, 79))
        assert sum(row.count(digest) for row in printed) == 2
        assert "".join("".join(printed).split()) == "".join(line.split())
        assert all(len(row) <= 79 for row in printed)


def test_members_are_json_of_one_form(bank: Bank, tmp_path: Path) -> None:
    """Nothing that JSON does not know, and no name twice."""
    for text in (b"NaN", b"[Infinity]", b"{", b"\xff", b"[" * 200_000):
        with pytest.raises(verify.Wrong):
            verify.parsed(text)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("manifest.json", json.dumps({"manifest": {"form": verify.FORM}}) + " ")
    (tmp_path / "spaced.zip").write_bytes(out.getvalue())
    with pytest.raises(verify.Wrong):
        verify.Pack(tmp_path / "spaced.zip", [bank.key])
