"""Chinese texts: no English inside them, but units, identifiers and terms that the trade writes in Latin letters."""

import ast
import csv
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from features.tables import TABLES
from models.words.templates import SHIPPED
from tests.beside import BESIDE

WORDING = BESIDE / "domain" / "wording-zh.csv"
OFFLINE = Path(__file__).parents[3] / "service" / "offline"
ALLOWED = {
    "A", "B", "C", "D", "M", "API", "CSV", "EBITDA", "EBIT", "IPC", "JSON", "LGD", "MiB", "P10", "P50", "P90",
    "PD", "PCT", "R&D", "UTF-8", "Z", "OpenID", "Connect", "Authorization", "Bearer", "true", "false", "zh",
    "en", "none", "http", "https", "PLEDGESCORE_DATABASE", "PLEDGESCORE_LAKE", "PLEDGESCORE_OIDC_ISSUER",
    "new_password", "YAML", "LightGBM", "Excel", "AUC", "KS", "Gini", "PSI", "ROC", "SHAP", "Brier", "DeLong", "Holm",
    "p", "GB", "T",
}  # fmt: skip
"""Terms of the trade, grades, units, national standards, and names that a reader must write or find as they are."""
OTHERWISE = {
    "评估报告": "the paper itself is called so; the title of the rule about its age is the standard term",
    "对外担保余额占总资产": "the feature divides by total assets, and a title must not say otherwise",
}
NOT_USED = {
    "征信逾期情况": "the finding tells overdue interest too: 征信逾期欠息 in the later page on underwriting",
    "近180天本行对该企业的测算记录": "an answer holds the count alone, so that it does not grow; the list is a query",
    "依据状态": "stands in the catalogue, not in a printed answer",
    "至少归为次级类": "the class is filled in",
    "至少归为关注类": "the class is filled in",
    "征信报告查询日距今不超过 30 天": "the number of days is filled in",
    "D 级 shown as the letter": "a remark of the table, no term",
    "损失 shown as the word": "a remark of the table, no term",
    "对外担保余额占净资产": "the feature divides by total assets, and a title must not say otherwise",
    "备案贷款余额": "belongs to the fund's pages, which come later",
    "补偿率": "belongs to the fund's pages, which come later",
    "实际补偿": "belongs to the fund's pages, which come later",
    "补偿审核表": "belongs to the fund's pages, which come later",
}
"""Terms of the wording that nothing says, each with the reason."""
QUOTED = re.compile(r"`[^`]*`|\{[^{}]*\}|sqlite:///FILE|postgresql://ROLE@HOST/NAME|YYYY-MM-DD(Thh:mm:ssZ)?|--database")
LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_&-]*")


def latin(text: str) -> set[str]:
    """Latin words of a text that nobody allows."""
    return set(LATIN.findall(QUOTED.sub("", text))) - ALLOWED


def test_no_latin_word_is_left_in_chinese() -> None:
    """Every template of zh.yaml, with the titles of rules, features and all that the catalogue names."""
    left = {code: found for code, text in SHIPPED.texts["zh"].items() if (found := latin(text))}
    assert not left


def test_a_latin_word_is_found() -> None:
    """The look would find an English word, and lets placeholders and commands pass."""
    assert latin("状态 lapsed，{day:day}") == {"lapsed"}
    assert latin("请用 `pledgescore keys init`，EBITDA {x:money}") == set()


def halves() -> Iterator[tuple[str, str]]:
    """What programs of a pack print in both languages: the English, and the Chinese behind a middle dot."""
    for file in OFFLINE.glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                text = "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
            else:
                text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            if re.search("[一-鿿]", text) and " · " in text:
                english, _, chinese = text.partition(" · ")
                yield english, chinese


def test_the_programs_of_a_pack_speak_either_language_in_its_own_half() -> None:
    """They import nothing, so their few words stand in them: no Chinese before the dot, no English behind it."""
    found = list(halves())
    assert len(found) > 15
    assert [half for half, _ in found if re.search("[一-鿿]", half)] == []
    assert [half for _, half in found if latin(half) - {"README", "points", "x"}] == []


def rows_of_the_wording() -> list[dict[str, str]]:
    """The trade's terms beside the expressions of before."""
    if not WORDING.exists():
        pytest.skip("the table of wordings does not lie beside this repository")
    with WORDING.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def test_no_expression_of_before_is_left_where_the_trade_has_a_term() -> None:
    """No sentence keeps the expression that the trade's wording replaces as a whole text."""
    rows = rows_of_the_wording()
    texts = set(SHIPPED.texts["zh"].values())
    before = {row["today"] for row in rows if row["today"] != row["standard term"]}
    assert len(rows) > 100
    assert before & texts <= OTHERWISE.keys()


def terms(standard: str) -> Iterator[str]:
    """The words of a standard term, without what is filled in, examples and brackets."""
    bare = re.sub(r"（[^（）]*）|[“”]", "", standard)
    for part in re.split(r"[；;/、，：＝（）]|\{[^{}]*\}", bare):
        if len(part.strip(" …")) > 1:
            yield part.strip(" …")


def test_every_term_of_the_wording_is_used() -> None:
    """In a template, a column's name or the Chinese README; what is not used yet is listed with the reason."""
    said = [re.sub(r"\{[^{}]*\}", "{}", text) for text in SHIPPED.texts["zh"].values()]
    said += [column.zh for table in TABLES.values() for column in table.columns.values()]
    said.append((Path(__file__).parents[3] / "README.zh.md").read_text(encoding="utf-8"))
    texts = "\n".join(said)
    unused = {term for row in rows_of_the_wording() for term in terms(row["standard term"]) if term not in texts}
    assert unused == NOT_USED.keys()
