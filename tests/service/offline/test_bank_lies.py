"""A bank that lies about a ledger of both forms with erasures: each lie ends as it must; what stays valid is kept."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.offline import verify
from tests.amount import WHOLE
from tests.service import corrupting
from tests.service.banked import VERIFIER, WIDE
from tests.service.corrupting import Members
from tests.service.offline import damaging
from tests.service.offline.bank_lies import LIES, Lie, told
from tests.service.offline.mixed import Mixed, mixed

HONEST = {
    "file": (0, set()),
    "other": (0, set()),
    "again": (0, set()),
    "yesterday": (0, set()),
    "file@bank": (0, set()),
    "file@court": (0, set()),
    "taken": (3, {"first_form"}),
    "first": (3, {"first_form"}),
    "erased": (3, {"erased"}),
    "day_f": (3, {"first_form"}),
    "day_g": (3, {"first_form", "erased"}),
    "month_f": (3, {"first_form", "erased_untold"}),
    "month_g": (3, {"first_form", "erased", "erased_untold"}),
}
"""What an honest bank's packs end with: of form 1 completeness cannot be told, and what was erased is named."""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[Mixed]:
    """The ledger of both forms."""
    with mixed(tmp_path_factory.mktemp("mixed"), bundle) as found:
        yield found


@pytest.mark.parametrize("what", HONEST)
def test_honest_packs_end_as_they_must(bank: Mixed, what: str) -> None:
    """Nothing but what cannot be told of form 1, and what was erased; also when all was sealed anew by our forger."""
    for members in (bank.members(what), bank.signed(bank.members(what), bank.resealed(bank.pack(what)))):
        code, findings, _ = bank.judged(members)
        assert (code, {one.code for one in findings}) == HONEST[what], findings


def test_there_are_enough_lies() -> None:
    """Two hundred from forty ways, at least five for each exit code."""
    count = Counter[int]()
    for one in LIES:
        count[one.exit] += len(one.on) * one.times
    assert len(LIES) >= 40
    assert sum(count.values()) >= 200
    assert min(count[code] for code in range(6)) >= 5


@pytest.mark.whole
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.tell.__name__)
def test_a_lie_of_a_bank_ends_as_it_must(bank: Mixed, lie: Lie, tmp_path: Path) -> None:
    """Exit code and kind of finding, each time that it is told; what stays valid says up to when it is.

    Each run tells it once about each pack; `make prove` as often as it says, in other places.
    """
    for on in lie.on:
        for time in range(lie.times if WHOLE else 1):
            pack, kept = told(bank, lie, on, time)
            reads = verify.Reads(fund="g" if lie.code == "reader" else None)
            if lie.how == "seen":
                reads = reads._replace(folder=tmp_path / f"{on}-{time}")
                bank.judged(bank.members("file"), reads=reads._replace(fund=None))
            code, findings, lines = bank.judged(pack, kept, reads)
            assert code == lie.exit, (on, time, findings)
            assert not lie.code or lie.code in {one.code for one in findings}, (on, time, findings)
            assert lie.exit or any("signed by the bank" in line for line in lines)


@pytest.mark.parametrize("name", ["drop_an_act", "time_runs_back", "a_hole", "sealed_out_of_scope", "yesterdays_pack"])
def test_a_lie_ends_so_on_the_command_line(bank: Mixed, name: str, tmp_path: Path) -> None:
    """The program alone, without our packages: the last line is the word of the exit code."""
    lie = next(one for one in LIES if one.tell.__name__ == name)
    pack, _ = told(bank, lie, lie.on[0], 0)
    assert isinstance(pack, dict)
    keys = ["--bank-key", bank.bank.key, "--fund-key", bank.bank.fund_key]
    keys += ["--index", str(tmp_path / "seen")] if lie.how == "seen" else []
    for members, code in ((bank.members("file"), 0), (pack, lie.exit)):
        file = corrupting.write(members, tmp_path / "pack.zip")
        command = [sys.executable, "-I", "-S", str(VERIFIER), str(file), *keys]
        done = subprocess.run(command, capture_output=True, check=False, env={**WIDE, "PYTHONIOENCODING": "utf-8"})
        assert (done.returncode, done.stderr) == (code, b"")
        assert done.stdout.decode().splitlines()[-1].startswith(f"== {verify.WORDS[code][0]}")


BOMB = b"[" + b"[]," * (20 * 2**20) + b"[]]"


def _bombs(bank: Mixed) -> dict[str, Members]:
    whole = bank.members("file")
    entry = whole["entries/000001.jsonl"] + b'{"a":' + BOMB[: 7 * 2**20 - 1].rstrip(b",[]") + b"[]]}\n"
    return {
        "manifest": whole | {"manifest.json": BOMB},
        "pack": corrupting.relisted(whole, bank.own) | {"pack.json": BOMB},
        "entry": corrupting.relisted(whole | {"entries/000001.jsonl": entry}, bank.own),
        "model": corrupting.relisted(whole | {f"bundles/{'ab' * 32}/{n}": bytes(2**26) for n in range(3)}, bank.own),
    }


CAPPED = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, (400 * 2**20, 400 * 2**20))
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def test_values_that_grow_in_memory_are_refused(bank: Mixed, tmp_path: Path) -> None:
    """Sixty megabytes of empty lists, in a few thousand bytes, that would take gigabytes: refused in a sentence."""
    for name, members in _bombs(bank).items():
        file = tmp_path / f"{name}.zip"
        file.write_bytes(damaging.zipped(members))
        command = [sys.executable, "-c", CAPPED, str(VERIFIER), str(file), "--bank-key", bank.bank.key]
        done = subprocess.run(command, capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0 if name == "model" else 1, b""), name
        assert b"MemoryError" not in done.stdout, name


@pytest.mark.parametrize("change", [("left_child=", "left_child=0 "), ("right_child=", "right_child=0 ")])
def test_trees_that_lead_back_into_themselves_are_refused(bank: Mixed, change: tuple[str, str]) -> None:
    """A model whose tree never ends: no hang, one sentence."""
    name = next(one for one in bank.members("file@bank") if one.endswith("model.lgb"))
    text = bank.members("file@bank")[name].decode()
    with pytest.raises(verify.Wrong, match="leads back"):
        verify.leaves_of(text.replace(*change))


def test_many_findings_of_a_kind_are_told_once(bank: Mixed) -> None:
    """A thousand, then that there are more: a pack of a million stubs does not fill the memory."""
    pack = verify.Pack.__new__(verify.Pack)
    pack.findings, pack.counted = [], Counter()
    for _ in range(5000):
        pack.find(3, "left_out", "x" * 10**5, "y")
    assert len(pack.findings) == verify.MOST_FINDINGS
    assert len(pack.findings[0].text) < 4000
