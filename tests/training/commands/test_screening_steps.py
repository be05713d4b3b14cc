"""`pledgescore screen` as a user meets it: every format whole, killed anywhere and gone on with, never mixed."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner, Result

import training.commands.screening_steps
from features.lake import Lake
from tests.service.made import make_bundle
from tests.training.making import world
from tests.training.screening.test_sheet import FORMATS, read
from training.commands.root import app
from training.screening.screen import COLUMNS, ScreenedPartition, screened

DAY = "2024-06-30"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small world and both models."""
    folder = tmp_path_factory.mktemp("made")
    world(folder / "lake", loans=60)
    for kind in ("whitelist", "pledge"):
        make_bundle(folder / kind, kind)  # type: ignore[arg-type]
    return folder


def words(made: Path, out: Path, *more: str) -> list[str]:
    """The command line."""
    models = ["--bundle", str(made / "whitelist"), "--pledge", str(made / "pledge")]
    asked = ["--data", str(made / "lake"), "--list", "push", "--out", str(out), "--as-of", DAY]
    return ["screen", *asked, *models, *more]


def run(made: Path, out: Path, *more: str) -> Result:
    """The command, run here."""
    return CliRunner().invoke(app, words(made, out, *more))


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_command_writes_every_row(made: Path, tmp_path: Path, suffix: str) -> None:
    """Each format holds the heading and all rows; the account tells what was synthetic and how many passed."""
    out = tmp_path / f"out{suffix}"
    done = run(made, out)
    assert done.exit_code == 0, done.output
    assert "SYNTHETIC" in done.output
    assert "made-pledge-1" in done.output
    rows = read(out)
    assert rows[0] == list(COLUMNS)
    assert len(rows) - 1 == len({row[0] for row in rows[1:]})
    assert {row[3] for row in rows[1:]} == {"push"}
    assert list(tmp_path.iterdir()) == [out]


class Killed(BaseException):
    """What no code of ours catches: as near to SIGKILL as a test in one process comes."""


@pytest.fixture
def die_at(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Makes the run end just before the n-th file takes its place, whatever is then half written."""
    whole = Path.replace

    def arm(moment: int) -> None:
        left = [moment]

        def replace(path: Path, to: Path) -> Path:
            if not left[0]:
                raise Killed
            left[0] -= 1
            return whole(path, to)

        monkeypatch.setattr(Path, "replace", replace)

    return arm


@pytest.mark.parametrize("suffix", [".parquet", ".csv"])
def test_killed_anywhere_the_output_is_the_undisturbed_one(
    made: Path, tmp_path: Path, suffix: str, die_at: Callable[[int], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Byte for byte, after any number of files was written; what was finished is not screened again."""
    monkeypatch.setattr(training.commands.screening_steps, "screened", counted := Counted())
    partitions = Lake(made / "lake").partitions
    assert run(made, tmp_path / f"whole{suffix}").exit_code == 0
    undisturbed = (tmp_path / f"whole{suffix}").read_bytes()
    for moment in range(partitions + 2):  # the question, the parts, and all together
        out = tmp_path / f"out-{moment}{suffix}"
        die_at(moment)
        with pytest.raises(Killed):
            run(made, out)
        assert not out.exists()
        die_at(1000)
        counted.asked.clear()
        assert run(made, out).exit_code == 0
        assert out.read_bytes() == undisturbed
        assert len(counted.asked) == partitions - max(0, moment - 1)


class Counted:
    """Screens a partition once and remembers who was asked for."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self._once: Any = cache(lambda question, index, expected: screened(question, index, dict(expected)))

    def __call__(self, question: Any, index: int, expected: dict[str, str]) -> ScreenedPartition:
        """The partition."""
        self.asked.append(index)
        part: ScreenedPartition = self._once(question, index, tuple(expected.items()))
        return part


def test_what_a_killed_run_left_is_mixed_with_nothing_else(
    made: Path, tmp_path: Path, die_at: Callable[[int], None]
) -> None:
    """Another list, day or model is refused, naming what differs; --replace starts anew."""
    out = tmp_path / "out.csv"
    die_at(2)
    with pytest.raises(Killed):
        run(made, out)
    die_at(1000)
    for more, told in ((["--list", "own"], "lists: push ≠ own"), (["--reasons", "9"], "reasons: 4 ≠ 9")):
        refused = run(made, out, *more)
        assert refused.exit_code == 1
        assert told in str(refused.exception)
    assert run(made, out, "--list", "own", "--replace").exit_code == 0
    assert set(pl.read_csv(out)["list"]) == {"own"}
    assert "exists" in str(run(made, out).exception)


def test_progress_is_told_while_it_runs(made: Path, tmp_path: Path) -> None:
    """How many firms of how many, how fast, and how long it will take."""
    done = run(made, tmp_path / "out.csv")
    assert "firms, " in done.stderr
    assert "a second" in done.stderr
    assert "left:" in done.stderr
