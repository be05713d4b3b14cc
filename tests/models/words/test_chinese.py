"""Chinese texts: no English inside them, but units, identifiers and terms that the trade writes in Latin letters."""

import csv
import re
from pathlib import Path

import pytest

from models.words.templates import SHIPPED

WORDING = Path(__file__).parents[4] / "shared" / "domain" / "wording-zh.csv"
ALLOWED = {
    "A", "B", "C", "D", "M", "API", "CSV", "EBITDA", "EBIT", "IPC", "JSON", "LGD", "MiB", "P10", "P50", "P90",
    "PD", "PCT", "R&D", "UTF-8", "Z", "OpenID", "Connect", "Authorization", "Bearer", "true", "false", "zh",
    "en", "none", "http", "https", "PLEDGESCORE_DATABASE", "PLEDGESCORE_LAKE", "PLEDGESCORE_OIDC_ISSUER",
    "new_password", "YAML", "LightGBM", "Excel",
}  # fmt: skip
"""Terms of the trade, grades, units, and names that a reader must write or find as they are."""
OTHERWISE = {
    "评估报告": "the paper itself is called so; the title of the rule about its age is the standard term",
    "对外担保余额占总资产": "the feature divides by total assets, and a title must not say otherwise",
}
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


def test_every_row_of_the_wording_is_looked_at() -> None:
    """No sentence keeps the expression of today where the trade's wording replaces it as a whole text."""
    if not WORDING.exists():
        pytest.skip("the table of wordings does not lie beside this repository")
    with WORDING.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    texts = set(SHIPPED.texts["zh"].values())
    today = {row["today"] for row in rows if row["today"] != row["standard term"]}
    assert len(rows) > 100
    assert today & texts <= OTHERWISE.keys()
