"""Policy files: what they answer, and how a doubtful one is refused."""

from datetime import date
from pathlib import Path

import numpy as np
import pytest

from features.policy import NotYetInForce, Policy, PolicyError, load, shipped

WHOLE = """
limit:
  description: A limit.
  unit: day
  reviewed_on: 2026-11-22
  confidence: assumed
  reference: [{title: Project default, document: none}]
  values: {2020-01-01: 5, 2024-05-01: 7}
"""


def folder_with(path: Path, text: str, name: str = "idea.yaml") -> Path:
    """A folder that holds one file."""
    path.mkdir(exist_ok=True)
    (path / name).write_text(text, encoding="utf-8")
    return path


def read(path: Path, text: str) -> Policy:
    """The policy of one file called idea.yaml."""
    return load(folder_with(path, text))


def test_value_is_that_of_the_day(tmp_path: Path) -> None:
    """A value holds from its own day on, the day included, until the next one."""
    limit = read(tmp_path, WHOLE)("idea.limit")
    assert [limit.on(date(2020, 1, 1)), limit.on(date(2024, 4, 30)), limit.on(date(2024, 5, 1))] == [5, 5, 7]


def test_before_the_first_value_a_rule_is_told_what_that_means(tmp_path: Path) -> None:
    """Before the first value there is no number, and the error carries the file's own word for it."""
    policy = read(tmp_path, WHOLE + "  before: not_applicable\n")
    with pytest.raises(NotYetInForce, match=r"idea\.limit.*2019-12-31.*2020-01-01") as caught:
        policy("idea.limit").on(date(2019, 12, 31))
    assert caught.value.before == "not_applicable"


def test_column_of_days(tmp_path: Path) -> None:
    """Along a column, a day before the first value and a day not known give not known."""
    days = [date(2019, 12, 31), date(2020, 1, 1), date(2030, 1, 1)]
    ordinals = np.array([*(d.toordinal() for d in days), np.nan])
    assert read(tmp_path, WHOLE)("idea.limit").along(ordinals).tolist()[1:3] == [5.0, 7.0]
    assert np.isnan(read(tmp_path, WHOLE)("idea.limit").along(ordinals)[[0, 3]]).all()


def test_unknown_parameter_is_named() -> None:
    """Asking for a parameter that no file states names it."""
    with pytest.raises(PolicyError, match=r"idea\.none"):
        shipped()("idea.none")


def test_digest_follows_every_value_and_nothing_else(tmp_path: Path) -> None:
    """The digest is the same for the same content in another folder, and differs for another value."""
    first = read(tmp_path / "a", WHOLE).digest
    assert read(tmp_path / "b", WHOLE).digest == first
    assert read(tmp_path / "c", WHOLE.replace(": 7", ": 8")).digest != first


def test_override_supersedes_a_whole_parameter_and_is_told(tmp_path: Path) -> None:
    """A later folder's parameter takes the place of the earlier one, a new one is added, and both are told."""
    own = WHOLE.replace("2020-01-01: 5, 2024-05-01: 7", "2021-01-01: 9") + WHOLE.replace("limit:", "further:")
    policy = load(folder_with(tmp_path / "shipped", WHOLE), folder_with(tmp_path / "own", own))
    assert policy("idea.limit").values == {date(2021, 1, 1): 9}
    assert [(o.name, o.kind, Path(o.folder).name) for o in policy.overrides] == [
        ("idea.limit", "superseded", "own"),
        ("idea.further", "added", "own"),
    ]


def test_in_force_leaves_out_what_has_no_value_yet(tmp_path: Path) -> None:
    """The values in force on a day are those whose first day has come."""
    policy = read(tmp_path, WHOLE)
    assert policy.in_force(date(2019, 1, 1)) == {}
    assert policy.in_force(date(2024, 12, 31)) == {"idea.limit": 7}


@pytest.mark.parametrize(
    ("wrong", "line", "says"),
    [
        (WHOLE + "  remark: x\n", 9, "remark"),
        (WHOLE.replace("5, 2024-05-01", "5, 2019-05-01"), 8, "order"),
        (WHOLE.replace("5, 2024-05-01", "5, 2020-01-01"), 8, "order"),
        (WHOLE.replace(": 7", ": NO"), 8, "quote"),
        (WHOLE.replace(": 7", ": no"), 8, "quote"),
        (WHOLE.replace(": 7", ": .inf"), 8, "quote"),
        (WHOLE.replace(": 7", ": 007"), 8, "quote"),
        (WHOLE.replace(": 7", ": 12:30"), 8, "quote"),
        (WHOLE.replace(": 7", ": seven"), 8, r"several kinds \(number, text\)"),
        (WHOLE.replace("2024-05-01", "2024-02-30"), 8, "YYYY-MM-DD"),
        (WHOLE.replace("  reference: [{title: Project default, document: none}]\n", ""), 3, "no reference"),
        (WHOLE.replace("[{title: Project default, document: none}]", "[]"), 7, "no reference"),
        (WHOLE.replace(", document: none", ""), 7, "title and a document"),
        (WHOLE.replace("confidence: assumed", "confidence: sure"), 6, "verified, secondary, assumed"),
        (WHOLE.replace("  unit: day\n", ""), 3, "no unit"),
        (WHOLE.replace("unit: day", "unit: no"), 4, "quote"),
        (WHOLE + "  unit: week\n", 9, "twice"),
        (
            WHOLE.replace("{2020-01-01: 5, 2024-05-01: 7}", "{2020-01-01: {a: 0.6, b: 0.3}}") + "  sums_to: 1\n",
            8,
            "0.9",
        ),
        (WHOLE.replace("{2020-01-01: 5, 2024-05-01: 7}", "[5, 7]"), 8, "day: value"),
        (WHOLE.replace("limit:", "Limit:"), 3, "small letters"),
        (WHOLE.replace(": 7}", ": {no: 1}}").replace(": 5,", ": {a: 1},"), 8, "quote"),
    ],
)
def test_doubtful_file_is_refused_by_name_and_line(tmp_path: Path, wrong: str, line: int, says: str) -> None:
    """What a person could have meant otherwise is refused, with file, line and what to do."""
    with pytest.raises(PolicyError, match=rf"idea\.yaml:{line}: .*{says}"):
        read(tmp_path, wrong)


@pytest.mark.parametrize("text", ["", "a: [", "{", "limit: {"])
def test_unreadable_file_is_refused_by_name(tmp_path: Path, text: str) -> None:
    """A file that is empty or no YAML is refused by name."""
    with pytest.raises(PolicyError, match=r"idea\.yaml"):
        read(tmp_path, text)


def test_parts_may_sum_exactly_in_decimals(tmp_path: Path) -> None:
    """Decimal parts that sum to one on paper sum to one here, whatever binary fractions do."""
    parts = "{2020-01-01: {a: 0.1, b: 0.2, c: 0.7}}"
    read(tmp_path, WHOLE.replace("{2020-01-01: 5, 2024-05-01: 7}", parts) + "  sums_to: 1\n")


def test_file_with_the_wrong_ending_is_not_passed_over(tmp_path: Path) -> None:
    """A .yml file is refused rather than ignored."""
    with pytest.raises(PolicyError, match=r"idea\.yml"):
        load(folder_with(tmp_path, WHOLE, "idea.yml"))


def test_missing_folder_is_refused(tmp_path: Path) -> None:
    """A folder that is not there is an error, not an empty policy."""
    with pytest.raises(PolicyError, match="no policy folder"):
        load(tmp_path / "none")


def test_shipped_policy_loads_and_marks_what_is_assumed() -> None:
    """The shipped files pass their own checks, and every value says how sure it is."""
    policy = shipped()
    assert policy("default_definition.days_past_due").on(date(2026, 11, 22)) == 90
    assert policy("patent_terms.design").on(date(2021, 5, 31)) == 10
    assert policy("patent_terms.design").on(date(2021, 6, 1)) == 15
    assert list(policy("grades.pd_bounds").on(date(2026, 1, 1)).values())[-1] == 1
    assert policy("sme_size.industry").confidence == "secondary"
    assert policy("sme_size.software").confidence == "assumed"
