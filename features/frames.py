"""Rows of a lake, checked by Polars a column at a time by the same rules as a request's rows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from features.columns import FIRST_DAY, LARGEST_WHOLE, LAST_DAY, PLAIN, Column
from features.errors import refusal_phrase
from features.phrase import Phrase
from features.row_checks import (
    FORM_CHECKS,
    REGISTER_CHECKS,
    Checked,
    RowProblem,
    evidence_fault,
    no_column,
    not_allowed,
    shown,
)
from features.tables import TABLES, Table

_DTYPES: dict[str, pl.DataType] = {
    "text": pl.String(),
    "choice": pl.String(),
    "money": pl.Int64(),
    "count": pl.Int64(),
    "number": pl.Float64(),
    "day": pl.Date(),
    "flag": pl.Boolean(),
}


def polars_schema(table: str) -> dict[str, pl.DataType]:
    """The Polars type of every column of a table, in the order of its declaration."""
    return {name: _DTYPES[column.kind] for name, column in TABLES[table].columns.items()}


def check_frame(table: str, frame: pl.DataFrame, most: int = 1000) -> list[RowProblem]:
    """What is wrong with a frame of rows: at most `most` problems per rule, in order of rule and row.

    A column that is not required may be absent. Whole columns are judged at once: millions of rows take seconds.
    """
    shape = list(_shape_problems(table, frame))
    if shape:
        return shape
    rules = [rule for rule in _rules(TABLES[table]) if set(rule.reads) <= set(frame.columns)]
    broken = frame.select(rule.broken.any().alias(str(place)) for place, rule in enumerate(rules)).row(0)
    found = [
        p for rule, is_broken in zip(rules, broken, strict=True) if is_broken for p in _rows(table, frame, rule, most)
    ]
    found += _form_problems(table, frame, most)
    return found + list(_evidence_problems(frame, most)) if table == "evidence" else found


@dataclass(frozen=True)
class _Rule:
    """A Boolean expression that is true where the column is wrong; null or false where it is right."""

    column: str
    broken: pl.Expr
    phrase: Phrase
    missing: Phrase
    other: str = ""

    @property
    def reads(self) -> tuple[str, ...]:
        return (self.column, self.other) if self.other else (self.column,)


def _shape_problems(table: str, frame: pl.DataFrame) -> Iterator[RowProblem]:
    schema, columns = polars_schema(table), TABLES[table].columns
    for name, dtype in frame.schema.items():
        if name not in schema:
            yield RowProblem(table, None, name, "", no_column(table, name))
        elif dtype != schema[name]:
            said = refusal_phrase("row_column_type", type=str(schema[name]), allowed=columns[name].limits)
            yield RowProblem(table, None, name, str(dtype), said)
    for name, column in columns.items():
        if column.required and name not in frame.columns:
            yield RowProblem(table, None, name, "", refusal_phrase("row_column_missing", allowed=column.limits))


def _rules(table: type[Table]) -> Iterator[_Rule]:
    for column in table.columns.values():
        missing = not_allowed(column, missing=True)
        for broken in _broken(column):
            yield _Rule(column.name, broken, not_allowed(column, missing=False), missing)
        if column.happened:
            later = pl.col(column.name) > pl.col("known_on")
            yield _Rule(column.name, later, refusal_phrase("row_after_known"), missing, "known_on")
    for first, second in table.orders:
        before = refusal_phrase("row_before", first=first)
        yield _Rule(second, pl.col(first) > pl.col(second), before, before, first)


def _broken(column: Column) -> Iterator[pl.Expr]:
    value = pl.col(column.name)
    if column.required:
        yield value.is_null()
    if column.least is not None:
        yield value < column.least
    if column.most is not None:
        yield value > column.most
    yield from _broken_kind(column, value)


def _broken_kind(column: Column, value: pl.Expr) -> Iterator[pl.Expr]:
    if column.kind == "text":
        yield ~value.str.len_chars().is_between(1, column.longest)
        yield ~value.str.contains(column.pattern or PLAIN)
    elif column.kind == "choice":
        yield ~value.is_in(column.choices)
    elif column.kind == "day":
        yield ~value.is_between(FIRST_DAY, LAST_DAY)
    elif column.kind == "number":
        yield ~value.is_finite()
    elif column.whole:
        yield ~value.is_between(-LARGEST_WHOLE, LARGEST_WHOLE)


def _rows(table: str, frame: pl.DataFrame, rule: _Rule, most: int) -> Iterator[RowProblem]:
    rows = frame.select(pl.arg_where(rule.broken)).to_series().head(most)
    for row, value in zip(rows, frame[rule.column].gather(rows), strict=True):
        missing = value is None
        said = rule.missing if missing else rule.phrase
        yield RowProblem(table, row, rule.column, "" if missing else shown(value), said)


def _form_problems(table: str, frame: pl.DataFrame, most: int) -> Iterator[RowProblem]:
    of_register = pl.col("source_kind").eq_missing("register")
    for column in TABLES[table].columns.values():
        if not column.form or column.name not in frame.columns:
            continue
        asked = pl.lit(value=True) if column.form_where is None else _is(*column.form_where)
        for checks, mine in ((REGISTER_CHECKS, of_register & asked), (FORM_CHECKS, ~of_register & asked)):
            texts = frame.filter(mine)[column.name].drop_nulls().unique().sort()
            if faults := _faults(checks[column.form], texts):
                wrong = mine & pl.col(column.name).is_in(list(faults))
                rows = frame.select(pl.arg_where(wrong)).to_series().head(most)
                for row, text in zip(rows, frame[column.name].gather(rows), strict=True):
                    yield RowProblem(table, row, column.name, shown(text), faults[text])


def _is(column: str, word: str) -> pl.Expr:
    """The rows in which a column holds a word."""
    return pl.col(column).eq_missing(word)


def _evidence_problems(frame: pl.DataFrame, most: int) -> Iterator[RowProblem]:
    answer = pl.col("answer") if "answer" in frame.columns else pl.lit(None, dtype=pl.String).alias("answer")
    told = frame.select("fact", answer, "subject")
    each = told.drop_nulls(["fact", "subject"]).unique().rows()
    wrong = {one: fault for one in each if (fault := evidence_fault(*one))}
    places = (place for place, one in enumerate(told.rows()) if one in wrong) if wrong else ()
    for place in islice(places, most):
        column, value, phrase = wrong[told.row(place)]
        yield RowProblem("evidence", place, column, shown(value), phrase)


def _faults(check: Checked, texts: Iterable[str]) -> dict[str, Phrase]:
    return {text: fault for text in texts if (fault := check(text))}
