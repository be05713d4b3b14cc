"""Rows are refused by one set of rules, whichever way they come, and the refusal says where and what is allowed."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from features.columns import LARGEST_WHOLE, Column
from features.dictionary import dictionary
from features.frames import check_frame, polars_schema
from features.row_checks import RowProblem
from features.schema import problems, row_model, rows_adapter
from features.tables import TABLES
from tests.amount import law

PATENT = {
    "known_on": "2023-02-01", "source_kind": "register", "source": "CNIPA", "patent": "CN201910561574.9",
    "kind": "invention", "filed_on": "2019-06-26", "granted_on": "2022-05-05", "claims": 10,
}  # fmt: skip
BOOKS = {"known_on": "2023-04-30", "source_kind": "document", "period_end": "2022-12-31", "months": 12}


def refusals(text: str | bytes) -> list[RowProblem]:
    """The problems of a body of rows; none if it is accepted."""
    try:
        rows_adapter().validate_json(text)
    except ValidationError as error:
        return problems(error)
    return []


def one(table: str, **row: Any) -> RowProblem:
    """The only problem of one row."""
    (problem,) = refusals(json.dumps({table: [row]}))
    return problem


def test_accepted_rows_are_plain_dictionaries_with_days():
    """What is accepted comes out as dictionaries ready for `Tables.from_rows`."""
    rows = rows_adapter().validate_json(json.dumps({"patents": [PATENT], "holdings": []}))
    assert rows["holdings"] == []
    assert type(rows["patents"][0]) is dict
    assert rows["patents"][0]["filed_on"] == date(2019, 6, 26)


@pytest.mark.parametrize("value", ["10", 10.0, 10.5, True, -1, 2**53])
def test_a_count_is_not_coerced(value: object):
    """A text, a fraction, a flag, a negative number or one beyond 2**53-1 is no count."""
    problem = one("patents", **{**PATENT, "claims": value})
    assert (problem.table, problem.row, problem.column) == ("patents", 0, "claims")
    assert "a whole number; at least 0" in problem.text("en")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", '"1"', "true"])
def test_a_number_is_finite_and_a_number(number: str):
    """NaN, infinities and 1e400 are refused like texts."""
    body = '{"measures":[{"known_on":"2023-01-01","source_kind":"bureau","measure":"tax","value":' + number + "}]}"
    (problem,) = refusals(body)
    assert problem.column == "value"


@pytest.mark.parametrize(
    "day", ["2020-02-30", "20200203", "1577836800", 1577836800, "2020-02-03T00:00:00", "1899-12-31"]
)
def test_a_day_is_an_iso_day_between_1900_and_2199(day: object):
    """Timestamps, compact dates and days that do not exist are refused."""
    problem = one("patents", **{**PATENT, "filed_on": day})
    assert problem.column == "filed_on"
    assert "1900-01-01 – 2199-12-31" in problem.text("en")


@pytest.mark.parametrize("name", ["", "a\u0000b", "line\nline", "x" * 201, "\u2028"])
def test_a_text_has_bounds_and_no_control_characters(name: str):
    """Empty texts, control characters and texts over 200 characters are refused; the message prints none of them."""
    problem = one("firms", known_on="2023-01-01", source_kind="register", legal_name=name)
    assert problem.column == "legal_name"
    assert all(c.isprintable() for c in problem.text("en"))


def test_what_is_not_declared_is_refused():
    """An unknown table and an unknown column are named."""
    assert "no table 'patent'" in refusals('{"patent": []}')[0].text("en")
    assert "no column 'claim'" in one("patents", **PATENT, claim=3).text("en")


def test_malformed_json_is_refused_without_a_table():
    """A body that is no JSON has no row to name."""
    (problem,) = refusals('{"patents": [')
    assert (problem.table, problem.row) == ("", None)
    assert problem.text("en").startswith("/: Invalid JSON")


@pytest.mark.parametrize(
    ("table", "row", "column"),
    [
        ("patents", {**PATENT, "granted_on": "2018-01-01"}, "granted_on"),
        ("patents", {**PATENT, "filed_on": "2023-02-02", "granted_on": None}, "filed_on"),
        ("statements", {**BOOKS, "total_assets": -1}, "total_assets"),
        ("statements", {**BOOKS, "months": 13}, "months"),
        ("patents", {**PATENT, "patent": "CN201910561574.8"}, "patent"),
        ("firms", {"known_on": "2023-01-01", "source_kind": "document", "firm": "uscc:91440300192184333X"}, "firm"),
        ("firms", {"known_on": "2023-01-01", "source_kind": "register", "firm": "acme"}, "firm"),
    ],
)
def test_impossible_facts_are_refused(table: str, row: dict[str, Any], column: str):
    """Granted before filed, happened after known, negative assets, wrong check digits: each by its column."""
    assert one(table, **row).column == column


def test_a_row_for_the_lake_needs_its_firm():
    """Only in a request may the firm be left out, since the request names it once."""
    from pydantic import TypeAdapter

    with pytest.raises(ValidationError, match="firm"):
        TypeAdapter(row_model("patents")).validate_json(json.dumps(PATENT))


# --- both paths say the same -----------------------------------------------------------------------------------------

DAYS = st.dates(date(1880, 1, 1), date(2230, 1, 1)) | st.dates(date(2015, 1, 1), date(2016, 1, 1))
KEYS = st.sampled_from(["uscc:91440300192184333K", "uscc:914403001921843330", "row:1", "cik:320193", "acme", "row: 1"])
PATENTS = st.sampled_from(["CN201910561574.9", "CN201910561574.8", "US12345678", "none"])
TEXTS = st.text(min_size=0, max_size=5) | st.sampled_from(
    ["A1", "C39", "440300", "H04N19/00", "x" * 201, "a\tb", "tax"]
)


def values(column: Column) -> st.SearchStrategy[Any]:
    """Right and wrong values of the column's own type."""
    if column.form or column.domain == "firm":
        return PATENTS if column.form == "patent" else KEYS | st.just("person:ab12")
    bounds = [int(x) for x in (column.least, column.most) if x is not None]
    near = st.sampled_from([x + d for x in [0, *bounds] for d in (-1, 0, 1)] + [LARGEST_WHOLE, LARGEST_WHOLE + 1])
    return {
        "text": TEXTS,
        "choice": st.sampled_from([*column.choices, "other_word", ""]),
        "money": near,
        "count": near,
        "number": st.floats() | near.map(float),
        "day": DAYS,
        "flag": st.booleans(),
    }[column.kind]


@st.composite
def any_rows(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A table and a row of it: the required columns and a few others, mostly right."""
    name = draw(st.sampled_from(sorted(TABLES)))
    columns = TABLES[name].columns
    optional = [c for c in columns if not columns[c].required]
    chosen = [c for c in columns if columns[c].required] + draw(st.lists(st.sampled_from(optional), max_size=4))
    row = {c: draw(values(columns[c])) for c in dict.fromkeys(chosen)}
    row["known_on"] = draw(DAYS)
    if draw(st.integers(0, 9)) == 0:
        row[draw(st.sampled_from(chosen))] = None
    return name, row


@law(600)
@given(any_rows())
def test_json_and_frames_accept_the_same_rows(given_row: tuple[str, dict[str, Any]]):
    """A row that pydantic accepts from JSON is right in a frame, and one that it refuses is wrong there."""
    table, row = given_row
    told = {k: v.isoformat() if isinstance(v, date) else v for k, v in row.items()}
    if "firm" not in row or row["firm"] is None:
        return  # a request may leave the firm out, a frame may not
    schema = {k: v for k, v in polars_schema(table).items() if k in row}
    by_json = refusals(json.dumps({table: [told]}))
    by_frame = check_frame(table, pl.DataFrame([row], schema=schema))
    assert bool(by_json) == bool(by_frame), (by_json, by_frame)


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(0, 40))
def test_frames_name_every_wrong_row(first: int, second: int):
    """Each wrong row is named by its number, whichever rule it breaks."""
    rows = [
        {"firm": "row:1", "known_on": date(2020, 1, 1), "source_kind": "typed", "measure": "tax", "value": 1.0}
        for _ in range(41)
    ]
    rows[first] = {**rows[first], "value": float("nan")}
    rows[second] = {**rows[second], "measured_on": date(2020, 1, 2)}
    found = check_frame("measures", pl.DataFrame(rows, schema=polars_schema("measures")))
    assert {(p.row, p.column) for p in found} == {(first, "value"), (second, "measured_on")}


def test_a_frame_of_another_shape_is_refused_whole():
    """A foreign column, a wrong type and a missing required column are told before any row is read."""
    frame = pl.DataFrame({"firm": ["row:1"], "known_on": ["2020-01-01"], "value": [1.0], "taxes": [2]})
    found = {(p.column, p.row) for p in check_frame("measures", frame)}
    assert found == {("known_on", None), ("taxes", None), ("source_kind", None), ("measure", None)}


def test_millions_of_rows_take_seconds():
    """A frame is judged a column at a time: 300,000 rows of patents, all right."""
    number = pl.int_range(300_000, eager=True)
    frame = pl.DataFrame(
        {
            "firm": ["row:1"] * len(number),
            "known_on": [date(2020, 1, 1)] * len(number),
            "source_kind": ["register"] * len(number),
            "patent": "US" + number.cast(pl.String),
            "kind": ["invention"] * len(number),
            "filed_on": [date(2019, 1, 1) - timedelta(1)] * len(number),
        }
    )
    assert check_frame("patents", frame) == []


def test_every_column_is_named_in_both_languages():
    """A screen can name every column in Chinese and in English."""
    for table in TABLES.values():
        for column in table.columns.values():
            assert column.meaning.isascii(), (table.name, column.name)
            assert column.zh, (table.name, column.name)


def test_the_data_dictionary_is_current():
    """`docs/data-dictionary.md` is what `pledgescore data dictionary` prints."""
    page = Path(__file__).parents[2] / "docs" / "data-dictionary.md"
    assert page.read_text("utf-8") == dictionary(), "run: pledgescore data dictionary > docs/data-dictionary.md"
