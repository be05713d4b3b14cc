"""What values of policy and regions are called and say, in both languages: each once, and none that there is not."""

import re
from dataclasses import replace
from datetime import date

from features.policy import Parameter, shipped
from models.words.policy_names import (
    chinese_description,
    chinese_name,
    policy_description,
    policy_descriptions,
    policy_names,
    policy_title,
)
from models.words.policy_values import code_name, unit_name, unit_of, value_words
from models.words.regions import english_regions
from models.words.templates import SHIPPED
from tests.models.words.test_chinese import latin

DAY = date(2026, 11, 20)


def test_every_shipped_value_has_a_chinese_name() -> None:
    """Without a code or an English word in it but those that Chinese texts use; no two values are called alike."""
    policy = shipped()
    names = {name: chinese_name(name) for name in policy.names()}
    assert [name for name, told in names.items() if told is None] == []
    for name, told in names.items():
        assert told is not None
        assert re.search(r"[\u4e00-\u9fff]", told), name
        assert not re.search(r"[a-z_]{3,}", told), name
    assert len(set(names.values())) == len(names)
    assert policy_names().keys() <= set(policy.names())


def test_every_shipped_value_is_explained_in_chinese() -> None:
    """By a sentence without English but keys in backticks, each of which stands in the value or names a parameter."""
    policy = shipped()
    told = {name: chinese_description(name) or "" for name in policy.names()}
    assert [name for name, text in told.items() if not text.endswith("。") or latin(text)] == []
    for name, text in told.items():
        stated = f"{policy.names()} {policy(name).values} {policy(name).description}"
        assert [key for key in re.findall(r"`([^`]+)`", text) if key not in stated] == [], name
    assert policy_descriptions().keys() <= set(policy.names())
    assert policy_description(policy("scale.odds"), "en") == policy("scale.odds").description


def test_units_and_members_of_values_are_called_in_chinese() -> None:
    """Every unit has a name, members with a unit of their own tell that; nothing is stated of what there is not."""
    policy = shipped()
    words = value_words()
    assert {policy(name).unit for name in policy.names()} <= words.units.keys()
    assert [unit for unit, told in words.units.items() if latin(told.zh)] == []
    assert {unit for told in words.measured_in.values() for unit in told.values()} <= words.units.keys()
    stated = {*words.measured_in, *words.named_by, *words.members}
    assert stated <= {*policy.names(), *(name.partition(".")[0] for name in policy.names())}
    families = {family for told in words.named_by.values() for found in told.values() for family in found}
    assert [one for one in families if not SHIPPED.family(one, "zh")] == []
    assert [name for told in words.members.values() for name in told.values() if latin(name)] == []
    levels = policy("authority.levels")
    assert (unit_of(levels, ("most", "as_advised")), unit_of(levels, ("signatures",))) == ("RMB fen", "person")
    assert (unit_name("month", "en", 1), unit_name("month", "en", 2)) == ("month", "months")
    assert code_name(levels, ("most",), "better", "zh") == "宽于建议"
    assert code_name(levels, (), "signatures", "zh") == "签署人数"
    assert code_name(levels, (), "signatures", "en") is None


def test_a_value_of_a_banks_own_is_called_by_its_description() -> None:
    """In both languages; in English every value is."""
    own = Parameter(
        "ours.limit", "Our own limit. It is low.", "RMB fen", DAY, "assumed", (), {}, "unknown", "x.yaml", 1
    )
    assert (policy_title(own, "zh"), policy_title(own, "en")) == ("Our own limit", "Our own limit")
    assert policy_description(own, "zh") == policy_description(own, "en") == "Our own limit. It is low."
    shared = shipped()("books.debt_ratio_after")
    assert policy_description(shared, "zh") == chinese_description("books.debt_ratio_after")
    assert policy_description(replace(shared, description="按本行口径。"), "zh") == "按本行口径。"
    assert policy_title(shared, "zh") == "贷后资产负债率的关注线和审查线"
    assert policy_title(shared, "en") == "Liabilities to assets after the loan"


def test_every_region_has_an_english_name() -> None:
    """Each province and prefecture that policy names, and no other."""
    policy = shipped()
    stated = {**policy("regions.provinces").on(DAY), **policy("regions.prefectures").on(DAY)}
    assert english_regions().keys() == stated.keys()
    assert all(re.fullmatch(r"[A-Zü][A-Za-zü'() ]+", name) for name in english_regions().values())
