"""Word templates: checked at load, filled by format, known by a digest, and each used as its template asks."""

import ast
from datetime import date
from pathlib import Path

import pytest

from features.phrase import Phrase
from models.words.templates import SHIPPED, Words, WordsError, phrase, say

ROOT = Path(__file__).parents[3]
TWO = {"zh": {"seen": "{day:day} 查询"}, "en": {"seen": "queried on {day:day}"}}


def _said(text: str, fact: object, language: str, currency: str = "CNY") -> str:
    """A fact in a template of both languages, written in one."""
    names = {"bound.need": "需求" if language == "zh" else "need", "flag.true": "是", "currency.USD": "美元"}
    words = Words({"zh": {"t": text, **names}, "en": {"t": text, **names}})
    return words.say(Phrase("t", {"x": fact}), language, currency)


@pytest.mark.parametrize(
    ("text", "fact", "zh", "en"),
    [
        ("{x:money}", 107_881_100, "107.88 万元", "RMB 1,078,811"),
        ("{x:money}", -5_000, "0.00 万元", "RMB -50"),
        ("{x:money}", None, "–", "–"),
        ("{x:share}", "0.563", "56.3%", "56.3%"),
        ("{x:share}", "1", "100%", "100%"),
        ("{x:ratio}", "1234.5", "1,234.5", "1,234.5"),
        ("{x:ratio}", "100", "100", "100"),
        ("{x:points}", -123, "-12.3", "-12.3"),
        ("{x:count}", 12_000, "12,000", "12,000"),
        ("{x:days}", 1, "1 天", "1 day"),
        ("{x:days}", 30, "30 天", "30 days"),
        ("{x:months}", 3, "3 个月", "3 months"),
        ("{x:years}", 3, "3 年", "3 years"),
        ("{x:day}", "2026-11-20", "2026-11-20", "2026-11-20"),
        ("{x:flag}", True, "是", "是"),
        ("{x:plain}", "CN1", "CN1", "CN1"),
        ("{x:name}", "bound.need", "需求", "need"),
        ("{x:name.bound}", "need", "需求", "need"),
        ("{x:name.bound}", "of_a_bank", "of_a_bank", "of_a_bank"),
        ("{x:list.bound}", ("need", "need"), "需求、需求", "need, need"),
        ("{x:counts.bound}", ("need", 3, "of_a_bank", 1200), "需求 3、of_a_bank 1,200", "need 3, of_a_bank 1,200"),
        ("{{{x:plain}}}", 1, "{1}", "{1}"),
    ],
)
def test_each_format_in_both_languages(text: str, fact: object, zh: str, en: str) -> None:
    """Amounts, shares, counts, days and names are written as each language writes them."""
    assert (_said(text, fact, "zh"), _said(text, fact, "en")) == (zh, en)


def test_other_currencies_are_in_whole_units() -> None:
    """Ten thousand yuan are a unit of yuan alone: dollars are written in dollars, an unnamed currency by its code."""
    assert _said("{x:money}", 107_881_150, "zh", "USD") == "1,078,812 美元"
    assert _said("{x:money}", 107_881_150, "en", "USD") == "USD 1,078,812"
    assert _said("{x:money}", 100, "zh", "CHF") == "1 CHF"


@pytest.mark.parametrize(
    ("zh", "en", "told"),
    [
        ({"seen": "{day:day}"}, {}, "en.yaml: seen is missing, zh.yaml has it"),
        ({}, {"seen": "{day:day}"}, "zh.yaml: seen is missing, en.yaml has it"),
        ({"seen": "{day:day}"}, {"seen": "seen"}, "en.yaml: seen has the placeholders none, zh.yaml has {day:day}"),
        ({"seen": "{n:days}"}, {"seen": "{n:months}"}, "en.yaml: seen has the placeholders {n:months}"),
        ({"seen": "{day:date}"}, {"seen": "{day:date}"}, "zh.yaml: seen has the placeholder {day:date}"),
        ({"seen": "{day}"}, {"seen": "{day}"}, "zh.yaml: seen has the placeholder {day:}"),
        ({"seen": "{day"}, {"seen": "{day"}, "zh.yaml: seen is not readable"),
        ({"seen": "{n:days}{n:count}"}, {"seen": "{n:days}"}, "zh.yaml: seen writes n in two formats"),
        ({"seen": "{n:name.none}"}, {"seen": "{n:name.none}"}, "zh.yaml: seen names the family none"),
        ({"see n": "x"}, {"see n": "x"}, "zh.yaml: 'see n' is no code"),
    ],
)
def test_faults_are_found_at_load(zh: dict[str, str], en: dict[str, str], told: str) -> None:
    """A code or placeholder that is missing, extra or of no known format is refused by file and code."""
    with pytest.raises(WordsError) as refused:
        Words({"zh": zh, "en": en})
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [("a: x\na: y", "zh.yaml:2: a stands twice"), ("a: 1", "zh.yaml:1: a is no text"), ("- a", "write every template")],
)
def test_a_file_is_read_strictly(tmp_path: Path, text: str, told: str) -> None:
    """A code that stands twice would win in silence, and a bare number or yes is no text."""
    for language in ("zh", "en"):
        (tmp_path / f"{language}.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(WordsError, match=told):
        Words.load(tmp_path)


def test_a_phrase_fits_its_template() -> None:
    """Facts that are missing, extra or floats are refused where the phrase is made; days become text."""
    code = "flag.true"
    assert phrase(code) == Phrase(code)
    with pytest.raises(WordsError, match="needs the facts"):
        phrase(code, day=date(2026, 1, 1))
    with pytest.raises(WordsError, match="no word template"):
        phrase("no.such.code")
    words = Words(TWO)
    with pytest.raises(WordsError, match="cannot be written"):
        words.say(Phrase("seen"), "zh")
    assert words.say(Phrase("seen", {"day": "2026-01-01"}), "en") == "queried on 2026-01-01"


def test_kept_templates_say_what_they_said() -> None:
    """The text kept under the digest gives the same templates; one changed word gives another digest."""
    kept = Words.of_text(SHIPPED.text)
    assert kept.digest == SHIPPED.digest
    assert kept.texts == SHIPPED.texts
    changed = {language: dict(texts) for language, texts in SHIPPED.texts.items()}
    changed["zh"]["flag.true"] = "对"
    assert Words(changed).digest != SHIPPED.digest
    assert say(Phrase("flag.true"), "zh") == "是"


def _calls() -> list[tuple[str, ast.Call]]:
    """Every `phrase("code", …)` of the product with a literal code."""
    found = []
    for package in ("features", "models", "service", "training"):
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "phrase"
                if named and node.args and isinstance(node.args[0], ast.Constant):
                    found.append((f"{file.relative_to(ROOT)}:{node.lineno}", node))
    return found


def test_every_phrase_of_the_code_has_its_template() -> None:
    """Each phrase written in the code names a template and gives exactly the facts that it asks for."""
    wrong = []
    for where, call in _calls():
        code, given = call.args[0].value, {keyword.arg for keyword in call.keywords}
        known = code in SHIPPED.texts["zh"]
        if not known or (None not in given and given != set(SHIPPED.placeholders(code))):
            wrong.append(f"{where}: {code} {sorted(map(str, given))}")
    assert not wrong
