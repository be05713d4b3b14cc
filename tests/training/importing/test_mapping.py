"""A mapping is judged before any data are read, and what is wrong with it is told by place."""

from pathlib import Path

import pytest

from training.importing.mapping import FieldRule, MappingError, read_mapping

WHOLE = """
[lake]
name = "branch"
currency = "CNY"

[sources.tax]
path = "tax.csv"

[[tables.measures]]
source = "tax"
source_kind = "register"
[tables.measures.fields]
firm = "uscc:{code}"
known_on = "filed"
measure = { constant = "tax" }
value = { column = "paid", factor = 1e4 }
"""


def mapped(tmp_path: Path, text: str) -> Path:
    """A mapping file."""
    path = tmp_path / "mapping.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_bare_text_is_a_column_or_a_template(tmp_path: Path):
    """Braces make a template; without them a text names a source column."""
    fields = read_mapping(mapped(tmp_path, WHOLE)).tables["measures"][0].fields
    assert fields["firm"].template == "uscc:{code}"
    assert fields["firm"].columns == ["code"]
    assert fields["known_on"].column == "filed"
    assert fields["value"].factor == 10_000


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('currency = "CNY"', 'currency = "yuan"', "lake.currency"),
        ("[[tables.measures]]", "[[tables.measure]]", "tables.measure"),
        ('source = "tax"', 'source = "taxes"', "there is no source 'taxes'"),
        ('known_on = "filed"', "", "nothing fills known_on"),
        ("value =", "amount =", "there is no column 'amount'"),
        ('path = "tax.csv"', "", "give path, or sql"),
        ('source_kind = "register"', 'source_kind = "hearsay"', "source_kind"),
        ("factor = 1e4", "faktor = 1", "faktor"),
        ('column = "paid"', 'column = "paid", constant = 1', "exactly one of column"),
        ('known_on = "filed"', 'known_on = { after = "filed", days = 3 }', "is no day column of this block"),
        ("[lake]", "[lake", "is not readable as TOML"),
        ("[tables.measures.fields]", "when_known = 'paid'\n[tables.measures.fields]", "there is no column 'paid'"),
    ],
)
def test_what_is_wrong_is_told_by_place(tmp_path: Path, old: str, new: str, said: str):
    """A slip in a mapping is named with its place before any file is opened."""
    with pytest.raises(MappingError, match=said.replace("(", r"\(")):
        read_mapping(mapped(tmp_path, WHOLE.replace(old, new, 1)))


def test_a_mapping_that_is_not_there_is_told(tmp_path: Path):
    """A wrong path is an error for a person."""
    with pytest.raises(MappingError, match="there is no mapping"):
        read_mapping(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("rule", "assumed"),
    [
        (FieldRule(column="filed"), False),
        (FieldRule(column="period_end", days=120), True),
        (FieldRule(after="period_end", days=120), True),
        (FieldRule(constant="2020-01-01"), True),
        (FieldRule(template="{year}-12-31", assumed=True), True),
    ],
)
def test_a_day_of_knowledge_made_by_a_rule_is_assumed(rule: FieldRule, assumed: bool):
    """Only a day that the source itself states counts as a fact."""
    assert rule.is_assumed is assumed
