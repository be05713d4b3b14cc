"""Policy that has the right form and the wrong shape for a rule: refused at load, by file and line."""

from pathlib import Path

import pytest

from features.policy import Policy, PolicyError, load, shipped
from features.policy.parameters import SHIPPED
from models.rules.checks import check_policy


def changed(folder: Path, file: str, old: str, new: str) -> Policy:
    """The shipped policy with one file changed in one place, as a bank's own folder would."""
    text = (SHIPPED / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return load(SHIPPED, folder)


def test_what_is_shipped_has_the_shape_that_rules_read() -> None:
    """The shipped policy passes."""
    check_policy(shipped())


BAD = [
    ("list_push.yaml", "sizes:", "size:", r"list_push\.yaml:\d+: .*unknown name 'size'.*use .*sizes"),
    ("list_push.yaml", "kind: push_list", "kind: pushlist", r"'pushlist' is no kind of list: use push_list"),
    ("list_own.yaml", "valid_months: 12", "months: 12", r"unknown name 'months'"),
    ("list_own.yaml", "inventions_in_force: 2", "inventions: 2", r"unknown name 'inventions'"),
    ("tech_sme.yaml", "complete: true", "complete: maybe", r"tech_sme\.yaml:\d+: .*whether it is complete"),
    ("tech_sme.yaml", "groups:", "group:", r"'group' is no part of a scorecard: use .*groups"),
    ("tech_sme.yaml", "fact: staff, at_most: 500", "fact: staff, most: 500", r"'most' is no comparison: use .*at_most"),
    ("tech_sme.yaml", "[0.06, 50], [0.05, 40]", "[0.05, 40], [0.06, 50]", r"bands of rd_over_sales are out of order"),
    ("tech_sme.yaml", "staff: [research_staff]", "staff: [researchers]", r"'researchers' is no item of the scorecard"),
    ("tech_sme.yaml", "total: 60, staff: 1", "total: 60, staf: 1", r"'staf' is no group of items"),
    ("specialised_sme.yaml", "given_up_to: 10", "given_to: 10", r"must name a fact and one of"),
    (
        "credit_exclusions.yaml",
        "dishonest_debtor: blocks",
        "dishonest_debtor: block",
        r"'block' is no effect: use .*blocks",
    ),
    ("credit_exclusions.yaml", "dishonest_debtor:", "dishonest:", r"'dishonest' is no kind of record"),
    (
        "high_value.yaml",
        "overseas_family, maintained, pledge",
        "abroad, maintained, pledge",
        r"'abroad' is no criterion",
    ),
    (
        "cures.yaml",
        "office: cnipa",
        "bureau: cnipa",
        r"cures\.yaml:\d+: .*'bureau' is no part of a cure",
    ),
    ("annual_fees.yaml", "[4, 6, 1200]", "[5, 6, 1200]", r"year 5 does not follow year 3"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BAD, ids=[f"{b[0]}: {b[2]}" for b in BAD])
def test_wrong_shape_is_refused_by_file_and_line(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    """An unknown name, a word of no list, or bands out of order is refused with where and what to do."""
    policy = changed(tmp_path, file, old, new)
    with pytest.raises(PolicyError, match=f"(?s){said}"):
        check_policy(policy)


WRONG_FORM = [
    (
        "list_push.yaml",
        "sections: [C, I, M]",
        "sections: [C, no, M]",
        r"list_push\.yaml:\d+: 'no' would be read as true or false",
    ),
    (
        "list_push.yaml",
        "before: not_applicable",
        "befor: not_applicable",
        r"list_push\.yaml:\d+: .*unknown entry 'befor'",
    ),
    ("specialised_sme.yaml", "specialisation: 25", "specialisation: 26", r"specialised_sme\.yaml:\d+: .*sums to 101"),
    ("star.yaml", "2024-04-30: 80_000_000", "2019-04-30: 80_000_000", r"star\.yaml:\d+: .*put them in order"),
    ("regions.yaml", "'11': 北京", "011: 北京", r"regions\.yaml:\d+: .*quote"),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), WRONG_FORM, ids=[f"{b[0]}: {b[2]}" for b in WRONG_FORM])
def test_wrong_form_is_refused_when_it_is_read(tmp_path: Path, file: str, old: str, new: str, said: str) -> None:
    """A code read as yes or no, a misspelt entry, weights that do not sum, days out of order: by file and line."""
    with pytest.raises(PolicyError, match=said):
        changed(tmp_path, file, old, new)


def test_a_list_without_its_parts_is_refused(tmp_path: Path) -> None:
    """A list must state its gates, its property and its threshold."""
    text = (SHIPPED / "list_push.yaml").read_text(encoding="utf-8")
    (tmp_path / "list_ours.yaml").write_text(text.split("\nproperty:")[0], encoding="utf-8")
    with pytest.raises(PolicyError, match=r"list_ours\.yaml:\d+: the list ours has no property: add it"):
        check_policy(load(SHIPPED, tmp_path))


def test_a_bank_adds_a_list_by_adding_a_file(tmp_path: Path) -> None:
    """A copy under another name is another list, told as added."""
    text = (SHIPPED / "list_push.yaml").read_text(encoding="utf-8").replace("kind: push_list", "kind: park")
    (tmp_path / "list_ours.yaml").write_text(text, encoding="utf-8")
    policy = load(SHIPPED, tmp_path)
    check_policy(policy)
    assert {o.name for o in policy.overrides} == {f"list_ours.{p}" for p in ("about", "gates", "property", "admission")}
