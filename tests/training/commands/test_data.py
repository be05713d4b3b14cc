"""The commands under `pledgescore data` say what they did, in words and by their exit code."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import pledgescore
from features.dictionary import dictionary

MAPPING = """
[lake]
name = "tax office"
currency = "CNY"

[sources.tax]
path = "tax.csv"

[[tables.measures]]
source = "tax"
source_kind = "register"
[tables.measures.fields]
firm = "row:{client}"
known_on = "filed"
measure = { constant = "tax_paid" }
value = "paid"
"""


def run(*words: str | Path) -> tuple[int, str]:
    """Exit code and output of a command."""
    result = CliRunner().invoke(pledgescore.app, [str(word) for word in words], env={"COLUMNS": "200"})
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_import_then_check(tmp_path: Path):
    """A clean import exits 0 and tells what was written; the lake that it made is found sound."""
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "tax.csv").write_text("client,filed,paid\nA,2020-01-01,5\n", "utf-8")
    code, said = run("data", "import", tmp_path / "mapping.toml", "--out", tmp_path / "lake")
    assert code == 0
    assert "1 rows in" in said
    assert "0 refused" in said
    code, said = run("data", "check", tmp_path / "lake")
    assert code == 0
    assert "nothing wrong" in said


def test_a_refused_row_exits_1_and_says_where_to_look(tmp_path: Path):
    """A refused row is told with its reason and the file that holds it."""
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    (tmp_path / "tax.csv").write_text("client,filed,paid\nA,2020-01-01,a lot\n", "utf-8")
    code, said = run("data", "import", tmp_path / "mapping.toml", "--out", tmp_path / "lake")
    assert code == 1
    assert "value: cannot be read as a finite number" in said
    assert "refused.csv" in said


def test_what_stops_an_import_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    """A missing mapping is told by the front door without a traceback."""
    monkeypatch.setattr("sys.argv", ["pledgescore", "data", "import", "none.toml", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="1"):
        pledgescore.main()
    assert capsys.readouterr().err == "pledgescore: there is no mapping none.toml: check its path\n"


def test_norms_are_counted_into_the_lake(tmp_path: Path):
    """`data norms` lays the usual figures of the lake's firms beside its tables, where training finds them."""
    from features.lake import Lake

    text = MAPPING.replace("measures", "statements").replace(
        'measure = { constant = "tax_paid" }', "months = { constant = 12 }"
    )
    text = text.replace(
        'value = "paid"', 'period_end = "filed"\ntotal_assets = { constant = 100 }\ntotal_liabilities = "paid"'
    )
    (tmp_path / "mapping.toml").write_text(text, "utf-8")
    (tmp_path / "tax.csv").write_text(
        "client,filed,paid\n" + "".join(f"F{n},2020-12-31,{n}0\n" for n in range(9)), "utf-8"
    )
    assert run("data", "import", tmp_path / "mapping.toml", "--out", tmp_path / "lake")[0] == 0
    code, said = run("data", "norms", tmp_path / "lake", "--as-of", "2021-01-31")
    assert code == 0
    made = Lake(tmp_path / "lake").norms
    assert made is not None
    assert made.value("peers:all", "median:debt_ratio") == 0.4
    assert made.digest[:12] in said
    assert run("data", "norms", tmp_path / "lake", "--as-of", "yesterday")[0] == 2


def test_the_dictionary_is_printed():
    """The page can be made anew from the command."""
    assert run("data", "dictionary") == (0, dictionary())
