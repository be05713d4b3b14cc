"""The compiled kernel gives the same bits, whoever compiles it and however hard it is optimised."""

import importlib.util
import shlex
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import hatch_build
from models.shap import kernel
from models.shap.contributions import ContributionTables
from tests.models.boosters import data, train

COMPILERS = {name: name for name in ("gcc", "clang", "cc")} | {"zig": shlex.join(hatch_build.ZIG)}


def there(name: str) -> bool:
    """Is that compiler on this machine?"""
    return importlib.util.find_spec("ziglang") is not None if name == "zig" else shutil.which(name) is not None


def contributions(library: Path, monkeypatch: pytest.MonkeyPatch) -> bytes:
    """Margins, contributions and interactions of one booster as that library computes them."""
    rows, target = data(np.random.default_rng(1), rows=500, features=11, categorical=2)
    booster = train(rows, target, rounds=30, categorical=2, num_leaves=31)
    with monkeypatch.context() as patched:
        patched.setattr(kernel, "LIBRARY", library)
        kernel._library.cache_clear()
        tables = ContributionTables.compile(booster)
        told = (*tables.explain(rows), tables.kernel.interact(np.ascontiguousarray(rows[:20].T)))
    kernel._library.cache_clear()
    return b"".join(part.tobytes() for part in told)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, str], Path]:
    """Compiles the kernel by a command and a flag; once where two commands are one program, as cc is often gcc."""

    @cache
    def by(program: str, arguments: str, optimised: str) -> Path:
        folder = tmp_path_factory.mktemp("compiled")
        (folder / hatch_build.SOURCE).parent.mkdir(parents=True)
        shutil.copy(kernel.SOURCE, folder / hatch_build.SOURCE)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("CC", f"{program} {arguments} {optimised}")
            patch.setattr(hatch_build, "FLAGS", tuple(flag for flag in hatch_build.FLAGS if flag != "-O3"))
            hatch_build.compile_kernel(folder)
        return folder / hatch_build.LIBRARY

    def compile_by(command: str, optimised: str) -> Path:
        program, _, arguments = command.partition(" ")
        found = shutil.which(program)
        return by(str(Path(found).resolve()) if found else program, arguments, optimised)

    return compile_by


@pytest.mark.parametrize("optimised", ["-O1", "-O3"])
@pytest.mark.parametrize("name", COMPILERS)
def test_the_bits_are_the_same_whoever_compiles(
    name: str, optimised: str, monkeypatch: pytest.MonkeyPatch, compiled: Callable[[str, str], Path]
) -> None:
    """Margins, contributions and interactions equal those of the installed library to the last bit."""
    if not there(name):
        pytest.skip(f"{name} is not on this machine")
    made = contributions(compiled(COMPILERS[name], optimised), monkeypatch)
    assert made == contributions(kernel.LIBRARY, monkeypatch)


def test_without_a_compiler_zig_is_taken(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """CC is asked first, then the machine's own compiler; where there is neither, Zig's wheel compiles."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CC", "clang -m64")
    assert hatch_build.compiler() == ["clang", "-m64"]
    monkeypatch.delenv("CC")
    assert hatch_build.compiler() == list(hatch_build.ZIG)
    (tmp_path / "cc").touch(mode=0o755)
    assert hatch_build.compiler() == ["cc"]
