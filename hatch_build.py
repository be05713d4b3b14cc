"""Compiles the kernel of the contributions when the product is installed or its wheel is made; needs a C compiler.

Hatchling runs it. CC names another compiler than `cc`, and where there is neither, Zig's wheel serves (`.ci/bare`
installs it). The result lies beside its source, which it names by digest.
"""

import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SOURCE = Path("models/shap/kernel.c")
LIBRARY = Path("models/shap/libkernel.so")
FLAGS = ("-std=gnu11", "-O3", "-fPIC", "-shared", "-Wall", "-Wextra", "-Werror")
SAME_BITS = ("-ffp-contract=off",)
"""No multiplication is fused with an addition: the same bits on every processor."""

ZIG = (sys.executable, "-m", "ziglang", "cc", "-mcpu=baseline")
"""Zig would use every instruction of this processor; the library must run on others too. The bits are the same."""


def compiler() -> list[str]:
    """The command that compiles C: CC, the machine's own `cc`, or Zig."""
    if named := os.environ.get("CC"):
        return shlex.split(named)
    return ["cc"] if shutil.which("cc") else [*ZIG]


def compile_kernel(root: Path) -> None:
    """Make the library; a process that has the old one open keeps it."""
    digest = hashlib.sha256((root / SOURCE).read_bytes()).hexdigest()
    fresh = root / LIBRARY.with_suffix(".new")
    named = f'-DSOURCE_DIGEST="{digest}"'
    subprocess.run([*compiler(), *FLAGS, *SAME_BITS, named, "-o", fresh, root / SOURCE, "-lm"], check=True)
    fresh.replace(root / LIBRARY)


class CompileKernel(BuildHookInterface[Any]):
    """The wheel carries the library, so whoever installs it needs no compiler."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 (the interface's)
        """Compile, and tell that the wheel is for this platform, whatever the version of Python."""
        compile_kernel(Path(self.root))
        platform = sysconfig.get_platform().replace("-", "_").replace(".", "_")
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{platform}"
        build_data["artifacts"].append(f"/{LIBRARY}")
