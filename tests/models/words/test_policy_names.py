"""What values of policy and regions are called: in Chinese and in English, each once, and none that there is not."""

import re
from datetime import date

from features.policy import Parameter, shipped
from models.words.policy_names import chinese_name, policy_names, policy_title
from models.words.regions import english_regions

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


def test_a_value_of_a_banks_own_is_called_by_its_description() -> None:
    """In both languages; in English every value is."""
    own = Parameter(
        "ours.limit", "Our own limit. It is low.", "RMB fen", DAY, "assumed", (), {}, "unknown", "x.yaml", 1
    )
    assert (policy_title(own, "zh"), policy_title(own, "en")) == ("Our own limit", "Our own limit")
    shared = shipped()("books.debt_ratio_after")
    assert policy_title(shared, "zh") == "贷后资产负债率的关注线和审查线"
    assert policy_title(shared, "en") == "Liabilities to assets after the loan"


def test_every_region_has_an_english_name() -> None:
    """Each province and prefecture that policy names, and no other."""
    policy = shipped()
    stated = {**policy("regions.provinces").on(DAY), **policy("regions.prefectures").on(DAY)}
    assert english_regions().keys() == stated.keys()
    assert all(re.fullmatch(r"[A-Zü][A-Za-zü'() ]+", name) for name in english_regions().values())
