"""The commands that show, check and compare policy, as someone who writes no Python uses them."""

from pathlib import Path

import pytest

from features.chosen_words import choose
from features.policy import NotYetInForce, PolicyError
from service.commands.policy_printing import NotAsked, check_folder, diff_policy, show_policy
from tests.service.routes.test_policy import OWN

Printed = pytest.CaptureFixture[str]


def own(folder: Path, text: str = OWN) -> Path:
    """A folder of overrides with one file."""
    (folder / "recommendation.yaml").write_text(text, encoding="utf-8")
    return folder


def test_show_prints_history_and_reference(capsys: Printed) -> None:
    """A parameter is printed with every value, its reference, confidence and day of review."""
    show_policy("star.rd_amount", "", None)
    said = capsys.readouterr().out
    for part in ("from 2020-03-20: 60000000", "from 2024-04-30: 80000000", "verified", "reviewed on", "科创属性"):
        assert part in said


def test_show_speaks_chinese(capsys: Printed) -> None:
    """In Chinese a parameter is printed with its Chinese name, explanation and unit."""
    choose("zh")
    show_policy("authority.longest_override", "", None)
    choose()
    said = capsys.readouterr().out
    for part in ("优于建议的审批最长可放款天数", "自决定之日起超过此天数不得再放款。", "单位：天"):
        assert part in said


def test_show_marks_own_values(capsys: Printed, tmp_path: Path) -> None:
    """A parameter of the bank's own folder carries an asterisk, also in the list of all."""
    show_policy("", "", own(tmp_path))
    marked = [line for line in capsys.readouterr().out.splitlines() if line.startswith("*")]
    assert [line.split()[1] for line in marked] == ["recommendation.pd_blocks"]


def test_show_refuses_a_day_before_the_first_value() -> None:
    """Asked for by name on a day before its first value, a parameter is refused."""
    with pytest.raises(NotYetInForce, match="2020-03-20"):
        show_policy("star.rd_amount", "2020-03-19", None)


def test_show_of_a_file_tells_what_is_not_in_force_yet(capsys: Printed) -> None:
    """Within a file, a parameter without a value on the day is told as such."""
    show_policy("star", "2021-04-15", None)
    assert "star.rd_staff_share on 2021-04-15: none yet (not applicable)" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "day"), [("star.none", ""), ("star.rd_amount", "2024-13-01")])
def test_show_refuses_what_it_cannot_answer(name: str, day: str) -> None:
    """A name that nobody states or a day that is none is refused in words."""
    with pytest.raises(NotAsked):
        show_policy(name, day, None)


def test_check_tells_what_a_folder_changes(capsys: Printed, tmp_path: Path) -> None:
    """A sound folder is told with what it supersedes, and how much of policy is assumed."""
    check_folder(own(tmp_path))
    said = capsys.readouterr().out
    assert "superseded: recommendation.pd_blocks" in said
    assert "assumed" in said


def test_check_names_file_and_line(tmp_path: Path) -> None:
    """A folder with days out of order is refused with file and line."""
    with pytest.raises(PolicyError, match=r"recommendation\.yaml:8: .*order"):
        check_folder(own(tmp_path, OWN.replace("2026-08-01", "1999-08-01")))


def test_diff_of_two_days(capsys: Printed) -> None:
    """Between the day before and the day of the new STAR thresholds exactly three values differ."""
    diff_policy("2024-04-29", "2024-04-30", None)
    said = capsys.readouterr().out
    assert said.count("star.") == 3
    assert "3 differ" in said


def test_diff_of_a_folder(capsys: Printed, tmp_path: Path) -> None:
    """A folder alone is compared with the shipped policy."""
    diff_policy(str(own(tmp_path)), "", None)
    said = capsys.readouterr().out
    assert "recommendation.pd_blocks" in said
    assert "1 differ" in said


def test_diff_needs_two_sides() -> None:
    """One day alone cannot be compared."""
    with pytest.raises(NotAsked, match="two days"):
        diff_policy("2024-04-29", "", None)


def test_the_folder_may_come_from_the_environment(
    capsys: Printed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without --dir the commands read the folder that the service would read."""
    monkeypatch.setenv("PLEDGESCORE_POLICY_DIR", str(own(tmp_path)))
    show_policy("recommendation.pd_blocks", "2026-11-20", None)
    assert "* recommendation.pd_blocks on 2026-11-20: 520" in capsys.readouterr().out
