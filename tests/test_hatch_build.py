"""The compiled kernel gives the same bits, whoever compiles it and however hard it is optimised."""

import importlib.util
import shlex
import shutil
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


@pytest.mark.parametrize("optimised", ["-O1", "-O3"])
@pytest.mark.parametrize("name", COMPILERS)
def test_the_bits_are_the_same_whoever_compiles(
    name: str, optimised: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Margins, contributions and interactions equal those of the installed library to the last bit."""
    if not there(name):
        pytest.skip(f"{name} is not on this machine")
    (tmp_path / hatch_build.SOURCE).parent.mkdir(parents=True)
    shutil.copy(kernel.SOURCE, tmp_path / hatch_build.SOURCE)
    monkeypatch.setenv("CC", f"{COMPILERS[name]} {optimised}")
    monkeypatch.setattr(hatch_build, "FLAGS", tuple(flag for flag in hatch_build.FLAGS if flag != "-O3"))
    hatch_build.compile_kernel(tmp_path)
    made = contributions(tmp_path / hatch_build.LIBRARY, monkeypatch)
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
