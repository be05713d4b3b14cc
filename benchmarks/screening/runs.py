"""The command `pledgescore` of a commit, run to its end: what it printed, how long it took, and its peak memory."""

import json
import os
import re
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

from benchmarks.checkouts import THIS, Checkout
from benchmarks.serving.servers import INPUTS
from models.score.kind import KindName

TREES, DAY, LIST = 300, "2024-06-30", "push"
PATENTS = 1.95
"""Against the published mean per firm: 40 patents each, 20 million for 500,000 firms."""
KINDS: tuple[KindName, ...] = ("whitelist", "pledge")


@dataclass(frozen=True)
class Ran:
    """A command's seconds, processor seconds and peak memory, from its start to its end, and what it printed."""

    seconds: float
    cpu: float
    mebibytes: float
    told: str

    @property
    def screening(self) -> float:
        """Seconds that the screening itself took, as the command tells them."""
        found = re.search(r"^([\d.]+) s, ", self.told, re.MULTILINE)
        return float(found[1]) if found else float("nan")

    @property
    def patents(self) -> str:
        """How many patents a world that was made holds."""
        found = re.search(r" firms, ([\d,]+) patents", self.told)
        return found[1] if found else ""

    @property
    def stages(self) -> str:
        """The shares of its stages."""
        found = re.search(r" a second; (.*)$", self.told, re.MULTILINE)
        return found[1] if found else ""


def ran(checkout: Checkout, *words: object) -> Ran:
    """`pledgescore` of a commit with these words, run to its end. Raises `RuntimeError` where it fails."""
    began = perf_counter()
    process = subprocess.Popen(
        [checkout.command, *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=checkout.root,
        env=os.environ | {"PLEDGESCORE_WORDS": "en"},
    )
    told = process.stdout.read().decode() if process.stdout else ""
    _, status, used = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"{checkout.name}: {words[0]} ended with {status}")
    return Ran(perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, told)


def world(checkout: Checkout, folder: Path, firms: int, partitions: int = 0) -> tuple[Path, Ran]:
    """The lake of a world of so many firms, and what making it took; made by the commit where it does not lie yet."""
    name = f"{checkout.name}-firms-{firms}-{partitions}"
    lake, made = folder / name, folder / f"{name}.json"
    if not made.exists():
        size = ["--firms", firms, "--loans", max(firms // 10, 1), "--patents", PATENTS, "--partitions", partitions]
        took = ran(checkout, "world", lake, *size, "--replace")
        made.write_text(json.dumps(asdict(took)), encoding="utf-8")
    return lake, Ran(**json.loads(made.read_text(encoding="utf-8")))


def screened(checkout: Checkout, lake: Path, models: Path, out: Path, *more: object) -> Ran:
    """The lake screened against a list by two models."""
    bundles = ["--bundle", models / "whitelist", "--pledge", models / "pledge"]
    asked = ["--data", lake, "--list", LIST, "--out", out, "--as-of", DAY, "--replace"]
    return ran(checkout, "screen", *asked, *bundles, *more)


def made_models(checkouts: Sequence[Checkout], folder: Path) -> dict[str, Path]:
    """By commit, a folder with a bundle of each kind; all learned from one matrix, so that the trees are the same."""
    known = [set(checkout.values(INPUTS, "names")) for checkout in checkouts]
    numbers, folders = folder / "numbers.npz", {}
    THIS.values(INPUTS, "usual", numbers, *sorted(set.intersection(*known)))
    for checkout in checkouts:
        folders[checkout.name] = folder / "models" / checkout.name
        for kind in KINDS:
            checkout.values(INPUTS, "bundle", folders[checkout.name] / kind, kind, TREES, numbers)
    return folders
