"""The floors of the packages: `make check` fails where a module imports upward, or in a circle."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("features", "models", "service", "training")
LINES_AT_MOST = 400
LONGER = {
    "service/offline/verify.py": "one file, so that a reader without the product reads it whole",
    "service/offline/witness.py": "one file beside it, on a machine without the product",
}
"""Modules of more lines, each with its reason."""
LINT = Path(sys.executable).with_name("lint-imports")

WHOLE, SERVICE, MODELS, TRAINING = (
    "What is known",
    "The floors of the service",
    "The floors of the models",
    "The floors of training",
)
CIRCLE = "No circle"
PLANTED = (
    ("features/days.py", "models.score.scale", WHOLE),
    ("service/application/state.py", "training.commands.root", WHOLE),
    ("service/edge/clock.py", "service.ledger.append", SERVICE),
    ("service/access/roles.py", "service.assessing.story", SERVICE),
    ("service/edge/clock.py", "service.offline.witness", SERVICE),
    ("models/shap/bits.py", "models.score.scale", MODELS),
    ("training/world/days.py", "training.learning.split", TRAINING),
    ("features/days.py", "features.matrix", CIRCLE),
    ("models/score/scale.py", "models.score.bundle", CIRCLE),
    ("service/ledger/canonical.py", "service.ledger.seal", CIRCLE),
    ("training/learning/split.py", "training.learning.train", CIRCLE),
)
"""A module, what is planted in it, and how the contract begins that it breaks."""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packages' modules and their contracts, in a folder of their own."""
    folder = tmp_path_factory.mktemp("floors")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        for module in (ROOT / package).rglob("*.py"):
            kept = folder / module.relative_to(ROOT)
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(module.read_bytes())
    return folder


def linted(folder: Path) -> tuple[int, str]:
    """The exit code of `lint-imports` in the folder, and what it printed, a contract to a line."""
    environment = os.environ | {"COLUMNS": "300"}
    done = subprocess.run([LINT, "--no-logo"], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_the_floors_hold(copied: Path) -> None:
    """The copy is kept as it stands, so what a planted import breaks is its own doing."""
    code, printed = linted(copied)
    assert code == 0, printed


@pytest.mark.parametrize(("module", "imported", "contract"), PLANTED)
def test_a_planted_import_is_refused(copied: Path, module: str, imported: str, contract: str) -> None:
    """An upward import and a circle each fail the check, also where a function hides them."""
    file = copied / module
    before = file.read_text(encoding="utf-8")
    try:
        file.write_text(f"{before}\n\ndef planted() -> None:\n    import {imported}\n", encoding="utf-8")
        code, printed = linted(copied)
    finally:
        file.write_text(before, encoding="utf-8")
    assert code == 1
    assert [line for line in printed.splitlines() if line.startswith(contract) and line.endswith(" BROKEN")], printed


def modules() -> list[Path]:
    """Every module of the packages."""
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """At most 400 lines, but for those that are named with their reason."""
    longer = {
        file.relative_to(ROOT).as_posix()
        for file in modules()
        if len(file.read_text(encoding="utf-8").splitlines()) > LINES_AT_MOST
    }
    assert longer == LONGER.keys()


def test_one_class_name_stands_once() -> None:
    """A reader who meets a name knows which class it is, but for those that are still to be told apart."""
    where: dict[str, list[str]] = {}
    for file in modules():
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                where.setdefault(node.name, []).append(file.relative_to(ROOT).as_posix())
    assert not {name: files for name, files in where.items() if len(files) > 1}
