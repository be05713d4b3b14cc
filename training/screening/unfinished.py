"""What a screening has done so far lies beside its output, so that a run that was killed goes on where it stopped.

    .OUT.unfinished/question.json       what the rows follow from
    .OUT.unfinished/part-00000.parquet  the rows of a finished partition

A part takes its place whole, so what is there is finished; and a folder holds the parts of one question only.
"""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree

from features.errors import PledgeScoreError
from training.screening.screen import ScreenedPartition, differing


class OutputRefused(PledgeScoreError):
    """What lies at the output belongs to another run or to another question."""


class Unfinished:
    """The folder of one screening that is not finished, held by one process at a time."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.folder = out.with_name(f".{out.name}.unfinished")

    @property
    def started(self) -> bool:
        """Whether a run began here and did not end."""
        return self._question.exists()

    def begin(self, identity: dict[str, str]) -> None:
        """Start, or go on with the same question. Raises `OutputRefused` for another one."""
        if self.started:
            there = json.loads(self._question.read_text("utf-8"))
            if there != identity:
                raise OutputRefused("output_unfinished", folder=self.folder, differing=differing(there, identity))
            return
        beside = self.folder / "question.unfinished"
        beside.write_text(json.dumps(identity, indent=1) + "\n", "utf-8")
        beside.replace(self._question)

    def parts(self, count: int) -> list[Path]:
        """The file of each partition's rows, in order; it is there if the partition is finished."""
        return [self._part(index) for index in range(count)]

    def add(self, part: ScreenedPartition) -> None:
        """Keep the rows of a partition."""
        beside = self.folder / "part.unfinished"
        beside.write_bytes(part.rows)
        beside.replace(self._part(part.index))

    def clear(self) -> None:
        """Forget what was done."""
        self._question.unlink(missing_ok=True)
        for path in self.folder.glob("part-*.parquet"):
            path.unlink()

    def remove(self) -> None:
        """The screening is finished: nothing is left of the way to it."""
        rmtree(self.folder)

    def _part(self, index: int) -> Path:
        return self.folder / f"part-{index:05d}.parquet"

    @property
    def _question(self) -> Path:
        return self.folder / "question.json"


@contextmanager
def unfinished(out: Path, replace: bool) -> Iterator[Unfinished]:
    """The folder beside an output, for this process alone.

    Raises `OutputRefused` where another process writes the same output, or where a finished one lies there and is not
    to be replaced. With `replace` what was begun is forgotten.
    """
    place = Unfinished(out)
    if out.exists() and not place.started and not replace:
        raise OutputRefused("output_exists", file=out)
    place.folder.mkdir(parents=True, exist_ok=True)
    with (place.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputRefused("output_busy", file=out) from None
        if replace:
            place.clear()
        yield place
