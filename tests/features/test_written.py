"""What people write is brought to normal form, and what they wrote is kept."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.identifiers import IdentifierError, firm_key, ipc, locarno, patent_number
from features.tables import TABLES
from features.text_files import NotUtf8, decoded, harmless, visible
from features.vocabulary import UNKNOWN, VOCABULARY, CodeWords, VocabularyError
from features.written import AS_WRITTEN, UNITS, normal_row
from models.words.templates import SHIPPED

NUMBER = "CN201910561574.9"


@pytest.mark.parametrize(
    "text",
    [
        "ZL201910561574.9", "ZL 2019 1 0561574.9", "CNZL201910561574.9", "2019105615749", "201910561574.9",
        "cn201910561574.9", "２０１９１０５６１５７４．９", '="201910561574.9"', "CN 2019-1056-1574。9",
        " zl201910561574.9 ",
    ],
)  # fmt: skip
def test_a_patent_number_is_read_however_it_is_written(text: str):
    """ZL, blanks, dots, full width, small letters and a spreadsheet's text are one number, and the text is kept."""
    row = normal_row("patents", {"patent": text})
    assert row["patent"] == NUMBER
    assert json.loads(str(row[AS_WRITTEN])) == {"patent": text}


def test_a_lower_case_check_digit_is_read():
    """The check digit x may be written small."""
    assert patent_number("98101013.x") == patent_number("98101013.X")


def test_a_publication_number_is_told_to_be_one():
    """A publication number is no application number, and the refusal says which to give."""
    with pytest.raises(IdentifierError) as refused:
        patent_number("CN109999999B")
    assert refused.value.phrase.code == "refusal.publication_number"


@pytest.mark.parametrize("number", ["PCT/CN2019/088123", "pct cn2019 088123", "WO2020/123456", "WO2020123456A1"])
def test_an_international_application_is_told_to_be_one(number: str) -> None:
    """An application by the PCT is no patent, and the refusal asks for the national one."""
    with pytest.raises(IdentifierError) as refused:
        patent_number(number)
    assert refused.value.phrase.code == "refusal.international_application"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_who_writes_no_amount_is_told_every_unit(lang: str) -> None:
    """The sentence about amounts names each unit that is read."""
    told = SHIPPED.name("column.money", lang)
    assert all(unit in told for unit in UNITS)


def test_classes_are_read_with_blanks_and_versions():
    """An IPC symbol loses blanks and version; a Locarno class in its place moves to its own column."""
    assert ipc("H04N 19/00") == ipc("H04N19/00(2014.01)I") == "H04N19/00"
    assert locarno("14-02") == locarno("LOC(13)Cl.14-02") == "14-02"
    row = normal_row("patents", {"patent": NUMBER, "ipc": "14-02"})
    assert (row["ipc"], row["locarno"], json.loads(str(row[AS_WRITTEN]))) == (None, "14-02", {"ipc": "14-02"})


def test_a_code_that_stands_in_the_register_may_fail_its_check_digit():
    """As typed it is refused; as it stands in the register it is taken."""
    with pytest.raises(IdentifierError):
        firm_key("91350203M0007ABC1X")
    assert firm_key("91350203M0007ABC1X", registered=True) == "uscc:91350203M0007ABC1X"


@pytest.mark.parametrize(
    ("value", "unit", "fen"), [(300, "万元", 300_000_000), ("1.5", "亿元", 15_000_000_000), (12.34, "元", 1234)]
)
def test_an_amount_may_carry_its_unit(value: object, unit: str, fen: int):
    """An amount in a unit becomes fen."""
    assert normal_row("applications", {"amount": {"value": value, "unit": unit}})["amount"] == fen


@pytest.mark.parametrize(
    "given", [{"value": 1, "unit": "万"}, {"value": 0.001, "unit": "元"}, {"value": "x", "unit": "元"}]
)
def test_an_amount_that_is_no_whole_fen_stays_as_it_is(given: dict[str, Any]):
    """What cannot be read stays as it was written, for the check of the table to refuse."""
    assert normal_row("applications", {"amount": given}) == {"amount": given}


@given(st.integers(0, 10**9), st.sampled_from(sorted(UNITS)))
def test_whole_amounts_in_any_unit_are_exact(value: int, unit: str):
    """So many of a unit are so many times its fen."""
    assert normal_row("loans", {"amount": {"value": value, "unit": unit}})["amount"] == value * UNITS[unit]


def test_every_word_of_the_vocabulary_is_read_as_its_code():
    """Label, synonym and code of every choice give the code."""
    for (table, column), words in VOCABULARY.choices.items():
        assert tuple(words.words) == TABLES[table].columns[column].choices
        for code, named in words.words.items():
            for word in (code, *named.zh, *named.en, f" {named.zh[0]}。"):
                assert normal_row(table, {column: word})[column] == code


@pytest.mark.parametrize(
    ("fact", "answer", "code"),
    [
        ("co_owner_consent", "同意", "consented"), ("co_owner_consent", "不同意", "refused"),
        ("co_owner_consent", "同意，但须董事会批准", None), ("controller_guarantee", "同意", "promised"),
        ("pledge_contract", "未签订", "not_signed"), ("other_ground", "无", "none"), ("own_thing", "是", "yes"),
        ("purchase_proved", "不详", UNKNOWN),
    ],
)  # fmt: skip
def test_an_answer_is_read_by_its_fact_and_never_guessed(fact: str, answer: str, code: str | None):
    """The same word may mean two things for two facts; what is in no list stays as it is."""
    assert normal_row("evidence", {"fact": fact, "answer": answer})["answer"] == (code or answer)


def test_a_word_for_two_codes_is_refused_at_load():
    """No word stands for two codes of one choice."""
    with pytest.raises(VocabularyError, match="stands for"):
        CodeWords("fact", {"a": "x · 甲", "b": "y · 甲"})


@pytest.mark.parametrize("text", ["=1+1", " =1", "＝1+1", "+cmd", "-2", "@x", "|x", "%0A", "\t=1", "＠x"])
def test_a_cell_that_may_be_a_formula_is_quoted(text: str):
    """No cell of an export is taken for a formula."""
    assert harmless(text) == f"'{text}"
    assert harmless("普通 text 1-2") == "普通 text 1-2"


def test_a_terminal_obeys_no_text():
    """Escape codes and marks that turn writing are shown as what they are; lines and tabs stay."""
    assert visible("\x1b[31m红\x07\u202e\n\t") == "\\x1b[31m红\\x07\\u202e\n\t"


def test_files_of_offices_are_read_or_named():
    """Marks are skipped, UTF-16 is read, and what seems to be GBK is named."""
    assert decoded("企业".encode("utf-8-sig")) == decoded("企业".encode("utf-16")) == "企业"
    with pytest.raises(NotUtf8, match="GBK"):
        decoded("企业名称".encode("gbk"))
