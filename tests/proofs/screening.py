"""A screening that is killed and asked again gives the bytes of one that nobody disturbed."""

import random
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from time import monotonic, sleep

from features.policy import shipped
from models.rules import lists
from models.score.kind import KindName
from tests.proofs import Proof, proof
from tests.service.made import make_bundle
from tests.training.screening.beside import asked_alike, differences, screened_rows
from training.screening.screen import ScreeningQuestion
from training.screening.unfinished import Unfinished
from training.world.economy import World, sized
from training.world.progress import written

FIRMS, PARTITIONS, KILLS = 4000, 40, 10
ASKED = 500
KINDS: tuple[KindName, ...] = ("whitelist", "pledge")
NEVER = float("inf")


@proof("screening.killed", "Killed at a random moment, a screening's final output equals the undisturbed one")
def killed() -> Proof:
    """For Parquet and for CSV: SIGKILL at random moments, the same asked again until it is finished."""
    chance = random.Random(20261122)
    finished, parts, different = 0, [], 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(sized(World(loans=FIRMS // 10, firms=FIRMS, partitions=PARTITIONS)), folder / "lake", replace=True)
        for kind in KINDS:
            make_bundle(folder / kind, kind)
        for suffix in (".parquet", ".csv"):
            whole, out = folder / f"whole{suffix}", folder / f"out{suffix}"
            seconds = _screen(folder, whole, NEVER)
            kills = 0
            while kills < KILLS or not out.exists():
                moment = chance.uniform(0, seconds) if kills < KILLS else NEVER
                out.unlink(missing_ok=True)
                _screen(folder, out, moment)
                if out.exists():
                    finished += 1
                    different += out.read_bytes() != whole.read_bytes()
                else:
                    kills += 1
                    parts.append(len(list(Unfinished(out).folder.glob("part-*.parquet"))))
    return Proof(
        figure=f"{different} of {finished} outputs differ after {len(parts)} kills (asked: 0 after 10 of each format)",
        passed=not different and len(parts) == 2 * KILLS,
        detail=f"{FIRMS:,} firms in {PARTITIONS} partitions, Parquet and CSV; SIGKILL at moments uniform over the time "
        f"that the undisturbed screening took; partitions finished when killed: {', '.join(map(str, parts))}",
    )


@proof("screening.service", "A screening finds of each firm what the service finds when it is asked about it")
def service() -> Proof:
    """The same lake and bundles for both; every firm asked of the service with a whitelist and a pledge model."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        written(sized(World(loans=ASKED // 4, firms=2 * ASKED, partitions=4)), folder / "lake", replace=True)
        for kind in KINDS:
            make_bundle(folder / kind, kind)
        models = {kind: folder / kind for kind in KINDS}
        question = ScreeningQuestion(folder / "lake", date(2024, 6, 30), tuple(lists(shipped())), **models)
        rows = screened_rows(question)
        firms = asked_alike(question)[:ASKED]
        found = differences(question, rows, firms, folder)
    return Proof(
        figure=f"{len(found)} cells differ over {len(firms)} firms and {len(question.lists)} lists (asked: 0 of 500)",
        passed=not found and len(firms) == ASKED,
        detail="Outcome, reasons against and cautions of each list in codes and words, and both models' probabilities "
        "and grades. SYNTHETIC world." + "".join(found[:1]),
    )


def _screen(folder: Path, out: Path, moment: float) -> float:
    """Screen until the end, or until so many seconds after the screening itself began; gives these seconds."""
    models = ["--bundle", folder / "whitelist", "--pledge", folder / "pledge"]
    asked = ["--data", folder / "lake", "--list", "push", "--out", out, "--as-of", "2024-06-30"]
    words = [sys.executable, "-m", "pledgescore", "screen", *map(str, [*asked, *models])]
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        lock = Unfinished(out).folder / "lock"
        before = lock.stat().st_mtime_ns if lock.exists() else 0
        while process.poll() is None and not (lock.exists() and lock.stat().st_mtime_ns > before):
            sleep(0.01)
        began = monotonic()
        while process.poll() is None and monotonic() - began < moment:
            sleep(0.005)
        process.kill()
    if process.returncode > 0:
        raise RuntimeError(f"screening ended with {process.returncode}")
    return monotonic() - began
