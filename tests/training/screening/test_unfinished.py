"""What a screening has done lies beside its output: gone on with by the same question, refused to any other."""

from pathlib import Path

import pytest

from training.screening.screen import ScreenedPartition
from training.screening.unfinished import OutputRefused, unfinished

ASKED = {"day": "2024-06-30", "lists": "push"}


def started(out: Path, *parts: int) -> None:
    """A run that began and was killed after some partitions."""
    with unfinished(out, replace=False) as place:
        place.begin(ASKED)
        for index in parts:
            place.add(ScreenedPartition(index, rows=b"rows"))


def test_the_same_question_goes_on(tmp_path: Path) -> None:
    """What was finished is there, what was not is not; nothing is left when it is removed."""
    started(tmp_path / "out.csv", 0, 2)
    with unfinished(tmp_path / "out.csv", replace=False) as place:
        place.begin(ASKED)
        assert [path.exists() for path in place.parts(3)] == [True, False, True]
        place.remove()
    assert list(tmp_path.iterdir()) == []


def test_another_question_is_refused(tmp_path: Path) -> None:
    """The error names what differs, and how to go on; what was done stays."""
    started(tmp_path / "out.csv", 0)
    with (
        unfinished(tmp_path / "out.csv", replace=False) as place,
        pytest.raises(OutputRefused, match=r"lists: push ≠ own.*--replace"),
    ):
        place.begin(ASKED | {"lists": "own"})
    assert place.parts(1)[0].exists()


def test_a_finished_output_is_not_written_over(tmp_path: Path) -> None:
    """Unless that is what was asked for."""
    out = tmp_path / "out.csv"
    out.write_text("finished")
    with pytest.raises(OutputRefused, match=r"exists: name another file, or give --replace"):
        started(out)
    with unfinished(out, replace=True) as place:
        place.begin(ASKED)
    assert out.read_text() == "finished"


def test_replacing_forgets_what_was_begun(tmp_path: Path) -> None:
    """No row of the other question is left."""
    started(tmp_path / "out.csv", 0, 1)
    with unfinished(tmp_path / "out.csv", replace=True) as place:
        place.begin(ASKED | {"lists": "own"})
        assert not any(path.exists() for path in place.parts(2))


def test_two_runs_do_not_write_the_same_output(tmp_path: Path) -> None:
    """The second is refused while the first is at work, and free when it has ended."""
    with unfinished(tmp_path / "out.csv", replace=False) as place:
        place.begin(ASKED)
        with pytest.raises(OutputRefused, match="being written by another run"):
            started(tmp_path / "out.csv")
    started(tmp_path / "out.csv", 0)
