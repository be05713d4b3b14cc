"""Another commit of the project beside this one: checked out into a folder, with an environment of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Checkout:
    """A commit of the project in a folder with its own `.venv`."""

    name: str
    root: Path

    @property
    def bin(self) -> Path:
        """The folder of its commands."""
        return self.root / ".venv" / "bin"

    @property
    def command(self) -> str:
        """Its `pledgescore`, which runs in any folder."""
        return str(self.bin / "pledgescore")

    def run(
        self, *words: object, cwd: Path | None = None, environment: Mapping[str, str] | None = None, given: str = ""
    ) -> str:
        """What a command of its environment prints, run to its end. Raises `RuntimeError` with what it said."""
        done = subprocess.run(
            [str(self.bin / str(words[0])), *map(str, words[1:])],
            cwd=cwd or self.root,
            env=os.environ | {"PYTHONPATH": str(self.root)} | dict(environment or {}),
            input=given,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"{self.name}: {words[0]} ended with {done.returncode}:\n{done.stderr[-2000:]}")
        return done.stdout

    def script(self, script: Path, *words: object) -> str:
        """What a script of ours prints when it is run with the packages of that commit."""
        return self.run("python", "-", *words, given=script.read_text(encoding="utf-8"))

    def values(self, script: Path, *words: object) -> list[str]:
        """The strings that such a script prints as a JSON list."""
        found = json.loads(self.script(script, *words))
        return [str(value) for value in found]


THIS = Checkout("this", ROOT)


@contextmanager
def checkouts(commits: Sequence[str]) -> Iterator[list[Checkout]]:
    """This commit and the others, each made by `make env` in a folder that goes afterwards, also when we are ended."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with ExitStack() as kept:
        yield [THIS, *(kept.enter_context(_beside(commit)) for commit in commits)]


@contextmanager
def _beside(commit: str) -> Iterator[Checkout]:
    short = _git("rev-parse", "--short", f"{commit}^{{commit}}")
    with tempfile.TemporaryDirectory(prefix=f"pledgescore-{short}-") as name:
        root = Path(name) / "checkout"
        _git("worktree", "add", "--quiet", "--detach", str(root), short)
        try:
            python = Path(sys.base_prefix) / "bin" / "python3"
            subprocess.run(
                ["make", "--quiet", "env", f"PYTHON={python}"], cwd=root, check=True, capture_output=True, text=True
            )
            yield Checkout(short, root)
        finally:
            _git("worktree", "remove", "--force", str(root))


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()
