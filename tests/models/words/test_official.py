"""Official documents and authorities have English names wherever policy cites one by its Chinese name alone."""

import re

from features.policy import shipped
from models.words.official import glossed

CHINESE, LATIN = re.compile("[\u4e00-\u9fff]"), re.compile("[A-Za-z]{3,}")


def test_no_title_stands_in_chinese_alone() -> None:
    """Every title of the shipped policy, read in English, holds English; read in Chinese it is as it is cited."""
    policy = shipped()
    titles = {str(one["title"]) for name in policy.names() for one in policy(name).reference}
    assert sum(bool(CHINESE.search(title)) for title in titles) > 40
    for title in titles:
        told = glossed(title, "en")
        assert not CHINESE.search(told) or LATIN.search(told), title
        assert glossed(title, "zh") == title


def test_a_name_is_told_once_and_the_longest_first() -> None:
    """The Chinese stays beside the English, with what was cited behind it; what is not known stays as it is."""
    assert (
        glossed("专利法实施细则 Art. 3", "en") == "Implementing Regulations of the Patent Law (专利法实施细则) Art. 3"
    )
    assert glossed("专利法 Art. 42", "en") == "Patent Law (专利法) Art. 42"
    assert glossed("银保监发〔2019〕34号", "en") == "银保监发〔2019〕34号"
